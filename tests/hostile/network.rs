//! Frames of the link: those of a real device stack cut and damaged at every byte, and storms. They go to every machine that listens.

use std::time::Duration;

use etherparse::{SlicedPacket, TransportSlice};
use pcap_file::pcap::PcapReader;
use plantweave::model::{check_ip_settings, check_station_name};
use plantweave::proto::dcp::{
    FilterSupport, Request, Rules, Scan, ScanSettings, Settings, Station, StationSettings, Xids,
};
use plantweave::proto::lldp::Neighbours;
use plantweave::proto::pnio::{Client, Records, Server, ServerSettings};
use plantweave::wire::Guid;
use plantweave::wire::dcerpc::{Datagram, DatagramFlags, DatagramType};
use plantweave::wire::dcp::{Body, DeviceIdentity, DeviceRole, IpSuite, OptionId, Pdu, Value};
use plantweave::wire::ethernet::MacAddress;
use plantweave::wire::lldp::{ChassisId, Lldpdu, PortId};
use plantweave::wire::ndr::ByteOrder;
use plantweave::wire::pnio::{self, PnioStatus, ReadHeader};

use crate::meter::measure;

const TOOL: MacAddress = MacAddress([2, 0, 0, 0, 0, 1]);
const DEVICE: MacAddress = MacAddress([2, 0, 0, 0, 0, 2]);

struct Nothing;

impl Records for Nothing {
    fn read(&self, _: &ReadHeader) -> Result<Vec<u8>, PnioStatus> {
        Err(PnioStatus::INVALID_INDEX)
    }
}

/// One of each that listens on a link.
struct Listeners {
    scan: Scan,
    request: Request,
    station: Station,
    neighbours: Neighbours,
    server: Server,
}

impl Listeners {
    fn new() -> Self {
        // The Xid of the captured scan and requests.
        let mut xids = Xids::new(0x77);
        let mut scan = Scan::new(TOOL, ScanSettings::all(), &mut xids.clone());
        scan.poll(Duration::ZERO);
        let mut request = Request::get(TOOL, DEVICE, vec![OptionId::NAME], &mut xids);
        request.poll(Duration::ZERO);
        let settings = StationSettings {
            mac: DEVICE,
            vendor_value: "Test".into(),
            device_id: DeviceIdentity { vendor: 1, device: 2 },
            oem_id: None,
            role: DeviceRole::DEVICE,
            instance: (0, 1),
            hello: true,
            filters: FilterSupport::Everything,
            rules: Rules {
                name: |name| check_station_name(name).is_ok(),
                ip: |ip, mask, gateway| check_ip_settings(ip, mask, gateway).is_ok(),
            },
        };
        let station = Station::new(settings, Settings { name: "a".into(), ip: IpSuite::NONE });
        let server = Server::new(ServerSettings {
            object: pnio::device_object(1, 2, 0x0493),
            checks_object: false,
            boot: 1,
            order: ByteOrder::Big,
            annotation: String::new(),
            ip: [10, 0, 0, 2].into(),
        });
        Self { scan, request, station, neighbours: Neighbours::new(), server }
    }

    fn hear(&mut self, now: Duration, frame: &[u8]) {
        self.scan.receive(now, frame);
        self.request.receive(now, frame);
        self.station.receive(now, frame);
        self.station.poll(now);
        self.neighbours.receive(now, 1, frame);
        self.neighbours.poll(now);
    }

    fn datagram(&mut self, bytes: &[u8]) {
        self.server.receive(bytes, &Nothing);
        if let Ok(datagram) = Datagram::parse(bytes) {
            let mut client = Client::new(datagram.object, datagram.activity);
            client.read(0, 1, pnio::index::IM0);
            client.poll(Duration::ZERO);
            client.receive(Duration::ZERO, bytes);
            client.take_outcomes();
            let _ = pnio::ReadResponse::parse(datagram.body, datagram.order).map(|it| pnio::blocks(it.record));
        }
    }
}

fn captured() -> Vec<Vec<u8>> {
    let mut frames: Vec<Vec<u8>> = Vec::new();
    for name in ["pnet-dcp-set-reset", "pnet-hello-lldp", "pnet-line-session", "pnet-read-implicit"] {
        let path = format!("{}/tests/data/captures/{name}.pcap", env!("CARGO_MANIFEST_DIR"));
        let mut reader = PcapReader::new(std::fs::File::open(path).unwrap()).unwrap();
        while let Some(packet) = reader.next_packet() {
            let frame = packet.unwrap().data.into_owned();
            if !frames.contains(&frame) {
                frames.push(frame);
            }
        }
    }
    frames
}

#[test]
fn captured_frames_cut_and_damaged_at_every_byte() {
    let frames = captured();
    assert!(frames.len() > 150);
    for frame in &frames {
        let payload = match SlicedPacket::from_ethernet(frame).ok().and_then(|packet| packet.transport) {
            Some(TransportSlice::Udp(udp)) => Some(udp.payload().to_vec()),
            _ => None,
        };
        let bytes = payload.as_ref().unwrap_or(frame);
        let ((), cost) = measure(|| {
            let mut listeners = Listeners::new();
            let mut hear = |bytes: &[u8]| match payload {
                Some(_) => listeners.datagram(bytes),
                None => listeners.hear(Duration::ZERO, bytes),
            };
            for n in 0..=bytes.len() {
                hear(&bytes[..n]);
            }
            let mut damaged = bytes.clone();
            for n in 0..bytes.len() {
                for byte in
                    [0, 1, 0x7f, 0x80, 0xff, bytes[n].wrapping_add(1), bytes[n].wrapping_sub(1), bytes[n] ^ 0x20]
                {
                    damaged[n] = byte;
                    hear(&damaged);
                }
                damaged[n] = bytes[n];
            }
        });
        // Tables fill with what damaged names and addresses look like; a single frame never makes much of itself.
        assert!(cost.peak <= 4 << 20, "{} bytes: {cost:?}", bytes.len());
        assert!(cost.busy.as_secs_f64() <= 5.0, "{} bytes: {cost:?}", bytes.len());
    }
}

#[test]
fn storms_are_bounded() {
    let mac = |n: u32| {
        let [_, a, b, c] = n.to_be_bytes();
        MacAddress([2, 9, 0, a, b, c])
    };
    let ((), cost) = measure(|| {
        let mut listeners = Listeners::new();
        for n in 0..100_000 {
            let port = PortId::Local("port-001".into());
            let pdu = Lldpdu { chassis: ChassisId::Local(format!("n-{n}")), port, ttl: 0xffff, tlvs: Vec::new() };
            listeners.hear(Duration::ZERO, &pdu.frame(mac(n)));
            listeners.neighbours.take_events();
            let body = Body::Identified(vec![Value::Name("x".repeat(240)).into()]);
            listeners.hear(Duration::ZERO, &Pdu { xid: 0x77, body }.frame(mac(n), TOOL));
            listeners.scan.take_events();
        }
        assert_eq!(listeners.scan.left_out(), 80_000);
        assert!(listeners.neighbours.left_out() > 99_000);
    });
    // 20,000 stations with the longest of names.
    assert!(cost.peak <= 40 << 20, "{cost:?}");
}

#[test]
fn an_answer_without_end_is_given_up() {
    let ((), cost) = measure(|| {
        let mut client = Client::new(Guid::NIL, Guid::from_u128(1));
        client.read(0, 1, pnio::index::IM0);
        let request = client.poll(Duration::ZERO).remove(0);
        let request = Datagram::parse(&request).unwrap();
        let (packet_type, flags) = (DatagramType::Response, DatagramFlags::FRAGMENT | DatagramFlags::NO_FACK);
        let body = &[0; 1392][..];
        for fragment in 0..60_000 {
            client.receive(Duration::ZERO, &Datagram { packet_type, flags, fragment, body, ..request }.emit());
        }
        assert_eq!(client.take_outcomes().len(), 1);
    });
    assert!(cost.peak <= 2 << 20, "{cost:?}");
}
