//! Symbols with item strings made from a template, as lines of text.
//!
//! iMap wrote a symbol file for the OPC server of SIMATIC NET. Neither its syntax nor that of the server's item strings could be
//! found, so the layout is our own: lines with tabs, which a script or a spreadsheet turns into what is wanted.

use super::expand::rows;
use super::tag::{access, vartype_of};
use super::variable::{Variable, one_line};
use super::{ExportError, Options, TagFile, Template};
use crate::model::Plan;

pub(super) fn write(plan: &Plan, variables: &[Variable<'_>], options: &Options<'_>) -> Result<TagFile, ExportError> {
    let default = Template::simatic_net();
    let template = options.template.unwrap_or(&default);
    let (rows, notes) = rows(plan, variables, template, true)?;
    let mut text = format!(
        "# Symbols for OPC clients, project {}\r\n\
         # UNVERIFIED SYNTAX: no source confirms the item strings of the SIMATIC NET server for PROFINET CBA; try one before you rely on all\r\n\
         # Template: {}\r\n\
         # Columns, with tabs between them: symbol, item, VARTYPE, access, unit, description\r\n",
        one_line(plan.name()),
        one_line(&template.to_string()),
    );
    for row in &rows {
        let port = row.variable.port;
        let fields = [
            format!("{}{}", row.variable.at, row.suffix()),
            row.item.clone(),
            vartype_of(row.base, row.array).to_string(),
            access(port).to_owned(),
            port.unit.to_string(),
            row.variable.description(options.lang),
        ];
        text.push_str(&fields.map(|field| one_line(&field)).join("\t"));
        text.push_str("\r\n");
    }
    Ok(TagFile { text, n_variables: variables.len(), n_rows: rows.len(), notes })
}
