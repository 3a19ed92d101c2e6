//! A member without a vote: it fetches the log from the leader, or looks for the leader.

use super::{METADATA_TOPIC_ID, Raft, Role, Tag, quorum_state};
use crate::ids::{BrokerId, ControllerEpoch, LeaderEpoch, Offset, PartitionIndex};
use crate::log::Disk;
use crate::node::{Completion, Outbox, Timer, Why};
use crate::protocol::{
    ErrorCode, FetchPartition, FetchPartitionResponse, FetchRequest, Fetcher, Isolation,
    RequestBody, ResponseBody, SessionRef, TopicRef,
};
use crate::sim::{Duration, Instant};

/// How long the leader may let a fetch wait (`MAX_FETCH_WAIT_MS`).
const MAX_WAIT: Duration = Duration::from_millis(500);
/// The most that one fetch brings (`MAX_FETCH_SIZE_BYTES`).
const MAX_BYTES: u32 = 8 << 20;

/// What an observer keeps of its fetching.
#[derive(Clone, Debug, Default)]
pub(super) struct Observer {
    in_flight: bool,
    /// Without a good answer until then, it asks somebody else.
    deadline: Option<Instant>,
}

impl Raft {
    /// Asks the leader for what comes next, or any voter who leads.
    pub(super) fn fetch(&mut self, out: &mut Outbox) {
        let Role::Observer(observer) = &mut self.role else { return };
        if observer.in_flight {
            return;
        }
        let deadline = *observer.deadline.get_or_insert(out.now + self.config.fetch_timeout);
        let lost = deadline <= out.now;
        let target = match self.leader {
            Some(leader) if !lost => leader,
            _ => {
                let count = self.config.voters.len() as u64;
                self.config.voters[self.chance.below(count) as usize]
            }
        };
        observer.in_flight = true;
        let offset = self.log.log_end_offset();
        let partition = FetchPartition {
            topic: TopicRef { id: METADATA_TOPIC_ID, name: None },
            partition: PartitionIndex(0),
            current_leader_epoch: Some(self.leader_epoch()),
            fetch_offset: offset,
            last_fetched_epoch: self.log.latest_epoch(),
            log_start_offset: None,
            max_bytes: MAX_BYTES,
        };
        let request = FetchRequest {
            fetcher: Fetcher::Replica { id: self.id, epoch: None },
            max_wait: MAX_WAIT,
            min_bytes: 0,
            max_bytes: MAX_BYTES,
            isolation: Isolation::ReadUncommitted,
            session: SessionRef::NONE,
            partitions: std::iter::once(partition).collect(),
            forgotten: Vec::new(),
            rack: None,
        };
        let tag = Tag::Fetch { epoch: self.epoch, offset };
        self.channels.send(Self::peer(target), tag, 17, RequestBody::Fetch(request), out);
    }

    /// A fetch was answered, or failed.
    pub(super) fn on_fetched(
        &mut self,
        completion: Completion<Tag>,
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        let Role::Observer(observer) = &mut self.role else { return };
        observer.in_flight = false;
        let answer = match completion.result.as_ref().map(|response| &response.body) {
            Ok(ResponseBody::Fetch(fetch)) if fetch.error.is_none() => fetch.partitions.first(),
            _ => None,
        };
        let Tag::Fetch { epoch, offset } = completion.tag;
        let good = match answer {
            Some(answer) if epoch == self.epoch && offset == self.log.log_end_offset() => {
                self.take_answer(answer, disk, out)
            }
            // It went on without this answer.
            Some(_) => true,
            None => false,
        };
        if good {
            self.fetch(out);
        } else {
            let why = Why::Config("controller.quorum.retry.backoff.ms");
            out.set_timer(Timer::MetadataFetch, out.now + self.config.retry_backoff, why);
        }
    }

    /// Takes what the leader answered. False if it is to be asked again after a pause.
    fn take_answer(
        &mut self,
        answer: &FetchPartitionResponse,
        disk: &mut Disk,
        out: &mut Outbox,
    ) -> bool {
        match answer.error {
            ErrorCode::None => {}
            ErrorCode::FencedLeaderEpoch
            | ErrorCode::UnknownLeaderEpoch
            | ErrorCode::NotLeaderOrFollower => {
                let newer = answer.current_leader.filter(|(_, epoch)| epoch.0 > self.epoch.0);
                if let Some((leader, epoch)) = newer {
                    self.follow(leader, epoch, disk);
                }
                return newer.is_some();
            }
            _ => return false,
        }
        let Role::Observer(observer) = &mut self.role else { return false };
        observer.deadline = Some(out.now + self.config.fetch_timeout);
        if let Some((epoch, end)) = answer.diverging_epoch {
            let ours = self.log.end_offset_for_epoch(epoch).map_or(Offset(0), |(_, end)| end);
            self.log.truncate_to(disk, ours.min(end), out);
            return true;
        }
        if !answer.records.is_empty() {
            let epoch = self.leader_epoch();
            let appended = self.log.append_as_follower(disk, &answer.records, epoch, out);
            appended.expect("what the leader sends follows on the log");
        }
        let told = answer.high_watermark.unwrap_or_default();
        self.high_watermark = self.high_watermark.max(told.min(self.log.log_end_offset()));
        self.log.update_high_watermark(self.high_watermark);
        true
    }

    fn follow(&mut self, leader: BrokerId, epoch: LeaderEpoch, disk: &mut Disk) {
        self.leader = Some(leader);
        self.epoch = ControllerEpoch(epoch.0);
        if let Role::Observer(observer) = &mut self.role {
            observer.deadline = None;
        }
        quorum_state::write(disk, &self.log, self.epoch, self.leader, &self.config.voters);
    }
}
