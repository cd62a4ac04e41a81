//! TCP carrier: listen, accept, connect, with typed errors and an optional capture.
//!
//! A [`Network`] is a cheap handle that says *how* streams are made (captured, impaired); it holds no
//! socket itself. Give every virtual device and the online client a clone of one `Network`, so that
//! the capture sees both ends and records each connection once.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use thiserror::Error;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::net::capture::{Capture, Side};
use crate::net::impair::Impairments;
pub use crate::net::stream::{ReadHalf, Stream, WriteHalf};

/// Pending connections a listener keeps before it accepts them.
const BACKLOG: u32 = 1024;

/// How streams are made. Clones share the capture and the impairments.
#[derive(Debug, Clone, Default)]
pub struct Network {
    capture: Option<Capture>,
    impairments: Option<Impairments>,
}

impl Network {
    /// Plain TCP.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same network with every byte of every stream recorded in `capture`.
    #[must_use]
    pub fn with_capture(self, capture: Capture) -> Self {
        Self { capture: Some(capture), ..self }
    }

    /// The same network with streams that obey `impairments`.
    #[must_use]
    pub fn with_impairments(self, impairments: Impairments) -> Self {
        Self { impairments: Some(impairments), ..self }
    }

    /// Opens `local` for incoming connections; port 0 lets the system choose.
    ///
    /// # Errors
    /// [`NetError::PortInUse`], [`NetError::PermissionDenied`] (ports below 1024 on most systems),
    /// [`NetError::AddressNotAvailable`]. Must run inside a tokio runtime.
    pub fn listen(&self, local: SocketAddr) -> Result<Listener, NetError> {
        let open = || {
            let socket = socket_for(local)?;
            // A device that comes back within the TIME_WAIT of its old connections must get its
            // port again. On Windows the option would allow stealing a port in use.
            #[cfg(not(windows))]
            socket.set_reuseaddr(true)?;
            socket.bind(local)?;
            let inner = socket.listen(BACKLOG)?;
            let local = inner.local_addr()?;
            Ok((inner, local))
        };
        let (inner, local) = open().map_err(|error| NetError::at_own(local, error))?;
        Ok(Listener { inner, local, network: self.clone() })
    }

    /// Connects to `remote` from whatever local address the system chooses.
    ///
    /// # Errors
    /// See [`NetError`]; after `within` without an answer it is [`NetError::TimedOut`].
    pub async fn connect(&self, remote: SocketAddr, within: Duration) -> Result<Stream, NetError> {
        self.open(None, remote, within).await
    }

    /// Connects to `remote` from the address `local` (its port is chosen by the system), so that a
    /// virtual device calls out from its own address.
    ///
    /// # Errors
    /// As [`Self::connect`], and [`NetError::AddressNotAvailable`] if this host has no such address.
    pub async fn connect_from(&self, local: IpAddr, remote: SocketAddr, within: Duration) -> Result<Stream, NetError> {
        let local = (!local.is_unspecified()).then_some(local);
        self.open(local, remote, within).await
    }

    async fn open(&self, local: Option<IpAddr>, remote: SocketAddr, within: Duration) -> Result<Stream, NetError> {
        if let Some(impairments) = &self.impairments
            && impairments.refuses(remote.ip())
        {
            return Err(NetError::Refused { remote });
        }
        let socket = socket_for(remote).map_err(|error| NetError::towards(remote, error))?;
        if let Some(local) = local {
            let local = SocketAddr::new(local, 0);
            socket.bind(local).map_err(|error| NetError::at_own(local, error))?;
        }
        let stream = tokio::time::timeout(within, socket.connect(remote))
            .await
            .map_err(|_| NetError::TimedOut { remote, after: within })?
            .map_err(|error| NetError::towards(remote, error))?;
        self.dress(stream, Side::Client).map_err(|error| NetError::towards(remote, error))
    }

    /// Turns a connected socket into a stream with capture and impairments.
    fn dress(&self, inner: TcpStream, side: Side) -> io::Result<Stream> {
        // Requests and responses are small and wait for each other: never hold one back.
        inner.set_nodelay(true)?;
        let (local, remote) = (inner.local_addr()?, inner.peer_addr()?);
        let tap = self.capture.as_ref().map(|capture| capture.open(local, remote, side));
        let line = self.impairments.as_ref().map(|impairments| impairments.line(local.ip()));
        Ok(Stream::new(inner, local, remote, tap, line))
    }
}

fn socket_for(address: SocketAddr) -> io::Result<TcpSocket> {
    match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }
}

/// An open port. Dropping it closes the port; accepted streams live on.
#[derive(Debug)]
pub struct Listener {
    inner: TcpListener,
    local: SocketAddr,
    network: Network,
}

impl Listener {
    /// The address actually bound, with the port the system chose.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Waits for the next connection. Cancel safe.
    ///
    /// Connections that died before they were accepted are passed over.
    ///
    /// # Errors
    /// Only trouble of this host, such as too many open files; the listener stays usable, and the
    /// caller decides when to try again.
    pub async fn accept(&self) -> Result<Stream, NetError> {
        loop {
            let stream = match self.inner.accept().await {
                Ok((stream, _)) => stream,
                Err(error) if died_early(&error) => continue,
                Err(error) => return Err(NetError::at_own(self.local, error)),
            };
            if let Some(impairments) = &self.network.impairments
                && impairments.refuses(self.local.ip())
            {
                // The system has completed the handshake already; a reset is as near as one gets.
                let _ = stream.set_zero_linger();
                continue;
            }
            // What is left of a connection that died meanwhile differs from system to system; that
            // it is not usable is all that matters.
            if let Ok(stream) = self.network.dress(stream, Side::Server) {
                return Ok(stream);
            }
        }
    }
}

/// The other side gave up between its handshake and our `accept`.
fn died_early(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    )
}

/// Why a port could not be opened or a connection not made.
#[derive(Debug, Error)]
pub enum NetError {
    /// Another program, or another device of ours, has the port.
    #[error("{local} is in use already")]
    PortInUse {
        /// The address asked for.
        local: SocketAddr,
    },
    /// The system reserves the port; usually those below 1024.
    #[error("no permission to open {local}; ports below 1024 usually need administrator rights")]
    PermissionDenied {
        /// The address asked for.
        local: SocketAddr,
    },
    /// This host has no such address.
    #[error("this host has no address {}", .local.ip())]
    AddressNotAvailable {
        /// The address asked for.
        local: SocketAddr,
    },
    /// The station answers, but nobody listens on the port.
    #[error("{remote} refused the connection: nothing listens there")]
    Refused {
        /// The address called.
        remote: SocketAddr,
    },
    /// No way to the station: no route, host or network down, or forbidden by a firewall.
    #[error("{remote} cannot be reached: {source}")]
    Unreachable {
        /// The address called.
        remote: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The station did not answer in time.
    #[error("{remote} did not answer within {} ms", .after.as_millis())]
    TimedOut {
        /// The address called.
        remote: SocketAddr,
        /// How long was waited.
        after: Duration,
    },
    /// Anything else, such as too many open files.
    #[error("network trouble at {address}: {source}")]
    Io {
        /// The address the operation was about.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

impl NetError {
    /// An error about an address of ours: while binding or accepting.
    fn at_own(local: SocketAddr, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::AddrInUse => Self::PortInUse { local },
            io::ErrorKind::PermissionDenied => Self::PermissionDenied { local },
            io::ErrorKind::AddrNotAvailable => Self::AddressNotAvailable { local },
            _ => Self::Io { address: local, source },
        }
    }

    /// An error about the other side: while connecting.
    fn towards(remote: SocketAddr, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::ConnectionRefused => Self::Refused { remote },
            io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::AddrNotAvailable => Self::Unreachable { remote, source },
            // The system's own limit, shorter than ours.
            io::ErrorKind::TimedOut => Self::Unreachable { remote, source },
            _ => Self::Io { address: remote, source },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const SOON: Duration = Duration::from_secs(10);

    fn any_port() -> SocketAddr {
        "127.0.0.1:0".parse().unwrap()
    }

    #[tokio::test]
    async fn bytes_go_both_ways_and_the_end_arrives() {
        let network = Network::new();
        let listener = network.listen(any_port()).unwrap();
        let (mut client, mut server) =
            tokio::try_join!(network.connect(listener.local_addr(), SOON), listener.accept()).unwrap();
        assert_eq!(client.remote_addr(), server.local_addr());
        assert_eq!(client.local_addr(), server.remote_addr());
        client.write_all(b"ping").await.unwrap();
        client.shutdown().await.unwrap();
        let mut got = Vec::new();
        server.read_to_end(&mut got).await.unwrap();
        assert_eq!(got, b"ping");
        let (_, mut writer) = server.into_split();
        writer.write_all(b"pong").await.unwrap();
        drop(writer);
        got.clear();
        client.read_to_end(&mut got).await.unwrap();
        assert_eq!(got, b"pong");
    }

    #[tokio::test]
    async fn a_port_in_use_is_named() {
        let network = Network::new();
        let listener = network.listen(any_port()).unwrap();
        let error = network.listen(listener.local_addr()).unwrap_err();
        assert!(matches!(error, NetError::PortInUse { local } if local == listener.local_addr()), "{error}");
    }

    #[tokio::test]
    async fn a_closed_port_refuses() {
        let network = Network::new();
        let address = network.listen(any_port()).unwrap().local_addr();
        let error = network.connect(address, SOON).await.unwrap_err();
        assert!(matches!(error, NetError::Refused { remote } if remote == address), "{error}");
    }

    #[tokio::test]
    async fn a_foreign_own_address_is_not_available() {
        let network = Network::new();
        // TEST-NET-3 (RFC 5737): no host has it.
        let foreign: IpAddr = "203.0.113.7".parse().unwrap();
        let error = network.listen(SocketAddr::new(foreign, 0)).unwrap_err();
        assert!(matches!(error, NetError::AddressNotAvailable { .. }), "{error}");
        let listener = network.listen(any_port()).unwrap();
        let error = network.connect_from(foreign, listener.local_addr(), SOON).await.unwrap_err();
        assert!(matches!(error, NetError::AddressNotAvailable { .. }), "{error}");
    }

    #[tokio::test]
    async fn a_device_calls_from_its_own_address() {
        let network = Network::new();
        let own: IpAddr = "127.0.0.12".parse().unwrap();
        if network.listen(SocketAddr::new(own, 0)).is_err() {
            println!("skipped: loopback range missing");
            return;
        }
        let listener = network.listen(any_port()).unwrap();
        let (client, server) =
            tokio::try_join!(network.connect_from(own, listener.local_addr(), SOON), listener.accept()).unwrap();
        assert_eq!(client.local_addr().ip(), own);
        assert_eq!(server.remote_addr().ip(), own);
    }

    #[tokio::test]
    async fn a_silent_station_times_out() {
        // A full backlog swallows further connection requests, on Linux at least.
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(any_port()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let network = Network::new();
        let within = Duration::from_millis(50);
        let mut held = Vec::new();
        for _ in 0..16 {
            match network.connect(address, within).await {
                Ok(stream) => held.push(stream),
                Err(NetError::TimedOut { remote, after }) => {
                    assert_eq!((remote, after), (address, within));
                    return;
                }
                Err(error) => panic!("{error}"),
            }
        }
        println!("skipped: this system's backlog takes every connection");
    }
}
