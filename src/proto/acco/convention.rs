//! Times and choices of the ACCO that no source fixes, and how this project has settled them. None is known to
//! be what a particular device does. Numbers are those of the protocol notes, section 9; names of items
//! and partners are in [`wire::cba::convention`](crate::wire::cba::convention).
//!
//! | Question | Choice |
//! |---|---|
//! | 11 QoSValue | milliseconds; the lists below unless the device has its own; ReviseQoS answers the next larger one, beyond the largest the largest; Connect accepts any interval but 0 |
//! | 12 Version | 1; nothing that a stored record can suffer today changes it |
//! | 14 FirstConnect | the provider held nothing of this consumer; the consumer then connects its other groups again |
//! | 15 first values | sent by the first poll after Connect; values that overtake the answer to Connect are accepted |
//! | 16 ping | every PingFactor seconds at each provider; an answer other than S_OK means the provider knows nothing of us |
//! | 25 constants | delivered at once with good quality; no partner |
//! | 27 AddConnections | S_FALSE if some elements failed; the failure itself if it concerns all |
//! | 28 persistence | stored as pending until saved |
//! | 29 | a second connection to one consumer item is refused |
//! | epsilon | of the item's own type and not negative; for items without distance it is accepted and ignored |
//! | ConsID connected twice by one consumer | the new connection replaces the old one |
//! | what a provider still holds after a disturbance | the earlier ProvIDs are disconnected; if they are not known (unanswered Connect, own restart), DisconnectMe, then Connect |
//! | before the first value | the substitute with its quality; without one, out of service |
//! | deactivated connection | as after a disturbance: the substitute, or the last value |
//! | limits of a device | hold for all its LDevs together; connections of type "acyclic HMI" count apart from those of links |
//! | answers that would be too large | 1 MiB; elements beyond have `CBA_E_SIZEEXCEEDED`, GetConnectionData answers `S_FALSE` with what fits; a question for more than 16,384 elements is refused as a whole with the same code |
//! | removed connection | the item is released; what it then shows is the owner's affair |

use std::time::Duration;

use crate::wire::cba::{Qos, QosType};

/// Convention 11: update intervals of acyclic connections, milliseconds.
pub const ACYCLIC_MILLIS: [u16; 5] = [50, 100, 200, 500, 1000];
/// Convention 11: transmission intervals of cyclic connections, milliseconds.
pub const CYCLIC_MILLIS: [u16; 17] = [1, 2, 4, 8, 10, 16, 20, 32, 50, 64, 100, 128, 200, 256, 500, 512, 1000];
/// Convention 13: pause before a failed connection is tried again.
pub const RETRY_PAUSE: Duration = Duration::from_secs(5);
/// Section 7.6: how long a call at a partner may take.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(5);
/// Convention 16: ping factor of a new device; the period is this many seconds.
pub const DEFAULT_PING_FACTOR: u16 = 10;
/// Section 7.3: a failed OnDataChanged is repeated this often before the consumer is dropped.
pub const DATA_RETRIES: u32 = 2;
/// Pause before OnDataChanged is repeated.
pub const DATA_RETRY_PAUSE: Duration = Duration::from_secs(1);
/// A consumer's OnDataChanged carries at most about this many bytes; the rest goes into the next call.
pub const DATA_BUFFER_BYTES: usize = 32 * 1024;
/// One Connect call carries at most this many items.
pub const CONNECT_CHUNK: usize = 1000;
/// Bytes a string is counted with against the limits of a device: 4 and 2 × 32 characters.
pub const ESTIMATED_TEXT_BYTES: usize = 68;
/// A partner of which nothing is left is told so this often at most, if it does not answer.
pub const FAREWELL_ATTEMPTS: u32 = 3;
/// What a device without stated limits bears at most, connections in either direction.
pub const MAX_CONNECTIONS: usize = 65_536;
/// What a device without stated limits bears at most, partners in either direction.
pub const MAX_PARTNERS: usize = 1024;

/// How a connection is carried. Cyclic connections are carried acyclically with their transmission interval
/// as sampling interval, as long as there are no real-time frames; everything else that would have to change
/// for those begins here. Seconds become milliseconds.
pub(super) fn carried(qos: Qos) -> Qos {
    match qos.kind {
        QosType::Cyclic => Qos::new(QosType::Acyclic, qos.value),
        QosType::AcyclicSeconds => Qos::new(QosType::Acyclic, u16::try_from(qos.interval_millis()).unwrap_or(u16::MAX)),
        _ => qos,
    }
}
