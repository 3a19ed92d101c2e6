//! Variable-length integers: what is written, and what random bytes read as.

use kafkascope::protocol::varint::{
    Reader, VarintError, size_of_unsigned_varint, size_of_varint, size_of_varlong,
    write_unsigned_varint, write_varint, write_varlong,
};
use serde_json::{Value, json};

use crate::values::{hex, same, unhex};

/// Compares one case.
pub(crate) fn compare(case: &Value) -> Result<(), String> {
    match case["decode_hex"].as_str() {
        Some(digits) => decode(case, &unhex(digits)),
        None => encode(case),
    }
}

fn encode(case: &Value) -> Result<(), String> {
    let value: i64 = case["value"].as_str().expect("a number").parse().expect("a number");
    let written = |write: &dyn Fn(&mut Vec<u8>)| {
        let mut out = Vec::new();
        write(&mut out);
        json!(hex(&out))
    };
    let varlong = written(&|out| write_varlong(out, value));
    same("varlong", &varlong, &case["varlong_zigzag_hex"])?;
    same("size of varlong", &json!(size_of_varlong(value)), &case["size_of_varlong"])?;
    if case["varint_zigzag_hex"].is_null() {
        return Ok(());
    }
    let int = i32::try_from(value).expect("a varint fits");
    same("varint", &written(&|out| write_varint(out, int)), &case["varint_zigzag_hex"])?;
    same("size of varint", &json!(size_of_varint(int)), &case["size_of_varint"])?;
    let unsigned = written(&|out| write_unsigned_varint(out, int as u32));
    same("unsigned", &unsigned, &case["unsigned_varint_of_i32_bits_hex"])?;
    let size = json!(size_of_unsigned_varint(int as u32));
    same("size of unsigned", &size, &case["size_of_unsigned_varint"])
}

fn decode(case: &Value, bytes: &[u8]) -> Result<(), String> {
    let error = |error| {
        json!({"error": match error {
            VarintError::Underflow => "BufferUnderflowException",
            VarintError::TooLong => "IllegalArgumentException",
        }})
    };
    let mut reader = Reader::new(bytes);
    let ours = reader
        .varint()
        .map_or_else(error, |value| json!({"value": value, "consumed": reader.position()}));
    same("varint", &ours, &case["varint"])?;
    let mut reader = Reader::new(bytes);
    let ours = reader.varlong().map_or_else(
        error,
        |value| json!({"value": value.to_string(), "consumed": reader.position()}),
    );
    same("varlong", &ours, &case["varlong"])?;
    let mut reader = Reader::new(bytes);
    let ours = reader.unsigned_varint().map_or_else(
        error,
        |value| json!({"value_as_i32": value as i32, "consumed": reader.position()}),
    );
    same("unsigned", &ours, &case["unsigned_varint"])
}
