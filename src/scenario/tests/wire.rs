//! Whatever is sent while scenarios run could have been sent to a real Kafka.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::*;
use crate::cluster::testing::{self as tap, Sent};
use crate::protocol::{Survival, request_survives, response_survives};
use crate::scenario::library;
use crate::scenario::runner::Runner;

/// An hour at the administrator's desk, and an old group that is looked after.
const BUSY: &str = r#"
    duration = "60s"
    [topics.kq]
    partitions = 2
    replication-factor = 3
    [producers.web]
    topic = "kq"
    rate = "20/s"
    config = { "enable.idempotence" = true }
    [groups.checkout]
    topics = ["kq"]
    consumers = 2
    config = { "client.rack" = "r1" }
    [[steps]]
    at = "5s"
    do = "create topic new partitions 1 replication-factor 1"
    [[steps]]
    at = "6s"
    do = "add partitions 1 to kq"
    [[steps]]
    at = "7s"
    do = "set topic kq retention.ms 100000"
    [[steps]]
    at = "8s"
    do = "reassign kq-0 to [1, 2]"
    [[steps]]
    at = "9s"
    do = "elect preferred kq-1"
    [[steps]]
    at = "10s"
    do = "delete topic new"
    [[steps]]
    at = "11s"
    do = "add consumer to checkout"
    [[steps]]
    at = "15s"
    do = "stop leader(kq-0)"
    as = "first"
    [[steps]]
    at = "25s"
    do = "start first"
    [[steps]]
    at = "30s"
    do = "kill leader(kq-1)"
    [[steps]]
    at = "45s"
    do = "remove c1"
"#;

/// Lets a scenario run and sends everything through the codec. What was sent, by kind and version.
fn sent_by(scenario: Scenario, kinds: &mut BTreeSet<String>) {
    let mut runner = Runner::new(Arc::new(scenario), false).unjudged();
    tap::open();
    while runner.step() {
        for sent in tap::take() {
            let (name, version, survival) = match &sent {
                Sent::Request(version, body) => {
                    (body.api().name(), *version, request_survives(body, *version))
                }
                Sent::Response(version, body) => {
                    (body.api().name(), *version, response_survives(body, *version))
                }
            };
            assert_eq!(survival, Survival::Whole, "{name} {version}: {sent:?}");
            kinds.insert(format!("{name} {version}"));
        }
    }
}

#[test]
fn every_message_survives_a_round_trip_at_its_version() {
    let mut kinds = BTreeSet::new();
    sent_by(right(BUSY), &mut kinds);
    for name in library::names() {
        let mut loaded = load(&library::find(name).expect("it is listed"));
        let mut scenario = loaded.runs.remove(0).scenario;
        scenario.duration = scenario.duration.min(Duration::from_secs(20));
        sent_by(scenario, &mut kinds);
    }
    let kinds: Vec<_> = kinds.into_iter().collect();
    insta::assert_snapshot!(kinds.join("\n"), @r"
    AllocateProducerIds 0
    AlterPartition 3
    AlterPartitionReassignments 1
    BrokerHeartbeat 1
    BrokerRegistration 4
    CreatePartitions 3
    CreateTopics 7
    DeleteTopics 6
    ElectLeaders 2
    Fetch 12
    Fetch 17
    Fetch 18
    FindCoordinator 6
    Heartbeat 4
    IncrementalAlterConfigs 1
    InitProducerId 5
    JoinGroup 9
    LeaveGroup 5
    ListOffsets 10
    Metadata 13
    OffsetCommit 9
    OffsetFetch 9
    OffsetForLeaderEpoch 4
    Produce 13
    SyncGroup 5
    ");
}
