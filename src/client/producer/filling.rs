//! What values are filled up with: an application's own affair, but it decides how well they compress.

use crate::sim::rng::counted;

/// What fills a value up to its size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filling {
    /// Dots, which compress to next to nothing.
    #[default]
    Dots,
    /// Words as in a log file, which compress as such files do.
    Words,
}

/// Words that services write down.
const WORDS: [&str; 32] = [
    "order",
    "created",
    "user",
    "checkout",
    "payment",
    "status",
    "ok",
    "failed",
    "retry",
    "amount",
    "currency",
    "EUR",
    "CNY",
    "session",
    "started",
    "closed",
    "region",
    "eu-west",
    "cn-north",
    "item",
    "basket",
    "shipped",
    "price",
    "latency_ms",
    "trace",
    "warehouse",
    "timeout",
    "accepted",
    "level",
    "info",
    "warn",
    "host",
];

impl Filling {
    /// Fills the value of record `number` up to `size` bytes; always with the same.
    pub(super) fn fill(self, value: &mut Vec<u8>, number: u64, size: usize) {
        match self {
            Self::Dots => value.resize(size.max(value.len()), b'.'),
            Self::Words => {
                let mut count = 0;
                while value.len() < size {
                    let draw = counted(number, 0, count);
                    value.push(b' ');
                    value.extend_from_slice(WORDS[(draw % WORDS.len() as u64) as usize].as_bytes());
                    value.push(b'=');
                    super::application::push_decimal(value, draw >> 54);
                    count += 1;
                }
                value.truncate(size);
            }
        }
    }
}
