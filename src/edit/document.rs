//! The plan with its history.

use super::{Edit, EditError};
use crate::model::{DeviceState, Name, Phrase, Plan, Touched};

/// What an edit, an undo or a redo did.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// Label of the edit.
    pub label: Phrase,
    /// What is not as before.
    pub touched: Touched,
}

/// The plan being worked on, every state it had, and the one that is saved.
///
/// A step keeps the plan before it; plans share what an edit left alone, so a step costs what it changed.
#[derive(Debug, Clone)]
pub struct Document {
    plan: Plan,
    saved: Option<Plan>,
    is_modified: bool,
    undo: Vec<Step>,
    redo: Vec<Step>,
}

#[derive(Debug, Clone)]
struct Step {
    label: Phrase,
    plan: Plan,
}

impl Document {
    /// A plan as it was opened: not modified, nothing to undo.
    pub fn new(plan: Plan) -> Self {
        Self { saved: Some(plan.clone()), plan, is_modified: false, undo: Vec::new(), redo: Vec::new() }
    }

    /// The present state.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Whether the present state is another than the one last saved. It is not when the same state was reached by other edits.
    pub fn is_modified(&self) -> bool {
        self.is_modified
    }

    /// The present state is saved now.
    pub fn mark_saved(&mut self) {
        self.mark_saved_as(&self.plan.clone());
    }

    /// This state is saved now, be it the present one or one that edits were made to meanwhile.
    pub fn mark_saved_as(&mut self, saved: &Plan) {
        self.saved = Some(saved.clone());
        self.compare();
    }

    /// No state is saved: the plan came from elsewhere than its files.
    pub fn mark_unsaved(&mut self) {
        self.saved = None;
        self.compare();
    }

    /// Takes in what became known of a device. That is no decision: it holds for every state there was, undo does not take it
    /// back, and where it comes from it is saved already. A device that a state does not have is passed over there.
    pub fn learn(&mut self, device: &Name, state: &DeviceState) {
        let steps = self.undo.iter_mut().chain(&mut self.redo).map(|step| &mut step.plan);
        for plan in steps.chain(&mut self.saved).chain([&mut self.plan]) {
            if plan.devices.contains_key(device) {
                plan.states.insert(device.clone(), state.clone());
            }
        }
        self.compare();
    }

    /// Applies an edit. One that changes nothing leaves no step.
    ///
    /// # Errors
    /// Why it is refused; plan and history are then as they were.
    pub fn apply(&mut self, edit: &Edit) -> Result<Applied, EditError> {
        let mut plan = self.plan.clone();
        edit.run(&mut plan)?;
        let applied = Applied { label: edit.label(), touched: Touched::between(&self.plan, &plan) };
        if !applied.touched.is_empty() {
            let before = std::mem::replace(&mut self.plan, plan);
            self.undo.push(Step { label: applied.label.clone(), plan: before });
            self.redo.clear();
            self.compare();
        }
        Ok(applied)
    }

    /// Takes the last edit back; `None` when there is none.
    pub fn undo(&mut self) -> Option<Applied> {
        let step = self.undo.pop()?;
        let (applied, step) = self.exchange(step);
        self.redo.push(step);
        Some(applied)
    }

    /// Does again what was taken back last; `None` when there is nothing.
    pub fn redo(&mut self) -> Option<Applied> {
        let step = self.redo.pop()?;
        let (applied, step) = self.exchange(step);
        self.undo.push(step);
        Some(applied)
    }

    /// Label of the edit that [`undo`](Self::undo) takes back.
    pub fn undo_label(&self) -> Option<&Phrase> {
        self.undo.last().map(|step| &step.label)
    }

    /// Label of the edit that [`redo`](Self::redo) does again.
    pub fn redo_label(&self) -> Option<&Phrase> {
        self.redo.last().map(|step| &step.label)
    }

    fn exchange(&mut self, step: Step) -> (Applied, Step) {
        let touched = Touched::between(&self.plan, &step.plan);
        let plan = std::mem::replace(&mut self.plan, step.plan);
        self.compare();
        (Applied { label: step.label.clone(), touched }, Step { label: step.label, plan })
    }

    fn compare(&mut self) {
        self.is_modified = self.saved.as_ref().is_none_or(|saved| !saved.is_same(&self.plan));
    }
}
