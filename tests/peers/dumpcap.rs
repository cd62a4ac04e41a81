//! The operating system's own capture of the loopback device, held against that of our carriers.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};

use plantweave::net::capture::read::{TcpConversation, tcp_conversations};

use crate::plant::{DEADLINE, until};
use crate::process::Process;
use crate::support::peer;

/// A running dumpcap.
pub struct Dumpcap {
    process: Process,
    file: PathBuf,
    net: [u8; 4],
}

impl Dumpcap {
    /// Captures what goes from and to `net`/16 on lo; returns when it does.
    ///
    /// # Panics
    /// If dumpcap is missing or captures nothing.
    pub fn start(file: &Path, net: [u8; 4]) -> Self {
        let mut dumpcap = peer("dumpcap").expect("asked for before");
        let filter = format!("net {}/16", Ipv4Addr::from(net));
        dumpcap.args(["-q", "-P", "-i", "lo", "-f", &filter, "-B", "16", "-w"]).arg(file);
        let mut process = Process::start(dumpcap);
        process.wait_for("File:", DEADLINE);
        let running = Self { process, file: file.to_owned(), net };
        // The name of the file is said a little before the first frame can be seen.
        running.until_seen(1, "the first frame in dumpcap's file");
        running
    }

    /// Ends it when everything until now is in its file.
    pub fn finish(self) {
        self.until_seen(2, "the last frame in dumpcap's file");
        self.process.interrupt();
        let (status, said) = self.process.finish(DEADLINE);
        assert!(status.success(), "{said}");
    }

    /// Sends one byte over loopback, from outside every plant, until it is in the file.
    fn until_seen(&self, mark: u8, what: &str) {
        let [a, b, c, _] = self.net;
        let send = || {
            let listener = TcpListener::bind(SocketAddr::from(([a, b, c, 250], 0))).unwrap();
            let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            client.write_all(&[mark]).unwrap();
            let (mut server, _) = listener.accept().unwrap();
            server.read_exact(&mut [0]).unwrap();
        };
        until(what, || {
            send();
            let seen = File::open(&self.file).ok().and_then(|file| tcp_conversations(file).ok());
            seen.is_some_and(|seen| seen.conversations.iter().any(|one| one.from_client == [mark]))
        });
    }
}

/// Compares two captures of the same time, connection by connection, byte by byte; gives the number of connections.
///
/// # Panics
/// If a connection that carries something is in one of them only, is not complete, or has other bytes.
pub fn assert_same_bytes(ours: &Path, theirs: &Path) -> usize {
    let [ours, theirs] = [ours, theirs].map(|path| {
        let all = tcp_conversations(File::open(path).unwrap()).unwrap().conversations;
        all.into_iter().map(|one| ((one.client, one.server), one)).collect::<BTreeMap<_, TcpConversation>>()
    });
    for (ends, our) in &ours {
        let their = theirs.get(ends).unwrap_or_else(|| panic!("{ends:?} is in our capture only"));
        assert!(our.complete && their.complete, "{ends:?}");
        assert!(our.from_client == their.from_client, "{ends:?}: what the client sent differs");
        assert!(our.from_server == their.from_server, "{ends:?}: what the server sent differs");
    }
    // A mark has one byte; a connection that broke behind its handshake, as with a pulled device, has none.
    let says_something = |one: &TcpConversation| one.from_client.len() > 1 || !one.from_server.is_empty();
    let unknown = theirs.iter().find(|(ends, one)| !ours.contains_key(ends) && says_something(one));
    assert!(unknown.is_none(), "not in our capture: {unknown:?}");
    ours.len()
}
