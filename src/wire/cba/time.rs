//! ICBATime: the clock of a logical device, in UTC by convention (protocol notes, section 5.6).

use super::shared::Date;

methods! {
    Time {
        /// Reads the clock.
        7 GetTime "get_Time" (()) -> Date;
        /// Sets the clock.
        8 PutTime "put_Time" (Date) -> ();
    }
}
