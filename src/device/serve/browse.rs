//! ICBABrowse: the LDevs of a PDev, the RTAutos of an LDev, the properties of an RTAuto (convention 8).

use super::{Answer, Object, outcome, read, reply};
use crate::device::core::DeviceCore;
use crate::device::items::is_visible;
use crate::model::Port;
use crate::wire::Variant;
use crate::wire::cba::browse::{BrowseItems2Response, BrowseItemsResponse, Call};
use crate::wire::cba::convention::{ACCESS_OBJECT, ACCESS_READ, ACCESS_WRITE, BROWSE_SELECTOR_ALL};
use crate::wire::cba::shared::Count;
use crate::wire::cba::{HResult, Reply};
use crate::wire::ndr::NdrReader;
use crate::wire::variant::Elements;

/// Name, VARTYPE and access right of what an object holds.
type Item = (String, i16, i16);

pub(super) fn answer(core: &DeviceCore, object: Object, opnum: u16, stub: &mut NdrReader<'_>) -> Answer {
    let items = items_of(core, object);
    let count = Count { count: u32::try_from(items.len()).unwrap_or(u32::MAX) };
    let selected = |selector| {
        if selector == BROWSE_SELECTOR_ALL { Ok(()) } else { Err(HResult::CBA_E_INVALIDENUMVALUE) }
    };
    match read(Call::read(opnum, stub))? {
        Call::GetCount(()) => reply(Reply::ok(count)),
        Call::GetCount2(request) => outcome(selected(request.selector).map(|()| count)),
        Call::BrowseItems(request) => {
            let [item_names, data_types, access_rights] = page(&items, request.offset, request.max_return);
            reply(Reply::ok(BrowseItemsResponse { item_names, data_types, access_rights }))
        }
        Call::BrowseItems2(request) => outcome(selected(request.selector).map(|()| {
            let [item_names, info1, info2] = page(&items, request.offset, request.max_return);
            BrowseItems2Response { item_names, info1, info2 }
        })),
    }
}

fn items_of(core: &DeviceCore, object: Object) -> Vec<Item> {
    let named = |name: &str| (name.to_owned(), 0, ACCESS_OBJECT);
    let described = |index: usize| core.spec().ldevs.get(index).and_then(|ldev| ldev.described());
    match object {
        Object::PDev => core.spec().ldevs.iter().map(|ldev| named(&ldev.name)).collect(),
        Object::LDev(index) => {
            described(index).into_iter().flat_map(|ldev| &ldev.rtautos).map(|rtauto| named(&rtauto.name)).collect()
        }
        Object::RtAuto(index, rtauto) => {
            let rtauto = described(index).and_then(|ldev| ldev.rtautos.get(rtauto));
            rtauto.into_iter().flat_map(|rtauto| &rtauto.ports).filter(|port| is_visible(port)).map(property).collect()
        }
        Object::Acco(_) => Vec::new(),
    }
}

fn property(port: &Port) -> Item {
    let var_type = crate::binding::type_desc(&port.value_type).map_or(0, |desc| desc.var_type().0);
    let read = if port.readable { ACCESS_READ } else { 0 };
    let write = if port.writable { ACCESS_WRITE } else { 0 };
    // A VARTYPE has 14 bits in use, so the sign is never touched.
    (port.name.to_string(), var_type.cast_signed(), read | write)
}

fn page(items: &[Item], offset: u32, max_return: u32) -> [Option<Variant>; 3] {
    let offset = usize::try_from(offset).unwrap_or(usize::MAX);
    let most = match max_return {
        0 => usize::MAX,
        most => usize::try_from(most).unwrap_or(usize::MAX),
    };
    let page: Vec<&Item> = items.iter().skip(offset).take(most).collect();
    [
        Elements::Bstr(page.iter().map(|item| item.0.clone()).collect()),
        Elements::I2(page.iter().map(|item| item.1).collect()),
        Elements::I2(page.iter().map(|item| item.2).collect()),
    ]
    .map(|elements| Some(Variant::vector(elements)))
}
