//! Small enumerations of CBA (protocol notes, section 6). Unknown values are kept.

open_enum! {
    /// Whether a connection transports data.
    Activation: u8 {
        /// Stored only.
        Passive = 0 "passive",
        /// Transporting.
        Active = 1 "active",
    }

    /// Whether a connection survives a restart of the device.
    Persistence: u16 {
        /// Lost at restart.
        Volatile = 0 "volatile",
        /// To be saved, not yet stored.
        Pending = 1 "pending",
        /// Stored.
        Persistent = 2 "persistent",
    }

    /// Operating state of a logical device.
    LDevState: u16 {
        /// Not there.
        NonExistent = 0 "non-existent",
        /// Starting.
        Initializing = 1 "initializing",
        /// Started, connections rest.
        Ready = 2 "ready",
        /// Connections run.
        Operating = 3 "operating",
        /// Out of order until reset.
        Defect = 4 "defect",
    }

    /// Group error of a logical device; 4 to 9 appear on newer devices only.
    GroupErrorState: u16 {
        /// No statement possible.
        NonAccessible = 0 "non-accessible",
        /// No error.
        Okay = 1 "okay",
        /// At least one problem.
        Problem = 2 "problem",
        /// Unknown.
        Unknown = 3 "unknown",
        /// Maintenance required.
        MaintenanceRequired = 4 "maintenance required",
        /// Maintenance demanded.
        MaintenanceDemanded = 5 "maintenance demanded",
        /// Maintenance required and demanded.
        MaintenanceBoth = 6 "maintenance required and demanded",
        /// Problem, maintenance required.
        ProblemRequired = 7 "problem, maintenance required",
        /// Problem, maintenance demanded.
        ProblemDemanded = 8 "problem, maintenance demanded",
        /// Problem, maintenance required and demanded.
        ProblemBoth = 9 "problem, maintenance required and demanded",
    }

    /// What GetDiagnosis is asked for.
    DiagnosisRequest: u32 {
        /// List of supported requests.
        Directory = 0x0000 "function directory",
        /// DevCat statistic.
        Statistic = 0x1000 "statistic",
        /// Resets the statistic.
        ResetStatistic = 0x2000 "reset statistic",
        /// Communication events as consumer.
        ConsumerEvents = 0x3000 "consumer communication events",
        /// Communication events as provider.
        ProviderEvents = 0x4000 "provider communication events",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_values_survive() {
        assert_eq!(u16::from(Persistence::from(7)), 7);
        assert_eq!(Persistence::from(2), Persistence::Persistent);
        assert_eq!(Activation::from(9).to_string(), "unknown (0x9)");
        for state in LDevState::NAMED {
            assert_eq!(LDevState::from(state.raw()), *state);
        }
    }
}
