//! Starting a virtual plant on this computer.

use crate::device::{PlantError, PlantOptions, VirtualPlant};
use crate::model::Plan;
use crate::net::loopback::{self, Host};

/// Times that ports are looked for.
const ATTEMPTS: usize = 5;

/// Starts all devices of a plan, each at an address of its own or, if so asked or there is no other, all at 127.0.0.1.
/// `options` says how, on the host that is found.
///
/// Between the moment a port is found free and the one a device opens it, another program can take it. On an address that
/// is shared this is likely enough to look again.
pub(super) fn start_plant(
    plan: &Plan,
    share_address: bool,
    options: impl Fn(Host) -> PlantOptions,
) -> Result<VirtualPlant, PlantError> {
    let n_devices = plan.devices().len();
    let mut attempts = 0;
    loop {
        attempts += 1;
        let host = if share_address { loopback::share(n_devices) } else { loopback::probe(n_devices) };
        let shares = !host.loopback_range;
        match VirtualPlant::start(plan, options(host)) {
            Err(PlantError::Start(_)) if shares && attempts < ATTEMPTS => {}
            ended => return ended,
        }
    }
}
