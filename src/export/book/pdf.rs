//! The book as a PDF: pages, links between them, bookmarks.

use std::num::NonZeroU32;

use krilla::annotation::{Annotation, LinkAnnotation, Target as PdfTarget};
use krilla::destination::XyzDestination;
use krilla::geom::Point as PdfPoint;
use krilla::metadata::Metadata;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::{NumberingStyle, PageLabel, PageSettings};
use krilla::{Document, SerializeSettings};

use super::paper::{Heading, Layout, Page};
use super::{BookError, Front, Language};
use crate::export::picture::pdf::{Faces, paint, pdf_rect};

/// Writes pages as they come.
pub(super) struct Writer<'a> {
    document: Document,
    faces: Faces,
    layout: &'a Layout,
    n_pages: u32,
}

impl<'a> Writer<'a> {
    pub(super) fn new(front: &Front, language: Language, layout: &'a Layout) -> Result<Self, BookError> {
        let faces = Faces::load().ok_or_else(|| BookError::Pdf("the embedded face cannot be used".to_owned()))?;
        let mut document =
            Document::new_with(SerializeSettings { enable_tagging: false, ..SerializeSettings::default() });
        let title = format!("{} – {}", front.title, language.words().plant_book);
        document.set_metadata(
            Metadata::new()
                .title(title)
                .description(front.comment.clone())
                .language(language.tag().to_owned())
                .creator(concat!("Plantweave ", env!("CARGO_PKG_VERSION")).to_owned()),
        );
        document.set_outline(outline(&layout.headings));
        Ok(Self { document, faces, layout, n_pages: 0 })
    }

    /// Adds a page.
    pub(super) fn page(&mut self, page: Page) {
        let picture = page.picture;
        // The sheet has a size that is more than nothing.
        let Some(settings) = PageSettings::from_wh(picture.width, picture.height) else { return };
        self.n_pages += 1;
        let label = PageLabel::new(Some(NumberingStyle::Arabic), None, NonZeroU32::new(self.n_pages));
        let mut page = self.document.start_page_with(settings.with_page_label(label));
        let mut surface = page.surface();
        let links = paint(&mut surface, &self.faces, &picture);
        surface.finish();
        for link in links {
            let Some((number, y)) = self.layout.places.get(&link.target).copied() else { continue };
            let Some(area) = pdf_rect(&link.area) else { continue };
            let target = PdfTarget::Destination(destination(number, y).into());
            page.add_annotation(Annotation::new_link(LinkAnnotation::new(area, target), Some(link.title)));
        }
        page.finish();
    }

    /// The file.
    pub(super) fn finish(self) -> Result<Vec<u8>, BookError> {
        self.document.finish().map_err(|error| BookError::Pdf(format!("{error:?}")))
    }
}

/// A little above what stands there, so that it does not stick to the edge of the screen.
fn destination(page: usize, y: f32) -> XyzDestination {
    XyzDestination::new(page, PdfPoint::from_xy(0.0, (y - 12.0).max(0.0)))
}

/// Bookmarks: each heading below the one before it that has a lower level.
fn outline(headings: &[Heading]) -> Outline {
    let mut outline = Outline::new();
    let mut at = 0;
    while at < headings.len() {
        outline.push_child(node(headings, &mut at));
    }
    outline
}

fn node(headings: &[Heading], at: &mut usize) -> OutlineNode {
    let heading = &headings[*at];
    *at += 1;
    let mut node = OutlineNode::new(heading.title.clone(), destination(heading.page, heading.y));
    while headings.get(*at).is_some_and(|next| next.level > heading.level) {
        let child = self::node(headings, at);
        node.push_child(child);
    }
    node
}
