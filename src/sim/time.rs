//! Simulated time: nanoseconds since the scenario began.

use std::fmt;
use std::ops::{Add, AddAssign, Div, Mul, Sub};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A moment: nanoseconds since the scenario began. Two instants do not add.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Instant(u64);

/// A span of simulated time in nanoseconds.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Duration(u64);

impl Instant {
    /// The start of the scenario.
    pub const ZERO: Self = Self(0);
    /// Later than anything that happens.
    pub const FAR_FUTURE: Self = Self(u64::MAX);

    /// The moment `nanos` nanoseconds after the start.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the start.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Whole milliseconds since the start.
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000_000
    }

    /// The span from `earlier` to here; zero when `earlier` is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }
}

impl Duration {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// Longer than any run.
    pub const MAX: Self = Self(u64::MAX);

    /// `nanos` nanoseconds.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// `micros` microseconds.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros.saturating_mul(1_000))
    }

    /// `millis` milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// `secs` seconds.
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1_000_000_000))
    }

    /// In nanoseconds.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// In whole milliseconds, rounded down.
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000_000
    }

    /// In whole seconds, rounded down.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1_000_000_000
    }

    /// What so many bytes take, if this is what a KiB takes.
    #[must_use]
    pub const fn per_kibibyte(self, bytes: u64) -> Self {
        Self(self.0 * bytes / 1_024)
    }

    /// True for no time at all.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// What is left after `other`; zero when `other` is longer.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Add<Duration> for Instant {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, span: Duration) {
        *self = *self + span;
    }
}

impl Add for Duration {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Duration {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Duration {
    type Output = Self;
    /// # Panics
    /// When `other` is longer.
    fn sub(self, other: Self) -> Self {
        Self(self.0.checked_sub(other.0).expect("the shorter span is taken from the longer"))
    }
}

impl Mul<u64> for Duration {
    type Output = Self;
    fn mul(self, factor: u64) -> Self {
        Self(self.0.saturating_mul(factor))
    }
}

impl Div<u64> for Duration {
    type Output = Self;
    fn div(self, parts: u64) -> Self {
        Self(self.0 / parts)
    }
}

/// Seconds with milliseconds, `19.001`; finer digits only where they are not zero.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (secs, nanos) = (self.0 / 1_000_000_000, self.0 % 1_000_000_000);
        let text = if nanos.is_multiple_of(1_000_000) {
            format!("{secs}.{:03}", nanos / 1_000_000)
        } else if nanos.is_multiple_of(1_000) {
            format!("{secs}.{:06}", nanos / 1_000)
        } else {
            format!("{secs}.{nanos:09}")
        };
        f.pad(&text)
    }
}

/// The shortest exact form in one unit: `9s`, `1500ms`, `250us`, `7ns`, `5m`, `2h`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u64, &str); 6] = [
            (3_600_000_000_000, "h"),
            (60_000_000_000, "m"),
            (1_000_000_000, "s"),
            (1_000_000, "ms"),
            (1_000, "us"),
            (1, "ns"),
        ];
        if self.0 == 0 {
            return f.pad("0s");
        }
        let (size, unit) = UNITS
            .into_iter()
            .find(|(size, _)| self.0.is_multiple_of(*size))
            .expect("every span is a whole number of nanoseconds");
        f.pad(&format!("{}{unit}", self.0 / size))
    }
}

/// Why a text is no span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    /// No digits where a number should be.
    #[error("a span of time is a number and a unit, like 500ms, 20s or 5m")]
    NoNumber,
    /// A number with nothing, or something else, behind it.
    #[error("the unit is missing or unknown: ns, us, ms, s, m, h or d")]
    Unit,
    /// Digits below a nanosecond.
    #[error("finer than a nanosecond")]
    TooFine,
    /// More than about 584 years.
    #[error("longer than any run")]
    TooLong,
}

/// Reads `20s`, `1.5ms`, `1m30s`; the units are ns, us, ms, s, m, h and d. Nothing is rounded.
impl FromStr for Duration {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let mut rest = text;
        let mut nanos: u64 = 0;
        loop {
            let (number, after) = split_while(rest, |letter| letter.is_ascii_digit());
            let (fraction, after) = match after.strip_prefix('.') {
                Some(after) => split_while(after, |letter| letter.is_ascii_digit()),
                None => ("", after),
            };
            if number.is_empty() {
                return Err(SpanError::NoNumber);
            }
            let (unit, after) = split_while(after, char::is_alphabetic);
            let size: u64 = match unit {
                "ns" => 1,
                "us" | "µs" | "μs" => 1_000,
                "ms" => 1_000_000,
                "s" => 1_000_000_000,
                "m" | "min" => 60_000_000_000,
                "h" => 3_600_000_000_000,
                "d" => 86_400_000_000_000,
                _ => return Err(SpanError::Unit),
            };
            let whole = number.parse::<u64>().ok().and_then(|count| count.checked_mul(size));
            let part = part_of(fraction.trim_end_matches('0'), size)?;
            nanos = whole
                .and_then(|whole| whole.checked_add(part))
                .and_then(|span| span.checked_add(nanos))
                .ok_or(SpanError::TooLong)?;
            if after.is_empty() {
                return Ok(Self(nanos));
            }
            rest = after;
        }
    }
}

/// The digits after the point as nanoseconds, where 1 is `size` nanoseconds.
fn part_of(digits: &str, size: u64) -> Result<u64, SpanError> {
    if digits.is_empty() {
        return Ok(0);
    }
    let scale = u32::try_from(digits.len())
        .ok()
        .and_then(|len| 10_u128.checked_pow(len))
        .ok_or(SpanError::TooFine)?;
    // A day has 86.4 * 10^12 nanoseconds: with up to 38 digits that could overflow, with 20 not.
    let count: u128 = digits.parse::<u64>().map_err(|_| SpanError::TooFine)?.into();
    let nanos = count * u128::from(size);
    if nanos.is_multiple_of(scale) { Ok((nanos / scale) as u64) } else { Err(SpanError::TooFine) }
}

fn split_while(text: &str, wanted: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|letter| !wanted(letter)).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_print_seconds_with_the_digits_they_need() {
        assert_eq!(Instant::from_nanos(19_001_000_000).to_string(), "19.001");
        assert_eq!(Instant::from_nanos(1_000_250_000).to_string(), "1.000250");
        assert_eq!(Instant::from_nanos(1).to_string(), "0.000000001");
    }

    #[test]
    fn durations_print_in_the_largest_exact_unit() {
        assert_eq!(Duration::from_secs(9).to_string(), "9s");
        assert_eq!(Duration::from_millis(1_500).to_string(), "1500ms");
        assert_eq!(Duration::from_secs(300).to_string(), "5m");
        assert_eq!(Duration::ZERO.to_string(), "0s");
    }

    #[test]
    fn durations_read_what_people_write() {
        let nanos = |text: &str| text.parse::<Duration>().map(Duration::as_nanos);
        assert_eq!(nanos("20s"), Ok(20_000_000_000));
        assert_eq!(nanos("1.5ms"), Ok(1_500_000));
        assert_eq!(nanos("1m30s"), Ok(90_000_000_000));
        assert_eq!(nanos("12.345678901s"), Ok(12_345_678_901));
        assert_eq!(nanos("7d"), Ok(604_800_000_000_000));
        assert_eq!(nanos("0s"), Ok(0));
        assert_eq!(nanos("1.50s"), Ok(1_500_000_000));
        assert_eq!(nanos(""), Err(SpanError::NoNumber));
        assert_eq!(nanos("-1s"), Err(SpanError::NoNumber));
        assert_eq!(nanos("s"), Err(SpanError::NoNumber));
        assert_eq!(nanos("1."), Err(SpanError::Unit));
        assert_eq!(nanos("5"), Err(SpanError::Unit));
        assert_eq!(nanos("5 s"), Err(SpanError::Unit));
        assert_eq!(nanos("5sec"), Err(SpanError::Unit));
        assert_eq!(nanos("0.5ns"), Err(SpanError::TooFine));
        assert_eq!(nanos("99999999999h"), Err(SpanError::TooLong));
    }
}
