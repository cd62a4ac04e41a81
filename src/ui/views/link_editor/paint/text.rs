//! Texts laid out once and kept: a chart shows thousands, the same ones in each frame.

use std::sync::Arc;

use ahash::HashMap;
use egui::{Color32, FontFamily, FontId, Galley, Painter};

use crate::ui::theme::semibold;

/// Kept at most; beyond it all are laid out anew as they are needed.
const MOST_TEXTS: usize = 20_000;

/// Laid out texts by their size in half points, weight and words.
#[derive(Default)]
pub struct Texts {
    kept: HashMap<(u16, bool), HashMap<String, Arc<Galley>>>,
    n_kept: usize,
    /// Laid out in every frame: when it is another one than before, the font atlas was made anew and nothing kept is of use.
    witness: Option<Arc<Galley>>,
    pixels_per_point: f32,
}

impl Texts {
    /// At the begin of a frame: forgets texts that were laid out for another atlas.
    pub fn begin(&mut self, painter: &Painter) {
        let witness = painter.layout_no_wrap("0".to_owned(), FontId::proportional(12.0), Color32::PLACEHOLDER);
        let is_same = self.witness.as_ref().is_some_and(|before| Arc::ptr_eq(before, &witness));
        if !is_same || self.pixels_per_point != painter.pixels_per_point() || self.n_kept > MOST_TEXTS {
            self.kept.clear();
            self.n_kept = 0;
        }
        self.witness = Some(witness);
        self.pixels_per_point = painter.pixels_per_point();
    }

    /// A text on one line, without a colour of its own; `half_points` is twice its size.
    pub fn get(&mut self, painter: &Painter, text: &str, half_points: u16, strong: bool) -> Arc<Galley> {
        let of_size = self.kept.entry((half_points, strong)).or_default();
        if let Some(galley) = of_size.get(text) {
            return galley.clone();
        }
        let family = if strong { semibold() } else { FontFamily::Proportional };
        let font = FontId::new(f32::from(half_points) / 2.0, family);
        let galley = painter.layout_no_wrap(text.to_owned(), font, Color32::PLACEHOLDER);
        of_size.insert(text.to_owned(), galley.clone());
        self.n_kept += 1;
        galley
    }
}
