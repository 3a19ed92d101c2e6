//! The codecs that settings name.

use super::{Compression, GzipLevel, SaramaCompression};
use crate::protocol::{self, Codec};

impl Compression {
    /// How a producer with this `compression.type` compresses.
    pub fn codec(self, gzip_level: GzipLevel) -> Codec {
        let compression = match self {
            Self::None => protocol::Compression::None,
            Self::Gzip => protocol::Compression::Gzip,
            Self::Snappy => protocol::Compression::Snappy,
            Self::Lz4 => protocol::Compression::Lz4,
            Self::Zstd => protocol::Compression::Zstd,
        };
        Codec { gzip_level: gzip_level.0, ..compression.into() }
    }
}

impl SaramaCompression {
    /// How a producer of sarama compresses: its Snappy has no framing.
    pub fn codec(self) -> Codec {
        let compression = match self {
            Self::None => protocol::Compression::None,
            Self::Gzip => protocol::Compression::Gzip,
            Self::Snappy => protocol::Compression::Snappy,
            Self::Lz4 => protocol::Compression::Lz4,
            Self::Zstd => protocol::Compression::Zstd,
        };
        Codec { is_unframed: self == Self::Snappy, ..compression.into() }
    }
}
