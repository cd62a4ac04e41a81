//! The calling side of an association.

use std::collections::VecDeque;

use super::assembly::{Assembly, fragments};
use super::error::RpcError;
use super::framer::{Frame, Framer};
use super::limits::Limits;
use crate::wire::Guid;
use crate::wire::dcerpc::call::{CALL_HEAD_LEN, OBJECT_LEN};
use crate::wire::dcerpc::{
    Bind, BindAck, BindNak, Body, ContextResult, FaultStatus, Flags, PacketType, Pdu, PresentationContext, Request,
    SyntaxId,
};
use crate::wire::ndr::ByteOrder;

/// A method call to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Interface the method belongs to.
    pub interface: Guid,
    /// Number of the method.
    pub opnum: u16,
    /// IPID called; `None` for the interfaces of port 135.
    pub object: Option<Guid>,
    /// Arguments, ORPCTHIS included where the interface has it; little-endian.
    pub stub: Vec<u8>,
}

/// Names a call towards its association.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallId(u64);

/// Why a call has no response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallFailure {
    /// The server answered with a fault.
    #[error("{status}")]
    Fault {
        /// Why.
        status: FaultStatus,
        /// The server vouches that the call had no effect.
        not_executed: bool,
    },
    /// The server does not serve the interface.
    #[error("interface {interface} refused: {result}")]
    Rejected {
        /// The interface.
        interface: Guid,
        /// The server's words.
        result: ContextResult,
    },
    /// The server refuses the association.
    #[error("association refused: {0}")]
    NotBound(BindNak),
    /// The server wants the connection closed; the call was not sent.
    #[error("the server is closing the connection")]
    Closing,
}

/// What comes of the bytes received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientEvent {
    /// Calls of the interface can be made without further ado.
    Bound {
        /// The interface.
        interface: Guid,
    },
    /// A call has been answered.
    Response {
        /// Which.
        call: CallId,
        /// Results, ORPCTHAT included where the interface has it.
        stub: Vec<u8>,
        /// Byte order of the stub.
        order: ByteOrder,
    },
    /// A call has failed.
    Failed {
        /// Which.
        call: CallId,
        /// Why.
        failure: CallFailure,
    },
}

/// The calling side of one connection. One call is under way at a time, as the protocol demands
/// without multiplexing; further ones wait in order.
#[derive(Debug)]
pub struct ClientAssociation {
    limits: Limits,
    framer: Framer,
    assembly: Assembly<()>,
    state: State,
    /// Interfaces agreed on; the position is the context id.
    contexts: Vec<Guid>,
    bound: bool,
    /// The server has said that it takes no further calls.
    closing: bool,
    group_id: u32,
    max_fragment: u16,
    next_wire_id: u32,
    next_call: u64,
    queue: VecDeque<(CallId, Call)>,
    output: Vec<u8>,
    events: VecDeque<ClientEvent>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    /// A bind or alter_context for the interface of the first queued call has been sent.
    Negotiating {
        wire_id: u32,
        interface: Guid,
    },
    /// A request has been sent; `None` if nobody wants the answer any more.
    Waiting {
        wire_id: u32,
        call: Option<CallId>,
    },
}

impl ClientAssociation {
    /// An association on a fresh connection.
    pub fn new(limits: Limits) -> Self {
        Self {
            framer: Framer::new(limits.received_fragment),
            assembly: Assembly::new(limits.stub, 1),
            state: State::Idle,
            contexts: Vec::new(),
            bound: false,
            closing: false,
            group_id: 0,
            max_fragment: limits.fragment,
            next_wire_id: 1,
            next_call: 0,
            queue: VecDeque::new(),
            output: Vec::new(),
            events: VecDeque::new(),
            limits,
        }
    }

    /// Makes a call as soon as those before it are answered. A bind or alter_context goes ahead of the
    /// first call of an interface.
    pub fn call(&mut self, call: Call) -> CallId {
        let id = CallId(self.next_call);
        self.next_call += 1;
        self.queue.push_back((id, call));
        self.advance();
        id
    }

    /// Gives up on a call. Returns whether it had not been sent yet; if it had, its answer will be
    /// dropped when it comes, and until then no other call can be made.
    pub fn cancel(&mut self, call: CallId) -> bool {
        if let State::Waiting { call: waiting, .. } = &mut self.state
            && *waiting == Some(call)
        {
            *waiting = None;
            return false;
        }
        let n_before = self.queue.len();
        self.queue.retain(|(id, _)| *id != call);
        self.queue.len() < n_before
    }

    /// Whether nothing else can be sent before this call is answered: it is under way, or an interface
    /// is being agreed on for it.
    pub fn is_blocked_by(&self, call: CallId) -> bool {
        match self.state {
            State::Idle => false,
            State::Negotiating { .. } => self.queue.front().is_some_and(|(first, _)| *first == call),
            State::Waiting { call: waiting, .. } => waiting == Some(call),
        }
    }

    /// Calls not sent yet, for another association to make.
    pub fn into_unsent(self) -> impl Iterator<Item = (CallId, Call)> {
        self.queue.into_iter()
    }

    /// Bytes to send; empty if there is nothing to say.
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    /// The next event.
    pub fn next_event(&mut self) -> Option<ClientEvent> {
        self.events.pop_front()
    }

    /// Takes in bytes as they arrived.
    ///
    /// # Errors
    /// The server broke the protocol: close the connection. Calls without an event by then have no
    /// answer.
    pub fn handle(&mut self, bytes: &[u8]) -> Result<(), RpcError> {
        self.framer.push(bytes);
        while let Some(frame) = self.framer.next_frame()? {
            self.handle_pdu(&frame)?;
            self.advance();
        }
        Ok(())
    }

    fn handle_pdu(&mut self, frame: &Frame) -> Result<(), RpcError> {
        let (header, pdu, _) = Pdu::parse(&frame.bytes).map_err(|source| frame.error(source))?;
        let unexpected = |why| RpcError::Unexpected { packet_type: header.packet_type, call_id: header.call_id, why };
        match (pdu.body, self.state) {
            (Body::BindAck(ack), State::Negotiating { wire_id, interface })
                if !self.bound && wire_id == pdu.call_id =>
            {
                self.bind_acknowledged(&ack)?;
                self.context_answered(interface, &ack, header.packet_type, wire_id)
            }
            (Body::AlterContextResp(ack), State::Negotiating { wire_id, interface })
                if self.bound && wire_id == pdu.call_id =>
            {
                self.context_answered(interface, &ack, header.packet_type, wire_id)
            }
            (Body::BindNak(nak), State::Negotiating { wire_id, .. }) if !self.bound && wire_id == pdu.call_id => {
                self.state = State::Idle;
                self.close(&CallFailure::NotBound(nak));
                Ok(())
            }
            (Body::Response(response), State::Waiting { wire_id, call }) if wire_id == pdu.call_id => {
                let stub = self.assembly.add(wire_id, pdu.flags, header.order, (), response.stub)?;
                if let Some(stub) = stub {
                    self.state = State::Idle;
                    if let Some(call) = call {
                        self.events.push_back(ClientEvent::Response { call, stub, order: header.order });
                    }
                }
                Ok(())
            }
            (Body::Fault(fault), State::Waiting { wire_id, call }) if wire_id == pdu.call_id => {
                self.assembly.drop_call(wire_id);
                self.state = State::Idle;
                if let Some(call) = call {
                    let not_executed = pdu.flags.contains(Flags::DID_NOT_EXECUTE);
                    let failure = CallFailure::Fault { status: fault.status, not_executed };
                    self.events.push_back(ClientEvent::Failed { call, failure });
                }
                Ok(())
            }
            // Some servers refuse an alter_context this way.
            (Body::Fault(fault), State::Negotiating { wire_id, .. }) if wire_id == pdu.call_id => {
                self.state = State::Idle;
                self.fail_first(CallFailure::Fault { status: fault.status, not_executed: true });
                Ok(())
            }
            (Body::Other(PacketType::Shutdown, _), _) => {
                // A call under way is still answered before the server closes.
                self.close(&CallFailure::Closing);
                Ok(())
            }
            (Body::Other(PacketType::Unknown(_), _), _) => Err(unexpected("no such PDU is known")),
            (_, State::Idle) => Err(unexpected("no call is under way")),
            (_, State::Negotiating { .. }) => Err(unexpected("the answer to an offered context is due")),
            (_, State::Waiting { .. }) => Err(unexpected("the answer to another call is due")),
        }
    }

    fn bind_acknowledged(&mut self, ack: &BindAck) -> Result<(), RpcError> {
        if ack.max_recv_frag < Limits::SHORTEST_FRAGMENT {
            return Err(RpcError::FragmentTooShort { announced: ack.max_recv_frag });
        }
        self.bound = true;
        self.group_id = ack.assoc_group_id;
        self.max_fragment = self.limits.fragment.min(ack.max_recv_frag);
        Ok(())
    }

    fn context_answered(
        &mut self,
        interface: Guid,
        ack: &BindAck,
        packet_type: PacketType,
        call_id: u32,
    ) -> Result<(), RpcError> {
        let [result] = ack.results.as_slice() else {
            let why = "one context was offered, so one result is due";
            return Err(RpcError::Unexpected { packet_type, call_id, why });
        };
        self.state = State::Idle;
        if result.is_accepted() {
            self.contexts.push(interface);
            self.events.push_back(ClientEvent::Bound { interface });
        } else {
            self.fail_first(CallFailure::Rejected { interface, result: *result });
        }
        Ok(())
    }

    fn fail_first(&mut self, failure: CallFailure) {
        if let Some((call, _)) = self.queue.pop_front() {
            self.events.push_back(ClientEvent::Failed { call, failure });
        }
    }

    fn close(&mut self, failure: &CallFailure) {
        self.closing = true;
        for (call, _) in std::mem::take(&mut self.queue) {
            self.events.push_back(ClientEvent::Failed { call, failure: failure.clone() });
        }
    }

    /// Starts whatever the first queued call needs next.
    fn advance(&mut self) {
        if self.closing {
            self.close(&CallFailure::Closing);
        }
        if self.state != State::Idle {
            return;
        }
        let Some((_, call)) = self.queue.front() else {
            return;
        };
        let interface = call.interface;
        match self.contexts.iter().position(|known| *known == interface) {
            Some(context) => self.send_first(context),
            None if self.contexts.len() >= self.limits.contexts => {
                self.fail_first(CallFailure::Rejected { interface, result: ContextResult::LOCAL_LIMIT });
                self.advance();
            }
            None => self.offer(interface),
        }
    }

    fn offer(&mut self, interface: Guid) {
        let wire_id = self.take_wire_id();
        let bind = Bind {
            max_xmit_frag: self.limits.fragment,
            max_recv_frag: self.limits.fragment,
            assoc_group_id: self.group_id,
            contexts: vec![PresentationContext {
                context_id: u16::try_from(self.contexts.len()).unwrap_or(u16::MAX),
                abstract_syntax: SyntaxId::interface(interface),
                transfer_syntaxes: vec![SyntaxId::NDR],
            }],
        };
        let body = if self.bound { Body::AlterContext(bind) } else { Body::Bind(bind) };
        self.output.extend(Pdu { flags: Flags::WHOLE, call_id: wire_id, body }.emit());
        self.state = State::Negotiating { wire_id, interface };
    }

    fn send_first(&mut self, context: usize) {
        let Some((id, call)) = self.queue.pop_front() else {
            return;
        };
        let wire_id = self.take_wire_id();
        let head_len = CALL_HEAD_LEN + if call.object.is_some() { OBJECT_LEN } else { 0 };
        for (flags, part) in fragments(&call.stub, self.max_fragment, head_len) {
            let body = Body::Request(Request {
                alloc_hint: u32::try_from(call.stub.len()).unwrap_or(u32::MAX),
                context_id: u16::try_from(context).unwrap_or(u16::MAX),
                opnum: call.opnum,
                object: call.object,
                stub: part,
            });
            self.output.extend(Pdu { flags, call_id: wire_id, body }.emit());
        }
        self.state = State::Waiting { wire_id, call: Some(id) };
    }

    fn take_wire_id(&mut self) -> u32 {
        let id = self.next_wire_id;
        self.next_wire_id = id.checked_add(1).unwrap_or(1);
        id
    }
}
