//! Snappy in the framing of its Java library: a header of 16 bytes, then blocks behind their lengths.
//!
//! In Kafka: `SnappyCompression` around `SnappyOutputStream` and `SnappyInputStream` of snappy-java ("xerial").

use snap::raw::{Decoder, Encoder, decompress_len};

use super::{CodecError, Plain, take, take_slice};

/// The first eight bytes of the header.
const MAGIC: [u8; 8] = *b"\x82SNAPPY\0";
/// Version, and the least version that can read it.
const VERSIONS: [u8; 8] = [0, 0, 0, 1, 0, 0, 0, 1];
/// What a block holds.
const BLOCK: usize = 32 * 1024;

pub(super) fn compress(records: &[u8]) -> Vec<u8> {
    let mut out = [MAGIC, VERSIONS].concat();
    for block in records.chunks(BLOCK) {
        let block = compress_unframed(block);
        out.extend_from_slice(&(block.len() as u32).to_be_bytes());
        out.extend_from_slice(&block);
    }
    out
}

/// One block, whatever its length.
pub(super) fn compress_unframed(records: &[u8]) -> Vec<u8> {
    Encoder::new().compress_vec(records).expect("a batch has less than 2^32 bytes")
}

pub(super) fn decompress(bytes: &[u8], plain: &mut Plain) -> Result<(), CodecError> {
    let mut decoder = Decoder::new();
    if !bytes.starts_with(&MAGIC) {
        // Other libraries write one block without framing.
        return block(&mut decoder, bytes, plain);
    }
    let mut rest = bytes;
    while !rest.is_empty() {
        if rest.starts_with(&MAGIC) {
            take::<16>(&mut rest)?;
            continue;
        }
        let len = u32::from_be_bytes(take(&mut rest)?);
        block(&mut decoder, take_slice(&mut rest, len as usize)?, plain)?;
    }
    Ok(())
}

fn block(decoder: &mut Decoder, block: &[u8], plain: &mut Plain) -> Result<(), CodecError> {
    /// No instruction of a block makes more out of a byte.
    const MOST_PER_BYTE: usize = 64;
    let damaged = CodecError::Damaged("a snappy block is damaged");
    let len = decompress_len(block).map_err(|_| damaged)?;
    if len > block.len().saturating_mul(MOST_PER_BYTE) {
        return Err(damaged);
    }
    if len > plain.max - plain.bytes.len() {
        return Err(CodecError::TooLarge);
    }
    plain.extend(&decoder.decompress_vec(block).map_err(|_| damaged)?)
}
