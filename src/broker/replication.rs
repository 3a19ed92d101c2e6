//! Following: fetches from leaders, and what their answers do to the logs here.
//!
//! In Kafka: `ReplicaFetcherThread`, `AbstractFetcherThread`.

use kafka_protocol::messages::ListOffsetsRequest;
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};

use super::{Broker, Tag};
use crate::feature::mutant;
use crate::ids::{BrokerId, LeaderEpoch, Offset, TopicIdPartition};
use crate::log::Disk;
use crate::node::{Completion, Outbox, Peer, Purpose, Timer, Touched, Why};
use crate::protocol::convert::topic_name;
use crate::protocol::{
    ErrorCode, FetchPartitionResponse, FetchRequest, FetchResponse, Fetcher, Isolation,
    RequestBody, ResponseBody,
};
use crate::replica::FetchStart;

/// `ListOffsets` timestamps that mean the log's ends.
const LATEST: i64 = -1;
const EARLIEST: i64 = -2;

impl Broker {
    /// Begins to copy the replica in `slot` from its leader, or begins anew.
    pub(super) fn start_fetching(&mut self, slot: u32, out: &mut Outbox) {
        self.stop_fetching(slot);
        let Some(replica) = self.replicas.get(slot) else { return };
        let Some(leader) = replica.leader().filter(|leader| self.image.broker(*leader).is_some())
        else {
            return;
        };
        let log = self.replicas.logs.log(replica.log());
        let start = FetchStart {
            id: replica.id(),
            leader_epoch: replica.leader_epoch().unwrap_or(LeaderEpoch(0)),
            // Without epochs nobody can tell where logs differ: only what is committed counts.
            fetch_offset: match log.latest_epoch() {
                Some(_) => log.log_end_offset(),
                None => log.high_watermark(),
            },
            last_fetched_epoch: log.latest_epoch(),
            log_start_offset: log.log_start_offset(),
        };
        self.replicas.fetchers.entry(leader).or_default().add(slot, start);
        // In a step of its own: until then other partitions may join.
        let why = Why::Rule("a fetcher goes on when a partition is added to it");
        out.set_timer(Timer::FetcherBackoff(leader), out.now, why);
    }

    /// Copies the replica in `slot` no more.
    pub(super) fn stop_fetching(&mut self, slot: u32) {
        for fetcher in self.replicas.fetchers.values_mut() {
            fetcher.remove(slot);
        }
    }

    /// Ends the fetchers that copy nothing any more, with their connections
    /// (`AbstractFetcherManager.shutdownIdleFetcherThreads`).
    pub(super) fn stop_idle_fetchers(&mut self, out: &mut Outbox) {
        let fetchers = self.replicas.fetchers.iter();
        let idle = fetchers.filter(|(_, fetcher)| fetcher.is_empty()).map(|(leader, _)| *leader);
        for leader in idle.collect::<Vec<_>>() {
            self.replicas.fetchers.remove(&leader);
            // Whatever it had asked for, nobody waits for the answer.
            drop(self.channels.close(Peer::new(leader, Purpose::Replication), out));
        }
    }

    /// Asks `leader` for what comes next, if nothing is on its way.
    pub(super) fn fetch_from(&mut self, leader: BrokerId, out: &mut Outbox) {
        let Some(fetcher) = self.replicas.fetchers.get_mut(&leader) else { return };
        if fetcher.busy {
            return;
        }
        fetcher.wake(out.now);
        if fetcher.is_empty() {
            self.replicas.fetchers.remove(&leader);
            return;
        }
        let Some(next) = fetcher.next_fetch() else {
            if let Some(at) = fetcher.next_wake() {
                let why = Why::Config("replica.fetch.backoff.ms");
                out.set_timer(Timer::FetcherBackoff(leader), at, why);
            }
            return;
        };
        fetcher.busy = true;
        let max_bytes = self.config.replica_fetch_max_bytes as u32;
        let fetcher = &self.replicas.fetchers[&leader];
        let named = next.named.iter();
        let partitions = named.map(|slot| fetcher.request_for(*slot, max_bytes)).collect();
        let request = FetchRequest {
            fetcher: Fetcher::Replica { id: self.id, epoch: self.lifecycle.broker_epoch },
            max_wait: self.config.replica_fetch_wait_max,
            min_bytes: self.config.replica_fetch_min_bytes as u32,
            max_bytes: self.config.replica_fetch_response_max_bytes as u32,
            isolation: Isolation::ReadUncommitted,
            session: next.session,
            partitions,
            forgotten: next.forgotten,
            rack: None,
        };
        let peer = Peer::new(leader, Purpose::Replication);
        let timeout = self.config.replica_socket_timeout;
        let body = RequestBody::Fetch(request);
        self.channels.send_within(peer, Tag::Fetch, 17, body, timeout, out);
    }

    /// A fetch was answered, or failed.
    pub(super) fn on_fetched(&mut self, ended: Completion<Tag>, disk: &mut Disk, out: &mut Outbox) {
        let leader = ended.peer.broker;
        let backoff = out.now + self.config.replica_fetch_backoff;
        let Some(fetcher) = self.replicas.fetchers.get_mut(&leader) else { return };
        fetcher.busy = false;
        if let Ok(ResponseBody::Fetch(response)) =
            ended.result.as_ref().map(|response| &response.body)
        {
            if fetcher.session.on_response(response) {
                self.take_fetched(leader, response, disk, out);
            }
        } else {
            fetcher.session.restart();
            fetcher.delay_all(backoff);
        }
        self.fetch_from(leader, out);
    }

    fn take_fetched(
        &mut self,
        leader: BrokerId,
        response: &FetchResponse,
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        for answer in &response.partitions {
            let id = TopicIdPartition { topic_id: answer.topic.id, partition: answer.partition };
            let Some(slot) = self.replicas.slot(id) else { continue };
            let fetcher = self.replicas.fetchers.get(&leader);
            if fetcher.is_some_and(|fetcher| fetcher.is_as_asked(slot)) {
                out.touch(Touched::Replica(slot));
                self.take_partition(leader, slot, answer, disk, out);
            }
        }
    }

    fn take_partition(
        &mut self,
        leader: BrokerId,
        slot: u32,
        answer: &FetchPartitionResponse,
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        let backoff = out.now + self.config.replica_fetch_backoff;
        match answer.error {
            ErrorCode::None => match answer.diverging_epoch {
                Some((epoch, end)) => self.truncate(leader, slot, (epoch, end), disk, out),
                None => self.append_fetched(leader, slot, answer, disk, out),
            },
            ErrorCode::OffsetOutOfRange => self.ask_leader_offset(leader, slot, true, out),
            ErrorCode::FencedLeaderEpoch => {
                // The leader is ahead of us: the metadata log will say to whom to go.
                if let Some(fetcher) = self.replicas.fetchers.get_mut(&leader) {
                    fetcher.remove(slot);
                }
            }
            _ => {
                if let Some(fetcher) = self.replicas.fetchers.get_mut(&leader) {
                    fetcher.delay(slot, backoff);
                }
            }
        }
    }

    /// Appends what was fetched, and learns the leader's high watermark and log start offset.
    fn append_fetched(
        &mut self,
        leader: BrokerId,
        slot: u32,
        answer: &FetchPartitionResponse,
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        let epoch = self.replicas.get(slot).and_then(crate::replica::Partition::leader_epoch);
        let epoch = epoch.unwrap_or(LeaderEpoch(0));
        let appended = self.replicas.change_log(slot, |replica, log| {
            let appended = if answer.records.is_empty() {
                Ok(None)
            } else {
                log.append_as_follower(disk, &answer.records, epoch, out).map(Some)
            };
            let before = log.high_watermark();
            let told = if mutant!(out, FollowerHighWatermarkAtLogEnd) {
                log.log_end_offset()
            } else {
                answer.high_watermark.unwrap_or_default()
            };
            let now = log.update_high_watermark(told.min(log.log_end_offset()));
            if now > before {
                let tp = || replica.topic_partition().clone();
                out.detail(|| crate::fact::Fact::HighWatermarkAdvanced {
                    tp: tp(),
                    from: before,
                    to: now,
                    as_leader: false,
                });
            }
            if let Some(start) = answer.log_start_offset {
                log.maybe_increment_log_start_offset(start, out);
            }
            appended.map(|_| (log.log_end_offset(), log.latest_epoch(), log.log_start_offset()))
        });
        let backoff = out.now + self.config.replica_fetch_backoff;
        let Some(fetcher) = self.replicas.fetchers.get_mut(&leader) else { return };
        match appended {
            Ok((end, last, start)) => {
                let known = fetcher.get(slot);
                let changed = known.is_some_and(|state| {
                    state.fetch_offset != end
                        || state.last_fetched_epoch != last
                        || state.log_start_offset != start
                });
                if changed {
                    fetcher.update(slot, |state| {
                        state.fetch_offset = end;
                        state.last_fetched_epoch = last;
                        state.log_start_offset = start;
                    });
                }
            }
            Err(_) => fetcher.delay(slot, backoff),
        }
    }

    /// The leader's log has another history: cuts this one where they part.
    fn truncate(
        &mut self,
        leader: BrokerId,
        slot: u32,
        (epoch, leader_end): (LeaderEpoch, Offset),
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        let (end, last) = self.replicas.change_log(slot, |_, log| {
            let log_end = log.log_end_offset();
            let target = match log.end_offset_for_epoch(epoch) {
                // The leader's epoch is not known here: the end of the last one before it, and the
                // next fetch asks again.
                Some((known, ours)) if known != epoch => ours.min(log_end),
                Some((_, ours)) => ours.min(leader_end).min(log_end),
                None => leader_end.min(log_end),
            };
            log.truncate_to(disk, target, out);
            (log.log_end_offset(), log.latest_epoch())
        });
        if let Some(fetcher) = self.replicas.fetchers.get_mut(&leader) {
            fetcher.update(slot, |state| {
                state.fetch_offset = end;
                state.last_fetched_epoch = last;
            });
        }
    }

    /// Asks where the leader's log ends, or begins: this one lies outside of it.
    fn ask_leader_offset(&mut self, leader: BrokerId, slot: u32, latest: bool, out: &mut Outbox) {
        let Some(replica) = self.replicas.get(slot) else { return };
        let partition = ListOffsetsPartition::default()
            .with_partition_index(replica.id().partition.0)
            .with_current_leader_epoch(LeaderEpoch::to_wire(replica.leader_epoch()))
            .with_timestamp(if latest { LATEST } else { EARLIEST });
        let topic = ListOffsetsTopic::default()
            .with_name(topic_name(&replica.topic_partition().topic))
            .with_partitions(vec![partition]);
        let request = ListOffsetsRequest::default()
            .with_replica_id(self.id.0.into())
            .with_topics(vec![topic]);
        if let Some(fetcher) = self.replicas.fetchers.get_mut(&leader) {
            fetcher.update(slot, |state| state.resolving = true);
        }
        let peer = Peer::new(leader, Purpose::Replication);
        let tag = Tag::LeaderOffset { slot, latest };
        let body = RequestBody::ListOffsets(Box::new(request));
        self.channels.send_within(peer, tag, 10, body, self.config.replica_socket_timeout, out);
    }

    /// The leader said where its log ends or begins.
    pub(super) fn on_leader_offset(
        &mut self,
        ended: Completion<Tag>,
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        let leader = ended.peer.broker;
        let Tag::LeaderOffset { slot, latest } = ended.tag else { return };
        let backoff = out.now + self.config.replica_fetch_backoff;
        let answer = match ended.result.as_ref().map(|response| &response.body) {
            Ok(ResponseBody::ListOffsets(answer)) => {
                answer.topics.first().and_then(|topic| topic.partitions.first())
            }
            _ => None,
        };
        let offset = answer.filter(|answer| answer.error_code == 0);
        let offset = offset.and_then(|answer| Offset::from_wire(answer.offset));
        let Some(fetcher) = self.replicas.fetchers.get_mut(&leader) else { return };
        let asked = fetcher.get(slot).is_some_and(|state| state.resolving);
        if self.replicas.get(slot).is_none() || !asked {
            return;
        }
        let fetcher = self.replicas.fetchers.get_mut(&leader).expect("it was just there");
        match offset {
            None => {
                fetcher.update(slot, |state| state.resolving = false);
                fetcher.delay(slot, backoff);
            }
            Some(end) if latest => {
                let ours = self.replicas.log(slot).map(crate::log::Log::log_end_offset);
                if ours.is_some_and(|ours| end < ours) {
                    // An unclean election: the new leader never had the rest.
                    self.replicas.change_log(slot, |_, log| log.truncate_to(disk, end, out));
                    self.fetch_on_from(leader, slot);
                } else {
                    self.ask_leader_offset(leader, slot, false, out);
                }
            }
            Some(start) => {
                self.replicas.change_log(slot, |_, log| {
                    if start > log.log_end_offset() {
                        // Everything here was deleted there long ago.
                        log.truncate_fully_and_start_at(disk, start, None, out);
                    }
                });
                self.fetch_on_from(leader, slot);
            }
        }
        self.fetch_from(leader, out);
    }

    /// Fetches on from where the log ends now.
    fn fetch_on_from(&mut self, leader: BrokerId, slot: u32) {
        let Some(log) = self.replicas.log(slot) else { return };
        let (end, last, start) = (log.log_end_offset(), log.latest_epoch(), log.log_start_offset());
        if let Some(fetcher) = self.replicas.fetchers.get_mut(&leader) {
            fetcher.update(slot, |state| {
                state.resolving = false;
                state.fetch_offset = end;
                state.last_fetched_epoch = last;
                state.log_start_offset = start;
            });
        }
    }
}
