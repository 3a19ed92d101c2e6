//! The macro that makes structs and their codec from lists of fields.

/// Defines structs with their codec. A field is `name: type [= default], versions [, tag n];`, and
/// a struct names its newest version and the first flexible one (none: never flexible).
macro_rules! schema {
    ($(
        $(#[$meta:meta])*
        $vis:vis struct $name:ident($newest:literal $(, flexible $flexible:literal)?) {
            $(
                $(#[$field_meta:meta])*
                $field:ident: $ty:ty $(= $default:expr)?, $versions:expr $(, tag $tag:literal)?;
            )*
        }
    )*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        $vis struct $name {
            $($(#[$field_meta])* pub $field: $ty,)*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $crate::protocol::schema::schema!(@default $($default)?),)* }
            }
        }

        impl $crate::protocol::schema::Message for $name {
            const NAME: &'static str = stringify!($name);
            const NEWEST: i16 = $newest;
        }

        impl $crate::protocol::schema::Field for $name {
            fn read(
                reader: &mut $crate::protocol::schema::Reader,
            ) -> Result<Self, $crate::protocol::schema::SchemaError> {
                let outer = reader.flexible;
                $(reader.flexible = reader.version >= $flexible;)?
                let mut message = Self::default();
                $($crate::protocol::schema::schema!(
                    @read message reader $field $versions $(, $tag)?
                );)*
                if reader.flexible {
                    for _ in 0..reader.unsigned_varint()? {
                        let tag = reader.unsigned_varint()?;
                        let length = reader.unsigned_varint()? as usize;
                        let mut inner = reader.apart(length)?;
                        $($crate::protocol::schema::schema!(
                            @read_tagged message inner tag $field $versions $(, $tag)?
                        );)*
                        // A tag that this version does not know is skipped.
                        let _ = (tag, &mut inner);
                    }
                }
                reader.flexible = outer;
                Ok(message)
            }

            fn write(&self, writer: &mut $crate::protocol::schema::Writer) {
                let outer = writer.flexible;
                $(writer.flexible = writer.version >= $flexible;)?
                $($crate::protocol::schema::schema!(
                    @write self writer $field $versions $(, $tag)?
                );)*
                if writer.flexible {
                    #[allow(unused_mut, reason = "most structs have no tagged fields")]
                    let mut tagged: Vec<(u32, Vec<u8>)> = Vec::new();
                    $($crate::protocol::schema::schema!(
                        @write_tagged self writer tagged $field $versions,
                        $crate::protocol::schema::schema!(@default $($default)?) $(, $tag)?
                    );)*
                    tagged.sort_by_key(|(tag, _)| *tag);
                    writer.tagged_fields(&tagged);
                }
                writer.flexible = outer;
            }
        }

        impl $crate::protocol::schema::Nullable for $name {
            fn read_nullable(
                reader: &mut $crate::protocol::schema::Reader,
            ) -> Result<Option<Self>, $crate::protocol::schema::SchemaError> {
                use $crate::protocol::schema::{Field, SchemaError};
                match i8::read(reader)? {
                    -1 => Ok(None),
                    1 => Self::read(reader).map(Some),
                    other => Err(SchemaError::BadLength(other.into())),
                }
            }
            fn write_nullable(
                value: Option<&Self>,
                writer: &mut $crate::protocol::schema::Writer,
            ) {
                use $crate::protocol::schema::Field;
                match value {
                    None => (-1_i8).write(writer),
                    Some(value) => {
                        1_i8.write(writer);
                        value.write(writer);
                    }
                }
            }
            fn read_nullable_tagged(
                reader: &mut $crate::protocol::schema::Reader,
            ) -> Result<Option<Self>, $crate::protocol::schema::SchemaError> {
                use $crate::protocol::schema::Field;
                if reader.unsigned_varint()? == 0 {
                    return Ok(None);
                }
                Self::read(reader).map(Some)
            }
            fn write_nullable_tagged(
                value: Option<&Self>,
                writer: &mut $crate::protocol::schema::Writer,
            ) {
                use $crate::protocol::schema::Field;
                writer.unsigned_varint(value.is_some().into());
                if let Some(value) = value {
                    value.write(writer);
                }
            }
        }
    )*};

    (@default) => { Default::default() };
    (@default $default:expr) => { $default };

    (@read $message:ident $reader:ident $field:ident $versions:expr) => {
        if ($versions).contains(&$reader.version) {
            $message.$field = $crate::protocol::schema::Field::read($reader)?;
        }
    };
    (@read $message:ident $reader:ident $field:ident $versions:expr, $tag:literal) => {};

    (@read_tagged $message:ident $inner:ident $seen:ident $field:ident $versions:expr) => {};
    (@read_tagged $message:ident $inner:ident $seen:ident $field:ident $versions:expr, $tag:literal) => {
        if $seen == $tag && ($versions).contains(&$inner.version) {
            $message.$field = $crate::protocol::schema::Field::read_tagged(&mut $inner)?;
        }
    };

    (@write $self:ident $writer:ident $field:ident $versions:expr) => {
        if ($versions).contains(&$writer.version) {
            $crate::protocol::schema::Field::write(&$self.$field, $writer);
        }
    };
    (@write $self:ident $writer:ident $field:ident $versions:expr, $tag:literal) => {};

    (@write_tagged $self:ident $writer:ident $tagged:ident $field:ident $versions:expr, $default:expr) => {};
    (@write_tagged $self:ident $writer:ident $tagged:ident $field:ident $versions:expr, $default:expr, $tag:literal) => {
        // A tagged field at its default is not written.
        if ($versions).contains(&$writer.version)
            && $crate::protocol::schema::differs(&$self.$field, &$default)
        {
            $tagged.push(($tag, $writer.apart(&$self.$field)));
        }
    };
}
pub(crate) use schema;

/// Whether a tagged field has to be written.
pub(crate) fn differs<T: PartialEq>(value: &T, default: &T) -> bool {
    value != default
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::super::{Message, SchemaError};
    use crate::ids::Name;

    schema! {
        /// A point.
        struct Inner(1, flexible 1) {
            /// Where.
            x: i32, 0..;
        }

        /// One of each.
        struct Sample(1, flexible 1) {
            /// A name.
            name: Option<Name>, 0..;
            /// Points.
            points: Vec<Inner>, 1..;
            /// A tagged one.
            late: i64 = -1, 1.., tag 3;
        }
    }

    #[test]
    fn a_message_survives_every_version_that_has_its_fields() {
        let sample = Sample { name: Some("kq".into()), points: vec![Inner { x: 7 }], late: 5 };
        let mut bytes = Vec::new();
        sample.encode(1, &mut bytes);
        assert_eq!(bytes, [3, b'k', b'q', 2, 0, 0, 0, 7, 0, 1, 3, 8, 0, 0, 0, 0, 0, 0, 0, 5]);
        assert_eq!(Sample::decode(bytes.into(), 1), Ok(sample.clone()));

        let mut bytes = Vec::new();
        sample.encode(0, &mut bytes);
        assert_eq!(bytes, [0, 2, b'k', b'q']);
        let old = Sample { points: Vec::new(), late: -1, ..sample };
        assert_eq!(Sample::decode(bytes.into(), 0), Ok(old));
    }

    #[test]
    fn what_is_no_message_is_an_error_and_no_panic() {
        let decode = |bytes: &'static [u8]| Sample::decode(Bytes::from_static(bytes), 1);
        assert_eq!(decode(&[3, b'k']), Err(SchemaError::Truncated));
        assert_eq!(decode(&[2, 0xff, 1, 0]), Err(SchemaError::NotUtf8));
        assert_eq!(decode(&[0, 0, 0]), Err(SchemaError::Null));
        assert_eq!(decode(&[0xff; 9]), Err(SchemaError::BadLength(0xffff_ffff)));
        let unknown = SchemaError::UnknownVersion { what: "Sample", version: 2 };
        assert_eq!(Sample::decode(Bytes::new(), 2), Err(unknown));
        // An unknown tag is no error.
        assert_eq!(decode(&[0, 1, 1, 9, 1, 0]), Ok(Sample::default()));
    }
}
