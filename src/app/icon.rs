//! The picture of a component, small, as its description brings it.

use std::io::Cursor;

use image::imageops::FilterType;
use image::{ImageReader, Limits, RgbaImage};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::roxmltree::{Document, Node, ParsingOptions};
use resvg::usvg::{Options, Tree};

use crate::model::{Component, Content, Icon};

/// Larger files are no icons.
const MOST_BYTES: usize = 512 * 1024;
/// Width and height of the largest picture that is read, pixels.
const MOST_PIXELS: u32 = 2_048;
/// Nodes of a vector picture, and how deep they stand in each other.
const MOST_NODES: u32 = 10_000;
const MOST_DEPTH: usize = 64;
/// Elements that cost what they look like: nothing that refers to others, or repeats them, which a few lines could make endless.
const PLAIN: &[&str] = &[
    "svg",
    "g",
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polyline",
    "polygon",
    "title",
    "desc",
    "metadata",
    "defs",
    "linearGradient",
    "radialGradient",
    "stop",
    "style",
];
/// Which pictures are looked for, the best first.
const KINDS: &[&str] = &["small", "function", "large", "device"];

/// The icon of a component in a square of `size` pixels, as RGBA with straight alpha; `None` when it has none that can be read.
///
/// SVG without references, PNG, BMP, GIF, ICO and JPEG are read.
pub fn component_icon(component: &Component, size: u32) -> Option<Vec<u8>> {
    let other = component.icons.iter().filter(|icon| !KINDS.contains(&icon.kind.as_str()));
    let known = KINDS.iter().flat_map(|kind| component.icons.iter().filter(move |icon| icon.kind == *kind));
    let icons = known.chain(other);
    icons.filter_map(|icon| bytes(component, icon)).find_map(|bytes| draw(bytes, size))
}

fn bytes<'a>(component: &'a Component, icon: &'a Icon) -> Option<&'a [u8]> {
    let bytes = match &icon.content {
        Content::Inline(bytes) => bytes,
        Content::Href(path) => component.source.files.get(path)?,
    };
    (bytes.len() <= MOST_BYTES).then_some(bytes)
}

fn draw(bytes: &[u8], size: u32) -> Option<Vec<u8>> {
    let size = size.clamp(1, MOST_PIXELS);
    let format = image::guess_format(bytes);
    match format {
        Ok(_) => raster(bytes, size),
        Err(_) => vector(bytes, size),
    }
}

fn raster(bytes: &[u8], size: u32) -> Option<Vec<u8>> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_PIXELS);
    limits.max_image_height = Some(MOST_PIXELS);
    limits.max_alloc = Some(64 * 1024 * 1024);
    reader.limits(limits);
    let picture = reader.decode().ok()?.resize(size, size, FilterType::CatmullRom).into_rgba8();
    let mut square = RgbaImage::new(size, size);
    let middle = |length: u32| i64::from((size - length.min(size)) / 2);
    let (x, y) = (middle(picture.width()), middle(picture.height()));
    image::imageops::replace(&mut square, &picture, x, y);
    Some(square.into_raw())
}

fn vector(bytes: &[u8], size: u32) -> Option<Vec<u8>> {
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(std::str::from_utf8(bytes).ok()?, options).ok()?;
    if !is_plain(&document) {
        return None;
    }
    let tree = Tree::from_xmltree(&document, &Options::default()).ok()?;
    let mut pixmap = Pixmap::new(size, size)?;
    let (width, height) = (tree.size().width(), tree.size().height());
    let scale = size as f32 / width.max(height);
    let off = |length: f32| (size as f32 - length * scale) / 2.0;
    let transform = Transform::from_scale(scale, scale).post_translate(off(width), off(height));
    resvg::render(&tree, transform, &mut pixmap.as_mut());
    let straight = pixmap.pixels().iter().map(|pixel| pixel.demultiply());
    Some(straight.flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()]).collect())
}

/// Whether it is of no more than plain shapes, in bounds.
fn is_plain(document: &Document<'_>) -> bool {
    document.descendants().filter(Node::is_element).all(|node| {
        PLAIN.contains(&node.tag_name().name()) && node.ancestors().take(MOST_DEPTH + 1).count() <= MOST_DEPTH
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" width="8" height="4"><rect width="8" height="4" fill="#ff0000"/></svg>"##;

    #[test]
    fn a_vector_picture_stands_in_the_middle_of_its_square() {
        let pixels = draw(SQUARE.as_bytes(), 16).unwrap();
        let at = |x: usize, y: usize| <[u8; 4]>::try_from(&pixels[(y * 16 + x) * 4..][..4]).unwrap();
        assert_eq!((at(8, 8), at(0, 8)), ([255, 0, 0, 255], [255, 0, 0, 255]));
        assert_eq!((at(8, 2)[3], at(8, 14)[3]), (0, 0));
    }

    #[test]
    fn pictures_of_pixels_are_read() {
        for format in
            [image::ImageFormat::Png, image::ImageFormat::Bmp, image::ImageFormat::Ico, image::ImageFormat::Gif]
        {
            let mut bytes = Cursor::new(Vec::new());
            RgbaImage::from_pixel(32, 32, image::Rgba([0, 0, 255, 255])).write_to(&mut bytes, format).unwrap();
            let pixels = draw(bytes.get_ref(), 16).unwrap_or_else(|| panic!("{format:?}"));
            assert_eq!(pixels[(8 * 16 + 8) * 4..][..4], [0, 0, 255, 255], "{format:?}");
        }
    }

    #[test]
    fn what_is_no_icon_is_none() {
        assert_eq!(draw(b"", 16), None);
        assert_eq!(draw(b"\x89PNG\r\n\x1a\n broken", 16), None);
        assert_eq!(draw(b"<html/>", 16), None);
        let bomb = SQUARE.replace("<rect", "<defs><g id='a'><use href='#a'/></g></defs><use href='#a'/><rect");
        assert_eq!(draw(bomb.as_bytes(), 16), None);
        let entities = format!("<!DOCTYPE svg [<!ENTITY a \"aaaa\">]>{SQUARE}");
        assert_eq!(draw(entities.as_bytes(), 16), None);
        let deep = format!("{}{}", "<g>".repeat(100_000), "</g>".repeat(100_000));
        assert_eq!(draw(SQUARE.replace("<rect", &format!("{deep}<rect")).as_bytes(), 16), None);
    }
}
