//! LZ4 frames with independent blocks of up to 64 KiB and without checksums.
//!
//! In Kafka: `Lz4BlockOutputStream`, `Lz4BlockInputStream`, which know a part of the frame format. Left out:
//! the wrong header checksum of message format 0.

use lz4_flex::block::{
    CompressTable, compress_into_with_table, decompress_into, get_maximum_output_size,
};
use twox_hash::XxHash32;

use super::{CodecError, Plain, take, take_slice};

const MAGIC: u32 = 0x184D_2204;
/// Format version 1, independent blocks; nothing else.
const FLAGS: u8 = 0x60;
/// Blocks of up to 64 KiB.
const BLOCK_64_KIB: u8 = 0x40;
/// What a block holds: of longer ones the codec writes other bytes where pointers have 32 bits.
const BLOCK: usize = 0xfffe;
/// In a block's length: it is not compressed.
const STORED: u32 = 0x8000_0000;

pub(super) fn compress(records: &[u8]) -> Vec<u8> {
    let mut out = MAGIC.to_le_bytes().to_vec();
    let descriptor = [FLAGS, BLOCK_64_KIB];
    out.extend_from_slice(&descriptor);
    out.push(header_checksum(&descriptor));
    let mut table = CompressTable::small();
    let mut room = vec![0; get_maximum_output_size(records.len().min(BLOCK))];
    for block in records.chunks(BLOCK) {
        let len = compress_into_with_table(block, &mut room, &mut table).expect("there is room");
        if len < block.len() {
            out.extend_from_slice(&(len as u32).to_le_bytes());
            out.extend_from_slice(&room[..len]);
        } else {
            out.extend_from_slice(&(block.len() as u32 | STORED).to_le_bytes());
            out.extend_from_slice(block);
        }
    }
    out.extend_from_slice(&[0; 4]);
    out
}

fn header_checksum(descriptor: &[u8]) -> u8 {
    (XxHash32::oneshot(0, descriptor) >> 8) as u8
}

pub(super) fn decompress(bytes: &[u8], plain: &mut Plain) -> Result<(), CodecError> {
    let mut rest = bytes;
    let Flags { max_block, block_checksums } = header(&mut rest)?;
    let mut room = Vec::new();
    loop {
        let word = u32::from_le_bytes(take(&mut rest)?);
        let len = (word & !STORED) as usize;
        if len == 0 {
            return Ok(());
        }
        if len > max_block {
            return Err(CodecError::Damaged("an lz4 block is longer than its frame allows"));
        }
        let block = take_slice(&mut rest, len)?;
        if word & STORED != 0 {
            plain.extend(block)?;
        } else {
            room.resize(max_block, 0);
            let damaged = CodecError::Damaged("an lz4 block is damaged");
            let len = decompress_into(block, &mut room).map_err(|_| damaged)?;
            plain.extend(&room[..len])?;
        }
        if block_checksums && u32::from_le_bytes(take(&mut rest)?) != XxHash32::oneshot(0, block) {
            return Err(CodecError::Damaged("the checksum of an lz4 block is wrong"));
        }
    }
}

/// What the header of a frame says that matters.
struct Flags {
    max_block: usize,
    block_checksums: bool,
}

fn header(rest: &mut &[u8]) -> Result<Flags, CodecError> {
    if u32::from_le_bytes(take(rest)?) != MAGIC {
        return Err(CodecError::Damaged("this is no lz4 frame"));
    }
    let descriptor = *rest;
    let [flags, sizes] = take(rest)?;
    if flags & 0b11 != 0 || sizes & 0b1000_1111 != 0 {
        return Err(CodecError::Damaged("reserved bits of the lz4 frame are set"));
    }
    if flags >> 6 != 1 {
        return Err(CodecError::Damaged("the version of the lz4 frame is not supported"));
    }
    if flags & 0b10_0000 == 0 {
        return Err(CodecError::Damaged("lz4 blocks that depend on each other are not supported"));
    }
    let size = sizes >> 4;
    if size < 4 {
        return Err(CodecError::Damaged("the block size of the lz4 frame is not supported"));
    }
    if flags & 0b1000 != 0 {
        // How long it is decompressed; nobody looks.
        take::<8>(rest)?;
    }
    let descriptor = &descriptor[..descriptor.len() - rest.len()];
    let [checksum] = take(rest)?;
    if checksum != header_checksum(descriptor) {
        return Err(CodecError::Damaged("the header checksum of the lz4 frame is wrong"));
    }
    Ok(Flags { max_block: 1 << (2 * size + 8), block_checksums: flags & 0b1_0000 != 0 })
}
