//! Frames of the network (DCP, LLDP, records over UDP), ours in the eyes of Wireshark and scapy, and scapy's in ours.

use std::fs::File;
use std::io::Write;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use etherparse::PacketBuilder;
use pcap_file::DataLink;
use pcap_file::pcap::{PcapHeader, PcapPacket, PcapWriter};
use plantweave::model::{check_ip_settings, check_station_name};
use plantweave::proto::dcp::{
    FilterSupport, Request, Rules, Scan, ScanSettings, Settings, Station, StationAction, StationSettings, Xids,
};
use plantweave::proto::pnio::{Client, Records, Server, ServerSettings};
use plantweave::wire::Guid;
use plantweave::wire::dcp::{
    Block, BlockInfo, BlockQualifier, Body, DeviceIdentity, DeviceRole, Filter, IpSuite, OptionId, Pdu, ResetMode,
    SetBlock, Value,
};
use plantweave::wire::ethernet::{Frame, MacAddress};
use plantweave::wire::lldp::{
    ChassisId, Lldpdu, MacPhy, ManagementAddress, MeasuredDelay, PnoTlv, PortId, PortStatus, PtcpStatus, Tlv,
};
use plantweave::wire::ndr::ByteOrder;
use plantweave::wire::pnio::{
    self, Api, Im0, Im1, ImSupported, InterfaceData, LinkState, MauType, MediaType, Module, Peer, Plugged, PluggedKind,
    PnioStatus, PortData, PortState, PortStatistics, ReadHeader, Record, Submodule, SystemIdentification, index,
    submodule,
};

use crate::support::peer;
use crate::tshark::{MALFORMED, Tshark};

const TOOL: MacAddress = MacAddress([2, 0, 0, 0, 0, 1]);
const DEVICE: MacAddress = MacAddress([2, 0, 0, 0, 0, 2]);
const NOW: Duration = Duration::ZERO;
const ID: DeviceIdentity = DeviceIdentity { vendor: 0x0493, device: 2 };

/// A frame, and what Wireshark is to find in it.
type Expected = (Vec<u8>, String);

fn address() -> IpSuite {
    IpSuite { ip: [10, 0, 0, 2].into(), mask: [255, 255, 255, 0].into(), gateway: [10, 0, 0, 1].into() }
}

fn station() -> Station {
    let settings = StationSettings {
        mac: DEVICE,
        vendor_value: "Filler".into(),
        device_id: ID,
        oem_id: Some(DeviceIdentity { vendor: 0xcafe, device: 0xee02 }),
        role: DeviceRole::DEVICE,
        instance: (0, 1),
        hello: true,
        filters: FilterSupport::Everything,
        rules: Rules {
            name: |name| check_station_name(name).is_ok(),
            ip: |ip, mask, gateway| check_ip_settings(ip, mask, gateway).is_ok(),
        },
    };
    Station::new(settings, Settings { name: "filler-1".into(), ip: address() })
}

/// What the station sends now.
fn sent(station: &mut Station) -> Vec<u8> {
    let frames = station.poll(NOW).into_iter().filter_map(|action| match action {
        StationAction::Send(frame) => Some(frame),
        _ => None,
    });
    let [frame] = frames.collect::<Vec<_>>().try_into().expect("one frame");
    frame
}

/// Question and answer of every kind.
fn dcp() -> Vec<Expected> {
    let mut xids = Xids::new(0x1234);
    let mut it = station();
    let mut all = Vec::new();
    let mut ask = |frame: Vec<u8>, question: &str, answer: &str| {
        it.receive(NOW, &frame);
        all.push((frame, question.to_owned()));
        if !answer.is_empty() {
            all.push((sent(&mut it), answer.to_owned()));
        }
    };
    let scan = ScanSettings { delay_factor: 1, ..ScanSettings::all() };
    ask(
        Scan::new(TOOL, scan, &mut xids).poll(NOW).remove(0),
        "eth.dst == 01:0e:cf:00:00:00 && eth.type == 0x8892 && pn_rt.frame_id == 0xfefe && pn_dcp.service_id == 5 \
         && pn_dcp.service_type == 0 && pn_dcp.xid == 0x1234 && pn_dcp.response_delay == 1 && pn_dcp.data_length == 4 \
         && pn_dcp.option == 255 && frame.len == 60",
        "pn_rt.frame_id == 0xfeff && pn_dcp.service_type == 1 && pn_dcp.xid == 0x1234 && eth.dst == 02:00:00:00:00:01 \
         && pn_dcp.suboption_device_nameofstation == \"filler-1\" && pn_dcp.suboption_device_devicevendorvalue == \"Filler\" \
         && pn_dcp.suboption_ip_ip == 10.0.0.2 && pn_dcp.suboption_ip_subnetmask == 255.255.255.0 \
         && pn_dcp.suboption_ip_standard_gateway == 10.0.0.1 && pn_dcp.suboption_ip_block_info == 1 \
         && pn_dcp.suboption_vendor_id == 0x0493 && pn_dcp.suboption_device_id == 2 \
         && pn_dcp.suboption_device_role == 1",
    );
    ask(
        Scan::new(TOOL, ScanSettings::named("Filler-1"), &mut xids).poll(NOW).remove(0),
        "pn_dcp.suboption_device_nameofstation == \"filler-1\" && pn_dcp.response_delay == 1 && pn_dcp.block_length == 8",
        "pn_rt.frame_id == 0xfeff",
    );
    ask(
        Scan::new(TOOL, ScanSettings::alias("port-001.x"), &mut xids).poll(NOW).remove(0),
        "pn_dcp.suboption_device_aliasname == \"port-001.x\"",
        "",
    );
    ask(
        Request::set_name(TOOL, DEVICE, "filler-2", true, &mut xids).poll(NOW).remove(0),
        "pn_rt.frame_id == 0xfefd && pn_dcp.service_id == 4 && pn_dcp.block_qualifier == 1 \
         && pn_dcp.suboption_device_nameofstation == \"filler-2\" && pn_dcp.data_length == 14",
        "pn_dcp.service_id == 4 && pn_dcp.service_type == 1 && pn_dcp.block_error == 0 && pn_dcp.data_length == 8",
    );
    ask(
        Request::set_name(TOOL, DEVICE, "-bad", true, &mut xids).poll(NOW).remove(0),
        "pn_dcp.suboption_device_nameofstation == \"-bad\"",
        "pn_dcp.block_error == 3",
    );
    ask(
        Request::set_ip(TOOL, DEVICE, address(), false, &mut xids).poll(NOW).remove(0),
        "pn_dcp.suboption_ip_ip == 10.0.0.2 && pn_dcp.block_qualifier == 0 && pn_dcp.block_length == 14",
        "pn_dcp.block_error == 0",
    );
    ask(
        Request::flash(TOOL, DEVICE, &mut xids).poll(NOW).remove(0),
        "pn_dcp.suboption_control_signal_value == 0x0100",
        "",
    );
    it.poll(NOW);
    let mut ask = |frame: Vec<u8>, question: &str, answer: &str| {
        it.receive(NOW, &frame);
        all.push((frame, question.to_owned()));
        all.push((sent(&mut it), answer.to_owned()));
    };
    let wanted = vec![OptionId::MAC, OptionId::DHCP_HOST_NAME, OptionId::NAME];
    ask(
        Request::get(TOOL, DEVICE, wanted, &mut xids).poll(NOW).remove(0),
        "pn_dcp.service_id == 3 && pn_dcp.service_type == 0 && pn_dcp.data_length == 6",
        "pn_dcp.suboption_ip_mac_address == 02:00:00:00:00:02 && pn_dcp.block_error == 2 \
         && pn_dcp.suboption_device_nameofstation == \"filler-2\"",
    );
    ask(
        Request::reset(TOOL, DEVICE, ResetMode::Communication, &mut xids).poll(NOW).remove(0),
        "pn_dcp.block_qualifier_reset == 4",
        "pn_dcp.block_error == 0",
    );
    it.link_up(NOW);
    all.push((
        sent(&mut it),
        "pn_rt.frame_id == 0xfefc && pn_dcp.service_id == 6 && eth.dst == 01:0e:cf:00:00:01 && pn_dcp.xid == 1 \
         && pn_dcp.deviceinitiative_value == 1"
            .to_owned(),
    ));
    let conflict = Block { info: BlockInfo(0x81), value: Value::Ip(address()) };
    let body = Body::Identified(vec![conflict, Value::Name("odd".into()).into(), Value::Instance(0, 2).into()]);
    all.push((Pdu { xid: 9, body }.frame(DEVICE, TOOL), "pn_dcp.suboption_device_nameofstation == \"odd\"".to_owned()));
    all
}

fn description() -> SystemIdentification {
    SystemIdentification {
        device_type: "Filler".into(),
        order_number: "6ES7 000-0AA00".into(),
        serial_number: Some("S 4711".into()),
        hardware: 3,
        prefix: 'V',
        software: [1, 2, 3],
    }
}

fn lldp() -> Vec<Expected> {
    let text = description().text();
    let bytes = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":");
    let whole = Lldpdu {
        chassis: ChassisId::Local(text.clone()),
        port: PortId::Local("port-001.filler-1".into()),
        ttl: 20,
        tlvs: vec![
            Tlv::Pno(PnoTlv::MeasuredDelay(MeasuredDelay { rx_local: 77, ..MeasuredDelay::default() })),
            Tlv::Pno(PnoTlv::PortStatus(PortStatus { rt2: 2, rt3: 4 })),
            Tlv::Pno(PnoTlv::Alias("port-001.sw-2".into())),
            Tlv::Pno(PnoTlv::Mrp(Guid::from_u128(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef), 2)),
            Tlv::Pno(PnoTlv::InterfaceMac(DEVICE)),
            Tlv::Pno(PnoTlv::Ptcp(PtcpStatus {
                master: TOOL,
                subdomain: Guid::from_u128(1),
                ir_data: Guid::from_u128(2),
                period: 0x800f_4240,
                red: 0,
                orange: 0,
                green: 0,
            })),
            Tlv::MacPhy(MacPhy { autonegotiation: 3, advertised: 0x0c00, mau_type: 0x10 }),
            Tlv::PortDescription("eth0".into()),
            Tlv::SystemName("filler-1".into()),
            Tlv::SystemDescription("a filler".into()),
            Tlv::Capabilities(0x80, 0x80),
            Tlv::ManagementAddress(ManagementAddress {
                ip: [10, 0, 0, 2].into(),
                numbering: 2,
                interface: 3,
                oid: Vec::new(),
            }),
        ],
    };
    let named = |chassis, port, ttl| Lldpdu { chassis, port, ttl, tlvs: Vec::new() };
    let expected = format!(
        "eth.dst == 01:80:c2:00:00:0e && lldp.chassis.subtype == 7 && lldp.chassis.id == {} && lldp.port.subtype == 7 \
         && lldp.port.id == \"port-001.filler-1\" && lldp.time_to_live == 20 && lldp.mgn.addr.ip4 == 10.0.0.2 \
         && lldp.orgtlv.oui == 0x000ecf && lldp.profinet.cm_mac_add == 02:00:00:00:00:02 \
         && lldp.profinet.rtc2_port_status == 2 && lldp.profinet.rtc3_port_status == 4 \
         && lldp.profinet.port_rx_delay_local == 77 \
         && lldp.profinet.mrp_domain_uuid == 01234567-89ab-cdef-0123-456789abcdef && lldp.profinet.subtype == 6",
        bytes(&text)
    );
    vec![
        (whole.frame(DEVICE), expected),
        (
            named(ChassisId::Mac(DEVICE), PortId::Local("port-002".into()), 120).frame(DEVICE),
            "lldp.chassis.subtype == 4 && lldp.chassis.id.mac == 02:00:00:00:00:02 && lldp.port.id == \"port-002\" \
             && lldp.time_to_live == 120"
                .to_owned(),
        ),
        (
            named(ChassisId::Local("filler-1".into()), PortId::InterfaceName("eth0".into()), 0).frame(DEVICE),
            "lldp.time_to_live == 0 && lldp.port.subtype == 5".to_owned(),
        ),
    ]
}

/// The records of a filler with a switch at its port.
struct Filler;

impl Records for Filler {
    fn read(&self, which: &ReadHeader) -> Result<Vec<u8>, PnioStatus> {
        let port = || {
            let peer = Peer { port: "port-003".into(), chassis: "sw-2".into(), line_delay: 40, mac: TOOL };
            Record::Port(PortData {
                slot: 0,
                subslot: submodule::port(1),
                port: "port-001".into(),
                peers: vec![peer],
                mau_type: MauType::Base100Tx,
                domain_boundary: 0,
                multicast_boundary: 0,
                port_state: PortState::Forwarding,
                link_state: LinkState::Up,
                media: MediaType::Copper,
            })
        };
        let interface = || {
            let IpSuite { ip, mask, gateway } = address();
            Record::Interface(InterfaceData { chassis: "filler-1".into(), mac: DEVICE, ip, mask, gateway })
        };
        let statistics =
            || Record::Statistics(PortStatistics { in_octets: 1000, in_errors: 7, ..PortStatistics::default() });
        let plugged = |kind| {
            let submodules = vec![Submodule { subslot: 1, ident: 1 }, Submodule { subslot: 0x8000, ident: 0x8000 }];
            let modules = vec![Module { slot: 0, ident: 1, submodules }];
            Record::Plugged(Plugged { kind, apis: vec![Api { api: 0, modules }] })
        };
        let group = |subslot, records| Record::Group { block: 0x0400, api: 0, slot: 0, subslot, records };
        let records = match which.index {
            index::IM0 => vec![Record::Im0(Im0 {
                vendor: ID.vendor,
                order_number: "6ES7 000-0AA00".into(),
                serial_number: "S 4711".into(),
                hardware: 3,
                prefix: 'V',
                software: [1, 2, 3],
                revision_counter: 0,
                profile: 0,
                profile_type: 0,
                version: [1, 1],
                supported: ImSupported(0x000e),
            })],
            index::IM1 => vec![Record::Im1(Im1 { function: "fills".into(), location: "hall 1".into() })],
            index::IM2 => vec![Record::Im2("2026-11-25 04:00".into())],
            index::IM3 => vec![Record::Im3("descriptor".into())],
            index::IM0_FILTER => vec![plugged(PluggedKind::ImSubmodules), plugged(PluggedKind::ImDevice)],
            index::REAL_IDENTIFICATION => vec![plugged(PluggedKind::Real)],
            index::INTERFACE => vec![interface()],
            index::PORT => vec![port()],
            index::STATISTICS => vec![statistics()],
            index::PD_REAL_DATA => vec![group(0x8000, vec![interface()]), group(0x8001, vec![port(), statistics()])],
            // More than fits a frame.
            index::PORT_CHECK => {
                vec![Record::Other { block: 0x0f00, version: [1, 0], body: vec![7; 3000] }]
            }
            _ => return Err(PnioStatus::INVALID_INDEX),
        };
        Ok(pnio::emit_blocks(&records))
    }
}

fn udp(from: (Ipv4Addr, u16), to: (Ipv4Addr, u16), payload: &[u8]) -> Vec<u8> {
    let (source, destination) = if from.1 == pnio::UDP_PORT { (DEVICE, TOOL) } else { (TOOL, DEVICE) };
    let builder = PacketBuilder::ethernet2(source.0, destination.0).ipv4(from.0.octets(), to.0.octets(), 64);
    let builder = builder.udp(from.1, to.1);
    let mut frame = Vec::with_capacity(builder.size(payload.len()));
    builder.write(&mut frame, payload).unwrap();
    frame
}

/// Reads with what Wireshark finds in the answer; `order` is that of the answers.
fn reads(order: ByteOrder, activity: u128) -> Vec<Expected> {
    let object = pnio::device_object(1, ID.device, ID.vendor);
    let server = Server::new(ServerSettings {
        object,
        checks_object: true,
        boot: 99,
        order,
        annotation: description().annotation(),
        ip: address().ip,
    });
    let port = submodule::port(1);
    let wanted: &[(u16, u16, &str)] = &[
        (
            1,
            index::IM0,
            "pn_io.vendor_id_high == 4 && pn_io.vendor_id_low == 0x93 && pn_io.order_id contains \"6ES7 000-0AA00\" \
             && pn_io.im_serial_number contains \"S 4711\" && pn_io.im_hardware_revision == 3 \
             && pn_io.im_sw_revision_functional_enhancement == 1 && pn_io.im_revision_bugfix == 2 \
             && pn_io.im_sw_revision_internal_change == 3 && pn_io.im_supported == 0x000e \
             && pn_io.record_data_length == 60",
        ),
        (1, index::IM1, "pn_io.block_type == 0x0021"),
        (1, index::IM2, "pn_io.block_type == 0x0022"),
        (1, index::IM3, "pn_io.block_type == 0x0023"),
        (1, index::IM0_FILTER, "pn_io.block_type == 0x0030 && pn_io.block_type == 0x0032"),
        (1, index::REAL_IDENTIFICATION, "pn_io.block_type == 0x0013"),
        (
            submodule::INTERFACE,
            index::INTERFACE,
            "pn_io.own_chassis_id == \"filler-1\" && pn_io.ip_address == 10.0.0.2",
        ),
        (
            port,
            index::PORT,
            "pn_io.own_port_id == \"port-001\" && pn_io.number_of_peers == 1 && pn_io.peer_port_id == \"port-003\" \
             && pn_io.peer_chassis_id == \"sw-2\" && pn_io.peer_macadd == 02:00:00:00:00:01 && pn_io.mau_type == 0x10 \
             && pn_io.link_state_link == 1 && pn_io.media_type == 1",
        ),
        (port, index::STATISTICS, "pn_io.block_type == 0x0251"),
        (
            1,
            index::PD_REAL_DATA,
            "pn_io.block_type == 0x0400 && pn_io.block_type == 0x0240 && pn_io.block_type == 0x020f \
             && pn_io.peer_chassis_id == \"sw-2\"",
        ),
        (1, 0xfbfe, "pn_io.error_code == 0xde && pn_io.error_decode == 0x80 && pn_io.error_code1 == 0xb0"),
    ];
    let (tool, device) = ((Ipv4Addr::new(10, 0, 0, 1), 50_000), (address().ip, pnio::UDP_PORT));
    let mut all = Vec::new();
    for (nth, (subslot, number, found)) in wanted.iter().enumerate() {
        let mut client = Client::new(object, Guid::from_u128(activity << 64 | nth as u128));
        client.read(0, *subslot, *number);
        let request = client.poll(NOW).remove(0);
        let [answer] = server.receive(&request, &Filler).try_into().expect("one datagram");
        let question = format!(
            "dcerpc.ver == 4 && dcerpc.pkt_type == 0 && dcerpc.opnum == 5 && dcerpc.dg_flags1 == 0x20 \
             && dcerpc.dg_if_id == dea00001-6c97-11d1-8271-00a02442df7d \
             && dcerpc.obj_id == dea00000-6c97-11d1-8271-000100020493 \
             && pn_io.slot_nr == 0 && pn_io.subslot_nr == {subslot:#x} && pn_io.index == {number:#x}"
        );
        all.push((udp(tool, device, &request), question));
        let byte_order = if order == ByteOrder::Little { 1 } else { 0 };
        all.push((
            udp(device, tool, &answer),
            format!("dcerpc.pkt_type == 2 && dcerpc.drep.byteorder == {byte_order} && {found}"),
        ));
    }
    // The endpoint mapper, until it has no more.
    let mut client = Client::new(object, Guid::from_u128(activity << 64 | 0xffff));
    client.lookup();
    let found = [
        "epm.annotation contains \"6ES7 000-0AA00\" && epm.num_ents == 1",
        "epm.object == dea00000-6c97-11d1-8271-000100020493 && epm.proto.udp_port == 34964",
        "epm.rc == 0x16c9a0d6",
    ];
    for found in found {
        let request = client.poll(NOW).remove(0);
        let [answer] = server.receive(&request, &Filler).try_into().expect("one datagram");
        client.receive(NOW, &answer);
        all.push((udp(tool, device, &request), "epm.opnum == 2 && dcerpc.pkt_type == 0".to_owned()));
        all.push((udp(device, tool, &answer), found.to_owned()));
    }
    // Fragments.
    let mut client = Client::new(object, Guid::from_u128(activity << 64 | 0xfffe));
    client.read(0, 1, index::PORT_CHECK);
    let request = client.poll(NOW).remove(0);
    let answers = server.receive(&request, &Filler);
    all.push((udp(tool, device, &request), "pn_io.index == 0x802b".to_owned()));
    for (n, answer) in answers.iter().enumerate() {
        let flags = if n + 1 == answers.len() { 0x26 } else { 0x2c };
        let found = format!("dcerpc.pkt_type == 2 && dcerpc.dg_frag_num == {n} && dcerpc.dg_flags1 == {flags:#x}");
        all.push((udp(device, tool, answer), found));
        client.receive(NOW, answer);
    }
    for fack in client.poll(NOW) {
        all.push((udp(tool, device, &fack), "dcerpc.pkt_type == 9 && dcerpc.dg_frag_num == 2".to_owned()));
    }
    all
}

fn write(path: &Path, frames: &[Expected]) {
    let header = PcapHeader { datalink: DataLink::ETHERNET, ..PcapHeader::default() };
    let mut file = PcapWriter::with_header(File::create(path).unwrap(), header).unwrap();
    for (n, (frame, _)) in (0..).zip(frames) {
        let length = u32::try_from(frame.len()).unwrap();
        file.write_packet(&PcapPacket::new(Duration::from_millis(n), length, frame)).unwrap();
    }
}

#[test]
fn wireshark_reads_every_frame_of_the_network() {
    if peer("tshark").is_none() {
        return;
    }
    let frames = [dcp(), lldp(), reads(ByteOrder::Big, 1), reads(ByteOrder::Little, 2)].concat();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("network.pcap");
    write(&path, &frames);
    let Some(tshark) = Tshark::over(&path) else { return };
    assert_eq!(tshark.summary(MALFORMED), "");
    assert_eq!(tshark.summary("udp.checksum.status == 0 || ip.checksum.status == 0"), "");
    let filter: Vec<String> =
        frames.iter().enumerate().map(|(n, (_, found))| format!("(frame.number == {} && ({found}))", n + 1)).collect();
    let matching = tshark.fields(&filter.join(" || "), &["frame.number"]).concat();
    for (n, (_, found)) in frames.iter().enumerate() {
        let number = (n + 1).to_string();
        assert!(
            matching.contains(&number),
            "frame {number} is not: {found}\n{}",
            tshark.summary(&format!("frame.number == {number}"))
        );
    }
}

/// Runs `network.py` with these lines; gives the lines it answers, as name and what follows.
fn scapy(mode: &str, lines: &str) -> Option<Vec<(String, String)>> {
    let mut python = peer("python")?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/network.py");
    let mut child = python.arg(script).arg(mode).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "network.py {mode} ended with {}", output.status);
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.lines().map(|line| line.split_once('\t').unwrap()).map(|(a, b)| (a.into(), b.into())).collect())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn scapy_builds_frames_that_we_read() {
    let Some(built) = scapy("build", "") else { return };
    let bytes = |text: &str| -> Vec<u8> {
        (0..text.len() / 2).map(|n| u8::from_str_radix(&text[2 * n..2 * n + 2], 16).unwrap()).collect()
    };
    let set = |value| Body::Set(vec![SetBlock { qualifier: BlockQualifier::PERMANENT, value }]);
    let mut seen = Vec::new();
    for (name, frame) in &built {
        let frame = bytes(frame);
        let frame = Frame::parse(&frame).unwrap();
        let dcp = || Pdu::parse(frame.payload).unwrap().body;
        match &name[..] {
            "identify" => {
                let name = Filter::Is(Value::Name("filler-1".into()));
                assert_eq!(dcp(), Body::Identify { delay_factor: 1, filters: vec![name] });
            }
            "set-name" => assert_eq!(dcp(), set(Value::Name("filler-1".into()))),
            "set-ip" => assert_eq!(dcp(), set(Value::Ip(address()))),
            "identified" => {
                let blocks = vec![
                    Block { info: BlockInfo::SET, value: Value::Ip(address()) },
                    Value::Name("filler-1".into()).into(),
                    Value::DeviceId(ID).into(),
                    Value::Role(DeviceRole(0x03), 0).into(),
                    Value::Alias("port-001.sw-2".into()).into(),
                    Value::Mac(DEVICE).into(),
                ];
                assert_eq!(dcp(), Body::Identified(blocks));
            }
            "lldp" => {
                let pdu = Lldpdu::parse(frame.payload).unwrap();
                assert_eq!(pdu.alias().as_deref(), Some("port-001.filler-1"));
                assert_eq!((pdu.station_name().as_deref(), pdu.ttl), (Some("filler-1"), 20));
                assert_eq!(pdu.interface_mac(), Some(DEVICE));
                assert_eq!(pdu.tlvs, [Tlv::SystemName("filler-1".into()), Tlv::Pno(PnoTlv::InterfaceMac(DEVICE))]);
            }
            other => panic!("{other}"),
        }
        seen.push(name.as_str());
    }
    assert_eq!(seen, ["identify", "set-name", "set-ip", "identified", "lldp"]);
}

#[test]
fn scapy_reads_what_we_build() {
    let identified = dcp().remove(1).0;
    let set_done = dcp().into_iter().find(|(_, found)| found == "pn_dcp.block_error == 3").unwrap().0;
    let lldp = lldp().remove(0).0;
    let lines: String = [("identified", identified), ("set-done", set_done), ("lldp", lldp)]
        .map(|(name, frame)| format!("{name}\t{}\n", hex(&frame)))
        .concat();
    let Some(read) = scapy("read", &lines) else { return };
    let text = description().text();
    let expected = [
        (
            "identified",
            "ip=10.0.0.2 mask=255.255.255.0 gateway=10.0.0.1 name=filler-1 vendor=1171 device=2 role=1 type=Filler"
                .to_owned(),
        ),
        ("set-done", "error=3".to_owned()),
        ("lldp", format!("chassis={text} port=port-001.filler-1 ttl=20 organisations=[3791, 4623]")),
    ];
    assert_eq!(read, expected.map(|(name, said)| (name.to_owned(), said)));
}
