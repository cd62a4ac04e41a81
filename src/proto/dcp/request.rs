//! Get and Set: asked until answered, and what was set is read back.

use std::time::Duration;

use super::Xids;
use super::convention::{LATE_RETRY, TRIES, TRY_TIMEOUT, VERIFY_EVERY, VERIFY_TRIES};
use crate::wire::dcp::{
    Answer, BlockError, BlockQualifier, BlockResult, Body, FrameId, IpSuite, OptionId, Pdu, ResetMode, Service,
    SetBlock, Value,
};
use crate::wire::ethernet::{EtherType, Frame, MacAddress};

/// Xids of a request: its own, another for another form of it, and one for each time it reads back.
const RESERVED: u32 = 16;

/// How long to wait, and how often to ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For the answer to one try.
    pub timeout: Duration,
    /// Tries, one at each timeout; at least 1.
    pub tries: u32,
    /// One more try so long after the last of them, for stations that another tool works on.
    pub late_retry: Option<Duration>,
    /// Most tries to read back what was set, up to 14; 0: it is not read back.
    pub verify_tries: u32,
    /// Between them.
    pub verify_every: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            timeout: TRY_TIMEOUT,
            tries: TRIES,
            late_retry: Some(LATE_RETRY),
            verify_tries: VERIFY_TRIES,
            verify_every: VERIFY_EVERY,
        }
    }
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Answer to a Get, in the order of the request.
    Got(Vec<Answer>),
    /// Everything is set; `verified` where it could be read back and was as set.
    Done {
        /// It was read back. False where there is nothing to read back, as after a signal.
        verified: bool,
    },
    /// The station did not accept all of it.
    Refused(Vec<BlockResult>),
    /// The station said "done" but, read back, has something else.
    NotInEffect(Vec<Answer>),
    /// The station said "done" and then did not answer when asked for it.
    Unverified,
    /// The station does not support the service.
    Unsupported(Service),
    /// No answer at all: absent, or another tool works on it.
    NoAnswer,
}

#[derive(Debug)]
enum Step {
    Ask { sent: u32 },
    Verify { sent: u32, found: Option<Vec<Answer>> },
    Over(Outcome),
}

/// One Get or Set at one station.
#[derive(Debug)]
pub struct Request {
    own: MacAddress,
    device: MacAddress,
    body: Body,
    /// Sent instead when the station does not know an option of `body`.
    fallback: Option<Body>,
    expected: Vec<Value>,
    patience: Patience,
    xid: u32,
    next_xid: u32,
    step: Step,
    next: Duration,
}

impl Request {
    /// Asks `device` for values.
    pub fn get(own: MacAddress, device: MacAddress, wanted: Vec<OptionId>, xids: &mut Xids) -> Self {
        Self::new(own, device, Body::Get(wanted), None, xids)
    }

    /// Sets values at `device`: an explicit act of a person, never part of a scan.
    pub fn set(own: MacAddress, device: MacAddress, blocks: Vec<SetBlock>, xids: &mut Xids) -> Self {
        Self::new(own, device, Body::Set(blocks), None, xids)
    }

    /// Sets the name of station, as it goes over the wire; empty: clears it.
    pub fn set_name(own: MacAddress, device: MacAddress, name: &str, permanent: bool, xids: &mut Xids) -> Self {
        let block = SetBlock { qualifier: kept(permanent), value: Value::Name(name.to_owned()) };
        Self::set(own, device, vec![block], xids)
    }

    /// Sets address, mask and gateway; [`IpSuite::NONE`] clears them.
    pub fn set_ip(own: MacAddress, device: MacAddress, suite: IpSuite, permanent: bool, xids: &mut Xids) -> Self {
        let block = SetBlock { qualifier: kept(permanent), value: Value::Ip(suite) };
        Self::set(own, device, vec![block], xids)
    }

    /// Lets the device flash.
    pub fn flash(own: MacAddress, device: MacAddress, xids: &mut Xids) -> Self {
        let block = SetBlock { qualifier: BlockQualifier::default(), value: Value::FLASH_ONCE };
        Self::set(own, device, vec![block], xids)
    }

    /// Resets the device. Older ones know only one kind of reset, which clears name and address: they are sent that
    /// when communication parameters are to be reset.
    pub fn reset(own: MacAddress, device: MacAddress, mode: ResetMode, xids: &mut Xids) -> Self {
        let block = SetBlock { qualifier: BlockQualifier::reset(mode), value: Value::ResetToFactory };
        let older = SetBlock { qualifier: BlockQualifier::default(), value: Value::ResetFactorySettings };
        let fallback = (mode == ResetMode::Communication).then(|| Body::Set(vec![older]));
        Self::new(own, device, Body::Set(vec![block]), fallback, xids)
    }

    /// With another patience than the usual one.
    #[must_use]
    pub fn with_patience(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    fn new(own: MacAddress, device: MacAddress, body: Body, fallback: Option<Body>, xids: &mut Xids) -> Self {
        let xid = xids.reserve(RESERVED);
        let expected = expectation(&body);
        let (next, step) = (Duration::ZERO, Step::Ask { sent: 0 });
        let patience = Patience::default();
        Self { own, device, body, fallback, expected, patience, xid, next_xid: xid.wrapping_add(1), step, next }
    }

    /// The station it is for.
    pub fn device(&self) -> MacAddress {
        self.device
    }

    /// What became of it; `None` while it is under way.
    pub fn outcome(&self) -> Option<&Outcome> {
        if let Step::Over(outcome) = &self.step { Some(outcome) } else { None }
    }

    /// When [`poll`](Self::poll) has something to do; `None` if never again.
    pub fn next_due(&self) -> Option<Duration> {
        self.outcome().is_none().then_some(self.next)
    }

    /// Frames to be sent now.
    pub fn poll(&mut self, now: Duration) -> Vec<Vec<u8>> {
        if now < self.next {
            return Vec::new();
        }
        let Patience { timeout, tries, late_retry, verify_tries, verify_every } = self.patience;
        let tries = tries.max(1);
        match &mut self.step {
            Step::Over(_) => Vec::new(),
            Step::Ask { sent } => {
                if *sent >= tries + u32::from(late_retry.is_some()) {
                    self.step = Step::Over(Outcome::NoAnswer);
                    return Vec::new();
                }
                *sent += 1;
                // The last try of several waits until a station that is locked has become free.
                self.next = now + if *sent == tries { late_retry.unwrap_or(timeout) } else { timeout };
                vec![self.frame(self.body.clone())]
            }
            Step::Verify { sent, found } => {
                if *sent >= verify_tries.min(RESERVED - 2) {
                    let outcome = found.take().map_or(Outcome::Unverified, Outcome::NotInEffect);
                    self.step = Step::Over(outcome);
                    return Vec::new();
                }
                *sent += 1;
                self.next = now + verify_every;
                self.xid = self.next_xid;
                self.next_xid = self.next_xid.wrapping_add(1);
                vec![self.frame(Body::Get(self.expected.iter().map(Value::id).collect()))]
            }
        }
    }

    /// A frame came in; what is no answer to this request is ignored.
    pub fn receive(&mut self, now: Duration, frame: &[u8]) {
        let Ok(frame) = Frame::parse(frame) else { return };
        if frame.source != self.device || frame.destination != self.own || frame.ether_type != EtherType::PROFINET {
            return;
        }
        if FrameId::of(frame.payload) != Some(FrameId::GET_SET) {
            return;
        }
        let Ok(Pdu { xid, body }) = Pdu::parse(frame.payload) else { return };
        if xid == self.xid {
            self.answered(now, body);
        }
    }

    fn answered(&mut self, now: Duration, body: Body) {
        let asked = if matches!(self.body, Body::Get(_)) { Service::Get } else { Service::Set };
        match (&mut self.step, body) {
            // Nothing has been asked yet.
            (Step::Ask { sent: 0 } | Step::Verify { sent: 0, .. } | Step::Over(_), _) => {}
            (Step::Ask { .. }, Body::Got(answers)) if asked == Service::Get => {
                self.step = Step::Over(Outcome::Got(answers));
            }
            (Step::Ask { .. }, Body::SetDone(results)) if asked == Service::Set => self.judge(now, results),
            (Step::Ask { .. }, Body::Unsupported(service)) if asked == service => {
                self.step = Step::Over(Outcome::Unsupported(service));
            }
            (Step::Verify { found, .. }, Body::Got(answers)) => {
                if self.expected.iter().all(|value| answers.iter().any(|answer| is_in_effect(value, answer))) {
                    self.step = Step::Over(Outcome::Done { verified: true });
                } else {
                    *found = Some(answers);
                }
            }
            _ => {}
        }
    }

    fn judge(&mut self, now: Duration, results: Vec<BlockResult>) {
        let unknown = |result: &BlockResult| {
            matches!(result.error, BlockError::OptionUnsupported | BlockError::SuboptionUnsupported)
        };
        if let Some(fallback) = self.fallback.take_if(|_| results.iter().any(unknown)) {
            self.body = fallback;
            self.xid = self.next_xid;
            self.next_xid = self.next_xid.wrapping_add(1);
            self.step = Step::Ask { sent: 0 };
            self.next = now;
            return;
        }
        if results.iter().any(|result| result.error != BlockError::Done) {
            self.step = Step::Over(Outcome::Refused(results));
        } else if self.expected.is_empty() || self.patience.verify_tries == 0 {
            self.step = Step::Over(Outcome::Done { verified: false });
        } else {
            self.step = Step::Verify { sent: 0, found: None };
            self.next = now;
        }
    }

    fn frame(&self, body: Body) -> Vec<u8> {
        Pdu { xid: self.xid, body }.frame(self.own, self.device)
    }
}

fn kept(permanent: bool) -> BlockQualifier {
    if permanent { BlockQualifier::PERMANENT } else { BlockQualifier::TEMPORARY }
}

/// What a station has when everything of a Set is in effect.
fn expectation(body: &Body) -> Vec<Value> {
    let Body::Set(blocks) = body else { return Vec::new() };
    let mut values = Vec::new();
    for SetBlock { qualifier, value } in blocks {
        match value {
            Value::Name(_) | Value::Ip(_) => values.push(value.clone()),
            Value::FullIp { suite, .. } => values.push(Value::Ip(*suite)),
            Value::ResetToFactory
                if matches!(qualifier.reset_mode(), ResetMode::Communication | ResetMode::AllData) =>
            {
                values.extend([Value::Name(String::new()), Value::Ip(IpSuite::NONE)]);
            }
            Value::ResetFactorySettings => values.extend([Value::Name(String::new()), Value::Ip(IpSuite::NONE)]),
            _ => {}
        }
    }
    values
}

fn is_in_effect(wanted: &Value, answer: &Answer) -> bool {
    let Answer::Value(block) = answer else { return false };
    match (wanted, &block.value) {
        // "No gateway" is said in two ways.
        (Value::Ip(wanted), Value::Ip(found)) => {
            (wanted.ip, wanted.mask, wanted.router()) == (found.ip, found.mask, found.router())
        }
        (wanted, found) => wanted == found,
    }
}
