//! Stations on an Ethernet, as the tool sees them: found, named, addressed, flashed, reset.
//!
//! A [`NetworkTool`] holds one end of the network and does one thing at a time, as DCP wants it: a station has one
//! pending answer, and takes orders from one tool for three seconds. Whatever it does, it also hears LLDP, Hellos and
//! answers to its last scan that come late, and tells all of it as [`News`].
//!
//! A scan never changes anything. Every change is a call of its own, for an explicit act of a person.

#[cfg(test)]
mod tests;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use crate::model::{IpSettingsError, StationNameError, check_ip_settings, check_station_name};
use crate::net::link::{Ended, LinkEnd, LinkEvent, Received, SendError};
use crate::proto::dcp::{Conflict, Found, Identity, Outcome, Request, Scan, ScanEvent, ScanSettings, Xids};
use crate::proto::lldp::{NeighbourEvent, Neighbours};
use crate::wire::dcp::{Body, FrameId, IpSuite, OptionId, Pdu, ResetMode};
use crate::wire::ethernet::{EtherType, Frame, MacAddress};

/// Why something on the network did not work.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NetworkError {
    /// A frame could not be sent.
    #[error(transparent)]
    Send(Arc<SendError>),
    /// The network is gone.
    #[error(transparent)]
    Ended(Arc<Ended>),
    /// No station takes such a name.
    #[error("'{name}' is no name of station: {why}")]
    Name {
        /// The name.
        name: String,
        /// The rule it breaks.
        why: StationNameError,
    },
    /// Other stations have the name already.
    #[error("the name '{name}' is taken by {}", list(.by))]
    NameTaken {
        /// The name.
        name: String,
        /// Who has it.
        by: Vec<MacAddress>,
    },
    /// No station takes such an address.
    #[error(transparent)]
    Ip(#[from] IpSettingsError),
}

impl From<SendError> for NetworkError {
    fn from(error: SendError) -> Self {
        Self::Send(Arc::new(error))
    }
}

fn list(macs: &[MacAddress]) -> String {
    macs.iter().map(MacAddress::to_string).collect::<Vec<_>>().join(", ")
}

/// What becomes known while something is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// A station answered for the first time in this scan.
    Found(MacAddress, Found),
    /// A station says something else than before in this scan.
    Changed(MacAddress, Found),
    /// A station answered the last scan when it was over.
    Late(MacAddress, Identity),
    /// A station said Hello.
    Hello(MacAddress, Identity),
    /// A neighbour by LLDP; [`NetworkTool::neighbours`] has the table.
    Neighbour(NeighbourEvent),
    /// The link of the tool's own port came up or is lost.
    Link(bool),
}

/// What a scan has found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScanReport {
    /// Stations, in the order of their MAC addresses.
    pub stations: Vec<(MacAddress, Found)>,
    /// Names and addresses that several of them have.
    pub conflicts: Vec<Conflict>,
    /// Requests sent.
    pub requests: usize,
    /// Answers that could not be read.
    pub malformed: u64,
    /// Stations that were not kept because there are too many.
    pub left_out: u64,
}

/// Whether a name is looked for before it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameCheck {
    /// It is refused if another station answers to it.
    MustBeFree,
    /// It is given whoever has it.
    Override,
}

/// The tool at one end of an Ethernet.
#[derive(Debug)]
pub struct NetworkTool {
    end: LinkEnd,
    xids: Xids,
    neighbours: Neighbours,
    /// The last scan, for answers that come late.
    last: Option<Scan>,
}

impl NetworkTool {
    /// A tool with this end.
    pub fn new(end: LinkEnd) -> Self {
        Self { end, xids: Xids::new(rand::random()), neighbours: Neighbours::new(), last: None }
    }

    /// The end it holds.
    pub fn end(&self) -> &LinkEnd {
        &self.end
    }

    /// Neighbours heard by LLDP. A tool behind a switch hears that one only.
    pub fn neighbours(&self) -> &Neighbours {
        &self.neighbours
    }

    /// Looks for stations and tells each as it answers. It takes as long as DCP's response window and, against loss,
    /// some repeats. May be dropped at any moment.
    ///
    /// # Errors
    /// [`NetworkError::Send`], [`NetworkError::Ended`].
    pub async fn scan(
        &mut self,
        settings: ScanSettings,
        mut news: impl FnMut(News) + Send,
    ) -> Result<ScanReport, NetworkError> {
        let mut scan = Scan::new(self.end.mac(), settings, &mut self.xids);
        loop {
            let now = self.end.clock().now();
            for frame in scan.poll(now) {
                self.end.send(&frame)?;
            }
            // The last look ends it; nothing is due any more, and waiting for a frame could take forever.
            if scan.is_finished() {
                break;
            }
            if let Some(received) = self.next(scan.next_due(), &mut news).await? {
                scan.receive(received.at, &received.frame);
            }
            for event in scan.take_events() {
                let told = |mac: &MacAddress| scan.found().get(mac).cloned();
                let what = match event {
                    ScanEvent::Found(mac) => told(&mac).map(|found| News::Found(mac, found)),
                    ScanEvent::Changed(mac) => told(&mac).map(|found| News::Changed(mac, found)),
                    ScanEvent::Late(_) | ScanEvent::Finished => None,
                };
                what.into_iter().for_each(&mut news);
            }
        }
        let report = ScanReport {
            stations: scan.found().iter().map(|(mac, found)| (*mac, found.clone())).collect(),
            conflicts: scan.conflicts(),
            requests: scan.requests(),
            malformed: scan.malformed(),
            left_out: scan.left_out(),
        };
        self.last = Some(scan);
        Ok(report)
    }

    /// Who answers to a name of station; several if it is there twice.
    ///
    /// # Errors
    /// As [`scan`](Self::scan).
    pub async fn identify(&mut self, name: &str) -> Result<Vec<(MacAddress, Found)>, NetworkError> {
        Ok(self.scan(ScanSettings::named(name), |_| {}).await?.stations)
    }

    /// Asks a station for values.
    ///
    /// # Errors
    /// [`NetworkError::Send`], [`NetworkError::Ended`]. That the station does not answer is an [`Outcome`].
    pub async fn get(&mut self, device: MacAddress, wanted: Vec<OptionId>) -> Result<Outcome, NetworkError> {
        let request = Request::get(self.end.mac(), device, wanted, &mut self.xids);
        self.request(request).await
    }

    /// Gives a station its name, which must be as it goes over the wire; an empty one clears it.
    ///
    /// # Errors
    /// [`NetworkError::Name`], [`NetworkError::NameTaken`], and as [`get`](Self::get).
    pub async fn set_name(
        &mut self,
        device: MacAddress,
        name: &str,
        permanent: bool,
        check: NameCheck,
    ) -> Result<Outcome, NetworkError> {
        if !name.is_empty() {
            check_station_name(name).map_err(|why| NetworkError::Name { name: name.to_owned(), why })?;
            if check == NameCheck::MustBeFree {
                let by: Vec<_> = self.identify(name).await?.into_iter().map(|(mac, _)| mac).collect();
                let by: Vec<_> = by.into_iter().filter(|mac| *mac != device).collect();
                if !by.is_empty() {
                    return Err(NetworkError::NameTaken { name: name.to_owned(), by });
                }
            }
        }
        let request = Request::set_name(self.end.mac(), device, name, permanent, &mut self.xids);
        self.request(request).await
    }

    /// Gives a station its address; all zeros clear it, a gateway of 0.0.0.0 is none.
    ///
    /// # Errors
    /// [`NetworkError::Ip`], and as [`get`](Self::get).
    pub async fn set_ip(
        &mut self,
        device: MacAddress,
        [ip, mask, gateway]: [Ipv4Addr; 3],
        permanent: bool,
    ) -> Result<Outcome, NetworkError> {
        check_ip_settings(ip, mask, gateway)?;
        let request = Request::set_ip(self.end.mac(), device, IpSuite { ip, mask, gateway }, permanent, &mut self.xids);
        self.request(request).await
    }

    /// Lets a station flash, so that it is found in the cabinet.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn flash(&mut self, device: MacAddress) -> Result<Outcome, NetworkError> {
        let request = Request::flash(self.end.mac(), device, &mut self.xids);
        self.request(request).await
    }

    /// Resets a station.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn reset(&mut self, device: MacAddress, mode: ResetMode) -> Result<Outcome, NetworkError> {
        let request = Request::reset(self.end.mac(), device, mode, &mut self.xids);
        self.request(request).await
    }

    /// Makes any request and waits for its outcome.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn request(&mut self, mut request: Request) -> Result<Outcome, NetworkError> {
        loop {
            let now = self.end.clock().now();
            for frame in request.poll(now) {
                self.end.send(&frame)?;
            }
            if let Some(outcome) = request.outcome() {
                return Ok(outcome.clone());
            }
            if let Some(received) = self.next(request.next_due(), &mut |_| {}).await? {
                request.receive(received.at, &received.frame);
            }
        }
    }

    /// Only listens, for so long: neighbours, Hellos, late answers.
    ///
    /// # Errors
    /// [`NetworkError::Ended`].
    pub async fn listen(&mut self, within: Duration, mut news: impl FnMut(News) + Send) -> Result<(), NetworkError> {
        let until = self.end.clock().now() + within;
        while self.end.clock().now() < until {
            self.next(Some(until), &mut news).await?;
        }
        Ok(())
    }

    /// The next frame, or nothing when `due` has come. What does not belong to the conversation under way is told.
    async fn next(
        &mut self,
        due: Option<Duration>,
        news: &mut (impl FnMut(News) + Send),
    ) -> Result<Option<Received>, NetworkError> {
        let clock = self.end.clock();
        let due = due.into_iter().chain(self.neighbours.next_due()).min();
        let event = match due {
            Some(due) => match tokio::time::timeout_at(clock.instant(due), self.end.recv()).await {
                Ok(event) => event,
                Err(_) => {
                    self.neighbours.poll(clock.now());
                    self.tell_neighbours(news);
                    return Ok(None);
                }
            },
            None => self.end.recv().await,
        };
        match event {
            Some(LinkEvent::Frame(received)) => {
                self.overhear(&received, news);
                Ok(Some(received))
            }
            Some(LinkEvent::Link { port, up }) => {
                if !up {
                    self.neighbours.link_down(port.into());
                    self.tell_neighbours(news);
                }
                news(News::Link(up));
                Ok(None)
            }
            None => Err(NetworkError::Ended(self.end.ended().unwrap_or_else(|| Arc::new(Ended::SwitchedOff)))),
        }
    }

    fn tell_neighbours(&mut self, news: &mut impl FnMut(News)) {
        self.neighbours.take_events().into_iter().map(News::Neighbour).for_each(news);
    }

    fn overhear(&mut self, received: &Received, news: &mut impl FnMut(News)) {
        let Ok(frame) = Frame::parse(&received.frame) else { return };
        if frame.ether_type == EtherType::LLDP {
            self.neighbours.receive(received.at, received.port.into(), &received.frame);
            self.tell_neighbours(news);
            return;
        }
        if frame.ether_type != EtherType::PROFINET {
            return;
        }
        match FrameId::of(frame.payload) {
            Some(FrameId::HELLO) => {
                if let Ok(Pdu { body: Body::Hello(blocks), .. }) = Pdu::parse(frame.payload) {
                    news(News::Hello(frame.source, Identity::of(&blocks)));
                }
            }
            Some(FrameId::IDENTIFIED) => {
                let Some(last) = &mut self.last else { return };
                last.receive(received.at, &received.frame);
                for event in last.take_events() {
                    if let ScanEvent::Late(mac) = event
                        && let Some(identity) = last.late().get(&mac)
                    {
                        news(News::Late(mac, identity.clone()));
                    }
                }
            }
            _ => {}
        }
    }
}
