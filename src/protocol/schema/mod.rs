//! Kafka's message encoding, for the messages that the protocol crate lacks: records of internal
//! topics.
//!
//! In Kafka this is generated code (KIP-482): a struct lists its fields with the versions that have
//! them; from some version on it is *flexible*: lengths are unsigned varints and every struct ends
//! with tagged fields. Here the macro `schema!` makes the struct and its codec from such a list. Unknown
//! tagged fields are skipped, not kept.

mod define;
mod fields;
mod io;

use bytes::Bytes;

pub(crate) use define::{differs, schema};
pub use fields::{base64, base64_or_null};
pub use io::{Reader, Writer};

/// Why bytes are not a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// The bytes end inside a field.
    #[error("the bytes end inside a field")]
    Truncated,
    /// A field that may not be null is.
    #[error("null where a value is needed")]
    Null,
    /// A length, or a marker of presence, that cannot be.
    #[error("a length of {0} cannot be")]
    BadLength(i64),
    /// A string that is not UTF-8.
    #[error("a string is not UTF-8")]
    NotUtf8,
    /// A version that the struct does not have.
    #[error("version {version} of {what} is not known")]
    UnknownVersion {
        /// The struct.
        what: &'static str,
        /// The version found.
        version: i16,
    },
    /// A type of record that the log does not have.
    #[error("record type {0} is not known")]
    UnknownType(i16),
}

/// Something that can be a field, or an element of an array.
pub trait Field: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// When the bytes are no such thing.
    fn read(reader: &mut Reader) -> Result<Self, SchemaError>;

    /// Writes it.
    fn write(&self, writer: &mut Writer);

    /// Reads it as a tagged field: the same, but for a struct that may be null.
    ///
    /// # Errors
    /// When the bytes are no such thing.
    fn read_tagged(reader: &mut Reader) -> Result<Self, SchemaError> {
        Self::read(reader)
    }

    /// Writes it as a tagged field.
    fn write_tagged(&self, writer: &mut Writer) {
        self.write(writer);
    }
}

/// A field type with a form for null; `Option<T>` is the field that may be null.
pub trait Nullable: Sized {
    /// Reads it, or null.
    ///
    /// # Errors
    /// When the bytes are no such thing.
    fn read_nullable(reader: &mut Reader) -> Result<Option<Self>, SchemaError>;

    /// Writes it, or null.
    fn write_nullable(value: Option<&Self>, writer: &mut Writer);

    /// Reads it, or null, as a tagged field.
    ///
    /// # Errors
    /// When the bytes are no such thing.
    fn read_nullable_tagged(reader: &mut Reader) -> Result<Option<Self>, SchemaError> {
        Self::read_nullable(reader)
    }

    /// Writes it, or null, as a tagged field.
    fn write_nullable_tagged(value: Option<&Self>, writer: &mut Writer) {
        Self::write_nullable(value, writer);
    }
}

/// A whole message or record.
pub trait Message: Field + Default {
    /// Its name in Kafka.
    const NAME: &'static str;
    /// The newest version.
    const NEWEST: i16;

    /// Reads a message of `version`.
    ///
    /// # Errors
    /// When the version is not known or the bytes are no such message.
    fn decode(input: Bytes, version: i16) -> Result<Self, SchemaError> {
        if !(0..=Self::NEWEST).contains(&version) {
            return Err(SchemaError::UnknownVersion { what: Self::NAME, version });
        }
        Self::read(&mut Reader::new(input, version))
    }

    /// Appends the message at `version` to `out`.
    fn encode(&self, version: i16, out: &mut Vec<u8>) {
        assert!((0..=Self::NEWEST).contains(&version), "{} has no version {version}", Self::NAME);
        let mut writer = Writer { out: std::mem::take(out), version, flexible: false };
        self.write(&mut writer);
        *out = writer.out;
    }
}
