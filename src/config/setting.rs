//! Types of values: how they are read from Kafka's text, and how they are written back.

use super::definition::{Definition, Kind, Unit, Valid};
use crate::ids::Name;
use crate::sim::Duration;

/// A type that a setting may have. Text is Kafka's: `604800000`, `compact,delete`.
pub trait Setting: Sized {
    /// Reads what Kafka writes, and what people write (`7d`, `64KiB`).
    ///
    /// # Errors
    /// Kafka's reason for refusing it.
    fn parse(text: &str, definition: &Definition) -> Result<Self, String>;

    /// Kafka's text; none for null.
    fn text(&self, definition: &Definition) -> Option<String>;

    /// The value of a setting whose default is null, for types that have one.
    fn null() -> Option<Self> {
        None
    }
}

/// A limit that can be switched off, which Kafka writes as -1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit<T> {
    /// This much.
    At(T),
    /// No limit.
    Unlimited,
}

impl<T> Limit<T> {
    /// The limit, if there is one.
    pub fn at(self) -> Option<T> {
        match self {
            Self::At(limit) => Some(limit),
            Self::Unlimited => None,
        }
    }
}

/// A fraction in millionths, so that nothing depends on how a machine rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Millionths(pub u32);

/// How hard gzip tries: 1 to 9, or its own choice, which Kafka writes as -1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GzipLevel(pub Option<u8>);

/// Reads the number of a setting in its own unit, within its type and range.
fn number(text: &str, definition: &Definition) -> Result<i64, String> {
    // Go's times are nothing without a unit.
    let value = plain_number(text)
        .filter(|_| definition.kind != Kind::Span)
        .or_else(|| with_unit(text, definition.unit()))
        .filter(|value| match definition.kind {
            Kind::Short => i16::try_from(*value).is_ok(),
            Kind::Int => i32::try_from(*value).is_ok(),
            _ => true,
        })
        .ok_or_else(|| match definition.kind {
            Kind::Short => "Not a number of type SHORT".to_owned(),
            Kind::Int => "Not a number of type INT".to_owned(),
            Kind::Span => "a time has a unit: 100ms, 2s, 10m".to_owned(),
            _ => "Not a number of type LONG".to_owned(),
        })?;
    within(value, definition.valid)?;
    Ok(value)
}

fn plain_number(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// What people write instead of a bare number: `30s` for milliseconds, `64KiB` for bytes.
fn with_unit(text: &str, unit: Unit) -> Option<i64> {
    match unit {
        Unit::Count => None,
        Unit::Bytes => {
            let (digits, size) = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("B", 0)]
                .iter()
                .find_map(|(suffix, bits)| text.strip_suffix(suffix).map(|d| (d, 1_i64 << bits)))?;
            digits.parse::<u32>().ok().and_then(|count| i64::from(count).checked_mul(size))
        }
        Unit::Time { millis } => {
            let nanos = text.parse::<Duration>().ok()?.as_nanos();
            let size = millis * 1_000_000;
            nanos.is_multiple_of(size).then(|| (nanos / size) as i64)
        }
    }
}

fn within(value: i64, valid: Valid) -> Result<(), String> {
    match valid {
        Valid::AtLeast(least) | Valid::Between(least, _) if value < least => {
            Err(format!("Value must be at least {least}"))
        }
        Valid::Between(_, most) if value > most => {
            Err(format!("Value must be no more than {most}"))
        }
        _ => Ok(()),
    }
}

/// Checks a word, or an element of a list, against the words that a setting accepts.
pub(super) fn accept(word: &str, definition: &Definition) -> Result<(), String> {
    match definition.valid {
        Valid::OneOf(words) if !words.contains(&word) => {
            Err(format!("String must be one of: {}", words.join(", ")))
        }
        Valid::OneOfIgnoringCase(words)
            if !words.iter().any(|known| known.eq_ignore_ascii_case(word)) =>
        {
            Err(format!("String must be one of (case insensitive): {}", words.join(", ")))
        }
        Valid::NonEmpty if word.is_empty() => Err("String must be non-empty".to_owned()),
        _ => Ok(()),
    }
}

impl Setting for bool {
    fn parse(text: &str, _: &Definition) -> Result<Self, String> {
        if text.eq_ignore_ascii_case("true") {
            Ok(true)
        } else if text.eq_ignore_ascii_case("false") {
            Ok(false)
        } else {
            Err("Expected value to be either true or false".to_owned())
        }
    }

    fn text(&self, _: &Definition) -> Option<String> {
        Some(self.to_string())
    }
}

impl Setting for i64 {
    fn parse(text: &str, definition: &Definition) -> Result<Self, String> {
        number(text, definition)
    }

    fn text(&self, _: &Definition) -> Option<String> {
        Some(self.to_string())
    }
}

impl Setting for i32 {
    fn parse(text: &str, definition: &Definition) -> Result<Self, String> {
        let value = number(text, definition)?;
        Self::try_from(value).map_err(|_| "Not a number of type INT".to_owned())
    }

    fn text(&self, _: &Definition) -> Option<String> {
        Some(self.to_string())
    }
}

impl Setting for u32 {
    fn parse(text: &str, definition: &Definition) -> Result<Self, String> {
        let value = number(text, definition)?;
        Self::try_from(value).map_err(|_| "Value must be at least 0".to_owned())
    }

    fn text(&self, _: &Definition) -> Option<String> {
        Some(self.to_string())
    }
}

impl Setting for u64 {
    fn parse(text: &str, definition: &Definition) -> Result<Self, String> {
        let value = number(text, definition)?;
        Self::try_from(value).map_err(|_| "Value must be at least 0".to_owned())
    }

    fn text(&self, _: &Definition) -> Option<String> {
        Some(self.to_string())
    }
}

impl Setting for Duration {
    fn parse(text: &str, definition: &Definition) -> Result<Self, String> {
        let value = number(text, definition)?;
        let count = u64::try_from(value).map_err(|_| "Value must be at least 0".to_owned())?;
        let Unit::Time { millis } = definition.unit() else {
            unreachable!("`{}` is declared as a time, so its name ends like one", definition.name)
        };
        Ok(Self::from_millis(count.saturating_mul(millis)))
    }

    /// A time too long for a run is written as the longest that Kafka can write.
    fn text(&self, definition: &Definition) -> Option<String> {
        let Unit::Time { millis } = definition.unit() else {
            unreachable!("`{}` is declared as a time, so its name ends like one", definition.name)
        };
        Some(if definition.kind == Kind::Span {
            self.to_string()
        } else if *self == Self::MAX {
            i64::MAX.to_string()
        } else {
            (self.as_millis() / millis).to_string()
        })
    }
}

impl<T: Setting> Setting for Limit<T> {
    fn parse(text: &str, definition: &Definition) -> Result<Self, String> {
        if number(text, definition)? < 0 {
            return Ok(Self::Unlimited);
        }
        T::parse(text, definition).map(Self::At)
    }

    fn text(&self, definition: &Definition) -> Option<String> {
        match self {
            Self::At(limit) => limit.text(definition),
            Self::Unlimited => Some("-1".to_owned()),
        }
    }
}

impl<T: Setting> Setting for Option<T> {
    fn parse(text: &str, definition: &Definition) -> Result<Self, String> {
        T::parse(text, definition).map(Some)
    }

    fn text(&self, definition: &Definition) -> Option<String> {
        self.as_ref().and_then(|value| value.text(definition))
    }

    fn null() -> Option<Self> {
        Some(None)
    }
}

impl Setting for Name {
    fn parse(text: &str, definition: &Definition) -> Result<Self, String> {
        accept(text, definition)?;
        Ok(text.into())
    }

    fn text(&self, _: &Definition) -> Option<String> {
        Some(self.to_string())
    }
}

impl Setting for Vec<Name> {
    fn parse(text: &str, definition: &Definition) -> Result<Self, String> {
        elements(text).map(|element| Name::parse(element, definition)).collect()
    }

    fn text(&self, _: &Definition) -> Option<String> {
        Some(self.join(","))
    }
}

/// The elements of a list as Kafka cuts it: at commas, blanks around them dropped.
pub(super) fn elements(text: &str) -> impl Iterator<Item = &str> {
    let text = text.trim();
    text.split(',').map(str::trim).filter(move |_| !text.is_empty())
}

impl Setting for GzipLevel {
    fn parse(text: &str, definition: &Definition) -> Result<Self, String> {
        match number(text, definition)? {
            -1 => Ok(Self(None)),
            level @ 1..=9 => Ok(Self(Some(level as u8))),
            _ => Err("Value must be between 1 and 9 or equal to -1".to_owned()),
        }
    }

    fn text(&self, _: &Definition) -> Option<String> {
        Some(self.0.map_or("-1".to_owned(), |level| level.to_string()))
    }
}

impl Setting for Millionths {
    fn parse(text: &str, definition: &Definition) -> Result<Self, String> {
        let not_a_number = || "Not a number of type DOUBLE".to_owned();
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = fraction.trim_end_matches('0');
        if fraction.is_empty() || digits.len() > 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(not_a_number());
        }
        let part: u32 = format!("{digits:0<6}").parse().map_err(|_| not_a_number())?;
        let whole: i64 = whole.parse().map_err(|_| not_a_number())?;
        // The range is in whole numbers: what exceeds the upper end by a fraction exceeds it.
        within(if part > 0 { whole.saturating_add(1) } else { whole }, definition.valid)?;
        within(whole, definition.valid)?;
        u32::try_from(whole)
            .ok()
            .and_then(|whole| whole.checked_mul(1_000_000)?.checked_add(part))
            .map(Self)
            .ok_or_else(not_a_number)
    }

    fn text(&self, _: &Definition) -> Option<String> {
        let digits = format!("{:06}", self.0 % 1_000_000);
        let digits = digits.trim_end_matches('0');
        Some(format!("{}.{}", self.0 / 1_000_000, if digits.is_empty() { "0" } else { digits }))
    }
}
