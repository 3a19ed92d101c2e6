//! Messages through the codec of the `kafka-protocol` crate and back.

use bytes::{Bytes, BytesMut};
use kafka_protocol::messages as kafka;
use kafka_protocol::protocol::{Decodable, Encodable, Message};

use crate::ids::{BrokerEpoch, BrokerId, LeaderEpoch, Name, Offset, PartitionIndex, ProducerId};
use crate::ids::{Timestamp, TopicIdPartition};
use crate::protocol::wire::{
    fetch_to_wire, fetched_to_wire, kinds, produce_to_wire, produced_to_wire,
};
use crate::protocol::*;
use crate::sim::Duration;

/// What became of a message that was written at a version and read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Survival {
    /// It is what it was.
    Whole,
    /// It is another one.
    Changed(String),
    /// It cannot be written.
    Unwritable(String),
    /// The crate does not know this version.
    Unknown,
}

/// What becomes of a request at a version.
pub(crate) fn request_survives(body: &RequestBody, version: i16) -> Survival {
    macro_rules! through {
        ($($kind:ident $request:ident $response:ident,)*) => {
            match body {
                RequestBody::Produce(produce) => {
                    through_and_back(&produce_to_wire(produce), version, |it| {
                        produce_from_wire(it) == *produce
                    })
                }
                RequestBody::Fetch(fetch) => {
                    through_and_back(&fetch_to_wire(fetch, version), version, |it| {
                        fetch_from_wire(it, version) == *fetch
                    })
                }
                $(RequestBody::$kind(it) => through_and_back(&**it, version, |back| same(back, it)),)*
            }
        };
    }
    kinds!(through)
}

/// What becomes of a response at a version.
pub(crate) fn response_survives(body: &ResponseBody, version: i16) -> Survival {
    macro_rules! through {
        ($($kind:ident $request:ident $response:ident,)*) => {
            match body {
                ResponseBody::Produce(produce) => {
                    through_and_back(&produced_to_wire(produce), version, |it| {
                        produced_from_wire(it) == *produce
                    })
                }
                ResponseBody::Fetch(fetch) => {
                    through_and_back(&fetched_to_wire(fetch), version, |it| {
                        fetched_from_wire(it) == *fetch
                    })
                }
                $(ResponseBody::$kind(it) => through_and_back(&**it, version, |back| same(back, it)),)*
            }
        };
    }
    kinds!(through)
}

fn through_and_back<T>(it: &T, version: i16, is_same: impl Fn(&T) -> bool) -> Survival
where
    T: Encodable + Decodable + Message + std::fmt::Debug,
{
    if !(T::VERSIONS.min..=T::VERSIONS.max).contains(&version) {
        return Survival::Unknown;
    }
    let mut bytes = BytesMut::new();
    if let Err(error) = it.encode(&mut bytes, version) {
        return Survival::Unwritable(format!("{error}: {it:?}"));
    }
    let back = T::decode(&mut bytes.freeze(), version).expect("what was written can be read");
    if is_same(&back) {
        Survival::Whole
    } else {
        Survival::Changed(format!("{it:?}\nbecame\n{back:?}"))
    }
}

/// Unknown tagged fields are nothing that a version has.
fn same(one: &impl std::fmt::Debug, other: &impl std::fmt::Debug) -> bool {
    known(one) == known(other)
}

/// A message as text, without its unknown tagged fields.
fn known(message: &impl std::fmt::Debug) -> String {
    let text = format!("{message:?}");
    let mut pieces = text.split("unknown_tagged_fields: {");
    let mut known = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        known.push_str(piece.split_once('}').map_or("", |(_, rest)| rest));
    }
    known
}

// ---- topics ----

fn topic_of(name: &kafka::TopicName, id: uuid::Uuid) -> TopicRef {
    TopicRef { id: convert::id(id), name: (!name.is_empty()).then(|| convert::name(&name.0)) }
}

fn split(bytes: Option<&Bytes>) -> Records {
    let bytes = bytes.cloned().unwrap_or_default();
    Batches::new(bytes).map(|batch| std::sync::Arc::new(batch.expect("it was a batch"))).collect()
}

fn optional(text: &str) -> Option<Name> {
    (!text.is_empty()).then(|| text.into())
}

// ---- Produce ----

fn produce_from_wire(wire: &kafka::ProduceRequest) -> ProduceRequest {
    let partitions = wire.topic_data.iter().flat_map(|topic| {
        topic.partition_data.iter().map(|one| ProducePartition {
            topic: topic_of(&topic.name, topic.topic_id),
            partition: PartitionIndex(one.index),
            records: split(one.records.as_ref()),
        })
    });
    ProduceRequest {
        transactional_id: wire.transactional_id.as_ref().map(|id| convert::name(&id.0)),
        acks: wire.acks,
        timeout: Duration::from_millis(wire.timeout_ms as u64),
        partitions: partitions.collect(),
    }
}

fn produced_from_wire(wire: &kafka::ProduceResponse) -> ProduceResponse {
    let partitions = wire.responses.iter().flat_map(|topic| {
        topic.partition_responses.iter().map(|one| ProducePartitionResponse {
            topic: topic_of(&topic.name, topic.topic_id),
            partition: PartitionIndex(one.index),
            error: ErrorCode::from_code(one.error_code),
            base_offset: Offset::from_wire(one.base_offset),
            log_append_time: Some(Timestamp(one.log_append_time_ms)).filter(|time| time.0 >= 0),
            log_start_offset: Offset::from_wire(one.log_start_offset),
            error_message: one.error_message.as_ref().map(convert::name),
            current_leader: leader_from_wire(
                one.current_leader.leader_id,
                one.current_leader.leader_epoch,
            ),
        })
    });
    let endpoints = wire.node_endpoints.iter().map(|one| Endpoint {
        broker: BrokerId(one.node_id.0),
        host: convert::name(&one.host),
        port: one.port as u16,
        rack: one.rack.as_ref().map(convert::name),
    });
    ProduceResponse {
        throttle: Duration::from_millis(wire.throttle_time_ms as u64),
        partitions: partitions.collect(),
        endpoints: endpoints.collect(),
    }
}

fn leader_from_wire(id: kafka::BrokerId, epoch: i32) -> Option<(BrokerId, LeaderEpoch)> {
    LeaderEpoch::from_wire(epoch).map(|epoch| (BrokerId(id.0), epoch))
}

// ---- Fetch ----

fn fetch_from_wire(wire: &kafka::FetchRequest, version: i16) -> FetchRequest {
    let partitions = wire.topics.iter().flat_map(|topic| {
        topic.partitions.iter().map(|one| FetchPartition {
            topic: topic_of(&topic.topic, topic.topic_id),
            partition: PartitionIndex(one.partition),
            current_leader_epoch: LeaderEpoch::from_wire(one.current_leader_epoch),
            fetch_offset: Offset::from_wire(one.fetch_offset).expect("an offset"),
            last_fetched_epoch: LeaderEpoch::from_wire(one.last_fetched_epoch),
            log_start_offset: Offset::from_wire(one.log_start_offset),
            max_bytes: one.partition_max_bytes as u32,
        })
    });
    let forgotten = wire.forgotten_topics_data.iter().flat_map(|topic| {
        topic.partitions.iter().map(|partition| TopicIdPartition {
            topic_id: convert::id(topic.topic_id),
            partition: PartitionIndex(*partition),
        })
    });
    let state = &wire.replica_state;
    let (id, epoch) =
        if version < 15 { (wire.replica_id, -1) } else { (state.replica_id, state.replica_epoch) };
    FetchRequest {
        fetcher: if id.0 < 0 {
            Fetcher::Consumer
        } else {
            let epoch = Some(BrokerEpoch(epoch)).filter(|epoch| epoch.0 >= 0);
            Fetcher::Replica { id: BrokerId(id.0), epoch }
        },
        max_wait: Duration::from_millis(wire.max_wait_ms as u64),
        min_bytes: wire.min_bytes as u32,
        max_bytes: wire.max_bytes as u32,
        isolation: if wire.isolation_level == 0 {
            Isolation::ReadUncommitted
        } else {
            Isolation::ReadCommitted
        },
        session: SessionRef { id: wire.session_id, epoch: wire.session_epoch },
        partitions: partitions.collect(),
        forgotten: forgotten.collect(),
        rack: optional(&wire.rack_id),
    }
}

fn fetched_from_wire(wire: &kafka::FetchResponse) -> FetchResponse {
    let partitions = wire.responses.iter().flat_map(|topic| {
        topic.partitions.iter().map(|one| FetchPartitionResponse {
            topic: topic_of(&topic.topic, topic.topic_id),
            partition: PartitionIndex(one.partition_index),
            error: ErrorCode::from_code(one.error_code),
            high_watermark: Offset::from_wire(one.high_watermark),
            last_stable_offset: Offset::from_wire(one.last_stable_offset),
            log_start_offset: Offset::from_wire(one.log_start_offset),
            diverging_epoch: LeaderEpoch::from_wire(one.diverging_epoch.epoch)
                .map(|epoch| (epoch, Offset(one.diverging_epoch.end_offset as u64))),
            current_leader: leader_from_wire(
                one.current_leader.leader_id,
                one.current_leader.leader_epoch,
            ),
            aborted: one
                .aborted_transactions
                .iter()
                .flatten()
                .map(|one| (ProducerId(one.producer_id.0), Offset(one.first_offset as u64)))
                .collect(),
            preferred_read_replica: BrokerId::from_wire(one.preferred_read_replica.0),
            records: split(one.records.as_ref()),
        })
    });
    let endpoints = wire.node_endpoints.iter().map(|one| Endpoint {
        broker: BrokerId(one.node_id.0),
        host: convert::name(&one.host),
        port: one.port as u16,
        rack: one.rack.as_ref().map(convert::name),
    });
    FetchResponse {
        throttle: Duration::from_millis(wire.throttle_time_ms as u64),
        error: ErrorCode::from_code(wire.error_code),
        session_id: wire.session_id,
        partitions: partitions.collect(),
        endpoints: endpoints.collect(),
    }
}
