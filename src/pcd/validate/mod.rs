//! Checks of a description beyond what the schema can say (`pcd-format` 5.9). Each is a [`Rule`](super::Rule) `PCD-V…` with its number.
//!
//! | No. | Check | Where |
//! |---|---|---|
//! | 1 | names are unique | `build`, as parts are taken |
//! | 2 | structure types exist and do not contain themselves | `types`, `details` |
//! | 3 | defaults, substitutes, bounds and thresholds fit the type | [`values`] |
//! | 4 | a port offers what its device offers, and a default that is offered | [`transmission`] |
//! | 5 | an HMI property offers nothing for links | [`transmission`] |
//! | 6 | slaves and proxies have their interfaces | [`device`](mod@device) |
//! | 7 | a constant has a value | [`values`] |
//! | 8 | paths stay in the folder | `content`; symbolic links by whoever reads the disk |
//! | 9 | payloads are what is declared | [`payload`](mod@payload) |
//! | 10 | the interface is not larger than the device bears | [`device`](mod@device) |
//! | 11 | one text a language | [`texts`] |
//! | 12 | no change without a new version | `library`, which knows the others |

mod device;
mod payload;
#[cfg(test)]
mod tests;
mod texts;
mod transmission;
mod values;

pub(super) use device::device;
pub use payload::payload_bytes;
pub(super) use payload::{Effort, files};
pub(super) use texts::languages;
pub(super) use transmission::{offer, port_transmission};
pub(super) use values::{literal, member_values, port_values};
