//! A description of about 100 KB: the volumetric filler of the library with its function repeated, as the writer writes it.

use std::path::Path;

use plantweave::model::{Limits, RtAuto};
use plantweave::pcd::{ReadOptions, read, write};

/// Bytes that the description has at least.
pub const BYTES: usize = 100_000;

/// The description, the same every time.
pub fn large() -> String {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("library/brunnmark/volumetric-filler/volumetric-filler.pcd.xml");
    let bytes = std::fs::read(path).expect("the library stands beside the benches");
    let mut component = read(&bytes, &ReadOptions::default()).expect("the filler is exact").component;
    let function = component.rtautos().next().expect("the filler has a function").1.clone();
    for n in 2.. {
        let ldev = component.ldevs.first_mut().expect("the filler has a logical device");
        ldev.rtautos.push(RtAuto { name: format!("{}_{n}", function.name).into(), ..function.clone() });
        if write(&component).len() >= BYTES {
            break;
        }
    }
    // A device that bears so many ports.
    component.device.limits = Limits::default();
    write(&component)
}
