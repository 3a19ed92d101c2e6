//! gzip: ten bytes of header, DEFLATE, CRC-32 and length.
//!
//! In Kafka: `GzipCompression` around Java's `GZIPOutputStream`, whose header names no file, no time and no
//! system.

use std::io::Write;

use flate2::bufread::GzDecoder;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use super::{CodecError, Plain};

/// Magic, the method DEFLATE, no flags, no time, no hints, system unknown.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

pub(super) fn compress(records: &[u8], level: Option<u8>) -> Vec<u8> {
    let level = level.map_or(Compression::default(), |level| Compression::new(level.into()));
    let mut deflate = DeflateEncoder::new(HEADER.to_vec(), level);
    let memory = "memory takes all that is written to it";
    deflate.write_all(records).expect(memory);
    let mut out = deflate.finish().expect(memory);
    let mut crc = Crc::new();
    crc.update(records);
    out.extend_from_slice(&crc.sum().to_le_bytes());
    out.extend_from_slice(&crc.amount().to_le_bytes());
    out
}

pub(super) fn decompress(mut bytes: &[u8], plain: &mut Plain) -> Result<(), CodecError> {
    let damaged = "the gzip stream is damaged";
    loop {
        let mut member = GzDecoder::new(bytes);
        plain.read_all(&mut member, damaged)?;
        bytes = member.into_inner();
        // Members may follow each other; what is no member is no part of the stream.
        if !bytes.starts_with(&HEADER[..3]) {
            return Ok(());
        }
    }
}
