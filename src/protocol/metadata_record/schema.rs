//! The list that defines a record: its fields, with the versions that have them.
//!
//! In Kafka this is generated code. Unknown tagged fields are skipped, not kept.

/// Defines structs with their codec and their JSON form. A struct names its newest version; a field
/// is `name: type [= default], versions [, tag n];`.
macro_rules! schema {
    ($(
        $(#[$meta:meta])*
        pub struct $name:ident($newest:literal) {
            $(
                $(#[$field_meta:meta])*
                $field:ident: $ty:ty $(= $default:expr)?, $versions:expr $(, tag $tag:literal)?;
            )*
        }
    )*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $ty,)*
        }

        #[allow(clippy::derivable_impls, reason = "some structs have defaults of their own")]
        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $crate::protocol::metadata_record::schema::schema!(
                    @default $($default)?
                ),)* }
            }
        }

        impl $name {
            /// The newest version; the oldest is 0.
            pub const NEWEST: i16 = $newest;
        }

        impl $crate::protocol::metadata_record::codec::Field for $name {
            fn read(
                reader: &mut $crate::protocol::metadata_record::codec::Reader<'_>,
            ) -> Result<Self, $crate::protocol::metadata_record::codec::DecodeError> {
                #[allow(unused_mut, reason = "some structs have no fields")]
                let mut message = Self::default();
                $($crate::protocol::metadata_record::schema::schema!(
                    @read message reader $field $versions $(, $tag)?
                );)*
                for _ in 0..reader.unsigned_varint()? {
                    let tag = reader.unsigned_varint()?;
                    let length = reader.unsigned_varint()? as usize;
                    let mut inner = reader.apart(length)?;
                    $($crate::protocol::metadata_record::schema::schema!(
                        @read_tagged message inner tag $field $versions $(, $tag)?
                    );)*
                    // A tag that this version does not know is skipped.
                    let _ = (tag, &mut inner);
                }
                Ok(message)
            }

            fn write(&self, out: &mut Vec<u8>, version: i16) {
                #[allow(unused_mut, reason = "most structs have no tagged fields")]
                let mut tagged: Vec<(u32, Vec<u8>)> = Vec::new();
                $($crate::protocol::metadata_record::schema::schema!(
                    @write self out tagged version $name $field $versions,
                    $crate::protocol::metadata_record::schema::schema!(@default $($default)?)
                    $(, $tag)?
                );)*
                tagged.sort_by_key(|(tag, _)| *tag);
                $crate::protocol::metadata_record::codec::put_tagged(out, &tagged);
                // A struct without fields has no version to look at.
                let _ = version;
            }
        }
    )*};

    (@default) => { Default::default() };
    (@default $default:expr) => { $default };

    (@read $message:ident $reader:ident $field:ident $versions:expr) => {
        if ($versions).contains(&$reader.version) {
            $message.$field = $crate::protocol::metadata_record::codec::Field::read($reader)?;
        }
    };
    (@read $message:ident $reader:ident $field:ident $versions:expr, $tag:literal) => {};

    (@read_tagged $message:ident $inner:ident $seen:ident $field:ident $versions:expr) => {};
    (@read_tagged $message:ident $inner:ident $seen:ident $field:ident $versions:expr, $tag:literal) => {
        if $seen == $tag && ($versions).contains(&$inner.version) {
            $message.$field = $crate::protocol::metadata_record::codec::Field::read(&mut $inner)?;
        }
    };

    (@write $self:ident $out:ident $tagged:ident $version:ident $name:ident
        $field:ident $versions:expr, $default:expr) => {
        if ($versions).contains(&$version) {
            $crate::protocol::metadata_record::codec::Field::write(&$self.$field, $out, $version);
        } else {
            $crate::protocol::metadata_record::schema::schema!(
                @absent $self $version $name $field $default
            );
        }
    };
    (@write $self:ident $out:ident $tagged:ident $version:ident $name:ident
        $field:ident $versions:expr, $default:expr, $tag:literal) => {
        if !($versions).contains(&$version) {
            $crate::protocol::metadata_record::schema::schema!(
                @absent $self $version $name $field $default
            );
        } else if !$crate::protocol::metadata_record::codec::same(&$self.$field, &$default) {
            // A tagged field at its default is not written.
            let mut bytes = Vec::new();
            $crate::protocol::metadata_record::codec::Field::write(
                &$self.$field, &mut bytes, $version
            );
            $tagged.push(($tag, bytes));
        }
    };

    (@absent $self:ident $version:ident $name:ident $field:ident $default:expr) => {
        assert!(
            $crate::protocol::metadata_record::codec::same(&$self.$field, &$default),
            concat!(stringify!($name), " version {} has no field ", stringify!($field)),
            $version
        );
    };
}
pub(crate) use schema;
