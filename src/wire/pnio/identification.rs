//! The text by which a station describes itself in LLDP, SNMP and the endpoint mapper (spec 6.3, 8.5).

use std::fmt;

/// What the text says. Numbers that do not fit their columns are cut off when written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemIdentification {
    /// Type of device, at most 25 characters.
    pub device_type: String,
    /// Order number, at most 20.
    pub order_number: String,
    /// Serial number, at most 16; the endpoint mapper does not tell it.
    pub serial_number: Option<String>,
    /// Hardware revision, at most 5 digits.
    pub hardware: u32,
    /// V released, R revision, P prototype, U field test, T test device.
    pub prefix: char,
    /// Functional enhancement, bug fix, internal change: at most 999 each.
    pub software: [u16; 3],
}

impl SystemIdentification {
    /// Reads the 80 characters of LLDP's chassis and SNMP's sysDescr; `None` if it is another text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::split(text, &[25, 20, 16, 5, 1])
    }

    /// Reads the annotation of the endpoint mapper: the same without serial number.
    pub fn parse_annotation(text: &str) -> Option<Self> {
        Self::split(text, &[25, 20, 5, 1])
    }

    fn split(text: &str, widths: &[usize]) -> Option<Self> {
        if !text.is_ascii() {
            return None;
        }
        let mut rest = text.trim_end_matches(['\0']);
        let mut columns = Vec::new();
        for width in widths {
            let (column, behind) = rest.split_at_checked(*width)?;
            columns.push(column.trim_end());
            // The version stands directly behind its prefix.
            rest = if *width == 1 { behind } else { behind.strip_prefix(' ')? };
        }
        let software = [rest.get(..3)?, rest.get(3..6)?, rest.get(6..9)?].map(|number| number.trim().parse().ok());
        let [Some(functional), Some(fix), Some(internal)] = software else { return None };
        let (device_type, order_number) = (*columns.first()?, *columns.get(1)?);
        let serial_number = (widths.len() == 5).then(|| columns.get(2).map(|text| (*text).to_owned())).flatten();
        let [.., hardware, prefix] = &columns[..] else { return None };
        Some(Self {
            device_type: device_type.to_owned(),
            order_number: order_number.to_owned(),
            serial_number,
            hardware: hardware.trim().parse().ok()?,
            prefix: prefix.chars().next()?,
            software: [functional, fix, internal],
        })
    }

    /// The 80 characters of LLDP and SNMP.
    pub fn text(&self) -> String {
        let serial = self.serial_number.as_deref().unwrap_or_default();
        format!("{:<25.25} {:<20.20} {serial:<16.16} {}", self.device_type, self.order_number, self.versions())
    }

    /// The 63 characters of the endpoint mapper.
    pub fn annotation(&self) -> String {
        format!("{:<25.25} {:<20.20} {}", self.device_type, self.order_number, self.versions())
    }

    fn versions(&self) -> String {
        let [functional, fix, internal] = self.software.map(|number| number.min(999));
        format!("{:>5} {}{functional:>3}{fix:>3}{internal:>3}", self.hardware.min(99_999), self.prefix)
    }
}

impl fmt::Display for SystemIdentification {
    /// `12345 Abcdefghijk, hardware 3, software V0.2.0`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [functional, fix, internal] = self.software;
        let Self { order_number, hardware, prefix, .. } = self;
        write!(f, "{order_number}, hardware {hardware}, software {prefix}{functional}.{fix}.{internal}")
    }
}
