//! How the records of a batch are compressed, as a whole, behind the batch's header.
//!
//! In Kafka: `CompressionType`, the classes of `org.apache.kafka.common.compress`; KIP-110 (zstd), KIP-390
//! (levels). All codecs are Rust code and the same on every machine. What is compressed here can be read by
//! any Kafka, and the other way round; its bytes are those of these codecs, not of Java's. Left out: how
//! hard LZ4 and zstd try, because these have one level each.

mod gzip;
mod lz4;
mod snappy;
#[cfg(test)]
mod tests;
mod unpacked;
mod zstd;

use thiserror::Error;

pub(super) use unpacked::Unpacked;

/// The most that one batch may hold decompressed, in bytes. Kafka reads a stream record by record and
/// has no such limit; this model holds all of it.
pub const MAX_DECOMPRESSED: usize = 64 * 1024 * 1024;

/// How records are compressed.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, strum::Display, strum::FromRepr,
)]
#[strum(serialize_all = "lowercase")]
#[repr(u8)]
pub enum Compression {
    /// Not at all.
    #[default]
    None = 0,
    /// `gzip`.
    Gzip = 1,
    /// `snappy`, in xerial framing.
    Snappy = 2,
    /// `lz4` frames.
    Lz4 = 3,
    /// `zstd`.
    Zstd = 4,
}

/// A compression, and how hard it tries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Codec {
    /// Which.
    pub compression: Compression,
    /// `compression.gzip.level`; none for the codec's own choice.
    pub gzip_level: Option<u8>,
    /// Snappy's one block stands for itself, as Go's libraries write it; Java's frame blocks.
    pub is_unframed: bool,
}

impl Codec {
    /// Records as they are.
    pub const NONE: Self =
        Self { compression: Compression::None, gzip_level: None, is_unframed: false };

    /// True unless records stay as they are.
    pub const fn compresses(self) -> bool {
        !matches!(self.compression, Compression::None)
    }
}

impl From<Compression> for Codec {
    fn from(compression: Compression) -> Self {
        Self { compression, ..Self::NONE }
    }
}

/// Why bytes cannot be decompressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CodecError {
    /// They end before the stream does.
    #[error("the stream ends too early")]
    Truncated,
    /// They are not what the codec writes.
    #[error("{0}")]
    Damaged(&'static str),
    /// There is more in them than this model takes.
    #[error("more than {MAX_DECOMPRESSED} bytes are in them")]
    TooLarge,
}

/// The records as `codec` writes them.
pub fn compress(codec: Codec, records: &[u8]) -> Vec<u8> {
    match codec.compression {
        Compression::None => records.to_vec(),
        Compression::Gzip => gzip::compress(records, codec.gzip_level),
        Compression::Snappy if codec.is_unframed => snappy::compress_unframed(records),
        Compression::Snappy => snappy::compress(records),
        Compression::Lz4 => lz4::compress(records),
        Compression::Zstd => zstd::compress(records),
    }
}

/// What was compressed: as much as can be read, at most [`MAX_DECOMPRESSED`], and what ended it where
/// that is not the end of the stream.
pub fn decompress(compression: Compression, bytes: &[u8]) -> (Vec<u8>, Option<CodecError>) {
    decompress_up_to(MAX_DECOMPRESSED, compression, bytes)
}

fn decompress_up_to(
    max: usize,
    compression: Compression,
    bytes: &[u8],
) -> (Vec<u8>, Option<CodecError>) {
    let mut plain = Plain { bytes: Vec::new(), max };
    let end = match compression {
        Compression::None => plain.extend(bytes),
        Compression::Gzip => gzip::decompress(bytes, &mut plain),
        Compression::Snappy => snappy::decompress(bytes, &mut plain),
        Compression::Lz4 => lz4::decompress(bytes, &mut plain),
        Compression::Zstd => zstd::decompress(bytes, &mut plain),
    };
    (plain.bytes, end.err())
}

/// What comes out of a codec. It takes memory as bytes come, never because a header promises them.
struct Plain {
    bytes: Vec<u8>,
    max: usize,
}

impl Plain {
    fn extend(&mut self, more: &[u8]) -> Result<(), CodecError> {
        let room = self.max - self.bytes.len();
        self.bytes.extend_from_slice(&more[..more.len().min(room)]);
        if more.len() > room { Err(CodecError::TooLarge) } else { Ok(()) }
    }

    /// Takes all that a stream gives; `name` is what its errors say.
    fn read_all(
        &mut self,
        mut stream: impl std::io::Read,
        damaged: &'static str,
    ) -> Result<(), CodecError> {
        let mut chunk = [0; 8 * 1024];
        loop {
            match stream.read(&mut chunk) {
                Ok(0) => return Ok(()),
                Ok(read) => self.extend(&chunk[..read])?,
                Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                    return Err(CodecError::Truncated);
                }
                Err(_) => return Err(CodecError::Damaged(damaged)),
            }
        }
    }
}

/// Takes the first `N` bytes off.
fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], CodecError> {
    let (first, after) = rest.split_first_chunk().ok_or(CodecError::Truncated)?;
    *rest = after;
    Ok(*first)
}

/// Takes the first `len` bytes off.
fn take_slice<'a>(rest: &mut &'a [u8], len: usize) -> Result<&'a [u8], CodecError> {
    let (first, after) = rest.split_at_checked(len).ok_or(CodecError::Truncated)?;
    *rest = after;
    Ok(first)
}
