//! A TOML document as a tree that keeps the order of the file.

use toml::de::{DeTable, DeValue};

use crate::ids::Name;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::span::Spanned;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    /// A string.
    Text(String),
    /// A whole number, in decimal.
    Integer(String),
    /// A number with a fraction, as it is written.
    Float(String),
    /// True or false.
    Boolean(bool),
    /// A date, a time or both, as it is written.
    Datetime(String),
    /// An array.
    List(Vec<Spanned<Node>>),
    /// A table, in the order of the file.
    Table(Vec<(Spanned<Name>, Spanned<Node>)>),
}

/// Files larger than this have their first mistake told only: each takes memory.
const LARGE: usize = 1 << 20;

/// Reads TOML as far as it goes, and lists where it does not.
pub(crate) fn parse(text: &str) -> (Spanned<Node>, Vec<Diagnostic>) {
    let (table, errors) = if text.len() <= LARGE {
        DeTable::parse_recoverable(text)
    } else {
        match DeTable::parse(text) {
            Ok(table) => (table, Vec::new()),
            Err(error) => (toml::Spanned::new(0..0, DeTable::new()), vec![error]),
        }
    };
    let diagnostics = errors.iter().map(|error| {
        let span = error.span().unwrap_or(0..0);
        Diagnostic::error(span, error.message().replace("recursion limit", "nested too deeply"))
    });
    (Spanned::new(table_node(table.get_ref()), 0..0), diagnostics.collect())
}

fn table_node(table: &DeTable<'_>) -> Node {
    let mut entries: Vec<_> = table
        .iter()
        .map(|(key, value)| {
            let key = Spanned::new(Name::from(&**key.get_ref()), key.span());
            (key, Spanned::new(node(value.get_ref()), value.span()))
        })
        .collect();
    entries.sort_by_key(|(key, _)| key.span.start);
    Node::Table(entries)
}

fn node(value: &DeValue<'_>) -> Node {
    match value {
        DeValue::String(text) => Node::Text(text.to_string()),
        DeValue::Integer(integer) => Node::Integer(
            i128::from_str_radix(integer.as_str(), integer.radix())
                .map_or_else(|_| integer.as_str().to_owned(), |number| number.to_string()),
        ),
        DeValue::Float(float) => Node::Float(float.as_str().to_owned()),
        DeValue::Boolean(boolean) => Node::Boolean(*boolean),
        DeValue::Datetime(datetime) => Node::Datetime(datetime.to_string()),
        DeValue::Array(items) => Node::List(
            items.iter().map(|item| Spanned::new(node(item.get_ref()), item.span())).collect(),
        ),
        DeValue::Table(table) => table_node(table),
    }
}

impl Node {
    /// What kind of value it is, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Integer(_) => "a number",
            Self::Float(_) => "a number with a fraction",
            Self::Boolean(_) => "true or false",
            Self::Datetime(_) => "a date or time",
            Self::List(_) => "an array",
            Self::Table(_) => "a table",
        }
    }

    /// How a single value is written in a configuration file: `5`, `true`, `a,b`.
    pub(crate) fn plain(&self) -> Option<String> {
        match self {
            Self::Text(text) | Self::Integer(text) | Self::Float(text) => Some(text.clone()),
            Self::Boolean(boolean) => Some(boolean.to_string()),
            Self::List(items) => {
                let items: Option<Vec<_>> = items.iter().map(|item| item.plain()).collect();
                items.map(|items| items.join(","))
            }
            Self::Datetime(_) | Self::Table(_) => None,
        }
    }
}
