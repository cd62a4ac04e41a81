//! How long one description takes to read, as JSON: the program's side of `benches/import_vs_lxml.sh`.
//!
//! `import_rate FILE` measures; `import_rate --write FILE` writes the description of 100 KB that the benches use.

use std::time::{Duration, Instant};

use plantweave::pcd::{ReadOptions, read};
use quick_xml::Reader;
use quick_xml::events::Event;

#[path = "../benches/support/description.rs"]
mod description;

/// How long each thing is repeated.
const TIME: Duration = Duration::from_secs(1);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let path = match arguments.as_slice() {
        [write, path] if write == "--write" => return Ok(std::fs::write(path, description::large())?),
        [path] => path,
        _ => return Err("usage: import_rate [--write] FILE".into()),
    };
    let text = std::fs::read_to_string(path)?;
    let options = ReadOptions::default();
    let component = read(text.as_bytes(), &options)?.component;
    let ports: usize = component.rtautos().map(|(_, rtauto)| rtauto.ports.len()).sum();
    let read_us = median_us(|| read(text.as_bytes(), &options).map_or(0, |read| read.remarks.len()));
    let events_us = median_us(|| events(&text, false));
    let attributes_us = median_us(|| events(&text, true));
    println!(
        "{{\"read_us\": {read_us:.2}, \"events_us\": {events_us:.2}, \"attributes_us\": {attributes_us:.2}, \"ports\": {ports}}}"
    );
    Ok(())
}

/// Events of the XML reader alone; with attributes, their names and values as well.
fn events(text: &str, attributes: bool) -> usize {
    let mut reader = Reader::from_str(text);
    let mut n = 0;
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) if attributes => {
                n += tag.attributes().flatten().map(|attribute| attribute.value.len()).sum::<usize>();
            }
            Ok(Event::Eof) | Err(_) => return n,
            Ok(_) => n += 1,
        }
    }
}

fn median_us(mut work: impl FnMut() -> usize) -> f64 {
    let begun = Instant::now();
    let mut took = Vec::new();
    while begun.elapsed() < TIME {
        let start = Instant::now();
        std::hint::black_box(work());
        took.push(start.elapsed());
    }
    took.sort_unstable();
    took.get(took.len() / 2).map_or(0.0, |median| median.as_secs_f64() * 1e6)
}
