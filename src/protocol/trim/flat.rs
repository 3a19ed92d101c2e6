//! Produce and Fetch, which have forms of their own.

use crate::ids::TopicId;
use crate::protocol::{
    FetchRequest, FetchResponse, Fetcher, ProduceRequest, ProduceResponse, SessionRef, TopicRef,
};

/// Produce requests and responses name topics by id from here on (KIP-516).
const PRODUCE_BY_ID: i16 = 13;
/// Fetch requests and responses do from here on.
const FETCH_BY_ID: i16 = 13;

impl ProduceRequest {
    pub(super) fn trim(&mut self, version: i16) {
        for partition in &mut self.partitions {
            partition.topic.trim(version >= PRODUCE_BY_ID);
        }
    }
}

impl ProduceResponse {
    pub(super) fn trim(&mut self, version: i16) {
        if version < 10 {
            self.endpoints.clear();
        }
        for partition in &mut self.partitions {
            partition.topic.trim(version >= PRODUCE_BY_ID);
            if version < 5 {
                partition.log_start_offset = None;
            }
            if version < 8 {
                partition.error_message = None;
            }
            if version < 10 {
                partition.current_leader = None;
            }
        }
    }
}

impl FetchRequest {
    pub(super) fn trim(&mut self, version: i16) {
        if version < 7 {
            self.session = SessionRef::NONE;
        }
        if version < FETCH_BY_ID {
            // Before, they were named.
            self.forgotten.clear();
        }
        if version < 11 {
            self.rack = None;
        }
        if version < 15
            && let Fetcher::Replica { epoch, .. } = &mut self.fetcher
        {
            *epoch = None;
        }
        for partition in &mut self.partitions {
            partition.topic.trim(version >= FETCH_BY_ID);
            if version < 5 {
                partition.log_start_offset = None;
            }
            if version < 9 {
                partition.current_leader_epoch = None;
            }
            if version < 12 {
                partition.last_fetched_epoch = None;
            }
        }
    }
}

impl FetchResponse {
    pub(super) fn trim(&mut self, version: i16) {
        if version < 7 {
            self.error = crate::protocol::ErrorCode::None;
            self.session_id = 0;
        }
        if version < 16 {
            self.endpoints.clear();
        }
        for partition in &mut self.partitions {
            partition.topic.trim(version >= FETCH_BY_ID);
            if version < 5 {
                partition.log_start_offset = None;
            }
            if version < 11 {
                partition.preferred_read_replica = None;
            }
            if version < 12 {
                partition.diverging_epoch = None;
                partition.current_leader = None;
            }
        }
    }
}

impl TopicRef {
    fn trim(&mut self, by_id: bool) {
        if by_id {
            self.name = None;
        } else {
            self.id = TopicId::ZERO;
        }
    }
}
