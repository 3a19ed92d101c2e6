//! What a group has to say about offsets: who may commit them, and when they expire.

use super::{ClassicGroup, ClassicGroupState};
use crate::ids::Timestamp;
use crate::protocol::ErrorCode;

/// From when on an offset of a group grows old (KIP-211).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::coordinator) enum ExpiresFrom {
    /// Since the group became empty; where that is not known, since the commit.
    Empty(Option<Timestamp>),
    /// Since the commit.
    Commit,
}

impl ClassicGroup {
    /// Checks a commit's member and generation.
    ///
    /// # Errors
    /// What is to be answered.
    pub(in crate::coordinator) fn validate_offset_commit(
        &self,
        member_id: &str,
        group_instance_id: Option<&str>,
        generation: i32,
        transactional: bool,
    ) -> Result<(), ErrorCode> {
        let empty = self.is_in(ClassicGroupState::Empty);
        if generation < 0 && empty {
            // An administrator, or a consumer that does without group management.
            return Ok(());
        }
        if generation >= 0 || !member_id.is_empty() || group_instance_id.is_some() {
            self.validate_member(member_id, group_instance_id)?;
            if generation != self.generation.0 {
                return Err(ErrorCode::IllegalGeneration);
            }
        } else if !transactional && !empty {
            return Err(ErrorCode::UnknownMemberId);
        }
        if !transactional && self.is_in(ClassicGroupState::CompletingRebalance) {
            // The member knows the new generation and not yet its part in it.
            return Err(ErrorCode::RebalanceInProgress);
        }
        Ok(())
    }

    /// A commit keeps a member's session alive, but not while the leader assigns.
    pub(in crate::coordinator) fn commit_keeps_session(&self) -> bool {
        matches!(self.state, ClassicGroupState::Stable | ClassicGroupState::PreparingRebalance)
    }

    /// Checks that offsets may be deleted.
    ///
    /// # Errors
    /// [`ErrorCode::NonEmptyGroup`] where the coordinator does not know what members read.
    pub(in crate::coordinator) fn validate_offset_delete(&self) -> Result<(), ErrorCode> {
        if self.is_in(ClassicGroupState::Empty) || self.uses_consumer_protocol() {
            Ok(())
        } else {
            Err(ErrorCode::NonEmptyGroup)
        }
    }

    /// Checks that the group may be deleted.
    ///
    /// # Errors
    /// [`ErrorCode::NonEmptyGroup`] while it has members.
    pub(in crate::coordinator) fn validate_delete(&self) -> Result<(), ErrorCode> {
        if self.is_in(ClassicGroupState::Empty) { Ok(()) } else { Err(ErrorCode::NonEmptyGroup) }
    }

    /// True where members subscribe to `topic`, or may do.
    pub fn is_subscribed_to(&self, topic: &str) -> bool {
        match &self.subscribed_topics {
            Some(topics) => topics.contains(topic),
            None => self.uses_consumer_protocol(),
        }
    }

    /// From when on its offsets grow old; none while they do not.
    pub(in crate::coordinator) fn expires_from(&self) -> Option<ExpiresFrom> {
        if self.protocol_type.is_none() {
            return Some(ExpiresFrom::Commit);
        }
        match self.state {
            ClassicGroupState::Empty => Some(ExpiresFrom::Empty(self.state_since)),
            ClassicGroupState::Stable
                if self.uses_consumer_protocol() && self.subscribed_topics.is_some() =>
            {
                Some(ExpiresFrom::Commit)
            }
            _ => None,
        }
    }
}
