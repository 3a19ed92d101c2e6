//! What each broker says of itself and of the cluster, whenever it changes.

use std::collections::{BTreeMap, BTreeSet};

use kafkascope::broker::{Broker, BrokerState};
use kafkascope::cluster::{Cluster, Node, ProcessState};
use kafkascope::ids::{BrokerId, Offset, TopicPartition};
use kafkascope::replica::Role;
use kafkascope::sim::NodeId;
use serde_json::Value;

use super::recording::{Millis, Recording, text, topic_partition};

/// How a broker describes a partition (`DescribeTopicPartitions`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct View {
    pub(super) leader: i32,
    pub(super) epoch: i32,
    pub(super) replicas: Vec<i32>,
    pub(super) isr: Vec<i32>,
    pub(super) elr: Vec<i32>,
    pub(super) last_known_elr: Vec<i32>,
    pub(super) offline: Vec<i32>,
}

/// What a broker answers when it is asked where a partition ends (`ListOffsets`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    HighWatermark(u64),
    Error(String),
}

/// Something that was so from a time on; nothing while the broker did not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen<T> {
    pub(super) at: Millis,
    pub(super) what: Option<T>,
}

/// One thing as it changed.
pub(super) type Story<T> = Vec<Seen<T>>;

/// Broker and partition.
pub(super) type Place = (BrokerId, TopicPartition);

/// What all brokers said.
#[derive(Clone, Debug, Default)]
pub(super) struct Witness {
    pub(super) views: BTreeMap<Place, Story<View>>,
    pub(super) ends: BTreeMap<Place, Story<End>>,
    /// The active controller and its epoch.
    pub(super) controllers: BTreeMap<BrokerId, Story<(i32, i32)>>,
}

fn note<T: PartialEq>(story: &mut Story<T>, at: Millis, what: Option<T>) {
    if story.last().is_none_or(|last| last.what != what) {
        story.push(Seen { at, what });
    }
}

fn resume<T: PartialEq + Clone>(story: &mut Story<T>, at: Millis) {
    if story.last().is_some_and(|last| last.what.is_none()) {
        let before = story.iter().rev().find_map(|seen| seen.what.clone());
        note(story, at, before);
    }
}

impl Witness {
    /// What the recorder was told, row by row.
    pub(super) fn recorded(recording: &Recording) -> Self {
        let mut witness = Self::default();
        let watched = recording.watched();
        for row in &recording.trace {
            let at = row["t"].as_u64().expect("a time");
            let from = BrokerId(row["from"].as_i64().expect("a broker") as i32);
            let is_broker = recording.brokers.contains(&from);
            if !row["reachable"].is_null() && !is_broker {
                continue;
            }
            if row["reachable"] == false {
                witness.lost(at, from, &watched);
            } else if row["reachable"] == true {
                witness.found(at, from);
            } else if !row["controller"].is_null() {
                let number = |name: &str| row[name].as_i64().expect("a number") as i32;
                let now = (number("controller"), number("controller_epoch"));
                note(witness.controllers.entry(from).or_default(), at, Some(now));
            } else if let Some(tp) = row["tp"].as_str() {
                let place = (from, topic_partition(tp));
                if row["leader"].is_null() {
                    let end = match row["hw"].as_u64() {
                        Some(offset) => End::HighWatermark(offset),
                        None => End::Error(text(&row["hw_error"]).to_owned()),
                    };
                    note(witness.ends.entry(place).or_default(), at, Some(end));
                } else {
                    note(witness.views.entry(place).or_default(), at, Some(view_of_row(row)));
                }
            }
        }
        witness
    }

    fn lost(&mut self, at: Millis, from: BrokerId, watched: &BTreeSet<TopicPartition>) {
        for tp in watched {
            let place = (from, tp.clone());
            note(self.views.entry(place.clone()).or_default(), at, None);
            note(self.ends.entry(place).or_default(), at, None);
        }
    }

    /// The broker answers again: where no other answer came, it says what it said before.
    fn found(&mut self, at: Millis, from: BrokerId) {
        for (_, story) in self.views.iter_mut().filter(|(place, _)| place.0 == from) {
            resume(story, at);
        }
        for (_, story) in self.ends.iter_mut().filter(|(place, _)| place.0 == from) {
            resume(story, at);
        }
    }

    /// Asks the broker of a process what it would answer now.
    pub(super) fn ask(
        &mut self,
        cluster: &Cluster,
        node: NodeId,
        watched: &BTreeSet<TopicPartition>,
    ) {
        let Some(from) = cluster.blueprint(node).server_id() else { return };
        let at = cluster.now().as_millis();
        let Some(Node::Server(server)) = cluster.node(node) else {
            if self.views.keys().any(|(known, _)| *known == from) {
                self.lost(at, from, watched);
            }
            return;
        };
        if let Some(leader) = server.raft().leader() {
            let now = (leader.0, server.raft().epoch().0);
            note(self.controllers.entry(from).or_default(), at, Some(now));
        }
        let broker = server.broker();
        let answers = broker.filter(|broker| {
            cluster.state(node) == ProcessState::Up
                && !matches!(broker.state(), BrokerState::Starting | BrokerState::ShuttingDown)
        });
        let Some(broker) = answers else {
            if self.views.keys().any(|(known, _)| *known == from) {
                self.lost(at, from, watched);
            }
            return;
        };
        for tp in watched {
            let Some(view) = view_of(broker, tp) else { continue };
            let place = (from, tp.clone());
            note(self.views.entry(place.clone()).or_default(), at, Some(view));
            note(self.ends.entry(place).or_default(), at, Some(end_of(broker, tp)));
        }
    }
}

fn view_of_row(row: &Value) -> View {
    let number = |name: &str| row[name].as_i64().expect("a number") as i32;
    let list = |name: &str| -> Vec<i32> {
        let ids = row[name].as_array().expect("a list").iter();
        ids.map(|id| id.as_i64().expect("an id") as i32).collect()
    };
    View {
        leader: number("leader"),
        epoch: number("epoch"),
        replicas: list("replicas"),
        isr: list("isr"),
        elr: list("elr"),
        last_known_elr: list("last_known_elr"),
        offline: list("offline"),
    }
}

/// As `KRaftMetadataCache.describeTopicResponse`.
fn view_of(broker: &Broker, tp: &TopicPartition) -> Option<View> {
    let image = broker.image();
    let state = image.topic_named(&tp.topic)?.partition(tp.partition)?;
    let alive = |id: BrokerId| image.broker(id).is_some_and(|found| !found.fenced);
    let wire = |ids: &[BrokerId]| ids.iter().map(|id| id.0).collect::<Vec<_>>();
    let offline: Vec<BrokerId> = state.replicas.iter().copied().filter(|id| !alive(*id)).collect();
    Some(View {
        leader: state.leader.filter(|leader| alive(*leader)).map_or(-1, |leader| leader.0),
        epoch: state.leader_epoch.0,
        replicas: wire(&state.replicas),
        isr: wire(&state.isr),
        elr: wire(state.elr()),
        last_known_elr: wire(state.last_known_elr()),
        offline: wire(&offline),
    })
}

/// As `ReplicaManager.fetchOffset` for the latest offset.
fn end_of(broker: &Broker, tp: &TopicPartition) -> End {
    let error = |name: &str| End::Error(name.to_owned());
    let replicas = broker.replicas();
    let found = replicas.slot_named(tp).and_then(|slot| {
        let replica = replicas.get(slot)?;
        Some((replica, replicas.log(slot)?))
    });
    let Some((replica, log)) = found else { return error("NOT_LEADER_OR_FOLLOWER") };
    let Role::Leader(leader) = replica.role() else { return error("NOT_LEADER_OR_FOLLOWER") };
    let Offset(high_watermark) = log.high_watermark();
    if leader.epoch_start_offset.0 > high_watermark {
        return error("OFFSET_NOT_AVAILABLE");
    }
    End::HighWatermark(high_watermark)
}
