//! A fact, or a line of the story, taken apart into its fields, by way of its serialisation: so that
//! nobody writes them down a second time, and a sentence can name every one of them.

use std::fmt;

use serde::ser::{self, Impossible, Serialize};

use crate::ids::{Name, TopicPartition};

/// The value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Nothing: an empty option or text.
    None,
    /// True or false.
    Flag(bool),
    /// A count, an offset, an epoch.
    Number(i128),
    /// A name, a word, an error.
    Text(String),
    /// The id of a broker or controller.
    Server(i32),
    /// A node of the cluster.
    Node(u32),
    /// A span of time, in nanoseconds.
    Span(u64),
    /// Several.
    List(Vec<Self>),
    /// Something with fields of its own.
    Fields(Vec<(&'static str, Self)>),
}

/// The fields of `told`, an enum that is written with its variant's name as a field.
pub(super) fn fields(told: &impl Serialize) -> Vec<(&'static str, Value)> {
    match told.serialize(Reader) {
        Ok(Value::Fields(fields)) => fields,
        other => unreachable!("facts and story lines have fields: {other:?}"),
    }
}

/// What facts do not contain.
#[derive(Debug)]
pub(super) struct Unsupported;

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("facts are made of ids and primitives")
    }
}

impl std::error::Error for Unsupported {}

impl ser::Error for Unsupported {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

#[derive(Clone, Copy)]
struct Reader;

macro_rules! numbers {
    ($($method:ident: $type:ty),*) => {
        $(fn $method(self, value: $type) -> Result<Value, Unsupported> {
            Ok(Value::Number(value.into()))
        })*
    };
}

impl ser::Serializer for Reader {
    type Ok = Value;
    type Error = Unsupported;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Impossible<Value, Unsupported>;
    type SerializeTupleVariant = Impossible<Value, Unsupported>;
    type SerializeMap = Impossible<Value, Unsupported>;
    type SerializeStruct = Struct;
    type SerializeStructVariant = Impossible<Value, Unsupported>;

    numbers! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64
    }

    fn serialize_bool(self, value: bool) -> Result<Value, Unsupported> {
        Ok(Value::Flag(value))
    }

    fn serialize_f32(self, _: f32) -> Result<Value, Unsupported> {
        Err(Unsupported)
    }

    fn serialize_f64(self, _: f64) -> Result<Value, Unsupported> {
        Err(Unsupported)
    }

    fn serialize_char(self, value: char) -> Result<Value, Unsupported> {
        Ok(Value::Text(value.to_string()))
    }

    fn serialize_str(self, value: &str) -> Result<Value, Unsupported> {
        Ok(if value.is_empty() { Value::None } else { Value::Text(value.to_owned()) })
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<Value, Unsupported> {
        Err(Unsupported)
    }

    fn serialize_none(self) -> Result<Value, Unsupported> {
        Ok(Value::None)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Unsupported> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, Unsupported> {
        Ok(Value::None)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, Unsupported> {
        Ok(Value::None)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Value, Unsupported> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Value, Unsupported> {
        let inner = value.serialize(self)?;
        Ok(match (name, inner) {
            ("BrokerId", Value::Number(id)) => Value::Server(id as i32),
            ("NodeId", Value::Number(id)) => Value::Node(id as u32),
            ("Duration", Value::Number(nanos)) => Value::Span(nanos as u64),
            (_, inner) => inner,
        })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Value, Unsupported> {
        Err(Unsupported)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items, Unsupported> {
        Ok(Items(Vec::new()))
    }

    fn serialize_tuple(self, _: usize) -> Result<Items, Unsupported> {
        Ok(Items(Vec::new()))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Unsupported> {
        Err(Unsupported)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unsupported> {
        Err(Unsupported)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Unsupported> {
        Err(Unsupported)
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Struct, Unsupported> {
        Ok(Struct { name, fields: Vec::new() })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Unsupported> {
        Err(Unsupported)
    }
}

struct Items(Vec<Value>);

impl Items {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsupported> {
        self.0.push(value.serialize(Reader)?);
        Ok(())
    }
}

impl ser::SerializeSeq for Items {
    type Ok = Value;
    type Error = Unsupported;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsupported> {
        self.push(value)
    }

    fn end(self) -> Result<Value, Unsupported> {
        Ok(Value::List(self.0))
    }
}

impl ser::SerializeTuple for Items {
    type Ok = Value;
    type Error = Unsupported;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsupported> {
        self.push(value)
    }

    fn end(self) -> Result<Value, Unsupported> {
        Ok(Value::List(self.0))
    }
}

struct Struct {
    name: &'static str,
    fields: Vec<(&'static str, Value)>,
}

impl ser::SerializeStruct for Struct {
    type Ok = Value;
    type Error = Unsupported;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Unsupported> {
        self.fields.push((key, value.serialize(Reader)?));
        Ok(())
    }

    fn end(self) -> Result<Value, Unsupported> {
        // A partition is written like its directory.
        if self.name == "TopicPartition"
            && let [(_, Value::Text(topic)), (_, Value::Number(partition))] = &self.fields[..]
        {
            let topic: Name = topic.as_str().into();
            let tp = TopicPartition::new(topic, *partition as i32);
            return Ok(Value::Text(tp.to_string()));
        }
        Ok(Value::Fields(self.fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::{ElectionKind, Fact};
    use crate::ids::{BrokerId, LeaderEpoch, Offset};
    use crate::sim::Duration;

    #[test]
    fn a_fact_falls_apart_into_its_fields() {
        let fact = Fact::LeaderElected {
            tp: TopicPartition::new("kq", 0),
            from: None,
            to: BrokerId(2),
            leader_epoch: LeaderEpoch(1),
            kind: ElectionKind::LastKnownLeader,
        };
        let expected = [
            ("fact", Value::Text("leader-elected".to_owned())),
            ("tp", Value::Text("kq-0".to_owned())),
            ("from", Value::None),
            ("to", Value::Server(2)),
            ("leader_epoch", Value::Number(1)),
            ("kind", Value::Text("last-known-leader".to_owned())),
        ];
        assert_eq!(fields(&fact), expected);
    }

    #[test]
    fn spans_are_told_from_other_numbers() {
        let fact = Fact::RecordAcked {
            tp: TopicPartition::new("kq", 0),
            number: 7,
            offset: Some(Offset(9)),
            latency: Duration::from_millis(3),
        };
        let fields = fields(&fact);
        assert_eq!(fields[2].1, Value::Number(7));
        assert_eq!(fields[3].1, Value::Number(9));
        assert_eq!(fields[4].1, Value::Span(3_000_000));
        assert_eq!(super::fields(&Fact::DiskWiped).len(), 1);
    }
}
