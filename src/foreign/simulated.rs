//! The simulated cluster as a tool sees it: the answers that its brokers would give now.
//!
//! Nothing is sent and nothing changes. A tool that would try again until its time is up is told at
//! once that it is.

use std::collections::BTreeMap;

use super::cluster::{
    Cluster, Committed, Coordinator, Group, GroupType, Member, Partition, Problem, Record, Topic,
};
use crate::broker::Broker;
use crate::cluster::ProcessState;
use crate::config::{BrokerConfig, TopicConfig};
use crate::coordinator::group::{ClassicGroup, OFFSETS_TOPIC};
use crate::ids::{BrokerId, Name, Offset, TopicPartition};
use crate::metadata::{ClusterImage, ConfigResource, TopicImage};
use crate::protocol::TimestampType;
use crate::protocol::consumer_protocol::Assignment;
use crate::view::Lens;

const MIN_ISR: &str = "min.insync.replicas";

/// A simulated cluster at an instant.
#[derive(Clone, Copy, Debug)]
pub struct Simulated<'a> {
    lens: Lens<'a>,
}

impl<'a> Simulated<'a> {
    /// The cluster that `lens` looks at.
    pub const fn new(lens: Lens<'a>) -> Self {
        Self { lens }
    }

    /// A broker that answers.
    fn living(self, id: BrokerId) -> Option<&'a Broker> {
        let node = self.lens.node_of(id)?;
        let is_up = self.lens.process_state(node) == ProcessState::Up;
        self.lens.running(id).filter(|_| is_up)?.broker()
    }

    /// The broker that is asked what every broker knows: the first that answers, one in service if
    /// there is one.
    fn asked(self) -> Option<&'a Broker> {
        let living = || self.lens.broker_ids().into_iter().filter_map(|id| self.living(id));
        let in_service = |broker: &&Broker| broker.image().is_active(broker.id());
        living().find(in_service).or_else(|| living().next())
    }

    /// The leader of a partition, as the asked broker knows it, if it answers and agrees.
    fn leader(self, tp: &TopicPartition) -> Result<BrokerId, Problem> {
        let image = self.asked().ok_or(Problem::Silence)?.image();
        let topic = image.topic_named(&tp.topic).ok_or(Problem::Unknown)?;
        let partition = topic.partition(tp.partition).ok_or(Problem::Unknown)?;
        let leader = partition.leader.filter(|leader| self.living(*leader).is_some());
        let leader = leader.ok_or(Problem::Timeout)?;
        let leads =
            self.lens.replica_state(tp, leader).is_some_and(crate::replica::Partition::is_leader);
        if leads { Ok(leader) } else { Err(Problem::Timeout) }
    }

    /// The broker that coordinates a group, if it answers.
    fn coordinator(self, group: &str) -> Result<&'a Broker, Problem> {
        let image = self.asked().ok_or(Problem::Silence)?.image();
        // Asking for a group makes the topic; then there is no such group in it.
        let topic = image.topic_named(OFFSETS_TOPIC).ok_or(Problem::Unknown)?;
        let partition = self.lens.coordinator_partition(group).ok_or(Problem::Timeout)?;
        let leader = topic.partition(partition).and_then(|state| state.leader);
        let broker = leader.and_then(|leader| self.living(leader)).ok_or(Problem::Timeout)?;
        if broker.coordinator().is_loaded(group) { Ok(broker) } else { Err(Problem::Timeout) }
    }
}

impl Cluster for Simulated<'_> {
    fn topics(&self) -> Result<Vec<Topic>, Problem> {
        let broker = self.asked().ok_or(Problem::Silence)?;
        Ok(broker.image().topics().map(|topic| described(topic, broker)).collect())
    }

    fn live_brokers(&self) -> Vec<i32> {
        let image = self.asked().map(Broker::image);
        let brokers = image.into_iter().flat_map(ClusterImage::brokers);
        brokers.filter(|broker| !broker.fenced).map(|broker| broker.id.0).collect()
    }

    fn groups(&self) -> Result<Vec<Group>, Problem> {
        let image = self.asked().ok_or(Problem::Silence)?.image();
        let brokers = image.brokers().filter(|broker| !broker.fenced);
        let mut groups = BTreeMap::new();
        for broker in brokers.filter_map(|broker| self.living(broker.id)) {
            let coordinator = broker.coordinator();
            for group in coordinator.groups().filter(|one| coordinator.is_loaded(&one.group)) {
                groups.insert(group.group.clone(), group_of(group, broker));
            }
        }
        Ok(groups.into_values().collect())
    }

    fn group(&self, name: &str) -> Result<Group, Problem> {
        let broker = self.coordinator(name)?;
        let group = broker.coordinator().group(name).ok_or(Problem::Unknown)?;
        Ok(group_of(group, broker))
    }

    fn bounds(&self, tp: &TopicPartition) -> Result<(i64, i64), Problem> {
        let leader = self.leader(tp)?;
        let log = self.lens.log(tp, leader).ok_or(Problem::Timeout)?;
        Ok((log.log_start_offset().0 as i64, log.high_watermark().0 as i64))
    }

    fn records(&self, tp: &TopicPartition, committed: bool) -> Result<Vec<Record>, Problem> {
        let leader = self.leader(tp)?;
        let log = self.lens.log(tp, leader).ok_or(Problem::Timeout)?;
        let start = log.log_start_offset();
        let end = if committed { log.last_stable_offset() } else { log.high_watermark() };
        let batches = self.lens.batches(tp, leader, start).into_iter().flatten();
        let data = batches.filter(|batch| !batch.is_control());
        let records = data.take_while(|batch| batch.base_offset() < end).flat_map(|batch| {
            let appended = batch.timestamp_type() == TimestampType::LogAppendTime;
            let records = batch.decode().unwrap_or_default().into_iter();
            records.map(move |record| (appended, record))
        });
        let seen = |offset: Offset| start <= offset && offset < end;
        Ok(records
            .filter(|(_, record)| seen(record.offset))
            .map(|(appended, record)| Record {
                offset: record.offset.0 as i64,
                timestamp: record.timestamp.0,
                appended,
                key: record.key,
                value: record.value,
                headers: record
                    .headers
                    .into_iter()
                    .map(|one| (String::from_utf8_lossy(&one.key).into_owned(), one.value))
                    .collect(),
            })
            .collect())
    }

    fn log_time(&self) -> String {
        log_time(self.lens.wall().0)
    }
}

/// A topic as `broker` describes it.
fn described(topic: &TopicImage, broker: &Broker) -> Topic {
    let image = broker.image();
    let ids = |ids: &[BrokerId]| ids.iter().map(|id| id.0).collect();
    let configs = configs(&topic.name, broker);
    let least = configs.iter().find(|(name, _)| name == MIN_ISR);
    let least = least.and_then(|(_, value)| value.parse().ok()).unwrap_or(1);
    let alive = |id: &BrokerId| image.broker(*id).is_some_and(|broker| !broker.fenced);
    Topic {
        name: topic.name.to_string(),
        id: topic.id.to_string(),
        internal: &*topic.name == OFFSETS_TOPIC,
        configs,
        min_insync_replicas: least,
        partitions: topic
            .partitions()
            .map(|(index, state)| Partition {
                index: index.0,
                leader: state.leader.filter(alive).map(|leader| leader.0),
                replicas: ids(&state.replicas),
                isr: ids(&state.isr),
                adding: ids(state.adding_replicas()),
                removing: ids(state.removing_replicas()),
                elr: ids(state.elr()),
                last_known_elr: ids(state.last_known_elr()),
            })
            .collect(),
    }
}

/// The settings of a topic that are no defaults: its own, the brokers' dynamic ones, then what stands
/// in the files of this broker.
fn configs(topic: &str, broker: &Broker) -> Vec<(String, String)> {
    let set = broker.image().configs();
    let own = set.of(&ConfigResource::topic(topic));
    let dynamic = [set.of(&ConfigResource::node(broker.id())), set.of(&ConfigResource::cluster())];
    let (inherited, default) = of_file(broker.config());
    let mut configs = Vec::new();
    for name in TopicConfig::DEFINITIONS.iter().map(|definition| definition.name) {
        let synonyms = TopicConfig::broker_synonyms(name).iter().chain([&name]);
        let of_brokers = || {
            let mut found = synonyms.flat_map(|name| dynamic.iter().map(|all| all.get(*name)));
            found.find_map(|value| value.map(Name::to_string))
        };
        let of_file =
            || inherited.text(name).filter(|text| Some(text) != default.text(name).as_ref());
        let value = own.get(name).map(Name::to_string).or_else(of_brokers).or_else(of_file);
        configs.extend(value.map(|value| (name.to_owned(), value)));
    }
    configs
}

/// What topics take from a broker's file, and what they would take from an empty one.
fn of_file(config: &BrokerConfig) -> (TopicConfig, TopicConfig) {
    (TopicConfig::of_broker(config), TopicConfig::of_broker(&BrokerConfig::default()))
}

fn group_of(group: &ClassicGroup, broker: &Broker) -> Group {
    let described = group.describe();
    let listener =
        broker.image().broker(broker.id()).and_then(|registered| registered.listeners.first());
    let committed = broker.coordinator().committed_offsets(&group.group).into_iter().flatten();
    let members = described.members.iter().map(|member| Member {
        id: member.member_id.to_string(),
        instance: member.group_instance_id.as_ref().map(ToString::to_string),
        client: member.client_id.to_string(),
        host: member.client_host.to_string(),
        assignment: Assignment::decode(&member.member_assignment)
            .map(|assignment| assignment.partitions)
            .unwrap_or_default(),
        epoch: None,
        target: None,
    });
    Group {
        name: group.group.to_string(),
        kind: GroupType::Classic,
        state: described.group_state.to_string(),
        assignor: described.protocol_data.to_string(),
        coordinator: Coordinator {
            id: broker.id().0,
            host: listener.map(|listener| listener.host.to_string()).unwrap_or_default(),
            port: listener.map_or(0, |listener| listener.port),
        },
        group_epoch: None,
        target_assignment_epoch: None,
        members: members.collect(),
        committed: committed
            .map(|(tp, one)| {
                let leader_epoch = one.leader_epoch.map(|epoch| epoch.0);
                (tp.clone(), Committed { offset: one.committed_offset, leader_epoch })
            })
            .collect(),
    }
}

/// Milliseconds since 1970 as `2026-01-01 00:00:00,000`.
fn log_time(millis: i64) -> String {
    let (days, of_day) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000));
    // Days from 0000-03-01: years begin in March there, so that a leap day is a year's last.
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    let (seconds, millis) = (of_day / 1_000, of_day % 1_000);
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02} {hours:02}:{minutes:02}:{seconds:02},{millis:03}")
}

#[cfg(test)]
mod tests {
    use super::log_time;

    #[test]
    fn log_lines_say_the_wall_clock() {
        assert_eq!(log_time(1_767_225_600_000), "2026-01-01 00:00:00,000");
        assert_eq!(log_time(1_709_208_000_123), "2024-02-29 12:00:00,123");
        assert_eq!(log_time(1_795_153_122_243), "2026-11-20 05:38:42,243");
    }
}
