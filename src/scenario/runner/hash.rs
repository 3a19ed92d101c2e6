//! The trace hash: 128 bits over the canonical bytes of everything that was told.
//!
//! Instants, nodes by name, kinds and fields; never event numbers or text for people (decisions 2).

use std::hash::Hasher;

use postcard::ser_flavors::Flavor;
use siphasher::sip128::{Hasher128, SipHasher13};

use crate::fact::Fact;
use crate::sim::Instant;

/// A trace hash on its way.
#[derive(Clone, Debug, Default)]
pub(super) struct TraceHash {
    hasher: SipHasher13,
    bytes: Vec<u8>,
}

impl TraceHash {
    pub(super) fn add(&mut self, at: Instant, node: &str, fact: &Fact) {
        self.bytes.clear();
        self.bytes.extend_from_slice(&at.as_nanos().to_le_bytes());
        let bytes = Bytes(std::mem::take(&mut self.bytes));
        let written = postcard::serialize_with_flavor(&(node, fact), bytes);
        self.bytes = written.expect("facts are plain values");
        self.hasher.write(&self.bytes);
    }

    pub(super) fn finish(&self) -> u128 {
        self.hasher.finish128().as_u128()
    }
}

/// Where the canonical bytes go. The crate's own would add strings byte by byte.
struct Bytes(Vec<u8>);

impl Flavor for Bytes {
    type Output = Vec<u8>;

    fn try_extend(&mut self, data: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(data);
        Ok(())
    }

    fn try_push(&mut self, data: u8) -> postcard::Result<()> {
        self.0.push(data);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<Self::Output> {
        Ok(self.0)
    }
}
