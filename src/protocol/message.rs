//! Requests and responses as nodes exchange them: Kafka's own structs at an API version.
//!
//! Produce and Fetch have a flat form here, because their record payloads travel as shared batches
//! and because they are most of all messages; the wire codec converts them at the edge.

use std::sync::Arc;

use smallvec::SmallVec;

use kafka_protocol::messages as kafka;

use super::{Batch, ErrorCode};
use crate::ids::{
    BrokerEpoch, BrokerId, LeaderEpoch, Name, Offset, PartitionIndex, ProducerId, Timestamp,
    TopicId, TopicIdPartition,
};
use crate::sim::Duration;

/// Record batches in order, each shared by everybody who holds it.
pub type Records = SmallVec<[Arc<Batch>; 1]>;

/// Defines [`Api`], [`RequestBody`] and [`ResponseBody`] from one list.
macro_rules! apis {
    ($($name:ident = $key:literal ($request:ty, $response:ty),)*) => {
        /// A kind of request, with its key on the wire.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            strum::IntoStaticStr, strum::EnumIter, strum::FromRepr,
        )]
        #[repr(i16)]
        #[expect(missing_docs, reason = "the names are Kafka's own")]
        pub enum Api {
            $($name = $key,)*
        }

        /// What a request asks.
        #[derive(Clone, Debug, PartialEq)]
        #[expect(missing_docs, reason = "the names are Kafka's own")]
        pub enum RequestBody {
            $($name($request),)*
        }

        /// What a response answers.
        #[derive(Clone, Debug, PartialEq)]
        #[expect(missing_docs, reason = "the names are Kafka's own")]
        pub enum ResponseBody {
            $($name($response),)*
        }

        impl RequestBody {
            /// The kind of the request.
            pub const fn api(&self) -> Api {
                match self {
                    $(Self::$name(_) => Api::$name,)*
                }
            }
        }

        impl ResponseBody {
            /// The kind of request that this answers.
            pub const fn api(&self) -> Api {
                match self {
                    $(Self::$name(_) => Api::$name,)*
                }
            }
        }
    };
}

apis! {
    Produce = 0 (ProduceRequest, ProduceResponse),
    Fetch = 1 (FetchRequest, FetchResponse),
    ListOffsets = 2 (Box<kafka::ListOffsetsRequest>, Box<kafka::ListOffsetsResponse>),
    Metadata = 3 (Box<kafka::MetadataRequest>, Box<kafka::MetadataResponse>),
    OffsetCommit = 8 (Box<kafka::OffsetCommitRequest>, Box<kafka::OffsetCommitResponse>),
    OffsetFetch = 9 (Box<kafka::OffsetFetchRequest>, Box<kafka::OffsetFetchResponse>),
    FindCoordinator = 10 (Box<kafka::FindCoordinatorRequest>, Box<kafka::FindCoordinatorResponse>),
    JoinGroup = 11 (Box<kafka::JoinGroupRequest>, Box<kafka::JoinGroupResponse>),
    Heartbeat = 12 (Box<kafka::HeartbeatRequest>, Box<kafka::HeartbeatResponse>),
    LeaveGroup = 13 (Box<kafka::LeaveGroupRequest>, Box<kafka::LeaveGroupResponse>),
    SyncGroup = 14 (Box<kafka::SyncGroupRequest>, Box<kafka::SyncGroupResponse>),
    DescribeGroups = 15 (Box<kafka::DescribeGroupsRequest>, Box<kafka::DescribeGroupsResponse>),
    ListGroups = 16 (Box<kafka::ListGroupsRequest>, Box<kafka::ListGroupsResponse>),
    ApiVersions = 18 (Box<kafka::ApiVersionsRequest>, Box<kafka::ApiVersionsResponse>),
    CreateTopics = 19 (Box<kafka::CreateTopicsRequest>, Box<kafka::CreateTopicsResponse>),
    DeleteTopics = 20 (Box<kafka::DeleteTopicsRequest>, Box<kafka::DeleteTopicsResponse>),
    InitProducerId = 22 (Box<kafka::InitProducerIdRequest>, Box<kafka::InitProducerIdResponse>),
    OffsetForLeaderEpoch = 23 (
        Box<kafka::OffsetForLeaderEpochRequest>, Box<kafka::OffsetForLeaderEpochResponse>
    ),
    CreatePartitions = 37 (
        Box<kafka::CreatePartitionsRequest>, Box<kafka::CreatePartitionsResponse>
    ),
    DeleteGroups = 42 (Box<kafka::DeleteGroupsRequest>, Box<kafka::DeleteGroupsResponse>),
    ElectLeaders = 43 (Box<kafka::ElectLeadersRequest>, Box<kafka::ElectLeadersResponse>),
    IncrementalAlterConfigs = 44 (
        Box<kafka::IncrementalAlterConfigsRequest>, Box<kafka::IncrementalAlterConfigsResponse>
    ),
    AlterPartitionReassignments = 45 (
        Box<kafka::AlterPartitionReassignmentsRequest>,
        Box<kafka::AlterPartitionReassignmentsResponse>
    ),
    ListPartitionReassignments = 46 (
        Box<kafka::ListPartitionReassignmentsRequest>,
        Box<kafka::ListPartitionReassignmentsResponse>
    ),
    OffsetDelete = 47 (Box<kafka::OffsetDeleteRequest>, Box<kafka::OffsetDeleteResponse>),
    Vote = 52 (Box<kafka::VoteRequest>, Box<kafka::VoteResponse>),
    BeginQuorumEpoch = 53 (
        Box<kafka::BeginQuorumEpochRequest>, Box<kafka::BeginQuorumEpochResponse>
    ),
    EndQuorumEpoch = 54 (Box<kafka::EndQuorumEpochRequest>, Box<kafka::EndQuorumEpochResponse>),
    AlterPartition = 56 (Box<kafka::AlterPartitionRequest>, Box<kafka::AlterPartitionResponse>),
    FetchSnapshot = 59 (Box<kafka::FetchSnapshotRequest>, Box<kafka::FetchSnapshotResponse>),
    BrokerRegistration = 62 (
        Box<kafka::BrokerRegistrationRequest>, Box<kafka::BrokerRegistrationResponse>
    ),
    BrokerHeartbeat = 63 (Box<kafka::BrokerHeartbeatRequest>, Box<kafka::BrokerHeartbeatResponse>),
    UnregisterBroker = 64 (
        Box<kafka::UnregisterBrokerRequest>, Box<kafka::UnregisterBrokerResponse>
    ),
    AllocateProducerIds = 67 (
        Box<kafka::AllocateProducerIdsRequest>, Box<kafka::AllocateProducerIdsResponse>
    ),
    ControllerRegistration = 70 (
        Box<kafka::ControllerRegistrationRequest>, Box<kafka::ControllerRegistrationResponse>
    ),
    AssignReplicasToDirs = 73 (
        Box<kafka::AssignReplicasToDirsRequest>, Box<kafka::AssignReplicasToDirsResponse>
    ),
}

impl Api {
    /// Kafka's name of the request.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A request on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The API version its fields are read by.
    pub api_version: i16,
    /// Chosen by the sender; the response carries it back.
    pub correlation_id: i32,
    /// `client.id` of the sender.
    pub client_id: Name,
    /// What it asks.
    pub body: RequestBody,
}

/// A response on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// That of the request it answers.
    pub correlation_id: i32,
    /// What it answers.
    pub body: ResponseBody,
}

/// A topic as a request names it: by id from the versions on that know ids (KIP-516), else by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicRef {
    /// The topic's id; zero in versions without ids.
    pub id: TopicId,
    /// The topic's name; none in versions that send the id only.
    pub name: Option<Name>,
}

impl TopicRef {
    /// A topic as versions without ids name it.
    pub fn named(name: &Name) -> Self {
        Self { id: TopicId::ZERO, name: Some(name.clone()) }
    }
}

/// Produce (key 0), flat: one entry per partition.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProduceRequest {
    /// `transactional.id` of the producer, if it has one.
    pub transactional_id: Option<Name>,
    /// 0, 1, or -1 for all in-sync replicas.
    pub acks: i16,
    /// How long the leader may wait for the in-sync replicas.
    pub timeout: Duration,
    /// The batches by partition.
    pub partitions: SmallVec<[ProducePartition; 1]>,
}

/// One partition of a [`ProduceRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct ProducePartition {
    /// The topic.
    pub topic: TopicRef,
    /// The partition's number.
    pub partition: PartitionIndex,
    /// What to append.
    pub records: Records,
}

/// The answer to Produce, flat.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProduceResponse {
    /// How long the client is throttled.
    pub throttle: Duration,
    /// The outcome by partition.
    pub partitions: SmallVec<[ProducePartitionResponse; 1]>,
    /// Where the leaders named in the partitions live.
    pub endpoints: Vec<Endpoint>,
}

/// One partition of a [`ProduceResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct ProducePartitionResponse {
    /// The topic.
    pub topic: TopicRef,
    /// The partition's number.
    pub partition: PartitionIndex,
    /// What became of the batch.
    pub error: ErrorCode,
    /// The offset of its first record.
    pub base_offset: Option<Offset>,
    /// When the log stamped it, with `message.timestamp.type=LogAppendTime`.
    pub log_append_time: Option<Timestamp>,
    /// The log start offset.
    pub log_start_offset: Option<Offset>,
    /// Kafka's sentence on the error.
    pub error_message: Option<Name>,
    /// The leader, where the error says that this broker is not it (KIP-951).
    pub current_leader: Option<(BrokerId, LeaderEpoch)>,
}

/// Where a broker listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The broker.
    pub broker: BrokerId,
    /// Its host name.
    pub host: Name,
    /// Its port.
    pub port: u16,
    /// Its rack.
    pub rack: Option<Name>,
}

/// Who fetches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fetcher {
    /// A consumer.
    #[default]
    Consumer,
    /// A follower, or an observer of the metadata log.
    Replica {
        /// Its broker id.
        id: BrokerId,
        /// Its broker epoch; none before KIP-903.
        epoch: Option<BrokerEpoch>,
    },
}

impl Fetcher {
    /// The follower's id; none for a consumer.
    pub const fn replica(self) -> Option<BrokerId> {
        match self {
            Self::Consumer => None,
            Self::Replica { id, .. } => Some(id),
        }
    }
}

/// How far a consumer may read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Isolation {
    /// Up to the high watermark.
    #[default]
    ReadUncommitted,
    /// Up to the last stable offset.
    ReadCommitted,
}

/// A fetch session as a request names it (KIP-227).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionRef {
    /// The session's id; 0 for none.
    pub id: i32,
    /// The request's number in the session; 0 asks for a new one, -1 for none.
    pub epoch: i32,
}

impl SessionRef {
    /// Asks for a new session.
    pub const INITIAL: Self = Self { id: 0, epoch: 0 };
    /// A full fetch outside any session.
    pub const NONE: Self = Self { id: 0, epoch: -1 };
}

/// Fetch (key 1), flat.
#[derive(Clone, Debug, PartialEq)]
pub struct FetchRequest {
    /// Who fetches.
    pub fetcher: Fetcher,
    /// How long the broker may wait for `min_bytes`.
    pub max_wait: Duration,
    /// As soon as there is so much, answer.
    pub min_bytes: u32,
    /// At most so much over all partitions, but always one batch.
    pub max_bytes: u32,
    /// How far a consumer may read.
    pub isolation: Isolation,
    /// The session.
    pub session: SessionRef,
    /// In a session: what changed since the last request. Without one: everything.
    pub partitions: SmallVec<[FetchPartition; 1]>,
    /// What leaves the session.
    pub forgotten: Vec<TopicIdPartition>,
    /// `client.rack` of a consumer (KIP-392).
    pub rack: Option<Name>,
}

/// One partition of a [`FetchRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct FetchPartition {
    /// The topic.
    pub topic: TopicRef,
    /// The partition's number.
    pub partition: PartitionIndex,
    /// The leader epoch that the fetcher knows (KIP-320).
    pub current_leader_epoch: Option<LeaderEpoch>,
    /// The next offset it wants.
    pub fetch_offset: Offset,
    /// The epoch of the last record it has: the leader finds divergence by it (KIP-595).
    pub last_fetched_epoch: Option<LeaderEpoch>,
    /// A follower's log start offset.
    pub log_start_offset: Option<Offset>,
    /// At most so much of this partition.
    pub max_bytes: u32,
}

/// The answer to Fetch, flat.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FetchResponse {
    /// How long the client is throttled.
    pub throttle: Duration,
    /// What went wrong with the whole request.
    pub error: ErrorCode,
    /// The session; 0 for none.
    pub session_id: i32,
    /// In a session: only what has something to say.
    pub partitions: SmallVec<[FetchPartitionResponse; 1]>,
    /// Where the leaders named in the partitions live.
    pub endpoints: Vec<Endpoint>,
}

/// One partition of a [`FetchResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FetchPartitionResponse {
    /// The topic.
    pub topic: TopicRef,
    /// The partition's number.
    pub partition: PartitionIndex,
    /// What went wrong.
    pub error: ErrorCode,
    /// The leader's high watermark.
    pub high_watermark: Option<Offset>,
    /// The leader's last stable offset.
    pub last_stable_offset: Option<Offset>,
    /// The leader's log start offset.
    pub log_start_offset: Option<Offset>,
    /// Where the fetcher's log left the leader's: the last common epoch and its end (KIP-595).
    pub diverging_epoch: Option<(LeaderEpoch, Offset)>,
    /// The leader, where the error says that this broker is not it.
    pub current_leader: Option<(BrokerId, LeaderEpoch)>,
    /// Aborted transactions among the records: producer and first offset.
    pub aborted: Vec<(ProducerId, Offset)>,
    /// The replica in the consumer's rack to fetch from instead (KIP-392).
    pub preferred_read_replica: Option<BrokerId>,
    /// Whole batches from the fetch offset on.
    pub records: Records,
}

impl FetchRequest {
    /// True when it brings no news: an incremental request that changes nothing in its session.
    pub fn is_idle(&self) -> bool {
        self.session.epoch > 0 && self.partitions.is_empty() && self.forgotten.is_empty()
    }
}

impl FetchResponse {
    /// True when it brings no news.
    pub fn is_idle(&self) -> bool {
        self.error.is_none() && self.partitions.is_empty()
    }

    /// The bytes of all records in it.
    pub fn records_size(&self) -> u64 {
        let batches = self.partitions.iter().flat_map(|partition| &partition.records);
        batches.map(|batch| batch.size_in_bytes()).sum()
    }
}

impl Request {
    /// True for an idle poll (an incremental fetch without news), which takes the base latency and
    /// no place in the event numbers that people see.
    pub fn is_idle_poll(&self) -> bool {
        matches!(&self.body, RequestBody::Fetch(fetch) if fetch.is_idle())
    }

    /// About how many bytes it is on the wire.
    pub fn size(&self) -> u64 {
        const HEADER: u64 = 30;
        match &self.body {
            RequestBody::Produce(produce) => {
                let batches = produce.partitions.iter().flat_map(|partition| &partition.records);
                HEADER + 40 + batches.map(|batch| 30 + batch.size_in_bytes()).sum::<u64>()
            }
            RequestBody::Fetch(fetch) => HEADER + 40 + 60 * fetch.partitions.len() as u64,
            _ => HEADER + 170,
        }
    }
}

impl Response {
    /// True for the empty answer to an idle poll.
    pub fn is_idle_poll(&self) -> bool {
        matches!(&self.body, ResponseBody::Fetch(fetch) if fetch.is_idle())
    }

    /// About how many bytes it is on the wire.
    pub fn size(&self) -> u64 {
        const HEADER: u64 = 10;
        match &self.body {
            ResponseBody::Produce(produce) => HEADER + 10 + 60 * produce.partitions.len() as u64,
            ResponseBody::Fetch(fetch) => {
                HEADER + 20 + 60 * fetch.partitions.len() as u64 + fetch.records_size()
            }
            _ => HEADER + 190,
        }
    }
}
