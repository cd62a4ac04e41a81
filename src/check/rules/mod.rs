//! The catalogue: one rule a file, in the order of codes.
//!
//! A file begins with the rule's manual page under fixed headings (what it checks, why, example, remedy), then come the facts of
//! a finding with the message they make, the rule, and its tests: two that fire and one that is silent. Codes are stable
//! and never used again for something else.
//!
//! A new rule is a file, a `mod` line and a line in [`CATALOGUE`].

mod address_malformed;
mod address_missing;
mod address_outside_subnet;
mod address_twice;
mod cable;
mod chart_tree;
mod communication_load;
mod component_changed;
mod component_missing;
mod constant_out_of_range;
mod constant_unreadable;
mod cyclic_carried_acyclically;
mod cyclic_on_stage_1;
mod cyclic_too_large;
mod dangling_constant;
mod dangling_link;
mod device_missing;
mod direction;
mod double_feed;
mod epsilon;
mod feedback_loop;
mod hmi_port_linked;
mod instance_name;
mod ldev_twice;
mod limit_exceeded;
mod limit_typical;
mod link_and_constant;
mod name_malformed;
mod name_missing;
mod name_twice;
mod newer_version;
mod no_chain;
mod no_proxy;
mod not_multi_app;
mod placement;
mod profibus_address;
mod profibus_address_twice;
mod qos_type_not_offered;
mod qos_value_not_offered;
mod reaction_time;
mod router_outside_network;
mod singleton_twice;
mod subnet;
mod substitute_out_of_range;
mod substitute_unreadable;
mod too_many_slaves;
mod type_mismatch;
mod unfed_input;
mod unused_device;
mod wrong_attachment;
mod wrong_proxy;

use super::rule::Rule;

/// All rules.
pub(super) static CATALOGUE: &[&Rule] = &[
    &type_mismatch::RULE,
    &direction::RULE,
    &double_feed::RULE,
    &link_and_constant::RULE,
    &unfed_input::RULE,
    &limit_exceeded::RULE,
    &limit_typical::RULE,
    &communication_load::RULE,
    &qos_type_not_offered::RULE,
    &qos_value_not_offered::RULE,
    &cyclic_on_stage_1::RULE,
    &cyclic_carried_acyclically::RULE,
    &reaction_time::RULE,
    &feedback_loop::RULE,
    &constant_unreadable::RULE,
    &constant_out_of_range::RULE,
    &substitute_unreadable::RULE,
    &substitute_out_of_range::RULE,
    &epsilon::RULE,
    &hmi_port_linked::RULE,
    &dangling_link::RULE,
    &dangling_constant::RULE,
    &name_missing::RULE,
    &name_malformed::RULE,
    &name_twice::RULE,
    &address_missing::RULE,
    &address_malformed::RULE,
    &address_twice::RULE,
    &address_outside_subnet::RULE,
    &router_outside_network::RULE,
    &subnet::RULE,
    &profibus_address::RULE,
    &profibus_address_twice::RULE,
    &no_proxy::RULE,
    &wrong_proxy::RULE,
    &too_many_slaves::RULE,
    &wrong_attachment::RULE,
    &singleton_twice::RULE,
    &component_missing::RULE,
    &newer_version::RULE,
    &component_changed::RULE,
    &unused_device::RULE,
    &not_multi_app::RULE,
    &ldev_twice::RULE,
    &instance_name::RULE,
    &device_missing::RULE,
    &placement::RULE,
    &cable::RULE,
    &chart_tree::RULE,
    &no_chain::RULE,
    &cyclic_too_large::RULE,
];
