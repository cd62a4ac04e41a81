//! A logical device at work: its items, its operating state, its group error and both sides of its ACCO.
//!
//! Nothing here waits or calls: what is to be told to others is put into [`Event`]s, and the ACCO's two machines say which calls
//! they want made. The owner holds one lock for all of it.

use std::time::Duration;

use super::clock::Now;
use super::items::Items;
use super::subscribers::Subscribers;
use crate::proto::acco::{Consumer, Provider};
use crate::wire::cba::{FileTime, GroupErrorState, HResult, LDevState};

/// Something subscribers are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    State { new: LDevState, old: LDevState },
    GroupError { new: GroupErrorState, old: GroupErrorState },
}

/// Which subscribers: to the state, or to the group error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Topic {
    State,
    GroupError,
}

/// The part of a logical device that changes.
#[derive(Debug)]
pub(super) struct LDev {
    pub(super) items: Items,
    pub(super) provider: Provider,
    pub(super) consumer: Consumer,
    state: LDevState,
    group_error: GroupErrorState,
    /// Convention 31: counts the changes of the group error.
    group_error_changes: u32,
    subscribers: [Subscribers; 2],
    events: Vec<Event>,
    /// What put_Time has set the clock forward by, in nanoseconds.
    clock_offset_nanos: i128,
}

impl LDev {
    /// A logical device that is starting.
    pub(super) fn new(items: Items, provider: Provider, consumer: Consumer) -> Self {
        Self {
            items,
            provider,
            consumer,
            state: LDevState::Initializing,
            group_error: GroupErrorState::Okay,
            group_error_changes: 0,
            subscribers: Default::default(),
            events: Vec::new(),
            clock_offset_nanos: 0,
        }
    }

    pub(super) fn state(&self) -> LDevState {
        self.state
    }

    /// Group error, with the counter of its changes.
    pub(super) fn group_error(&self) -> (GroupErrorState, u32) {
        (self.group_error, self.group_error_changes)
    }

    /// Starting is over.
    pub(super) fn become_ready(&mut self) {
        if self.state == LDevState::Initializing {
            self.enter(LDevState::Ready);
        }
    }

    /// ICBAState.Activate.
    ///
    /// # Errors
    /// `CBA_E_NOTAPPLICABLE` unless the state is Ready (convention 30).
    pub(super) fn activate(&mut self) -> Result<(), HResult> {
        self.change(LDevState::Ready, LDevState::Operating)
    }

    /// ICBAState.Deactivate.
    ///
    /// # Errors
    /// `CBA_E_NOTAPPLICABLE` unless the state is Operating.
    pub(super) fn deactivate(&mut self) -> Result<(), HResult> {
        self.change(LDevState::Operating, LDevState::Ready)
    }

    /// ICBAState.Reset.
    ///
    /// # Errors
    /// `CBA_E_NOTAPPLICABLE` unless the state is Defect.
    pub(super) fn reset(&mut self) -> Result<(), HResult> {
        self.change(LDevState::Defect, LDevState::Initializing)?;
        self.enter(LDevState::Ready);
        self.set_group_error(GroupErrorState::Okay);
        Ok(())
    }

    /// The logical device breaks down.
    pub(super) fn fail(&mut self) {
        if self.state != LDevState::Defect {
            self.enter(LDevState::Defect);
            self.set_group_error(GroupErrorState::Problem);
        }
    }

    pub(super) fn set_group_error(&mut self, new: GroupErrorState) {
        let old = std::mem::replace(&mut self.group_error, new);
        if old != new {
            self.group_error_changes = self.group_error_changes.wrapping_add(1);
            self.events.push(Event::GroupError { new, old });
        }
    }

    fn change(&mut self, from: LDevState, to: LDevState) -> Result<(), HResult> {
        if self.state != from {
            return Err(HResult::CBA_E_NOTAPPLICABLE);
        }
        self.enter(to);
        Ok(())
    }

    fn enter(&mut self, new: LDevState) {
        let old = std::mem::replace(&mut self.state, new);
        self.items.set_operating(new == LDevState::Operating);
        self.events.push(Event::State { new, old });
    }

    pub(super) fn subscribers(&mut self, topic: Topic) -> &mut Subscribers {
        let [state, group_error] = &mut self.subscribers;
        match topic {
            Topic::State => state,
            Topic::GroupError => group_error,
        }
    }

    /// When something is to be done for this logical device; `None` if nothing is to come.
    pub(super) fn next_due(&self) -> Option<Duration> {
        if !self.events.is_empty() {
            return Some(Duration::ZERO);
        }
        self.provider.next_due().into_iter().chain(self.consumer.next_due()).min()
    }

    /// What subscribers are to be told, oldest first.
    pub(super) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// ICBATime.get_Time, UTC (convention 32).
    pub(super) fn time(&self, now: Now) -> f64 {
        crate::binding::date_of(FileTime::from_unix_nanos(now.wall.to_unix_nanos() + self.clock_offset_nanos))
    }

    /// ICBATime.put_Time.
    ///
    /// # Errors
    /// `CBA_E_TIMEVALUEUNSUPPORTED` for what is no moment of the years 1900 to 9999.
    pub(super) fn set_time(&mut self, date: f64, now: Now) -> Result<(), HResult> {
        const YEAR_10000: f64 = 2_958_466.0;
        if !(1.0..YEAR_10000).contains(&date) {
            return Err(HResult::CBA_E_TIMEVALUEUNSUPPORTED);
        }
        self.clock_offset_nanos = crate::binding::file_time_of(date).to_unix_nanos() - now.wall.to_unix_nanos();
        Ok(())
    }
}

impl Event {
    pub(super) fn topic(self) -> Topic {
        match self {
            Self::State { .. } => Topic::State,
            Self::GroupError { .. } => Topic::GroupError,
        }
    }
}
