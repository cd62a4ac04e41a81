//! The PDUs (spec 2).

use super::{Answer, Block, BlockError, BlockInfo, BlockQualifier, BlockResult, OptionId, SetBlock, Value};
use crate::wire::WireError;
use crate::wire::ethernet::{EtherType, Frame, MacAddress};
use crate::wire::octets::{OctetReader, OctetWriter};

/// Most bytes of blocks in a PDU that is sent; blocks that do not fit are left out.
pub const MAX_DATA: usize = 1432;

const RESPONSE_LEN: usize = 3;

/// What stands first behind the EtherType 0x8892. Other numbers are cyclic data, alarms, time and the like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FrameId(pub u16);

impl FrameId {
    /// DCP Hello.
    pub const HELLO: Self = Self(0xfefc);
    /// DCP Get and Set, request and response.
    pub const GET_SET: Self = Self(0xfefd);
    /// DCP Identify request.
    pub const IDENTIFY: Self = Self(0xfefe);
    /// DCP Identify response.
    pub const IDENTIFIED: Self = Self(0xfeff);

    /// The FrameID of a frame's payload; `None` if it is too short.
    pub fn of(payload: &[u8]) -> Option<Self> {
        OctetReader::big(payload).u16("FrameID").ok().map(Self)
    }

    /// One of the four of DCP.
    pub const fn is_dcp(self) -> bool {
        matches!(self.0, 0xfefc..=0xfeff)
    }
}

open_enum! {
    /// What a station is asked for.
    Service: u8 {
        /// Read values.
        Get = 3 "Get",
        /// Change values.
        Set = 4 "Set",
        /// Say who you are.
        Identify = 5 "Identify",
        /// Here I am.
        Hello = 6 "Hello",
    }
}

/// What a station must match to answer an Identify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// Everybody.
    All,
    /// Those with this value.
    Is(Value),
}

/// What a PDU says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Who matches all of these? To [`MacAddress::DCP_IDENTIFY`].
    Identify {
        /// Stations spread their answers over this many steps of 10 ms; 1 = at once.
        delay_factor: u16,
        /// All of them must match.
        filters: Vec<Filter>,
    },
    /// Answer to an Identify.
    Identified(Vec<Block>),
    /// Which values are wanted.
    Get(Vec<OptionId>),
    /// Answer to a Get, in the order of the request.
    Got(Vec<Answer>),
    /// What is to be set.
    Set(Vec<SetBlock>),
    /// Answer to a Set, one a block, in the order of the request.
    SetDone(Vec<BlockResult>),
    /// A station has started. To [`MacAddress::DCP_HELLO`].
    Hello(Vec<Block>),
    /// Answer to a Get or Set that the station does not support at all.
    Unsupported(Service),
}

/// A DCP PDU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pdu {
    /// Chosen by who asks, echoed by who answers.
    pub xid: u32,
    /// What it says.
    pub body: Body,
}

impl Pdu {
    /// Reads what stands behind the EtherType; padding behind the announced length is ignored.
    ///
    /// # Errors
    /// A FrameID, service or type that is not of DCP or does not fit the others (`Unsupported`), an announced length
    /// beyond the bytes, a block beyond that length.
    pub fn parse(payload: &[u8]) -> Result<Self, WireError> {
        let mut r = OctetReader::big(payload);
        let frame_id = FrameId(r.u16("FrameID")?);
        if !frame_id.is_dcp() {
            return Err(WireError::Unsupported { at: 0, what: "FrameID", value: frame_id.0.into() });
        }
        let service = Service::from(r.u8("ServiceID")?);
        let service_type = r.u8("ServiceType")?;
        let xid = r.u32("Xid")?;
        let delay_factor = r.u16("ResponseDelayFactor")?;
        let length = r.u16("DCPDataLength")?;
        let mut r = r.sub(usize::from(length), "blocks")?;
        let r = &mut r;
        let body = match (frame_id, service, service_type) {
            (FrameId::HELLO, Service::Hello, 0) => Body::Hello(blocks(r, told)?),
            (FrameId::IDENTIFY, Service::Identify, 0) => Body::Identify { delay_factor, filters: blocks(r, filter)? },
            (FrameId::IDENTIFIED, Service::Identify, 1) => Body::Identified(blocks(r, told)?),
            (FrameId::GET_SET, Service::Get, 0) => Body::Get(wanted(r)?),
            (FrameId::GET_SET, Service::Get, 1) => Body::Got(blocks(r, answer)?),
            (FrameId::GET_SET, Service::Set, 0) => Body::Set(blocks(r, to_set)?),
            (FrameId::GET_SET, Service::Set, 1) => Body::SetDone(blocks(r, result)?),
            (FrameId::GET_SET, Service::Get | Service::Set, 5) => Body::Unsupported(service),
            (FrameId::GET_SET, Service::Get | Service::Set, _) => {
                return Err(WireError::Unsupported { at: 3, what: "ServiceType", value: service_type.into() });
            }
            _ => {
                let value = u64::from(service.raw()) << 8 | u64::from(service_type);
                return Err(WireError::Unsupported { at: 2, what: "service and type in this FrameID", value });
            }
        };
        Ok(Self { xid, body })
    }

    /// What stands behind the EtherType, without the padding of short frames.
    pub fn emit(&self) -> Vec<u8> {
        let (frame_id, service, service_type, delay_factor) = match &self.body {
            Body::Hello(_) => (FrameId::HELLO, Service::Hello, 0, 0),
            Body::Identify { delay_factor, .. } => (FrameId::IDENTIFY, Service::Identify, 0, *delay_factor),
            Body::Identified(_) => (FrameId::IDENTIFIED, Service::Identify, 1, 0),
            Body::Get(_) => (FrameId::GET_SET, Service::Get, 0, 0),
            Body::Got(_) => (FrameId::GET_SET, Service::Get, 1, 0),
            Body::Set(_) => (FrameId::GET_SET, Service::Set, 0, 0),
            Body::SetDone(_) => (FrameId::GET_SET, Service::Set, 1, 0),
            Body::Unsupported(service) => (FrameId::GET_SET, *service, 5, 0),
        };
        let mut w = OctetWriter::big();
        w.u16(frame_id.0);
        w.u8(service.raw());
        w.u8(service_type);
        w.u32(self.xid);
        w.u16(delay_factor);
        w.u16(0);
        let start = w.position();
        for block in self.body.blocks() {
            if w.position() - start + block.len() <= MAX_DATA {
                w.bytes(&block);
            }
        }
        w.patch_u16(start - 2, w.position() - start);
        w.into_bytes()
    }

    /// The whole frame, untagged and padded.
    pub fn frame(&self, source: MacAddress, destination: MacAddress) -> Vec<u8> {
        let payload = self.emit();
        Frame { destination, source, tag: None, ether_type: EtherType::PROFINET, payload: &payload }.emit()
    }
}

impl Body {
    /// Each block as it is sent, padded.
    fn blocks(&self) -> Vec<Vec<u8>> {
        let told = |block: &Block| emit_block(block.value.id(), Some(block.info.0), Some(&block.value));
        match self {
            Self::Identify { filters, .. } => filters
                .iter()
                .map(|filter| match filter {
                    Filter::All => emit_block(OptionId::ALL, None, None),
                    Filter::Is(value) => emit_block(value.id(), None, Some(value)),
                })
                .collect(),
            Self::Identified(blocks) | Self::Hello(blocks) => blocks.iter().map(told).collect(),
            Self::Get(wanted) => wanted.iter().map(|id| vec![id.option, id.suboption]).collect(),
            Self::Got(answers) => answers
                .iter()
                .map(|answer| match answer {
                    Answer::Value(block) => told(block),
                    Answer::Refused(result) => emit_result(result),
                })
                .collect(),
            Self::Set(blocks) => blocks
                .iter()
                .map(|block| emit_block(block.value.id(), Some(block.qualifier.0), Some(&block.value)))
                .collect(),
            Self::SetDone(results) => results.iter().map(emit_result).collect(),
            Self::Unsupported(_) => Vec::new(),
        }
    }
}

fn emit_block(id: OptionId, before: Option<u16>, value: Option<&Value>) -> Vec<u8> {
    let mut w = OctetWriter::big();
    w.bytes(&[id.option, id.suboption, 0, 0]);
    if let Some(before) = before {
        w.u16(before);
    }
    if let Some(value) = value {
        value.write(&mut w);
    }
    w.patch_u16(2, w.position() - 4);
    w.align(2);
    w.into_bytes()
}

fn emit_result(result: &BlockResult) -> Vec<u8> {
    let OptionId { option, suboption } = OptionId::RESPONSE;
    vec![option, suboption, 0, 3, result.about.option, result.about.suboption, result.error.raw(), 0]
}

/// All blocks up to the end, each read by `read` from its own bytes.
fn blocks<T>(
    r: &mut OctetReader<'_>,
    read: impl Fn(OptionId, OctetReader<'_>) -> Result<T, WireError>,
) -> Result<Vec<T>, WireError> {
    let mut all = Vec::new();
    while r.remaining() > 0 {
        let [option, suboption] = r.array("block header")?;
        let length = r.u16("block length")?;
        let body = r.sub(usize::from(length), "block")?;
        // The padding behind the last block may be missing.
        if length % 2 == 1 && r.remaining() > 0 {
            r.u8("padding")?;
        }
        all.push(read(OptionId::new(option, suboption), body)?);
    }
    Ok(all)
}

fn filter(id: OptionId, mut body: OctetReader<'_>) -> Result<Filter, WireError> {
    let bytes = body.rest();
    Ok(if id == OptionId::ALL && bytes.is_empty() { Filter::All } else { Filter::Is(Value::read(id, bytes)) })
}

fn told(id: OptionId, mut body: OctetReader<'_>) -> Result<Block, WireError> {
    let info = BlockInfo(body.u16("BlockInfo")?);
    Ok(Block { info, value: Value::read(id, body.rest()) })
}

fn to_set(id: OptionId, mut body: OctetReader<'_>) -> Result<SetBlock, WireError> {
    let qualifier = BlockQualifier(body.u16("BlockQualifier")?);
    Ok(SetBlock { qualifier, value: Value::read(id, body.rest()) })
}

fn answer(id: OptionId, body: OctetReader<'_>) -> Result<Answer, WireError> {
    if id == OptionId::RESPONSE { result(id, body).map(Answer::Refused) } else { told(id, body).map(Answer::Value) }
}

fn result(id: OptionId, mut body: OctetReader<'_>) -> Result<BlockResult, WireError> {
    let at = body.at();
    if id != OptionId::RESPONSE || body.remaining() != RESPONSE_LEN {
        return Err(WireError::Malformed { at, what: "block", why: "a result of three bytes is expected" });
    }
    let [option, suboption, error] = body.array("result")?;
    Ok(BlockResult { about: OptionId::new(option, suboption), error: BlockError::from(error) })
}

fn wanted(r: &mut OctetReader<'_>) -> Result<Vec<OptionId>, WireError> {
    let mut ids = Vec::new();
    while r.remaining() > 0 {
        let [option, suboption] = r.array("option wanted")?;
        ids.push(OptionId::new(option, suboption));
    }
    Ok(ids)
}
