//! Files that are no batches: indexes, producer snapshots, text.

use std::fmt::Write as _;

use bytes::Bytes;

use super::part::{Cutter, Item, Part};
use crate::ids::Offset;

const TEXT: &str = "a text takes everything";

/// The items of an offset index: four bytes of offset, counted from the segment's, four of position.
pub(super) fn offset_index(bytes: &Bytes, base: Offset) -> Vec<Item> {
    entries(bytes, 8, |cut, entry| {
        let (relative, position) = (int(&entry[..4]), uint(&entry[4..]));
        let offset = base.0.wrapping_add_signed(relative);
        cut.part(4, "relativeOffset", format!("{relative} = offset {offset}"));
        cut.part(4, "position", position.to_string());
        format!("offset: {offset} position: {position}")
    })
}

/// The items of a time index: eight bytes of timestamp, four of offset.
pub(super) fn time_index(bytes: &Bytes, base: Offset) -> Vec<Item> {
    entries(bytes, 12, |cut, entry| {
        let (timestamp, relative) = (long(&entry[..8]), int(&entry[8..]));
        let offset = base.0.wrapping_add_signed(relative);
        cut.part(8, "timestamp", timestamp.to_string());
        cut.part(4, "relativeOffset", format!("{relative} = offset {offset}"));
        format!("timestamp: {timestamp} offset: {offset}")
    })
}

/// The items of an index of aborted transactions.
pub(super) fn txn_index(bytes: &Bytes) -> Vec<Item> {
    entries(bytes, 34, |cut, entry| {
        let version = i16::from_be_bytes([entry[0], entry[1]]);
        cut.part(2, "version", version.to_string());
        let mut line = format!("version: {version}");
        let names = ["producerId", "firstOffset", "lastOffset", "lastStableOffset"];
        for (name, bytes) in names.into_iter().zip(entry[2..].chunks_exact(8)) {
            cut.part(8, name, long(bytes).to_string());
            write!(line, " {name}: {}", long(bytes)).expect(TEXT);
        }
        line
    })
}

/// The items of a producer snapshot: a head of ten bytes, then 46 bytes for each producer.
pub(super) fn snapshot(bytes: &Bytes) -> Vec<Item> {
    const HEAD: usize = 10;
    if bytes.len() < HEAD {
        return text(bytes);
    }
    let mut cut = Cutter::new(0);
    let version = i16::from_be_bytes([bytes[0], bytes[1]]);
    let (crc, computed) = (uint(&bytes[2..6]), crate::protocol::crc32c(&bytes[6..]));
    let count = int(&bytes[6..HEAD]);
    cut.part(2, "version", version.to_string());
    cut.part(4, "crc", format!("{crc} isvalid: {}", u64::from(computed) == crc));
    cut.part(4, "producerEntries", count.to_string());
    let line = format!("version: {version} crc: {crc} producerEntries: {count}");
    let mut items = vec![Item { line, parts: cut.parts }];
    let rest = bytes.slice(HEAD..);
    let all = entries(&rest, 46, |cut, entry| {
        let id = long(&entry[..8]);
        let epoch = i16::from_be_bytes([entry[8], entry[9]]);
        let (last_sequence, last_offset) = (int(&entry[10..14]), long(&entry[14..22]));
        let (delta, timestamp) = (int(&entry[22..26]), long(&entry[26..34]));
        let (coordinator, first) = (int(&entry[34..38]), long(&entry[38..46]));
        cut.part(8, "producerId", id.to_string());
        cut.part(2, "producerEpoch", epoch.to_string());
        cut.part(4, "lastSequence", last_sequence.to_string());
        cut.part(8, "lastOffset", last_offset.to_string());
        cut.part(4, "offsetDelta", delta.to_string());
        cut.part(8, "lastTimestamp", timestamp.to_string());
        cut.part(4, "coordinatorEpoch", coordinator.to_string());
        cut.part(8, "currentTxnFirstOffset", first.to_string());
        let open = match u64::try_from(first) {
            Ok(first) => format!("OptionalLong[{first}]"),
            Err(_) => "OptionalLong.empty".to_owned(),
        };
        let mut line = format!(
            "producerId: {id} producerEpoch: {epoch} coordinatorEpoch: {coordinator} \
             currentTxnFirstOffset: {open} lastTimestamp: {timestamp} "
        );
        if last_offset >= 0 {
            let first = crate::protocol::decrement_sequence(last_sequence as i32, delta as i32);
            write!(
                line,
                "firstSequence: {first} lastSequence: {last_sequence} lastOffset: {last_offset} \
                 offsetDelta: {delta} timestamp: {timestamp}"
            )
            .expect(TEXT);
        }
        line
    });
    items.extend(all.into_iter().map(|item| shifted(item, HEAD as u64)));
    items
}

/// Lines of text: each is an item of one part.
pub(super) fn text(bytes: &Bytes) -> Vec<Item> {
    let mut items = Vec::new();
    let mut at = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let mut cut = Cutter::new(at);
        at += line.len() as u64;
        let told = String::from_utf8_lossy(line).trim_end_matches('\n').to_owned();
        cut.part(line.len() as u64, "line", told.clone());
        items.push(Item { line: told, parts: cut.parts });
    }
    items
}

/// Lines of a checkpoint: a version, a number of entries, the entries.
pub(super) fn checkpoint(bytes: &Bytes) -> Vec<Item> {
    let mut items = text(bytes);
    for (index, item) in items.iter_mut().enumerate() {
        let name = ["version", "entryCount"].get(index).copied().unwrap_or("entry");
        item.parts.iter_mut().for_each(|part| part.name = name);
    }
    items
}

/// Entries of one length; what is left at the end is one part.
fn entries(bytes: &Bytes, len: usize, read: impl Fn(&mut Cutter, &[u8]) -> String) -> Vec<Item> {
    let whole = bytes.chunks_exact(len);
    let rest = whole.remainder().len() as u64;
    let mut items = Vec::with_capacity(bytes.len() / len);
    for (index, entry) in whole.enumerate() {
        let mut cut = Cutter::new((index * len) as u64);
        let line = read(&mut cut, entry);
        items.push(Item { line, parts: cut.parts });
    }
    if rest > 0 {
        let end = bytes.len() as u64;
        let parts =
            vec![Part { at: end - rest..end, name: "invalid bytes", value: rest.to_string() }];
        items.push(Item { line: format!("Found {rest} invalid bytes at the end"), parts });
    }
    items
}

fn shifted(mut item: Item, by: u64) -> Item {
    for part in &mut item.parts {
        part.at = part.at.start + by..part.at.end + by;
    }
    item
}

fn int(bytes: &[u8]) -> i64 {
    i64::from(i32::from_be_bytes(*bytes.first_chunk().expect("four bytes")))
}

fn uint(bytes: &[u8]) -> u64 {
    u64::from(u32::from_be_bytes(*bytes.first_chunk().expect("four bytes")))
}

fn long(bytes: &[u8]) -> i64 {
    i64::from_be_bytes(*bytes.first_chunk().expect("eight bytes"))
}
