//! What a device bears.

use super::convention::{ACYCLIC_MILLIS, CYCLIC_MILLIS, MAX_CONNECTIONS, MAX_PARTNERS};
use super::items::counted_bytes;
use crate::wire::cba::{HResult, QosType, TypeDesc};

/// Limits on what a logical device consumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsumerLimits {
    /// Connections, constants included. Beyond: `CBA_E_COUNTEXCEEDED`.
    pub connections: usize,
    /// Cyclic ones among them. Beyond: `CBA_E_COUNTEXCEEDED`.
    pub cyclic: usize,
    /// Provider ACCOs. Beyond: `CBA_E_OUTOFPARTNERACCOS`.
    pub partners: usize,
    /// Bytes of all values. Beyond: `CBA_E_SIZEEXCEEDED`.
    pub bytes: usize,
    /// Bytes of one array or structure. Beyond: `CBA_E_ITEMTOOLARGE`.
    pub array_bytes: usize,
}

/// Limits on what a logical device provides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProviderLimits {
    /// Connections. Beyond: `CBA_E_COUNTEXCEEDED`.
    pub connections: usize,
    /// Consumer ACCOs. Beyond: `CBA_E_OUTOFPARTNERACCOS`.
    pub partners: usize,
    /// Bytes of all values. Beyond: `CBA_E_SIZEEXCEEDED`.
    pub bytes: usize,
    /// Bytes of one array or structure. Beyond: `CBA_E_ITEMTOOLARGE`.
    pub array_bytes: usize,
}

impl Default for ConsumerLimits {
    fn default() -> Self {
        Self {
            connections: MAX_CONNECTIONS,
            cyclic: MAX_CONNECTIONS,
            partners: MAX_PARTNERS,
            bytes: usize::MAX,
            array_bytes: usize::MAX,
        }
    }
}

impl Default for ProviderLimits {
    fn default() -> Self {
        Self { connections: MAX_CONNECTIONS, partners: MAX_PARTNERS, bytes: usize::MAX, array_bytes: usize::MAX }
    }
}

/// `CBA_E_ITEMTOOLARGE` if an array or structure of this type has more than `limit` bytes.
pub(super) fn check_item_size(desc: &TypeDesc, limit: usize) -> Result<(), HResult> {
    let scalar = matches!(desc, TypeDesc::Scalar(_));
    if scalar || counted_bytes(desc) <= limit { Ok(()) } else { Err(HResult::CBA_E_ITEMTOOLARGE) }
}

/// QoS values a device offers, milliseconds, in rising order. An empty list means the type is not offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QosSupport {
    /// For the acyclic types.
    pub acyclic: Vec<u16>,
    /// For cyclic connections.
    pub cyclic: Vec<u16>,
}

impl Default for QosSupport {
    /// The lists of convention 11.
    fn default() -> Self {
        Self { acyclic: ACYCLIC_MILLIS.to_vec(), cyclic: CYCLIC_MILLIS.to_vec() }
    }
}

impl QosSupport {
    fn values(&self, kind: QosType) -> Result<&[u16], HResult> {
        let values = if kind.is_acyclic() {
            &self.acyclic
        } else if kind == QosType::Cyclic {
            &self.cyclic
        } else {
            return Err(HResult::CBA_E_QOSTYPEUNSUPPORTED);
        };
        if values.is_empty() { Err(HResult::CBA_E_QOSTYPEUNSUPPORTED) } else { Ok(values) }
    }

    /// Whether connections of this QoS may be added. Constants always may; intervals in seconds only must
    /// not be 0.
    ///
    /// # Errors
    /// `CBA_E_QOSTYPEUNSUPPORTED`, `CBA_E_QOSVALUEUNSUPPORTED`.
    pub fn check(&self, kind: QosType, value: u16) -> Result<(), HResult> {
        let supported = match kind {
            QosType::Constant => true,
            QosType::AcyclicSeconds => self.values(kind).map(|_| value != 0)?,
            _ => self.values(kind)?.contains(&value),
        };
        if supported { Ok(()) } else { Err(HResult::CBA_E_QOSVALUEUNSUPPORTED) }
    }

    /// The value that would be used for a wanted one: the next larger, beyond the largest the largest.
    ///
    /// # Errors
    /// `CBA_E_QOSTYPEUNSUPPORTED`.
    pub fn revise(&self, kind: QosType, wanted: u16) -> Result<u16, HResult> {
        if kind == QosType::AcyclicSeconds {
            return self.values(kind).map(|_| wanted.max(1));
        }
        let values = self.values(kind)?;
        let next = values.iter().find(|value| **value >= wanted).or(values.last());
        next.copied().ok_or(HResult::CBA_E_QOSTYPEUNSUPPORTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_checked_and_revised() {
        let support = QosSupport::default();
        assert_eq!(support.check(QosType::Acyclic, 500), Ok(()));
        assert_eq!(support.check(QosType::Acyclic, 501), Err(HResult::CBA_E_QOSVALUEUNSUPPORTED));
        assert_eq!(support.check(QosType::AcyclicSeconds, 3), Ok(()));
        assert_eq!(support.check(QosType::AcyclicSeconds, 0), Err(HResult::CBA_E_QOSVALUEUNSUPPORTED));
        assert_eq!(support.check(QosType::Constant, 0), Ok(()));
        assert_eq!(support.check(QosType::Other(9), 500), Err(HResult::CBA_E_QOSTYPEUNSUPPORTED));
        assert_eq!(support.revise(QosType::Cyclic, 9), Ok(10));
        assert_eq!(support.revise(QosType::AcyclicHmi, 1), Ok(50));
        assert_eq!(support.revise(QosType::Acyclic, 5000), Ok(1000));
        let stage1 = QosSupport { cyclic: Vec::new(), ..QosSupport::default() };
        assert_eq!(stage1.check(QosType::Cyclic, 10), Err(HResult::CBA_E_QOSTYPEUNSUPPORTED));
        assert_eq!(stage1.revise(QosType::Cyclic, 10), Err(HResult::CBA_E_QOSTYPEUNSUPPORTED));
    }
}
