//! A line as it was written: what it names is not looked up yet.
//!
//! Everything prints in one canonical way, which reads back to the same.

use std::fmt;

use super::grammar::{Part, Production, Slot};
use super::lexer::quote;
use crate::ids::Name;
use crate::scenario::span::{Span, Spanned};
use crate::sim::{Duration, Instant};

/// What can be typed at the prompt.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// One of Kafka's own tools with its arguments: `kafka-topics --describe --topic kq`.
    Foreign(Vec<Name>),
    /// A command.
    Command {
        /// Which one.
        production: &'static Production,
        /// What its places were filled with.
        arguments: Vec<Arg>,
        /// How long it lasts before it is undone.
        lasting: Option<Duration>,
    },
}

/// What fills a place of a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    /// One of several keywords.
    Keyword(&'static str),
    /// A selection: one thing or `{several}`.
    Set(Vec<Spanned<Operand>>),
    /// A name.
    Name(Spanned<Reference>),
    /// A setting's value, or another free word.
    Word(Spanned<Name>),
    /// A text.
    Text(Name),
    /// A number.
    Number(Spanned<i64>),
    /// A span of time.
    Span(Duration),
    /// A moment.
    Instant(Instant),
    /// How many times as long.
    Factor(u32),
    /// So many per so long.
    Rate(Rate),
    /// Brokers in order: `[2, 3]`.
    List(Vec<Spanned<Operand>>),
    /// A condition.
    Condition(Cond),
    /// An optional part that is not there.
    Absent,
    /// An optional part that is there.
    Present(Vec<Arg>),
    /// A part that may come several times.
    Repeated(Vec<Vec<Arg>>),
}

/// So many records per so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: u64,
    /// Per how long.
    pub per: Duration,
}

/// A name: `kq`, `kq-0`, `broker-1`; or one inside another: `kq/0`, `checkout/c1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The name, or the outer one.
    pub first: Name,
    /// The inner one.
    pub second: Option<Name>,
}

/// A value as it is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// A name, a state, or a function without arguments.
    Name(Reference),
    /// A function with arguments.
    Call {
        /// Its name.
        name: Spanned<Name>,
        /// Its arguments.
        arguments: Vec<Spanned<Operand>>,
    },
    /// A number.
    Number(i64),
    /// A span of time.
    Span(Duration),
    /// Several values.
    List(Vec<Spanned<Operand>>),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumIter)]
pub enum Operator {
    /// They are the same.
    Equal,
    /// They are not.
    NotEqual,
    /// The left one is less.
    Less,
    /// The left one is not more.
    LessOrEqual,
    /// The left one is more.
    Greater,
    /// The left one is not less.
    GreaterOrEqual,
    /// The left list has the right value, or all of the right list.
    Includes,
    /// The right list has the left value.
    In,
}

/// A condition as it is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Cond {
    /// One of them holds; two at least.
    Or(Vec<Cond>),
    /// All of them hold; two at least.
    And(Vec<Cond>),
    /// It does not hold.
    Not(Box<Cond>),
    /// A value is true.
    Value(Spanned<Operand>),
    /// Two values compare so.
    Compare(Spanned<Operand>, Spanned<Operator>, Spanned<Operand>),
}

/// What is expected of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Expectation {
    /// It holds all the time from here on.
    Always(Cond),
    /// It never holds from here on.
    Never(Cond),
    /// It holds when the run ends.
    AtEnd(Cond),
    /// It holds at some time within so long from here.
    Within(Duration, Cond),
    /// It holds at a moment.
    At(Instant, Cond),
    /// Whenever one thing begins to hold, another holds at once, or within so long.
    When {
        /// The first.
        when: Cond,
        /// How long it may take.
        within: Option<Duration>,
        /// The other.
        then: Cond,
    },
    /// The invariant of this id is broken, as it was in that Kafka.
    Breaks(Spanned<Name>),
}

/// What the answer to a question is: a value at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The value.
    pub value: Spanned<Operand>,
    /// The moment.
    pub at: Instant,
}

/// What is measured of a run: a value at a moment, or at its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// The value.
    pub value: Spanned<Operand>,
    /// The moment; none for the end.
    pub at: Option<Instant>,
}

impl Operator {
    /// How it is written.
    pub fn text(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Includes => "includes",
            Self::In => "in",
        }
    }
}

impl Cond {
    /// Where it was written.
    pub fn span(&self) -> Span {
        match self {
            Self::Or(parts) | Self::And(parts) => {
                let (first, last) = (parts[0].span(), parts[parts.len() - 1].span());
                first.start..last.end
            }
            Self::Not(inner) => inner.span(),
            Self::Value(value) => value.span.clone(),
            Self::Compare(left, _, right) => left.span.start..right.span.end,
        }
    }
}

/// Seconds since the start with the digits they need: `12.5s`.
pub fn instant_text(at: Instant) -> String {
    let (seconds, nanos) = (at.as_nanos() / 1_000_000_000, at.as_nanos() % 1_000_000_000);
    let digits = format!("{nanos:09}");
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() { format!("{seconds}s") } else { format!("{seconds}.{digits}s") }
}

fn join<T: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    items: &[Spanned<T>],
    between: &str,
) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(between)?;
        }
        write!(f, "{}", item.value)?;
    }
    Ok(())
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign(words) => {
                let words: Vec<_> = words.iter().map(|word| shell_word(word)).collect();
                f.write_str(&words.join(" "))
            }
            Self::Command { production, arguments, lasting } => {
                let mut words = Vec::new();
                write_parts(production.syntax, &mut arguments.iter(), &mut words);
                if let Some(lasting) = lasting {
                    words.push(format!("for {lasting}"));
                }
                f.write_str(&words.join(" "))
            }
        }
    }
}

fn write_parts<'a>(
    parts: &[Part],
    arguments: &mut impl Iterator<Item = &'a Arg>,
    words: &mut Vec<String>,
) {
    for part in parts {
        match part {
            Part::Word(word) => words.push((*word).to_owned()),
            Part::OneOf(_) | Part::Slot(_) => {
                let argument = arguments.next().expect("a command has all its arguments");
                words.push(argument.to_string());
            }
            Part::Optional(inner) => {
                let argument = arguments.next().expect("a command has all its arguments");
                if let Arg::Present(present) = argument {
                    write_parts(inner, &mut present.iter(), words);
                }
            }
            Part::Repeated(inner) => {
                let argument = arguments.next().expect("a command has all its arguments");
                if let Arg::Repeated(times) = argument {
                    for once in times {
                        write_parts(inner, &mut once.iter(), words);
                    }
                }
            }
        }
    }
}

impl fmt::Display for Arg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keyword(word) => f.write_str(word),
            Self::Set(items) => match items.as_slice() {
                [one] => write!(f, "{}", one.value),
                several => {
                    f.write_str("{")?;
                    join(f, several, ", ")?;
                    f.write_str("}")
                }
            },
            Self::Name(name) => write!(f, "{}", name.value),
            Self::Word(word) => f.write_str(&free_word(word)),
            Self::Text(text) => f.write_str(&quote(text)),
            Self::Number(number) => write!(f, "{}", number.value),
            Self::Span(span) => write!(f, "{span}"),
            Self::Instant(at) => f.write_str(&instant_text(*at)),
            Self::Factor(factor) => write!(f, "{factor}x"),
            Self::Rate(rate) => write!(f, "{rate}"),
            Self::List(items) => {
                f.write_str("[")?;
                join(f, items, ", ")?;
                f.write_str("]")
            }
            Self::Condition(cond) => write!(f, "{cond}"),
            Self::Absent | Self::Present(_) | Self::Repeated(_) => Ok(()),
        }
    }
}

/// A value as one word or several with commas between; in quotes if it is made of anything else.
fn free_word(text: &str) -> String {
    let is_word = |part: &str| {
        let digits = part.strip_prefix('-').unwrap_or(part);
        let begins = |first: char| {
            first.is_ascii_digit()
                || digits == part && (first.is_ascii_alphabetic() || first == '_')
        };
        digits.starts_with(begins)
            && digits.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
    };
    if text.split(',').all(is_word) { text.to_owned() } else { quote(text) }
}

/// A word as a shell would take it.
fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@+%[]*".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `20/s`, and `1/10s` where the time is not one of a unit.
        let per = self.per.to_string();
        write!(
            f,
            "{}/{}",
            self.count,
            per.strip_prefix('1')
                .filter(|unit| { unit.starts_with(|first: char| first.is_alphabetic()) })
                .unwrap_or(&per)
        )
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.first)?;
        self.second.as_ref().map_or(Ok(()), |second| write!(f, "/{second}"))
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(reference) => write!(f, "{reference}"),
            Self::Call { name, arguments } => {
                write!(f, "{}(", name.value)?;
                join(f, arguments, ", ")?;
                f.write_str(")")
            }
            Self::Number(number) => write!(f, "{number}"),
            Self::Span(span) => write!(f, "{span}"),
            Self::List(items) => {
                f.write_str("[")?;
                join(f, items, ", ")?;
                f.write_str("]")
            }
        }
    }
}

impl fmt::Display for Cond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = |f: &mut fmt::Formatter<'_>,
                     parts: &[Self],
                     between: &str,
                     loose: fn(&Self) -> bool| {
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    f.write_str(between)?;
                }
                if loose(part) { write!(f, "({part})")? } else { write!(f, "{part}")? }
            }
            Ok(())
        };
        match self {
            Self::Or(conds) => parts(f, conds, " or ", |part| matches!(part, Self::Or(_))),
            Self::And(conds) => {
                parts(f, conds, " and ", |part| matches!(part, Self::Or(_) | Self::And(_)))
            }
            Self::Not(inner) => match **inner {
                Self::Value(_) | Self::Compare(..) => write!(f, "not {inner}"),
                _ => write!(f, "not ({inner})"),
            },
            Self::Value(value) => write!(f, "{}", value.value),
            Self::Compare(left, operator, right) => {
                write!(f, "{} {} {}", left.value, operator.text(), right.value)
            }
        }
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always(cond) => write!(f, "always {cond}"),
            Self::Never(cond) => write!(f, "never {cond}"),
            Self::AtEnd(cond) => write!(f, "at-end {cond}"),
            Self::Within(span, cond) => write!(f, "within {span} {cond}"),
            Self::At(at, cond) => write!(f, "at {} {cond}", instant_text(*at)),
            Self::When { when, within: None, then } => write!(f, "when {when} then {then}"),
            Self::When { when, within: Some(span), then } => {
                write!(f, "when {when} then within {span} {then}")
            }
            Self::Breaks(id) => write!(f, "breaks {}", id.value),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.value.value, instant_text(self.at))
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.value.value)?;
        self.at.map_or(Ok(()), |at| write!(f, " at {}", instant_text(at)))
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.help())
    }
}
