//! Messages of every kind survive at every version, once they are trimmed.

use std::cell::RefCell;
use std::ops::Range;

use bytes::{Buf, Bytes, TryGetError};
use kafka_protocol::messages as kafka;
use kafka_protocol::protocol::buf::ByteBuf;
use kafka_protocol::protocol::{Decodable, Message};
use proptest::prelude::*;

use super::wire::{Survival, request_survives, response_survives};
use crate::ids::{
    BrokerEpoch, BrokerId, LeaderEpoch, Offset, PartitionIndex, Timestamp, TopicIdPartition, Uuid,
};
use crate::protocol::wire::kinds;
use crate::protocol::*;
use crate::sim::Duration;
use crate::sim::rng::Stream;

/// Bytes without end that chance makes: short lists, short texts, small numbers, and hardly a field
/// that is at its default.
struct Chance(RefCell<Stream>);

impl Chance {
    fn new(seed: u64) -> Self {
        Self(RefCell::new(Stream::new(seed, "messages")))
    }

    fn below(&self, end: u64) -> u64 {
        self.0.borrow_mut().below(end)
    }

    /// A length or a tag, or what stands for one; rarely what stands for null.
    fn small(&self) -> u8 {
        if self.below(8) == 0 { 0 } else { 1 + self.below(3) as u8 }
    }

    fn some<T>(&self, value: impl FnOnce() -> T) -> Option<T> {
        (self.below(3) > 0).then(value)
    }
}

impl Buf for Chance {
    fn remaining(&self) -> usize {
        1 << 20
    }

    fn chunk(&self) -> &[u8] {
        &[1; 64]
    }

    fn advance(&mut self, _: usize) {}

    fn try_get_u8(&mut self) -> Result<u8, TryGetError> {
        Ok(self.small())
    }

    fn try_get_i8(&mut self) -> Result<i8, TryGetError> {
        Ok(self.small() as i8)
    }

    fn try_get_i16(&mut self) -> Result<i16, TryGetError> {
        Ok(self.small().into())
    }

    fn try_get_i32(&mut self) -> Result<i32, TryGetError> {
        Ok(self.small().into())
    }

    fn try_get_i64(&mut self) -> Result<i64, TryGetError> {
        Ok(self.small().into())
    }
}

impl ByteBuf for Chance {
    fn peek_bytes(&mut self, range: Range<usize>) -> Bytes {
        vec![b'x'; range.len()].into()
    }

    fn get_bytes(&mut self, size: usize) -> Bytes {
        vec![b'x'; size].into()
    }
}

/// How a kind of message is made at a version.
type Make<B> = fn(&mut Chance, i16) -> Option<B>;

/// A kind of message: its name, its versions, and how it is made.
type Kind<B> = (&'static str, std::ops::RangeInclusive<i16>, Make<B>);

macro_rules! all_requests {
    ($($kind:ident $request:ident $response:ident,)*) => {
        vec![$((
            stringify!($request),
            kafka::$request::VERSIONS.min..=kafka::$request::VERSIONS.max,
            |chance, version| {
                let made = kafka::$request::decode(chance, version).ok()?;
                Some(RequestBody::$kind(Box::new(made)))
            },
        ),)*]
    };
}

macro_rules! all_responses {
    ($($kind:ident $request:ident $response:ident,)*) => {
        vec![$((
            stringify!($response),
            kafka::$response::VERSIONS.min..=kafka::$response::VERSIONS.max,
            |chance, version| {
                let made = kafka::$response::decode(chance, version).ok()?;
                Some(ResponseBody::$kind(Box::new(made)))
            },
        ),)*]
    };
}

fn requests() -> Vec<Kind<RequestBody>> {
    let mut kinds: Vec<Kind<RequestBody>> = kinds!(all_requests);
    kinds.push(("ProduceRequest", 3..=13, |chance, _| Some(RequestBody::Produce(produce(chance)))));
    kinds.push(("FetchRequest", 4..=18, |chance, _| Some(RequestBody::Fetch(fetch(chance)))));
    kinds
}

fn responses() -> Vec<Kind<ResponseBody>> {
    let mut kinds: Vec<Kind<ResponseBody>> = kinds!(all_responses);
    kinds.push(("ProduceResponse", 3..=13, |chance, _| {
        Some(ResponseBody::Produce(produced(chance)))
    }));
    kinds.push(("FetchResponse", 4..=18, |chance, _| Some(ResponseBody::Fetch(fetched(chance)))));
    kinds
}

fn topic(chance: &Chance) -> TopicRef {
    TopicRef { id: Uuid(1 + u128::from(chance.below(3))), name: Some("kq".into()) }
}

fn offset(chance: &Chance) -> Offset {
    Offset(chance.below(100))
}

fn epoch(chance: &Chance) -> LeaderEpoch {
    LeaderEpoch(chance.below(5) as i32)
}

fn leader(chance: &Chance) -> Option<(BrokerId, LeaderEpoch)> {
    chance.some(|| (BrokerId(2), epoch(chance)))
}

fn endpoints(chance: &Chance) -> Vec<Endpoint> {
    let one = || Endpoint {
        broker: BrokerId(2),
        host: "b2".into(),
        port: 9_092,
        rack: chance.some(|| "r".into()),
    };
    (0..chance.below(3)).map(|_| one()).collect()
}

fn records(chance: &Chance) -> Records {
    let batch = || {
        let mut batch = BatchBuilder::new();
        batch.append(Timestamp(7), None, Some(b"value"), &[]);
        std::sync::Arc::new(batch.build().expect("it holds a record"))
    };
    (0..chance.below(3)).map(|_| batch()).collect()
}

fn partition(chance: &Chance) -> PartitionIndex {
    PartitionIndex(chance.below(4) as i32)
}

fn produce(chance: &mut Chance) -> ProduceRequest {
    let one = || ProducePartition {
        topic: topic(chance),
        partition: partition(chance),
        records: records(chance),
    };
    ProduceRequest {
        transactional_id: chance.some(|| "t".into()),
        acks: -1,
        timeout: Duration::from_millis(30),
        partitions: (0..chance.below(4)).map(|_| one()).collect(),
    }
}

fn produced(chance: &mut Chance) -> ProduceResponse {
    let one = || ProducePartitionResponse {
        topic: topic(chance),
        partition: partition(chance),
        error: ErrorCode::NotLeaderOrFollower,
        base_offset: chance.some(|| offset(chance)),
        log_append_time: chance.some(|| Timestamp(5)),
        log_start_offset: chance.some(|| offset(chance)),
        error_message: chance.some(|| "no".into()),
        current_leader: leader(chance),
    };
    ProduceResponse {
        throttle: Duration::from_millis(chance.below(3)),
        partitions: (0..chance.below(4)).map(|_| one()).collect(),
        endpoints: endpoints(chance),
    }
}

fn fetch(chance: &mut Chance) -> FetchRequest {
    let one = || FetchPartition {
        topic: topic(chance),
        partition: partition(chance),
        current_leader_epoch: chance.some(|| epoch(chance)),
        fetch_offset: offset(chance),
        last_fetched_epoch: chance.some(|| epoch(chance)),
        log_start_offset: chance.some(|| offset(chance)),
        max_bytes: 1_000,
    };
    let follower = || Fetcher::Replica {
        id: BrokerId(3),
        epoch: chance.some(|| BrokerEpoch(chance.below(9) as i64)),
    };
    let forgotten = || TopicIdPartition { topic_id: Uuid(3), partition: partition(chance) };
    FetchRequest {
        fetcher: chance.some(follower).unwrap_or_default(),
        max_wait: Duration::from_millis(500),
        min_bytes: 1,
        max_bytes: 10_000,
        isolation: chance.some(|| Isolation::ReadCommitted).unwrap_or_default(),
        session: SessionRef { id: 4, epoch: chance.below(9) as i32 },
        partitions: (0..chance.below(4)).map(|_| one()).collect(),
        forgotten: (0..chance.below(3)).map(|_| forgotten()).collect(),
        rack: chance.some(|| "r".into()),
    }
}

fn fetched(chance: &mut Chance) -> FetchResponse {
    let one = || FetchPartitionResponse {
        topic: topic(chance),
        partition: partition(chance),
        error: ErrorCode::FencedLeaderEpoch,
        high_watermark: chance.some(|| offset(chance)),
        last_stable_offset: chance.some(|| offset(chance)),
        log_start_offset: chance.some(|| offset(chance)),
        diverging_epoch: chance.some(|| (epoch(chance), offset(chance))),
        current_leader: leader(chance),
        aborted: (0..chance.below(2))
            .map(|id| (crate::ids::ProducerId(id as i64), offset(chance)))
            .collect(),
        preferred_read_replica: chance.some(|| BrokerId(2)),
        records: records(chance),
    };
    FetchResponse {
        throttle: Duration::from_millis(chance.below(3)),
        error: ErrorCode::FetchSessionIdNotFound,
        session_id: chance.below(3) as i32,
        partitions: (0..chance.below(4)).map(|_| one()).collect(),
        endpoints: endpoints(chance),
    }
}

/// Makes messages at each version and sends them at each: how many there were.
fn send_all<B: Clone + PartialEq + std::fmt::Debug>(
    seed: u64,
    kinds: Vec<Kind<B>>,
    trim: fn(&mut B, i16),
    survives: fn(&B, i16) -> Survival,
) -> usize {
    let mut sent = 0;
    for (name, versions, make) in kinds {
        let mut chance = Chance::new(seed);
        let is_flat = matches!(name, "ProduceRequest" | "ProduceResponse")
            || matches!(name, "FetchRequest" | "FetchResponse");
        for made_at in versions.clone() {
            let Some(made) = (0..20).find_map(|_| make(&mut chance, made_at)) else { continue };
            for version in versions.clone() {
                let mut message = made.clone();
                trim(&mut message, version);
                if version == made_at && !is_flat {
                    assert_eq!(message, made, "{name} {version}: nothing is to be trimmed");
                }
                match survives(&message, version) {
                    Survival::Whole => sent += 1,
                    // A null is no matter of fields: whoever makes a message sees to that.
                    Survival::Unwritable(error)
                        if !error.starts_with("A field is set that is not available") => {}
                    lost => panic!("{name} made at {made_at}, sent at {version}: {lost:?}"),
                }
            }
        }
    }
    sent
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn requests_survive_at_every_version(seed: u64) {
        let sent = send_all(seed, requests(), RequestBody::trim, request_survives);
        prop_assert!(sent > 500, "{sent} requests");
    }

    #[test]
    fn responses_survive_at_every_version(seed: u64) {
        let sent = send_all(seed, responses(), ResponseBody::trim, response_survives);
        prop_assert!(sent > 500, "{sent} responses");
    }
}

#[test]
fn what_an_old_version_cannot_carry_never_arrives() {
    let mut request = kafka::JoinGroupRequest::default()
        .with_group_instance_id(Some(convert::text("one")))
        .with_reason(Some(convert::text("why not")));
    request.member_id = convert::text("c1");
    let mut body = RequestBody::JoinGroup(Box::new(request.clone()));
    body.trim(4);
    let RequestBody::JoinGroup(trimmed) = &body else { unreachable!("it was one") };
    assert_eq!((&trimmed.group_instance_id, &trimmed.reason), (&None, &None));
    assert_eq!(trimmed.member_id, request.member_id);
    body.trim(9);
    assert_eq!(request_survives(&body, 9), Survival::Whole);
    // Untrimmed it could not even be written.
    let whole = RequestBody::JoinGroup(Box::new(request));
    assert!(matches!(request_survives(&whole, 4), Survival::Unwritable(_)));
}

#[test]
fn a_topic_is_named_or_known_by_its_id() {
    let sent_at = |version| {
        let mut produce = ProduceRequest::default();
        let topic = TopicRef { id: Uuid(7), name: Some("kq".into()) };
        let (partition, records) = (PartitionIndex(0), Records::new());
        produce.partitions.push(ProducePartition { topic, partition, records });
        produce.trim(version);
        produce.partitions[0].topic.clone()
    };
    assert_eq!(sent_at(12), TopicRef { id: Uuid::ZERO, name: Some("kq".into()) });
    assert_eq!(sent_at(13), TopicRef { id: Uuid(7), name: None });
}
