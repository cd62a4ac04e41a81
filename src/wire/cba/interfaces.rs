//! The interfaces of CBA: IID, name, base, operation numbers (protocol notes, section 1.2).

use std::fmt;
use std::ops::Range;

use crate::wire::Guid;

/// What all CBA UUIDs have in common; only the first 32 bits vary.
const TAIL: Guid = Guid::from_u128(0xcba0_0000_6c97_11d1_8271_00a0_2442_df7d);

/// CLSID of the physical device, the only class that can be activated.
pub const CLSID_PHYSICAL_DEVICE: Guid = TAIL;

/// IID of IUnknown.
pub const IID_UNKNOWN: Guid = Guid::from_u128(0x0000_0000_0000_0000_c000_0000_0000_0046);
/// IID of IDispatch.
pub const IID_DISPATCH: Guid = Guid::from_u128(0x0002_0400_0000_0000_c000_0000_0000_0046);

/// An interface used between CBA nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Interface {
    /// IDispatch, beneath every automation interface.
    Dispatch,
    /// ICBAPhysicalDevice.
    PhysicalDevice,
    /// ICBAPhysicalDevice2.
    PhysicalDevice2,
    /// ICBABrowse.
    Browse,
    /// ICBABrowse2.
    Browse2,
    /// ICBAPersist.
    Persist,
    /// ICBAPersist2.
    Persist2,
    /// ICBALogicalDevice.
    LogicalDevice,
    /// ICBALogicalDevice2.
    LogicalDevice2,
    /// ICBAState.
    State,
    /// ICBAStateEvent, implemented by the subscriber.
    StateEvent,
    /// ICBATime.
    Time,
    /// ICBAGroupError.
    GroupError,
    /// ICBAGroupErrorEvent, implemented by the subscriber.
    GroupErrorEvent,
    /// ICBAAccoMgt: the consumer's connection database.
    AccoMgt,
    /// ICBAAccoMgt2.
    AccoMgt2,
    /// ICBAAccoCallback: the consumer's end for data.
    AccoCallback,
    /// ICBAAccoCallback2.
    AccoCallback2,
    /// ICBAAccoServer: the provider's end.
    AccoServer,
    /// ICBAAccoServer2.
    AccoServer2,
    /// ICBAAccoServerSRT: the provider's end for cyclic connections.
    AccoServerSrt,
    /// ICBAAccoSync: direct reading and writing.
    AccoSync,
    /// ICBARTAuto.
    RtAuto,
    /// ICBARTAuto2.
    RtAuto2,
}

/// First 32 bits, name, whether IDispatch lies beneath, interface extended, end of the opnums.
type Row = (u32, &'static str, bool, Option<Interface>, u16);

impl Interface {
    /// All interfaces.
    pub const ALL: [Self; 24] = [
        Self::Dispatch,
        Self::PhysicalDevice,
        Self::PhysicalDevice2,
        Self::Browse,
        Self::Browse2,
        Self::Persist,
        Self::Persist2,
        Self::LogicalDevice,
        Self::LogicalDevice2,
        Self::State,
        Self::StateEvent,
        Self::Time,
        Self::GroupError,
        Self::GroupErrorEvent,
        Self::AccoMgt,
        Self::AccoMgt2,
        Self::AccoCallback,
        Self::AccoCallback2,
        Self::AccoServer,
        Self::AccoServer2,
        Self::AccoServerSrt,
        Self::AccoSync,
        Self::RtAuto,
        Self::RtAuto2,
    ];

    const fn row(self) -> Row {
        match self {
            Self::Dispatch => (0x0002_0400, "IDispatch", true, None, 7),
            Self::PhysicalDevice => (0xcba0_0001, "ICBAPhysicalDevice", true, None, 13),
            Self::PhysicalDevice2 => (0xcba0_0006, "ICBAPhysicalDevice2", true, Some(Self::PhysicalDevice), 16),
            Self::Browse => (0xcba0_0002, "ICBABrowse", true, None, 9),
            Self::Browse2 => (0xcba0_0007, "ICBABrowse2", true, Some(Self::Browse), 11),
            Self::Persist => (0xcba0_0005, "ICBAPersist", true, None, 8),
            Self::Persist2 => (0xcba0_0008, "ICBAPersist2", true, Some(Self::Persist), 9),
            Self::LogicalDevice => (0xcba0_0011, "ICBALogicalDevice", true, None, 15),
            Self::LogicalDevice2 => (0xcba0_0017, "ICBALogicalDevice2", true, Some(Self::LogicalDevice), 18),
            Self::State => (0xcba0_0012, "ICBAState", true, None, 13),
            Self::StateEvent => (0xcba0_0013, "ICBAStateEvent", false, None, 4),
            Self::Time => (0xcba0_0014, "ICBATime", true, None, 9),
            Self::GroupError => (0xcba0_0015, "ICBAGroupError", true, None, 10),
            Self::GroupErrorEvent => (0xcba0_0016, "ICBAGroupErrorEvent", false, None, 4),
            Self::AccoMgt => (0xcba0_0041, "ICBAAccoMgt", false, None, 14),
            Self::AccoMgt2 => (0xcba0_0046, "ICBAAccoMgt2", false, Some(Self::AccoMgt), 20),
            Self::AccoCallback => (0xcba0_0042, "ICBAAccoCallback", false, None, 4),
            Self::AccoCallback2 => (0xcba0_0047, "ICBAAccoCallback2", false, Some(Self::AccoCallback), 5),
            Self::AccoServer => (0xcba0_0043, "ICBAAccoServer", false, None, 8),
            Self::AccoServer2 => (0xcba0_0048, "ICBAAccoServer2", false, Some(Self::AccoServer), 10),
            Self::AccoServerSrt => (0xcba0_0045, "ICBAAccoServerSRT", false, None, 9),
            Self::AccoSync => (0xcba0_0044, "ICBAAccoSync", false, None, 6),
            Self::RtAuto => (0xcba0_0051, "ICBARTAuto", true, None, 9),
            Self::RtAuto2 => (0xcba0_0052, "ICBARTAuto2", true, Some(Self::RtAuto), 10),
        }
    }

    /// Interface id.
    pub const fn iid(self) -> Guid {
        match self {
            Self::Dispatch => IID_DISPATCH,
            _ => Guid::with_first(self.row().0, TAIL),
        }
    }

    /// The interface with this id.
    pub fn from_iid(iid: Guid) -> Option<Self> {
        Self::ALL.into_iter().find(|interface| interface.iid() == iid)
    }

    /// Name as in the interface definition.
    pub const fn name(self) -> &'static str {
        self.row().1
    }

    /// Whether the interface derives from IDispatch, so that its own methods start
    /// at opnum 7 and not 3.
    pub const fn is_dispatch(self) -> bool {
        self.row().2
    }

    /// The interface this one extends.
    pub const fn extends(self) -> Option<Self> {
        self.row().3
    }

    /// Operation numbers that may be called over the network, those of IDispatch included; 0 to 2
    /// (IUnknown) never are.
    pub const fn opnums(self) -> Range<u16> {
        3..self.row().4
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iids_are_distinct_and_found() {
        for interface in Interface::ALL {
            assert_eq!(Interface::from_iid(interface.iid()), Some(interface));
            if let Some(base) = interface.extends() {
                assert_eq!(base.is_dispatch(), interface.is_dispatch());
                assert!(base.opnums().end < interface.opnums().end);
            }
        }
        assert_eq!(Interface::AccoMgt.iid().to_string(), "cba00041-6c97-11d1-8271-00a02442df7d");
        assert_eq!(Interface::from_iid(IID_DISPATCH), Some(Interface::Dispatch));
        assert_eq!(Interface::from_iid(IID_UNKNOWN), None);
        assert_eq!(CLSID_PHYSICAL_DEVICE.to_string(), "cba00000-6c97-11d1-8271-00a02442df7d");
    }
}
