//! The catalogue: one rule a file, in the order of codes.
//!
//! A file begins with the rule's manual page under fixed headings (what it checks, why, example, remedy), then come the facts of
//! a finding with the message they make, the rule, and its tests: two that fire and one that is silent. Codes are stable
//! and never used again for something else.

use super::rule::Rule;

macro_rules! catalogue {
    ($($file:ident,)*) => {
        $(mod $file;)*

        /// All rules.
        pub(super) static CATALOGUE: &[&Rule] = &[$(&$file::RULE,)*];
    };
}

catalogue! {
    type_mismatch,
    direction,
    double_feed,
    link_and_constant,
    unfed_input,
    limit_exceeded,
    limit_typical,
    communication_load,
    qos_type_not_offered,
    qos_value_not_offered,
    cyclic_on_stage_1,
    cyclic_carried_acyclically,
    reaction_time,
    feedback_loop,
    constant_unreadable,
    constant_out_of_range,
    substitute_unreadable,
    substitute_out_of_range,
    epsilon,
    hmi_port_linked,
    dangling_link,
    dangling_constant,
    name_missing,
    name_malformed,
    name_twice,
    address_missing,
    address_malformed,
    address_twice,
    address_outside_subnet,
    router_outside_network,
    subnet,
    profibus_address,
    profibus_address_twice,
    no_proxy,
    wrong_proxy,
    too_many_slaves,
    wrong_attachment,
    singleton_twice,
    component_missing,
    newer_version,
    component_changed,
    unused_device,
    not_multi_app,
    ldev_twice,
    instance_name,
    device_missing,
    placement,
    cable,
    chart_tree,
    no_chain,
    cyclic_too_large,
}
