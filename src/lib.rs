//! Plantweave: engineering of PROFINET CBA plants.
pub mod wire;
