//! ICBAAccoSync: reading and writing properties directly (protocol notes, section 5.14). Items are named
//! `RTAuto.Property`.

use super::codec::{Counted, Lpwstr, Returned, U16, U32, VariantPtr};
use super::codes::HResult;
use super::filetime::FileTime;
use super::quality::Quality;
use crate::wire::Variant;

methods! {
    AccoSync {
        /// Reads items.
        3 ReadItems "ReadItems" (ReadItemsRequest) -> ReadItemsResponse;
        /// Writes items.
        4 WriteItems "WriteItems" (WriteItemsRequest) -> WriteItemsResponse;
        /// Writes items with quality and time.
        5 WriteItemsQcd "WriteItemsQCD" (WriteItemsQcdRequest) -> WriteItemsResponse;
    }
}

arguments! {
    /// `[in]` of ReadItems.
    ReadItemsRequest {
        /// Item names.
        items: Vec<String> => Counted<Lpwstr>,
    }

    /// `[out]` of ReadItems, in the order asked for.
    ReadItemsResponse {
        /// Values.
        items: Vec<ReadItemOut> => Returned<ReadItemOut>,
    }

    /// `[in]` of WriteItems.
    WriteItemsRequest {
        /// Items and values.
        items: Vec<WriteItemIn> => Counted<WriteItemIn>,
    }

    /// `[in]` of WriteItemsQCD.
    WriteItemsQcdRequest {
        /// Items and values.
        items: Vec<WriteItemQcdIn> => Counted<WriteItemQcdIn>,
    }

    /// `[out]` of WriteItems and WriteItemsQCD, in the order given.
    WriteItemsResponse {
        /// Result of each item.
        results: Vec<HResult> => Returned<U32>,
    }
}

structures! {
    /// READITEMOUT.
    ReadItemOut align 4 {
        /// Value; `None` if reading failed.
        value: Option<Variant> => VariantPtr,
        /// Quality.
        quality: Quality => U16,
        /// When the value was true.
        time: FileTime => FileTime,
        /// Result of this item.
        hr: HResult => U32,
    }

    /// WRITEITEMIN.
    WriteItemIn align 4 {
        /// Item name.
        item: String => Lpwstr,
        /// New value.
        value: Option<Variant> => VariantPtr,
    }

    /// WRITEITEMINQCD.
    WriteItemQcdIn align 4 {
        /// Item name.
        item: String => Lpwstr,
        /// New value.
        value: Option<Variant> => VariantPtr,
        /// Its quality.
        quality: Quality => U16,
        /// When it was true.
        time: FileTime => FileTime,
    }
}
