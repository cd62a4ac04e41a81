//! Mending: the fixes that the check proposes, as edits.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;

use super::{Failure, Saved, open_project, save_project_files};
use crate::check::{Checker, Finding, Fix, FixChange, LibraryFacts};
use crate::edit::{Document, Edit, EditError};
use crate::model::{Attachment, Device, EthernetAddress, Link, LinkKey, Name, Phrase, Plan, ProfibusAddress};
use crate::{project, say};

/// A fix that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TriedFix {
    /// Code of the rule.
    pub code: &'static str,
    /// What the finding was about.
    pub place: String,
    /// What the fix does.
    pub title: String,
    /// Why it was not taken; `None` when it was.
    pub refused: Option<String>,
}

/// A project after its findings were mended as far as that is safe.
#[derive(Debug)]
pub struct FixedProject {
    /// The plan as it is now.
    pub document: Document,
    /// What was tried, in this order.
    pub fixes: Vec<TriedFix>,
    /// What was written; nothing when no fix was taken.
    pub saved: Saved,
}

/// Opens the project in a folder, applies the safe fixes of all findings that are `wanted`, and saves it.
///
/// # Errors
/// The project cannot be opened or saved; it is then as it was. An archive is not changed.
pub fn fix_project(
    folder: &Path,
    library: &LibraryFacts,
    wanted: impl Fn(&Finding) -> bool,
) -> Result<FixedProject, Failure> {
    if folder.is_file() {
        let remedy = "unpack it with any zip program into a folder NAME.plant, and mend that";
        return Err(Failure::new(format!("cannot mend {}", folder.display()), "it is an archive, no folder", remedy));
    }
    let mut document = Document::new(open_project(folder)?);
    let fixes = apply_fixes(&mut document, library, wanted);
    let mut saved = Saved::default();
    if document.is_modified() {
        saved = save_project_files(folder, &project::write(document.plan()))?;
        document.mark_saved();
    }
    Ok(FixedProject { document, fixes, saved })
}

/// Applies the safe fixes of all findings that are `wanted`, each as one step of the history, until none is left.
///
/// Each fix is one for the plan as it is by then: what an earlier one mended is not mended twice. One after which its finding
/// would stand as before, or after which there would be more errors, is told as refused.
pub fn apply_fixes(
    document: &mut Document,
    library: &LibraryFacts,
    wanted: impl Fn(&Finding) -> bool,
) -> Vec<TriedFix> {
    let mut checker = Checker::new(document.plan().clone(), library.clone());
    let mut tried = Vec::new();
    let mut known = BTreeSet::new();
    loop {
        let has_fix = |finding: &&Finding| finding.fix.is_some() && wanted(finding);
        let findings: Vec<Finding> = checker.findings().filter(has_fix).cloned().collect();
        let n_tried = tried.len();
        for finding in findings {
            let Some(fix) = finding.fix.as_ref().filter(|_| checker.finds(&finding)) else { continue };
            if !known.insert((finding.code, finding.subject.clone(), fix.title.clone())) {
                continue;
            }
            let refused = try_fix(document, &mut checker, &finding, fix).err();
            let (code, place, title) = (finding.code, finding.place.clone(), fix.title.to_string());
            tried.push(TriedFix { code, place, title, refused });
        }
        if tried.len() == n_tried {
            return tried;
        }
    }
}

fn try_fix(document: &mut Document, checker: &mut Checker, finding: &Finding, fix: &Fix) -> Result<(), String> {
    let edit = fix_edit(document.plan(), fix).map_err(|error| error.to_string())?;
    // On a plan beside the document first, so that a fix that does not help leaves nothing to redo.
    let mut trial = Document::new(document.plan().clone());
    let touched = trial.apply(&edit).map_err(|error| error.to_string())?.touched;
    let n_errors = checker.n_errors();
    checker.update(trial.plan(), &touched);
    let reason = if checker.finds(finding) {
        "it would not mend the finding"
    } else if checker.n_errors() > n_errors {
        "it would make another error"
    } else {
        return document.apply(&edit).map(drop).map_err(|error| error.to_string());
    };
    checker.update(document.plan(), &touched);
    Err(reason.to_owned())
}

/// The edit that makes a fix, under the fix's title.
///
/// # Errors
/// The plan is not the one that the fix was proposed for: what it speaks of is not there.
pub fn fix_edit(plan: &Plan, fix: &Fix) -> Result<Edit, EditError> {
    let edit = match &fix.change {
        FixChange::SetQos { link, qos } => set_link(plan, link, |it| it.qos = *qos)?,
        FixChange::SetEpsilon { link, epsilon } => set_link(plan, link, |it| it.epsilon = *epsilon)?,
        FixChange::SetSubstitute { link, substitute } => set_link(plan, link, |it| it.substitute = substitute.clone())?,
        FixChange::RemoveLink { link } => Edit::Unlink(link.clone()),
        FixChange::RemoveConstant { port } => Edit::ClearConstant(port.clone()),
        FixChange::SetNameOfStation { device, name } => {
            set_ethernet(plan, device, |it| it.name_of_station = name.clone())?
        }
        FixChange::ClearMask { device } => set_ethernet(plan, device, |it| it.mask = None)?,
        FixChange::SetProfibusAddress { device, address } => {
            set_profibus(plan, device, |it| it.address = Some(*address))?
        }
        FixChange::SetSystemId { device, system_id, address } => set_profibus(plan, device, |it| {
            it.system_id = *system_id;
            it.address = address.or(it.address);
        })?,
        FixChange::PlaceFunction { function, placement } => Edit::MoveBlocks(vec![(function.clone(), *placement)]),
        FixChange::RemovePlacement { function } => Edit::RemoveBlock(function.clone()),
        FixChange::RemoveTarget { target } => Edit::RemoveTarget(target.clone()),
    };
    Ok(Edit::Group(fix.title.clone(), vec![edit]))
}

fn nothing(kind: Phrase, name: &impl ToString) -> EditError {
    EditError::Nothing { kind, name: name.to_string() }
}

fn set_link(plan: &Plan, key: &LinkKey, change: impl FnOnce(&mut Link)) -> Result<Edit, EditError> {
    let link = plan.links().get(key).ok_or_else(|| nothing(say!("link to"), key))?;
    let mut properties = Box::new(Link::clone(link));
    change(&mut properties);
    Ok(Edit::SetLink { key: key.clone(), properties })
}

fn device(plan: &Plan, name: &Name) -> Result<Device, EditError> {
    plan.devices().get(name).map(|device| Device::clone(device)).ok_or_else(|| nothing(say!("device"), name))
}

fn set_ethernet(plan: &Plan, name: &Name, change: impl FnOnce(&mut EthernetAddress)) -> Result<Edit, EditError> {
    let mut device = device(plan, name)?;
    match &mut device.attachment {
        Attachment::Ethernet(address) => change(address),
        Attachment::Profibus(_) => return Err(nothing(say!("Ethernet interface of"), name)),
    }
    Ok(Edit::SetDevice { name: name.clone(), device })
}

fn set_profibus(plan: &Plan, name: &Name, change: impl FnOnce(&mut ProfibusAddress)) -> Result<Edit, EditError> {
    let mut device = device(plan, name)?;
    match &mut device.attachment {
        Attachment::Profibus(address) => change(address),
        Attachment::Ethernet(_) => return Err(nothing(say!("PROFIBUS interface of"), name)),
    }
    Ok(Edit::SetDevice { name: name.clone(), device })
}
