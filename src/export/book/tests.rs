//! The book as a whole; foreign programs read it in `tests/peers`.

use super::*;
use crate::export::picture::Target;

fn front() -> Front {
    Front {
        title: "Bottling line".into(),
        comment: "A line\nto try things on".into(),
        facts: vec![("Devices".into(), "2".into())],
        date: None,
    }
}

fn pdf(write: &dyn Fn(&mut Paper<'_>)) -> Vec<u8> {
    typeset(&front(), Language::English, write, &|_| true).unwrap()
}

/// Objects of this type, as they stand in the file.
fn count(pdf: &[u8], what: &str) -> usize {
    let mut n = 0;
    let mut rest = pdf;
    while let Some(at) = memchr::memmem::find(rest, what.as_bytes()) {
        n += 1;
        rest = &rest[at + what.len()..];
    }
    n
}

fn rows(n_rows: usize) -> impl Fn(&mut Paper<'_>) {
    move |paper| {
        paper.chapter("Devices");
        paper.table("devices", &[Column::text("Device"), Column::number("Links")], |add| {
            for nth in 0..n_rows {
                let to = Target::Device(format!("device-{}", n_rows - 1 - nth).into());
                let row = Row::of([Entry::of(format!("device-{nth}")).to(to).into(), nth.to_string().into()]);
                add(row.at(Target::Device(format!("device-{nth}").into())));
            }
        });
    }
}

#[test]
fn the_same_content_gives_the_same_bytes() {
    let one = pdf(&rows(300));
    assert!(one.starts_with(b"%PDF-1.7"));
    assert_eq!(one, pdf(&rows(300)));
    assert_ne!(one, pdf(&rows(301)));
    assert_eq!(count(&one, "CreationDate"), 0, "a date nobody gave");
}

#[test]
fn a_long_table_goes_over_pages_and_its_links_lead_somewhere() {
    let pages = |pdf: &[u8]| count(pdf, "/Type/Page/");
    let (short, long) = (pdf(&rows(5)), pdf(&rows(300)));
    assert_eq!(pages(&short), 3, "title, contents, table");
    assert_eq!(pages(&long), 14);
    // One in the contents, one a row.
    assert_eq!(count(&short, "/Subtype/Link"), 6);
    assert_eq!(count(&long, "/Subtype/Link"), 301);
}

#[test]
fn links_that_lead_nowhere_are_left_out() {
    let book = pdf(&|paper| {
        paper.chapter("Devices");
        paper.table("devices", &[Column::text("Device")], |add| {
            add(Row::of([Entry::of("x").to(Target::Device("not there".into())).into()]));
        });
    });
    assert_eq!(count(&book, "/Subtype/Link"), 1, "only that of the contents");
}

#[test]
fn cells_taller_than_a_page_and_texts_of_any_kind_are_no_trouble() {
    let long = "word ".repeat(20_000);
    let hostile = ["", "\0\u{1}\u{7f}", "\u{202e}abc", "日本語 🙂", "\r\n\t", &long];
    let book = pdf(&|paper| {
        for text in hostile {
            paper.chapter(text);
            paper.heading(text, None, 30.0);
            paper.paragraph(text);
            paper.table("any", &[Column::text("Device"), Column::number("Links")], |add| {
                add(Row::group([Entry::of(text).tone(Tone::Strong), Entry::of(text)]));
                add(Row::of([text.into(), text.into()]));
                add(Row::note(Entry::of(text).mark(Mark::Warning)));
            });
            paper.table("empty", &[], |add| add(Row::of([])));
        }
    });
    assert!(count(&book, "/Subtype/Link") >= hostile.len());
}

#[test]
fn who_watches_sees_it_grow_and_can_stop_it() {
    use std::cell::RefCell;
    let seen = RefCell::new(Vec::new());
    let watch = |done: f32| {
        seen.borrow_mut().push(done);
        true
    };
    typeset(&front(), Language::English, &rows(1000), &watch).unwrap();
    let all = seen.take();
    assert!(all.len() > 20 && all.is_sorted() && all.iter().all(|done| (0.0..=1.0).contains(done)), "{all:?}");
    for stop_at in [1, all.len() / 2, all.len()] {
        seen.borrow_mut().clear();
        let stop = |done: f32| {
            seen.borrow_mut().push(done);
            seen.borrow().len() < stop_at
        };
        let stopped = typeset(&front(), Language::English, &rows(1000), &stop);
        assert_eq!(stopped, Err(BookError::Stopped), "{stop_at}");
    }
}
