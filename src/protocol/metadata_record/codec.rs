//! How fields are written in flexible messages (KIP-482): lengths are unsigned varints, one more
//! than they are, zero for null, and every struct ends with its tagged fields.
//!
//! All records of the metadata log are flexible in all their versions, so nothing else is here.

use bytes::Bytes;

use super::value::{Blob, Float64};
use crate::ids::{
    BrokerEpoch, BrokerId, LeaderEpoch, Name, PartitionEpoch, PartitionIndex, ProducerId,
    Timestamp, Uuid,
};

/// Why bytes are not a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes end inside a field.
    #[error("the bytes end inside a field")]
    Truncated,
    /// A field that may not be null is.
    #[error("null where a value is needed")]
    Null,
    /// A length that does not fit its type.
    #[error("a varint is longer than five bytes")]
    BadVarint,
    /// A string that is not UTF-8.
    #[error("a string is not UTF-8")]
    NotUtf8,
    /// A frame around a record that is not version 1.
    #[error("frame version {0} is not known")]
    UnknownFrame(u32),
    /// A type of record that Kafka 4.1 does not have.
    #[error("record type {0} is not known")]
    UnknownType(u32),
    /// A version that the record does not have.
    #[error("version {version} of {what} is not known")]
    UnknownVersion {
        /// The record.
        what: &'static str,
        /// The version found.
        version: u32,
    },
}

/// Reads the fields of one message.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    input: &'a [u8],
    /// The version being read.
    pub version: i16,
}

impl<'a> Reader<'a> {
    /// Reads `input` as a message of `version`.
    pub const fn new(input: &'a [u8], version: i16) -> Self {
        Self { input, version }
    }

    /// How many bytes are left.
    pub const fn remaining(&self) -> usize {
        self.input.len()
    }

    /// The next `len` bytes.
    ///
    /// # Errors
    /// When there are not so many.
    pub fn take(&mut self, len: usize) -> Result<&'a [u8], DecodeError> {
        let (head, tail) = self.input.split_at_checked(len).ok_or(DecodeError::Truncated)?;
        self.input = tail;
        Ok(head)
    }

    /// A reader of the next `len` bytes alone.
    ///
    /// # Errors
    /// When there are not so many.
    pub fn apart(&mut self, len: usize) -> Result<Self, DecodeError> {
        Ok(Self { input: self.take(len)?, version: self.version })
    }

    /// An unsigned varint of 32 bits.
    ///
    /// # Errors
    /// When it is cut short or too long.
    pub fn unsigned_varint(&mut self) -> Result<u32, DecodeError> {
        let mut value = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(DecodeError::BadVarint)
    }

    /// A length; none for null.
    fn length(&mut self) -> Result<Option<usize>, DecodeError> {
        Ok(self.unsigned_varint()?.checked_sub(1).map(|length| length as usize))
    }
}

/// Appends an unsigned varint of 32 bits.
pub fn put_unsigned_varint(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn put_length(out: &mut Vec<u8>, length: Option<usize>) {
    put_unsigned_varint(out, length.map_or(0, |length| length as u32 + 1));
}

/// Something that can be a field, or an element of an array.
pub trait Field: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// When the bytes are no such thing.
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError>;

    /// Appends it, as `version` of the message around it has it.
    fn write(&self, out: &mut Vec<u8>, version: i16);
}

/// A field type with a form for null.
pub trait Nullable: Sized {
    /// Reads it, or null.
    ///
    /// # Errors
    /// When the bytes are no such thing.
    fn read_nullable(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError>;

    /// Appends it, or null.
    fn write_nullable(value: Option<&Self>, out: &mut Vec<u8>, version: i16);
}

/// Numbers, big-endian.
macro_rules! number {
    ($($ty:ty),*) => {$(
        impl Field for $ty {
            fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
                let bytes = reader.take(size_of::<Self>())?;
                Ok(Self::from_be_bytes(bytes.try_into().expect("as many as were taken")))
            }
            fn write(&self, out: &mut Vec<u8>, _version: i16) {
                out.extend_from_slice(&self.to_be_bytes());
            }
        }
    )*};
}
number!(i8, i16, u16, i32, i64, u64, u128);

/// Newtypes around numbers, as the number.
macro_rules! newtype {
    ($($ty:ident),*) => {$(
        impl Field for $ty {
            fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
                Ok(Self(Field::read(reader)?))
            }
            fn write(&self, out: &mut Vec<u8>, version: i16) {
                self.0.write(out, version);
            }
        }
    )*};
}
newtype!(
    BrokerId,
    PartitionIndex,
    LeaderEpoch,
    PartitionEpoch,
    BrokerEpoch,
    ProducerId,
    Timestamp,
    Uuid,
    Float64
);

impl Field for bool {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(reader.take(1)?[0] != 0)
    }
    fn write(&self, out: &mut Vec<u8>, _version: i16) {
        out.push((*self).into());
    }
}

/// -1 is none; other negative numbers are kept, though no broker has one.
impl Field for Option<BrokerId> {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let id = i32::read(reader)?;
        Ok((id != -1).then_some(BrokerId(id)))
    }
    fn write(&self, out: &mut Vec<u8>, version: i16) {
        BrokerId::to_wire(*self).write(out, version);
    }
}

impl Nullable for Name {
    fn read_nullable(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        let Some(length) = reader.length()? else { return Ok(None) };
        let text = std::str::from_utf8(reader.take(length)?).map_err(|_| DecodeError::NotUtf8)?;
        Ok(Some(text.into()))
    }
    fn write_nullable(value: Option<&Self>, out: &mut Vec<u8>, _version: i16) {
        put_length(out, value.map(|text| text.len()));
        out.extend_from_slice(value.map_or(&[], |text| text.as_bytes()));
    }
}

impl Nullable for Blob {
    fn read_nullable(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        let Some(length) = reader.length()? else { return Ok(None) };
        Ok(Some(Self(Bytes::copy_from_slice(reader.take(length)?))))
    }
    fn write_nullable(value: Option<&Self>, out: &mut Vec<u8>, _version: i16) {
        put_length(out, value.map(|blob| blob.0.len()));
        out.extend_from_slice(value.map_or(&[], |blob| &blob.0));
    }
}

impl<T: Field> Nullable for Vec<T> {
    fn read_nullable(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        let Some(length) = reader.length()? else { return Ok(None) };
        // Every element takes a byte at least, so a wrong length cannot make us allocate much.
        let mut elements = Self::with_capacity(length.min(reader.remaining()));
        for _ in 0..length {
            elements.push(T::read(reader)?);
        }
        Ok(Some(elements))
    }
    fn write_nullable(value: Option<&Self>, out: &mut Vec<u8>, version: i16) {
        put_length(out, value.map(Self::len));
        for element in value.into_iter().flatten() {
            element.write(out, version);
        }
    }
}

/// The same types, where null is not allowed and where it is.
macro_rules! with_and_without_null {
    ($([$($generic:tt)*] $ty:ty),*) => {$(
        impl<$($generic)*> Field for $ty {
            fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
                Self::read_nullable(reader)?.ok_or(DecodeError::Null)
            }
            fn write(&self, out: &mut Vec<u8>, version: i16) {
                Self::write_nullable(Some(self), out, version);
            }
        }
        impl<$($generic)*> Field for Option<$ty> {
            fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
                Nullable::read_nullable(reader)
            }
            fn write(&self, out: &mut Vec<u8>, version: i16) {
                Nullable::write_nullable(self.as_ref(), out, version);
            }
        }
    )*};
}
with_and_without_null!([] Name, [] Blob, [T: Field] Vec<T>);

/// Appends the tagged fields of a struct: `fields` in order of their tags.
pub(crate) fn put_tagged(out: &mut Vec<u8>, fields: &[(u32, Vec<u8>)]) {
    put_unsigned_varint(out, fields.len() as u32);
    for (tag, bytes) in fields {
        put_unsigned_varint(out, *tag);
        put_unsigned_varint(out, bytes.len() as u32);
        out.extend_from_slice(bytes);
    }
}

/// True when both are the same: which field a struct has decides the type.
pub(crate) fn same<T: PartialEq>(one: &T, other: &T) -> bool {
    one == other
}
