//! Appending: as the leader, who numbers and checks, and as a follower, who takes what was fetched.
//!
//! In Kafka: `UnifiedLog.append`.

use std::sync::Arc;

use smallvec::SmallVec;

use super::body::Body;
use super::error::{AppendError, InvalidBatch};
use super::producer_entry::{BatchMetadata, CompletedTxn};
use super::producer_state::ProducerAppends;
use super::segment::RollParams;
use super::txn_index::AbortedTxn;
use super::unified_log::Place;
use super::validate::validate;
use super::{AppendOrigin, Disk, Log};
use crate::fact::Fact;
use crate::feature::mutant;
use crate::ids::{LeaderEpoch, Offset, Timestamp};
use crate::node::Outbox;
use crate::protocol::{Batch, Records, TimestampType};
use crate::sim::rng;

type CompletedTxns = SmallVec<[CompletedTxn; 1]>;

/// What became of an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppendInfo {
    /// The offset of the first record; none without records.
    pub first_offset: Option<Offset>,
    /// The offset of the last record; none without records.
    pub last_offset: Option<Offset>,
    /// The leader epoch of the last batch.
    pub last_leader_epoch: Option<LeaderEpoch>,
    /// The largest timestamp; -1 for none.
    pub max_timestamp: Timestamp,
    /// The time that all records were stamped with, if they were.
    pub log_append_time: Option<Timestamp>,
    /// Where the log begins.
    pub log_start_offset: Offset,
    /// The length of the batches in bytes.
    pub valid_bytes: u64,
    /// True when the batch had been appended before: the offsets are the old ones.
    pub is_duplicate: bool,
}

impl AppendInfo {
    /// How many offsets the records take.
    pub fn message_count(&self) -> u64 {
        match (self.first_offset, self.last_offset) {
            (Some(first), Some(last)) => last.records_since(first) + 1,
            _ => 0,
        }
    }
}

impl Log {
    /// Appends what a producer or a coordinator sent, as the leader of `epoch`: numbers and checks it.
    /// The raft leader's batches are numbered already.
    ///
    /// # Errors
    /// When something is wrong; then nothing was appended.
    pub fn append_as_leader(
        &mut self,
        disk: &mut Disk,
        batches: &[Arc<Batch>],
        epoch: LeaderEpoch,
        origin: AppendOrigin,
        out: &mut Outbox,
    ) -> Result<AppendInfo, AppendError> {
        self.append(disk, batches, Append { origin, epoch }, out)
    }

    /// Appends what was fetched from the leader of `epoch`. Batches of a newer epoch are left out.
    ///
    /// # Errors
    /// When it does not follow on the log, or is damaged.
    pub fn append_as_follower(
        &mut self,
        disk: &mut Disk,
        batches: &[Arc<Batch>],
        epoch: LeaderEpoch,
        out: &mut Outbox,
    ) -> Result<AppendInfo, AppendError> {
        self.append(disk, batches, Append { origin: AppendOrigin::Replication, epoch }, out)
    }

    fn append(
        &mut self,
        disk: &mut Disk,
        batches: &[Arc<Batch>],
        append: Append,
        out: &mut Outbox,
    ) -> Result<AppendInfo, AppendError> {
        self.materialize(disk);
        let (place, body) = self.parts();
        let (mut info, count) = append.analyze(batches, place, body.log_start_offset)?;
        if count == 0 {
            return Ok(info);
        }
        let mut placed = Records::new();
        let batches = if append.assigns_offsets() {
            let mut at = (body.log_end_offset, append.epoch);
            if mutant!(out, OffsetsSkipped) {
                at.0 = at.0.next();
            }
            if mutant!(out, EpochsMixed) && at.0.0 % 2 == 1 {
                at.1 = LeaderEpoch((at.1.0 - 1).max(0));
            }
            let valid = validate(batches, place.config(), append.origin, at, out.wall)?;
            info.first_offset = Some(body.log_end_offset);
            info.last_offset = Some(Offset(valid.next_offset.0.wrapping_sub(1)));
            info.last_leader_epoch = Some(append.epoch);
            info.max_timestamp = valid.max_timestamp;
            info.log_append_time = (place.config().message_timestamp_type
                == TimestampType::LogAppendTime)
                .then_some(out.wall);
            if valid.is_rebuilt {
                let (size, max) = (valid.batch.size_in_bytes(), place.config().max_message_bytes);
                if size > u64::from(max) {
                    return Err(AppendError::RebuiltTooLarge { size, max });
                }
                info.valid_bytes = size;
            }
            placed.push(valid.batch);
            &placed[..]
        } else {
            body.check_offsets(&info)?;
            &batches[..count]
        };
        body.assign_epochs(disk, place, batches);
        let max = place.config().segment_size();
        if info.valid_bytes > u64::from(max) {
            return Err(AppendError::BatchTooLarge { size: info.valid_bytes, max });
        }
        body.maybe_roll(disk, place, &info, out);
        let follows = body.producers.are_followed_by(batches, append.origin);
        if !follows && let Some(known) = body.find_duplicate(batches, append.origin) {
            info.first_offset = Some(known.first_offset());
            info.last_offset = Some(known.last_offset);
            info.log_append_time = Some(known.timestamp);
            info.is_duplicate = true;
            return Ok(info);
        }
        if follows {
            body.write(disk, place, batches, &info, out);
            body.producers.follow(batches);
        } else {
            let (appends, completed) = body.check_producers(batches, append.origin)?;
            body.write(disk, place, batches, &info, out);
            body.note_producers(disk, place, appends, &completed);
        }
        for batch in batches {
            out.detail(|| Fact::BatchAppended {
                tp: place.tp(),
                base_offset: batch.base_offset(),
                next_offset: batch.next_offset(),
                leader_epoch: batch.partition_leader_epoch().unwrap_or_default(),
                as_leader: append.origin != AppendOrigin::Replication,
            });
        }
        let unflushed = body.log_end_offset.0.saturating_sub(body.recovery_point.0);
        if unflushed as i64 >= place.config().flush_messages {
            self.flush(disk, false, out.wall);
        }
        Ok(info)
    }
}

/// Where the CRC begins in a batch: after base offset, length, leader epoch and magic.
const CRC_AT: u64 = 8 + 4 + 4 + 1;

/// Who appends, and in which epoch.
#[derive(Clone, Copy)]
struct Append {
    origin: AppendOrigin,
    epoch: LeaderEpoch,
}

impl Append {
    const fn assigns_offsets(self) -> bool {
        matches!(self.origin, AppendOrigin::Client | AppendOrigin::Coordinator)
    }

    /// Looks at the headers. Returns what they say, and how many of the batches count.
    fn analyze(
        self,
        batches: &[Arc<Batch>],
        place: Place<'_>,
        log_start_offset: Offset,
    ) -> Result<(AppendInfo, usize), AppendError> {
        let mut info = AppendInfo {
            first_offset: None,
            last_offset: None,
            last_leader_epoch: None,
            max_timestamp: Timestamp(-1),
            log_append_time: None,
            log_start_offset,
            valid_bytes: 0,
            is_duplicate: false,
        };
        let mut count = 0;
        for batch in batches {
            self.check_header(batch)?;
            let epoch = batch.partition_leader_epoch();
            if self.origin == AppendOrigin::Replication && epoch > Some(self.epoch) {
                // Fetched from a leader that this replica has not heard of yet.
                break;
            }
            info.first_offset.get_or_insert(batch.base_offset());
            if !self.assigns_offsets()
                && info.last_offset.is_some_and(|last| last >= batch.last_offset())
            {
                return Err(AppendError::OffsetsOutOfOrder);
            }
            info.last_offset = Some(batch.last_offset());
            info.last_leader_epoch = epoch;
            let (size, max) = (batch.size_in_bytes(), place.config().max_message_bytes);
            if self.origin != AppendOrigin::Replication && size > u64::from(max) {
                return Err(AppendError::RecordTooLarge { size, max });
            }
            if !batch.is_valid() {
                return Err(AppendError::Corrupt { stored_crc: batch.crc() });
            }
            info.max_timestamp = info.max_timestamp.max(batch.max_timestamp());
            info.valid_bytes += size;
            count += 1;
        }
        Ok((info, count))
    }

    fn check_header(self, batch: &Batch) -> Result<(), InvalidBatch> {
        match self.origin {
            AppendOrigin::RaftLeader if batch.partition_leader_epoch() != Some(self.epoch) => {
                let found = LeaderEpoch::to_wire(batch.partition_leader_epoch());
                Err(InvalidBatch::LeaderEpoch(self.epoch.0, found))
            }
            AppendOrigin::Client if batch.base_offset() != Offset(0) => {
                Err(InvalidBatch::BaseOffset(batch.base_offset()))
            }
            _ => Ok(()),
        }
    }
}

impl Body {
    fn assign_epochs(&mut self, disk: &mut Disk, place: Place<'_>, batches: &[Arc<Batch>]) {
        let mut changed = false;
        for batch in batches {
            if let Some(epoch) = batch.partition_leader_epoch() {
                changed |= self.epochs.assign(epoch, batch.base_offset());
            }
        }
        if changed {
            self.write_epochs(disk, place);
        }
    }

    /// A follower's batches begin at or after the log's end: compaction leaves gaps.
    fn check_offsets(&self, info: &AppendInfo) -> Result<(), AppendError> {
        match (info.first_offset, info.last_offset) {
            (Some(first), Some(last)) if first < self.log_end_offset => {
                Err(AppendError::UnexpectedOffset {
                    first,
                    last,
                    log_end_offset: self.log_end_offset,
                    log_start_offset: self.log_start_offset,
                })
            }
            _ => Ok(()),
        }
    }

    fn maybe_roll(
        &mut self,
        disk: &mut Disk,
        place: Place<'_>,
        info: &AppendInfo,
        out: &mut Outbox,
    ) {
        let config = place.config();
        let params = RollParams {
            max_segment_ms: config.max_segment_ms(),
            max_segment_bytes: config.segment_size(),
            max_timestamp: info.max_timestamp,
            max_offset: info.last_offset.expect("there are batches"),
            size: info.valid_bytes,
            now: out.wall,
        };
        let jitter = jitter_ms(place, self.segments.active().base_offset());
        let directory = place.directory();
        let rolls = self.segments.active_mut().should_roll(disk, directory, params, jitter);
        if rolls || mutant!(out, SegmentsRolledAlways) {
            self.roll(disk, place, info.first_offset, out);
        }
    }

    /// The batch that was appended before, if this one comes a second time.
    fn find_duplicate(
        &self,
        batches: &[Arc<Batch>],
        origin: AppendOrigin,
    ) -> Option<BatchMetadata> {
        let [batch] = batches else { return None };
        let id = batch.producer_id().filter(|_| origin == AppendOrigin::Client)?;
        self.producers.entry(id)?.find_duplicate(batch)
    }

    /// Whether the batches' producers may write them, and which transactions that ends.
    fn check_producers(
        &self,
        batches: &[Arc<Batch>],
        origin: AppendOrigin,
    ) -> Result<(ProducerAppends, CompletedTxns), AppendError> {
        let mut appends = ProducerAppends::new();
        appends.reserve(self.producers.most_of(batches.len()));
        let mut completed = CompletedTxns::new();
        for batch in batches {
            completed.extend(self.producers.check(batch, origin, &mut appends)?);
        }
        Ok((appends, completed))
    }

    fn write(
        &mut self,
        disk: &mut Disk,
        place: Place<'_>,
        batches: &[Arc<Batch>],
        info: &AppendInfo,
        out: &Outbox,
    ) {
        let next = info.last_offset.expect("there are batches").next();
        let active = self.segments.active_mut();
        active.append(disk, place.directory(), batches, out.wall);
        let last = batches.last().map_or(0, |batch| batch.size_in_bytes());
        let last = active.size().saturating_sub(last);
        if mutant!(out, IndexPointsAstray) {
            let _ = active.offset_index.append(disk, next, last as u32);
        }
        if mutant!(out, BytesDamaged)
            && info.last_leader_epoch.is_some()
            && batches.first().is_some_and(|batch| batch.producer_id().is_some())
            && let Some(file) = active.log_file()
        {
            disk.overwrite(file, last + CRC_AT, &[0]);
        }
        self.set_log_end_offset(next);
        self.producers.set_map_end_offset(next);
        self.update_first_unstable_offset();
    }

    fn note_producers(
        &mut self,
        disk: &mut Disk,
        place: Place<'_>,
        appends: ProducerAppends,
        completed: &[CompletedTxn],
    ) {
        if appends.is_empty() {
            return;
        }
        self.producers.update_all(appends);
        for txn in completed {
            let last_stable_offset = self.producers.last_stable_offset(txn);
            self.segments.active_mut().note_txn(disk, place.directory(), txn, last_stable_offset);
            self.producers.complete(txn);
        }
        self.update_first_unstable_offset();
    }
}

impl super::Segment {
    /// A transaction ended: aborted ones go into the index.
    pub(super) fn note_txn(
        &mut self,
        disk: &mut Disk,
        directory: super::Directory<'_>,
        txn: &CompletedTxn,
        last_stable_offset: Offset,
    ) {
        if txn.is_aborted {
            let aborted = AbortedTxn {
                producer_id: txn.producer_id,
                first_offset: txn.first_offset,
                last_offset: txn.last_offset,
                last_stable_offset,
            };
            self.txn_index
                .append(disk, directory, aborted)
                .expect("markers are appended one after the other");
        }
    }
}

/// By how much this segment rolls earlier (`segment.jitter.ms`): its own draw, which keeps no state.
fn jitter_ms(place: Place<'_>, base_offset: Offset) -> i64 {
    let config = place.config();
    let most = config.segment_jitter_ms.min(config.segment_ms);
    if most <= 0 {
        return 0;
    }
    let draw = rng::counted(rng::fnv1a(&place.directory().path()), 0, base_offset.0);
    (draw % most as u64) as i64
}
