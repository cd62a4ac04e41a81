//! How what devices and the network say is said to people: codes, states, failures of calls. Their own modules know no plan, and so no
//! [`Phrase`].

use crate::model::{Phrase, Say};
use crate::net::tcp::NetError;
use crate::partner::PartnerFailure;
use crate::rpc::RpcError;
use crate::say;
use crate::wire::cba::{GroupErrorState, HResult, LDevState, Qos, QosType};

/// What the standard says of a result code.
pub fn meaning(code: HResult) -> Phrase {
    Phrase::Said { text: code.meaning(), values: Vec::new() }
}

impl Say for HResult {
    /// Its standard name and number.
    fn say(&self) -> Phrase {
        Phrase::plain(self)
    }
}

impl Say for RpcError {
    /// What people meet who work with devices; what breaks the protocol is told in the words of those who know it.
    fn say(&self) -> Phrase {
        match self {
            Self::Unreachable(error) => match &**error {
                NetError::Refused { remote } => {
                    say!("{remote} refused the connection: nothing listens there", remote)
                }
                NetError::Unreachable { remote, source } => {
                    say!("{remote} cannot be reached: {source}", remote, source)
                }
                NetError::TimedOut { remote, after } => {
                    say!("{remote} did not answer within {ms} ms", remote, ms = after.as_millis() as u64)
                }
                other => Phrase::plain(other),
            },
            Self::Lost { peer, awaited } => {
                say!("{peer} closed the connection, {awaited} unanswered", peer, awaited)
            }
            Self::Silent { peer, awaited, after } => {
                say!(
                    "{peer} was silent for {ms} ms, {awaited} unanswered",
                    peer,
                    ms = after.as_millis() as u64,
                    awaited
                )
            }
            Self::Fault { peer, call, status } => {
                say!("{peer} refused {call}: {why}", peer, call, why = Phrase::plain(status))
            }
            Self::Refused { peer, call, why } => {
                say!("{peer} refused {call}: {why}", peer, call, why = Phrase::plain(why))
            }
            Self::HResult { peer, call, code } => {
                say!("{peer} refused {call}: {why}", peer, call, why = Phrase::plain(code))
            }
            Self::Broke { peer, call, why } => {
                say!("{peer} broke the protocol in {call}: {why}", peer, call, why = Phrase::plain(why))
            }
            Self::ShutDown { call } => {
                say!("{call} was given up: this program's end of the connection is shut down", call)
            }
        }
    }
}

impl Say for PartnerFailure {
    fn say(&self) -> Phrase {
        match self {
            Self::Rpc(error) => error.say(),
            Self::Refused(code) => say!("{code}, {meaning}", code, meaning = meaning(*code)),
            late @ Self::TooLate => Phrase::plain(late),
        }
    }
}

impl Say for Qos {
    fn say(&self) -> Phrase {
        let value_ms = self.interval_millis();
        match self.kind {
            QosType::Acyclic => say!("acyclic {value_ms} ms", value_ms),
            QosType::Cyclic => say!("cyclic {value_ms} ms", value_ms),
            QosType::Constant => say!("constant"),
            _ => Phrase::plain(self),
        }
    }
}

impl Say for LDevState {
    fn say(&self) -> Phrase {
        match self {
            Self::NonExistent => say!("non-existent"),
            Self::Initializing => say!("initializing"),
            Self::Ready => say!("ready"),
            Self::Operating => say!("operating"),
            Self::Defect => say!("defect"),
            other => Phrase::plain(other),
        }
    }
}

impl Say for GroupErrorState {
    fn say(&self) -> Phrase {
        match self {
            Self::NonAccessible => say!("non-accessible"),
            Self::Okay => say!("okay"),
            Self::Problem => say!("problem"),
            Self::Unknown => say!("unknown"),
            Self::MaintenanceRequired => say!("maintenance required"),
            Self::MaintenanceDemanded => say!("maintenance demanded"),
            Self::MaintenanceBoth => say!("maintenance required and demanded"),
            Self::ProblemRequired => say!("problem, maintenance required"),
            Self::ProblemDemanded => say!("problem, maintenance demanded"),
            Self::ProblemBoth => say!("problem, maintenance required and demanded"),
            other => Phrase::plain(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transmission_is_said_as_it_is_displayed() {
        for kind in [QosType::Acyclic, QosType::AcyclicSeconds, QosType::AcyclicHmi, QosType::Constant, QosType::Cyclic]
        {
            let qos = Qos::new(kind, 8);
            assert_eq!(qos.say().to_string(), qos.to_string());
        }
    }

    #[test]
    fn states_are_said_as_they_are_displayed() {
        for state in LDevState::NAMED {
            assert_eq!(state.say().to_string(), state.to_string());
        }
        for state in GroupErrorState::NAMED {
            assert_eq!(state.say().to_string(), state.to_string());
        }
    }
}
