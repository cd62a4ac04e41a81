//! Icons of components as textures, made when they are first shown.

use std::sync::{Arc, Mutex};

use ahash::HashMap;
use egui::{ColorImage, Context, Id, TextureHandle, TextureOptions};

use crate::app::component_icon;
use crate::model::Component;

/// Pixels of a texture's edge: an icon is shown at 14 to 28 px, on screens of up to three pixels each.
const PIXELS: u32 = 64;
/// Drawn much smaller than they are, they keep their lines.
const MIPMAPPED: TextureOptions =
    TextureOptions { mipmap_mode: Some(egui::TextureFilter::Linear), ..TextureOptions::LINEAR };
/// Made in one frame; the others follow in the next ones.
const MADE_A_FRAME: u8 = 4;
/// Kept at most; beyond it all are made anew as they are shown.
const MOST_ICONS: usize = 1_024;

#[derive(Default)]
struct Made {
    /// By where the component stands in memory: library and plan may hold different ones of the same key. What is held stays there.
    icons: HashMap<usize, (Arc<Component>, Option<TextureHandle>)>,
    in_frame: (u64, u8),
}

/// The icon of a component; `None` when it has none that can be read, or it is not made yet.
pub fn texture(ctx: &Context, component: &Arc<Component>) -> Option<TextureHandle> {
    if component.icons.is_empty() {
        return None;
    }
    let id = Id::unique("component-icons");
    let made = ctx.data_mut(|data| data.get_temp_mut_or_default::<Arc<Mutex<Made>>>(id).clone());
    let mut made = made.lock().ok()?;
    let place = Arc::as_ptr(component).addr();
    if let Some((_, icon)) = made.icons.get(&place) {
        return icon.clone();
    }
    if made.icons.len() >= MOST_ICONS {
        made.icons.clear();
    }
    let frame = ctx.cumulative_frame_nr();
    if made.in_frame.0 != frame {
        made.in_frame = (frame, 0);
    }
    if made.in_frame.1 == MADE_A_FRAME {
        ctx.request_repaint();
        return None;
    }
    made.in_frame.1 += 1;
    let icon = component_icon(component, PIXELS).map(|pixels| {
        let size = [PIXELS as usize, PIXELS as usize];
        let image = ColorImage::from_rgba_unmultiplied(size, &pixels);
        ctx.load_texture(format!("icon {}", component.name), image, MIPMAPPED)
    });
    made.icons.insert(place, (component.clone(), icon.clone()));
    icon
}

/// Paints a texture in a square.
pub fn paint(painter: &egui::Painter, rect: egui::Rect, texture: &TextureHandle) {
    let whole = egui::Rect::from_min_max(egui::pos2(0.0, 0.0), egui::pos2(1.0, 1.0));
    painter.image(texture.id(), rect, whole, egui::Color32::WHITE);
}
