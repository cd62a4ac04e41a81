//! DUALSTRINGARRAY: where a resolver or an exporter can be reached, and with which security
//! (protocol notes 3.2).
//!
//! ```text
//! [u32 max_count = wNumEntries, as an NDR argument only]
//! u16 wNumEntries   u16 units that follow
//! u16 wSecurityOffset   index of the security part
//! n × { u16 tower id, UTF-16 address, NUL }  u16 0
//! n × { u16 authn_svc, u16 authz_svc, UTF-16 principal, NUL }  u16 0
//! ```
//!
//! An address is `192.168.0.12` or, with a port, `192.168.0.12[49155]`.

use std::fmt;

use crate::wire::WireError;
use crate::wire::ndr::{ByteOrder, NdrReader, NdrWriter};

/// Tower id of TCP (`ncacn_ip_tcp`).
pub const TOWER_TCP: u16 = 7;

/// One way to reach a peer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StringBinding {
    /// Protocol, [`TOWER_TCP`] for all that matters here; not 0.
    pub tower_id: u16,
    /// `host` or `host[port]`.
    pub address: String,
}

impl StringBinding {
    /// TCP at a host, with a port unless the well-known one is meant.
    pub fn tcp(host: impl fmt::Display, port: Option<u16>) -> Self {
        Self {
            tower_id: TOWER_TCP,
            address: match port {
                Some(port) => format!("{host}[{port}]"),
                None => host.to_string(),
            },
        }
    }

    /// Host and port of a TCP binding. `None` for another protocol, an empty host or a port that is not
    /// a number from 1 to 65,535.
    pub fn endpoint(&self) -> Option<(&str, Option<u16>)> {
        if self.tower_id != TOWER_TCP {
            return None;
        }
        let (host, port) = match self.address.strip_suffix(']') {
            Some(rest) => {
                let (host, port) = rest.rsplit_once('[')?;
                let digits = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
                let port = port.parse().ok().filter(|port| digits && *port != 0)?;
                (host, Some(port))
            }
            None => (self.address.as_str(), None),
        };
        (!host.is_empty()).then_some((host, port))
    }
}

/// One security provider on offer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SecurityBinding {
    /// Provider: 9 SPNEGO, 10 NTLM; not 0.
    pub authn_svc: u16,
    /// 0xffff.
    pub authz_svc: u16,
    /// Who the server is; usually empty.
    pub principal: String,
}

/// Bindings of a resolver or an exporter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct DualStringArray {
    /// Ways to reach it, best first.
    pub strings: Vec<StringBinding>,
    /// Security on offer; empty without security.
    pub security: Vec<SecurityBinding>,
}

impl DualStringArray {
    /// One TCP address and no security.
    pub fn tcp(host: impl fmt::Display, port: Option<u16>) -> Self {
        Self { strings: vec![StringBinding::tcp(host, port)], security: Vec::new() }
    }

    /// The usable TCP endpoints, in order.
    pub fn endpoints(&self) -> impl Iterator<Item = (&str, Option<u16>)> {
        self.strings.iter().filter_map(StringBinding::endpoint)
    }

    /// Reads the packed form, as inside an OBJREF.
    ///
    /// # Errors
    /// Truncated, a security offset outside, a string without its end.
    pub fn read_packed(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        let n = r.u16("wNumEntries")?;
        Self::read_entries(r, n)
    }

    /// Reads the form of an NDR argument, with `max_count`.
    ///
    /// # Errors
    /// As [`read_packed`](Self::read_packed), and a `max_count` that differs from the entries.
    pub fn read_argument(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        let at = r.position();
        let max_count = r.u32("DUALSTRINGARRAY max_count")?;
        let n = r.u16("wNumEntries")?;
        if max_count != u32::from(n) {
            return Err(WireError::Malformed {
                at,
                what: "DUALSTRINGARRAY max_count",
                why: "differs from wNumEntries",
            });
        }
        Self::read_entries(r, n)
    }

    fn read_entries(r: &mut NdrReader<'_>, n: u16) -> Result<Self, WireError> {
        let at_security = r.position();
        let security_offset = r.u16("wSecurityOffset")?;
        if security_offset > n {
            return Err(WireError::Malformed {
                at: at_security,
                what: "wSecurityOffset",
                why: "points behind the last entry",
            });
        }
        let mut units =
            Units { at: r.position(), rest: r.take(usize::from(n) * 2, "DUALSTRINGARRAY")?, order: r.order() };
        let mut strings = units.split(usize::from(security_offset));
        let mut array = Self::default();
        while let Some(tower_id) = strings.next().filter(|id| *id != 0) {
            array.strings.push(StringBinding { tower_id, address: strings.text("string binding")? });
        }
        while let Some(authn_svc) = units.next().filter(|id| *id != 0) {
            let authz_svc = units.next().unwrap_or(0);
            array.security.push(SecurityBinding { authn_svc, authz_svc, principal: units.text("security binding")? });
        }
        Ok(array)
    }

    /// Writes the packed form. Bindings that no longer fit into 65,535 units, and those of tower or
    /// provider 0, which would end the list, are left out.
    pub fn write_packed(&self, w: &mut NdrWriter) {
        let (units, security_offset) = self.units();
        w.u16(u16::try_from(units.len()).unwrap_or(u16::MAX));
        w.u16(security_offset);
        for unit in units {
            w.u16(unit);
        }
    }

    /// Writes the form of an NDR argument, with `max_count`.
    pub fn write_argument(&self, w: &mut NdrWriter) {
        let (units, _) = self.units();
        w.count(units.len());
        self.write_packed(w);
    }

    fn units(&self) -> (Vec<u16>, u16) {
        let mut units = Vec::new();
        let push = |head: &[u16], text: &str, units: &mut Vec<u16>| {
            let text = text.split('\0').next().unwrap_or_default();
            let length = head.len() + text.encode_utf16().count() + 1;
            // Two more units end both lists.
            if units.len() + length + 2 <= usize::from(u16::MAX) && head.first() != Some(&0) {
                units.extend_from_slice(head);
                units.extend(text.encode_utf16());
                units.push(0);
            }
        };
        for binding in &self.strings {
            push(&[binding.tower_id], &binding.address, &mut units);
        }
        units.push(0);
        let security_offset = u16::try_from(units.len()).unwrap_or(u16::MAX);
        for binding in &self.security {
            push(&[binding.authn_svc, binding.authz_svc], &binding.principal, &mut units);
        }
        units.push(0);
        (units, security_offset)
    }
}

impl fmt::Display for DualStringArray {
    /// The addresses, separated by commas.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, binding) in self.strings.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}{}", binding.address)?;
        }
        Ok(())
    }
}

/// The u16 units of one of the two lists.
struct Units<'a> {
    at: usize,
    rest: &'a [u8],
    order: ByteOrder,
}

impl<'a> Units<'a> {
    /// Takes off the first `n` units, or what there is.
    fn split(&mut self, n: usize) -> Units<'a> {
        let (head, rest) = self.rest.split_at((n * 2).min(self.rest.len()));
        let first = Units { at: self.at, rest: head, order: self.order };
        self.at += head.len();
        self.rest = rest;
        first
    }

    fn text(&mut self, what: &'static str) -> Result<String, WireError> {
        let at = self.at;
        let mut units = Vec::new();
        loop {
            match self.next() {
                Some(0) => break,
                Some(unit) => units.push(unit),
                None => {
                    return Err(WireError::Malformed { at, what, why: "the text does not end" });
                }
            }
        }
        Ok(String::from_utf16_lossy(&units))
    }
}

impl Iterator for Units<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        let (unit, rest) = self.rest.split_first_chunk::<2>()?;
        self.rest = rest;
        self.at += 2;
        Some(match self.order {
            ByteOrder::Little => u16::from_le_bytes(*unit),
            ByteOrder::Big => u16::from_be_bytes(*unit),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Resolver of 192.168.0.11 as printed in the protocol notes, 3.2.
    const RESOLVER: [u8; 36] = [
        0x10, 0, 0x0f, 0, 7, 0, // 16 units, security at 15, TCP
        0x31, 0, 0x39, 0, 0x32, 0, 0x2e, 0, 0x31, 0, 0x36, 0, 0x38, 0, 0x2e, 0, // 192.168.
        0x30, 0, 0x2e, 0, 0x31, 0, 0x31, 0, 0, 0, // 0.11
        0, 0, 0, 0, // both ends
    ];

    #[test]
    fn packed_form_matches_the_example() {
        let array = DualStringArray::tcp("192.168.0.11", None);
        let mut w = NdrWriter::new();
        array.write_packed(&mut w);
        assert_eq!(w.as_bytes(), RESOLVER);
        let mut r = NdrReader::new(&RESOLVER, ByteOrder::Little);
        assert_eq!(DualStringArray::read_packed(&mut r), Ok(array));
        assert_eq!(r.remaining(), 0);
    }

    #[test]
    fn endpoints_of_addresses() {
        let endpoint = |tower_id, address: &str| {
            StringBinding { tower_id, address: address.to_owned() }
                .endpoint()
                .map(|(host, port)| (host.to_owned(), port))
        };
        assert_eq!(endpoint(7, "192.168.0.12[49155]"), Some(("192.168.0.12".to_owned(), Some(49155))));
        assert_eq!(endpoint(7, "pump-1"), Some(("pump-1".to_owned(), None)));
        assert_eq!(endpoint(7, "fe80::1[135]"), Some(("fe80::1".to_owned(), Some(135))));
        for bad in ["", "[1]", "a[]", "a[0]", "a[65536]", "a[+1]", "a[x]", "a]"] {
            assert_eq!(endpoint(7, bad), None, "{bad}");
        }
        assert_eq!(endpoint(15, "\\\\PIPE"), None, "named pipe");
        assert_eq!(DualStringArray::tcp("10.0.0.1", Some(49155)).to_string(), "10.0.0.1[49155]");
    }

    #[test]
    fn security_of_a_foreign_peer_is_kept() {
        let array = DualStringArray {
            strings: vec![StringBinding::tcp("pc", None), StringBinding { tower_id: 0x1f, address: "x".to_owned() }],
            security: vec![
                SecurityBinding { authn_svc: 10, authz_svc: 0xffff, principal: String::new() },
                SecurityBinding { authn_svc: 9, authz_svc: 0xffff, principal: "host/pc".to_owned() },
            ],
        };
        let mut w = NdrWriter::new();
        array.write_argument(&mut w);
        let mut r = NdrReader::new(w.as_bytes(), ByteOrder::Little);
        assert_eq!(DualStringArray::read_argument(&mut r), Ok(array));
    }

    #[test]
    fn lies_are_refused() {
        for (at, value) in [(0, 17), (0, 0x0e), (2, 0x11)] {
            let mut bytes = RESOLVER;
            bytes[at] = value;
            let mut r = NdrReader::new(&bytes, ByteOrder::Little);
            assert!(DualStringArray::read_packed(&mut r).is_err(), "{at} {value}");
        }
        for n in 0..RESOLVER.len() {
            let mut r = NdrReader::new(&RESOLVER[..n], ByteOrder::Little);
            assert!(DualStringArray::read_packed(&mut r).is_err(), "{n}");
        }
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..120), big: bool) {
            let order = if big { ByteOrder::Big } else { ByteOrder::Little };
            let _ = DualStringArray::read_packed(&mut NdrReader::new(&bytes, order));
            let _ = DualStringArray::read_argument(&mut NdrReader::new(&bytes, order));
        }

        #[test]
        fn texts_round_trip(
            addresses in prop::collection::vec(("[^\\x00]{0,40}", 1_u16..), 0..5),
            principals in prop::collection::vec("[^\\x00]{0,10}", 0..3),
        ) {
            let array = DualStringArray {
                strings: addresses
                    .into_iter()
                    .map(|(address, tower_id)| StringBinding { tower_id, address })
                    .collect(),
                security: principals
                    .into_iter()
                    .map(|principal| SecurityBinding { authn_svc: 10, authz_svc: 0xffff, principal })
                    .collect(),
            };
            let mut w = NdrWriter::new();
            array.write_argument(&mut w);
            let mut r = NdrReader::new(w.as_bytes(), ByteOrder::Little);
            prop_assert_eq!(DualStringArray::read_argument(&mut r), Ok(array));
        }
    }
}
