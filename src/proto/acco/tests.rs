//! Both machines against each other over a network that loses requests and answers, with a provider that
//! restarts and a user who edits: once the network behaves, everything that is active runs, and the provider
//! holds nothing else.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::consumer::{ConsumerAction, Outcome, PartnerCall, ProviderCall};
use super::fixture::{Items, ms};
use super::provider::ProviderAction;
use super::{Consumer, ConsumerLimits, ItemKey, ItemSpace, Provider, ProviderLimits, QosSupport};
use crate::wire::Variant;
use crate::wire::cba::acco_mgt::{AddConnectionIn, AddConnectionsRequest, SetActivationStateRequest};
use crate::wire::cba::acco_server::SetActivationRequest;
use crate::wire::cba::{Activation, HResult, Persistence, QosType, Quality};

const PAIRS: [(&str, &str); 3] =
    [("Mixer.Speed", "Valve.SetSpeed"), ("Mixer.Ready", "Valve.Enable"), ("Mixer.Level", "Valve.Level")];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Network {
    Good,
    LosesRequests,
    LosesAnswers,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Add(usize, bool, u16),
    Remove(u32),
    Activate(u32, bool),
    Clear,
    Restart,
    Write(i16),
    Wait(u64),
    Network(Network),
}

fn step() -> impl Strategy<Value = Step> {
    let network = prop::sample::select(vec![Network::Good, Network::LosesRequests, Network::LosesAnswers]);
    prop_oneof![
        3 => (0..PAIRS.len(), any::<bool>(), prop::sample::select(vec![100_u16, 500])).prop_map(|(pair, active, qos)| Step::Add(pair, active, qos)),
        1 => (1_u32..8).prop_map(Step::Remove),
        2 => (1_u32..8, any::<bool>()).prop_map(|(id, active)| Step::Activate(id, active)),
        1 => Just(Step::Clear),
        1 => Just(Step::Restart),
        2 => any::<i16>().prop_map(Step::Write),
        4 => prop_oneof![0_u64..300, 4_000_u64..16_000].prop_map(Step::Wait),
        2 => network.prop_map(Step::Network),
    ]
}

struct World {
    now: Duration,
    network: Network,
    consumer: Consumer,
    provider: Provider,
    items: Items,
    /// What the consumer's items show.
    shown: BTreeMap<ItemKey, (Variant, Quality)>,
    /// A farewell was not answered, so the provider may hold something until it is contacted again.
    gave_up: bool,
}

impl World {
    fn new() -> Self {
        Self {
            now: ms(0),
            network: Network::Good,
            consumer: Consumer::new("192.168.0.11!Pump", ConsumerLimits::default(), QosSupport::default()),
            provider: Provider::new(ProviderLimits::default()),
            items: Items::new(),
            shown: BTreeMap::new(),
            gave_up: false,
        }
    }

    /// Polls both until nothing is left to do at this moment.
    fn settle(&mut self) {
        for _ in 0..100 {
            let consumer = self.consumer.poll(self.now);
            let provider = self.provider.poll(self.now, &self.items);
            if consumer.is_empty() && provider.is_empty() {
                return;
            }
            for action in consumer {
                match action {
                    ConsumerAction::Call(call) => self.call(&call),
                    ConsumerAction::Deliver { item, value, quality } => {
                        let entry = self.shown.entry(item).or_default();
                        entry.0 = value.unwrap_or(entry.0.clone());
                        entry.1 = quality;
                    }
                    ConsumerAction::Release { item } => {
                        self.shown.remove(&item);
                    }
                    ConsumerAction::PartnerGone { .. } => self.gave_up |= self.network != Network::Good,
                }
            }
            for action in provider {
                if let ProviderAction::OnDataChanged { call, data, .. } = action {
                    if self.network != Network::LosesRequests {
                        self.consumer.data_changed(&data);
                    }
                    self.provider.done(self.now, call, self.network == Network::Good);
                }
            }
        }
        panic!("the machines do not come to rest");
    }

    fn call(&mut self, call: &PartnerCall) {
        let outcome = (self.network != Network::LosesRequests).then(|| self.execute(&call.call));
        let answered = outcome.filter(|_| self.network == Network::Good);
        let outcome = answered.unwrap_or(Outcome::Failed(HResult::CBA_E_NONACCESSIBLE));
        self.consumer.done(self.now, call.request, outcome);
    }

    fn execute(&mut self, call: &ProviderCall) -> Outcome {
        let name = self.consumer.name().clone();
        match call {
            ProviderCall::Connect { .. } => {
                let request = call.connect2_request(&name, b"callback").unwrap();
                Outcome::Connected(self.provider.connect2(self.now, &request, &self.items))
            }
            ProviderCall::Disconnect { prov_ids } => Outcome::Results(self.provider.disconnect(prov_ids)),
            ProviderCall::DisconnectMe => Outcome::Answered(self.provider.disconnect_me(&name).hr),
            ProviderCall::SetActivation { state, prov_ids } => {
                let request = SetActivationRequest { state: *state, prov_ids: prov_ids.clone() };
                Outcome::Results(self.provider.set_activation(&request))
            }
            ProviderCall::Ping => Outcome::Answered(self.provider.ping(&name).hr),
        }
    }

    fn wait(&mut self, millis: u64) {
        let end = self.now + ms(millis);
        loop {
            self.settle();
            let due = self.consumer.next_due().into_iter().chain(self.provider.next_due()).min();
            match due {
                Some(due) if due <= end => self.now = self.now.max(due),
                _ => break,
            }
        }
        self.now = end;
        self.settle();
    }

    fn take(&mut self, step: Step) {
        let state = |active| if active { Activation::Active } else { Activation::Passive };
        match step {
            Step::Add(pair, active, qos_value) => {
                let (provider_item, consumer_item) = PAIRS[pair];
                let element = AddConnectionIn {
                    provider_item: provider_item.to_owned(),
                    consumer_item: consumer_item.to_owned(),
                    persistence: Persistence::Volatile,
                    substitute: None,
                    epsilon: None,
                };
                let request = AddConnectionsRequest {
                    provider: "192.168.0.12!Filler".to_owned(),
                    qos_type: QosType::Acyclic,
                    qos_value,
                    state: state(active),
                    connections: vec![element],
                };
                self.consumer.add_connections(&request, &self.items);
            }
            Step::Remove(cons_id) => {
                self.consumer.remove_connections(&[cons_id]);
            }
            Step::Activate(cons_id, active) => {
                let request = SetActivationStateRequest { state: state(active), cons_ids: vec![cons_id] };
                self.consumer.set_activation_state(&request);
            }
            Step::Clear => {
                self.consumer.clear_connections();
            }
            Step::Restart => self.provider = Provider::new(ProviderLimits::default()),
            Step::Write(value) => self.write(value),
            Step::Wait(millis) => self.wait(millis),
            Step::Network(network) => self.network = network,
        }
    }

    fn write(&mut self, value: i16) {
        self.items.set("Mixer.Speed", Variant::I2(value));
        self.items.set("Mixer.Ready", Variant::Bool(value > 0));
        self.items.set("Mixer.Level", Variant::R4(value.into()));
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let mut active = Vec::new();
        for (record, error_state) in self.consumer.records() {
            if record.state != Activation::Active {
                prop_assert_eq!(error_state, HResult::CBA_S_NOCONNECTION);
                continue;
            }
            prop_assert_eq!(error_state, HResult::S_OK, "{:?}", record);
            active.push(record.cons_id);
            let key = |name: &str| self.items.find(name).unwrap().key;
            let source = self.items.sample(key(&record.provider_item));
            let shown = (source.value.clone(), source.quality);
            prop_assert_eq!(self.shown.get(&key(&record.consumer_item)), Some(&shown));
        }
        if self.gave_up && active.is_empty() {
            return Ok(());
        }
        let provided = self.provider.prov_connections(&self.provider.prov_ids().out.prov_ids).out.connections;
        let mut provided: Vec<u32> =
            provided.iter().filter(|c| c.state == Activation::Active).map(|c| c.cons_id).collect();
        provided.sort_unstable();
        prop_assert_eq!(provided, active);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn everything_active_runs_in_the_end(steps in prop::collection::vec(step(), 1..40)) {
        let mut world = World::new();
        for step in steps {
            world.take(step);
            // The machines have work to do between any two steps of the user.
            world.settle();
        }
        world.take(Step::Network(Network::Good));
        world.wait(60_000);
        world.write(7);
        world.wait(1_000);
        world.check()?;
    }
}
