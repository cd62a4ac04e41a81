//! A picture as PNG, drawn by resvg with the embedded faces and no others.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use super::Picture;
use super::svg::write_bare;
use crate::drawing::font::Weight;
use crate::model::{Phrase, Say};

/// Pixels of the largest picture; each takes four bytes while it is drawn.
pub const MOST_PIXELS: u64 = 100_000_000;

/// Why there is no PNG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PngError {
    /// It would take too much memory.
    TooLarge {
        /// Width in pixels.
        width: u64,
        /// Height in pixels.
        height: u64,
    },
    /// It has no pixel, or the scale is no number above 0.
    Nothing,
    /// The picture cannot be drawn, or not be written.
    Drawing(String),
}

impl Say for PngError {
    fn say(&self) -> Phrase {
        match self {
            Self::TooLarge { width, height } => crate::say!(
                "it would have {width} × {height} pixels; there is room for {most}",
                width,
                height,
                most = MOST_PIXELS
            ),
            Self::Nothing => crate::say!("there is nothing to see at this scale"),
            Self::Drawing(it) => crate::say!("it cannot be drawn: {it}", it),
        }
    }
}

crate::error_in_words!(PngError);

static FACES: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut faces = fontdb::Database::new();
    for weight in [Weight::Regular, Weight::SemiBold] {
        faces.load_font_source(fontdb::Source::Binary(Arc::new(weight.bytes())));
    }
    faces.set_sans_serif_family("Inter");
    Arc::new(faces)
});

/// Draws a picture with so many pixels for a unit. Same picture and scale, same bytes.
///
/// # Errors
/// [`PngError`].
pub fn write(picture: &Picture, scale: f32) -> Result<Vec<u8>, PngError> {
    draw(picture, scale, FACES.clone())
}

fn draw(picture: &Picture, scale: f32, faces: Arc<fontdb::Database>) -> Result<Vec<u8>, PngError> {
    let pixels = |length: f32| (f64::from(length) * f64::from(scale)).ceil();
    let (width, height) = (pixels(picture.width), pixels(picture.height));
    // Neither is true of what is not a number.
    if !(width >= 1.0 && height >= 1.0) {
        return Err(PngError::Nothing);
    }
    // A cast keeps what is too large at the largest number.
    let (width, height) = (width as u64, height as u64);
    let too_large = PngError::TooLarge { width, height };
    if width.saturating_mul(height) > MOST_PIXELS {
        return Err(too_large);
    }
    let (Ok(width), Ok(height)) = (u32::try_from(width), u32::try_from(height)) else { return Err(too_large) };
    let mut pixmap = Pixmap::new(width, height).ok_or(too_large)?;
    let options = Options { fontdb: faces, font_family: "Inter".to_owned(), ..Options::default() };
    let tree = Tree::from_str(&write_bare(picture), &options).map_err(|error| PngError::Drawing(error.to_string()))?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixmap.as_mut());
    pixmap.encode_png().map_err(|error| PngError::Drawing(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawing::palette::Rgb;
    use crate::export::picture::{Anchor, Item, Outline, Text, subset::subset};
    use crate::model::Point;

    fn picture(text: &str) -> Picture {
        let line = |weight, y| {
            Item::Text(Text {
                at: Point { x: 2.0, y },
                text: text.into(),
                size: 13.0,
                weight,
                anchor: Anchor::Start,
                ink: Rgb([0, 0, 0]),
            })
        };
        Picture {
            width: 200.0,
            height: 40.0,
            ground: Some(Rgb([255, 255, 255])),
            title: String::new(),
            description: String::new(),
            items: vec![line(Weight::Regular, 15.0), line(Weight::SemiBold, 32.0)],
        }
    }

    fn pixels(png: &[u8]) -> Pixmap {
        Pixmap::decode_png(png).unwrap()
    }

    #[test]
    fn the_size_is_that_of_the_picture_by_the_scale_and_texts_are_seen() {
        let one = write(&picture("Füller 1"), 1.0).unwrap();
        assert_eq!((pixels(&one).width(), pixels(&one).height()), (200, 40));
        let dark = |pixmap: &Pixmap| pixmap.pixels().iter().filter(|pixel| pixel.red() < 100).count();
        assert!(dark(&pixels(&one)) > 50, "{}", dark(&pixels(&one)));
        let three = write(&picture("Füller 1"), 3.0).unwrap();
        assert_eq!((pixels(&three).width(), pixels(&three).height()), (600, 120));
        assert_eq!(write(&picture("Füller 1"), 3.0).unwrap(), three);
    }

    #[test]
    fn weights_differ() {
        let map = pixels(&write(&picture("wwwwww"), 2.0).unwrap());
        let dark_in = |from: u32, to: u32| {
            let rows = (from..to).flat_map(|y| (0..map.width()).map(move |x| (x, y)));
            rows.filter(|(x, y)| map.pixel(*x, *y).is_some_and(|pixel| pixel.red() < 100)).count()
        };
        assert!(dark_in(40, 80) > dark_in(0, 40) * 11 / 10, "{} {}", dark_in(40, 80), dark_in(0, 40));
    }

    /// The face that goes into an SVG draws what the whole one draws.
    #[test]
    fn the_cut_down_face_looks_like_the_whole_one() {
        let text = "Füller 1: 0.45 m/s → ›";
        let mut faces = fontdb::Database::new();
        for weight in [Weight::Regular, Weight::SemiBold] {
            faces.load_font_data(subset(weight, &text.chars().collect()).unwrap());
        }
        let cut = draw(&picture(text), 2.0, Arc::new(faces)).unwrap();
        assert!(cut == write(&picture(text), 2.0).unwrap());
    }

    #[test]
    fn what_is_too_large_or_nothing_is_refused() {
        let huge = Picture { width: 1e6, height: 1e6, ..picture("") };
        assert_eq!(write(&huge, 1.0), Err(PngError::TooLarge { width: 1_000_000, height: 1_000_000 }));
        assert!(matches!(write(&picture(""), f32::INFINITY), Err(PngError::TooLarge { .. })));
        for scale in [0.0, -1.0, f32::NAN] {
            assert_eq!(write(&picture(""), scale), Err(PngError::Nothing), "{scale}");
        }
        let dot = Outline::Circle { centre: Point { x: f32::NAN, y: 1.0 }, radius: f32::INFINITY };
        let strange = Picture { items: vec![Item::filled(dot, Rgb([0, 0, 0]))], ..picture("") };
        write(&strange, 1.0).unwrap();
    }
}
