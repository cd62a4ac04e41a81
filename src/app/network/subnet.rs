//! A subnet as it is typed.

use std::net::Ipv4Addr;

use crate::model::{Name, NameError, Phrase, Plan, Say, Subnet, check_instance_name};

/// Why what was typed makes no subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubnetError {
    /// The name cannot be one.
    Name(NameError),
    /// The name is taken.
    Taken(Name),
    /// No address with a prefix.
    Range(String),
    /// Bits of hosts are set in the network address.
    Begins(Ipv4Addr, u32, Ipv4Addr),
    /// The range has addresses in common with another.
    Overlaps(Name),
}

impl Say for SubnetError {
    fn say(&self) -> Phrase {
        match self {
            Self::Name(it) => it.say(),
            Self::Taken(it) => crate::say!("there is a subnet {it} already", it),
            Self::Range(it) => crate::say!("`{it}` is no range; write 192.168.0.0/24 or 192.168.0.0 255.255.255.0", it),
            Self::Begins(address, bits, network) => {
                crate::say!("the range {address}/{bits} begins at {network}", address, bits, network)
            }
            Self::Overlaps(it) => crate::say!("it overlaps with subnet {it}", it),
        }
    }
}

crate::error_in_words!(SubnetError);

impl From<NameError> for SubnetError {
    fn from(it: NameError) -> Self {
        Self::Name(it)
    }
}

/// A new subnet of a plan from its name, its range (`192.168.0.0/24`, or address and mask with a blank between) and a remark.
///
/// # Errors
/// What is wrong with it.
pub fn read_subnet(plan: &Plan, name: &str, range: &str, comment: &str) -> Result<(Name, Subnet), SubnetError> {
    let name = Name::new(name.trim());
    check_instance_name(&name)?;
    if plan.subnets().contains_key(&name) {
        return Err(SubnetError::Taken(name));
    }
    let range = range.trim();
    let parts = range.split_once(['/', ' ']);
    let read = parts.and_then(|(address, mask)| Some((address.trim().parse::<Ipv4Addr>().ok()?, read_mask(mask)?)));
    let Some((address, mask)) = read.filter(|(_, mask)| is_mask(*mask)) else {
        return Err(SubnetError::Range(range.to_owned()));
    };
    let network = Ipv4Addr::from_bits(address.to_bits() & mask.to_bits());
    if network != address {
        return Err(SubnetError::Begins(address, mask.to_bits().count_ones(), network));
    }
    let subnet = Subnet { address, mask, comment: comment.trim().into() };
    let overlaps = |other: &Subnet| other.contains(address) || subnet.contains(other.address);
    if let Some((other, _)) = plan.subnets().iter().find(|(_, other)| overlaps(other)) {
        return Err(SubnetError::Overlaps(other.clone()));
    }
    Ok((name, subnet))
}

/// A mask as `255.255.255.0`, `/24` or `24`; whether its bits are in a row is not looked at.
pub(super) fn read_mask(text: &str) -> Option<Ipv4Addr> {
    let text = text.trim();
    let digits = text.strip_prefix('/').unwrap_or(text).trim();
    if let Ok(prefix) = digits.parse::<u32>() {
        let bits = u32::MAX.checked_shl(32_u32.checked_sub(prefix)?).unwrap_or(0);
        return Some(Ipv4Addr::from_bits(bits));
    }
    text.parse().ok()
}

/// Whether a mask is one: ones first, then zeros, and neither all of them zeros.
pub(super) fn is_mask(mask: Ipv4Addr) -> bool {
    let bits = mask.to_bits();
    bits != 0 && bits.leading_ones() + bits.trailing_zeros() == 32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    #[test]
    fn ranges_are_read() {
        let plan = fixture::plan("subnet plant 192.168.0.0/24");
        for (text, shown) in [
            ("10.0.0.0/8", "10.0.0.0 255.0.0.0"),
            (" 10.1.0.0 255.255.0.0 ", "10.1.0.0 255.255.0.0"),
            ("10.1.2.4 / 30", "10.1.2.4 255.255.255.252"),
        ] {
            let (name, subnet) = read_subnet(&plan, " office ", text, " second floor ").unwrap();
            assert_eq!((name.as_str(), subnet.comment.as_str()), ("office", "second floor"));
            assert_eq!(format!("{} {}", subnet.address, subnet.mask), shown);
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        let plan = fixture::plan("subnet plant 192.168.0.0/24");
        let why = |name: &str, range: &str| read_subnet(&plan, name, range, "").unwrap_err().to_string();
        assert_eq!(why("plant", "10.0.0.0/8"), "there is a subnet plant already");
        assert_eq!(why("x", "10.0.0.7/24"), "the range 10.0.0.7/24 begins at 10.0.0.0");
        assert_eq!(why("x", "192.168.0.128/25"), "it overlaps with subnet plant");
        assert_eq!(why("x", "192.168.0.0/16"), "it overlaps with subnet plant");
        for text in ["", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/0", "10.0.0.0 255.0.255.0", "a/24"] {
            assert!(why("x", text).contains("is no range"), "{text}");
        }
        assert!(!why("", "10.0.0.0/8").is_empty());
    }
}
