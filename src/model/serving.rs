//! Which device serves an instance on the network, and what its LDevs are called there.

use super::{Attachment, Device, Name, Plan};

impl Plan {
    /// The device whose IP address serves what runs on `device`: itself on Ethernet, its proxy on PROFIBUS.
    ///
    /// `None` when the device is not in the plan, has no proxy, or its proxy is missing or itself on PROFIBUS.
    pub fn serving_device<'a>(&'a self, device: &'a Name) -> Option<&'a Name> {
        let (name, _) = self.devices().get_key_value(device)?;
        self.server_of(name, self.devices().get(device)?)
    }

    /// [`serving_device`](Self::serving_device) for a device already at hand.
    pub(crate) fn server_of<'a>(&'a self, name: &'a Name, device: &'a Device) -> Option<&'a Name> {
        match &device.attachment {
            Attachment::Ethernet(_) => Some(name),
            Attachment::Profibus(address) => {
                let (proxy, host) = self.devices().get_key_value(address.proxy.as_ref()?)?;
                host.ethernet_address().map(|_| proxy)
            }
        }
    }

    /// The name of an LDev on the network.
    ///
    /// Our convention: it is the name of the description, except behind a proxy. There several devices of one
    /// component share one PDev, whose LDevs need names of their own: `<instance>_<LDev>`, with `_` for every
    /// character that an identifier cannot hold.
    pub fn ldev_on_network(&self, instance: &str, ldev: &str) -> Name {
        let behind_proxy = self
            .instances()
            .get(instance)
            .and_then(|instance| self.devices().get(&instance.device))
            .is_some_and(|device| device.profibus_address().is_some());
        ldev_on_network(instance, ldev, behind_proxy)
    }
}

/// [`Plan::ldev_on_network`] for an instance whose attachment is known.
pub(crate) fn ldev_on_network(instance: &str, ldev: &str, behind_proxy: bool) -> Name {
    if !behind_proxy {
        return ldev.into();
    }
    let safe: String = instance.chars().map(|c| if c == '_' || c.is_alphanumeric() { c } else { '_' }).collect();
    format!("{safe}_{ldev}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ldevs_behind_a_proxy_are_named_after_their_instance() {
        assert_eq!(ldev_on_network("Drive 1", "Drive", true), "Drive_1_Drive");
        assert_eq!(ldev_on_network("Drive 1", "Drive", false), "Drive");
    }
}
