//! What consumers of a classic group tell each other: subscription and assignment.
//!
//! In Kafka: `ConsumerProtocol`, `ConsumerProtocolSubscription`, `ConsumerProtocolAssignment`
//! (KIP-429, KIP-792, KIP-881), and the user data of `StickyAssignor` and `CooperativeStickyAssignor`
//! (KIP-54). To the group coordinator these are bytes, but for the topics of a subscription. A
//! version above the newest is read as the newest.

use std::collections::BTreeMap;

use bytes::{Buf, Bytes};

use super::java_map;
use super::schema::{Field, Message, Reader, SchemaError, Writer, base64_or_null, schema};
use crate::ids::{Generation, Name, TopicPartition, java_string_hash};

/// The protocol type of consumers' groups.
pub const PROTOCOL_TYPE: &str = "consumer";

schema! {
    /// A subscription as it is written.
    struct ConsumerProtocolSubscription(3) {
        /// The topics.
        topics: Vec<Name>, 0..;
        /// The assignor's own data.
        #[serde(serialize_with = "base64_or_null")]
        user_data: Option<Bytes>, 0..;
        /// The partitions the member has.
        owned_partitions: Vec<PartitionsOfTopic>, 1..;
        /// The generation it has them from.
        generation_id: i32 = -1, 2..;
        /// `client.rack`.
        rack_id: Option<Name>, 3..;
    }

    /// An assignment as it is written.
    struct ConsumerProtocolAssignment(3) {
        /// The partitions.
        assigned_partitions: Vec<PartitionsOfTopic>, 0..;
        /// The assignor's own data.
        #[serde(serialize_with = "base64_or_null")]
        user_data: Option<Bytes>, 0..;
    }

    /// Partitions of a topic.
    struct PartitionsOfTopic(3) {
        /// The topic.
        topic: Name, 0..;
        /// The partitions.
        partitions: Vec<i32>, 0..;
    }
}

/// The newest version of both.
pub const NEWEST_VERSION: i16 = ConsumerProtocolSubscription::NEWEST;

/// What a member wants and has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscription {
    /// The topics it subscribes to.
    pub topics: Vec<Name>,
    /// Its assignor's own data.
    pub user_data: Option<Bytes>,
    /// The partitions it has (from version 1 on).
    pub owned: Vec<TopicPartition>,
    /// The generation it has them from (from version 2 on).
    pub generation: Option<Generation>,
    /// `client.rack` (from version 3 on).
    pub rack: Option<Name>,
}

impl Subscription {
    /// The bytes at `version`: topics and owned partitions are sorted.
    pub fn encode(&self, version: i16) -> Bytes {
        let mut topics = self.topics.clone();
        topics.sort_unstable();
        let mut owned = self.owned.clone();
        owned.sort_unstable();
        let message = ConsumerProtocolSubscription {
            topics,
            user_data: self.user_data.clone(),
            owned_partitions: group_by_topic(&owned),
            generation_id: self.generation.map_or(-1, |generation| generation.0),
            rack_id: self.rack.clone(),
        };
        with_version(&message, version)
    }

    /// Reads a subscription.
    ///
    /// # Errors
    /// When the bytes are none.
    pub fn decode(bytes: &Bytes) -> Result<Self, SchemaError> {
        let message: ConsumerProtocolSubscription = of_version(bytes.clone())?;
        Ok(Self {
            topics: message.topics,
            user_data: message.user_data,
            owned: one_by_one(&message.owned_partitions),
            generation: (message.generation_id >= 0).then_some(Generation(message.generation_id)),
            rack: message.rack_id.filter(|rack| !rack.is_empty()),
        })
    }

    /// The topics alone, by version 0, which begins every version: so does the coordinator read it.
    ///
    /// # Errors
    /// When the bytes are no subscription.
    pub fn topics_of(bytes: &Bytes) -> Result<Vec<Name>, SchemaError> {
        let mut bytes = bytes.clone();
        bytes.try_get_i16().map_err(|_| SchemaError::Truncated)?;
        ConsumerProtocolSubscription::decode(bytes, 0).map(|message| message.topics)
    }
}

/// What a member gets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignment {
    /// The partitions.
    pub partitions: Vec<TopicPartition>,
    /// The assignor's own data.
    pub user_data: Option<Bytes>,
}

impl Assignment {
    /// The bytes at `version`: by topic, in the order in which topics first appear.
    pub fn encode(&self, version: i16) -> Bytes {
        let message = ConsumerProtocolAssignment {
            assigned_partitions: group_by_topic(&self.partitions),
            user_data: self.user_data.clone(),
        };
        with_version(&message, version)
    }

    /// Reads an assignment.
    ///
    /// # Errors
    /// When the bytes are none.
    pub fn decode(bytes: &Bytes) -> Result<Self, SchemaError> {
        let message: ConsumerProtocolAssignment = of_version(bytes.clone())?;
        Ok(Self {
            partitions: one_by_one(&message.assigned_partitions),
            user_data: message.user_data,
        })
    }
}

/// The sticky assignor's user data: what the member had, and from which generation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StickyUserData {
    /// The partitions that the member had.
    pub partitions: Vec<TopicPartition>,
    /// Their generation; none from clients before Kafka 2.3.
    pub generation: Option<Generation>,
}

impl StickyUserData {
    /// The bytes: by topic, in the order of a Java map.
    pub fn encode(&self) -> Bytes {
        let mut topics = group_by_topic(&self.partitions);
        java_map::sort_by_hash(&mut topics, |topic| java_string_hash(&topic.topic));
        let mut writer = Writer::new(0);
        topics.write(&mut writer);
        self.generation.map_or(-1, |generation| generation.0).write(&mut writer);
        writer.out.into()
    }

    /// Reads the user data; `None` for bytes that are none.
    pub fn decode(bytes: &Bytes) -> Option<Self> {
        let mut reader = Reader::new(bytes.clone(), 0);
        let topics = Vec::<PartitionsOfTopic>::read(&mut reader).ok()?;
        let generation = i32::read(&mut reader).ok().map(Generation);
        Some(Self { partitions: one_by_one(&topics), generation })
    }
}

/// The cooperative sticky assignor's user data: the generation of the owned partitions.
pub fn cooperative_user_data(generation: Option<Generation>) -> Bytes {
    Bytes::copy_from_slice(&generation.map_or(-1, |generation| generation.0).to_be_bytes())
}

/// Reads it; `None` for bytes that are none.
pub fn decode_cooperative_user_data(bytes: &Bytes) -> Option<Generation> {
    bytes.clone().try_get_i32().ok().map(Generation)
}

fn with_version(message: &impl Message, version: i16) -> Bytes {
    let mut bytes = version.to_be_bytes().to_vec();
    message.encode(version, &mut bytes);
    bytes.into()
}

fn of_version<T: Message>(mut bytes: Bytes) -> Result<T, SchemaError> {
    let version = bytes.try_get_i16().map_err(|_| SchemaError::Truncated)?;
    T::decode(bytes, version.min(T::NEWEST))
}

/// Groups partitions by topic, in the order in which topics first appear.
fn group_by_topic(partitions: &[TopicPartition]) -> Vec<PartitionsOfTopic> {
    let mut groups: Vec<PartitionsOfTopic> = Vec::new();
    let mut places: BTreeMap<&Name, usize> = BTreeMap::new();
    for tp in partitions {
        let place = *places.entry(&tp.topic).or_insert_with(|| {
            groups.push(PartitionsOfTopic { topic: tp.topic.clone(), partitions: Vec::new() });
            groups.len() - 1
        });
        groups[place].partitions.push(tp.partition.0);
    }
    groups
}

fn one_by_one(groups: &[PartitionsOfTopic]) -> Vec<TopicPartition> {
    let each = |group: &PartitionsOfTopic| {
        let topic = group.topic.clone();
        let partitions = group.partitions.clone();
        partitions.into_iter().map(move |partition| TopicPartition::new(topic.clone(), partition))
    };
    groups.iter().flat_map(each).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_version_is_read_as_the_newest() {
        let assignment =
            Assignment { partitions: vec![TopicPartition::new("kq", 1)], user_data: None };
        let mut bytes = assignment.encode(NEWEST_VERSION).to_vec();
        bytes[1] = 9;
        bytes.push(42);
        assert_eq!(Assignment::decode(&bytes.into()), Ok(assignment));
    }

    #[test]
    fn sticky_user_data_without_generation_is_read() {
        let with = StickyUserData {
            partitions: vec![TopicPartition::new("kq", 0)],
            generation: Some(Generation(3)),
        };
        let bytes = with.encode();
        assert_eq!(StickyUserData::decode(&bytes), Some(with.clone()));
        let old = StickyUserData { generation: None, ..with };
        assert_eq!(StickyUserData::decode(&bytes.slice(..bytes.len() - 4)), Some(old));
        assert_eq!(StickyUserData::decode(&bytes.slice(..5)), None);
    }
}
