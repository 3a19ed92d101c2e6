//! Values of a run, and expressions that give them.

use std::fmt;

use super::function::Function;
use crate::explain::Lang;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::sim::Duration;

/// What a function gives, or a name stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Nothing: a partition without leader, an offset nobody committed.
    None,
    /// True or false.
    Bool(bool),
    /// A number.
    Number(i64),
    /// A span of time.
    Span(Duration),
    /// A state.
    State(Name),
    /// The name of an error.
    Error(Name),
    /// A broker.
    Broker(BrokerId),
    /// A controller that is no broker, by its number from 1.
    Controller(u32),
    /// A consumer.
    Consumer {
        /// Its group.
        group: Name,
        /// Its name in the group.
        member: Name,
    },
    /// A producer.
    Producer(Name),
    /// A group.
    Group(Name),
    /// A topic.
    Topic(Name),
    /// A partition.
    Partition(TopicPartition),
    /// Several.
    List(Vec<Value>),
}

impl Value {
    /// What is true; anything but `true` is not.
    pub fn is_true(&self) -> bool {
        *self == Self::Bool(true)
    }

    /// Each of a list, or the one.
    pub fn each(&self) -> &[Self] {
        match self {
            Self::List(values) => values,
            Self::None => &[],
            one => std::slice::from_ref(one),
        }
    }

    /// As it is told to people. A list says how many first: the question may have been that.
    pub fn told_in(&self, lang: Lang) -> String {
        match self {
            Self::None => lang.pick("none", "无").to_owned(),
            Self::Bool(true) => lang.pick("yes", "是").to_owned(),
            Self::Bool(false) => lang.pick("no", "否").to_owned(),
            Self::List(all) if all.is_empty() => lang.pick("0", "0 个").to_owned(),
            Self::List(all) => {
                let each: Vec<String> = all.iter().map(|one| one.told_in(lang)).collect();
                let count = all.len();
                lang.pick(
                    format!("{count}: {}", each.join(", ")),
                    format!("{count} 个：{}", each.join("、")),
                )
            }
            Self::Span(span) if !span.as_nanos().is_multiple_of(1_000_000) => rounded(*span),
            one => one.to_string(),
        }
    }
}

/// A span of time as people say it, with three digits.
pub(in crate::scenario) fn rounded(span: Duration) -> String {
    let nanos = span.as_nanos();
    let (unit, size) = [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000)]
        .into_iter()
        .find(|(_, size)| nanos >= *size)
        .unwrap_or(("ns", 1));
    let thousandths = u128::from(nanos) * 1_000 / u128::from(size);
    let (whole, rest) = (thousandths / 1_000, thousandths % 1_000);
    match (size, whole) {
        (1, _) | (_, 100..) => format!("{whole} {unit}"),
        (_, 10..) => format!("{whole}.{} {unit}", rest / 100),
        _ => format!("{whole}.{:02} {unit}", rest / 10),
    }
}

impl serde::Serialize for Value {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.pad("none"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value}"),
            Self::Span(value) => write!(f, "{value}"),
            Self::Broker(id) => write!(f, "broker-{id}"),
            Self::Controller(number) => write!(f, "controller-{number}"),
            Self::Consumer { member, .. } => f.pad(member),
            Self::Partition(partition) => write!(f, "{partition}"),
            Self::State(name)
            | Self::Error(name)
            | Self::Producer(name)
            | Self::Group(name)
            | Self::Topic(name) => f.pad(name),
            Self::List(values) => {
                f.write_str("[")?;
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{value}")?;
                }
                f.write_str("]")
            }
        }
    }
}

/// A run that can be asked.
pub trait Values {
    /// What `function` gives now. The arguments are of the kinds that its row says; what was left
    /// out is missing at the end.
    fn call(&self, function: Function, arguments: &[Value]) -> Value;

    /// How many there are in the list that `function` gives now, if that is known without the list.
    fn count(&self, _function: Function, _arguments: &[Value]) -> Option<usize> {
        None
    }

    /// What a step called by this name.
    fn label(&self, name: &str) -> Value;
}

/// A value that is looked up when it is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// Always the same.
    Value(Value),
    /// What a step called so.
    Label(Name),
    /// What a function gives.
    Call(Function, Vec<Expr>),
    /// Several.
    List(Vec<Expr>),
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, all: &[Self]| {
            for (index, one) in all.iter().enumerate() {
                write!(f, "{}{one}", if index > 0 { ", " } else { "" })?;
            }
            Ok(())
        };
        match self {
            Self::Value(value) => write!(f, "{value}"),
            Self::Label(name) => f.pad(name),
            Self::Call(function, arguments) => {
                f.write_str(function.row().name)?;
                if arguments.is_empty() {
                    return Ok(());
                }
                f.write_str("(")?;
                list(f, arguments)?;
                f.write_str(")")
            }
            Self::List(all) => {
                f.write_str("[")?;
                list(f, all)?;
                f.write_str("]")
            }
        }
    }
}

impl Expr {
    /// True if it asks a function for which `is_one` holds.
    pub(super) fn asks(&self, is_one: &impl Fn(Function) -> bool) -> bool {
        match self {
            Self::Value(_) | Self::Label(_) => false,
            Self::Call(function, all) => {
                is_one(*function) || all.iter().any(|one| one.asks(is_one))
            }
            Self::List(all) => all.iter().any(|one| one.asks(is_one)),
        }
    }

    /// Its value now.
    pub fn value(&self, values: &impl Values) -> Value {
        match self {
            Self::Value(value) => value.clone(),
            Self::Label(name) => values.label(name),
            Self::Call(function, arguments) => match all(arguments, values) {
                Some(arguments) => values.call(*function, &arguments),
                None => Value::None,
            },
            Self::List(items) => Value::List(items.iter().map(|item| item.value(values)).collect()),
        }
    }

    /// Its value now; of a list perhaps only how many it has.
    pub(super) fn value_or_count(&self, values: &impl Values) -> Value {
        if let Self::Call(function, arguments) = self
            && let Some(arguments) = all(arguments, values)
            && let Some(count) = values.count(*function, &arguments)
        {
            return Value::Number(count as i64);
        }
        self.value(values)
    }
}

/// The arguments of a function; none if one stands for nothing. What stands for nothing has nothing
/// either: `leo(kq-0, leader(kq-0))`.
fn all(arguments: &[Expr], values: &impl Values) -> Option<Vec<Value>> {
    let arguments: Vec<_> = arguments.iter().map(|argument| argument.value(values)).collect();
    (!arguments.contains(&Value::None)).then_some(arguments)
}

/// What a selection stands for now: every process once, in the order of the selection.
pub fn select(targets: &[Expr], values: &impl Values) -> Vec<Value> {
    let mut selected = Vec::new();
    for target in targets {
        for value in target.value(values).each() {
            if !selected.contains(value) {
                selected.push(value.clone());
            }
        }
    }
    selected
}
