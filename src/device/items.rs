//! The items of a logical device: every port with its present value, quality and time.
//!
//! Values are kept as they travel (VARIANT), because most are sampled far more often than a script or a client touches them. A
//! member of a structure is an item of its own, `RTAuto.Port.member`, that looks into its structure's value.

use std::collections::HashMap;
use std::sync::Arc;

use crate::binding::{self, BindingError};
use crate::model::{Direction, LogicalDevice, Name, Port, Value, ValueType};
use crate::proto::acco::{ItemInfo, ItemKey, ItemSpace, Sample};
use crate::wire::Variant;
use crate::wire::cba::convention::{item_name, split_item};
use crate::wire::cba::{FileTime, HResult, Quality, TypeDesc};
use crate::wire::variant::Elements;

/// A port and its value.
#[derive(Debug)]
struct Slot {
    port: Arc<Port>,
    value: Variant,
    quality: Quality,
    time: FileTime,
    /// Counts up with every change of the value, over all slots.
    stamp: u64,
    /// A connection decides on the value.
    fed: bool,
}

/// What an item name leads to: a port, or a member of its structure.
#[derive(Debug)]
struct Entry {
    slot: usize,
    /// Index of the member in each structure on the way; empty for the port itself.
    path: Vec<usize>,
    desc: Arc<TypeDesc>,
    value_type: ValueType,
}

/// An RTAuto with its ports, as indexes of slots.
#[derive(Debug)]
pub(super) struct RtAutoItems {
    pub(super) name: Name,
    pub(super) first_slot: usize,
    pub(super) n_slots: usize,
}

/// All items of a logical device.
#[derive(Debug)]
pub(super) struct Items {
    rtautos: Vec<RtAutoItems>,
    slots: Vec<Slot>,
    entries: Vec<Entry>,
    by_name: HashMap<String, u32>,
    /// Unless the LDev operates, every value is out of service.
    operating: bool,
    last_stamp: u64,
}

/// An item as ReadItems answers it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    pub(super) value: Variant,
    pub(super) quality: Quality,
    pub(super) time: FileTime,
}

impl Items {
    /// The items of an LDev at their initial values.
    ///
    /// # Errors
    /// A port's type cannot be described on the wire.
    pub(super) fn new(described: &LogicalDevice, time: FileTime) -> Result<Self, BindingError> {
        let mut items = Self {
            rtautos: Vec::new(),
            slots: Vec::new(),
            entries: Vec::new(),
            by_name: HashMap::new(),
            operating: false,
            last_stamp: 1,
        };
        for rtauto in &described.rtautos {
            let first_slot = items.slots.len();
            for port in &rtauto.ports {
                let desc = Arc::new(binding::type_desc(&port.value_type)?);
                let slot = items.slots.len();
                items.add_entry(item_name(&rtauto.name, &port.name), slot, Vec::new(), desc, &port.value_type);
                items.slots.push(Slot {
                    value: binding::to_variant(&port.initial_value(), &port.value_type)
                        .or_else(|_| binding::to_variant(&port.value_type.zero(), &port.value_type))?,
                    port: Arc::new(port.clone()),
                    quality: Quality::GOOD,
                    time,
                    stamp: 1,
                    fed: false,
                });
            }
            let n_slots = items.slots.len() - first_slot;
            items.rtautos.push(RtAutoItems { name: rtauto.name.clone(), first_slot, n_slots });
        }
        Ok(items)
    }

    fn add_entry(&mut self, name: String, slot: usize, path: Vec<usize>, desc: Arc<TypeDesc>, value_type: &ValueType) {
        if let (TypeDesc::Structure(parts), ValueType::Struct(structure)) = (&*desc, value_type) {
            for (index, (member, part)) in structure.members.iter().zip(parts).enumerate() {
                let member_path = path.iter().copied().chain([index]).collect();
                let part = Arc::new(part.clone());
                self.add_entry(format!("{name}.{}", member.name), slot, member_path, part, &member.value_type);
            }
        }
        let Ok(key) = u32::try_from(self.entries.len()) else { return };
        self.by_name.insert(name, key);
        self.entries.push(Entry { slot, path, desc, value_type: value_type.clone() });
    }

    pub(super) fn rtautos(&self) -> &[RtAutoItems] {
        &self.rtautos
    }

    pub(super) fn rtauto(&self, name: &str) -> Option<&RtAutoItems> {
        self.rtautos.iter().find(|rtauto| rtauto.name == name)
    }

    /// The ports of an RTAuto, with their slots.
    pub(super) fn ports(&self, rtauto: &RtAutoItems) -> impl Iterator<Item = (usize, &Arc<Port>)> {
        let slots = self.slots.iter().enumerate().skip(rtauto.first_slot).take(rtauto.n_slots);
        slots.map(|(slot, held)| (slot, &held.port))
    }

    pub(super) fn set_operating(&mut self, operating: bool) {
        self.operating = operating;
    }

    /// The stamp of the last change; what changes later has a greater one.
    pub(super) fn last_stamp(&self) -> u64 {
        self.last_stamp
    }

    /// The value of a port, if it changed after `stamp`.
    pub(super) fn changed_since(&self, slot: usize, stamp: u64) -> Option<Value> {
        let held = self.slots.get(slot).filter(|held| held.stamp > stamp)?;
        binding::from_variant(&held.value, &held.port.value_type).ok()
    }

    /// The device itself sets a port: its script, or its owner.
    ///
    /// # Errors
    /// The value is not one of the port's type.
    pub(super) fn set(&mut self, slot: usize, value: &Value, time: FileTime) -> Result<(), BindingError> {
        let Some(held) = self.slots.get_mut(slot) else { return Ok(()) };
        let value = binding::to_variant(value, &held.port.value_type)?;
        self.last_stamp += 1;
        held.value = value;
        held.quality = Quality::GOOD;
        held.time = time;
        held.stamp = self.last_stamp;
        Ok(())
    }

    /// As [`set`](Self::set), by name.
    ///
    /// # Errors
    /// As [`ItemSpace::find`]; `CBA_E_UNKNOWNMEMBER` for a member of a structure, `CBA_E_TYPEMISMATCH`.
    pub(super) fn set_named(&mut self, item: &str, value: &Value, time: FileTime) -> Result<(), HResult> {
        let (_, entry) = self.lookup(item)?;
        if !entry.path.is_empty() {
            return Err(HResult::CBA_E_UNKNOWNMEMBER);
        }
        self.set(entry.slot, value, time).map_err(|_| HResult::CBA_E_TYPEMISMATCH)
    }

    /// A connection delivers a value to an input; `None` keeps the last one.
    pub(super) fn deliver(&mut self, key: ItemKey, value: Option<Variant>, quality: Quality, time: FileTime) {
        let Some(entry) = self.entry(key) else { return };
        let (slot, path) = (entry.slot, entry.path.clone());
        if value.as_ref().is_some_and(|value| !entry.desc.accepts(value)) {
            return;
        }
        let stamp = self.last_stamp + 1;
        let Some(held) = self.slots.get_mut(slot) else { return };
        held.fed = true;
        held.quality = quality;
        held.time = time;
        if let Some(value) = value
            && replace(&mut held.value, &path, value)
        {
            held.stamp = stamp;
            self.last_stamp = stamp;
        }
    }

    /// No connection feeds the item any more: it goes back to where it was at the start.
    pub(super) fn release(&mut self, key: ItemKey, time: FileTime) {
        let Some(slot) = self.entry(key).map(|entry| entry.slot) else { return };
        let Some(held) = self.slots.get_mut(slot) else { return };
        held.fed = false;
        let initial = held.port.initial_value();
        // An initial value that is none of the type was replaced at the start, and is left alone here.
        if self.set(slot, &initial, time).is_err()
            && let Some(held) = self.slots.get_mut(slot)
        {
            held.quality = Quality::GOOD;
        }
    }

    /// ReadItems.
    ///
    /// # Errors
    /// As [`ItemSpace::find`]; `CBA_E_ACCESSBLOCKED` for a port that clients may not read.
    pub(super) fn read(&self, item: &str) -> Result<Reading, HResult> {
        let (key, entry) = self.lookup(item)?;
        let held = self.slots.get(entry.slot).ok_or(HResult::CBA_E_UNKNOWNMEMBER)?;
        if !held.port.readable {
            return Err(HResult::CBA_E_ACCESSBLOCKED);
        }
        let Sample { value, quality } = self.sample(key);
        Ok(Reading { value: value.clone(), quality, time: held.time })
    }

    /// WriteItems and WriteItemsQCD.
    ///
    /// # Errors
    /// As [`ItemSpace::find`]; `CBA_E_ACCESSBLOCKED` for a port that clients may not write or that a connection feeds,
    /// `CBA_E_TYPEMISMATCH` for a value of another type, `CBA_E_ITEMTOOLARGE` for a text that is longer than the port takes.
    pub(super) fn write(
        &mut self,
        item: &str,
        value: Option<&Variant>,
        quality: Quality,
        time: FileTime,
    ) -> Result<(), HResult> {
        let (_, entry) = self.lookup(item)?;
        let value = value.filter(|value| entry.desc.accepts(value)).ok_or(HResult::CBA_E_TYPEMISMATCH)?;
        let (slot, path) = (entry.slot, entry.path.clone());
        let held = self.slots.get_mut(slot).ok_or(HResult::CBA_E_UNKNOWNMEMBER)?;
        if !held.port.writable || held.port.constant || held.fed {
            return Err(HResult::CBA_E_ACCESSBLOCKED);
        }
        if path.is_empty() && longest_text(value) > held.port.max_len.map_or(usize::MAX, usize::from) {
            return Err(HResult::CBA_E_ITEMTOOLARGE);
        }
        if !replace(&mut held.value, &path, value.clone()) {
            return Err(HResult::CBA_E_UNKNOWNMEMBER);
        }
        self.last_stamp += 1;
        held.quality = quality;
        held.time = time;
        held.stamp = self.last_stamp;
        Ok(())
    }

    /// The type of an item in the words of the plan.
    pub(super) fn value_type(&self, item: &str) -> Option<&ValueType> {
        self.lookup(item).ok().map(|(_, entry)| &entry.value_type)
    }

    /// The name of an RTAuto's item by its position.
    pub(super) fn item_of(&self, rtauto: &RtAutoItems, index: usize) -> Option<String> {
        let (_, port) = self.ports(rtauto).nth(index)?;
        Some(item_name(&rtauto.name, &port.name))
    }

    fn lookup(&self, item: &str) -> Result<(ItemKey, &Entry), HResult> {
        let found = self.by_name.get(item).and_then(|key| Some((ItemKey(*key), self.entry(ItemKey(*key))?)));
        found.ok_or_else(|| match split_item(item) {
            None => HResult::CBA_E_MALFORMED,
            Some((rtauto, _)) if self.rtauto(rtauto).is_none() => HResult::CBA_E_UNKNOWNOBJECT,
            Some(_) => HResult::CBA_E_UNKNOWNMEMBER,
        })
    }

    fn entry(&self, key: ItemKey) -> Option<&Entry> {
        self.entries.get(usize::try_from(key.0).ok()?)
    }
}

impl ItemSpace for Items {
    fn has_rtauto(&self, name: &str) -> bool {
        self.rtauto(name).is_some()
    }

    fn find(&self, item: &str) -> Result<ItemInfo, HResult> {
        let (key, entry) = self.lookup(item)?;
        let port = &self.slots.get(entry.slot).ok_or(HResult::CBA_E_UNKNOWNMEMBER)?.port;
        Ok(ItemInfo {
            key,
            desc: Arc::clone(&entry.desc),
            // A tool watches inputs and HMI values by a subscription, too (convention 22).
            readable: port.readable || port.is_output(),
            writable: port.is_input(),
        })
    }

    fn sample(&self, item: ItemKey) -> Sample<'_> {
        const NOTHING: Sample<'static> = Sample { value: &Variant::Empty, quality: Quality::BAD_OUT_OF_SERVICE };
        let held = self.entry(item).and_then(|entry| Some((entry, self.slots.get(entry.slot)?)));
        let Some((entry, held)) = held else { return NOTHING };
        match member(&held.value, &entry.path) {
            Some(value) if self.operating => Sample { value, quality: held.quality },
            Some(value) => Sample { value, quality: Quality::BAD_OUT_OF_SERVICE },
            None => NOTHING,
        }
    }
}

/// Characters of the longest text in a value; 0 where there is none.
fn longest_text(value: &Variant) -> usize {
    let length = |text: &String| text.chars().count();
    match value {
        Variant::Bstr(text) => length(text),
        Variant::Array(array) => match array.elements() {
            Elements::Bstr(texts) => texts.iter().map(length).max().unwrap_or_default(),
            _ => 0,
        },
        _ => 0,
    }
}

fn member<'a>(value: &'a Variant, path: &[usize]) -> Option<&'a Variant> {
    path.iter().try_fold(value, |value, index| match value {
        Variant::Array(array) => match array.elements() {
            Elements::Variant(members) => members.get(*index),
            _ => None,
        },
        _ => None,
    })
}

/// Puts a value, or one member of a structure, in the place of what is there; `false` when the path leads nowhere.
fn replace(value: &mut Variant, path: &[usize], new: Variant) -> bool {
    let Some((index, rest)) = path.split_first() else {
        *value = new;
        return true;
    };
    match std::mem::take(value) {
        Variant::Array(array) => {
            let mut elements = array.into_elements();
            let done = match &mut elements {
                Elements::Variant(members) => members.get_mut(*index).is_some_and(|part| replace(part, rest, new)),
                _ => false,
            };
            // Structures have one dimension, with lower bound 0.
            *value = Variant::vector(elements);
            done
        }
        other => {
            *value = other;
            false
        }
    }
}

/// What clients may do with a port, as browsing tells it.
pub(super) fn is_visible(port: &Port) -> bool {
    port.readable || port.writable || port.connectable || port.direction == Direction::Hmi
}
