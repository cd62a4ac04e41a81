//! The ACCO: how connections between logical devices are made, kept and fed, without sockets and without
//! a clock.
//!
//! Two machines, one per role. Every logical device owns both:
//!
//! * [`Provider`] answers ICBAAccoServer(2): it keeps what each consumer has connected, samples the items
//!   and says which OnDataChanged calls to make.
//! * [`Consumer`] answers ICBAAccoMgt(2) and ICBAAccoCallback: it holds the connection database, says which
//!   calls to make at which provider, and which values to put into the own items.
//!
//! How the owner drives them:
//!
//! ```text
//! incoming call   request struct + now  ->  method of the machine  ->  Reply to send; send it, then poll
//! actions         poll(now)             ->  calls to make, values to deliver, in order
//! their outcome   done(now, id, ...)    ->  poll again
//! time            next_due()            ->  poll no later than this
//! ```
//!
//! `now` is the time since any fixed moment of the owner's choice; it must not run backwards. All calls of a
//! partner are made one after another; calls to different partners should run side by side. A call that
//! is not answered within [`convention::CALL_TIMEOUT`] has failed. The owner implements [`ItemSpace`], the
//! items of its logical device.
//!
//! A provider named by the consumer's own address is no special case here: its actions carry `local`, and the
//! owner hands the request to the [`Provider`] of that logical device instead of the network.
//!
//! What the protocol leaves open about times and choices is in [`convention`].

mod answer;
pub mod consumer;
pub mod convention;
mod epsilon;
mod items;
mod limits;
pub mod provider;

pub use answer::{MOST_ELEMENTS, NO_ROOM, Room};
pub use consumer::Consumer;
pub use items::{ItemInfo, ItemKey, ItemSpace, Sample};
pub use limits::{ConsumerLimits, ProviderLimits, QosSupport};
pub use provider::Provider;

use crate::wire::cba::HResult;

/// Result of a call from those of its elements: `S_OK`, or `S_FALSE` if some failed.
fn overall(mut results: impl Iterator<Item = HResult>) -> HResult {
    if results.any(HResult::is_failure) { HResult::S_FALSE } else { HResult::S_OK }
}

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;
