//! What runs on each device, found once for a state of the plan.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::{Component, FunctionRef, Name, Plan};

/// What runs on one device.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeviceMembers {
    /// The component of the first instance by name; the device is what it describes.
    pub component: Option<Arc<Component>>,
    /// Technological functions, by instance.
    pub functions: Vec<FunctionRef>,
}

/// What runs on every device of a plan.
#[derive(Debug, Clone, Default)]
pub struct Members(HashMap<Name, DeviceMembers>);

impl Members {
    /// Walks all instances once.
    pub fn of(plan: &Plan) -> Self {
        let mut members: HashMap<Name, DeviceMembers> = HashMap::new();
        for (name, instance) in plan.instances() {
            let of_device = members.entry(instance.device.clone()).or_default();
            if of_device.component.is_none() {
                of_device.component = plan.components().get(&instance.component).cloned();
            }
            of_device.functions.extend(instance.functions.keys().map(|(ldev, rtauto)| FunctionRef {
                instance: name.clone(),
                ldev: ldev.clone(),
                rtauto: rtauto.clone(),
            }));
        }
        Self(members)
    }

    /// What runs on a device; nothing on one that no instance uses.
    pub fn get(&self, device: &str) -> Option<&DeviceMembers> {
        self.0.get(device)
    }

    /// The component that describes a device.
    pub fn component(&self, device: &str) -> Option<&Arc<Component>> {
        self.get(device)?.component.as_ref()
    }
}
