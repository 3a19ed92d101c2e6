//! Messages as the bytes that a real connection carries: length, header, body.
//!
//! In Kafka: `RequestHeader`, `ResponseHeader`, and the generated classes of the messages. The codec is
//! that of the `kafka-protocol` crate; Produce and Fetch, which are flat here, are put in its form.

use bytes::{Bytes, BytesMut};
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::{fetch_request, fetch_response, produce_request, produce_response};
use kafka_protocol::protocol::{Decodable, Encodable, Message};

use super::{
    Api, Endpoint, FetchPartition, FetchPartitionResponse, FetchRequest, FetchResponse, Fetcher,
    Isolation, ProducePartition, ProducePartitionResponse, ProduceRequest, ProduceResponse,
    Records, Request, RequestBody, Response, ResponseBody, TopicRef, convert,
};
use crate::ids::{BrokerId, LeaderEpoch, Name, Offset, ProducerId};

/// A message as bytes, and as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The header's version.
    pub header_version: i16,
    /// The header's bytes, without the four of the length that precede it.
    pub header: Bytes,
    /// The body's bytes.
    pub body: Bytes,
    /// The body, read again from its bytes, as the codec's struct shows itself: all fields by their names.
    pub text: String,
}

impl Frame {
    /// The whole of it: the length in four bytes, the header, the body.
    pub fn bytes(&self) -> Bytes {
        let len = (self.header.len() + self.body.len()) as u32;
        let mut bytes = BytesMut::with_capacity(len as usize + 4);
        bytes.extend_from_slice(&len.to_be_bytes());
        bytes.extend_from_slice(&self.header);
        bytes.extend_from_slice(&self.body);
        bytes.freeze()
    }
}

/// Applies `$do` to all kinds that have no form of their own.
macro_rules! kinds {
    ($do:ident) => {
        $do! {
            ListOffsets ListOffsetsRequest ListOffsetsResponse,
            Metadata MetadataRequest MetadataResponse,
            OffsetCommit OffsetCommitRequest OffsetCommitResponse,
            OffsetFetch OffsetFetchRequest OffsetFetchResponse,
            FindCoordinator FindCoordinatorRequest FindCoordinatorResponse,
            JoinGroup JoinGroupRequest JoinGroupResponse,
            Heartbeat HeartbeatRequest HeartbeatResponse,
            LeaveGroup LeaveGroupRequest LeaveGroupResponse,
            SyncGroup SyncGroupRequest SyncGroupResponse,
            DescribeGroups DescribeGroupsRequest DescribeGroupsResponse,
            ListGroups ListGroupsRequest ListGroupsResponse,
            ApiVersions ApiVersionsRequest ApiVersionsResponse,
            CreateTopics CreateTopicsRequest CreateTopicsResponse,
            DeleteTopics DeleteTopicsRequest DeleteTopicsResponse,
            InitProducerId InitProducerIdRequest InitProducerIdResponse,
            OffsetForLeaderEpoch OffsetForLeaderEpochRequest OffsetForLeaderEpochResponse,
            CreatePartitions CreatePartitionsRequest CreatePartitionsResponse,
            DeleteGroups DeleteGroupsRequest DeleteGroupsResponse,
            ElectLeaders ElectLeadersRequest ElectLeadersResponse,
            IncrementalAlterConfigs IncrementalAlterConfigsRequest IncrementalAlterConfigsResponse,
            AlterPartitionReassignments
                AlterPartitionReassignmentsRequest AlterPartitionReassignmentsResponse,
            ListPartitionReassignments
                ListPartitionReassignmentsRequest ListPartitionReassignmentsResponse,
            OffsetDelete OffsetDeleteRequest OffsetDeleteResponse,
            Vote VoteRequest VoteResponse,
            BeginQuorumEpoch BeginQuorumEpochRequest BeginQuorumEpochResponse,
            EndQuorumEpoch EndQuorumEpochRequest EndQuorumEpochResponse,
            AlterPartition AlterPartitionRequest AlterPartitionResponse,
            FetchSnapshot FetchSnapshotRequest FetchSnapshotResponse,
            BrokerRegistration BrokerRegistrationRequest BrokerRegistrationResponse,
            BrokerHeartbeat BrokerHeartbeatRequest BrokerHeartbeatResponse,
            UnregisterBroker UnregisterBrokerRequest UnregisterBrokerResponse,
            AllocateProducerIds AllocateProducerIdsRequest AllocateProducerIdsResponse,
            ControllerRegistration ControllerRegistrationRequest ControllerRegistrationResponse,
            AssignReplicasToDirs AssignReplicasToDirsRequest AssignReplicasToDirsResponse,
        }
    };
}
#[cfg(test)]
pub(in crate::protocol) use kinds;

impl Request {
    /// The request as bytes.
    ///
    /// # Errors
    /// When the codec has no such version, or cannot write a field at it: what it says.
    pub fn frame(&self) -> Result<Frame, String> {
        let (api, version) = (self.body.api(), self.api_version);
        let header_version = key(api)?.request_header_version(version);
        let header = kafka::RequestHeader::default()
            .with_request_api_key(api as i16)
            .with_request_api_version(version)
            .with_correlation_id(self.correlation_id)
            .with_client_id(Some(convert::text(&self.client_id)));
        let (body, text) = self.body.written(version)?;
        Ok(Frame { header_version, header: header_bytes(&header, header_version)?, body, text })
    }
}

impl Response {
    /// The answer to a request of `version` as bytes.
    ///
    /// # Errors
    /// When the codec has no such version, or cannot write a field at it: what it says.
    pub fn frame(&self, version: i16) -> Result<Frame, String> {
        let header_version = key(self.body.api())?.response_header_version(version);
        let header = kafka::ResponseHeader::default().with_correlation_id(self.correlation_id);
        let (body, text) = self.body.written(version)?;
        Ok(Frame { header_version, header: header_bytes(&header, header_version)?, body, text })
    }
}

fn key(api: Api) -> Result<kafka::ApiKey, String> {
    kafka::ApiKey::try_from(api as i16).map_err(|()| format!("the codec knows no {}", api.name()))
}

fn header_bytes(header: &impl Encodable, version: i16) -> Result<Bytes, String> {
    let mut bytes = BytesMut::new();
    header.encode(&mut bytes, version).map_err(|error| error.to_string())?;
    Ok(bytes.freeze())
}

fn written<T: Encodable + Decodable + Message + std::fmt::Debug>(
    it: &T,
    version: i16,
) -> Result<(Bytes, String), String> {
    let known = T::VERSIONS;
    if !(known.min..=known.max).contains(&version) {
        return Err(format!("the codec has versions {} to {}", known.min, known.max));
    }
    let mut bytes = BytesMut::new();
    it.encode(&mut bytes, version).map_err(|error| error.to_string())?;
    let bytes = bytes.freeze();
    // Read again: what this version does not carry is not told.
    let told = T::decode(&mut bytes.clone(), version).map_err(|error| error.to_string())?;
    Ok((bytes, format!("{told:?}")))
}

impl RequestBody {
    fn written(&self, version: i16) -> Result<(Bytes, String), String> {
        macro_rules! through {
            ($($kind:ident $request:ident $response:ident,)*) => {
                match self {
                    Self::Produce(it) => written(&produce_to_wire(it), version),
                    Self::Fetch(it) => written(&fetch_to_wire(it, version), version),
                    $(Self::$kind(it) => written(&**it, version),)*
                }
            };
        }
        kinds!(through)
    }
}

impl ResponseBody {
    fn written(&self, version: i16) -> Result<(Bytes, String), String> {
        macro_rules! through {
            ($($kind:ident $request:ident $response:ident,)*) => {
                match self {
                    Self::Produce(it) => written(&produced_to_wire(it), version),
                    Self::Fetch(it) => written(&fetched_to_wire(it), version),
                    $(Self::$kind(it) => written(&**it, version),)*
                }
            };
        }
        kinds!(through)
    }
}

fn name_of(topic: &TopicRef) -> kafka::TopicName {
    convert::topic_name(topic.name.as_deref().unwrap_or_default())
}

/// Puts what is said of partitions under their topics; their order stays.
fn by_topic<P, T>(
    partitions: &[P],
    topic_of: impl Fn(&P) -> &TopicRef,
    make: impl Fn(&TopicRef, &[P]) -> T,
) -> Vec<T> {
    let chunks = partitions.chunk_by(|one, next| topic_of(one) == topic_of(next));
    chunks.map(|chunk| make(topic_of(&chunk[0]), chunk)).collect()
}

fn joined(records: &Records) -> Bytes {
    records.iter().flat_map(|batch| batch.to_bytes()).collect()
}

/// Produce as the codec has it.
pub(in crate::protocol) fn produce_to_wire(produce: &ProduceRequest) -> kafka::ProduceRequest {
    let id = |id: &Name| kafka::TransactionalId(convert::text(id));
    let partition = |one: &ProducePartition| {
        produce_request::PartitionProduceData::default()
            .with_index(one.partition.0)
            .with_records(Some(joined(&one.records)))
    };
    let topics = by_topic(
        &produce.partitions,
        |one| &one.topic,
        |topic, partitions| {
            produce_request::TopicProduceData::default()
                .with_name(name_of(topic))
                .with_topic_id(convert::uuid(topic.id))
                .with_partition_data(partitions.iter().map(partition).collect())
        },
    );
    kafka::ProduceRequest::default()
        .with_transactional_id(produce.transactional_id.as_ref().map(id))
        .with_acks(produce.acks)
        .with_timeout_ms(produce.timeout.as_millis() as i32)
        .with_topic_data(topics)
}

/// The answer to Produce as the codec has it.
pub(in crate::protocol) fn produced_to_wire(produced: &ProduceResponse) -> kafka::ProduceResponse {
    let partition = |one: &ProducePartitionResponse| {
        let (leader, epoch) = leader_to_wire(one.current_leader);
        let leader = produce_response::LeaderIdAndEpoch::default()
            .with_leader_id(leader)
            .with_leader_epoch(epoch);
        produce_response::PartitionProduceResponse::default()
            .with_index(one.partition.0)
            .with_error_code(one.error.code())
            .with_base_offset(Offset::to_wire(one.base_offset))
            .with_log_append_time_ms(one.log_append_time.map_or(-1, |time| time.0))
            .with_log_start_offset(Offset::to_wire(one.log_start_offset))
            .with_error_message(one.error_message.as_deref().map(convert::text))
            .with_current_leader(leader)
    };
    let topics = by_topic(
        &produced.partitions,
        |one| &one.topic,
        |topic, partitions| {
            produce_response::TopicProduceResponse::default()
                .with_name(name_of(topic))
                .with_topic_id(convert::uuid(topic.id))
                .with_partition_responses(partitions.iter().map(partition).collect())
        },
    );
    let endpoint = |one: &Endpoint| {
        produce_response::NodeEndpoint::default()
            .with_node_id(one.broker.0.into())
            .with_host(convert::text(&one.host))
            .with_port(one.port.into())
            .with_rack(one.rack.as_deref().map(convert::text))
    };
    kafka::ProduceResponse::default()
        .with_responses(topics)
        .with_throttle_time_ms(produced.throttle.as_millis() as i32)
        .with_node_endpoints(produced.endpoints.iter().map(endpoint).collect())
}

fn leader_to_wire(leader: Option<(BrokerId, LeaderEpoch)>) -> (kafka::BrokerId, i32) {
    leader.map_or(((-1).into(), -1), |(id, epoch)| (id.0.into(), LeaderEpoch::to_wire(Some(epoch))))
}

/// Fetch as the codec has it at a version.
pub(in crate::protocol) fn fetch_to_wire(
    fetch: &FetchRequest,
    version: i16,
) -> kafka::FetchRequest {
    let partition = |one: &FetchPartition| {
        fetch_request::FetchPartition::default()
            .with_partition(one.partition.0)
            .with_current_leader_epoch(LeaderEpoch::to_wire(one.current_leader_epoch))
            .with_fetch_offset(Offset::to_wire(Some(one.fetch_offset)))
            .with_last_fetched_epoch(LeaderEpoch::to_wire(one.last_fetched_epoch))
            .with_log_start_offset(Offset::to_wire(one.log_start_offset))
            .with_partition_max_bytes(one.max_bytes as i32)
    };
    let topics = by_topic(
        &fetch.partitions,
        |one| &one.topic,
        |topic, partitions| {
            fetch_request::FetchTopic::default()
                .with_topic(name_of(topic))
                .with_topic_id(convert::uuid(topic.id))
                .with_partitions(partitions.iter().map(partition).collect())
        },
    );
    let forgotten = fetch.forgotten.iter().map(|one| {
        fetch_request::ForgottenTopic::default()
            .with_topic_id(convert::uuid(one.topic_id))
            .with_partitions(vec![one.partition.0])
    });
    let wire = kafka::FetchRequest::default()
        .with_max_wait_ms(fetch.max_wait.as_millis() as i32)
        .with_min_bytes(fetch.min_bytes as i32)
        .with_max_bytes(fetch.max_bytes as i32)
        .with_isolation_level(i8::from(fetch.isolation == Isolation::ReadCommitted))
        .with_session_id(fetch.session.id)
        .with_session_epoch(fetch.session.epoch)
        .with_topics(topics)
        .with_forgotten_topics_data(forgotten.collect())
        .with_rack_id(convert::text(fetch.rack.as_deref().unwrap_or_default()));
    match fetch.fetcher {
        Fetcher::Consumer => wire,
        Fetcher::Replica { id, .. } if version < 15 => wire.with_replica_id(id.0.into()),
        Fetcher::Replica { id, epoch } => wire.with_replica_state(
            fetch_request::ReplicaState::default()
                .with_replica_id(id.0.into())
                .with_replica_epoch(epoch.map_or(-1, |epoch| epoch.0)),
        ),
    }
}

/// The answer to Fetch as the codec has it.
pub(in crate::protocol) fn fetched_to_wire(fetched: &FetchResponse) -> kafka::FetchResponse {
    let aborted = |(producer, first): &(ProducerId, Offset)| {
        fetch_response::AbortedTransaction::default()
            .with_producer_id(producer.0.into())
            .with_first_offset(first.0 as i64)
    };
    let partition = |one: &FetchPartitionResponse| {
        let (leader, epoch) = leader_to_wire(one.current_leader);
        let leader = fetch_response::LeaderIdAndEpoch::default()
            .with_leader_id(leader)
            .with_leader_epoch(epoch);
        let diverging = one.diverging_epoch.map_or_else(Default::default, |(epoch, end)| {
            fetch_response::EpochEndOffset::default()
                .with_epoch(LeaderEpoch::to_wire(Some(epoch)))
                .with_end_offset(end.0 as i64)
        });
        fetch_response::PartitionData::default()
            .with_partition_index(one.partition.0)
            .with_error_code(one.error.code())
            .with_high_watermark(Offset::to_wire(one.high_watermark))
            .with_last_stable_offset(Offset::to_wire(one.last_stable_offset))
            .with_log_start_offset(Offset::to_wire(one.log_start_offset))
            .with_diverging_epoch(diverging)
            .with_current_leader(leader)
            .with_aborted_transactions(Some(one.aborted.iter().map(aborted).collect()))
            .with_preferred_read_replica(BrokerId::to_wire(one.preferred_read_replica).into())
            .with_records(Some(joined(&one.records)))
    };
    let topics = by_topic(
        &fetched.partitions,
        |one| &one.topic,
        |topic, partitions| {
            fetch_response::FetchableTopicResponse::default()
                .with_topic(name_of(topic))
                .with_topic_id(convert::uuid(topic.id))
                .with_partitions(partitions.iter().map(partition).collect())
        },
    );
    let endpoint = |one: &Endpoint| {
        fetch_response::NodeEndpoint::default()
            .with_node_id(one.broker.0.into())
            .with_host(convert::text(&one.host))
            .with_port(one.port.into())
            .with_rack(one.rack.as_deref().map(convert::text))
    };
    kafka::FetchResponse::default()
        .with_throttle_time_ms(fetched.throttle.as_millis() as i32)
        .with_error_code(fetched.error.code())
        .with_session_id(fetched.session_id)
        .with_responses(topics)
        .with_node_endpoints(fetched.endpoints.iter().map(endpoint).collect())
}
