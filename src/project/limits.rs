//! What a project may hold at most: bounds for files that somebody else made.

/// Files in a project.
pub(crate) const FILES: usize = 100_000;
/// Bytes of all files together.
pub(crate) const TOTAL_BYTES: usize = 1 << 30;
/// Bytes of one of our text files.
pub(crate) const TEXT_BYTES: usize = 64 << 20;
/// Bytes of one file of a component.
pub(crate) const COMPONENT_FILE_BYTES: usize = 128 << 20;
/// Charts inside each other.
pub(crate) const CHART_DEPTH: usize = 32;
/// Instances, up to the end of the file that exceeds them.
pub(crate) const INSTANCES: usize = 200_000;
/// Links, likewise.
pub(crate) const LINKS: usize = 2_000_000;
/// Characters of a name.
pub(crate) const NAME: usize = 240;
/// Problems reported at once; the first ones matter.
pub(crate) const PROBLEMS: usize = 100;
