//! The types that a field can have.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Buf, Bytes};
use serde::{Serialize, Serializer};

use super::{Field, Nullable, Reader, SchemaError, Writer};
use crate::ids::{Name, Uuid};

/// Fields of a fixed number of bytes, big-endian.
macro_rules! fixed {
    ($($ty:ty),*) => {$(
        impl Field for $ty {
            fn read(reader: &mut Reader) -> Result<Self, SchemaError> {
                let bytes = reader.take(size_of::<Self>())?;
                Ok(Self::from_be_bytes(bytes.as_ref().try_into().expect("as many as were taken")))
            }
            fn write(&self, writer: &mut Writer) {
                writer.out.extend_from_slice(&self.to_be_bytes());
            }
        }
    )*};
}
fixed!(u8, i8, i16, u16, i32, u32, i64);

impl Field for bool {
    fn read(reader: &mut Reader) -> Result<Self, SchemaError> {
        Ok(u8::read(reader)? != 0)
    }
    fn write(&self, writer: &mut Writer) {
        writer.out.push((*self).into());
    }
}

impl Field for Uuid {
    fn read(reader: &mut Reader) -> Result<Self, SchemaError> {
        Ok(Self(reader.take(16)?.get_u128()))
    }
    fn write(&self, writer: &mut Writer) {
        writer.out.extend_from_slice(&self.to_bytes());
    }
}

impl Nullable for Name {
    fn read_nullable(reader: &mut Reader) -> Result<Option<Self>, SchemaError> {
        let Some(length) = reader.length(true)? else { return Ok(None) };
        let bytes = reader.take(length)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| SchemaError::NotUtf8)?;
        Ok(Some(text.into()))
    }
    fn write_nullable(value: Option<&Self>, writer: &mut Writer) {
        writer.length(value.map(|text| text.len()), true);
        writer.out.extend_from_slice(value.map_or(&[], |text| text.as_bytes()));
    }
}

impl Nullable for Bytes {
    fn read_nullable(reader: &mut Reader) -> Result<Option<Self>, SchemaError> {
        let Some(length) = reader.length(false)? else { return Ok(None) };
        reader.take(length).map(Some)
    }
    fn write_nullable(value: Option<&Self>, writer: &mut Writer) {
        writer.length(value.map(Self::len), false);
        writer.out.extend_from_slice(value.map_or(&[], |bytes| bytes));
    }
}

impl<T: Field> Nullable for Vec<T> {
    fn read_nullable(reader: &mut Reader) -> Result<Option<Self>, SchemaError> {
        let Some(length) = reader.length(false)? else { return Ok(None) };
        // Every element takes a byte at least, so a wrong length cannot make us allocate much.
        let mut elements = Self::with_capacity(length.min(reader.remaining()));
        for _ in 0..length {
            elements.push(T::read(reader)?);
        }
        Ok(Some(elements))
    }
    fn write_nullable(value: Option<&Self>, writer: &mut Writer) {
        writer.length(value.map(Self::len), false);
        for element in value.into_iter().flatten() {
            element.write(writer);
        }
    }
}

/// The same types where null is not allowed.
macro_rules! not_null {
    ($([$($generic:tt)*] $ty:ty),*) => {$(
        impl<$($generic)*> Field for $ty {
            fn read(reader: &mut Reader) -> Result<Self, SchemaError> {
                Self::read_nullable(reader)?.ok_or(SchemaError::Null)
            }
            fn write(&self, writer: &mut Writer) {
                Self::write_nullable(Some(self), writer);
            }
        }
    )*};
}
not_null!([] Name, [] Bytes, [T: Field] Vec<T>);

impl<T: Nullable> Field for Option<T> {
    fn read(reader: &mut Reader) -> Result<Self, SchemaError> {
        T::read_nullable(reader)
    }
    fn write(&self, writer: &mut Writer) {
        T::write_nullable(self.as_ref(), writer);
    }
    fn read_tagged(reader: &mut Reader) -> Result<Self, SchemaError> {
        T::read_nullable_tagged(reader)
    }
    fn write_tagged(&self, writer: &mut Writer) {
        T::write_nullable_tagged(self.as_ref(), writer);
    }
}

/// Bytes as Kafka's JSON shows them: base64 with padding.
///
/// # Errors
/// Those of `serializer`.
pub fn base64<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    base64_text(bytes).serialize(serializer)
}

/// The same for bytes that may be null.
///
/// # Errors
/// Those of `serializer`.
pub fn base64_or_null<S: Serializer>(
    bytes: &Option<Bytes>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    bytes.as_ref().map(base64_text).serialize(serializer)
}

fn base64_text(bytes: &Bytes) -> String {
    STANDARD.encode(bytes)
}
