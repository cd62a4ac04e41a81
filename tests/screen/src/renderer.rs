//! Pictures without a graphics card: egui's triangles, drawn in software the way its shaders do.
//!
//! Texture and vertex colours are multiplied and blended as they are (in gamma space, alpha premultiplied). Whether a pixel belongs to a
//! triangle is decided with whole numbers, so the same triangles give the same picture everywhere.

use std::collections::HashMap;

use egui::epaint::{ImageData, ImageDelta, Primitive, Vertex};
use egui::{Color32, FullOutput, Mesh, Rect, TextureId, TexturesDelta, pos2};
use egui_kittest::TestRenderer;
use image::RgbaImage;

/// Steps into which a pixel is divided, as a power of two.
const STEP_BITS: u32 = 8;
/// A pixel in steps.
const PIXEL: i64 = 1 << STEP_BITS;

/// Farthest from the picture that a corner can be, in steps: areas stay within an `i64`.
const FARTHEST: f32 = (1 << 28) as f32;

/// A colour with its alpha premultiplied, each channel 0 to 255.
type Rgba = [f32; 4];

/// Draws in software.
#[derive(Default)]
pub struct SoftwareRenderer {
    textures: HashMap<TextureId, Texture>,
}

struct Texture {
    width: usize,
    height: usize,
    pixels: Vec<Color32>,
}

impl Texture {
    fn take(&mut self, delta: &ImageDelta) {
        let ImageData::Color(image) = &delta.image;
        let [width, height] = image.size;
        match delta.pos {
            None => *self = Self { width, height, pixels: image.pixels.clone() },
            Some([left, top]) => {
                for (row, pixels) in image.pixels.chunks_exact(width).enumerate() {
                    let at = (top + row) * self.width + left;
                    self.pixels[at..at + width].copy_from_slice(pixels);
                }
            }
        }
    }

    fn pixel(&self, x: i64, y: i64) -> Rgba {
        let x = x.clamp(0, self.width as i64 - 1) as usize;
        let y = y.clamp(0, self.height as i64 - 1) as usize;
        self.pixels[y * self.width + x].to_array().map(f32::from)
    }

    /// The colour at a place, `u` and `v` from 0 to 1; between pixels it is mixed.
    fn at(&self, u: f32, v: f32) -> Rgba {
        let x = u * self.width as f32 - 0.5;
        let y = v * self.height as f32 - 0.5;
        let (left, top) = (x.floor(), y.floor());
        let (right_part, lower_part) = (x - left, y - top);
        let (left, top) = (left as i64, top as i64);
        let upper = mix(self.pixel(left, top), self.pixel(left + 1, top), right_part);
        let lower = mix(self.pixel(left, top + 1), self.pixel(left + 1, top + 1), right_part);
        mix(upper, lower, lower_part)
    }
}

fn mix(one: Rgba, other: Rgba, part: f32) -> Rgba {
    std::array::from_fn(|nth| one[nth] + (other[nth] - one[nth]) * part)
}

impl TestRenderer for SoftwareRenderer {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        for (id, changes) in delta.set.drain() {
            let texture = self.textures.entry(id).or_insert(Texture { width: 0, height: 0, pixels: Vec::new() });
            changes.iter().for_each(|change| texture.take(change));
        }
        for id in delta.free.drain() {
            self.textures.remove(&id);
        }
    }

    fn render(&mut self, ctx: &egui::Context, output: &FullOutput) -> Result<RgbaImage, String> {
        let scale = ctx.pixels_per_point();
        let size = ctx.content_rect().size() * scale;
        let mut picture = Picture::new(size.x.round() as usize, size.y.round() as usize);
        for primitive in ctx.tessellate(output.shapes.clone(), scale) {
            let clip = picture.clip(primitive.clip_rect, scale);
            match primitive.primitive {
                Primitive::Mesh(mesh) => picture.draw(&mesh, clip, scale, self.textures.get(&mesh.texture_id)),
                Primitive::Callback(_) => return Err("painting by callback needs a graphics card".to_owned()),
            }
        }
        Ok(picture.finish())
    }
}

/// Pixels from `left` to before `right`, from `top` to before `bottom`.
#[derive(Debug, Clone, Copy)]
struct Clip {
    left: i64,
    top: i64,
    right: i64,
    bottom: i64,
}

struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<Rgba>,
}

/// A corner in steps.
#[derive(Clone, Copy)]
struct Corner {
    x: i64,
    y: i64,
}

impl Corner {
    fn of(vertex: &Vertex, scale: f32) -> Self {
        let steps = |points: f32| (points * scale * PIXEL as f32).round().clamp(-FARTHEST, FARTHEST) as i64;
        Self { x: steps(vertex.pos.x), y: steps(vertex.pos.y) }
    }
}

/// Twice the area of the triangle, positive when it turns right on the screen.
fn area(a: Corner, b: Corner, c: Corner) -> i64 {
    (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
}

/// A pixel whose middle lies on an edge belongs to the triangle right of or below that edge, so that no two draw it.
fn owns_edge(from: Corner, to: Corner) -> bool {
    to.y < from.y || (to.y == from.y && to.x > from.x)
}

impl Picture {
    fn new(width: usize, height: usize) -> Self {
        Self { width, height, pixels: vec![[0.0; 4]; width * height] }
    }

    fn clip(&self, rect: Rect, scale: f32) -> Clip {
        let edge = |points: f32, most: usize| ((points * scale).round() as i64).clamp(0, most as i64);
        Clip {
            left: edge(rect.min.x, self.width),
            top: edge(rect.min.y, self.height),
            right: edge(rect.max.x, self.width),
            bottom: edge(rect.max.y, self.height),
        }
    }

    fn draw(&mut self, mesh: &Mesh, clip: Clip, scale: f32, texture: Option<&Texture>) {
        let Some(texture) = texture else { return };
        for corners in mesh.indices.as_chunks::<3>().0 {
            let vertices = corners.map(|nth| mesh.vertices[nth as usize]);
            self.triangle(&vertices, clip, scale, texture);
        }
    }

    fn triangle(&mut self, vertices: &[Vertex; 3], clip: Clip, scale: f32, texture: &Texture) {
        let [mut a, b, mut c] = vertices.each_ref().map(|vertex| Corner::of(vertex, scale));
        let [mut first, second, mut third] = *vertices;
        let mut double = area(a, b, c);
        if double == 0 {
            return;
        }
        if double < 0 {
            (a, c, first, third, double) = (c, a, third, first, -double);
        }
        let pixel_of = |steps: i64| steps.div_euclid(PIXEL);
        let left = pixel_of(a.x.min(b.x).min(c.x)).max(clip.left);
        let right = (pixel_of(a.x.max(b.x).max(c.x)) + 1).min(clip.right);
        let top = pixel_of(a.y.min(b.y).min(c.y)).max(clip.top);
        let bottom = (pixel_of(a.y.max(b.y).max(c.y)) + 1).min(clip.bottom);
        let edges = [(b, c), (c, a), (a, b)];
        let least = edges.map(|(from, to)| i64::from(!owns_edge(from, to)));
        let fill = Fill::new([first, second, third], texture);
        for y in top..bottom {
            for x in left..right {
                let middle = Corner { x: x * PIXEL + PIXEL / 2, y: y * PIXEL + PIXEL / 2 };
                let parts = edges.map(|(from, to)| area(from, to, middle));
                if parts.iter().zip(least).all(|(part, least)| *part >= least) {
                    let colour = fill.at(parts.map(|part| part as f32 / double as f32));
                    blend(&mut self.pixels[y as usize * self.width + x as usize], colour);
                }
            }
        }
    }

    fn finish(self) -> RgbaImage {
        let bytes = self.pixels.iter().flatten().map(|channel| channel.round().clamp(0.0, 255.0) as u8).collect();
        RgbaImage::from_raw(self.width as u32, self.height as u32, bytes).unwrap_or_default()
    }
}

/// What a triangle is filled with.
enum Fill<'a> {
    /// The same everywhere.
    Plain(Rgba),
    /// Mixed from its corners.
    Mixed { vertices: [Vertex; 3], colours: [Rgba; 3], texture: &'a Texture },
}

impl<'a> Fill<'a> {
    fn new(vertices: [Vertex; 3], texture: &'a Texture) -> Self {
        let colours = vertices.map(|vertex| vertex.color.to_array().map(f32::from));
        let [first, second, third] = &vertices;
        let plain = |other: &Vertex| other.uv == first.uv && other.color == first.color;
        if plain(second) && plain(third) {
            return Self::Plain(times(colours[0], texture.at(first.uv.x, first.uv.y)));
        }
        Self::Mixed { vertices, colours, texture }
    }

    /// The colour where the corners have these parts.
    fn at(&self, parts: [f32; 3]) -> Rgba {
        match self {
            Self::Plain(colour) => *colour,
            Self::Mixed { vertices, colours, texture } => {
                let mixed = |of: [f32; 3]| parts[0] * of[0] + parts[1] * of[1] + parts[2] * of[2];
                let uv = pos2(mixed(vertices.map(|vertex| vertex.uv.x)), mixed(vertices.map(|vertex| vertex.uv.y)));
                let colour = std::array::from_fn(|nth| mixed(colours.map(|colour| colour[nth])));
                times(colour, texture.at(uv.x, uv.y))
            }
        }
    }
}

fn times(one: Rgba, other: Rgba) -> Rgba {
    std::array::from_fn(|nth| one[nth] * other[nth] / 255.0)
}

/// Lays a colour over what is there.
fn blend(under: &mut Rgba, over: Rgba) {
    let seen = 1.0 - over[3] / 255.0;
    *under = std::array::from_fn(|nth| over[nth] + under[nth] * seen);
}

#[cfg(test)]
mod tests {
    use egui::{Shape, Stroke, StrokeKind, vec2};

    use super::*;

    fn draw(shapes: Vec<Shape>) -> RgbaImage {
        let ctx = egui::Context::default();
        let mut renderer = SoftwareRenderer::default();
        let input = egui::RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(16.0, 8.0))),
            ..Default::default()
        };
        let mut output = ctx.run_ui(input, |ui| {
            ui.painter().extend(shapes.clone());
        });
        renderer.handle_delta(&mut output.textures_delta);
        renderer.render(&ctx, &output).unwrap()
    }

    #[test]
    fn a_half_seen_rectangle_covers_each_pixel_once() {
        let red = Color32::from_rgba_unmultiplied(255, 0, 0, 128);
        let rect = Rect::from_min_max(pos2(2.0, 1.0), pos2(10.0, 7.0));
        let mut mesh = Mesh::default();
        mesh.add_colored_rect(rect, red);
        let picture = draw(vec![Shape::rect_filled(Rect::EVERYTHING, 0.0, Color32::BLACK), Shape::mesh(mesh)]);
        for (x, y, pixel) in picture.enumerate_pixels() {
            let inside = (2..10).contains(&x) && (1..7).contains(&y);
            assert_eq!(pixel.0, if inside { [128, 0, 0, 255] } else { [0, 0, 0, 255] }, "{x} {y}");
        }
    }

    #[test]
    fn what_is_clipped_away_is_not_drawn() {
        let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(16.0, 8.0));
        let all = draw(vec![Shape::rect_filled(rect, 0.0, Color32::WHITE)]);
        assert!(all.pixels().all(|pixel| pixel.0 == [255; 4]));
        let mut picture = Picture::new(16, 8);
        let clip = picture.clip(Rect::from_min_max(pos2(1.0, 1.0), pos2(2.0, 3.0)), 2.0);
        let texture = Texture { width: 1, height: 1, pixels: vec![Color32::WHITE] };
        let mut mesh = Mesh::default();
        mesh.add_colored_rect(rect, Color32::WHITE);
        picture.draw(&mesh, clip, 1.0, Some(&texture));
        let drawn = picture.finish().pixels().filter(|pixel| pixel.0 == [255; 4]).count();
        assert_eq!(drawn, 2 * 4);
    }

    #[test]
    fn a_thin_frame_is_as_thin_as_asked_for() {
        let rect = Rect::from_min_max(pos2(2.0, 2.0), pos2(14.0, 6.0));
        let stroke = Stroke::new(1.0, Color32::WHITE);
        let picture = draw(vec![
            Shape::rect_filled(Rect::EVERYTHING, 0.0, Color32::BLACK),
            Shape::Rect(egui::epaint::RectShape::stroke(rect, 0.0, stroke, StrokeKind::Inside)),
        ]);
        let bright = picture.pixels().filter(|pixel| pixel.0[0] > 200).count();
        assert_eq!(bright, 12 * 4 - 10 * 2);
    }
}
