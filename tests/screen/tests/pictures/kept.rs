//! Pictures that are kept, and how others are compared with them.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, RgbImage, RgbaImage};

/// Set to record what is seen.
const RECORD: &str = "UPDATE_SNAPSHOTS";
/// Channels may differ by so much, of 255: those of kept pictures have 5 bits, which keeps files small.
const TOLERANCE: u8 = 24;
/// Pixels that may differ by more: edges that another processor rounds elsewhere.
const MOST_PIXELS: usize = 8;

/// Compares a picture with the one that is kept under this name, or keeps it.
///
/// # Errors
/// How they differ, and where the new one is.
pub fn compare(name: &str, seen: &RgbaImage) -> Result<(), String> {
    let seen = reduced(seen);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(format!("{name}.png"));
    let difference = match image::open(&file) {
        Ok(kept) => difference(&kept.to_rgb8(), &seen),
        Err(error) => Some(error.to_string()),
    };
    let Some(difference) = difference else { return Ok(()) };
    if std::env::var_os(RECORD).is_some() {
        return write(&file, &seen).map_err(|error| format!("{name}: {error}"));
    }
    let new = built_folder().join(format!("{name}.png"));
    let place = match write(&new, &seen) {
        Ok(()) => format!("see {}", new.display()),
        Err(error) => error.to_string(),
    };
    Err(format!("{name}: {difference}; {place}"))
}

/// With 5 bits a channel and nothing seen through.
fn reduced(picture: &RgbaImage) -> RgbImage {
    let mut picture = DynamicImage::from(picture.clone()).into_rgb8();
    picture.iter_mut().for_each(|channel| *channel = (*channel & 0xf8) | (*channel >> 5));
    picture
}

fn difference(kept: &RgbImage, seen: &RgbImage) -> Option<String> {
    if kept.dimensions() != seen.dimensions() {
        return Some(format!("{:?} pixels, not {:?}", seen.dimensions(), kept.dimensions()));
    }
    let differ = |(one, other): &(&image::Rgb<u8>, &image::Rgb<u8>)| {
        one.0.iter().zip(other.0).any(|(one, other)| one.abs_diff(other) > TOLERANCE)
    };
    let n_different = kept.pixels().zip(seen.pixels()).filter(differ).count();
    (n_different > MOST_PIXELS).then(|| format!("{n_different} pixels differ"))
}

fn write(file: &Path, picture: &RgbImage) -> image::ImageResult<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let encoder =
        PngEncoder::new_with_quality(BufWriter::new(File::create(file)?), CompressionType::Best, FilterType::NoFilter);
    picture.write_with_encoder(encoder)
}

/// Where what tests leave lies: `target/pictures`.
fn built_folder() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    // target/debug/deps/pictures-0123456789abcdef
    own.ancestors().nth(3).unwrap_or(Path::new(".")).join("pictures")
}
