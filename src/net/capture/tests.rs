use std::io::Cursor;
use std::process::Command;
use std::time::Duration;

use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::read::{TcpConversation, tcp_conversations};
use super::*;
use crate::net::tcp::Network;

const SOON: Duration = Duration::from_secs(10);

/// A writer the test can look into afterwards.
#[derive(Clone, Default)]
struct Shelf(Arc<Mutex<Vec<u8>>>);

impl Write for Shelf {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shelf {
    fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

fn fixed_clock() -> CaptureSettings {
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    CaptureSettings { clock: Arc::new(move || start), ..CaptureSettings::default() }
}

fn shelf() -> (Shelf, Capture) {
    let shelf = Shelf::default();
    let capture = Capture::to_writer(shelf.clone(), fixed_clock()).unwrap();
    (shelf, capture)
}

fn ends() -> (SocketAddr, SocketAddr) {
    ("127.0.0.1:40000".parse().unwrap(), "127.0.0.12:135".parse().unwrap())
}

/// Sends `bytes` as a socket would that takes them all.
fn send(tap: &Tap, bytes: &[u8]) {
    let result = tap.send(bytes, || Poll::Ready(Ok(bytes.len())));
    assert!(matches!(result, Poll::Ready(Ok(n)) if n == bytes.len()));
}

fn only_conversation(file: &[u8]) -> TcpConversation {
    let mut capture = tcp_conversations(file).unwrap();
    assert_eq!(capture.conversations.len(), 1);
    assert_eq!(capture.left_out, 0);
    capture.conversations.remove(0)
}

/// (sender, flags, sequence, acknowledgement, payload) of every frame, with checksums verified.
fn frames(file: &[u8]) -> Vec<(u16, String, u32, u32, Vec<u8>)> {
    let mut reader = pcap_file::pcap::PcapReader::new(file).unwrap();
    let mut frames = Vec::new();
    while let Some(packet) = reader.next_packet() {
        let packet = packet.unwrap();
        let sliced = etherparse::SlicedPacket::from_ethernet(&packet.data).unwrap();
        let Some(etherparse::TransportSlice::Tcp(tcp)) = sliced.transport else { panic!("no TCP") };
        match sliced.net {
            Some(etherparse::NetSlice::Ipv4(ip)) => {
                let ip = ip.header();
                assert_eq!(ip.header_checksum(), ip.to_header().calc_header_checksum());
                let sum = tcp.calc_checksum_ipv4(ip.source(), ip.destination());
                assert_eq!(sum.unwrap(), tcp.checksum());
            }
            other => panic!("no IPv4: {other:?}"),
        }
        let flags: String = [(tcp.syn(), 'S'), (tcp.fin(), 'F'), (tcp.rst(), 'R'), (tcp.psh(), 'P'), (tcp.ack(), 'A')]
            .into_iter()
            .filter_map(|(set, letter)| set.then_some(letter))
            .collect();
        frames.push((
            tcp.source_port(),
            flags,
            tcp.sequence_number(),
            tcp.acknowledgment_number(),
            tcp.payload().to_vec(),
        ));
    }
    frames
}

#[test]
fn a_connection_with_a_foreign_end_is_told_whole() {
    let (shelf, capture) = shelf();
    let (client, server) = ends();
    let tap = capture.open(client, server, Side::Client);
    send(&tap, b"question");
    tap.received(b"answer");
    tap.remote_finished();
    drop(tap);
    let summary = capture.finish().unwrap();
    let file = shelf.bytes();
    assert_eq!(summary.bytes, file.len() as u64);
    assert_eq!(summary.connections, 1);

    let (c, s) = (0x1000_0000, 0x6000_0000);
    let told: Vec<_> = frames(&file)
        .into_iter()
        .map(|(port, flags, seq, ack, payload)| (port, flags, seq, ack, payload.len()))
        .collect();
    let expected = [
        (40000, "S", c, 0, 0),
        (135, "SA", s, c + 1, 0),
        (40000, "A", c + 1, s + 1, 0),
        (40000, "PA", c + 1, s + 1, 8),
        (135, "PA", s + 1, c + 9, 6),
        (135, "FA", s + 7, c + 9, 0),
        (40000, "A", c + 9, s + 8, 0),
        (40000, "FA", c + 9, s + 8, 0),
        (135, "A", s + 8, c + 10, 0),
    ];
    assert_eq!(summary.frames, expected.len() as u64);
    let told: Vec<_> = told.iter().map(|(port, flags, seq, ack, n)| (*port, flags.as_str(), *seq, *ack, *n)).collect();
    assert_eq!(told, expected);
    let conversation = only_conversation(&file);
    assert_eq!((conversation.client, conversation.server), (client, server));
    assert_eq!(conversation.from_client, b"question");
    assert_eq!(conversation.from_server, b"answer");
}

#[test]
fn with_both_ends_here_each_byte_stands_once() {
    // Either end may come first, and close before the other has read.
    for first in [Side::Client, Side::Server] {
        let (shelf, capture) = shelf();
        let (client, server) = ends();
        let open = |side| match side {
            Side::Client => capture.open(client, server, side),
            Side::Server => capture.open(server, client, side),
        };
        let (a, b) = (open(first), open(first.other()));
        send(&a, b"one");
        b.received(b"one");
        send(&a, b"two");
        drop(a);
        b.received(b"two");
        b.remote_finished();
        send(&b, b"three");
        drop(b);
        assert_eq!(capture.finish().unwrap().connections, 1);
        let conversation = only_conversation(&shelf.bytes());
        assert_eq!(conversation.client, client);
        let (from_first, from_other) = match first {
            Side::Client => (conversation.from_client, conversation.from_server),
            Side::Server => (conversation.from_server, conversation.from_client),
        };
        assert_eq!(from_first, b"onetwo");
        assert_eq!(from_other, b"three");
    }
}

#[test]
fn an_end_still_in_the_queue_of_a_listener_joins_later() {
    let (shelf, capture) = shelf();
    let (client, server) = ends();
    let tap = capture.open(client, server, Side::Client);
    send(&tap, b"gone before accepted");
    drop(tap);
    let tap = capture.open(server, client, Side::Server);
    tap.received(b"gone before accepted");
    tap.remote_finished();
    drop(tap);
    capture.finish().unwrap();
    assert_eq!(only_conversation(&shelf.bytes()).from_client, b"gone before accepted");
}

#[test]
fn ports_used_again_are_a_new_connection() {
    let (shelf, capture) = shelf();
    let (client, server) = ends();
    for text in [b"first", b"again"] {
        let tap = capture.open(server, client, Side::Server);
        tap.received(text);
        tap.remote_reset();
        drop(tap);
    }
    capture.finish().unwrap();
    let read = tcp_conversations(Cursor::new(shelf.bytes())).unwrap();
    let texts: Vec<_> = read.conversations.iter().map(|c| &c.from_client).collect();
    assert_eq!(texts, [b"first", b"again"]);
}

#[test]
fn half_seen_connections_do_not_pile_up() {
    let (_shelf, capture) = shelf();
    let (_, server) = ends();
    for port in 10_000..11_000 {
        let client = SocketAddr::new("127.0.0.1".parse().unwrap(), port);
        drop(capture.open(server, client, Side::Server));
    }
    let recorder = capture.recorder();
    assert!(recorder.conversations.len() <= KEPT_HALF_SEEN);
    assert!(recorder.by_ends.len() <= KEPT_HALF_SEEN);
}

#[test]
fn the_limit_holds_and_is_told() {
    let shelf = Shelf::default();
    let settings = CaptureSettings { max_bytes: Some(4_000), ..fixed_clock() };
    let capture = Capture::to_writer(shelf.clone(), settings).unwrap();
    let (client, server) = ends();
    let tap = capture.open(client, server, Side::Client);
    for _ in 0..10 {
        send(&tap, &[7; 1000]);
    }
    drop(tap);
    let summary = capture.finish().unwrap();
    assert!(summary.truncated);
    assert_eq!(summary.bytes, shelf.bytes().len() as u64);
    assert!(summary.bytes <= 4_000);
    assert_eq!(only_conversation(&shelf.bytes()).from_client, [7; 3000]);
}

#[test]
fn a_clock_set_back_does_not_turn_the_file_round() {
    let seconds = Mutex::new([100, 50, 200].into_iter().cycle());
    let settings = CaptureSettings {
        clock: Arc::new(move || {
            let seconds = seconds.lock().unwrap().next().unwrap();
            SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
        }),
        ..CaptureSettings::default()
    };
    let shelf = Shelf::default();
    let capture = Capture::to_writer(shelf.clone(), settings).unwrap();
    let (client, server) = ends();
    drop(capture.open(client, server, Side::Client));
    capture.finish().unwrap();
    let file = shelf.bytes();
    let mut reader = pcap_file::pcap::PcapReader::new(file.as_slice()).unwrap();
    let mut times = Vec::new();
    while let Some(packet) = reader.next_packet() {
        times.push(packet.unwrap().timestamp.as_secs());
    }
    assert_eq!(times, [100, 100, 200, 200, 200]);
}

#[test]
fn trouble_with_the_file_is_reported_once() {
    struct Full(usize);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let capture = Capture::to_writer(Full(100_000), fixed_clock()).unwrap();
    let (client, server) = ends();
    let tap = capture.open(client, server, Side::Client);
    send(&tap, &[0; 200_000]);
    send(&tap, b"goes on");
    let error = capture.finish().unwrap_err();
    assert!(error.to_string().contains("cannot write the capture"));
    assert!(capture.finish().is_ok());
}

#[tokio::test]
async fn sockets_of_one_process_give_the_streams_they_carried() {
    let (shelf, capture) = shelf();
    let network = Network::new().with_capture(capture.clone());
    let listener = network.listen("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..8u8 {
        let network = network.clone();
        tasks.spawn(async move {
            let mut stream = network.connect(address, SOON).await.unwrap();
            let question = vec![number; 70_000 + usize::from(number)];
            stream.write_all(&question).await.unwrap();
            stream.shutdown().await.unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.unwrap();
            assert_eq!(answer, question);
        });
    }
    for _ in 0..8 {
        let mut stream = listener.accept().await.unwrap();
        tasks.spawn(async move {
            let mut question = Vec::new();
            stream.read_to_end(&mut question).await.unwrap();
            stream.write_all(&question).await.unwrap();
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    assert_eq!(capture.finish().unwrap().connections, 8);
    let file = shelf.bytes();
    let mut lengths = Vec::new();
    for conversation in tcp_conversations(file.as_slice()).unwrap().conversations {
        assert!(conversation.complete);
        assert_eq!(conversation.from_client, conversation.from_server);
        lengths.push(conversation.from_client.len());
    }
    lengths.sort_unstable();
    assert_eq!(lengths, (70_000..70_008).collect::<Vec<_>>());
    frames(&file);
    tshark_finds_nothing_odd(&file);
}

/// What Wireshark's own TCP analysis would complain about.
fn tshark_finds_nothing_odd(file: &[u8]) {
    if Command::new("tshark").arg("--version").output().is_err() {
        assert!(std::env::var_os("PLANTWEAVE_REQUIRE_PEERS").is_none(), "tshark is required here and missing");
        println!("skipped: tshark missing");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("capture.pcap");
    std::fs::write(&path, file).unwrap();
    let output = Command::new("tshark")
        .arg("-r")
        .arg(&path)
        .args(["-o", "tcp.check_checksum:TRUE"])
        .args(["-o", "ip.check_checksum:TRUE"])
        .args(["-T", "fields", "-e", "frame.number", "-e", "_ws.col.Info"])
        .args([
            "-Y",
            "_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0 \
             || tcp.analysis.flags",
        ])
        .output()
        .unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
}

proptest! {
    /// Whatever is sent in whatever pieces comes out again in one piece.
    #[test]
    fn streams_survive_the_file(
        pieces in prop::collection::vec((any::<bool>(), 0usize..5000), 0..20)
    ) {
        let (shelf, capture) = shelf();
        let (client, server) = ends();
        let tap = capture.open(client, server, Side::Client);
        let (mut sent, mut received) = (Vec::new(), Vec::new());
        for (number, (ours, length)) in pieces.into_iter().enumerate() {
            let piece = vec![u8::try_from(number).unwrap(); length];
            if ours {
                send(&tap, &piece);
                sent.extend(piece);
            } else {
                tap.received(&piece);
                received.extend(piece);
            }
        }
        drop(tap);
        capture.finish().unwrap();
        let conversation = only_conversation(&shelf.bytes());
        prop_assert_eq!(conversation.from_client, sent);
        prop_assert_eq!(conversation.from_server, received);
        prop_assert!(conversation.complete);
    }

    /// Frames out of order, repeated and overlapping give the same stream.
    #[test]
    fn order_and_repetition_do_not_matter(
        (bytes, order) in prop::collection::vec(any::<u8>(), 3000..9000).prop_flat_map(|bytes| {
            let n = bytes.len().div_ceil(1460);
            let order = Just((0..n).chain(0..n).collect::<Vec<_>>()).prop_shuffle();
            (Just(bytes), order)
        })
    ) {
        let (shelf, capture) = shelf();
        let (client, server) = ends();
        let tap = capture.open(client, server, Side::Client);
        send(&tap, &bytes);
        capture.finish().unwrap();
        let file = shelf.bytes();
        let mut reader = pcap_file::pcap::PcapReader::new(file.as_slice()).unwrap();
        let mut packets = Vec::new();
        while let Some(packet) = reader.next_raw_packet() {
            packets.push(packet.unwrap().into_owned());
        }
        let (handshake, data) = packets.split_at(3);
        let mut shuffled = pcap_file::pcap::PcapWriter::with_header(
            Vec::new(), reader.header()).unwrap();
        for packet in handshake.iter().chain(order.iter().filter_map(|idx| data.get(*idx))) {
            shuffled.write_raw_packet(packet).unwrap();
        }
        let conversation = only_conversation(&shuffled.into_writer());
        prop_assert_eq!(conversation.from_client, bytes);
        prop_assert!(conversation.complete);
    }

    /// Foreign files never make the reader panic.
    #[test]
    fn damaged_files_are_refused_or_read(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        cut in any::<prop::sample::Index>(),
    ) {
        let (shelf, capture) = shelf();
        let (client, server) = ends();
        let tap = capture.open(client, server, Side::Client);
        send(&tap, &[1; 3000]);
        tap.received(&[2; 100]);
        drop(tap);
        capture.finish().unwrap();
        let mut file = shelf.bytes();
        for (place, value) in flips {
            let place = place.index(file.len());
            file[place] = value;
        }
        file.truncate(cut.index(file.len() + 1));
        let _ = tcp_conversations(file.as_slice());
    }
}
