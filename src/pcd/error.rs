//! Why a file is no component description, and the limits that bound the reader.

use super::place::Place;

/// What stops the reader. Everything that is merely strange is a [`Remark`](super::Remark) instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PcdError {
    /// The bytes are not text in the encoding they claim.
    #[error("byte {offset}: {fault}")]
    Encoding {
        /// Offset of the first byte at fault, from 0.
        offset: usize,
        /// What is wrong with it.
        fault: String,
    },
    /// Not well-formed XML.
    #[error("{place}: {fault}")]
    Syntax {
        /// Where.
        place: Place,
        /// What is wrong.
        fault: String,
    },
    /// A document type declaration. It could define entities and fetch files, so no part of it is processed.
    #[error("{place}: a document type declaration (DTD) is not allowed in a component description; remove it")]
    Doctype {
        /// Where it begins.
        place: Place,
    },
    /// The file asks for more than the reader gives.
    #[error("{place}: {limit}, and at most {most} are read")]
    Limit {
        /// Where the limit was passed.
        place: Place,
        /// What there is too much of.
        limit: Limit,
        /// The limit.
        most: u64,
    },
    /// XML of another kind.
    #[error("{place}: the root element `{root}` is not that of a component description")]
    NotADescription {
        /// Where.
        place: Place,
        /// The root element.
        root: String,
    },
    /// A later format than this program knows; reading can be forced.
    #[error("{place}: schema version `{found}` is not 2.x; force the tolerant reader to try all the same")]
    SchemaVersion {
        /// Where.
        place: Place,
        /// The version found.
        found: String,
    },
    /// Something without which there is no component at all.
    #[error("{place}: {what} is missing, so there is no component to read")]
    Missing {
        /// The element it should stand in.
        place: Place,
        /// What is missing.
        what: &'static str,
    },
}

/// What there can be too much of in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Limit {
    /// Size of the file.
    #[error("the file has too many bytes")]
    FileBytes,
    /// Elements inside each other.
    #[error("elements are nested too deeply")]
    Depth,
    /// Elements altogether.
    #[error("the file has too many elements")]
    Elements,
    /// Attributes of one element.
    #[error("the element has too many attributes")]
    Attributes,
    /// Namespace declarations, open at one place or altogether.
    #[error("there are too many namespace declarations")]
    Namespaces,
    /// Length of one tag with its attributes.
    #[error("the tag with its attributes has too many bytes")]
    TagBytes,
    /// LDevs and functions altogether.
    #[error("the file has too many logical devices and functions")]
    Functions,
    /// Properties and structure members altogether.
    #[error("the file has too many properties")]
    Ports,
    /// Parts that were not understood.
    #[error("the file has too many parts that are not understood")]
    KeptParts,
}

/// Bounds of the reader. The defaults are those of `pcd-format` 5.7 and 7.9, and our own where it names none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file: 128 MiB.
    pub file_bytes: usize,
    /// Elements inside each other: 64.
    pub depth: usize,
    /// Elements: 1,000,000.
    pub elements: usize,
    /// Attributes of one element: 256.
    pub attributes: usize,
    /// Bytes of one tag: 1 MiB.
    pub tag_bytes: usize,
    /// LDevs and functions: 10,000. Every instance holds a place for each.
    pub functions: usize,
    /// Properties and structure members: 100,000.
    pub ports: usize,
    /// Parts that are kept without being understood: 100,000.
    pub kept_parts: usize,
    /// Bytes of the value of one property on the wire: 65,536. Larger arrays and structures are no interface.
    pub value_bytes: u64,
    /// Bytes of the values of all properties together: 4 MiB. A virtual device holds them all.
    pub interface_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 128 << 20,
            depth: 64,
            elements: 1_000_000,
            attributes: 256,
            tag_bytes: 1 << 20,
            functions: 10_000,
            ports: 100_000,
            kept_parts: 100_000,
            value_bytes: 65_536,
            interface_bytes: 4 << 20,
        }
    }
}

/// Bytes of one decoded payload or icon (`pcd-format` 5.7).
pub const PAYLOAD_BYTES: usize = 64 << 20;
