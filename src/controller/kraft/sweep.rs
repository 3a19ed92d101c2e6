//! Random lives of clusters: whatever happens, partitions stay what they may be.

use std::sync::Arc;

use kafka_protocol::messages as kafka;
use kafka_protocol::messages::alter_partition_reassignments_request::{
    ReassignablePartition, ReassignableTopic,
};
use kafka_protocol::messages::alter_partition_request::{BrokerState, PartitionData, TopicData};
use kafka_protocol::messages::elect_leaders_request::TopicPartitions;
use kafka_protocol::protocol::StrBytes;
use proptest::prelude::*;

use super::ControllerState;
use super::lab::Lab;
use crate::ids::{BrokerId, Offset};
use crate::metadata::PartitionRegistration;
use crate::node::Timer;
use crate::protocol::RequestBody;
use crate::sim::Duration;

const BROKERS: i32 = 4;
const TOPICS: [&str; 2] = ["t0", "t1"];

/// Something that happens to a cluster. Numbers are brokers, sets of brokers (as bits) and topics.
#[derive(Clone, Debug)]
enum Happening {
    /// A broker is not heard of until its session ends; the others are.
    Dies(i32),
    /// A broker's next process registers, with its epoch at hand or without.
    Returns(i32, bool),
    Heartbeat(i32),
    WantsToStop(i32),
    LeaderAsksForIsr(usize, u8),
    Reassigned(usize, u8),
    ReassignmentCancelled(usize),
    PreferredElection(usize),
    UncleanElection(usize),
    Balance,
}

fn happening() -> impl Strategy<Value = Happening> {
    let broker = || 1..=BROKERS;
    let topic = || 0..TOPICS.len();
    prop_oneof![
        2 => broker().prop_map(Happening::Dies),
        3 => (broker(), any::<bool>()).prop_map(|(broker, clean)| Happening::Returns(broker, clean)),
        6 => broker().prop_map(Happening::Heartbeat),
        2 => broker().prop_map(Happening::WantsToStop),
        6 => (topic(), any::<u8>()).prop_map(|(topic, isr)| Happening::LeaderAsksForIsr(topic, isr)),
        2 => (topic(), 1..16_u8).prop_map(|(topic, to)| Happening::Reassigned(topic, to)),
        1 => topic().prop_map(Happening::ReassignmentCancelled),
        1 => topic().prop_map(Happening::PreferredElection),
        1 => topic().prop_map(Happening::UncleanElection),
        1 => Just(Happening::Balance),
    ]
}

fn brokers_in(bits: u8) -> Vec<BrokerId> {
    (1..=BROKERS).filter(|id| bits >> (id - 1) & 1 == 1).map(BrokerId).collect()
}

fn name(topic: usize) -> kafka::TopicName {
    kafka::TopicName(StrBytes::from_static_str(TOPICS[topic]))
}

impl Lab {
    fn live(&mut self, happening: &Happening, process: u128) {
        match happening {
            Happening::Dies(broker) => {
                self.wait(Duration::from_secs(5));
                self.hear_of_all_but(*broker);
                self.wait(Duration::from_secs(5));
                self.timer(Timer::FenceStale);
            }
            Happening::Returns(broker, clean) => {
                let known = self.controller.image().broker(BrokerId(*broker));
                let epoch = known.map_or(-1, |known| known.epoch.0);
                // Refused while the process before has a session.
                _ = self.register(*broker, process, if *clean { epoch } else { -1 });
            }
            Happening::Heartbeat(broker) => self.go_on(*broker),
            Happening::WantsToStop(broker) => _ = self.heartbeat(*broker, true),
            Happening::LeaderAsksForIsr(topic, bits) => self.alter_isr(*topic, *bits),
            Happening::Reassigned(topic, to) => self.reassign(*topic, Some(*to)),
            Happening::ReassignmentCancelled(topic) => {
                // Where unclean elections are allowed, Kafka puts an old replica into an empty ISR
                // without asking whether it lives.
                let name = TOPICS[*topic];
                if !self.controller.unclean_election_enabled(name) {
                    self.reassign(*topic, None);
                }
            }
            Happening::PreferredElection(topic) => self.elect(*topic, 0),
            Happening::UncleanElection(topic) => self.elect(*topic, 1),
            Happening::Balance => self.timer(Timer::LeaderBalance),
        }
    }

    fn hear_of_all_but(&mut self, silent: i32) {
        let heard = |broker: &crate::metadata::BrokerRegistration| {
            !broker.fenced && broker.id != BrokerId(silent)
        };
        let image = self.controller.image();
        let ids: Vec<i32> = image.brokers().filter(|b| heard(b)).map(|b| b.id.0).collect();
        for id in ids {
            self.go_on(id);
        }
    }

    /// A heartbeat; who once wanted to stop wants it ever after.
    fn go_on(&mut self, id: i32) {
        let broker = self.controller.image().broker(BrokerId(id));
        let stopping = broker.is_some_and(|broker| broker.in_controlled_shutdown);
        self.heartbeat(id, stopping);
    }

    fn alter_isr(&mut self, topic: usize, bits: u8) {
        let image = self.controller.image();
        let partition = self.partition(TOPICS[topic]);
        let Some(leader) = partition.leader else { return };
        let epoch = image.broker(leader).expect("a leader is registered").epoch;
        let member = |id: &BrokerId| {
            BrokerState::default().with_broker_id(kafka::BrokerId(id.0)).with_broker_epoch(-1)
        };
        let mut isr = brokers_in(bits);
        if !isr.contains(&leader) {
            isr.push(leader);
        }
        let data = PartitionData::default()
            .with_leader_epoch(partition.leader_epoch.0)
            .with_partition_epoch(partition.partition_epoch.0)
            .with_new_isr_with_epochs(isr.iter().map(member).collect());
        let id = image.topic_id(TOPICS[topic]).expect("it was created");
        let data = TopicData::default()
            .with_topic_id(uuid::Uuid::from_u128(id.0))
            .with_partitions(vec![data]);
        let request = kafka::AlterPartitionRequest::default()
            .with_broker_id(kafka::BrokerId(leader.0))
            .with_broker_epoch(epoch.0)
            .with_topics(vec![data]);
        self.ask(RequestBody::AlterPartition(Box::new(request)));
    }

    fn reassign(&mut self, topic: usize, to: Option<u8>) {
        let ids = |bits| brokers_in(bits).iter().map(|id| kafka::BrokerId(id.0)).collect();
        let partition = ReassignablePartition::default().with_replicas(to.map(ids));
        let topic =
            ReassignableTopic::default().with_name(name(topic)).with_partitions(vec![partition]);
        let request = kafka::AlterPartitionReassignmentsRequest::default().with_topics(vec![topic]);
        self.ask(RequestBody::AlterPartitionReassignments(Box::new(request)));
    }

    fn elect(&mut self, topic: usize, kind: i8) {
        let topic = TopicPartitions::default().with_topic(name(topic)).with_partitions(vec![0]);
        let request = kafka::ElectLeadersRequest::default()
            .with_election_type(kind)
            .with_topic_partitions(Some(vec![topic]));
        self.ask(RequestBody::ElectLeaders(Box::new(request)));
    }

    /// Invariants C2 and C3.
    fn assert_partition_is_sound(&self, partition: &PartitionRegistration) {
        let image = self.controller.image();
        let of_replicas = |list: &[BrokerId]| list.iter().all(|id| partition.replicas.contains(id));
        let distinct = |list: &[BrokerId]| {
            list.iter().enumerate().all(|(index, id)| !list[..index].contains(id))
        };
        assert!(distinct(&partition.replicas) && distinct(&partition.isr));
        assert!(of_replicas(&partition.isr), "the ISR is made of replicas: {partition:?}");
        let leads = partition.leader.is_none_or(|leader| partition.isr.contains(&leader));
        assert!(leads, "the leader is in sync: {partition:?}");
        let both = partition.elr().iter().any(|id| partition.isr.contains(id));
        assert!(!both, "who is in sync is in no ELR: {partition:?}");
        let elr = image.features().elr_enabled();
        assert!(elr || partition.elr().is_empty());
        // Without ELR the last member stays in the ISR, whatever becomes of it.
        let last = !elr && partition.leader.is_none() && partition.isr.len() == 1;
        assert!(last || partition.leader.is_some() != partition.isr.is_empty(), "{partition:?}");
        let active = partition.isr.iter().all(|id| image.is_active(*id));
        assert!(last || active, "the ISR is made of active brokers: {partition:?}");
    }

    /// Invariant C7, with the indexes.
    fn assert_state_is_that_of_the_log(&self) {
        let config = Arc::new(self.controller.config().clone());
        let mut replayed = ControllerState::new(config);
        for (record, offset) in self.log.iter().zip(1..) {
            replayed.replay(record, Offset(offset));
        }
        assert_eq!(replayed.image(), self.controller.image());
        self.controller.assert_same_index(&replayed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn partitions_stay_what_they_may_be(
        happenings in proptest::collection::vec(happening(), 0..60),
        elr in any::<bool>(),
        unclean in any::<bool>(),
    ) {
        let mut config = Lab::config();
        if !elr {
            config.bootstrap.features.clear();
        }
        let unclean = if unclean { "true" } else { "false" };
        config.static_config.insert("unclean.leader.election.enable".into(), unclean.into());
        let mut lab = Lab::with_brokers_and(BROKERS, config);
        lab.create_topic(TOPICS[0], &[1, 2, 3]);
        lab.create_topic(TOPICS[1], &[2]);
        lab.commit();
        for (happening, process) in happenings.iter().zip(100..) {
            lab.live(happening, process);
            for topic in TOPICS {
                lab.assert_partition_is_sound(lab.partition(topic));
            }
        }
        lab.assert_state_is_that_of_the_log();
    }
}
