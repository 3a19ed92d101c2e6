//! Single values of the file.

mod settings;
mod written;

pub(crate) use settings::{
    BrokerSettings, ConsumerSettings, ProducerSettings, Settings, TopicSettings,
};
pub(crate) use written::{Place, Written};

use super::{Field, Node, Read, Reader, Shape};
use crate::config::nearest;
use crate::ids::{Name, Timestamp, TopicId};
use crate::scenario::language::Rate;
use crate::scenario::limits;
use crate::scenario::model::Text;
use crate::scenario::span::Spanned;
use crate::sim::{Duration, Instant};

impl Read for bool {
    fn shape() -> Shape {
        Shape::Boolean
    }

    fn read(node: &Spanned<Node>, reader: &mut Reader<'_>) -> Option<Self> {
        let Node::Boolean(value) = node.value else {
            reader.mismatch(node, "true or false");
            return None;
        };
        Some(value)
    }
}

/// A whole number between two bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Int<const LEAST: i64, const MOST: i64>(pub(crate) i64);

impl<const LEAST: i64, const MOST: i64> Read for Int<LEAST, MOST> {
    fn shape() -> Shape {
        Shape::Integer { least: LEAST, most: MOST }
    }

    fn read(node: &Spanned<Node>, reader: &mut Reader<'_>) -> Option<Self> {
        let Node::Integer(digits) = &node.value else {
            reader.mismatch(node, "a number");
            return None;
        };
        match digits.parse() {
            Ok(number) if (LEAST..=MOST).contains(&number) => Some(Self(number)),
            _ if MOST == i64::MAX => {
                reader.error(&node.span, format!("{digits} is out of range: {LEAST} or more"));
                None
            }
            _ => {
                reader.error(&node.span, format!("{digits} is out of range: {LEAST} to {MOST}"));
                None
            }
        }
    }
}

/// A string that is not empty.
impl Read for Name {
    fn shape() -> Shape {
        Shape::Text("text")
    }

    fn read(node: &Spanned<Node>, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Node::Text(text) if text.trim().is_empty() => {
                reader.error(&node.span, "this text is empty");
                None
            }
            Node::Text(text) => Some(text.as_str().into()),
            Node::Integer(written) | Node::Float(written) => {
                let message = format!("expected a string, found {}", node.kind());
                reader.error_with(
                    &node.span,
                    message,
                    format!("put it between quotes: \"{written}\""),
                );
                None
            }
            _ => {
                reader.mismatch(node, "a string");
                None
            }
        }
    }
}

/// A string that is read by `$read`, and what it should look like.
macro_rules! from_text {
    ($($type:ty, $form:literal, $read:expr;)+) => {$(
        impl Read for $type {
            fn shape() -> Shape {
                Shape::Text($form)
            }

            fn read(node: &Spanned<Node>, reader: &mut Reader<'_>) -> Option<Self> {
                let Some(text) = node.plain() else {
                    reader.mismatch(node, $form);
                    return None;
                };
                let value: Option<$type> = $read(&text);
                if value.is_none() {
                    reader.error(&node.span, format!("`{text}` is not {}", $form));
                }
                value
            }
        }
    )+};
}

from_text! {
    Duration, "a span of time like \"500ms\", \"20s\" or \"5m\"", |text: &str| text.parse().ok();
    Instant, "a moment of the run like \"20s\"",
        |text: &str| text.parse::<Duration>().ok().map(|span| Instant::ZERO + span);
    Rate, "a rate like \"20/s\"", rate;
    Size, "a size like 100 or \"64KiB\"", size;
    Bandwidth, "a bandwidth like \"1Gbit/s\" or \"100MiB/s\"", bandwidth;
    TopicId, "a 22-character topic id", TopicId::parse;
    Clock, "a moment in UTC like \"2026-01-01T00:00:00Z\"", clock;
}

fn rate(text: &str) -> Option<Rate> {
    let (count, per) = text.split_once('/')?;
    let per: Duration = per.parse().or_else(|_| format!("1{per}").parse()).ok()?;
    Some(Rate { count: count.trim().parse().ok()?, per }).filter(|_| !per.is_zero())
}

/// Bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u64);

fn size(text: &str) -> Option<Size> {
    let units = [("GiB", 30), ("MiB", 20), ("KiB", 10), ("B", 0)];
    let (digits, bits) = units
        .iter()
        .find_map(|(unit, bits)| text.strip_suffix(unit).map(|digits| (digits, *bits)))
        .unwrap_or((text, 0));
    digits.trim().parse::<u64>().ok()?.checked_mul(1 << bits).map(Size)
}

/// Bytes per second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bandwidth(pub(crate) u64);

fn bandwidth(text: &str) -> Option<Bandwidth> {
    let amount = text.strip_suffix("/s")?;
    let bits = [("Gbit", 1_000_000_000), ("Mbit", 1_000_000), ("kbit", 1_000)];
    if let Some((digits, unit)) =
        bits.iter().find_map(|(unit, size)| amount.strip_suffix(unit).map(|d| (d, *size)))
    {
        let total = digits.trim().parse::<u64>().ok()?.checked_mul(unit)?;
        return Some(Bandwidth(total / 8)).filter(|rate| rate.0 > 0);
    }
    size(amount).map(|size| Bandwidth(size.0)).filter(|rate| rate.0 > 0)
}

/// A moment in the real world: what the clocks of the run begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clock(pub(crate) Timestamp);

/// Reads `2026-01-01T00:00:00Z`, with or without seconds' fraction and Z.
fn clock(text: &str) -> Option<Clock> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00:00"));
    let mut date = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut time = time.split(':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (time.next()??, time.next()??, time.next().unwrap_or(Some(0))?);
    let millis: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    let fits = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..60).contains(&second);
    let seconds = ((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    fits.then_some(Clock(Timestamp(seconds * 1_000 + millis)))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let years: i64 = (1970..year).map(|year| if is_leap(year) { 366 } else { 365 }).sum();
    let months: i64 = (1..month).map(|month| days_in(year, month)).sum();
    years + months + day - 1
}

fn language(name: &'static str, about: &'static str) -> Field {
    Field { name, about, required: false, shape: || Shape::Text("text") }
}

impl Read for Text {
    fn shape() -> Shape {
        Shape::Either(vec![
            Shape::Text("text"),
            Shape::Table {
                about: "A text in both languages.",
                fields: vec![language("en", "In English."), language("zh", "In Chinese.")],
            },
        ])
    }

    fn read(node: &Spanned<Node>, reader: &mut Reader<'_>) -> Option<Self> {
        let Node::Table(entries) = &node.value else {
            if !matches!(node.value, Node::Text(_)) {
                reader.mismatch(node, "a string, or { en = \"…\", zh = \"…\" }");
                return None;
            }
            let both = Name::read(node, reader)?;
            return Some(Self { en: both.clone(), zh: both });
        };
        let (mut en, mut zh) = (None, None);
        for (key, value) in entries {
            match &*key.value {
                "en" => en = Name::read(value, reader),
                "zh" => zh = Name::read(value, reader),
                other => {
                    let message = format!("unknown language `{other}`");
                    reader.error_with(&key.span, message, "there are en and zh");
                }
            }
        }
        let either = en.clone().or_else(|| zh.clone());
        if either.is_none() && entries.is_empty() {
            reader.error(&node.span, "this text is empty");
        }
        let either = either?;
        Some(Self { en: en.unwrap_or_else(|| either.clone()), zh: zh.unwrap_or(either) })
    }
}

/// Words by name: `{ truncation = "hw" }`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct WordsByName(pub(crate) Vec<(Spanned<Name>, Spanned<Name>)>);

impl Read for WordsByName {
    fn shape() -> Shape {
        let levels = crate::feature::LEVELS.iter();
        Shape::Settings(levels.map(|level| (level.name, level.question)).collect())
    }

    fn read(node: &Spanned<Node>, reader: &mut Reader<'_>) -> Option<Self> {
        let Node::Table(entries) = &node.value else {
            reader.mismatch(node, "levels like { elr = \"off\" }");
            return None;
        };
        let mut words = Vec::new();
        for (key, value) in entries {
            // `txn = 0` is natural to write.
            match value.plain() {
                Some(word) => {
                    words.push((key.clone(), Spanned::new(word.into(), value.span.clone())));
                }
                None => reader.mismatch(value, "a word"),
            }
        }
        Some(Self(words))
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }
}

/// Keys of records: `user-{0..9}`, or a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Keys(pub(crate) Vec<Name>);

impl Read for Keys {
    fn shape() -> Shape {
        let list = Shape::List(Box::new(Shape::Text("key")));
        Shape::Either(vec![Shape::Text("keys like \"user-{0..9}\""), list])
    }

    fn read(node: &Spanned<Node>, reader: &mut Reader<'_>) -> Option<Self> {
        if let Node::List(_) = node.value {
            return Vec::read(node, reader).map(Self);
        }
        let pattern = Name::read(node, reader)?;
        let Some(keys) = expand(&pattern, reader.keys_left) else {
            let message = format!("`{pattern}` is no pattern of keys like \"user-{{0..9}}\"");
            let hint = format!("{} keys in all, at most", limits::KEYS);
            reader.error_with(&node.span, message, hint);
            return None;
        };
        reader.keys_left = reader.keys_left.saturating_sub(keys.len());
        Some(Self(keys))
    }
}

/// The keys of a pattern, if they are `most` at most.
fn expand(pattern: &str, most: usize) -> Option<Vec<Name>> {
    let Some((before, rest)) = pattern.split_once('{') else {
        return Some(vec![pattern.into()]);
    };
    let (range, after) = rest.split_once('}')?;
    let (first, last) = range.split_once("..")?;
    let (first, last): (u64, u64) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    if last < first || last - first >= most as u64 || after.contains('{') {
        return None;
    }
    Some((first..=last).map(|number| format!("{before}{number}{after}").into()).collect())
}

/// Anything; what it should be is known only later.
impl Read for Node {
    fn shape() -> Shape {
        Shape::Any
    }

    fn read(node: &Spanned<Node>, _: &mut Reader<'_>) -> Option<Self> {
        Some(node.value.clone())
    }
}

/// Declares enums of words that the file may use.
macro_rules! choices {
    ($(
        $(#[$meta:meta])* $name:ident {
            $($(#[$doc:meta])* $value:ident = $word:literal,)+
        }
    )+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$doc])* $value,)+ }

        impl $name {
            /// The word in the file.
            pub fn word(self) -> &'static str {
                match self { $(Self::$value => $word,)+ }
            }
        }

        impl $crate::scenario::read::Read for $name {
            fn shape() -> $crate::scenario::read::Shape {
                $crate::scenario::read::Shape::Word(vec![$($word),+])
            }

            fn read(
                node: &$crate::scenario::span::Spanned<$crate::scenario::read::Node>,
                reader: &mut $crate::scenario::read::Reader<'_>,
            ) -> Option<Self> {
                let words = [$($word),+];
                let values = [$(Self::$value),+];
                $crate::scenario::read::choose(node, &words, reader).map(|index| values[index])
            }
        }
    )+};
}

pub(crate) use choices;

/// Which of `words` it is.
pub(crate) fn choose(
    node: &Spanned<Node>,
    words: &[&'static str],
    reader: &mut Reader<'_>,
) -> Option<usize> {
    let Node::Text(text) = &node.value else {
        reader.mismatch(node, &format!("one of {}", words.join(", ")));
        return None;
    };
    let found = words.iter().position(|word| word == text);
    if found.is_none() {
        let hint = match nearest(text, words.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("one of {}", words.join(", ")),
        };
        reader.error_with(&node.span, format!("unknown word `{text}`"), hint);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_read_as_milliseconds_since_1970() {
        let millis = |text| clock(text).map(|clock| clock.0.0);
        assert_eq!(millis("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(millis("2026-01-01T00:00:00Z"), Some(1_767_225_600_000));
        assert_eq!(millis("2024-02-29T12:30:15.25Z"), Some(1_709_209_815_250));
        assert_eq!(millis("2026-01-01"), Some(1_767_225_600_000));
        assert_eq!(millis("2026-02-29T00:00:00Z"), None);
        assert_eq!(millis("soon"), None);
    }

    #[test]
    fn sizes_rates_and_bandwidths_carry_units() {
        assert_eq!(size("64KiB"), Some(Size(65_536)));
        assert_eq!(size("100"), Some(Size(100)));
        assert_eq!(size("99999999999999999999GiB"), None);
        assert_eq!(bandwidth("1Gbit/s"), Some(Bandwidth(125_000_000)));
        assert_eq!(bandwidth("100MiB/s"), Some(Bandwidth(104_857_600)));
        assert_eq!(bandwidth("100MiB"), None);
        assert_eq!(rate("1/10s").map(|rate| rate.to_string()).as_deref(), Some("1/10s"));
        assert_eq!(rate("20/ s"), None);
        assert_eq!(rate("20/0s"), None);
    }

    #[test]
    fn patterns_of_keys_are_counted_out() {
        let keys = |pattern| expand(pattern, 1_000).map(|keys| keys.join(" "));
        assert_eq!(keys("user-{8..11}").as_deref(), Some("user-8 user-9 user-10 user-11"));
        assert_eq!(keys("one").as_deref(), Some("one"));
        assert_eq!(keys("user-{9..1}"), None);
        assert_eq!(keys("user-{0..999999999}"), None);
        assert_eq!(keys("user-{a..b}"), None);
    }
}
