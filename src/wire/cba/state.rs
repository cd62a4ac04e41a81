//! ICBAState and its event: operating state of a logical device (protocol notes, section 5.5).

use super::codec::U16;
use super::enums::LDevState;
use super::shared::{Cookie, Object};

methods! {
    State {
        /// Present state.
        7 GetState "get_State" (()) -> CurrentState;
        /// Ready to Operating.
        8 Activate "Activate" (()) -> ();
        /// Operating to Ready.
        9 Deactivate "Deactivate" (()) -> ();
        /// Defect to Ready.
        10 Reset "Reset" (()) -> ();
        /// Subscribes to changes.
        11 AdviseState "AdviseState" (Object) -> Cookie;
        /// Ends a subscription.
        12 UnadviseState "UnadviseState" (Cookie) -> ();
    }
}

arguments! {
    /// `[out]` of get_State.
    CurrentState {
        /// Present state.
        state: LDevState => U16,
    }
}

/// ICBAStateEvent, called at the subscriber.
pub mod event {
    use super::super::codec::U16;
    use super::super::enums::LDevState;

    methods! {
        StateEvent {
            /// The state changed.
            3 OnStateChanged "OnStateChanged" (StateChange) -> ();
        }
    }

    arguments! {
        /// `[in]` of OnStateChanged.
        StateChange {
            /// State after the change.
            new: LDevState => U16,
            /// State before the change.
            old: LDevState => U16,
        }
    }
}
