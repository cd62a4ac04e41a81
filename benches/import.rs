//! Reading one description of 100 KB, beside the bare events of the XML reader over the same bytes.
//!
//! Budget: at least half the rate of the bare events. Against lxml: `benches/import_vs_lxml.sh`.

use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::BytesCount;
use plantweave::pcd::{ReadOptions, read, write};
use quick_xml::Reader;
use quick_xml::events::Event;

#[path = "support/description.rs"]
mod description;

static TEXT: LazyLock<String> = LazyLock::new(description::large);

fn main() {
    divan::main();
}

#[divan::bench]
fn read_100_kb(bencher: Bencher) {
    let options = ReadOptions::default();
    bencher.counter(BytesCount::of_str(TEXT.as_str())).bench(|| read(TEXT.as_bytes(), &options));
}

/// Only where tags and texts begin and end.
#[divan::bench]
fn bare_events_100_kb(bencher: Bencher) {
    bencher.counter(BytesCount::of_str(TEXT.as_str())).bench(|| {
        let mut reader = Reader::from_str(&TEXT);
        let mut n_events = 0;
        while !matches!(reader.read_event(), Ok(Event::Eof) | Err(_)) {
            n_events += 1;
        }
        n_events
    });
}

/// Names and values of attributes as well, which nobody who reads the file can do without.
#[divan::bench]
fn bare_events_and_attributes_100_kb(bencher: Bencher) {
    bencher.counter(BytesCount::of_str(TEXT.as_str())).bench(|| {
        let mut reader = Reader::from_str(&TEXT);
        let mut n_bytes = 0;
        loop {
            match reader.read_event() {
                Ok(Event::Start(tag) | Event::Empty(tag)) => {
                    n_bytes += tag.attributes().flatten().map(|attribute| attribute.value.len()).sum::<usize>();
                }
                Ok(Event::Eof) | Err(_) => return n_bytes,
                Ok(_) => {}
            }
        }
    });
}

#[divan::bench]
fn write_100_kb(bencher: Bencher) {
    let component = read(TEXT.as_bytes(), &ReadOptions::default()).expect("the description is exact").component;
    bencher.counter(BytesCount::of_str(TEXT.as_str())).bench(|| write(&component));
}
