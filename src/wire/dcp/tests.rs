use std::net::Ipv4Addr;

use proptest::prelude::*;

use super::*;
use crate::wire::WireError;
use crate::wire::captured::{HELLO_LLDP, LINE, SET_RESET, frames, hex};
use crate::wire::ethernet::{EtherType, Frame, MIN_FRAME, MacAddress};

const TOOL: MacAddress = MacAddress([2, 0, 0, 0, 0, 1]);
const PERMANENT: BlockQualifier = BlockQualifier::PERMANENT;
const TEMPORARY: BlockQualifier = BlockQualifier::TEMPORARY;

fn ip(ip: [u8; 4], mask: [u8; 4], gateway: [u8; 4]) -> IpSuite {
    IpSuite { ip: ip.into(), mask: mask.into(), gateway: gateway.into() }
}

fn name(text: &str) -> Value {
    Value::Name(text.into())
}

fn set(value: Value, qualifier: BlockQualifier) -> Body {
    Body::Set(vec![SetBlock { qualifier, value }])
}

fn result(about: OptionId, error: BlockError) -> BlockResult {
    BlockResult { about, error }
}

fn done(about: OptionId) -> Body {
    Body::SetDone(vec![result(about, BlockError::Done)])
}

/// The frames of the specification's section 3.6, from the first byte of the FrameID.
fn worked_frames() -> Vec<(&'static str, u32, Body)> {
    vec![
        (
            "fefe0500 00001234 0001 0004 ffff0000",
            0x1234,
            Body::Identify { delay_factor: 1, filters: vec![Filter::All] },
        ),
        (
            "fefe0500 00001234 0001 000a 02020006 70756d702d32",
            0x1234,
            Body::Identify { delay_factor: 1, filters: vec![Filter::Is(name("pump-2"))] },
        ),
        ("fefd0400 567f6a79 0000 000c 02020008 0001 70756d702d31", 0x567f_6a79, set(name("pump-1"), PERMANENT)),
        ("fefd0401 567f6a79 0000 0008 05040003 02020000", 0x567f_6a79, done(OptionId::NAME)),
        (
            "fefd0400 567f6a7b 0000 0012 0102000e 0000 0a000002 ffffff00 00000000",
            0x567f_6a7b,
            set(Value::Ip(ip([10, 0, 0, 2], [255, 255, 255, 0], [0; 4])), TEMPORARY),
        ),
        ("fefd0400 567f6a7d 0000 0008 05030004 0000 0100", 0x567f_6a7d, set(Value::FLASH_ONCE, TEMPORARY)),
        (
            "fefd0400 567f6a81 0000 0006 05060002 0004",
            0x567f_6a81,
            set(Value::ResetToFactory, BlockQualifier::reset(ResetMode::Communication)),
        ),
        (
            "fefd0300 00000077 0000 0006 0202 0102 0203",
            0x77,
            Body::Get(vec![OptionId::NAME, OptionId::IP, OptionId::DEVICE_ID]),
        ),
        (
            "fefd0301 00000077 0000 000c 01010008 0000 020000000002",
            0x77,
            Body::Got(vec![Answer::Value(Value::Mac(MacAddress([2, 0, 0, 0, 0, 2])).into())]),
        ),
    ]
}

#[test]
fn the_worked_frames_byte_for_byte() {
    for (bytes, xid, body) in worked_frames() {
        let bytes = hex(bytes);
        let pdu = Pdu { xid, body };
        assert_eq!(Pdu::parse(&bytes), Ok(pdu.clone()));
        assert_eq!(pdu.emit(), bytes);
        let frame = pdu.frame(TOOL, MacAddress::DCP_IDENTIFY);
        assert_eq!(frame.len(), MIN_FRAME, "short frames are padded");
        let frame = Frame::parse(&frame).unwrap();
        assert_eq!((frame.source, frame.ether_type), (TOOL, EtherType::PROFINET));
        assert_eq!(Pdu::parse(frame.payload), Ok(pdu), "the padding is not read");
    }
}

/// Number from 1, frame, PDU of every DCP frame of a capture.
fn dcp(capture: &[u8]) -> Vec<(usize, MacAddress, MacAddress, Pdu)> {
    let mut all = Vec::new();
    for (n, bytes) in frames(capture).iter().enumerate() {
        let frame = Frame::parse(bytes).unwrap();
        if frame.ether_type == EtherType::PROFINET {
            let pdu = Pdu::parse(frame.payload).unwrap_or_else(|error| panic!("frame {}: {error}", n + 1));
            let emitted = pdu.emit();
            assert_eq!(frame.payload[..emitted.len()], emitted, "frame {} encodes to the same bytes", n + 1);
            assert!(frame.payload[emitted.len()..].iter().all(|byte| *byte == 0), "only padding is left");
            all.push((n + 1, frame.source, frame.destination, pdu));
        }
    }
    all
}

/// What the device stack answers to Identify-All.
fn identified(address: IpSuite, info: BlockInfo, station: &str) -> Body {
    let options = [
        OptionId::IP,
        OptionId::MAC,
        OptionId::DEVICE_VENDOR,
        OptionId::NAME,
        OptionId::DEVICE_ID,
        OptionId::ROLE,
        OptionId::OPTIONS,
        OptionId::ALIAS,
        OptionId::START,
        OptionId::END,
        OptionId::SIGNAL,
        OptionId::RESET_FACTORY_SETTINGS,
        OptionId::RESET_TO_FACTORY,
        OptionId::ALL,
    ];
    Body::Identified(vec![
        Block { info, value: Value::Ip(address) },
        Value::DeviceVendor("P-Net Sample Application".into()).into(),
        name(station).into(),
        Value::DeviceId(DeviceIdentity { vendor: 0x0493, device: 2 }).into(),
        Value::Role(DeviceRole::DEVICE, 1).into(),
        Value::Options(options.to_vec()).into(),
    ])
}

#[test]
fn set_and_reset_as_captured() {
    let device = MacAddress([2, 0, 0, 0, 0, 2]);
    let other = MacAddress([2, 0, 0, 0, 0, 3]);
    let all = MacAddress::DCP_IDENTIFY;
    let got = |info, value| Body::Got(vec![Answer::Value(Block { info, value })]);
    let address = |last, gateway| ip([10, 0, 0, last], [255, 255, 255, 0], gateway);
    let identify = || Body::Identify { delay_factor: 128, filters: vec![Filter::All] };
    let first = address(2, [0; 4]);
    let second = address(12, [10, 0, 0, 1]);
    let expected = vec![
        (TOOL, device, 0x78, Body::Get(vec![OptionId::NAME])),
        (device, TOOL, 0x78, got(BlockInfo(0), name("dev-h2"))),
        (TOOL, device, 0x79, set(name("pump-1"), PERMANENT)),
        (device, TOOL, 0x79, done(OptionId::NAME)),
        (TOOL, device, 0x7a, Body::Get(vec![OptionId::NAME])),
        (device, TOOL, 0x7a, got(BlockInfo(0), name("pump-1"))),
        (TOOL, device, 0x7b, set(Value::Ip(first), TEMPORARY)),
        (device, TOOL, 0x7b, done(OptionId::IP)),
        (TOOL, device, 0x7c, Body::Get(vec![OptionId::IP])),
        (device, TOOL, 0x7c, got(BlockInfo::SET, Value::Ip(first))),
        (TOOL, device, 0x7d, set(Value::FLASH_ONCE, TEMPORARY)),
        (device, TOOL, 0x7d, done(OptionId::SIGNAL)),
        (TOOL, all, 0x7e, identify()),
        (device, TOOL, 0x7e, identified(first, BlockInfo::SET, "pump-1")),
        (other, TOOL, 0x7e, identified(IpSuite::NONE, BlockInfo(0), "dev-h3")),
        (TOOL, device, 0x7f, set(Value::Ip(second), PERMANENT)),
        (device, TOOL, 0x7f, done(OptionId::IP)),
        (TOOL, device, 0x80, Body::Get(vec![OptionId::IP])),
        (device, TOOL, 0x80, got(BlockInfo::SET, Value::Ip(second))),
        (TOOL, device, 0x81, set(Value::ResetToFactory, BlockQualifier::reset(ResetMode::Communication))),
        (device, TOOL, 0x81, done(OptionId::RESET_TO_FACTORY)),
        (TOOL, all, 0x82, identify()),
        (device, TOOL, 0x82, identified(IpSuite::NONE, BlockInfo(0), "")),
        (other, TOOL, 0x82, identified(IpSuite::NONE, BlockInfo(0), "dev-h3")),
    ];
    let seen = dcp(SET_RESET);
    assert_eq!(seen.len(), expected.len());
    for ((n, source, destination, pdu), (from, to, xid, body)) in seen.into_iter().zip(expected) {
        assert_eq!((source, destination, pdu.xid), (from, to, 0x567f_6a00 | xid), "frame {n}");
        assert_eq!(pdu.body, body, "frame {n}");
    }
}

#[test]
fn hello_as_captured() {
    let seen = dcp(HELLO_LLDP);
    assert_eq!(seen.iter().map(|(n, ..)| *n).collect::<Vec<_>>(), [1, 2, 5, 6]);
    for (n, source, destination, pdu) in seen {
        let last = source.0[5];
        assert_eq!((destination, pdu.xid), (MacAddress::DCP_HELLO, 1), "frame {n}");
        let address = ip([10, 0, 0, last], [255, 255, 255, 0], [0; 4]);
        let expected = Body::Hello(vec![
            name(&format!("pump-{last}")).into(),
            Value::Ip(address).into(),
            Value::DeviceId(DeviceIdentity { vendor: 0x0493, device: 2 }).into(),
            Value::OemId(DeviceIdentity { vendor: 0xcafe, device: 0xee02 }).into(),
            Value::Initiative(1).into(),
        ]);
        assert_eq!(pdu.body, expected, "frame {n}");
    }
}

/// The session in the line: every DCP frame reads and writes back; the refusals mean what the specification says.
#[test]
fn filters_and_refusals_as_captured() {
    let seen = dcp(LINE);
    assert_eq!(seen.len(), 48);
    let body = |n: usize| seen.iter().find(|(frame, ..)| *frame == n).map(|(.., pdu)| pdu.body.clone()).unwrap();
    let filter = |n| match body(n) {
        Body::Identify { filters, .. } => filters,
        other => panic!("frame {n}: {other:?}"),
    };
    let id = DeviceIdentity { vendor: 0x0493, device: 2 };
    assert_eq!(filter(116), [Filter::Is(name("dev-2"))]);
    assert_eq!(filter(120), [Filter::Is(name("DEV-2"))]);
    assert_eq!(filter(129), [Filter::Is(Value::DeviceId(id))]);
    assert_eq!(filter(135), [Filter::Is(Value::DeviceVendor("P-Net Sample Application".into()))]);
    assert_eq!(filter(139), [Filter::Is(Value::Role(DeviceRole::DEVICE, 0))]);
    assert_eq!(filter(142), [Filter::Is(Value::Alias("port-001.x".into()))]);
    let refused = |n, about, error| assert_eq!(body(n), Body::SetDone(vec![result(about, error)]), "frame {n}");
    refused(162, OptionId::NAME, BlockError::ValueNotAccepted);
    refused(165, OptionId::NAME, BlockError::ValueNotAccepted);
    let bare = Value::Other(OptionId::DHCP_HOST_NAME, b"abc".to_vec());
    assert_eq!(body(167), set(bare, PERMANENT), "without the code and length of the DHCP option it is kept raw");
    refused(168, OptionId::DHCP_HOST_NAME, BlockError::SuboptionUnsupported);
    refused(171, OptionId::IP, BlockError::ValueNotAccepted);
    refused(174, OptionId::IP, BlockError::ValueNotAccepted);
    refused(177, OptionId::ROLE, BlockError::SuboptionUnsupported);
    let no_data = result(OptionId::DHCP_HOST_NAME, BlockError::SuboptionUnsupported);
    assert_eq!(body(159), Body::Got(vec![Answer::Refused(no_data)]));
    let both = vec![result(OptionId::IP, BlockError::Done), result(OptionId::NAME, BlockError::Done)];
    assert_eq!(body(180), Body::SetDone(both));
    assert_eq!(body(187), set(Value::ResetFactorySettings, TEMPORARY));
    assert_eq!(no_data.to_string(), "DHCP host name (3/12): suboption not supported, or no data for it");
}

/// One of every option, each through every PDU that can carry it.
#[test]
fn every_option_comes_back() {
    let address = ip([10, 1, 2, 3], [255, 255, 0, 0], [10, 1, 0, 1]);
    let id = DeviceIdentity { vendor: 0x002a, device: 0x0101 };
    let dns = [1, 2, 3, 4].map(|n| Ipv4Addr::new(8, 8, 8, n));
    let values = vec![
        Value::Mac(TOOL),
        Value::Ip(address),
        Value::FullIp { suite: address, dns },
        Value::DeviceVendor("S7-1500".into()),
        name("a.b-c"),
        name(""),
        Value::DeviceId(id),
        Value::Role(DeviceRole(0x03), 0),
        Value::Options(vec![OptionId::IP, OptionId::new(0x90, 7)]),
        Value::Alias("port-001.x".into()),
        Value::Instance(0, 100),
        Value::OemId(id),
        Value::Gateway(Ipv4Addr::new(10, 1, 0, 1)),
        Value::Rsi(RsiProperties(0x3f)),
        Value::Dhcp(61, vec![1, 2, 3]),
        Value::Dhcp(255, vec![]),
        Value::Start,
        Value::End,
        Value::FLASH_ONCE,
        Value::ResetFactorySettings,
        Value::ResetToFactory,
        Value::Initiative(1),
        Value::Other(OptionId::TSN_NAME, b"domain".to_vec()),
        Value::Other(OptionId::new(0x81, 2), vec![1, 2, 3]),
        Value::Other(OptionId::IP, vec![10, 0, 0]),
        Value::Other(OptionId::NAME, vec![0xff, 0xfe]),
    ];
    let blocks: Vec<Block> = values.iter().cloned().map(Block::from).collect();
    let to_set = |value: &Value| SetBlock { qualifier: PERMANENT, value: value.clone() };
    let bodies = [
        Body::Identify { delay_factor: 1, filters: values.iter().cloned().map(Filter::Is).collect() },
        Body::Identified(blocks.clone()),
        Body::Hello(blocks.clone()),
        Body::Got(blocks.into_iter().map(Answer::Value).collect()),
        Body::Set(values.iter().map(to_set).collect()),
        Body::Unsupported(Service::Get),
        Body::Unsupported(Service::Set),
    ];
    for body in bodies {
        let pdu = Pdu { xid: 7, body };
        assert_eq!(Pdu::parse(&pdu.emit()), Ok(pdu));
    }
    assert_eq!(address.router(), Some(Ipv4Addr::new(10, 1, 0, 1)));
    assert_eq!(IpSuite { gateway: address.ip, ..address }.router(), None, "its own address means none");
}

#[test]
fn what_contradicts_itself_is_refused_with_its_place() {
    let cases: &[(&str, &str)] = &[
        ("fe", "truncated at byte 0: FrameID needs 2 bytes, 1 left"),
        ("8000 00", "unsupported at byte 0: FrameID 0x8000"),
        ("fefe0500 00001234 0001 0005 ffff0000", "truncated at byte 12: blocks needs 5 bytes, 4 left"),
        ("fefe0500 00001234 0001 0004 ffff0001", "truncated at byte 16: block needs 1 bytes, 0 left"),
        ("fefe0500 00001234 0001 0003 ffff00ff", "truncated at byte 14: block length needs 2 bytes, 1 left"),
        ("fefd0500 00001234 0001 0000", "unsupported at byte 2: service and type in this FrameID 0x500"),
        ("fefe0501 00001234 0001 0000", "unsupported at byte 2: service and type in this FrameID 0x501"),
        ("fefd0402 00001234 0001 0000", "unsupported at byte 3: ServiceType 0x2"),
        ("fefd0300 00000077 0000 0003 020201", "truncated at byte 14: option wanted needs 2 bytes, 1 left"),
        ("feff0501 00000077 0000 0005 0202000100", "truncated at byte 16: BlockInfo needs 2 bytes, 1 left"),
        (
            "fefd0401 00000077 0000 0006 02020002 0000",
            "malformed at byte 16: block: a result of three bytes is expected",
        ),
        (
            "fefd0401 00000077 0000 0006 05040002 0202",
            "malformed at byte 16: block: a result of three bytes is expected",
        ),
    ];
    for (bytes, said) in cases {
        assert_eq!(Pdu::parse(&hex(bytes)).unwrap_err().to_string(), *said, "{bytes}");
    }
    let unpadded = hex("fefd0401 567f6a79 0000 0007 05040003 020200");
    assert_eq!(Pdu::parse(&unpadded).unwrap().body, done(OptionId::NAME), "padding of the last block may be missing");
}

#[test]
fn what_does_not_fit_is_left_out_whole() {
    let pdu = Pdu { xid: 1, body: Body::Identified(vec![name(&"x".repeat(2000)).into(), name("ok").into()]) };
    assert_eq!(Pdu::parse(&pdu.emit()).unwrap().body, Body::Identified(vec![name("ok").into()]));
    let many = Body::Get(vec![OptionId::NAME; 5000]);
    assert_eq!(Pdu { xid: 1, body: many }.emit().len(), 12 + MAX_DATA);
}

#[test]
fn words() {
    assert_eq!(DeviceRole(0x03).to_string(), "IO-Device, IO-Controller");
    assert_eq!(DeviceRole(0).to_string(), "0x00");
    assert_eq!(DeviceRole(0x11).to_string(), "IO-Device, 0x11");
    assert_eq!(OptionId::new(7, 9).to_string(), "option 7/9");
    for mode in ResetMode::NAMED {
        assert_eq!(BlockQualifier::reset(*mode).reset_mode(), *mode);
    }
    assert_eq!(BlockQualifier(0x0009).reset_mode(), ResetMode::AllData, "bit 0 means nothing");
    assert!(BlockInfo(0x82).is_conflict() && BlockInfo(0x82).is_dhcp() && !BlockInfo::SET.is_dhcp());
}

proptest! {
    /// Any bytes behind any header are read or refused, and what was read is written and read as the same.
    #[test]
    fn any_bytes(frame_id in 0xfefc_u16..=0xfeff, service in 3_u8..=6, kind in 0_u8..=1, data in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut bytes = frame_id.to_be_bytes().to_vec();
        bytes.extend([service, kind, 0, 0, 0, 1, 0, 1]);
        bytes.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        bytes.extend(&data);
        if let Ok(pdu) = Pdu::parse(&bytes) {
            prop_assert_eq!(Pdu::parse(&pdu.emit()), Ok(pdu));
        }
        let _ = Pdu::parse(&data);
        let _ = Frame::parse(&data);
    }

    /// Blocks of any content with lengths that hold: nothing is lost.
    #[test]
    fn any_blocks(blocks in prop::collection::vec((0_u8..8, 0_u8..12, prop::collection::vec(any::<u8>(), 2..40)), 0..8)) {
        let mut data = Vec::new();
        for (option, suboption, body) in &blocks {
            data.extend([*option, *suboption, 0, u8::try_from(body.len()).unwrap()]);
            data.extend(body);
            data.resize(data.len().next_multiple_of(2), 0);
        }
        let mut bytes = hex("feff0501 00000077 0000");
        bytes.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        bytes.extend(&data);
        let pdu = Pdu::parse(&bytes).unwrap();
        let Body::Identified(read) = &pdu.body else { panic!() };
        prop_assert_eq!(read.len(), blocks.len());
        // A role without the reserved byte gets one.
        if !blocks.iter().any(|(option, suboption, body)| (*option, *suboption, body.len()) == (2, 4, 3)) {
            prop_assert_eq!(pdu.emit(), bytes);
        }
    }

    #[test]
    fn a_cut_pdu_is_truncated(n in 0_usize..34) {
        let whole = hex("fefd0400 567f6a7b 0000 0016 0102000e 0000 0a000002 ffffff00 00000000 0203");
        let cut = Pdu::parse(&whole[..n.min(whole.len() - 1)]);
        prop_assert!(matches!(cut, Err(WireError::Truncated { .. })), "{:?}", cut);
    }
}
