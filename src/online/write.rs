//! Writing a value to a port: held against the plan first, so that most mistakes are named before a device is bothered.

use std::time::{SystemTime, UNIX_EPOCH};

use super::{OnlineError, PDevSession, Target, Targets, Unwritable, Watch};
use crate::binding;
use crate::model::{LiteralError, LookupError, Phrase, Plan, Port, PortRef, Say, Value};
use crate::rpc::RpcNode;
use crate::wire::cba::{FileTime, HResult, Quality};

/// Why a value was not written.
#[derive(Debug, Clone)]
pub enum Unwritten {
    /// The text names no port of the plan.
    Lookup(LookupError),
    /// No device of the plan serves the port.
    NoDevice(PortRef),
    /// Clients may not write the port.
    ReadOnly {
        /// The port.
        port: PortRef,
        /// What it is.
        why: Phrase,
    },
    /// The text is no value of the port's type.
    Literal {
        /// The port.
        port: PortRef,
        /// What is wrong with the text.
        error: LiteralError,
    },
    /// The value is outside what the description allows.
    OutOfRange {
        /// The port.
        port: PortRef,
        /// What is out of range, in words.
        complaint: Phrase,
    },
    /// The device could not be asked, or refused.
    Online(OnlineError),
    /// The device refuses, and the plan knows a likely reason.
    Fed {
        /// What feeds it in the plan.
        feeder: Phrase,
        /// What the device said.
        error: Box<OnlineError>,
    },
}

impl Say for Unwritten {
    fn say(&self) -> Phrase {
        match self {
            Self::Lookup(it) => it.say(),
            Self::NoDevice(it) => crate::say!("no device of the plan serves {it}", it),
            Self::ReadOnly { port, why } => crate::say!("{port} cannot be written: {why}", port, why),
            Self::Literal { port, error } => crate::say!("{port}: {error}", port, error),
            Self::OutOfRange { port, complaint } => crate::say!("{port}: {complaint}", port, complaint),
            Self::Online(it) => it.say(),
            Self::Fed { error, feeder } => crate::say!("{error}; in the plan it is fed by {feeder}", error, feeder),
        }
    }
}

crate::error_in_words!(Unwritten);

impl From<LookupError> for Unwritten {
    fn from(it: LookupError) -> Self {
        Self::Lookup(it)
    }
}

impl From<OnlineError> for Unwritten {
    fn from(it: OnlineError) -> Self {
        Self::Online(it)
    }
}

impl Unwritten {
    /// What a person can do about it.
    pub fn remedy(&self) -> Phrase {
        match self {
            Self::Lookup(_) => crate::say!("`plantweave xref` lists all ports by name"),
            Self::NoDevice(_) => {
                crate::say!("place the instance on a device, and attach a PROFIBUS device to its proxy")
            }
            Self::ReadOnly { .. } => crate::say!("write an input or an HMI value that its description calls writable"),
            Self::Literal { .. } => {
                crate::say!("write the value as the type asks for: true, -5, 12.5, text, `1 2 3` for an array")
            }
            Self::OutOfRange { .. } => crate::say!("choose a value in the range of the description"),
            Self::Online(error) => error.remedy(),
            Self::Fed { .. } => crate::say!("disconnect the input, or set the value where it comes from"),
        }
    }
}

/// A value to write.
#[derive(Debug, Clone, PartialEq)]
pub struct Write {
    /// The port, and where it is.
    pub at: Watch,
    /// The value, of the port's type and in its range.
    pub value: Value,
    /// Quality to write with it.
    pub quality: Quality,
    /// What feeds the port in the plan, in words.
    fed_by: Option<Phrase>,
    /// Clients may read the port, so that it can be read back.
    readable: bool,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// Where the device is.
    pub target: Target,
    /// What the device holds now; `None` when that was not asked for, or the port cannot be read.
    pub read_back: Option<ReadBack>,
}

/// A value as ReadItems gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadBack {
    /// The value; `None` when the device gave none, or one of another type.
    pub value: Option<Value>,
    /// Its quality.
    pub quality: Quality,
    /// When it was true, by the device's clock.
    pub time: FileTime,
}

impl Write {
    /// A write to the port that `name` names, of the value that `literal` writes (as in project files).
    ///
    /// # Errors
    /// Unknown port, not writable, not of its type, out of its range.
    pub fn new(plan: &Plan, name: &str, literal: &str, quality: Quality) -> Result<Self, Unwritten> {
        Self::to_port(plan, plan.find_port(name)?, literal, quality)
    }

    /// The same for a port that is known.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn to_port(plan: &Plan, port: PortRef, literal: &str, quality: Quality) -> Result<Self, Unwritten> {
        let described = plan.port(&port).ok_or_else(|| LookupError::Component(port.instance.clone()))?;
        let at = Watch::of(plan, &port).ok_or_else(|| Unwritten::NoDevice(port.clone()))?;
        if let Some(why) = objection(described) {
            return Err(Unwritten::ReadOnly { port, why });
        }
        let value = described
            .value_type
            .read_literal(literal)
            .map_err(|error| Unwritten::Literal { port: port.clone(), error })?;
        if let Some(complaint) = described.complaint(&value) {
            return Err(Unwritten::OutOfRange { port, complaint });
        }
        let link = plan.links_to(&port).next().map(|(_, link)| plan.short_name(&link.provider).say());
        let constant =
            plan.constants().get(&port).map(|constant| crate::say!("the constant {value}", value = constant.value));
        Ok(Self { at, value, quality, fed_by: link.or(constant), readable: described.readable })
    }

    /// Writes, with WriteItems when the quality is good and WriteItemsQCD otherwise, and reads back if wanted.
    ///
    /// # Errors
    /// [`Unwritten::Online`], [`Unwritten::Fed`].
    pub async fn perform(&self, node: &RpcNode, targets: &Targets, read_back: bool) -> Result<Written, Unwritten> {
        let Watch { device, ldev, item, value_type, .. } = &self.at;
        let target = targets.get(device).ok_or_else(|| OnlineError::from(Unwritable::NoAddress(device.clone())))?;
        let variant = binding::to_variant(&self.value, value_type)
            .map_err(|error| OnlineError::from(Unwritable::Value { item: item.as_str().into(), error }))?;
        let session = PDevSession::open(node, target).await?.ldev(ldev).await?;
        let written = if self.quality == Quality::GOOD {
            session.write(item, variant).await
        } else {
            session.write_qcd(item, variant, self.quality, now()).await
        };
        let result = match (written, &self.fed_by) {
            (Err(error @ OnlineError::Refused { code: HResult::CBA_E_ACCESSBLOCKED, .. }), Some(feeder)) => {
                Err(Unwritten::Fed { feeder: feeder.clone(), error: Box::new(error) })
            }
            (Err(error), _) => Err(error.into()),
            (Ok(()), _) if read_back && self.readable => match session.read(std::slice::from_ref(item)).await {
                Ok(read) => Ok(read.into_iter().next().map(|read| ReadBack {
                    value: read.value.and_then(|value| binding::from_variant(&value, value_type).ok()),
                    quality: read.quality,
                    time: read.time,
                })),
                Err(error) => Err(error.into()),
            },
            (Ok(()), _) => Ok(None),
        };
        session.close().await;
        Ok(Written { target, read_back: result? })
    }
}

/// Why clients may not write a port at all.
fn objection(port: &Port) -> Option<Phrase> {
    if port.constant {
        Some(crate::say!("its value never changes"))
    } else if !port.writable {
        Some(crate::say!("its description does not call it writable"))
    } else {
        None
    }
}

fn now() -> FileTime {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    FileTime::from_unix_nanos(i128::try_from(since_1970.as_nanos()).unwrap_or(i128::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    #[test]
    fn most_mistakes_need_no_device() {
        let plan = fixture::plan(
            "
            component Filler 1.0 { in speed R4 = 1 min 0 max 10; in name BSTR = a maxlen 3; in mask UI1 = 0; out ready BOOL }
            F: Filler @10.0.0.1
        ",
        );
        let refused = |name: &str, literal: &str| {
            Write::new(&plan, name, literal, Quality::GOOD).map(|write| write.value).unwrap_err().to_string()
        };
        assert_eq!(Write::new(&plan, "F.speed", "2.5", Quality::GOOD).unwrap().value, Value::Real(2.5));
        assert_eq!(refused("F.none", "1"), "`F` has no port `none`");
        assert_eq!(refused("G.speed", "1"), "there is no instance `G`");
        assert_eq!(refused("F.speed", "fast"), "F.Filler.Main.speed: `fast` is not a R4 value");
        assert_eq!(refused("F.speed", "11"), "F.Filler.Main.speed: 11 is above 10");
        assert_eq!(refused("F.mask", "256"), "F.Filler.Main.mask: 256 is outside the range of UI1 (0 to 255)");
        assert_eq!(refused("F.name", "abcd"), "F.Filler.Main.name: 4 characters, at most 3 are allowed");
        assert_eq!(
            refused("F.ready", "true"),
            "F.Filler.Main.ready cannot be written: its description does not call it writable"
        );
    }
}
