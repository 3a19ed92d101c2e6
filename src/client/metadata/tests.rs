use super::*;
use crate::client::NetworkClient;
use crate::client::testing::{Cardboard, Client, Lab};
use crate::fact::Fact;
use crate::ids::Uuid;
use crate::node::{ChannelConfig, Input, Outbox};
use crate::protocol::{Api, RequestBody, ResponseBody};

/// A client that does nothing but keep its metadata up to date.
#[derive(Debug)]
struct Watcher(NetworkClient<()>);

impl Client for Watcher {
    fn handle(&mut self, input: Input, out: &mut Outbox) {
        self.0.handle(input, out).expect("only the network has something to say");
        while self.0.poll(out) {}
    }
}

impl Watcher {
    fn metadata(&self) -> &Metadata {
        self.0.metadata()
    }
}

fn watch(cluster: Cardboard, topics: &[&str]) -> Lab<Watcher> {
    Lab::new(cluster, |out| {
        let config = MetadataConfig::new(vec![BrokerId(1), BrokerId(2)]);
        let mut network = NetworkClient::new(ChannelConfig::new("test"), config, 7, "test");
        for topic in topics {
            network.metadata_mut().add(&Name::from(*topic), None);
        }
        network.poll(out);
        Watcher(network)
    })
}

fn tp(partition: i32) -> TopicPartition {
    TopicPartition::new("kq", partition)
}

fn leader(lab: &Lab<Watcher>, partition: i32) -> (Option<i32>, Option<i32>) {
    let (leader, epoch) = lab.client.metadata().leader(&tp(partition));
    (leader.map(|leader| leader.0), epoch.map(|epoch| epoch.0))
}

/// How many Metadata requests were answered so far.
fn updates(lab: &Lab<Watcher>) -> u64 {
    lab.client.metadata().update_version() - 1
}

#[test]
fn a_client_asks_a_bootstrap_address_and_then_knows_brokers_by_id() {
    let lab = watch(Cardboard::of(3).topic("kq", &[1, 2, 3]), &["kq"]);
    let metadata = lab.client.metadata();
    assert_eq!(metadata.nodes().len(), 3);
    assert!(metadata.nodes().iter().all(|node| node.purpose == Purpose::Client));
    assert_eq!(leader(&lab, 1), (Some(2), Some(0)));
    let topic = metadata.topic("kq").expect("known");
    assert_eq!(topic.available, [0, 1, 2]);
    assert_eq!(metadata.name_of(topic.id).map(|name| &**name), Some("kq"));
}

#[test]
fn what_is_known_is_asked_for_again_after_five_minutes() {
    let mut lab = watch(Cardboard::of(1).topic("kq", &[1]), &["kq"]);
    assert_eq!(updates(&lab), 1);
    lab.run_for(Duration::from_secs(299));
    assert_eq!(updates(&lab), 1);
    lab.run_for(Duration::from_secs(2));
    assert_eq!(updates(&lab), 2);
}

#[test]
fn answers_that_say_nothing_new_slow_the_asking_down() {
    let mut lab = watch(Cardboard::of(1).topic("kq", &[-1]), &["kq"]);
    let mut after: Vec<u64> = Vec::new();
    for _ in 0..6 {
        lab.run_ms(1_000);
        after.push(updates(&lab));
    }
    // 100 ms, 100, 200, 400, 800, then a second each, 20 % more or less.
    assert!(after[0] >= 4 && after[0] <= 6, "{after:?}");
    assert!(after[5] - after[3] <= 3, "{after:?}");
}

#[test]
fn an_older_leader_epoch_is_ignored_unless_the_topic_is_another() {
    let mut lab = watch(Cardboard::of(3).topic("kq", &[1]), &["kq"]);
    lab.cluster.elect("kq", 0, 2);
    refresh(&mut lab);
    assert_eq!(leader(&lab, 0), (Some(2), Some(1)));
    assert_eq!(
        lab.told(|fact| match fact {
            Fact::MetadataUpdated { tp, leader, leader_epoch } =>
                Some((tp.to_string(), leader.map(|leader| leader.0), leader_epoch.0)),
            _ => None,
        }),
        [("kq-0".to_owned(), Some(2), 1)]
    );
    // A broker that lags behind still names the old leader.
    lab.cluster.topics.get_mut("kq").expect("made").leaders[0] = (1, 0);
    refresh(&mut lab);
    assert_eq!(leader(&lab, 0), (Some(2), Some(1)));
    // The topic was deleted and made anew.
    lab.cluster.topics.get_mut("kq").expect("made").id = Uuid(0x99);
    refresh(&mut lab);
    assert_eq!(leader(&lab, 0), (Some(1), Some(0)));
}

fn refresh(lab: &mut Lab<Watcher>) {
    lab.client.0.metadata_mut().request_update(false);
    let before = updates(lab);
    lab.give(Input::Timer(crate::node::Timer::Metadata));
    lab.run_ms(2_000);
    assert!(updates(lab) > before);
}

#[test]
fn a_leader_that_an_answer_names_is_taken_if_it_is_newer() {
    let mut lab = watch(Cardboard::of(2).topic("kq", &[1, 1]), &["kq"]);
    let mut out = Outbox::default();
    let metadata = lab.client.0.metadata_mut();
    let named = |partition, leader, epoch| (tp(partition), BrokerId(leader), LeaderEpoch(epoch));
    let endpoint = Endpoint { broker: BrokerId(5), host: "b5".into(), port: 9092, rack: None };
    assert!(!metadata.update_leaders(&[named(0, 2, 0)], &[], &mut out), "no newer epoch");
    assert!(!metadata.update_leaders(&[named(0, 5, 3)], &[], &mut out), "nobody knows broker 5");
    assert!(metadata.update_leaders(&[named(0, 5, 3)], &[endpoint], &mut out));
    assert_eq!(metadata.leader(&tp(0)), (Some(BrokerId(5)), Some(LeaderEpoch(3))));
    assert_eq!(metadata.leader(&tp(1)), (Some(BrokerId(1)), Some(LeaderEpoch(0))));
    assert!(metadata.nodes().contains(&Peer::new(BrokerId(5), Purpose::Client)));
    // An epoch heard of elsewhere hides an older leader until metadata tells the new one.
    assert!(metadata.update_last_seen_epoch(&tp(1), LeaderEpoch(4)));
    assert_eq!(metadata.current_leader(&tp(1)), (None, Some(LeaderEpoch(4))));
}

#[test]
fn a_new_topic_is_asked_for_alone_and_at_once() {
    let mut lab = watch(Cardboard::of(1).topic("kq", &[1]).topic("other", &[1]), &["kq"]);
    lab.run_ms(5_000);
    lab.cluster.by_hand.insert(Api::Metadata);
    lab.client.0.metadata_mut().add(&Name::from("other"), None);
    lab.give(Input::Timer(crate::node::Timer::Metadata));
    assert_eq!(lab.waiting(Api::Metadata).len(), 1);
    let RequestBody::Metadata(asked) = lab.unanswered[0].request.body.clone() else { panic!() };
    let names: Vec<_> = asked.topics.iter().flatten().filter_map(|t| t.name.clone()).collect();
    assert_eq!(names, [convert::topic_name("other")]);
    let answer = lab.cluster.metadata(&asked);
    lab.answer(Api::Metadata, ResponseBody::Metadata(Box::new(answer)));
    assert!(lab.client.metadata().topic("kq").is_some(), "the others stay known");
    assert!(lab.client.metadata().topic("other").is_some());
}

#[test]
fn a_topic_that_nobody_used_for_a_while_is_forgotten() {
    let mut lab = watch(Cardboard::of(1).topic("kq", &[1]).topic("other", &[1]), &["kq"]);
    let expires = Some(Instant::ZERO + Duration::from_secs(200));
    lab.client.0.metadata_mut().add(&Name::from("other"), expires);
    lab.give(Input::Timer(crate::node::Timer::Metadata));
    lab.run_ms(1_000);
    assert!(lab.client.metadata().wants("other"));
    lab.run_for(Duration::from_secs(301));
    assert!(!lab.client.metadata().wants("other") && lab.client.metadata().wants("kq"));
}

#[test]
fn five_minutes_without_an_answer_a_client_begins_anew_with_its_bootstrap_addresses() {
    let mut lab = watch(Cardboard::of(3).topic("kq", &[1, 2, 3]), &["kq"]);
    for broker in 1..=3 {
        lab.kill(broker);
    }
    lab.run_for(Duration::from_secs(290));
    assert!(lab.client.metadata().topic("kq").is_some(), "what was known is used until then");
    lab.run_for(Duration::from_secs(15));
    let nodes = lab.client.metadata().nodes();
    assert!(nodes.iter().all(|node| node.purpose == Purpose::Bootstrap), "{nodes:?}");
    assert!(lab.client.metadata().topic("kq").is_none(), "what it knew is gone");
    lab.start(2);
    lab.run_ms(5_000);
    assert_eq!(leader(&lab, 1), (Some(2), Some(0)));
}
