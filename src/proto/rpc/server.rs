//! The answering side of an association.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::assembly::{Assembly, fragments};
use super::error::RpcError;
use super::framer::{Frame, Framer};
use super::limits::Limits;
use crate::wire::Guid;
use crate::wire::dcerpc::call::CALL_HEAD_LEN;
use crate::wire::dcerpc::{
    Bind, BindAck, BindNak, Body, ContextResult, Fault, FaultStatus, Flags, Header, PacketType, Pdu,
    PresentationContext, Request, Response, SyntaxId,
};
use crate::wire::ndr::{ByteOrder, NdrReader};

/// A call that arrived whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerRequest {
    /// To be given back with the answer.
    pub call_id: u32,
    /// Interface of the context the call came in.
    pub interface: Guid,
    /// Number of the method.
    pub opnum: u16,
    /// IPID called.
    pub object: Option<Guid>,
    /// Arguments, ORPCTHIS included where the interface has it.
    pub stub: Vec<u8>,
    /// Byte order of the stub.
    pub order: ByteOrder,
}

impl ServerRequest {
    /// A reader over the stub.
    pub fn reader(&self) -> NdrReader<'_> {
        NdrReader::new(&self.stub, self.order)
    }
}

/// What all fragments of a request repeat: context, opnum, object.
type RequestHead = (u16, u16, Option<Guid>);

/// The answering side of one connection. Several calls may be open at once; they may be answered in
/// any order.
#[derive(Debug)]
pub struct ServerAssociation {
    limits: Limits,
    interfaces: Arc<[Guid]>,
    port: u16,
    group_id: u32,
    bound: bool,
    framer: Framer,
    assembly: Assembly<RequestHead>,
    contexts: BTreeMap<u16, Guid>,
    max_fragment: u16,
    /// Open calls and their contexts.
    open: BTreeMap<u32, u16>,
    requests: VecDeque<ServerRequest>,
    output: Vec<u8>,
}

impl ServerAssociation {
    /// An association on a freshly accepted connection, serving `interfaces` in version 0.0. `port` is
    /// told to the client as the secondary address. `group_id`, not 0, names the association group if
    /// the client has none.
    pub fn new(limits: Limits, interfaces: Arc<[Guid]>, port: u16, group_id: u32) -> Self {
        Self {
            interfaces,
            port,
            group_id: group_id.max(1),
            bound: false,
            framer: Framer::new(limits.received_fragment),
            assembly: Assembly::new(limits.stub, limits.calls),
            contexts: BTreeMap::new(),
            max_fragment: limits.fragment,
            open: BTreeMap::new(),
            requests: VecDeque::new(),
            output: Vec::new(),
            limits,
        }
    }

    /// Takes in bytes as they arrived.
    ///
    /// # Errors
    /// The client broke the protocol: send the output there is, then close.
    pub fn handle(&mut self, bytes: &[u8]) -> Result<(), RpcError> {
        self.framer.push(bytes);
        loop {
            match self.framer.next_frame() {
                Ok(Some(frame)) => self.handle_pdu(&frame)?,
                Ok(None) => return Ok(()),
                Err(error) => {
                    if let (RpcError::Version { .. }, false) = (&error, self.bound) {
                        self.send_nak(1, BindNak::VERSION_NOT_SUPPORTED);
                    }
                    return Err(error);
                }
            }
        }
    }

    /// The next call to serve.
    pub fn next_request(&mut self) -> Option<ServerRequest> {
        self.requests.pop_front()
    }

    /// Bytes to send; empty if there is nothing to say.
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    /// Calls taken with [`next_request`](Self::next_request) or still to take, and not answered.
    pub fn n_open(&self) -> usize {
        self.open.len()
    }

    /// Whether a PDU, or a call in fragments, has begun to arrive and is not complete.
    pub fn is_half_way(&self) -> bool {
        self.framer.n_pending() > 0 || self.assembly.is_half_way()
    }

    /// Bytes held of PDUs and calls that have begun to arrive and are not complete.
    pub fn n_held(&self) -> usize {
        self.framer.n_pending() + self.assembly.n_bytes()
    }

    /// Answers a call, with results including ORPCTHAT where the interface has it, little-endian. A
    /// call that is not open, such as one without answer, is passed over.
    pub fn respond(&mut self, call_id: u32, stub: &[u8]) {
        let Some(context_id) = self.open.remove(&call_id) else {
            return;
        };
        for (flags, part) in fragments(stub, self.max_fragment, CALL_HEAD_LEN) {
            let body = Body::Response(Response {
                alloc_hint: u32::try_from(stub.len()).unwrap_or(u32::MAX),
                context_id,
                cancel_count: 0,
                stub: part,
            });
            self.output.extend(Pdu { flags, call_id, body }.emit());
        }
    }

    /// Answers a call with a fault. A call that is not open is passed over.
    pub fn fault(&mut self, call_id: u32, status: FaultStatus) {
        if let Some(context_id) = self.open.remove(&call_id) {
            self.send_fault(call_id, context_id, status, Flags::WHOLE);
        }
    }

    fn send_fault(&mut self, call_id: u32, context_id: u16, status: FaultStatus, flags: Flags) {
        let body = Body::Fault(Fault { alloc_hint: 32, context_id, status });
        self.output.extend(Pdu { flags, call_id, body }.emit());
    }

    fn send_nak(&mut self, call_id: u32, reason: u16) {
        let body = Body::BindNak(BindNak { reason, versions: vec![(5, 0)] });
        self.output.extend(Pdu { flags: Flags::WHOLE, call_id, body }.emit());
    }

    fn handle_pdu(&mut self, frame: &Frame) -> Result<(), RpcError> {
        let (header, pdu, _) = Pdu::parse(&frame.bytes).map_err(|source| frame.error(source))?;
        let unexpected = |why| RpcError::Unexpected { packet_type: header.packet_type, call_id: header.call_id, why };
        match pdu.body {
            Body::Bind(bind) => self.bind(&bind, header.call_id),
            Body::AlterContext(_) if !self.bound => Err(unexpected("a bind comes first")),
            Body::AlterContext(alter) => {
                let ack = self.acknowledge(&alter, String::new());
                self.send_ack(header.call_id, Body::AlterContextResp(ack));
                Ok(())
            }
            Body::Request(request) => self.request(&header, &request),
            // The third step of a security nobody checks, and a wish nobody grants.
            Body::Other(PacketType::Auth3 | PacketType::CoCancel, _) => Ok(()),
            Body::Other(PacketType::Orphaned, _) => {
                self.assembly.drop_call(header.call_id);
                Ok(())
            }
            Body::Other(..) => Err(unexpected("no client sends such a PDU")),
            Body::Response(_) | Body::Fault(_) | Body::BindAck(_) | Body::BindNak(_) | Body::AlterContextResp(_) => {
                Err(unexpected("a server sends it, not a client"))
            }
        }
    }

    fn bind(&mut self, bind: &Bind, call_id: u32) -> Result<(), RpcError> {
        if bind.max_recv_frag < Limits::SHORTEST_FRAGMENT {
            self.send_nak(call_id, BindNak::LOCAL_LIMIT);
            return Err(RpcError::FragmentTooShort { announced: bind.max_recv_frag });
        }
        // Some clients (impacket) bind anew on the same connection instead of altering the context; what
        // was agreed on before no longer counts.
        self.contexts.clear();
        self.bound = true;
        self.max_fragment = self.limits.fragment.min(bind.max_recv_frag);
        if bind.assoc_group_id != 0 {
            self.group_id = bind.assoc_group_id;
        }
        let ack = self.acknowledge(bind, self.port.to_string());
        self.send_ack(call_id, Body::BindAck(ack));
        Ok(())
    }

    fn send_ack(&mut self, call_id: u32, body: Body<'_>) {
        self.output.extend(Pdu { flags: Flags::WHOLE, call_id, body }.emit());
    }

    fn acknowledge(&mut self, bind: &Bind, secondary_address: String) -> BindAck {
        BindAck {
            max_xmit_frag: self.max_fragment,
            max_recv_frag: self.limits.fragment,
            assoc_group_id: self.group_id,
            secondary_address,
            results: bind.contexts.iter().map(|context| self.judge(context)).collect(),
        }
    }

    fn judge(&mut self, context: &PresentationContext) -> ContextResult {
        let offered = &context.transfer_syntaxes;
        if !offered.is_empty() && offered.iter().all(SyntaxId::is_feature_negotiation) {
            return ContextResult::NEGOTIATE_ACK;
        }
        let interface = context.abstract_syntax.uuid;
        if !self.interfaces.contains(&interface) || context.abstract_syntax.version != 0 {
            return ContextResult::UNKNOWN_INTERFACE;
        }
        if !offered.contains(&SyntaxId::NDR) {
            return ContextResult::UNKNOWN_TRANSFER_SYNTAX;
        }
        let is_new = !self.contexts.contains_key(&context.context_id);
        if is_new && self.contexts.len() >= self.limits.contexts {
            return ContextResult::LOCAL_LIMIT;
        }
        self.contexts.insert(context.context_id, interface);
        ContextResult::ACCEPTED
    }

    fn request(&mut self, header: &Header, request: &Request<'_>) -> Result<(), RpcError> {
        let call_id = header.call_id;
        if self.open.contains_key(&call_id) {
            return Err(RpcError::Fragment { call_id, why: "the call is complete and not yet answered" });
        }
        let head = (request.context_id, request.opnum, request.object);
        let added = self.assembly.add(call_id, header.flags, header.order, head, request.stub);
        let stub = match added {
            Ok(Some(stub)) => stub,
            Ok(None) => return Ok(()),
            Err(error) => {
                // The client learns of its mistake before the connection closes.
                let flags = Flags::WHOLE | Flags::DID_NOT_EXECUTE;
                self.send_fault(call_id, request.context_id, FaultStatus::PROTOCOL, flags);
                return Err(error);
            }
        };
        let wants_answer = !header.flags.contains(Flags::MAYBE);
        let status = match self.contexts.get(&request.context_id) {
            None => FaultStatus::UNKNOWN_INTERFACE,
            Some(_) if self.open.len().max(self.requests.len()) >= self.limits.calls => FaultStatus::TOO_BUSY,
            Some(interface) => {
                if wants_answer {
                    self.open.insert(call_id, request.context_id);
                }
                self.requests.push_back(ServerRequest {
                    call_id,
                    interface: *interface,
                    opnum: request.opnum,
                    object: request.object,
                    stub,
                    order: header.order,
                });
                return Ok(());
            }
        };
        if wants_answer {
            self.send_fault(call_id, request.context_id, status, Flags::WHOLE | Flags::DID_NOT_EXECUTE);
        }
        Ok(())
    }
}
