//! Zstandard frames without checksum.
//!
//! In Kafka: `ZstdCompression` around zstd-jni; KIP-110.

use ruzstd::decoding::StreamingDecoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::{CodecError, Plain};

/// What a frame may ask a reader to remember, in bytes: zstd's own readers take no more.
const MAX_WINDOW: u64 = 1 << 27;

pub(super) fn compress(records: &[u8]) -> Vec<u8> {
    compress_to_vec(records, CompressionLevel::Fastest)
}

pub(super) fn decompress(bytes: &[u8], plain: &mut Plain) -> Result<(), CodecError> {
    let mut rest = bytes;
    loop {
        let frame = StreamingDecoder::new_with_max_window_size(&mut rest, MAX_WINDOW);
        let frame = frame.map_err(|_| CodecError::Damaged("this is no zstd frame"))?;
        plain.read_all(frame, "the zstd frame is damaged")?;
        // Frames may follow each other.
        if rest.is_empty() {
            return Ok(());
        }
    }
}
