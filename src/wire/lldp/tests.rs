use proptest::prelude::*;

use super::naming::*;
use super::*;
use crate::wire::Guid;
use crate::wire::captured::{HELLO_LLDP, LINE, frames};
use crate::wire::ethernet::{EtherType, Frame, MacAddress};

const SYSTEM: &str = "P-Net Sample Application  12345 Abcdefghijk    007                  3 V  0  2  0";

fn station(n: u8) -> MacAddress {
    MacAddress([2, 0, 0, 0, 0, n])
}

/// Number from 1, source and PDU of every LLDP frame of a capture, each written back to the same bytes.
fn lldp(capture: &[u8]) -> Vec<(usize, MacAddress, Lldpdu)> {
    let mut all = Vec::new();
    for (n, bytes) in frames(capture).iter().enumerate() {
        let frame = Frame::parse(bytes).unwrap();
        if frame.ether_type == EtherType::LLDP {
            assert_eq!(frame.destination, MacAddress::LLDP);
            let pdu = Lldpdu::parse(frame.payload).unwrap_or_else(|error| panic!("frame {}: {error}", n + 1));
            assert_eq!(frame.payload, pdu.emit(), "frame {}", n + 1);
            all.push((n + 1, frame.source, pdu));
        }
    }
    all
}

fn address(last: u8, interface: u32) -> Tlv {
    let ip = [10, 0, 0, last].into();
    Tlv::ManagementAddress(ManagementAddress { ip, numbering: 2, interface, oid: Vec::new() })
}

/// What the device stack sends.
fn sent(port: &str, interface: u8, (advertised, mau_type): (u16, u16), ip: [u8; 4]) -> Lldpdu {
    Lldpdu {
        chassis: ChassisId::Local(SYSTEM.into()),
        port: PortId::Local(port.into()),
        ttl: 20,
        tlvs: vec![
            Tlv::Pno(PnoTlv::PortStatus(PortStatus::default())),
            Tlv::Pno(PnoTlv::InterfaceMac(station(interface))),
            Tlv::MacPhy(MacPhy { autonegotiation: 0, advertised, mau_type }),
            Tlv::ManagementAddress(ManagementAddress { ip: ip.into(), numbering: 2, interface: 2, oid: vec![] }),
        ],
    }
}

#[test]
fn stations_after_their_start_as_captured() {
    let seen = lldp(HELLO_LLDP);
    assert_eq!(seen.iter().map(|(n, ..)| *n).collect::<Vec<_>>(), [3, 4, 7, 8]);
    for (n, source, pdu) in seen {
        let last = source.0[5];
        let expected = sent(&format!("port-001.pump-{last}"), last, (0x8000, 0), [10, 0, 0, last]);
        assert_eq!(pdu, expected, "frame {n}");
        assert_eq!(pdu.alias(), Some(format!("port-001.pump-{last}")));
        assert_eq!(pdu.station_name(), Some(format!("pump-{last}")));
        assert_eq!(pdu.interface_mac(), Some(source));
    }
}

#[test]
fn both_schemes_a_goodbye_and_a_nameless_station_as_captured() {
    let seen = lldp(LINE);
    let pdu = |n: usize| seen.iter().find(|(frame, ..)| *frame == n).map(|(.., pdu)| pdu.clone()).unwrap();
    assert_eq!(pdu(1), sent("port-001.sw-2", 2, (0, 0x10), [0; 4]));
    // lldpd before it was told to be a PROFINET station: matched by MAC address.
    let office = pdu(2);
    assert_eq!(office.chassis, ChassisId::Mac(station(1)));
    assert_eq!((&office.port, office.ttl), (&PortId::Mac(station(1)), 120));
    assert_eq!((office.alias(), office.station_name()), (None, None));
    assert_eq!(office.interface_mac(), Some(station(1)));
    assert_eq!(
        office.tlvs[..3],
        [Tlv::SystemName("h1".into()), Tlv::SystemDescription("ES".into()), Tlv::Capabilities(0x009c, 0x0080),]
    );
    assert_eq!(office.tlvs[4], Tlv::PortDescription("eth0".into()));
    assert_eq!(office.tlvs[5], Tlv::Organisation([0, 0x12, 0x0f], 3, vec![1, 0, 0, 0, 0]));
    // Its goodbye.
    assert_eq!((pdu(4).ttl, pdu(4).tlvs), (0, vec![]));
    // A legacy station: the name is the chassis.
    let legacy = Lldpdu {
        chassis: ChassisId::Local("es".into()),
        port: PortId::Local("port-001.es".into()),
        ttl: 4,
        tlvs: vec![
            Tlv::SystemName("h1".into()),
            Tlv::SystemDescription("ES".into()),
            Tlv::Capabilities(0x009c, 0x0080),
            address(1, 2),
            Tlv::PortDescription("eth0".into()),
            Tlv::Organisation([0, 0x12, 0x0f], 3, vec![1, 0, 0, 0, 0]),
            Tlv::MacPhy(MacPhy { autonegotiation: 0, advertised: 0x8000, mau_type: 0x36 }),
            Tlv::Pno(PnoTlv::InterfaceMac(station(1))),
            Tlv::Pno(PnoTlv::PortStatus(PortStatus::default())),
        ],
    };
    assert_eq!(pdu(8), legacy);
    // After the reset its address stands in the place of the name.
    let nameless = pdu(189);
    assert_eq!(nameless.alias().as_deref(), Some("port-001.02-00-00-00-00-02"));
    assert_eq!(nameless.station_name(), None);
    assert_eq!(pdu(182).station_name().as_deref(), Some("abc"), "renamed before");
}

#[test]
fn aliases_of_both_schemes_are_one() {
    let local = |text: &str| PortId::Local(text.into());
    let name = ChassisId::Local("pump-2".into());
    let system = ChassisId::Local(SYSTEM.into());
    assert_eq!(alias(&name, &local("port-001")).as_deref(), Some("port-001.pump-2"));
    assert_eq!(alias(&system, &local("port-001.pump-2")).as_deref(), Some("port-001.pump-2"));
    assert_eq!(alias(&ChassisId::Mac(station(2)), &local("port-002")).as_deref(), Some("port-002.02-00-00-00-00-02"));
    assert_eq!(station_name(&name, &local("port-001")).as_deref(), Some("pump-2"));
    assert_eq!(station_name(&system, &local("port-001.a.b")).as_deref(), Some("a.b"), "behind the first dot");
    assert_eq!(station_name(&ChassisId::Mac(station(2)), &local("port-001")), None);
    for foreign in [PortId::InterfaceName("eth0".into()), PortId::Mac(station(1)), local("Gi0/1"), local("eth0.5")] {
        assert_eq!((alias(&name, &foreign), station_name(&name, &foreign)), (None, None));
    }
    for (text, number) in [
        ("port-001", Some((1, None))),
        ("port-255.a", Some((255, None))),
        ("port-003-00002.a", Some((3, Some(2)))),
        ("port-000", None),
        ("port-256", None),
        ("port-01", None),
        ("port-+01", None),
        ("port-001-2", None),
        ("port-001-99999", None),
        ("eth0", None),
    ] {
        assert_eq!(port_number(text), number, "{text}");
    }
    assert_eq!((port_text(1, None), port_text(7, Some(2))), ("port-001".into(), "port-007-00002".into()));
}

fn everything() -> Lldpdu {
    Lldpdu {
        chassis: ChassisId::Other(6, b"x".to_vec()),
        port: PortId::InterfaceAlias("uplink".into()),
        ttl: 20,
        tlvs: vec![
            Tlv::Pno(PnoTlv::MeasuredDelay(MeasuredDelay {
                rx_local: 1,
                rx_remote: 2,
                tx_local: 3,
                tx_remote: 4,
                cable: 5,
            })),
            Tlv::Pno(PnoTlv::PortStatus(PortStatus { rt2: 2, rt3: 0x3004 })),
            Tlv::Pno(PnoTlv::Alias("port-001.x".into())),
            Tlv::Pno(PnoTlv::Mrp(Guid::from_u128(7), 2)),
            Tlv::Pno(PnoTlv::Ptcp(PtcpStatus {
                master: station(9),
                subdomain: Guid::from_u128(8),
                ir_data: Guid::from_u128(9),
                period: 0x8000_0001,
                red: 2,
                orange: 3,
                green: 4,
            })),
            Tlv::Pno(PnoTlv::Other(9, vec![1])),
            Tlv::Pno(PnoTlv::Other(5, vec![1])),
            Tlv::ManagementAddress(ManagementAddress {
                ip: [10, 0, 0, 1].into(),
                numbering: 3,
                interface: 1,
                oid: vec![1, 3, 6],
            }),
            Tlv::Other(8, vec![5, 2, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0]),
            Tlv::Other(5, vec![0xff]),
            Tlv::Organisation([0, 0x80, 0xc2], 1, vec![0, 1]),
        ],
    }
}

#[test]
fn every_tlv_comes_back() {
    let pdu = everything();
    assert_eq!(Lldpdu::parse(&pdu.emit()), Ok(pdu.clone()));
    let Tlv::Pno(PnoTlv::PortStatus(status)) = pdu.tlvs[1] else { panic!() };
    assert_eq!((status.rt2_state(), status.rt3_state()), (Rt2State::Up, Rt3State::Run));
    assert!(status.fragmentation() && status.short_preamble());
    let frame = Lldpdu { tlvs: vec![], ..pdu }.frame(station(1));
    let frame = Frame::parse(&frame).unwrap();
    assert_eq!((frame.source, Lldpdu::parse(frame.payload).unwrap().ttl), (station(1), 20));
}

#[test]
fn what_contradicts_itself_is_refused_with_its_place() {
    let good = Lldpdu { tlvs: vec![], ..everything() }.emit();
    let said = |bytes: &[u8]| Lldpdu::parse(bytes).unwrap_err().to_string();
    assert_eq!(said(&[]), "truncated at byte 0: TLV header needs 2 bytes, 0 left");
    assert_eq!(said(&good[..3]), "truncated at byte 2: TLV needs 2 bytes, 1 left");
    assert_eq!(said(&good[4..]), "malformed at byte 0: Chassis ID: another TLV stands in its place");
    assert_eq!(said(&[2, 0]), "malformed at byte 0: Chassis ID: it is empty");
    let twice = [&good[..good.len() - 2], &good[..4]].concat();
    assert_eq!(said(&twice), "malformed at byte 17: TLV: Chassis ID, Port ID or TTL a second time");
    assert!(Lldpdu::parse(&good[..good.len() - 2]).is_ok(), "the End TLV may be missing");
}

proptest! {
    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Lldpdu::parse(&bytes);
        let behind = [&everything().emit()[..17], &bytes].concat();
        if let Ok(pdu) = Lldpdu::parse(&behind) {
            prop_assert_eq!(Lldpdu::parse(&pdu.emit()), Ok(pdu));
        }
    }

    #[test]
    fn any_tlvs(tlvs in prop::collection::vec((4_u8..=127, prop::collection::vec(any::<u8>(), 0..60)), 0..8)) {
        let mut bytes = everything().emit()[..17].to_vec();
        for (kind, value) in &tlvs {
            bytes.extend([kind << 1, u8::try_from(value.len()).unwrap()]);
            bytes.extend(value);
        }
        bytes.extend([0, 0]);
        let pdu = Lldpdu::parse(&bytes).unwrap();
        prop_assert_eq!(pdu.tlvs.len(), tlvs.len());
        prop_assert_eq!(pdu.emit(), bytes);
    }
}
