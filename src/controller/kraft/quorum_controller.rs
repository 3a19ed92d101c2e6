//! The controller as its process sees it: requests, timers and commits go in, batches to append and
//! answers come out.
//!
//! In Kafka: `QuorumController`. The Raft layer appends what [`QuorumController`] hands it, at the
//! offsets that it says; the controller has replayed it by then, and goes back should Raft lose its
//! leadership before it is committed.

use std::sync::Arc;

use super::activation::activation_records;
use super::answers::{reply, reply_error};
use super::api::{self, Context};
use super::api_error::ApiError;
use super::config::ControllerConfig;
use super::facts;
use super::heartbeats::BrokerHeartbeatManager;
use super::outcome::{Outcome, Records, Then};
use super::periodic;
use super::purgatory::{Deferred, PendingBatch, Purgatory};
use super::state::ControllerState;
use super::topic_ids::TopicIds;
use crate::fact::Fact;
use crate::ids::{BrokerEpoch, BrokerId, ControllerEpoch, Offset};
use crate::metadata::ClusterImage;
use crate::node::{Outbox, ReplyTo, Timer, Why};
use crate::protocol::{ErrorCode, MetadataRecord, Request, RequestBody, ResponseBody};
use crate::sim::rng::Stream;

/// How many records go into one batch.
const MAX_RECORDS_PER_BATCH: usize = 10_000;

/// A record with the version it is to be written at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppendRecord {
    /// The version.
    pub version: i16,
    /// The record.
    pub record: MetadataRecord,
}

/// A batch for the metadata log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    /// The offset of its first record.
    pub base_offset: Offset,
    /// Its records.
    pub records: Arc<[AppendRecord]>,
}

/// What only the active controller has.
#[derive(Clone, Debug)]
struct Active {
    epoch: ControllerEpoch,
    next_write_offset: Offset,
    heartbeats: BrokerHeartbeatManager,
    purgatory: Purgatory,
}

/// A member of the controller quorum. Active while Raft has it as the leader.
#[derive(Clone, Debug)]
pub struct QuorumController {
    state: ControllerState,
    placement: Stream,
    topic_ids: TopicIds,
    active: Option<Active>,
    /// Whom Raft named as the leader last.
    leader: Option<BrokerId>,
}

/// What Raft tells.
impl QuorumController {
    /// A controller that knows nothing yet; `seed` is that of the run, `incarnation` says how often
    /// its process has started: each one draws anew.
    pub fn new(config: ControllerConfig, seed: u64, incarnation: u32) -> Self {
        let id = config.node_id;
        let stream = |what| Stream::new(seed, &format!("controller/{id}/{incarnation}/{what}"));
        let topic_ids = TopicIds::new(stream("topic-ids"), config.pinned_topic_ids.clone());
        Self {
            state: ControllerState::new(Arc::new(config)),
            placement: stream("placement"),
            topic_ids,
            active: None,
            leader: None,
        }
    }

    /// A standby replays records that are committed, from `base_offset` on. What it is the first to
    /// know of, it tells.
    ///
    /// # Panics
    /// On the active controller, which has replayed them when it made them.
    pub fn replay_committed<'a>(
        &mut self,
        base_offset: Offset,
        records: impl IntoIterator<IntoIter: ExactSizeIterator + Clone, Item = &'a MetadataRecord>,
        out: &mut Outbox,
    ) {
        assert!(self.active.is_none(), "the active controller replays what it appends");
        let records = records.into_iter();
        facts::tell(self.state.image(), base_offset, records.clone(), None, out);
        let mut offset = base_offset;
        for record in records {
            self.state.replay(record, offset);
            offset = offset.next();
        }
    }

    /// A standby begins anew with the records of a snapshot; `last_contained` is the last offset
    /// that it stands for.
    ///
    /// # Panics
    /// On the active controller.
    pub fn load_snapshot<'a>(
        &mut self,
        last_contained: Offset,
        records: impl IntoIterator<Item = &'a MetadataRecord>,
    ) {
        assert!(self.active.is_none(), "an active controller needs no snapshot");
        self.state = ControllerState::new(Arc::clone(&self.state.config));
        for record in records {
            self.state.replay(record, last_contained);
        }
    }

    /// Another controller leads the quorum, or none.
    pub fn leader_changed(&mut self, leader: Option<BrokerId>, out: &mut Outbox) {
        self.leader = leader;
        if self.active.is_some() {
            self.renounce(out);
        }
    }

    /// This controller leads the quorum: it becomes the active one. All of the log up to
    /// `next_write_offset` has been replayed.
    #[must_use = "what it writes must be appended"]
    pub fn claim(
        &mut self,
        epoch: ControllerEpoch,
        next_write_offset: Offset,
        out: &mut Outbox,
    ) -> Vec<Append> {
        let timeout = self.state.config().broker_session_timeout;
        self.leader = Some(self.state.config().node_id);
        if let Some(active) = &mut self.active {
            active.epoch = epoch; // It was the leader before, and is again.
            return Vec::new();
        }
        self.active = Some(Active {
            epoch,
            next_write_offset,
            heartbeats: BrokerHeartbeatManager::activate(timeout, &self.state.image, out.now),
            purgatory: Purgatory::default(),
        });
        out.fact(|| Fact::ControllerActivated { epoch });
        let outcome = activation_records(&self.state);
        let appends = self.append(outcome.records, outcome.atomic);
        for timer in periodic::TASKS {
            if let Some((period, why)) = periodic::period(self.state.config(), timer) {
                out.set_timer(timer, out.now + period, why);
            }
        }
        appends
    }

    /// This controller no longer leads: what is not committed never was.
    fn renounce(&mut self, out: &mut Outbox) {
        let Some(mut active) = self.active.take() else { return };
        if let Some(committed) = active.purgatory.committed_state() {
            self.state = committed.clone();
        }
        for timer in periodic::TASKS {
            out.cancel_timer(timer);
        }
        for Deferred { to, request, .. } in active.purgatory.clear() {
            let error = self.not_controller();
            reply_error(to, &request, &error, out);
        }
    }

    /// Everything below `high_watermark` is committed: its answers may leave.
    pub fn on_commit(&mut self, high_watermark: Offset, out: &mut Outbox) {
        let Some(active) = &mut self.active else { return };
        // Inside a transaction of records nothing counts yet.
        let start = self.state.transaction_start();
        let stable = start.map_or(high_watermark, |start| start.min(high_watermark));
        while let Some(batch) = active.purgatory.pop_batch(stable) {
            let records = batch.records.iter().map(|append| &append.record);
            let before = batch.before.image();
            facts::tell(before, batch.base_offset, records, Some(&batch.notes), out);
        }
        while let Some(deferred) = active.purgatory.pop_deferred(stable) {
            let Deferred { to, request, response, .. } = deferred;
            reply(to, &request, response, out);
        }
    }
}

/// What brokers, administrators and the clock want.
impl QuorumController {
    /// Handles a request. The answer leaves with a commit, or at once if nothing is pending.
    ///
    /// # Panics
    /// For a request that no controller takes: see [`takes`](Self::takes).
    #[must_use = "what it writes must be appended"]
    pub fn on_request(
        &mut self,
        from: ReplyTo,
        request: &Arc<Request>,
        out: &mut Outbox,
    ) -> Vec<Append> {
        let Some(active) = &mut self.active else {
            reply_error(from, request, &self.not_controller(), out);
            return Vec::new();
        };
        if let RequestBody::ListPartitionReassignments(body) = &request.body {
            // Only a look at what is committed: it waits for nothing.
            let state = active.purgatory.committed_state().unwrap_or(&self.state);
            let response = api::list_partition_reassignments::handle(state, body);
            out.reply(from, ResponseBody::ListPartitionReassignments(Box::new(response)));
            return Vec::new();
        }
        if let RequestBody::BrokerHeartbeat(heartbeat) = &request.body {
            let epoch = BrokerEpoch(heartbeat.broker_epoch);
            active.heartbeats.heard_of(BrokerId(heartbeat.broker_id.0), epoch, out.now);
        }
        let mut context = Context {
            state: &self.state,
            heartbeats: &mut active.heartbeats,
            placement: &mut self.placement,
            topic_ids: &mut self.topic_ids,
            now: out.now,
            next_write_offset: active.next_write_offset,
            api_version: request.api_version,
        };
        match api::handle(&mut context, &request.body).expect("the request is for a controller") {
            Ok(outcome) => self.carry_out(outcome, from, request, out),
            Err(error) => {
                reply_error(from, request, &error, out);
                Vec::new()
            }
        }
    }

    /// True for the requests that [`on_request`](Self::on_request) handles.
    pub const fn takes(request: &RequestBody) -> bool {
        matches!(
            request,
            RequestBody::CreateTopics(_)
                | RequestBody::DeleteTopics(_)
                | RequestBody::CreatePartitions(_)
                | RequestBody::ElectLeaders(_)
                | RequestBody::IncrementalAlterConfigs(_)
                | RequestBody::AlterPartitionReassignments(_)
                | RequestBody::ListPartitionReassignments(_)
                | RequestBody::AlterPartition(_)
                | RequestBody::BrokerRegistration(_)
                | RequestBody::BrokerHeartbeat(_)
                | RequestBody::UnregisterBroker(_)
                | RequestBody::AllocateProducerIds(_)
                | RequestBody::ControllerRegistration(_)
                | RequestBody::AssignReplicasToDirs(_)
        )
    }

    /// A timer of a periodic task is due.
    #[must_use = "what it writes must be appended"]
    pub fn on_timer(&mut self, timer: Timer, out: &mut Outbox) -> Vec<Append> {
        let Some(active) = &mut self.active else { return Vec::new() };
        let outcome = periodic::run(&self.state, &mut active.heartbeats, out.now, timer);
        let Some(outcome) = outcome else { return Vec::new() };
        if let Some((period, why)) = periodic::period(self.state.config(), timer) {
            if outcome.response {
                let why = Why::Rule("a task that left something undone runs again after 10 ms");
                out.set_timer(timer, out.now + periodic::IMMEDIATE_PERIOD, why);
            } else {
                out.set_timer(timer, out.now + period, why);
            }
        }
        self.append(outcome.records, outcome.atomic)
    }

    fn carry_out(
        &mut self,
        outcome: Outcome<ResponseBody>,
        from: ReplyTo,
        request: &Arc<Request>,
        out: &mut Outbox,
    ) -> Vec<Append> {
        let Outcome { records, response, atomic, then } = outcome;
        let appends = self.append(records, atomic);
        let active = self.active.as_mut().expect("only an active controller handles requests");
        match then {
            Then::Nothing => {}
            Then::ControlledShutdown(broker) => {
                // The last of the records; without any, the last one there is.
                let last = Offset(active.next_write_offset.0.saturating_sub(1));
                active.heartbeats.maybe_update_controlled_shutdown_offset(broker, last);
            }
        }
        if let Some(response) = active.purgatory.defer(from, Arc::clone(request), response) {
            reply(from, request, response, out);
        }
        appends
    }

    /// Gives records their offsets and replays them: from here on they hold, until Raft says
    /// otherwise.
    fn append(&mut self, mut records: Records, atomic: bool) -> Vec<Append> {
        let mut appends = Vec::new();
        while !records.is_empty() {
            assert!(
                !atomic || records.len() <= MAX_RECORDS_PER_BATCH,
                "records that belong together fit one batch"
            );
            let size = records.len().min(MAX_RECORDS_PER_BATCH);
            let rest = records.split_off(size);
            appends.push(self.append_batch(records));
            records = rest;
        }
        appends
    }

    fn append_batch(&mut self, records: Records) -> Append {
        let active = self.active.as_mut().expect("only an active controller appends");
        let before = self.state.clone();
        let base_offset = active.next_write_offset;
        let Records { records, notes } = records;
        let mut appended = Vec::with_capacity(records.len());
        for record in records {
            self.state.replay(&record, active.next_write_offset);
            active.heartbeats.replayed(before.image(), self.state.image(), &record);
            // A record that changes the level is read at the level it sets.
            let level = self.state.image.features().metadata_version();
            let level = level.unwrap_or(self.state.config().bootstrap.metadata_version);
            appended.push(AppendRecord { version: record.version_at(level), record });
            active.next_write_offset = active.next_write_offset.next();
        }
        let records: Arc<[AppendRecord]> = appended.into();
        let append = Append { base_offset, records: Arc::clone(&records) };
        active.purgatory.push_batch(PendingBatch { base_offset, records, notes, before });
        append
    }

    fn not_controller(&self) -> ApiError {
        let message = match self.leader {
            Some(leader) => format!("The active controller appears to be node {leader}."),
            None => "No controller appears to be active.".to_owned(),
        };
        ApiError::new(ErrorCode::NotController, message)
    }
}

/// What others may see.
impl QuorumController {
    /// The cluster as this controller has it, with what is not committed yet.
    pub const fn image(&self) -> &ClusterImage {
        self.state.image()
    }

    /// The cluster as far as it is committed.
    pub fn committed_image(&self) -> &ClusterImage {
        let pending = self.active.as_ref().and_then(|active| active.purgatory.committed_state());
        pending.unwrap_or(&self.state).image()
    }

    /// The offset that the next record gets; none on a standby.
    pub fn next_write_offset(&self) -> Option<Offset> {
        self.active.as_ref().map(|active| active.next_write_offset)
    }

    /// The brokers as it hears from them; none on a standby.
    pub fn heartbeats(&self) -> Option<&BrokerHeartbeatManager> {
        self.active.as_ref().map(|active| &active.heartbeats)
    }

    /// Whether partitions of a topic may be led by a replica that lacks committed records:
    /// `unclean.leader.election.enable`.
    pub fn unclean_election_enabled(&self, topic: &str) -> bool {
        self.state.unclean_election_enabled(topic)
    }

    /// The settings.
    pub fn config(&self) -> &ControllerConfig {
        self.state.config()
    }
}

#[cfg(test)]
impl QuorumController {
    /// The index of partitions must be that of `other`.
    pub(super) fn assert_same_index(&self, other: &ControllerState) {
        assert_eq!(self.state.partitions, other.partitions);
    }
}
