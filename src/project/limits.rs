//! What a project may hold at most: bounds for files that somebody else made.

/// Files in a project.
pub(crate) const FILES: usize = 100_000;
/// Bytes of all files together.
pub(crate) const TOTAL_BYTES: usize = 1 << 30;
/// Bytes of one of our text files: 150,000 links on one chart. Reading takes up to a hundred times as much memory.
pub(crate) const TEXT_BYTES: usize = 16 << 20;
/// Bytes of all our text files together: half a million links.
pub(crate) const ALL_TEXT_BYTES: usize = 64 << 20;
/// Bytes of a text file up to which all its syntax errors are told, not only the first: each takes far more memory than
/// the signs it is about.
pub(crate) const RECOVERED_BYTES: usize = 64 << 10;
/// Bytes of one file of a component.
pub(crate) const COMPONENT_FILE_BYTES: usize = 128 << 20;
/// Charts inside each other.
pub(crate) const CHART_DEPTH: usize = 32;
/// Instances, up to the end of the file that exceeds them.
pub(crate) const INSTANCES: usize = 200_000;
/// Links, likewise.
pub(crate) const LINKS: usize = 2_000_000;
/// Functions of all instances together; each has a place on a chart.
pub(crate) const FUNCTIONS: usize = 1_000_000;
/// Ports of all components together.
pub(crate) const PORTS: usize = 1_000_000;
/// Characters of a name.
pub(crate) const NAME: usize = 240;
/// Problems reported at once; the first ones matter.
pub(crate) const PROBLEMS: usize = 100;
