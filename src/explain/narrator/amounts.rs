//! Spans of time, bytes and settings as people say them.

use fluent_bundle::FluentArgs;

use super::catalogue::Catalogue;
use crate::config::{Definition, Domain, Unit};

/// Units of time, largest first: their word, and their size in nanoseconds.
const SPANS: [(&str, u64); 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("min", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// A span with three digits at most: `9 s`, `3.22 ms`, `5 min`.
pub(super) fn span(catalogue: &Catalogue, nanos: u64) -> String {
    let (unit, size) = unit_of(nanos);
    let mut args = FluentArgs::new();
    args.set("number", three_digits(nanos, size));
    args.set("unit", unit);
    catalogue.format("span", &args).expect("every language measures time")
}

/// Minutes and longer only where nothing is left over: 90 s are no minutes.
fn unit_of(nanos: u64) -> (&'static str, u64) {
    if nanos == 0 {
        return ("s", 1);
    }
    let whole = SPANS[..3].iter().find(|(unit, size)| {
        let at_least = if *unit == "d" { 2 } else { 1 };
        nanos.is_multiple_of(*size) && nanos / size >= at_least
    });
    let any = || SPANS[3..].iter().find(|(_, size)| nanos >= *size);
    *whole.or_else(any).expect("a nanosecond is the least")
}

/// `amount / size`, rounded to three digits, without zeros at its end.
fn three_digits(amount: u64, size: u64) -> String {
    let whole = amount / size;
    let places: u32 = match whole {
        0..10 => 2,
        10..100 => 1,
        _ => 0,
    };
    let scale = 10_u128.pow(places);
    let scaled = (u128::from(amount) * scale + u128::from(size) / 2) / u128::from(size);
    let (whole, rest) = (scaled / scale, scaled % scale);
    let digits = format!("{rest:0width$}", width = places as usize);
    let digits = digits.trim_end_matches('0');
    if rest == 0 { whole.to_string() } else { format!("{whole}.{digits}") }
}

/// Bytes: `1 GiB`, `64 KiB`, `1000 B`.
fn bytes(count: u64) -> String {
    const UNITS: [(&str, u32); 4] = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];
    let whole = UNITS.into_iter().find(|(_, bits)| count > 0 && count.is_multiple_of(1 << bits));
    match whole {
        Some((unit, bits)) => format!("{} {unit}", count >> bits),
        None => format!("{count} B"),
    }
}

/// The value of the setting called `key`, with its unit: `9 s` for the 9000 of
/// `broker.session.timeout.ms`.
pub(super) fn setting(catalogue: &Catalogue, key: &str, text: &str) -> String {
    let domains =
        [Domain::Broker, Domain::Consumer, Domain::Producer, Domain::Topic, Domain::Admin];
    let unit =
        domains.into_iter().find_map(|domain| domain.definition(key).ok()).map(Definition::unit);
    let Ok(number) = text.parse::<i64>() else { return text.to_owned() };
    // The largest number stands for "no limit", and -1 for "none of its own".
    let Ok(number) = u64::try_from(number) else { return text.to_owned() };
    if number >= i64::MAX as u64 {
        return text.to_owned();
    }
    match unit {
        Some(Unit::Time { millis }) => match number.checked_mul(millis * 1_000_000) {
            Some(nanos) => span(catalogue, nanos),
            None => text.to_owned(),
        },
        Some(Unit::Bytes) if number >= 1 << 10 => bytes(number),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::Lang;

    #[test]
    fn spans_have_three_digits_at_most() {
        let say = |nanos| span(Catalogue::of(Lang::En), nanos);
        assert_eq!(say(9_000_000_000), "9 s");
        assert_eq!(say(3_217_512), "3.22 ms");
        assert_eq!(say(250_000), "250 µs");
        assert_eq!(say(1_500_000_000), "1.5 s");
        assert_eq!(say(90_000_000_000), "90 s");
        assert_eq!(say(300_000_000_000), "5 min");
        assert_eq!(say(3_600_000_000_000), "1 h");
        assert_eq!(say(168 * 3_600_000_000_000), "7 d");
        assert_eq!(say(999_999_999), "1000 ms");
        assert_eq!(say(0), "0 s");
        assert_eq!(say(7), "7 ns");
    }

    #[test]
    fn settings_have_units() {
        let say = |key, text| setting(Catalogue::of(Lang::En), key, text);
        assert_eq!(say("broker.session.timeout.ms", "9000"), "9 s");
        assert_eq!(say("leader.imbalance.check.interval.seconds", "300"), "5 min");
        assert_eq!(say("log.segment.bytes", "1073741824"), "1 GiB");
        assert_eq!(say("fetch.min.bytes", "1"), "1");
        assert_eq!(
            say("log.flush.interval.messages", "9223372036854775807"),
            "9223372036854775807"
        );
        assert_eq!(say("log.retention.bytes", "-1"), "-1");
        assert_eq!(say("acks", "all"), "all");
        assert_eq!(setting(Catalogue::of(Lang::Zh), "linger.ms", "5"), "5 毫秒");
    }
}
