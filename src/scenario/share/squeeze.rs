//! Texts made short: DEFLATE that may point back into words that both sides know.
//!
//! The codec has no way to be given a dictionary, but a window: the words are compressed first and
//! flushed, what comes out after that stands on its own bytes, and is read where the words stand
//! before it already.

use miniz_oxide::deflate::core::{
    CompressorOxide, TDEFLFlush, TDEFLStatus, compress_to_output, create_comp_flags_from_zip_params,
};
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

/// The words of scenarios and commands, what is written most often last. They belong to the version
/// of the code: another letter here, and codes that were made before say something else.
const WORDS: &[u8] = include_bytes!("words-1.txt");

/// As hard as it tries.
const LEVEL: i32 = 10;

/// No header, no checksum: the code has its own.
const RAW: i32 = -15;

/// Makes a text short.
pub(super) fn squeeze(text: &[u8]) -> Vec<u8> {
    let mut compressor = CompressorOxide::new(create_comp_flags_from_zip_params(LEVEL, RAW, 0));
    let mut put = |bytes: &[u8], flush| {
        let mut out = Vec::new();
        let (status, taken) = compress_to_output(&mut compressor, bytes, flush, |more| {
            out.extend_from_slice(more);
            true
        });
        assert!(matches!(status, TDEFLStatus::Okay | TDEFLStatus::Done), "{status:?}");
        assert_eq!(taken, bytes.len(), "all of it was taken");
        out
    };
    put(WORDS, TDEFLFlush::Sync);
    put(text, TDEFLFlush::Finish)
}

/// The text of `len` bytes that was made short; none if these bytes are not what became of one.
pub(super) fn stretch(squeezed: &[u8], len: usize) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(WORDS.len() + len);
    out.extend_from_slice(WORDS);
    out.resize(WORDS.len() + len, 0);
    let mut decompressor = DecompressorOxide::new();
    let flags = TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let (status, taken, given) =
        decompress(&mut decompressor, squeezed, &mut out, WORDS.len(), flags);
    let is_whole = status == TINFLStatus::Done && taken == squeezed.len() && given == len;
    is_whole.then(|| out.split_off(WORDS.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_squeezed_can_be_stretched() {
        let long = "x → y\n".repeat(50_000);
        for text in ["", "a", "kill leader(kq-0)\nstart broker-1", "宕机", &long] {
            let squeezed = squeeze(text.as_bytes());
            assert_eq!(stretch(&squeezed, text.len()).as_deref(), Some(text.as_bytes()));
            assert_eq!(stretch(&squeezed, text.len() + 1), None, "it is too short");
        }
    }

    #[test]
    fn known_words_cost_next_to_nothing() {
        let squeezed = squeeze(b"kill leader(kq-0)\nstart broker-1\nadd consumer to checkout");
        assert!(squeezed.len() <= 20, "{}", squeezed.len());
    }

    #[test]
    fn what_was_not_squeezed_is_refused() {
        let squeezed = squeeze(b"kill leader(kq-0)");
        assert_eq!(stretch(&squeezed[..squeezed.len() - 1], 17), None);
        assert_eq!(stretch(&[&squeezed[..], b"x"].concat(), 17), None);
        assert_eq!(stretch(b"\xff\xff\xff", 17), None);
        assert_eq!(stretch(b"", 0), None);
    }
}
