//! The bytes of a record batch, field by field, as Kafka's documentation of the format names them.

use crate::protocol::varint::Reader;
use crate::protocol::{Batch, Compression, HEADER_LEN};

use super::dump::{Decoder, codec, control, timestamp_type};
use super::part::{Cutter, Part};

/// Where the records of a batch lie, counted from the first byte after its header. Those of a compressed
/// batch lie nowhere: each gets a byte of the compressed ones, in order, by which it can be selected.
pub(super) fn record_starts(batch: &Batch) -> Vec<u64> {
    if batch.compression() != Some(Compression::None) {
        let records = batch.iter().take_while(Result::is_ok).count() as u64;
        let len = batch.records().len() as u64;
        return (0..records).map(|number| number * len / records).collect();
    }
    let mut starts = Vec::new();
    let mut reader = Reader::new(batch.records());
    for _ in 0..batch.count() {
        let start = reader.position();
        let Some(len) = reader.varint().ok().and_then(|len| usize::try_from(len).ok()) else {
            break;
        };
        if reader.take(len).is_err() {
            break;
        }
        starts.push(start as u64);
    }
    starts
}

/// All fields of a batch that begins at `at` in its file.
pub(super) fn parts(batch: &Batch, at: u64, decoder: Decoder) -> Vec<Part> {
    let mut cut = Cutter::new(at);
    header(batch, &mut cut);
    if batch.compression() != Some(Compression::None) {
        let packed = batch.records().len();
        let (plain, error) = batch.plain_records();
        let told = match (batch.compression(), error) {
            (None, _) => format!("{packed} bytes"),
            (_, None) => format!("{packed} bytes, decompressed {}", plain.len()),
            (_, Some(error)) => format!("{packed} bytes, decompressed {}: {error}", plain.len()),
        };
        cut.part(packed as u64, "records", format!("compresscodec: {}, {told}", codec(batch)));
        return cut.parts;
    }
    let starts = record_starts(batch);
    let records = batch.records();
    let decoded = batch.iter().map_while(Result::ok);
    let mut end = 0;
    for (start, record) in starts.iter().zip(decoded) {
        let mut reader = Reader::new(&records[*start as usize..]);
        let (key, value) =
            if batch.is_control() { (None, Some(control(&record))) } else { decoder.read(&record) };
        let read = record_parts(&mut reader, batch, (key, value), &mut cut);
        if read.is_none() {
            break;
        }
        end = start + reader.position() as u64;
    }
    let rest = records.len() as u64 - end;
    cut.part(rest, "unreadable", format!("{rest} bytes"));
    cut.parts
}

fn header(batch: &Batch, cut: &mut Cutter) {
    let length = batch.size_in_bytes() - 12;
    let number = |number: Option<i64>| number.unwrap_or(-1).to_string();
    cut.part(8, "baseOffset", batch.base_offset().to_string());
    cut.part(4, "batchLength", length.to_string());
    let epoch = batch.partition_leader_epoch().map(|epoch| i64::from(epoch.0));
    cut.part(4, "partitionLeaderEpoch", number(epoch));
    cut.part(1, "magic", batch.magic().to_string());
    cut.part(4, "crc", format!("{} isvalid: {}", batch.crc(), batch.is_valid()));
    let mut attributes = vec![codec(batch), timestamp_type(batch)];
    attributes.extend(batch.is_transactional().then_some("isTransactional"));
    attributes.extend(batch.is_control().then_some("isControl"));
    attributes.extend(batch.delete_horizon().is_some().then_some("hasDeleteHorizonMs"));
    cut.part(2, "attributes", attributes.join(" "));
    cut.part(4, "lastOffsetDelta", batch.last_offset_delta().to_string());
    cut.part(8, "baseTimestamp", batch.base_timestamp().0.to_string());
    cut.part(8, "maxTimestamp", batch.max_timestamp().0.to_string());
    cut.part(8, "producerId", number(batch.producer_id().map(|id| id.0)));
    cut.part(2, "producerEpoch", batch.producer_epoch().0.to_string());
    cut.part(4, "baseSequence", number(batch.base_sequence().map(i64::from)));
    cut.part(4, "recordsCount", batch.count().to_string());
    assert_eq!(HEADER_LEN, 61, "the fields above are the header");
}

/// The fields of a record, which is well-formed; none where it is not.
fn record_parts(
    reader: &mut Reader<'_>,
    batch: &Batch,
    (key, value): (Option<String>, Option<String>),
    cut: &mut Cutter,
) -> Option<()> {
    // A number of variable length: as many bytes as it took.
    macro_rules! number {
        ($read:ident, $name:literal, |$number:ident| $told:expr) => {{
            let before = reader.position();
            let $number = reader.$read().ok()?;
            cut.part((reader.position() - before) as u64, $name, $told);
            $number
        }};
    }
    let bytes = |reader: &mut Reader<'_>, cut: &mut Cutter, len: i32, name, told: String| {
        let len = usize::try_from(len).unwrap_or(0);
        reader.take(len).ok()?;
        cut.part(len as u64, name, told);
        Some(())
    };
    number!(varint, "length", |length| length.to_string());
    number!(byte, "recordAttributes", |attributes| attributes.to_string());
    let base = batch.base_timestamp().0;
    number!(varlong, "timestampDelta", |delta| format!("{delta} = {}", base.wrapping_add(delta)));
    let base = batch.base_offset().0;
    number!(varint, "offsetDelta", |delta| {
        format!("{delta} = offset {}", base.wrapping_add_signed(i64::from(delta)))
    });
    let len = number!(varint, "keyLength", |len| length_of(len));
    bytes(reader, cut, len, "key", key.unwrap_or_else(|| "controlType".to_owned()))?;
    let len = number!(varint, "valueLength", |len| length_of(len));
    bytes(reader, cut, len, "value", value.unwrap_or_default())?;
    let count = number!(varint, "headersCount", |count| count.to_string());
    for _ in 0..count {
        let len = number!(varint, "headerKeyLength", |len| length_of(len));
        let text = |reader: &Reader<'_>, len: i32| {
            let rest = &reader.whole()[reader.position()..];
            let len = usize::try_from(len).unwrap_or(0).min(rest.len());
            String::from_utf8_lossy(&rest[..len]).into_owned()
        };
        let told = text(reader, len);
        bytes(reader, cut, len, "headerKey", told)?;
        let len = number!(varint, "headerValueLength", |len| length_of(len));
        let told = text(reader, len);
        bytes(reader, cut, len, "headerValue", told)?;
    }
    Some(())
}

/// A length; that of what is not there is -1.
fn length_of(len: i32) -> String {
    if len < 0 { format!("{len} (null)") } else { len.to_string() }
}
