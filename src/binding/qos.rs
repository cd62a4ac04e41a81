//! Transmission of the plan and of the wire.

use crate::model;
use crate::wire::cba;

/// The transmission type as connections carry it.
pub fn qos_type_to_wire(qos_type: model::QosType) -> cba::QosType {
    match qos_type {
        model::QosType::Acyclic => cba::QosType::Acyclic,
        model::QosType::AcyclicStatus => cba::QosType::AcyclicStatus,
        model::QosType::AcyclicHmi => cba::QosType::AcyclicHmi,
        model::QosType::Constant => cba::QosType::Constant,
        model::QosType::Cyclic => cba::QosType::Cyclic,
    }
}

/// The transmission type of a connection; `None` for one that the plan does not know.
pub fn qos_type_from_wire(qos_type: cba::QosType) -> Option<model::QosType> {
    Some(match qos_type {
        // The obsolete form in seconds means the same.
        cba::QosType::Acyclic | cba::QosType::AcyclicSeconds => model::QosType::Acyclic,
        cba::QosType::AcyclicStatus => model::QosType::AcyclicStatus,
        cba::QosType::AcyclicHmi => model::QosType::AcyclicHmi,
        cba::QosType::Constant => model::QosType::Constant,
        cba::QosType::Cyclic => model::QosType::Cyclic,
        _ => return None,
    })
}

/// The transmission of a link as connections carry it.
pub fn qos_to_wire(qos: model::Qos) -> cba::Qos {
    cba::Qos::new(qos_type_to_wire(qos.qos_type), qos.value_ms)
}

/// The transmission of a connection; `None` for a type that the plan does not know or a time beyond 65535 ms.
pub fn qos_from_wire(qos: cba::Qos) -> Option<model::Qos> {
    let value_ms = u16::try_from(qos.interval_millis()).ok()?;
    Some(model::Qos { qos_type: qos_type_from_wire(qos.kind)?, value_ms })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_the_plan_comes_back() {
        for (qos_type, _) in model::QosType::TOKENS {
            assert_eq!(qos_type_from_wire(qos_type_to_wire(qos_type)), Some(qos_type));
        }
        assert_eq!(qos_type_from_wire(cba::QosType::from(0x77)), None);
        let seconds = cba::Qos::new(cba::QosType::AcyclicSeconds, 2);
        assert_eq!(qos_from_wire(seconds), Some(model::Qos { qos_type: model::QosType::Acyclic, value_ms: 2000 }));
    }
}
