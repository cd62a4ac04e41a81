//! Ports as people say them: `Filler1.Level` where that is clear, more names where it is not.

use super::{Component, Name, Phrase, Plan, PortRef, Say};

/// Why a text does not name one port of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookupError {
    /// The text has no form `Instance.Port`, `Instance.RTAuto.Port` or `Instance.LDev.RTAuto.Port`.
    Form(String),
    /// No such instance in the plan.
    Instance(Name),
    /// The instance's component is not in the plan, so its ports are unknown.
    Component(Name),
    /// The component has no such port.
    Port {
        /// Instance.
        instance: Name,
        /// The rest of the text.
        port: String,
    },
    /// Several ports go by this name.
    Ambiguous {
        /// The text.
        text: String,
        /// One of them.
        first: PortRef,
        /// Another.
        second: PortRef,
    },
}

impl Say for LookupError {
    fn say(&self) -> Phrase {
        match self {
            Self::Form(it) => crate::say!(
                "`{it}` is not written as Instance.Port, Instance.RTAuto.Port or Instance.LDev.RTAuto.Port",
                it
            ),
            Self::Instance(it) => crate::say!("there is no instance `{it}`", it),
            Self::Component(it) => crate::say!("the component of `{it}` is missing from the project", it),
            Self::Port { instance, port } => crate::say!("`{instance}` has no port `{port}`", instance, port),
            Self::Ambiguous { text, first, second } => {
                crate::say!("`{text}` may be {first} or {second}", text, first, second)
            }
        }
    }
}

crate::error_in_words!(LookupError);

impl Plan {
    /// The shortest of `Instance.Port`, `Instance.RTAuto.Port` and the full path that names only this port.
    pub fn short_name(&self, port: &PortRef) -> String {
        let Some(component) = self.component_of(&port.instance) else { return port.to_string() };
        let same_port = |(ldev, rtauto): (&Name, &Name)| *ldev == port.ldev && *rtauto == port.rtauto;
        let owners = |rtauto_name: Option<&Name>| {
            component
                .rtautos()
                .filter(|(_, rtauto)| {
                    rtauto_name.is_none_or(|name| rtauto.name == *name) && rtauto.port(&port.port).is_some()
                })
                .map(|(ldev, rtauto)| (&ldev.name, &rtauto.name))
                .collect::<Vec<_>>()
        };
        match (owners(None).as_slice(), owners(Some(&port.rtauto)).as_slice()) {
            ([only], _) if same_port(*only) => format!("{}.{}", port.instance, port.port),
            (_, [only]) if same_port(*only) => format!("{}.{}.{}", port.instance, port.rtauto, port.port),
            _ => port.to_string(),
        }
    }

    /// The port that a text names, in any of the three forms of [`short_name`](Self::short_name).
    ///
    /// # Errors
    /// What does not exist, or between which ports the text leaves a choice.
    pub fn find_port(&self, text: &str) -> Result<PortRef, LookupError> {
        let parts: Vec<&str> = text.split('.').collect();
        let (instance, ldev, rtauto, port) = match parts.as_slice() {
            [instance, port] => (*instance, None, None, *port),
            [instance, rtauto, port] => (*instance, None, Some(*rtauto), *port),
            [instance, ldev, rtauto, port] => (*instance, Some(*ldev), Some(*rtauto), *port),
            _ => return Err(LookupError::Form(text.into())),
        };
        if !self.instances().contains_key(instance) {
            return Err(LookupError::Instance(instance.into()));
        }
        let component: &Component =
            self.component_of(instance).ok_or_else(|| LookupError::Component(instance.into()))?;
        let mut found = component
            .rtautos()
            .filter(|(owner, _)| ldev.is_none_or(|name| owner.name == name))
            .filter(|(_, owner)| rtauto.is_none_or(|name| owner.name == name))
            .filter(|(_, owner)| owner.port(port).is_some())
            .map(|(ldev, rtauto)| PortRef::new(instance, ldev.name.clone(), rtauto.name.clone(), port));
        match (found.next(), found.next()) {
            (Some(only), None) => Ok(only),
            (Some(first), Some(second)) => Err(LookupError::Ambiguous { text: text.into(), first, second }),
            (None, _) => {
                Err(LookupError::Port { instance: instance.into(), port: parts.get(1..).unwrap_or_default().join(".") })
            }
        }
    }
}
