//! Items for the tests of both machines.

use std::sync::Arc;
use std::time::Duration;

use super::{ItemInfo, ItemKey, ItemSpace, Sample};
use crate::wire::cba::{HResult, Quality, TypeDesc};
use crate::wire::variant::Elements;
use crate::wire::{VarType, Variant};

pub(super) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Input,
    Output,
}

pub(super) struct Item {
    pub name: &'static str,
    pub desc: Arc<TypeDesc>,
    pub value: Variant,
    pub quality: Quality,
    pub direction: Direction,
}

/// A logical device with a mixer (outputs) and a valve (inputs).
pub(super) struct Items {
    pub items: Vec<Item>,
}

impl Items {
    pub(super) fn new() -> Self {
        let scalar = |vt| Arc::new(TypeDesc::Scalar(vt));
        let array = Arc::new(TypeDesc::Array { element: VarType::I4, dims: vec![3] });
        let recipe =
            Arc::new(TypeDesc::Structure(vec![TypeDesc::Scalar(VarType::R4), TypeDesc::Scalar(VarType::BOOL)]));
        let table = [
            ("Mixer.Speed", "Valve.SetSpeed", scalar(VarType::I2)),
            ("Mixer.Ready", "Valve.Enable", scalar(VarType::BOOL)),
            ("Mixer.Level", "Valve.Level", scalar(VarType::R4)),
            ("Mixer.Text", "Valve.Text", scalar(VarType::BSTR)),
            ("Mixer.Arr", "Valve.Arr", array),
            ("Mixer.Recipe", "Valve.Recipe", recipe),
        ];
        let item = |name, desc: &Arc<TypeDesc>, direction| Item {
            name,
            value: desc.zero(),
            desc: desc.clone(),
            quality: Quality::GOOD,
            direction,
        };
        let items = table
            .iter()
            .flat_map(|(output, input, desc)| {
                [item(output, desc, Direction::Output), item(input, desc, Direction::Input)]
            })
            .collect();
        Self { items }
    }

    pub(super) fn set(&mut self, name: &str, value: Variant) {
        self.items.iter_mut().find(|item| item.name == name).unwrap().value = value;
    }

    pub(super) fn set_quality(&mut self, quality: Quality) {
        self.items.iter_mut().for_each(|item| item.quality = quality);
    }

    pub(super) fn name(&self, key: ItemKey) -> &'static str {
        self.items[key.0 as usize].name
    }
}

impl ItemSpace for Items {
    fn has_rtauto(&self, name: &str) -> bool {
        matches!(name, "Mixer" | "Valve")
    }

    fn find(&self, item: &str) -> Result<ItemInfo, HResult> {
        let rtauto = item.split('.').next().unwrap_or_default();
        if !self.has_rtauto(rtauto) {
            return Err(HResult::CBA_E_UNKNOWNOBJECT);
        }
        let index = self.items.iter().position(|known| known.name == item).ok_or(HResult::CBA_E_UNKNOWNMEMBER)?;
        let item = &self.items[index];
        Ok(ItemInfo {
            key: ItemKey(u32::try_from(index).unwrap()),
            desc: item.desc.clone(),
            readable: item.direction == Direction::Output,
            writable: item.direction == Direction::Input,
        })
    }

    fn sample(&self, item: ItemKey) -> Sample<'_> {
        let item = &self.items[item.0 as usize];
        Sample { value: &item.value, quality: item.quality }
    }
}

/// A structure value of `Mixer.Recipe`.
pub(super) fn recipe(mass: f32, hot: bool) -> Variant {
    Variant::vector(Elements::Variant(vec![Variant::R4(mass), Variant::Bool(hot)]))
}
