//! From a TOML tree to typed tables: strict, and all mistakes at once.
//!
//! One declaration per table ([`tables!`]) makes its struct, its documentation, the code that reads
//! it, and its part of the JSON schema.

mod for_run;
mod leaf;
mod node;
mod shape;

pub(super) use for_run::ForRun;
pub(super) use leaf::*;
pub(super) use node::{Node, parse};
pub(super) use shape::{Field, Shape, json_schema};

use super::diagnostic::Diagnostic;
use super::span::{Span, Spanned};
use crate::config::{Domain, nearest};
use crate::ids::Name;

/// Takes what is wrong while a file is read.
#[derive(Debug)]
pub(super) struct Reader<'s> {
    /// The file's text: spans point into it.
    pub(super) text: &'s str,
    /// What was wrong so far.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// How many keys of records may still be made up.
    pub(super) keys_left: usize,
}

/// More mistakes than anybody reads; what comes after is not told.
const MOST: usize = 1_000;

impl<'s> Reader<'s> {
    pub(super) fn new(text: &'s str) -> Self {
        Self { text, diagnostics: Vec::new(), keys_left: crate::scenario::limits::KEYS }
    }

    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        if !self.is_full() {
            self.diagnostics.push(diagnostic);
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.diagnostics.len() >= MOST
    }

    pub(super) fn error(&mut self, span: &Span, message: impl Into<String>) {
        self.push(Diagnostic::error(span.clone(), message));
    }

    pub(super) fn error_with(
        &mut self,
        span: &Span,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push(Diagnostic::error(span.clone(), message).hint(hint));
    }

    /// Complains that a table lacks a key.
    pub(super) fn missing(&mut self, table: &Span, key: &str, title: &str) {
        let message = format!("`{key}` is missing in {title}");
        self.push(if table.is_empty() {
            Diagnostic::about_the_file(message)
        } else {
            Diagnostic::error(table.clone(), message)
        });
    }

    /// Complains that something else was expected.
    fn mismatch(&mut self, found: &Spanned<Node>, expected: &str) {
        let message = format!("expected {expected}, found {}", found.kind());
        self.error(&found.span, message);
    }
}

/// Something that a file can hold.
pub(super) trait Read: Sized {
    /// What it looks like, for the schema.
    fn shape() -> Shape;

    /// Reads it; none after a complaint.
    fn read(node: &Spanned<Node>, reader: &mut Reader<'_>) -> Option<Self>;

    /// What it is where it is not written; none where it must be.
    fn absent() -> Option<Self> {
        None
    }
}

impl<T: Read> Read for Option<T> {
    fn shape() -> Shape {
        T::shape()
    }

    fn read(node: &Spanned<Node>, reader: &mut Reader<'_>) -> Option<Self> {
        T::read(node, reader).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Read> Read for Spanned<T> {
    fn shape() -> Shape {
        T::shape()
    }

    fn read(node: &Spanned<Node>, reader: &mut Reader<'_>) -> Option<Self> {
        T::read(node, reader).map(|value| Self::new(value, node.span.clone()))
    }
}

impl<T: Read> Read for Box<T> {
    fn shape() -> Shape {
        T::shape()
    }

    fn read(node: &Spanned<Node>, reader: &mut Reader<'_>) -> Option<Self> {
        T::read(node, reader).map(Self::new)
    }
}

/// An array; what is wrong in it is left out.
impl<T: Read> Read for Vec<T> {
    fn shape() -> Shape {
        Shape::List(Box::new(T::shape()))
    }

    fn read(node: &Spanned<Node>, reader: &mut Reader<'_>) -> Option<Self> {
        let Node::List(items) = &node.value else {
            reader.mismatch(node, "an array");
            return None;
        };
        let mut values = Vec::new();
        for item in items {
            if reader.is_full() {
                break;
            }
            values.extend(T::read(item, reader));
        }
        Some(values)
    }

    fn absent() -> Option<Self> {
        Some(Vec::new())
    }
}

/// One value, or an array of them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct OneOrMore<T>(pub(super) Vec<T>);

impl<T: Read> Read for OneOrMore<T> {
    fn shape() -> Shape {
        Shape::Either(vec![T::shape(), Shape::List(Box::new(T::shape()))])
    }

    fn read(node: &Spanned<Node>, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Node::List(_) => Vec::read(node, reader).map(Self),
            _ => T::read(node, reader).map(|one| Self(vec![one])),
        }
    }

    fn absent() -> Option<Self> {
        Some(Self(Vec::new()))
    }
}

impl<T> std::ops::Deref for OneOrMore<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

/// Tables by name, in the order of the file. A name stays although its table could not be read: what
/// refers to it is not wrong.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Named<T>(pub(super) Vec<(Spanned<Name>, Option<T>)>);

impl<T: Read> Read for Named<T> {
    fn shape() -> Shape {
        Shape::Named(Box::new(T::shape()))
    }

    fn read(node: &Spanned<Node>, reader: &mut Reader<'_>) -> Option<Self> {
        let Node::Table(entries) = &node.value else {
            reader.mismatch(node, "a table of names");
            return None;
        };
        let mut tables = Vec::new();
        for (name, value) in entries {
            tables.push((name.clone(), T::read(value, reader)));
        }
        Some(Self(tables))
    }

    fn absent() -> Option<Self> {
        Some(Self(Vec::new()))
    }
}

impl<T> Named<T> {
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Spanned<Name>, &T)> {
        self.0.iter().filter_map(|(name, table)| Some((name, table.as_ref()?)))
    }
}

/// Complains about a key that a table does not have.
pub(super) fn unknown_key(
    key: &Spanned<Name>,
    value: &Spanned<Node>,
    table: &str,
    fields: &[Field],
    reader: &mut Reader<'_>,
) {
    if reader.is_full() {
        return;
    }
    // `retention.ms = 5` is a table to TOML.
    let (mut name, mut inner) = (key.value.to_string(), &value.value);
    while let Node::Table(entries) = inner
        && let [(key, value)] = entries.as_slice()
    {
        name = format!("{name}.{}", key.value);
        inner = &value.value;
    }
    let is_setting = [Domain::Broker, Domain::Topic, Domain::Producer, Domain::Consumer]
        .into_iter()
        .any(|domain| domain.definition(&name).is_ok());
    let takes_settings = fields.iter().any(|field| field.name == "config");
    let (name, hint) = if is_setting && takes_settings {
        let hint = format!("settings of Kafka go into `config`: config = {{ \"{name}\" = … }}");
        (name, hint)
    } else {
        let names: Vec<_> = fields.iter().map(|field| field.name).collect();
        let hint = nearest(key, names.iter().copied()).map_or_else(
            || format!("there are {}", names.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        (key.value.to_string(), hint)
    };
    reader.error_with(&key.span, format!("unknown key `{name}` in {table}"), hint);
}

/// Declares tables of the file: `field: Type = "key";`, in the order in which they are documented.
macro_rules! tables {
    ($(
        $(#[doc = $about:literal])+
        $table:ident $title:literal {
            $($(#[doc = $doc:literal])+ $field:ident: $type:ty = $key:literal;)*
        }
    )+) => {$(
        $(#[doc = $about])+
        #[derive(Clone, Debug, PartialEq)]
        pub(super) struct $table {
            $($(#[doc = $doc])+ pub(super) $field: $type,)*
            /// Where the table stands.
            pub(super) at: $crate::scenario::span::Span,
            /// Nothing in it was wrong.
            pub(super) whole: bool,
        }

        impl $crate::scenario::read::Read for $table {
            fn shape() -> $crate::scenario::read::Shape {
                $crate::scenario::read::Shape::Table {
                    about: concat!($($about),+),
                    fields: vec![$($crate::scenario::read::Field {
                        name: $key,
                        about: concat!($($doc),+),
                        required: <$type as $crate::scenario::read::Read>::absent().is_none(),
                        shape: <$type as $crate::scenario::read::Read>::shape,
                    },)*],
                }
            }

            fn read(
                node: &$crate::scenario::span::Spanned<$crate::scenario::read::Node>,
                reader: &mut $crate::scenario::read::Reader<'_>,
            ) -> Option<Self> {
                let $crate::scenario::read::Node::Table(entries) = &node.value else {
                    let message = format!("expected {}, found {}", $title, node.kind());
                    reader.error(&node.span, message);
                    return None;
                };
                let before = reader.diagnostics.len();
                // Outer: was it written? Inner: could it be read?
                $(let mut $field: Option<Option<$type>> = None;)*
                for (key, value) in entries {
                    match &*key.value {
                        $($key => {
                            $field = Some($crate::scenario::read::Read::read(value, reader));
                        })*
                        _ => {
                            let $crate::scenario::read::Shape::Table { fields, .. } = Self::shape() else {
                                unreachable!("a table is a table")
                            };
                            $crate::scenario::read::unknown_key(key, value, $title, &fields, reader);
                        }
                    }
                }
                $(
                    let $field = match $field {
                        Some(Some(value)) => Some(value),
                        // A complaint has been made; go on as if it were not there.
                        Some(None) => <$type as $crate::scenario::read::Read>::absent(),
                        None => {
                            let absent = <$type as $crate::scenario::read::Read>::absent();
                            if absent.is_none() {
                                reader.missing(&node.span, $key, $title);
                            }
                            absent
                        }
                    };
                )*
                Some(Self {
                    $($field: $field?,)*
                    at: node.span.clone(),
                    whole: reader.diagnostics.len() == before && !reader.is_full(),
                })
            }
        }
    )+};
}

pub(super) use tables;
