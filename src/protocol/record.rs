//! One record of a batch (magic 2): key, value, headers, and deltas against its batch.
//!
//! In Kafka: `DefaultRecord`. A record is decoded where it lies: [`RecordRef`] borrows the bytes of
//! its batch, [`Record`] has copies.

use std::borrow::Cow;

use bytes::Bytes;
use thiserror::Error;

use super::compression::{CodecError, Compression};
use super::varint::{
    Reader, VarintError, size_of_varint, size_of_varlong, write_varint, write_varlong,
};
use crate::ids::{Offset, Timestamp};

/// A part of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::Display)]
#[strum(serialize_all = "kebab-case")]
pub enum Field {
    /// The length that precedes it.
    Size,
    /// A byte without meaning so far.
    Attributes,
    /// Milliseconds since the batch's base timestamp.
    TimestampDelta,
    /// Offsets since the batch's base offset.
    OffsetDelta,
    /// The key, or its length.
    Key,
    /// The value, or its length.
    Value,
    /// The number of headers.
    HeaderCount,
    /// A header's key, or its length.
    HeaderKey,
    /// A header's value, or its length.
    HeaderValue,
}

/// What is wrong with a part of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    /// Its length or count is no number, or lies past the end.
    #[error(transparent)]
    Varint(#[from] VarintError),
    /// Its length or count makes no sense.
    #[error("{0} is out of range")]
    OutOfRange(i32),
    /// The parts of the record are shorter than its size.
    #[error("{0} bytes are left in the record")]
    Left(usize),
}

/// Why a batch's records cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RecordError {
    /// The batch says that it holds fewer than no records.
    #[error("the batch says that it holds {0} records")]
    NegativeCount(i32),
    /// What follows cannot be decompressed.
    #[error("decompressing with {0}: {1}")]
    Codec(Compression, CodecError),
    /// The batch names a compression that nobody knows.
    #[error("the records are compressed in unknown way {0}")]
    UnknownCompression(u8),
    /// A record is malformed.
    #[error("record {index}, byte {position} of the records: {field}: {problem}")]
    Malformed {
        /// Which record of the batch, from 0.
        index: i32,
        /// Where, counted from the first byte after the batch's header.
        position: usize,
        /// Which part.
        field: Field,
        /// What is wrong with it.
        problem: Problem,
    },
    /// Bytes follow the last record.
    #[error("{left} bytes are left after the last record, at byte {position} of the records")]
    Left {
        /// Where the last record ended.
        position: usize,
        /// How many bytes follow.
        left: usize,
    },
}

/// A header of a record that shares its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Its name, in UTF-8.
    pub key: Bytes,
    /// Its value, if it has one.
    pub value: Option<Bytes>,
}

impl Header {
    /// A header of that name.
    pub fn new(key: &str, value: Option<&[u8]>) -> Self {
        let value = value.map(Bytes::copy_from_slice);
        Self { key: Bytes::copy_from_slice(key.as_bytes()), value }
    }

    /// Its name; bytes that are no UTF-8 are replaced.
    pub fn name(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.key)
    }
}

/// A record that shares the bytes of its batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its place in the log.
    pub offset: Offset,
    /// When the producer made it, or the log stamped it; -1 for none.
    pub timestamp: Timestamp,
    /// Its number in the producer's sequence, if the producer is idempotent.
    pub sequence: Option<i32>,
    /// Its key.
    pub key: Option<Bytes>,
    /// Its value; none is a tombstone.
    pub value: Option<Bytes>,
    /// Its headers in order, duplicates included.
    pub headers: Vec<Header>,
}

/// A record where it lies in its batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordRef<'a> {
    /// Its place in the log.
    pub offset: Offset,
    /// When the producer made it, or the log stamped it; -1 for none.
    pub timestamp: Timestamp,
    /// Its number in the producer's sequence, if the producer is idempotent.
    pub sequence: Option<i32>,
    /// Its key.
    pub key: Option<&'a [u8]>,
    /// Its value; none is a tombstone.
    pub value: Option<&'a [u8]>,
    /// How many headers it has.
    pub header_count: u32,
    headers: &'a [u8],
}

impl<'a> RecordRef<'a> {
    /// Its headers in order: name and value, duplicates included.
    pub fn headers(&self) -> impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)> + use<'a> {
        let mut reader = Reader::new(self.headers);
        (0..self.header_count).map(move |_| {
            let well_formed = "headers were walked when the record was decoded";
            let key = nullable(&mut reader).expect(well_formed).unwrap_or_default();
            (key, nullable(&mut reader).expect(well_formed))
        })
    }

    /// The record with bytes of its own.
    pub fn to_record(&self) -> Record {
        let copy = Bytes::copy_from_slice;
        Record {
            offset: self.offset,
            timestamp: self.timestamp,
            sequence: self.sequence,
            key: self.key.map(copy),
            value: self.value.map(copy),
            headers: self
                .headers()
                .map(|(key, value)| Header { key: copy(key), value: value.map(copy) })
                .collect(),
        }
    }
}

/// What the deltas of a batch's records count from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Base {
    pub(super) offset: Offset,
    pub(super) timestamp: Timestamp,
    /// With `LogAppendTime`: every record's timestamp.
    pub(super) append_time: Option<Timestamp>,
    pub(super) sequence: Option<i32>,
}

/// The records of a batch, one by one. Ends at the first that is malformed.
#[derive(Clone, Debug)]
pub struct RecordIter<'a> {
    reader: Reader<'a>,
    base: Base,
    index: i32,
    count: i32,
    broken: Option<RecordError>,
}

impl<'a> RecordIter<'a> {
    pub(super) fn new(records: &'a [u8], base: Base, count: i32) -> Self {
        let broken = (count < 0).then_some(RecordError::NegativeCount(count));
        Self { reader: Reader::new(records), base, index: 0, count, broken }
    }

    /// The records of a stream that was decompressed; `end` is why it ends where it does, if that is not
    /// its end.
    pub(super) fn of_stream(
        records: &'a [u8],
        base: Base,
        count: i32,
        end: Option<RecordError>,
    ) -> Self {
        let mut iter = Self::new(records, base, count);
        if count > 0 {
            iter.broken = end;
        }
        iter
    }

    pub(super) fn broken(base: Base, error: RecordError) -> Self {
        Self { reader: Reader::new(&[]), base, index: 0, count: 0, broken: Some(error) }
    }

    #[inline]
    fn decode(&mut self) -> Result<RecordRef<'a>, RecordError> {
        let reader = &mut self.reader;
        let record = match decode(reader, self.base) {
            Ok(record) => record,
            Err((position, field, problem)) => {
                let malformed =
                    RecordError::Malformed { index: self.index, position, field, problem };
                return Err(self.broken.take().unwrap_or(malformed));
            }
        };
        self.index += 1;
        if self.index == self.count {
            // After the last record the stream has to end, and end well.
            if reader.remaining() > 0 {
                let (position, left) = (reader.position(), reader.remaining());
                return Err(RecordError::Left { position, left });
            }
            if let Some(error) = self.broken.take() {
                return Err(error);
            }
        }
        Ok(record)
    }
}

impl<'a> Iterator for RecordIter<'a> {
    type Item = Result<RecordRef<'a>, RecordError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.index >= self.count {
            return self.broken.take().map(Err);
        }
        let record = self.decode();
        if record.is_err() {
            (self.count, self.broken) = (0, None);
        }
        Some(record)
    }
}

type Malformed = (usize, Field, Problem);

#[inline]
fn decode<'a>(reader: &mut Reader<'a>, base: Base) -> Result<RecordRef<'a>, Malformed> {
    /// Names the part that `result` is about, and where it begins.
    fn part<T, E: Into<Problem>>(
        at: usize,
        field: Field,
        result: Result<T, E>,
    ) -> Result<T, Malformed> {
        result.map_err(|problem| (at, field, problem.into()))
    }
    let start = reader.position();
    let size = part(start, Field::Size, reader.varint())?;
    let Ok(size) = usize::try_from(size) else {
        return Err((start, Field::Size, Problem::OutOfRange(size)));
    };
    let begin = reader.position();
    let mut body = Reader::new(part(start, Field::Size, reader.take(size))?);
    macro_rules! read {
        ($field:ident, $read:expr) => {{
            let at = begin + body.position();
            part(at, Field::$field, $read)?
        }};
    }
    read!(Attributes, body.byte());
    let timestamp_delta = read!(TimestampDelta, body.varlong());
    let offset_delta = read!(OffsetDelta, body.varint());
    let key = read!(Key, nullable(&mut body));
    let value = read!(Value, nullable(&mut body));
    let at = begin + body.position();
    let count = read!(HeaderCount, body.varint());
    let header_count = u32::try_from(count)
        .ok()
        .filter(|count| *count as usize <= body.remaining())
        .ok_or((at, Field::HeaderCount, Problem::OutOfRange(count)))?;
    let first_header = body.position();
    for _ in 0..header_count {
        let at = begin + body.position();
        if read!(HeaderKey, nullable(&mut body)).is_none() {
            return Err((at, Field::HeaderKey, Problem::OutOfRange(-1)));
        }
        read!(HeaderValue, nullable(&mut body));
    }
    let headers_len = body.position() - first_header;
    if body.remaining() > 0 {
        return Err((begin + body.position(), Field::Size, Problem::Left(body.remaining())));
    }
    let end = reader.position();
    debug_assert_eq!(end, begin + size);
    let body_bytes = body.whole();
    Ok(RecordRef {
        offset: Offset(base.offset.0.wrapping_add_signed(i64::from(offset_delta))),
        timestamp: base
            .append_time
            .unwrap_or(Timestamp(base.timestamp.0.wrapping_add(timestamp_delta))),
        sequence: base.sequence.map(|first| increment_sequence(first, offset_delta)),
        key,
        value,
        header_count,
        headers: &body_bytes[first_header..first_header + headers_len],
    })
}

/// A length and so many bytes; a negative length is none.
#[inline]
fn nullable<'a>(reader: &mut Reader<'a>) -> Result<Option<&'a [u8]>, VarintError> {
    match usize::try_from(reader.varint()?) {
        Ok(len) => reader.take(len).map(Some),
        Err(_) => Ok(None),
    }
}

/// The sequence number `increment` after `sequence`: past `i32::MAX` it starts again at 0.
pub const fn increment_sequence(sequence: i32, increment: i32) -> i32 {
    if sequence > i32::MAX.wrapping_sub(increment) {
        increment.wrapping_sub(i32::MAX.wrapping_sub(sequence)).wrapping_sub(1)
    } else {
        sequence.wrapping_add(increment)
    }
}

/// The sequence number `decrement` before `sequence`.
pub const fn decrement_sequence(sequence: i32, decrement: i32) -> i32 {
    if sequence < decrement {
        i32::MAX.wrapping_sub(decrement.wrapping_sub(sequence)).wrapping_add(1)
    } else {
        sequence.wrapping_sub(decrement)
    }
}

#[inline]
fn size_of_nullable(bytes: Option<&[u8]>) -> usize {
    match bytes {
        Some(bytes) => size_of_varint(bytes.len() as i32) + bytes.len(),
        None => 1,
    }
}

/// The length of a record's body in bytes, without the length that precedes it.
#[inline]
pub(super) fn size_of_body(
    timestamp_delta: i64,
    offset_delta: i32,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: &[Header],
) -> usize {
    let headers_size: usize = headers
        .iter()
        .map(|header| {
            size_of_nullable(Some(&header.key)) + size_of_nullable(header.value.as_deref())
        })
        .sum();
    1 + size_of_varlong(timestamp_delta)
        + size_of_varint(offset_delta)
        + size_of_nullable(key)
        + size_of_nullable(value)
        + size_of_varint(headers.len() as i32)
        + headers_size
}

/// Adds a record whose body is `body_size` bytes long. By value, so that the length of `out` stays in
/// a register from byte to byte.
#[inline]
pub(super) fn write_record(
    mut out: Vec<u8>,
    body_size: usize,
    (timestamp_delta, offset_delta): (i64, i32),
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: &[Header],
) -> Vec<u8> {
    write_varint(&mut out, body_size as i32);
    let start = out.len();
    out.push(0);
    write_varlong(&mut out, timestamp_delta);
    write_varint(&mut out, offset_delta);
    write_nullable(&mut out, key);
    write_nullable(&mut out, value);
    write_varint(&mut out, headers.len() as i32);
    for header in headers {
        write_nullable(&mut out, Some(&header.key));
        write_nullable(&mut out, header.value.as_deref());
    }
    debug_assert_eq!(out.len() - start, body_size);
    out
}

/// A length and so many bytes; -1 for none.
#[inline]
fn write_nullable(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    match bytes {
        Some(bytes) => {
            write_varint(out, bytes.len() as i32);
            out.extend_from_slice(bytes);
        }
        None => out.push(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_wrap_to_zero() {
        assert_eq!(increment_sequence(i32::MAX, 1), 0);
        assert_eq!(increment_sequence(i32::MAX - 2, 5), 2);
        assert_eq!(decrement_sequence(0, 1), i32::MAX);
        assert_eq!(decrement_sequence(increment_sequence(i32::MAX - 2, 5), 5), i32::MAX - 2);
    }
}
