//! ICBAGroupError and its event: summary error of a logical device (protocol notes, section 5.7).

use super::codec::{U16, U32};
use super::enums::GroupErrorState;
use super::shared::{Cookie, Object};

methods! {
    GroupError {
        /// Present group error.
        7 GetGroupError "GroupError" (()) -> CurrentGroupError;
        /// Subscribes to changes.
        8 AdviseGroupError "AdviseGroupError" (Object) -> Cookie;
        /// Ends a subscription.
        9 UnadviseGroupError "UnadviseGroupError" (Cookie) -> ();
    }
}

arguments! {
    /// `[out]` of GroupError.
    CurrentGroupError {
        /// Present group error.
        group_error: GroupErrorState => U16,
        /// Counter of changes, by convention.
        cookie: u32 => U32,
    }
}

/// ICBAGroupErrorEvent, called at the subscriber.
pub mod event {
    use super::super::codec::U16;
    use super::super::enums::GroupErrorState;

    methods! {
        GroupErrorEvent {
            /// The group error changed.
            3 OnGroupErrorChanged "OnGroupErrorChanged" (GroupErrorChange) -> ();
        }
    }

    arguments! {
        /// `[in]` of OnGroupErrorChanged.
        GroupErrorChange {
            /// Group error after the change.
            new: GroupErrorState => U16,
            /// Group error before the change.
            old: GroupErrorState => U16,
        }
    }
}
