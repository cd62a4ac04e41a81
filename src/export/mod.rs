//! What is handed over: tag files for OPC clients, pictures of charts, the plant book.
//!
//! Pure and deterministic: a plan goes in, text or bytes come out, the same plan gives the same bytes. This part knows no
//! live values, no disk and no device.
//!
//! [`picture`] is what charts and pages are drawn of, and how it is written as SVG, PNG and PDF; [`book`] typesets the plant book. The
//! rest is tag files: every variable of a plan that a client can read or write, and where its value will be found.
//!
//! | Format | For |
//! |---|---|
//! | [`Format::Csv`], [`Format::Json`] | our own, one row a variable with all that the plan knows of it (`docs/TAGS.md`) |
//! | [`Format::Kepware`] | the device tag file of KEPServerEX, 17 columns |
//! | [`Format::Symbols`] | item strings from a template, for OPC servers whose syntax we do not know |
//!
//! The first two keep a structure as one row. The others hold what an OPC client can subscribe to, so a structure becomes its
//! members ([`expand`]).
//!
//! A device on PROFIBUS has no address of its own: `device` is then the planned device, `server` its proxy, and the LDev has
//! the name that the proxy gives it ([`Plan::ldev_on_network`]).
//!
//! Start reading at [`export()`], then [`variable`]; for the other two at [`picture::Picture`] and [`book::typeset`].

pub mod book;
mod csv;
mod expand;
mod json;
mod kepware;
pub mod picture;
mod symbols;
mod tag;
mod template;
#[cfg(test)]
mod tests;
mod variable;

use std::fmt;

pub use template::{Placeholder, Template, TemplateError};

use crate::model::{Name, Phrase, Plan, Say};
use variable::variables;

/// Kind of tag file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Comma-separated, one row a variable, RFC 4180.
    Csv,
    /// JSON as `docs/schema/tags.schema.json` describes it.
    Json,
    /// Kepware device tags.
    Kepware,
    /// Symbols with item strings made from a [`Template`].
    Symbols,
}

impl Format {
    /// Whether item strings are made from a [`Template`].
    pub fn takes_template(self) -> bool {
        matches!(self, Self::Kepware | Self::Symbols)
    }
}

/// What to write, and how.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// Language of descriptions, e.g. `de`; English where there is none in it.
    pub lang: &'a str,
    /// Item strings; the default of the format when absent. Only where [`Format::takes_template`].
    pub template: Option<&'a Template>,
    /// Which variables, by their path `Instance.LDev.RTAuto.Property`.
    pub include: &'a dyn Fn(&str) -> bool,
}

impl Default for Options<'_> {
    /// Everything, described in English.
    fn default() -> Self {
        Self { lang: "en", template: None, include: &|_| true }
    }
}

/// A tag file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagFile {
    /// The file, byte for byte; it is UTF-8.
    pub text: String,
    /// Variables in it.
    pub n_variables: usize,
    /// Rows in it; more than variables where structures became their members.
    pub n_rows: usize,
    /// What a person should know about it.
    pub notes: Vec<Note>,
}

/// What a person should know about a tag file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Note {
    /// The component of this instance is not in the plan, so its variables are unknown and left out.
    ComponentMissing(Name),
    /// Tags that need an address which this device does not have yet.
    NoAddress(Name),
    /// This device is behind no proxy, so nobody answers for it.
    NoProxy(Name),
    /// So many tags share their item string with another, because the template leaves out what tells them apart.
    SharedItems(usize),
    /// So many names were changed to what the format allows.
    NamesChanged(usize),
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ComponentMissing(instance) => {
                write!(f, "the component of {instance} is missing from the project; its variables are left out")
            }
            Self::NoAddress(device) => write!(f, "{device} has no IP address yet; its tags have none either"),
            Self::NoProxy(device) => write!(f, "{device} has no proxy yet, so no server for its tags is known"),
            Self::SharedItems(count) => {
                write!(
                    f,
                    "{count} tags share their item string with another; the template leaves out what tells them apart"
                )
            }
            Self::NamesChanged(count) => write!(f, "{count} names were changed to what the format allows"),
        }
    }
}

/// Why a tag file cannot be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportError {
    /// Structures and arrays come apart into more tags than anybody can use.
    TooManyTags {
        /// The variable with which the limit is passed.
        at: String,
    },
}

impl Say for ExportError {
    fn say(&self) -> Phrase {
        match self {
            Self::TooManyTags { at } => crate::say!(
                "at {at} there are more than {most} tags already, structures and arrays taken apart",
                at,
                most = expand::MOST_ROWS
            ),
        }
    }
}

crate::error_in_words!(ExportError);

/// Writes the tag file of a plan: instances by name, ports in the order of their descriptions.
///
/// # Errors
/// [`ExportError::TooManyTags`].
pub fn export(plan: &Plan, format: Format, options: &Options<'_>) -> Result<TagFile, ExportError> {
    let (variables, mut notes) = variables(plan, options.include);
    let mut file = match format {
        Format::Csv => csv::write(plan, &variables, options.lang),
        Format::Json => json::write(plan, &variables, options.lang),
        Format::Kepware => kepware::write(plan, &variables, options)?,
        Format::Symbols => symbols::write(plan, &variables, options)?,
    };
    notes.append(&mut file.notes);
    notes.sort();
    notes.dedup();
    file.notes = notes;
    Ok(file)
}
