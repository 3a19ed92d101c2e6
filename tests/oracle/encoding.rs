//! Bytes as the vectors write them.

use bytes::Bytes;
use kafkascope::ids::{Generation, TopicPartition};
use serde_json::Value;

/// Lower-case hex.
pub fn unhex(text: &str) -> Bytes {
    assert!(text.len().is_multiple_of(2), "hex has two digits a byte");
    let digit = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex digits");
    (0..text.len()).step_by(2).map(digit).collect()
}

/// Hex, or null.
pub fn unhex_or_null(value: &Value) -> Option<Bytes> {
    value.as_str().map(unhex)
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes everything");
        text
    })
}

/// Base64 with padding.
pub fn unbase64(text: &str) -> Bytes {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    for chunk in text.trim_end_matches('=').as_bytes().chunks(4) {
        let bits = chunk.iter().fold(0_u32, |bits, letter| {
            let digit = ALPHABET.find(char::from(*letter)).expect("base64 digits");
            bits << 6 | digit as u32
        });
        let bits = bits << (6 * (4 - chunk.len()));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..chunk.len()]);
    }
    bytes.into()
}

/// `[["t0", 1], …]`
pub fn pairs(value: &Value) -> Vec<TopicPartition> {
    let list = value.as_array().expect("a list of partitions");
    list.iter().map(|pair| TopicPartition::new(text(&pair[0]), int(&pair[1]) as i32)).collect()
}

/// `[["t0", [0, 1]], …]`
pub fn runs(value: &Value) -> Vec<TopicPartition> {
    let list = value.as_array().expect("a list of runs");
    let run = |run: &Value| {
        let partitions = run[1].as_array().expect("a list of partitions").clone();
        let topic = text(&run[0]).to_owned();
        partitions
            .into_iter()
            .map(move |partition| TopicPartition::new(topic.as_str(), int(&partition) as i32))
    };
    list.iter().flat_map(run).collect()
}

/// A string.
pub fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

/// An integer.
pub fn int(value: &Value) -> i64 {
    value.as_i64().expect("an integer")
}

/// A generation; -1 for none.
pub fn generation(value: &Value) -> Option<Generation> {
    let number = int(value) as i32;
    (number >= 0).then_some(Generation(number))
}

/// `Ok` when equal.
pub fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    ours: &T,
    theirs: &T,
) -> Result<(), String> {
    if ours == theirs { Ok(()) } else { Err(format!("{what}: ours {ours:?}, Kafka's {theirs:?}")) }
}
