//! The golden vectors of DCE/RPC and DCOM: every stub that is not CBA's own decodes to the values
//! meant and encodes to the same bytes, and every TCP payload of the example capture is a sequence of
//! PDUs that encode to the same bytes.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use plantweave::wire::dcerpc::{Body, FaultStatus, Flags, HEADER_LEN, Header, Pdu, SyntaxId};
use plantweave::wire::dcom::activation::{ActivatedInterface, RemoteActivationRequest, RemoteActivationResponse};
use plantweave::wire::dcom::oxid::{
    ComplexPingRequest, ComplexPingResponse, ResolveOxidRequest, ResolveOxidResponse, ServerAlive2Response,
    SimplePingRequest, StatusResponse,
};
use plantweave::wire::dcom::properties::{CreateInstanceRequest, CreateInstanceResponse, CreatedInstance};
use plantweave::wire::dcom::rem_unknown::{
    AddRefResponse, InterfaceRef, QueryInterfaceRequest, QueryInterfaceResponse, QueryInterfaceResult,
    ReferencesRequest,
};
use plantweave::wire::dcom::{ComVersion, DualStringArray, ObjRef, OrpcThat, OrpcThis, StandardObjRef, StdObjRef};
use plantweave::wire::ndr::{ByteOrder, NdrReader, NdrWriter};
use plantweave::wire::{Guid, WireError};
use proptest::prelude::*;

const VERSION: ComVersion = ComVersion { major: 5, minor: 7 };

fn vector(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/cba").join(name)
}

/// Name and stub of every row, in order.
fn stubs() -> Vec<(String, Vec<u8>)> {
    let text = fs::read_to_string(vector("cba-example.stubs.tsv")).unwrap();
    text.lines()
        .skip(1)
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            let hex = fields[3].as_bytes();
            let stub =
                hex.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect();
            (fields[0].to_owned(), stub)
        })
        .collect()
}

/// The n-th stub of that name.
fn stub(name: &str, nth: usize) -> Vec<u8> {
    stubs().into_iter().filter(|(row, _)| row == name).nth(nth).unwrap_or_else(|| panic!("no row {nth} of {name}")).1
}

/// Whether the row is one of DCOM itself.
fn is_dcom(name: &str) -> bool {
    [
        "ServerAlive",
        "RemoteCreateInstance",
        "RemoteActivation",
        "ComplexPing",
        "SimplePing",
        "ResolveOxid",
        "IRemUnknown.",
        "RemAddRef",
        "RemRelease",
        "unknown opnum",
    ]
    .iter()
    .any(|prefix| name.starts_with(prefix))
}

fn cba(first: u32) -> Guid {
    Guid::with_first(first, "cba00000-6c97-11d1-8271-00a02442df7d".parse().unwrap())
}

fn ipid(text: &str) -> Guid {
    text.parse().unwrap()
}

/// Device 0b = 192.168.0.11 (Pump), 0c = 192.168.0.12 (Filler), as the generator numbers them.
fn std_objref(device: u8, object: u16, interface: u16) -> StdObjRef {
    StdObjRef {
        flags: 0,
        public_refs: 5,
        oxid: 0x1122_3344_0000_0000 | u64::from(device),
        oid: 0x5566_7788_0000_0000 | u64::from(device) << 8 | u64::from(object),
        ipid: ipid(&format!("a0{device:02x}{interface:04x}-{object:04x}-1234-8000-000000000001")),
    }
}

fn objref(device: u8, address: &str, object: u16, interface: u16) -> ObjRef {
    StandardObjRef {
        iid: cba(0xcba0_0000 | u32::from(interface)),
        std: std_objref(device, object, interface),
        resolver: DualStringArray::tcp(address, None),
    }
    .into()
}

fn rem_unknown(device: u8) -> Guid {
    ipid(&format!("a0{device:02x}0131-0000-1234-8000-000000000001"))
}

/// A type that is the arguments or results of one method, behind ORPCTHIS, ORPCTHAT or nothing.
trait Stub: Sized + PartialEq + std::fmt::Debug {
    fn read_stub(r: &mut NdrReader<'_>) -> Result<Self, WireError>;
    fn write_stub(&self, w: &mut NdrWriter);
}

macro_rules! stub_types {
    ($($type:ty),*) => {
        $(impl Stub for $type {
            fn read_stub(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
                Self::read(r)
            }
            fn write_stub(&self, w: &mut NdrWriter) {
                self.write(w);
            }
        })*
    };
}

stub_types!(
    OrpcThis,
    OrpcThat,
    RemoteActivationRequest,
    RemoteActivationResponse,
    ComplexPingRequest,
    ComplexPingResponse,
    ResolveOxidRequest,
    ServerAlive2Response,
    SimplePingRequest,
    StatusResponse,
    CreateInstanceRequest,
    CreateInstanceResponse,
    AddRefResponse,
    QueryInterfaceRequest,
    QueryInterfaceResponse,
    ReferencesRequest
);

impl Stub for ResolveOxidResponse {
    fn read_stub(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        Self::read(r, true)
    }
    fn write_stub(&self, w: &mut NdrWriter) {
        self.write(w);
    }
}

/// Stub of a method with ORPCTHIS or ORPCTHAT in front.
#[derive(Debug, PartialEq)]
struct Behind<Head, Rest>(Head, Rest);

impl<Head: Stub, Rest: Stub> Stub for Behind<Head, Rest> {
    fn read_stub(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        Ok(Self(Head::read_stub(r)?, Rest::read_stub(r)?))
    }
    fn write_stub(&self, w: &mut NdrWriter) {
        self.0.write_stub(w);
        self.1.write_stub(w);
    }
}

fn this<Rest>(rest: Rest) -> Behind<OrpcThis, Rest> {
    let this =
        OrpcThis { version: VERSION, flags: 0, causality_id: "11111111-2222-3333-4444-555555555555".parse().unwrap() };
    Behind(this, rest)
}

fn that<Rest>(rest: Rest) -> Behind<OrpcThat, Rest> {
    Behind(OrpcThat::default(), rest)
}

fn read<S: Stub>(bytes: &[u8]) -> Result<S, WireError> {
    let mut r = NdrReader::new(bytes, ByteOrder::Little);
    let value = S::read_stub(&mut r)?;
    r.finish("stub")?;
    Ok(value)
}

fn write(value: &impl Stub) -> Vec<u8> {
    let mut w = NdrWriter::new();
    value.write_stub(&mut w);
    w.into_bytes()
}

/// Checks one row: meant value, same bytes, and that no truncation is taken for a stub.
fn check<S: Stub>(seen: &mut BTreeSet<String>, name: &str, nth: usize, meant: &S) {
    let bytes = stub(name, nth);
    assert_eq!(&read::<S>(&bytes).unwrap(), meant, "{name}");
    assert_eq!(hex(&write(meant)), hex(&bytes), "{name}");
    for n in 0..bytes.len() {
        assert!(read::<S>(&bytes[..n]).is_err(), "{name} cut to {n} bytes");
    }
    seen.insert(format!("{name} {nth}"));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn stubs_decode_to_the_meant_values_and_encode_to_the_same_bytes() {
    let seen = &mut BTreeSet::new();
    let pump = "192.168.0.11";
    let filler = "192.168.0.12";

    assert!(stub("ServerAlive2 request", 0).is_empty());
    seen.insert("ServerAlive2 request 0".to_owned());
    check(
        seen,
        "ServerAlive2 response",
        0,
        &ServerAlive2Response { version: VERSION, bindings: Some(DualStringArray::tcp(pump, None)), status: 0 },
    );
    check(
        seen,
        "RemoteCreateInstance request",
        0,
        &this(CreateInstanceRequest {
            clsid: cba(0xcba0_0000),
            class_context: 0x14,
            iids: vec![cba(0xcba0_0001), cba(0xcba0_0002)],
            version: VERSION,
            imp_level: 2,
            protseqs: vec![7],
        }),
    );
    check(
        seen,
        "RemoteCreateInstance response",
        0,
        &that(CreateInstanceResponse {
            created: Some(CreatedInstance {
                interfaces: [1, 2]
                    .map(|interface| {
                        (
                            cba(0xcba0_0000 | u32::from(interface)),
                            ActivatedInterface { hresult: 0, objref: Some(objref(0x0b, pump, 1, interface)) },
                        )
                    })
                    .to_vec(),
                oxid: 0x1122_3344_0000_000b,
                bindings: DualStringArray::tcp(pump, Some(49155)),
                rem_unknown: rem_unknown(0x0b),
                authn_hint: 1,
                version: VERSION,
            }),
            status: 0,
        }),
    );
    check(
        seen,
        "ComplexPing request",
        0,
        &ComplexPingRequest {
            set_id: 0,
            sequence: 1,
            add: vec![0x5566_7788_0000_0b01, 0x5566_7788_0000_0b02],
            del: vec![],
        },
    );
    check(seen, "ComplexPing response", 0, &ComplexPingResponse { set_id: 0xabc, ping_backoff_factor: 0, status: 0 });
    check(seen, "SimplePing request", 0, &SimplePingRequest { set_id: 0xabc });
    check(seen, "SimplePing response", 0, &StatusResponse { status: 0 });

    // Object, an interface of it, and the interfaces asked for.
    for (list, device, object, known, wanted) in [
        ("PDev2,Browse2,Persist,Persist2", 0x0b, 1, 0x01, &[0x06, 0x07, 0x05, 0x08][..]),
        ("LDev2,State,Time,GroupError", 0x0b, 2, 0x11, &[0x17, 0x12, 0x14, 0x15]),
        ("RTAuto2", 0x0b, 4, 0x51, &[0x52]),
        ("AccoMgt2,AccoSync", 0x0b, 3, 0x41, &[0x46, 0x44]),
        ("AccoServer,AccoServer2,AccoServerSRT", 0x0c, 3, 0x41, &[0x43, 0x48, 0x45]),
    ] {
        let name = format!("IRemUnknown.RemQueryInterface({list})");
        check(
            seen,
            &format!("{name} request"),
            0,
            &this(QueryInterfaceRequest {
                ipid: std_objref(device, object, known).ipid,
                refs: 5,
                iids: wanted.iter().map(|i| cba(0xcba0_0000 | u32::from(*i))).collect(),
            }),
        );
        check(
            seen,
            &format!("{name} response"),
            0,
            &that(QueryInterfaceResponse {
                results: wanted
                    .iter()
                    .map(|interface| QueryInterfaceResult { hresult: 0, std: std_objref(device, object, *interface) })
                    .collect(),
                hresult: 0,
            }),
        );
    }
    let references = || {
        this(ReferencesRequest {
            refs: vec![InterfaceRef { ipid: std_objref(0x0b, 1, 1).ipid, public_refs: 5, private_refs: 0 }],
        })
    };
    check(seen, "RemAddRef request", 0, &references());
    check(seen, "RemAddRef response", 0, &that(AddRefResponse { results: vec![0], hresult: 0 }));
    check(seen, "RemRelease request", 0, &references());
    check(seen, "RemRelease response", 0, &that(StatusResponse { status: 0 }));
    check(
        seen,
        "RemoteActivation request",
        0,
        &this(RemoteActivationRequest {
            clsid: cba(0xcba0_0000),
            object_name: None,
            object_storage: None,
            imp_level: 2,
            mode: 0,
            iids: vec![cba(0xcba0_0001)],
            protseqs: vec![7],
        }),
    );
    check(
        seen,
        "RemoteActivation response",
        0,
        &that(RemoteActivationResponse {
            oxid: 0x1122_3344_0000_000c,
            bindings: Some(DualStringArray::tcp(filler, Some(49156))),
            rem_unknown: rem_unknown(0x0c),
            authn_hint: 1,
            version: VERSION,
            hresult: 0,
            interfaces: vec![ActivatedInterface { hresult: 0, objref: Some(objref(0x0c, filler, 1, 1)) }],
            status: 0,
        }),
    );
    for (nth, device, address, port) in [(0, 0x0c, filler, 49156), (1, 0x0b, pump, 49155)] {
        check(
            seen,
            "ResolveOxid2 request",
            nth,
            &ResolveOxidRequest { oxid: std_objref(device, 0, 0).oxid, protseqs: vec![7] },
        );
        check(
            seen,
            "ResolveOxid2 response",
            nth,
            &ResolveOxidResponse {
                bindings: Some(DualStringArray::tcp(address, Some(port))),
                rem_unknown: rem_unknown(device),
                authn_hint: 1,
                version: Some(VERSION),
                status: 0,
            },
        );
    }
    // A request without arguments.
    let name = "unknown opnum 20 request";
    assert_eq!(read::<OrpcThis>(&stub(name, 0)), Ok(this(()).0));
    seen.insert(format!("{name} 0"));

    let mut counts = std::collections::BTreeMap::new();
    let rows: BTreeSet<String> = stubs()
        .into_iter()
        .filter(|(name, _)| is_dcom(name))
        .map(|(name, _)| {
            let nth = counts.entry(name.clone()).or_insert(0);
            *nth += 1;
            format!("{name} {}", *nth - 1)
        })
        .collect();
    assert_eq!(seen, &rows, "every row of DCOM has been checked");
}

/// TCP payloads of the capture, each direction of each conversation by itself, joined in order.
fn streams() -> Vec<(Vec<u8>, Vec<usize>)> {
    let file = fs::File::open(vector("cba-example.pcap")).unwrap();
    let mut reader = pcap_file::pcap::PcapReader::new(file).unwrap();
    let mut streams = std::collections::BTreeMap::<_, (Vec<u8>, Vec<usize>)>::new();
    while let Some(packet) = reader.next_packet() {
        let packet = packet.unwrap();
        let Ok(frame) = etherparse::SlicedPacket::from_ethernet(&packet.data) else {
            continue;
        };
        let (Some(etherparse::NetSlice::Ipv4(ip)), Some(etherparse::TransportSlice::Tcp(tcp))) =
            (frame.net, frame.transport)
        else {
            continue;
        };
        if tcp.payload().is_empty() {
            continue;
        }
        let key =
            (ip.header().source_addr(), tcp.source_port(), ip.header().destination_addr(), tcp.destination_port());
        let (bytes, cuts) = streams.entry(key).or_default();
        bytes.extend_from_slice(tcp.payload());
        cuts.push(bytes.len());
    }
    streams.into_values().collect()
}

/// The PDUs of a stream.
fn pdus(mut stream: &[u8]) -> Vec<&[u8]> {
    let mut pdus = Vec::new();
    while !stream.is_empty() {
        let length = Header::parse(stream).unwrap().frag_length;
        let (pdu, rest) = stream.split_at(usize::from(length));
        pdus.push(pdu);
        stream = rest;
    }
    pdus
}

#[test]
fn every_payload_of_the_capture_is_pdus_that_encode_to_the_same_bytes() {
    let mut by_type = std::collections::BTreeMap::new();
    let mut n_fragments = 0;
    for (stream, _) in streams() {
        for bytes in pdus(&stream) {
            let (header, pdu, auth) = Pdu::parse(bytes).unwrap();
            assert_eq!(header.order, ByteOrder::Little);
            assert_eq!(auth, None);
            assert_eq!(hex(&pdu.emit()), hex(bytes));
            *by_type.entry(pdu.body.packet_type().to_string()).or_insert(0) += 1;
            n_fragments += usize::from(!pdu.flags.contains(Flags::WHOLE));
            match pdu.body {
                Body::Bind(bind) | Body::AlterContext(bind) => {
                    assert_eq!((bind.max_xmit_frag, bind.max_recv_frag), (5840, 5840));
                    for context in bind.contexts {
                        assert_eq!(context.transfer_syntaxes, [SyntaxId::NDR]);
                        assert_eq!(SyntaxId::interface(context.abstract_syntax.uuid), context.abstract_syntax);
                    }
                }
                Body::BindAck(ack) => {
                    let of_bind = pdu.call_id == 1;
                    assert_eq!(ack.secondary_address.parse::<u16>().is_ok(), of_bind);
                    assert!(ack.results.iter().all(|r| r.is_accepted()));
                }
                Body::Fault(fault) => assert_eq!(fault.status, FaultStatus::OP_RANGE),
                _ => {}
            }
        }
    }
    let counts: String = by_type.iter().map(|(t, n)| format!("{t} {n}\n")).collect();
    insta::assert_snapshot!(format!("{counts}fragments {n_fragments}"), @r"
    alter_context 25
    alter_context_resp 25
    bind 7
    bind_ack 7
    fault 1
    request 99
    response 92
    fragments 7
    ");
}

#[test]
fn pdus_of_the_capture_cut_at_every_byte_are_refused() {
    for (stream, _) in streams() {
        for bytes in pdus(&stream) {
            for n in 0..bytes.len() {
                assert!(Pdu::parse(&bytes[..n]).is_err());
            }
        }
    }
}

proptest! {
    /// Damage to any PDU of the capture is answered with a value or an error, never a panic, and a
    /// damaged PDU that still parses can be sent.
    #[test]
    fn damaged_pdus_never_panic(pick: prop::sample::Index, damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let streams = streams();
        let all: Vec<&[u8]> = streams.iter().flat_map(|(s, _)| pdus(s)).collect();
        let mut bytes = all[pick.index(all.len())].to_vec();
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Ok((_, pdu, _)) = Pdu::parse(&bytes) {
            let emitted = pdu.emit();
            prop_assert!(emitted.len() >= HEADER_LEN);
            prop_assert_eq!(Pdu::parse(&emitted).unwrap().1.body, pdu.body);
        }
    }

    /// The same for the stubs: pointers, counts and lengths at random.
    #[test]
    fn damaged_stubs_never_panic(pick: prop::sample::Index, damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4), big: bool) {
        let rows: Vec<_> = stubs().into_iter().filter(|(name, bytes)| is_dcom(name) && !bytes.is_empty()).collect();
        let mut bytes = rows[pick.index(rows.len())].1.clone();
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let order = if big { ByteOrder::Big } else { ByteOrder::Little };
        let r = || NdrReader::new(&bytes, order);
        let _ = ServerAlive2Response::read_stub(&mut r());
        let _ = Behind::<OrpcThis, CreateInstanceRequest>::read_stub(&mut r());
        let _ = Behind::<OrpcThat, CreateInstanceResponse>::read_stub(&mut r());
        let _ = ComplexPingRequest::read_stub(&mut r());
        let _ = ComplexPingResponse::read_stub(&mut r());
        let _ = Behind::<OrpcThis, QueryInterfaceRequest>::read_stub(&mut r());
        let _ = Behind::<OrpcThat, QueryInterfaceResponse>::read_stub(&mut r());
        let _ = Behind::<OrpcThis, ReferencesRequest>::read_stub(&mut r());
        let _ = Behind::<OrpcThat, AddRefResponse>::read_stub(&mut r());
        let _ = Behind::<OrpcThis, RemoteActivationRequest>::read_stub(&mut r());
        let _ = Behind::<OrpcThat, RemoteActivationResponse>::read_stub(&mut r());
        let _ = ResolveOxidRequest::read_stub(&mut r());
        let _ = ResolveOxidResponse::read_stub(&mut r());
    }
}
