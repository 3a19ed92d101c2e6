//! Batches: built from their parameters, and read back. Of compressed ones the bytes are the codec's
//! own: what they decompress to is compared, and the header but for length and CRC.

use bytes::Bytes;
use kafkascope::ids::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Timestamp};
use kafkascope::protocol::{Batch, BatchBuilder, Compression, Header};
use serde_json::{Value, json};

use super::header;
use crate::values::{bytes, hex, int, same};

/// Compares one case.
pub(crate) fn compare(case: &Value) -> Result<(), String> {
    let built = build(case, Compression::None);
    same("bytes", &json!(hex(&built.to_bytes())), &case["hex"])?;
    read_back(case, &built.to_bytes())
}

/// Compares one case whose records are compressed.
pub(crate) fn compare_compressed(case: &Value) -> Result<(), String> {
    let codecs = [Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd];
    let named = |codec: &Compression| case["compression"] == codec.to_string();
    let codec = codecs.into_iter().find(named).ok_or("an unknown codec")?;
    let built = build(case, codec);
    same("codec", built.compression(), Some(codec))?;
    let mut ours = header(&built);
    for key in ["batch_length", "crc_u32"] {
        ours[key] = case["header"][key].clone();
    }
    same("header", &ours, &case["header"])?;
    same("valid", built.is_valid(), true)?;
    // Ours, and the recorded one: both hold the same records.
    let recorded = bytes(case, "hex").expect("bytes");
    for whole in [built.to_bytes(), recorded.clone()] {
        let batch = Batch::parse(&whole).map_err(|error| error.to_string())?;
        let (plain, error) = batch.plain_records();
        same("end of the stream", error, None)?;
        same("records", &json!(hex(plain)), &case["decompressed_records_hex"])?;
    }
    read_back(case, &recorded)
}

fn read_back(case: &Value, whole: &Bytes) -> Result<(), String> {
    let batch = Batch::parse(whole).map_err(|error| error.to_string())?;
    same("header", &header(&batch), &case["header"])?;
    same("size", &json!(batch.size_in_bytes()), &case["size"])?;
    same("last offset", &json!(batch.last_offset().0), &case["last_offset"])?;
    let last_sequence = json!(batch.last_sequence().unwrap_or(-1));
    same("last sequence", &last_sequence, &case["last_sequence"])?;
    same("valid", &json!(batch.is_valid()), &case["is_valid"])?;
    let max_timestamp = json!(batch.max_timestamp().0);
    same("max timestamp", &max_timestamp, &case["max_timestamp_info"])?;
    let horizon = json!(batch.delete_horizon().map(|horizon| horizon.0));
    same("delete horizon", &horizon, &case["delete_horizon_ms"])?;
    let records = batch.decode().map_err(|error| error.to_string())?;
    let read_back: Vec<_> = records
        .iter()
        .map(|r| json!([r.offset.0, r.timestamp.0, r.sequence.unwrap_or(-1)]))
        .collect();
    same("read back", &json!(read_back), &case["read_back_offset_timestamp_sequence"])?;
    for (record, wanted) in records.iter().zip(case["records"].as_array().expect("records")) {
        same("key", record.key.clone(), bytes(wanted, "key_hex"))?;
        same("value", record.value.clone(), bytes(wanted, "value_hex"))?;
        same("headers", record.headers.clone(), headers(wanted))?;
    }
    Ok(())
}

fn headers(record: &Value) -> Vec<Header> {
    let listed = record["headers"].as_array().into_iter().flatten();
    listed
        .map(|header| Header {
            key: header["key"].as_str().expect("a name").to_owned().into(),
            value: bytes(header, "value_hex"),
        })
        .collect()
}

fn build(case: &Value, codec: Compression) -> Batch {
    let epoch = LeaderEpoch::from_wire(int(case, "partition_leader_epoch") as i32);
    let mut builder = BatchBuilder::new().compressed(codec.into());
    builder = builder.place(Offset(int(case, "base_offset") as u64), epoch);
    if case["timestamp_type"] == "LogAppendTime" {
        builder = builder.log_append_time(Timestamp(int(case, "log_append_time")));
    }
    if case["transactional"] == true {
        builder = builder.transactional();
    }
    if case["control"] == true {
        builder = builder.control();
    }
    if let Some(horizon) = case["delete_horizon_ms"].as_i64() {
        builder = builder.delete_horizon(Timestamp(horizon));
    }
    if int(case, "producer_id") >= 0 {
        let epoch = ProducerEpoch(int(case, "producer_epoch") as i16);
        let sequence = int(case, "base_sequence") as i32;
        builder.set_producer(ProducerId(int(case, "producer_id")), epoch, sequence);
    }
    for record in case["records"].as_array().expect("records") {
        builder.append_at(
            Offset(int(record, "offset") as u64),
            Timestamp(int(record, "timestamp")),
            bytes(record, "key_hex").as_deref(),
            bytes(record, "value_hex").as_deref(),
            &headers(record),
        );
    }
    if let Some(last) = case["override_last_offset"].as_u64() {
        builder.override_last_offset(Offset(last));
    }
    builder.build().expect("cases hold records")
}
