//! The text that names an ACCO: `<address>!<LDev>` (wire spec 1.3).

use std::fmt;
use std::net::Ipv4Addr;

use super::convention;
use crate::model::Name;
use crate::wire::cba::convention::{partner_name, split_partner};

/// Where an ACCO is: its device, and the LDev in it.
///
/// Written `192.168.0.12!Filler`; a device that shares its address with others, as virtual devices do where there is only one
/// loopback address, is told from them by the port of its resolver: `127.0.0.1[41351]!Filler`
/// ([`convention`]).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccoName {
    /// Dotted IPv4 address, or a host name.
    pub host: Name,
    /// TCP port of the device's resolver, when it is not the usual one.
    pub resolver_port: Option<u16>,
    /// LDev, case-sensitive.
    pub ldev: Name,
}

/// Why a text names no ACCO.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccoNameError {
    /// There is no `!` between device and LDev, more than one, or nothing beside it.
    #[error("`{0}` is not written as address!LDev")]
    Form(String),
    /// The part before the `!` holds what no address holds.
    #[error("`{0}` does not begin with an IPv4 address or a host name")]
    Host(String),
    /// What stands in brackets is no port.
    #[error("`{0}` has no port of 1 to 65535 in its brackets")]
    Port(String),
}

impl AccoName {
    /// The ACCO of an LDev at an IPv4 address.
    pub fn at(ip: Ipv4Addr, ldev: impl Into<Name>) -> Self {
        Self { host: ip.to_string().into(), resolver_port: None, ldev: ldev.into() }
    }

    /// Reads the text.
    ///
    /// # Errors
    /// The part that is missing or malformed.
    pub fn parse(text: &str) -> Result<Self, AccoNameError> {
        let excerpt = || text.chars().take(80).collect::<String>();
        let (device, ldev) = split_partner(text).ok_or_else(|| AccoNameError::Form(excerpt()))?;
        let (open, close) = convention::PORT_BRACKETS;
        let (host, resolver_port) = match device.strip_suffix(close).map(|rest| rest.rsplit_once(open)) {
            None => (device, None),
            Some(None) => return Err(AccoNameError::Port(excerpt())),
            Some(Some((host, port))) => {
                let digits = port.bytes().all(|byte| byte.is_ascii_digit());
                let port = port.parse().ok().filter(|port| digits && *port != 0);
                (host, Some(port.ok_or_else(|| AccoNameError::Port(excerpt()))?))
            }
        };
        let host_character = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
        if host.is_empty() || !host.chars().all(host_character) {
            return Err(AccoNameError::Host(excerpt()));
        }
        Ok(Self { host: host.into(), resolver_port, ldev: ldev.into() })
    }

    /// The address, unless the device is named by a host name.
    pub fn ip(&self) -> Option<Ipv4Addr> {
        self.host.parse().ok()
    }
}

impl fmt::Display for AccoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, close) = convention::PORT_BRACKETS;
        match self.resolver_port {
            None => f.write_str(&partner_name(&self.host, &self.ldev)),
            Some(port) => f.write_str(&partner_name(&format!("{}{open}{port}{close}", self.host), &self.ldev)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read_and_written() {
        for (text, host, port, ldev) in [
            ("192.168.0.12!Filler", "192.168.0.12", None, "Filler"),
            ("127.0.0.1[41351]!Filler", "127.0.0.1", Some(41351), "Filler"),
            ("filler-1.plant!Drive", "filler-1.plant", None, "Drive"),
        ] {
            let name = AccoName::parse(text).unwrap();
            assert_eq!((name.host.as_str(), name.resolver_port, name.ldev.as_str()), (host, port, ldev));
            assert_eq!(name.to_string(), text);
        }
        assert_eq!(AccoName::at(Ipv4Addr::new(10, 0, 0, 1), "A").ip(), Some(Ipv4Addr::new(10, 0, 0, 1)));
    }

    #[test]
    fn wrong_texts_are_refused() {
        use AccoNameError as E;
        type Case = (&'static str, fn(String) -> E);
        let cases: [Case; 10] = [
            ("", E::Form),
            ("192.168.0.12", E::Form),
            ("!Filler", E::Form),
            ("a b!Filler", E::Host),
            ("[41351]!Filler", E::Host),
            ("10.0.0.1[]!Filler", E::Port),
            ("10.0.0.1[0]!Filler", E::Port),
            ("10.0.0.1[70000]!Filler", E::Port),
            ("10.0.0.1]!Filler", E::Port),
            ("10.0.0.1!", E::Form),
        ];
        for (text, error) in cases {
            assert_eq!(AccoName::parse(text), Err(error(text.into())), "{text}");
        }
    }
}
