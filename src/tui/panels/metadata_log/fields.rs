//! The fields of a record by Kafka's names, in Kafka's order.

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use crate::explain::Lang;
use crate::ids::{PartitionIndex, TopicId, TopicPartition, Uuid};
use crate::protocol::MetadataRecord;
use crate::view::{Lens, MetadataContent, MetadataEntry};

/// A value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    /// As it is written: text without quotes.
    Plain(String),
    List(Vec<Value>),
    Table(Vec<(String, Value)>),
}

impl Value {
    /// In one line.
    pub(super) fn line(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Plain(text) if text.is_empty() => "\"\"".to_owned(),
            Self::Plain(text) => text.clone(),
            Self::List(values) => {
                let values: Vec<String> = values.iter().map(Self::line).collect();
                format!("[{}]", values.join(","))
            }
            Self::Table(fields) => {
                let fields = fields.iter().map(|(name, value)| format!("{name} {}", value.line()));
                format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// True for what a field is that says nothing.
    fn is_nothing(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Plain(text) => text.is_empty() || text == "false" || *text == zero(),
            Self::List(values) => values.is_empty(),
            Self::Table(_) => false,
        }
    }
}

/// The id that stands for none.
fn zero() -> String {
    Uuid(0).to_string()
}

/// The fields of a record.
pub(super) fn fields(entry: &MetadataEntry) -> Vec<(String, Value)> {
    let text = match &entry.content {
        MetadataContent::Record(_, record) => serde_json::to_string(record),
        MetadataContent::Control(_, fields) => Ok(fields.clone()),
    };
    let value = text.and_then(|text| serde_json::from_str::<Value>(&text));
    let Ok(Value::Table(mut fields)) = value else { return Vec::new() };
    match &entry.content {
        MetadataContent::Control(..) => fields,
        MetadataContent::Record(..) => match fields.pop() {
            Some((name, Value::Table(fields))) if name == "data" => fields,
            _ => Vec::new(),
        },
    }
}

/// The partition that a record is about, by name.
fn partition_of(record: &MetadataRecord, lens: Lens<'_>) -> Option<String> {
    let (id, index): (TopicId, PartitionIndex) = match record {
        MetadataRecord::Partition(record) => (record.topic_id, record.partition_id),
        MetadataRecord::PartitionChange(record) => (record.topic_id, record.partition_id),
        _ => return None,
    };
    let topic = topic_name(id, lens)?;
    Some(TopicPartition { topic: topic.into(), partition: index }.to_string())
}

/// The name of a topic that exists.
pub(super) fn topic_name(id: TopicId, lens: Lens<'_>) -> Option<String> {
    Some(lens.image()?.topic(id)?.name.to_string())
}

/// Fields that take more room than they are worth in one line.
const LONG: [&str; 8] = [
    "incarnationId",
    "endPoints",
    "features",
    "directories",
    "logDirs",
    "version",
    "voters",
    "grantingVoters",
];

/// What a record says, in one line: the partition it is about, and the fields that say something.
pub fn summary(entry: &MetadataEntry, lens: Lens<'_>) -> String {
    let (mut parts, mut last) = (Vec::new(), Vec::new());
    let mut subject = false;
    if let MetadataContent::Record(_, record) = &entry.content {
        let name = partition_of(record, lens);
        subject = name.is_some();
        parts.extend(name);
    }
    let kind = entry.type_name();
    for (name, value) in fields(entry) {
        let is_subject = subject && matches!(&*name, "partitionId" | "topicId");
        let is_id = kind == "TOPIC_RECORD" && name == "topicId";
        let says_nothing = value.is_nothing() || is_unchanged(kind, &name, &value);
        if is_subject || is_id || says_nothing || LONG.contains(&&*name) {
            continue;
        }
        let line = value.line();
        let line = match meaning(kind, &name, &line, Lang::En) {
            Some(meaning) => format!("{line} ({meaning})"),
            None => line,
        };
        let part = format!("{name} {line}");
        // Epochs of brokers say less than what follows.
        if name == "brokerEpoch" { last.push(part) } else { parts.push(part) }
    }
    parts.extend(last);
    parts.join("  ")
}

/// True for numbers that stand for no change.
pub(super) fn is_unchanged(kind: &str, field: &str, value: &Value) -> bool {
    let Value::Plain(value) = value else { return false };
    matches!(
        (kind, field, value.as_str()),
        ("PARTITION_CHANGE_RECORD", "leader", "-2")
            | ("PARTITION_CHANGE_RECORD", "leaderRecoveryState", "-1")
            | ("PARTITION_RECORD", "leaderRecoveryState", "0")
            | ("BROKER_REGISTRATION_CHANGE_RECORD", "fenced" | "inControlledShutdown", "0")
    )
}

/// What a number means.
pub(super) fn meaning(kind: &str, field: &str, value: &str, lang: Lang) -> Option<&'static str> {
    Some(match (kind, field, value) {
        ("PARTITION_CHANGE_RECORD", "leader", "-2") => {
            lang.pick("leader and leader epoch stay", "leader 与 leader epoch 不变")
        }
        ("PARTITION_CHANGE_RECORD" | "PARTITION_RECORD", "leader", "-1") => {
            lang.pick("nobody", "没有 leader")
        }
        ("PARTITION_CHANGE_RECORD", "leaderRecoveryState", "-1")
        | ("BROKER_REGISTRATION_CHANGE_RECORD", "fenced" | "inControlledShutdown", "0") => {
            lang.pick("unchanged", "不变")
        }
        ("PARTITION_CHANGE_RECORD" | "PARTITION_RECORD", "leaderRecoveryState", "0") => {
            lang.pick("recovered", "已恢复")
        }
        ("PARTITION_CHANGE_RECORD" | "PARTITION_RECORD", "leaderRecoveryState", "1") => {
            lang.pick("recovering", "恢复中")
        }
        ("BROKER_REGISTRATION_CHANGE_RECORD", "fenced", "1") => lang.pick("fenced", "隔离"),
        ("BROKER_REGISTRATION_CHANGE_RECORD", "fenced", "-1") => lang.pick("unfenced", "解除隔离"),
        ("BROKER_REGISTRATION_CHANGE_RECORD", "inControlledShutdown", "1") => {
            lang.pick("shuts down in order", "有序关闭")
        }
        ("CONFIG_RECORD", "resourceType", "2") => "topic",
        ("CONFIG_RECORD", "resourceType", "4") => "broker",
        ("CONFIG_RECORD", "resourceType", "16") => "client-metrics",
        ("CONFIG_RECORD", "resourceType", "32") => "group",
        _ => return None,
    })
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Plain(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Plain(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Plain(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Plain(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = values.next_element()? {
            list.push(value);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut table = Vec::new();
        while let Some(field) = fields.next_entry()? {
            table.push(field);
        }
        Ok(Value::Table(table))
    }
}
