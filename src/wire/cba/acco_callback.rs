//! ICBAAccoCallback and ICBAAccoCallback2: the consumer's end, called by the provider (protocol notes,
//! section 5.13).

use super::codec::CountedBytes;

methods! {
    AccoCallback {
        /// Values changed.
        3 OnDataChanged "OnDataChanged" (OnDataChangedRequest) -> ();
    }
    AccoCallback2 {
        /// Ping backwards: is the consumer of a cyclic connection still there?
        4 Gnip "Gnip" (()) -> ();
    }
}

arguments! {
    /// `[in]` of OnDataChanged.
    OnDataChangedRequest {
        /// A data buffer, see [`super::data_buffer`].
        data: Vec<u8> => CountedBytes,
    }
}
