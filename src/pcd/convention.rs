//! Conventions of ours: no source confirms them, and a real vendor file may prove them wrong. One line changes then.

use uuid::Uuid;

/// Namespace of ids that are made from vendor, name and version (`pcd-format` 7.6). Never to change: projects refer
/// to components by these ids.
pub(super) const GENERATED_IDS: Uuid = Uuid::from_u128(0x6f0d_5c11_93f4_4a57_8a0e_1c5d_2b7e_9f43);

/// The id of a component whose file has none.
pub(super) fn generated_id(vendor: &str, name: &str, version: &str) -> Uuid {
    Uuid::new_v5(&GENERATED_IDS, format!("{vendor}\n{name}\n{version}").as_bytes())
}

/// Files that a description may refer to.
pub(super) const REFERENCES: usize = 1000;

/// Dimensions of an array: as many as an array on the wire has at most.
pub(super) const ARRAY_DIMENSIONS: usize = 16;

/// Elements in one dimension of an array: type descriptions on the wire have 16 bits for them.
pub(super) const ARRAY_SIZE: u32 = 65_535;

/// Structures inside structures that are read.
pub(super) const STRUCT_DEPTH: usize = 16;
