//! What is inside the compressed records of a batch: found out at most once for all copies of it.

use std::sync::{Arc, OnceLock};

use super::{CodecError, Compression, decompress};

/// The records of a compressed batch as they are decompressed. All copies of the batch share it, whichever
/// replica or reader they belong to.
#[derive(Clone, Debug, Default)]
pub(in crate::protocol) struct Unpacked(Arc<OnceLock<Contents>>);

/// The records, as many as can be read, and what is wrong with what follows.
type Contents = (Box<[u8]>, Option<CodecError>);

impl Unpacked {
    /// What was just compressed.
    pub(in crate::protocol) fn known(plain: &[u8]) -> Self {
        Self(Arc::new(OnceLock::from((plain.into(), None))))
    }

    /// The records, as many as can be read, and what is wrong with what follows.
    pub(in crate::protocol) fn get(
        &self,
        compression: Compression,
        packed: &[u8],
    ) -> (&[u8], Option<CodecError>) {
        let (plain, error) = self.0.get_or_init(|| {
            let (plain, error) = decompress(compression, packed);
            (plain.into(), error)
        });
        (plain, *error)
    }
}
