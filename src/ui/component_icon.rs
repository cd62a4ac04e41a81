//! Icons of components as textures, made when they are first shown.

use std::sync::{Arc, Mutex};

use ahash::HashMap;
use egui::{ColorImage, Context, Id, TextureHandle, TextureOptions};

use crate::app::component_icon;
use crate::model::{Component, ComponentKey};

/// Pixels of a texture's edge: an icon is shown at 14 to 20 px, on screens of up to three pixels each.
const PIXELS: u32 = 48;
/// Made in one frame; the others follow in the next ones.
const MADE_A_FRAME: u8 = 4;

#[derive(Default)]
struct Made {
    icons: HashMap<ComponentKey, (Arc<Component>, Option<TextureHandle>)>,
    in_frame: (u64, u8),
}

/// The icon of a component; `None` when it has none that can be read, or it is not made yet.
pub fn texture(ctx: &Context, component: &Arc<Component>) -> Option<TextureHandle> {
    if component.icons.is_empty() {
        return None;
    }
    let made =
        ctx.data_mut(|data| data.get_temp_mut_or_default::<Arc<Mutex<Made>>>(Id::unique("component-icons")).clone());
    let mut made = made.lock().ok()?;
    let place = Arc::as_ptr(component).addr();
    if let Some((of, icon)) = made.icons.get(&component.key)
        && Arc::ptr_eq(of, component)
    {
        return icon.clone();
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
        ctx.load_texture(format!("icon {}", component.name), image, TextureOptions::LINEAR)
    });
    made.icons.insert(component.key.clone(), (component.clone(), icon.clone()));
    icon
}

/// Paints a texture in a square.
pub fn paint(painter: &egui::Painter, rect: egui::Rect, texture: &TextureHandle, tint: egui::Color32) {
    let whole = egui::Rect::from_min_max(egui::pos2(0.0, 0.0), egui::pos2(1.0, 1.0));
    painter.image(texture.id(), rect, whole, tint);
}
