//! ICBABrowse and ICBABrowse2: names of what an object holds (protocol notes, section 5.2). Levels and
//! element types are a convention, see [`super::convention`].

use super::codec::{U32, VariantPtr};
use super::shared::Count;
use crate::wire::Variant;

methods! {
    Browse {
        /// Number of items.
        7 GetCount "get_Count" (()) -> Count;
        /// Names, types and access rights of some items.
        8 BrowseItems "BrowseItems" (BrowseItemsRequest) -> BrowseItemsResponse;
    }
    Browse2 {
        /// Number of items of one kind.
        9 GetCount2 "get_Count2" (Selector) -> Count;
        /// Names and two properties of some items of one kind.
        10 BrowseItems2 "BrowseItems2" (BrowseItems2Request) -> BrowseItems2Response;
    }
}

arguments! {
    /// `[in]` of BrowseItems.
    BrowseItemsRequest {
        /// First item wanted.
        offset: u32 => U32,
        /// Most items wanted; 0 = all.
        max_return: u32 => U32,
    }

    /// `[out]` of BrowseItems: three arrays of equal length.
    BrowseItemsResponse {
        /// Array of BSTR.
        item_names: Option<Variant> => VariantPtr,
        /// VARTYPEs, array of I2; 0 for objects.
        data_types: Option<Variant> => VariantPtr,
        /// Array of I2: 1 read, 2 write, 3 both, 0 for objects.
        access_rights: Option<Variant> => VariantPtr,
    }

    /// `[in]` of get_Count2.
    Selector {
        /// Which kind of items.
        selector: u32 => U32,
    }

    /// `[in]` of BrowseItems2.
    BrowseItems2Request {
        /// Which kind of items.
        selector: u32 => U32,
        /// First item wanted.
        offset: u32 => U32,
        /// Most items wanted; 0 = all.
        max_return: u32 => U32,
    }

    /// `[out]` of BrowseItems2: three arrays of equal length.
    BrowseItems2Response {
        /// Array of BSTR.
        item_names: Option<Variant> => VariantPtr,
        /// First property of each item.
        info1: Option<Variant> => VariantPtr,
        /// Second property of each item.
        info2: Option<Variant> => VariantPtr,
    }
}
