//! What part of a canvas is seen, and how large.

use egui::{Pos2, Rect, Response, Ui, Vec2, pos2, vec2};

/// Smallest and largest zoom.
pub const ZOOMS: std::ops::RangeInclusive<f32> = 0.02..=4.0;
/// Room around what is fitted, px.
const MARGIN: f32 = 48.0;

/// From canvas to screen: `screen = origin + (canvas - corner) * zoom`, where `origin` is the upper left corner of the view.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Camera {
    /// The place of the canvas that is seen in the view's upper left corner.
    pub corner: Pos2,
    /// Screen pixels a canvas unit; 1 is 100 %.
    pub zoom: f32,
}

impl Default for Camera {
    fn default() -> Self {
        Self { corner: pos2(-40.0, -40.0), zoom: 1.0 }
    }
}

impl Camera {
    /// A place of the canvas on the screen.
    pub fn to_screen(self, view: Rect, at: Pos2) -> Pos2 {
        view.min + (at - self.corner) * self.zoom
    }

    /// A rectangle of the canvas on the screen.
    pub fn rect_to_screen(self, view: Rect, rect: Rect) -> Rect {
        Rect::from_min_size(self.to_screen(view, rect.min), rect.size() * self.zoom)
    }

    /// A place of the screen on the canvas.
    pub fn to_canvas(self, view: Rect, at: Pos2) -> Pos2 {
        self.corner + (at - view.min) / self.zoom
    }

    /// The part of the canvas that is seen.
    pub fn seen(self, view: Rect) -> Rect {
        Rect::from_min_size(self.corner, view.size() / self.zoom)
    }

    /// Moves what is seen by this much on the screen.
    pub fn pan(&mut self, by: Vec2) {
        self.corner -= by / self.zoom;
    }

    /// Zooms by a factor and keeps what is under `at` (on the screen) where it is.
    pub fn zoom_at(&mut self, view: Rect, at: Pos2, factor: f32) {
        let under = self.to_canvas(view, at);
        self.zoom = (self.zoom * factor).clamp(*ZOOMS.start(), *ZOOMS.end());
        self.corner = under - (at - view.min) / self.zoom;
    }

    /// Wheel and fingers over the view: a wheel zooms; two fingers, which send points, and a wheel with Shift push the canvas.
    pub fn follow_wheel(&mut self, ui: &Ui, response: &Response, view: Rect) {
        let Some(pointer) = response.hover_pos() else { return };
        let (zoom, wheel, push) = ui.input(|input| {
            let (mut wheel, mut push) = (0.0, Vec2::ZERO);
            for event in &input.events {
                let egui::Event::MouseWheel { unit, delta, modifiers, .. } = event else { continue };
                match unit {
                    _ if modifiers.command => {}
                    egui::MouseWheelUnit::Point => push += *delta,
                    _ if modifiers.shift => push += vec2(delta.y + delta.x, 0.0) * 48.0,
                    _ => wheel += delta.y,
                }
            }
            (input.zoom_delta(), wheel, push)
        });
        if zoom != 1.0 {
            self.zoom_at(view, pointer, zoom);
        } else if wheel != 0.0 {
            self.zoom_at(view, pointer, 1.15_f32.powf(wheel));
        } else if push != Vec2::ZERO {
            self.pan(push);
        }
    }

    /// Shows all of a rectangle in the middle, at 100 % at most; an empty one leaves the camera as it is.
    pub fn fit(&mut self, view: Rect, rect: Rect) {
        if !rect.is_finite() || rect.width() <= 0.0 || rect.height() <= 0.0 || !view.is_positive() {
            return;
        }
        let room = (view.size() - Vec2::splat(2.0 * MARGIN)).max(vec2(16.0, 16.0));
        let zoom = (room.x / rect.width()).min(room.y / rect.height());
        self.zoom = zoom.clamp(*ZOOMS.start(), 1.0);
        self.centre(view, rect.center());
    }

    /// Shows a place in the middle.
    pub fn centre(&mut self, view: Rect, at: Pos2) {
        self.corner = at - view.size() / (2.0 * self.zoom);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> Rect {
        Rect::from_min_size(pos2(100.0, 50.0), vec2(800.0, 600.0))
    }

    #[test]
    fn zooming_keeps_what_is_under_the_pointer() {
        let mut camera = Camera::default();
        let at = pos2(333.0, 222.0);
        let under = camera.to_canvas(view(), at);
        for factor in [1.5, 0.3, 100.0, 0.0001] {
            camera.zoom_at(view(), at, factor);
            assert!(camera.to_screen(view(), under).distance(at) < 0.5, "{factor}");
            assert!(ZOOMS.contains(&camera.zoom));
        }
    }

    #[test]
    fn fitting_shows_everything_in_the_middle() {
        let mut camera = Camera::default();
        let rect = Rect::from_min_size(pos2(-500.0, 2_000.0), vec2(4_000.0, 900.0));
        camera.fit(view(), rect);
        assert!(camera.seen(view()).contains_rect(rect));
        assert!(camera.to_screen(view(), rect.center()).distance(view().center()) < 0.5);
        let before = camera;
        camera.fit(view(), Rect::NOTHING);
        assert_eq!(camera, before);
        camera.fit(view(), Rect::from_min_size(Pos2::ZERO, vec2(10.0, 10.0)));
        assert_eq!(camera.zoom, 1.0);
    }
}
