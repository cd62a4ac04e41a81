//! A piece of a spreadsheet put into the address table.
//!
//! Which cell goes where is decided in this order. A first row of column titles, English or German, says what the columns are, and
//! then one of them must be the device. Otherwise, when the first column holds names of devices, it says whose row each is, and the
//! cells beside it go to the columns from the chosen cell on. Otherwise the cells go, as they stand, to the table from the chosen cell
//! on. An empty cell leaves what is there, `-` clears it. One cell that cannot be read keeps the whole from being pasted.

use std::collections::BTreeMap;

use super::cell::{CLEAR, CellError, device_edits, set_cell};
use super::{AddressColumn, sheet};
use crate::edit::Edit;
use crate::model::{Device, Name, Plan};

/// Bytes of a text that is looked at.
const MOST_BYTES: usize = 8 << 20;

/// What pasting would do.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Paste {
    /// Edits, to be made as one step; none while there are problems.
    pub edits: Vec<Edit>,
    /// Devices that change.
    pub n_devices: usize,
    /// Cells that could not be read.
    pub problems: Vec<PasteProblem>,
    /// Titles of columns that the table does not have; they are left out.
    pub ignored: Vec<String>,
}

/// A cell that cannot be pasted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasteProblem {
    /// Row in the text, counted from 1.
    pub row: usize,
    /// Column in the text, counted from 1.
    pub column: usize,
    /// What stands there.
    pub text: String,
    /// Why it cannot be pasted.
    pub why: CellError,
}

/// Reads a text from a spreadsheet for the table whose rows are these devices, with the chosen cell at `start` (row and column).
pub fn paste_addresses(plan: &Plan, rows: &[Name], start: (usize, AddressColumn), text: &str) -> Paste {
    if text.len() > MOST_BYTES {
        let why = CellError::TooLarge(MOST_BYTES >> 20);
        return Paste {
            problems: vec![PasteProblem { row: 1, column: 1, text: String::new(), why }],
            ..Paste::default()
        };
    }
    let cells = sheet::rows(text);
    if let Some((titles, ignored)) = titles(&cells) {
        return Paste { ignored, ..with_titles(plan, &cells, &titles) };
    }
    let from = columns_from(start.1);
    let placed = |plan: &Plan| by_place(plan, &cells, rows, start.0, from);
    let is_named =
        |row: &Vec<String>| row.len() > 1 && row.first().is_some_and(|cell| plan.devices().contains_key(cell.as_str()));
    if !cells.iter().any(is_named) {
        return placed(plan);
    }
    let named = by_name(
        plan,
        &cells,
        if start.1 == AddressColumn::Device { columns_from(AddressColumn::Subnet) } else { from },
    );
    if named.problems.is_empty() {
        return named;
    }
    // Names of stations are often those of devices: then they are no names of rows.
    let placed = placed(plan);
    if placed.problems.is_empty() { placed } else { named }
}

fn columns_from(column: AddressColumn) -> &'static [AddressColumn] {
    let at = AddressColumn::ALL.iter().position(|other| *other == column).unwrap_or(0);
    AddressColumn::ALL.get(at..).unwrap_or_default()
}

/// Titles of a column, in small letters.
fn titles_of(column: AddressColumn) -> &'static [&'static str] {
    match column {
        AddressColumn::Device => &["device", "gerät", "geraet"],
        AddressColumn::Subnet => &["subnet", "subnetz"],
        AddressColumn::Station => {
            &["name of station", "station", "station name", "gerätename", "stationsname", "profinet name"]
        }
        AddressColumn::Ip => &["ip", "ip address", "ip-address", "ip-adresse", "ipv4"],
        AddressColumn::Mask => &["mask", "subnet mask", "maske", "subnetzmaske", "subnetmaske"],
        AddressColumn::Router => &["router", "gateway"],
        AddressColumn::Mac => &["mac", "mac address", "mac-address", "mac-adresse"],
        AddressColumn::Proxy => &["proxy", "profibus proxy", "profibus-proxy"],
        AddressColumn::System => &["system", "dp system", "dp-system", "dp master system", "dp-mastersystem"],
        AddressColumn::Address => &["address", "profibus address", "profibus", "adresse", "profibus-adresse"],
    }
}

fn column_of(title: &str) -> Option<AddressColumn> {
    let title = title.to_lowercase();
    AddressColumn::ALL.into_iter().find(|column| titles_of(*column).contains(&title.as_str()))
}

/// The columns of a first row that is one of titles, the device among them, and the titles that are not known.
fn titles(cells: &[Vec<String>]) -> Option<(Vec<Option<AddressColumn>>, Vec<String>)> {
    let first = cells.first()?;
    let columns: Vec<Option<AddressColumn>> = first.iter().map(|title| column_of(title)).collect();
    if cells.len() < 2 || !columns.contains(&Some(AddressColumn::Device)) {
        return None;
    }
    let unknown = first.iter().zip(&columns).filter(|(title, column)| column.is_none() && !title.is_empty());
    let ignored = unknown.map(|(title, _)| title.clone()).collect();
    Some((columns, ignored))
}

fn with_titles(plan: &Plan, cells: &[Vec<String>], columns: &[Option<AddressColumn>]) -> Paste {
    let mut work = Work::new(plan);
    let key = columns.iter().position(|column| *column == Some(AddressColumn::Device)).unwrap_or_default();
    for (nth, row) in cells.iter().enumerate().skip(1) {
        let Some(name) = work.device_in(row, nth, key) else { continue };
        for (at, text) in row.iter().enumerate().filter(|(at, _)| *at != key) {
            if let Some(column) = columns.get(at).copied().flatten() {
                work.set(&name, column, text, nth, at);
            }
        }
    }
    work.finish()
}

fn by_name(plan: &Plan, cells: &[Vec<String>], columns: &[AddressColumn]) -> Paste {
    let mut work = Work::new(plan);
    for (nth, row) in cells.iter().enumerate() {
        let Some(name) = work.device_in(row, nth, 0) else { continue };
        for (at, text) in row.iter().enumerate().skip(1) {
            work.set_at(&name, columns.get(at - 1), text, nth, at);
        }
    }
    work.finish()
}

fn by_place(plan: &Plan, cells: &[Vec<String>], rows: &[Name], start: usize, columns: &[AddressColumn]) -> Paste {
    let mut work = Work::new(plan);
    for (nth, row) in cells.iter().enumerate() {
        let Some(name) = rows.get(start.saturating_add(nth)) else {
            if let Some(at) = row.iter().position(|text| !text.is_empty()) {
                work.fail(nth, at, &row[at], CellError::NoRow);
            }
            continue;
        };
        for (at, text) in row.iter().enumerate() {
            work.set_at(name, columns.get(at), text, nth, at);
        }
    }
    work.finish()
}

/// What has been read so far.
struct Work<'a> {
    plan: &'a Plan,
    devices: BTreeMap<Name, Device>,
    problems: Vec<PasteProblem>,
}

impl<'a> Work<'a> {
    fn new(plan: &'a Plan) -> Self {
        Self { plan, devices: BTreeMap::new(), problems: Vec::new() }
    }

    fn fail(&mut self, row: usize, column: usize, text: &str, why: CellError) {
        let (row, column) = (row + 1, column + 1);
        self.problems.push(PasteProblem { row, column, text: text.to_owned(), why });
    }

    /// The device that a row names; an empty row names none.
    fn device_in(&mut self, row: &[String], nth: usize, key: usize) -> Option<Name> {
        let text = row.get(key).map(String::as_str).unwrap_or_default();
        if text.is_empty() {
            let at = row.iter().position(|text| !text.is_empty())?;
            self.fail(nth, at, &row[at], CellError::NoRow);
            return None;
        }
        let Some((name, device)) = self.plan.devices().get_key_value(text) else {
            self.fail(nth, key, text, CellError::NoDevice(text.to_owned()));
            return None;
        };
        if self.devices.insert(name.clone(), Device::clone(device)).is_some() {
            self.fail(nth, key, text, CellError::Twice(text.to_owned()));
            return None;
        }
        Some(name.clone())
    }

    fn set_at(&mut self, name: &Name, column: Option<&AddressColumn>, text: &str, row: usize, at: usize) {
        match column {
            Some(column) => self.set(name, *column, text, row, at),
            None if text.is_empty() => {}
            None => self.fail(row, at, text, CellError::NoColumn),
        }
    }

    fn set(&mut self, name: &Name, column: AddressColumn, text: &str, row: usize, at: usize) {
        if text.is_empty() {
            return;
        }
        let Some(planned) = self.plan.devices().get(name) else { return };
        if column == AddressColumn::Device {
            // The name of a device says whose row it is; pasting renames nothing.
            if text != name.as_str() {
                self.fail(row, at, text, CellError::NoDevice(text.to_owned()));
            }
            return;
        }
        let device = self.devices.entry(name.clone()).or_insert_with(|| Device::clone(planned));
        // A line in place of what a device does not have says just that.
        if text == CLEAR && !column.applies(device) {
            return;
        }
        if let Err(why) = set_cell(self.plan, name, device, column, text) {
            self.fail(row, at, text, why);
        }
    }

    fn finish(self) -> Paste {
        let edits = if self.problems.is_empty() { device_edits(self.plan, self.devices) } else { Vec::new() };
        Paste { n_devices: edits.len(), edits, problems: self.problems, ignored: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::network::cell_text;
    use crate::edit::Document;
    use crate::model::fixture;

    const PLAN: &str = "
        component Pump 1.0 { in start BOOL = false }
        component Gate 1.0 proxy { in start BOOL = false }
        component Drive 1.0 profibusSlave { in start BOOL = false }
        subnet plant 192.168.0.0/24
        pump-1: Pump @192.168.0.1 name pump-1 subnet plant
        pump-2: Pump @192.168.0.2 noname subnet plant
        gate: Gate @192.168.0.9 noname subnet plant
        drive: Drive behind gate system 1 address 5
    ";

    fn rows(plan: &Plan) -> Vec<Name> {
        plan.devices().keys().cloned().collect()
    }

    /// The lines of the table that differ after pasting at a cell, or the problems.
    fn pasted(start: (usize, AddressColumn), text: &str) -> Vec<String> {
        let mut document = Document::new(fixture::plan(PLAN));
        let before = document.plan().clone();
        let paste = paste_addresses(&before, &rows(&before), start, text);
        if !paste.problems.is_empty() {
            assert_eq!((paste.edits.len(), paste.n_devices), (0, 0), "nothing is half done");
            let line = |problem: &PasteProblem| format!("{}/{}: {}", problem.row, problem.column, problem.why);
            return paste.problems.iter().map(line).collect();
        }
        if !paste.edits.is_empty() {
            document.apply(&Edit::Group("Paste".into(), paste.edits)).unwrap();
        }
        let line = |plan: &Plan, name: &Name| {
            let cell = |column: &AddressColumn| cell_text(name, &plan.devices()[name], *column);
            AddressColumn::ALL.iter().map(cell).collect::<Vec<_>>().join(" ").trim_end().to_owned()
        };
        let names = rows(document.plan());
        let changed = names.iter().filter(|name| line(&before, name) != line(document.plan(), name));
        changed.map(|name| line(document.plan(), name)).collect()
    }

    const DRIVE: (usize, AddressColumn) = (0, AddressColumn::Device);

    #[test]
    fn names_in_the_first_column_say_whose_row_it_is() {
        assert_eq!(
            pasted(DRIVE, "pump-2\tplant\tpump-b\t192.168.0.12\r\ngate\t\tgate\t\r\n"),
            ["gate plant gate 192.168.0.9", "pump-2 plant pump-b 192.168.0.12"]
        );
        assert_eq!(pasted((3, AddressColumn::Ip), "pump-1\t192.168.0.11"), ["pump-1 plant pump-1 192.168.0.11"]);
    }

    #[test]
    fn titles_say_what_the_columns_are() {
        let english = "IP address\tDevice\tComment\tMask\n192.168.0.77\tpump-1\told\t/24\n";
        assert_eq!(pasted(DRIVE, english), ["pump-1 plant pump-1 192.168.0.77 255.255.255.0"]);
        let german = "Gerät\tGerätename\tIP-Adresse\tPROFIBUS-Adresse\r\npump-2\tzwei\t-\t-\r\ndrive\t-\t\t7,0\r\n";
        assert_eq!(pasted(DRIVE, german), ["drive       gate 1 7", "pump-2 plant zwei"]);
        let plan = fixture::plan(PLAN);
        let paste = paste_addresses(&plan, &rows(&plan), DRIVE, english);
        assert_eq!(paste.ignored, ["Comment"]);
    }

    #[test]
    fn without_names_cells_go_where_they_stand() {
        assert_eq!(
            pasted((1, AddressColumn::Ip), "192.168.0.90\n\n192.168.0.21\t/24\n"),
            ["gate plant  192.168.0.90", "pump-2 plant  192.168.0.21 255.255.255.0"]
        );
        // Names of stations that are those of devices: the table is gate, pump-1, pump-2 from the second row on.
        assert_eq!(
            pasted((2, AddressColumn::Station), "pump-2\t192.168.0.3\npump-1\t192.168.0.4\n"),
            ["pump-1 plant pump-2 192.168.0.3", "pump-2 plant pump-1 192.168.0.4"]
        );
    }

    #[test]
    fn every_cell_that_cannot_be_read_is_told_and_nothing_is_done() {
        assert_eq!(
            pasted(DRIVE, "pump-1\toffice\tOK?\t192.168.0.300\npump-9\tplant\npump-1\tplant\n\t\t\tx"),
            [
                "1/2: there is no subnet office",
                "1/3: no name of station: `O` is not allowed; use a to z, 0 to 9, `-` and `.`",
                "1/4: `192.168.0.300` is no IP address; write 192.168.0.10",
                "2/1: there is no device pump-9",
                "3/1: the device pump-1 is there twice",
                "4/4: there is no device for this row",
            ]
        );
        assert_eq!(pasted((3, AddressColumn::Ip), "10.0.0.1\n10.0.0.2"), ["2/1: there is no device for this row"]);
        assert_eq!(pasted((0, AddressColumn::Address), "5\t6"), ["1/2: there is no column for it"]);
        assert_eq!(
            pasted((0, AddressColumn::Ip), "10.0.0.1"),
            ["1/1: the device is on PROFIBUS, which knows no such address"]
        );
        assert_eq!(pasted(DRIVE, &"\t".repeat(MOST_BYTES + 1)), ["1/1: more than 8 MB are not looked at"]);
    }

    #[test]
    fn what_is_there_already_is_no_change() {
        assert_eq!(pasted(DRIVE, "pump-1\tplant\tpump-1\t192.168.0.1"), [""; 0]);
        assert_eq!(pasted(DRIVE, ""), [""; 0]);
    }
}
