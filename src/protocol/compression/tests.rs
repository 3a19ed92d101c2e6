//! Round trips, what the bytes look like, and what damaged ones do.

use super::*;
use crate::ids::Timestamp;
use crate::protocol::{Batch, BatchBuilder, RecordError};
use crate::sim::rng::Stream;

const CODECS: [Compression; 4] =
    [Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd];

/// Bytes that compress more or less well.
fn payload(chance: &mut Stream, len: usize) -> Vec<u8> {
    let kinds = 1 + chance.below(256);
    let words: Vec<Vec<u8>> = (0..8)
        .map(|_| (0..=chance.below(40)).map(|_| chance.below(kinds) as u8).collect())
        .collect();
    let mut bytes = Vec::with_capacity(len);
    while bytes.len() < len {
        if chance.below(4) == 0 {
            bytes.push(chance.below(kinds) as u8);
        } else {
            bytes.extend_from_slice(&words[chance.below(8) as usize]);
        }
    }
    bytes.truncate(len);
    bytes
}

#[test]
fn what_was_compressed_comes_out_again() {
    let mut chance = Stream::new(1, "payloads");
    let lens = [0, 1, 2, 15, 100, 4_000, 32_768, 32_769, 65_534, 65_535, 65_536, 65_537, 300_000];
    for len in lens {
        let plain = payload(&mut chance, len);
        for compression in CODECS {
            let packed = compress(compression.into(), &plain);
            assert!(
                decompress(compression, &packed) == (plain.clone(), None),
                "{compression} {len}"
            );
        }
        for level in 1..=9 {
            let codec = Codec { gzip_level: Some(level), ..Compression::Gzip.into() };
            assert!(
                decompress(Compression::Gzip, &compress(codec, &plain)) == (plain.clone(), None)
            );
        }
        let unframed = Codec { is_unframed: true, ..Compression::Snappy.into() };
        let packed = compress(unframed, &plain);
        assert!(decompress(Compression::Snappy, &packed) == (plain, None), "unframed {len}");
    }
}

#[test]
fn streams_begin_as_java_writes_them() {
    let begins: Vec<String> = CODECS
        .iter()
        .map(|codec| {
            let bytes = compress((*codec).into(), b"the same the same the same the same");
            let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{codec}: {}", hex.concat())
        })
        .collect();
    // That these never change is what lets a trace be the same on every machine.
    insta::assert_snapshot!(begins.join("\n"), @"
    gzip: 1f8b08000000000000ff2bc94855284ecc4d5528c1c90000d0850bdd23000000
    snappy: 82534e415050590000000001000000010000000e23207468652073616d6520660900
    lz4: 04224d18604082140000009f7468652073616d652009000160652073616d6500000000
    zstd: 28b52ffd0038ed00009c00007468652073616d652002a810e3fb108c1f1036c6f30135863002
    ");
}

#[test]
fn streams_may_follow_each_other() {
    for compression in [Compression::Gzip, Compression::Snappy, Compression::Zstd] {
        let one = compress(compression.into(), b"one,");
        let two = compress(compression.into(), b"two");
        let both = decompress(compression, &[one, two].concat());
        assert_eq!(both, (b"one,two".to_vec(), None), "{compression}");
    }
}

#[test]
fn a_cut_stream_gives_what_it_can_and_says_so() {
    let plain = payload(&mut Stream::new(2, "payload"), 100_000);
    for compression in CODECS {
        let packed = compress(compression.into(), &plain);
        for len in [0, 1, 5, 20, packed.len() / 2, packed.len() - 1] {
            let (read, error) = decompress(compression, &packed[..len]);
            assert!(error.is_some(), "{compression}: {len} of {}", packed.len());
            assert!(plain.starts_with(&read), "{compression}: {len} of {}", packed.len());
        }
    }
}

#[test]
fn nothing_grows_beyond_the_limit() {
    let plain = vec![7; 3_000_000];
    for compression in CODECS {
        let packed = compress(compression.into(), &plain);
        let (read, error) = decompress_up_to(1_000_000, compression, &packed);
        assert_eq!(error, Some(CodecError::TooLarge), "{compression}");
        assert!(read.len() <= 1_000_000);
    }
    // A length that no block can have is not believed.
    let huge = [0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0];
    let (read, error) = decompress(Compression::Snappy, &huge);
    assert!(read.is_empty() && error.is_some());
}

/// A batch of a few records, compressed.
fn batch(compression: Compression, chance: &mut Stream) -> Batch {
    let mut builder = BatchBuilder::new().compressed(compression.into());
    for at in 0..=chance.below(20) {
        let len = chance.below(300) as usize;
        let value = payload(chance, len);
        builder.append(Timestamp(at as i64), Some(b"key"), Some(&value), &[]);
    }
    builder.build().expect("records")
}

/// Damaged bytes are an error or other records, never a panic and never more than the limit.
#[test]
fn damaged_batches_are_read_as_far_as_they_go() {
    let mut chance = Stream::new(3, "mutations");
    let rounds =
        std::env::var("KAFKASCOPE_MUTATIONS").map_or(4_000, |n| n.parse().expect("a number"));
    let mut broken = 0;
    for round in 0..rounds {
        let compression = CODECS[round % 4];
        let mut bytes = batch(compression, &mut chance).to_bytes().to_vec();
        for _ in 0..=chance.below(3) {
            let at = 57 + chance.below(bytes.len() as u64 - 57) as usize;
            match chance.below(4) {
                0 => bytes[at] ^= 1 << chance.below(8),
                1 => bytes[at] = chance.bits() as u8,
                2 => bytes[at] = 0xff,
                _ => bytes.truncate(at.max(62)),
            }
        }
        let len = bytes.len() as u32 - 12;
        bytes[8..12].copy_from_slice(&len.to_be_bytes());
        let damaged = Batch::parse(&bytes.into()).expect("a header and something");
        let (plain, _) = damaged.plain_records();
        assert!(plain.len() <= MAX_DECOMPRESSED);
        broken += usize::from(damaged.decode().is_err());
    }
    assert!(broken > rounds / 2, "{broken} of {rounds} were broken");
}

#[test]
fn copies_of_a_batch_are_decompressed_once() {
    let built = batch(Compression::Zstd, &mut Stream::new(4, "batch"));
    let parsed = Batch::parse(&built.to_bytes()).expect("a batch");
    let placed = parsed.with_place(crate::ids::Offset(7), crate::ids::LeaderEpoch(1));
    assert_eq!(placed.plain_records(), built.plain_records());
    assert_eq!(parsed.plain_records().0.as_ptr(), placed.plain_records().0.as_ptr());
    assert!(placed.plain_size_in_bytes() > 61 && parsed.checked().is_ok());
}

#[test]
fn records_before_the_damage_can_be_read() {
    let mut builder = BatchBuilder::new().compressed(Compression::Lz4.into());
    let mut chance = Stream::new(5, "values");
    for _ in 0..200 {
        let value: Vec<u8> = (0..1_000).map(|_| chance.bits() as u8).collect();
        builder.append(Timestamp(0), None, Some(&value), &[]);
    }
    let whole = builder.build().expect("records").to_bytes();
    let mut cut = whole.slice(..whole.len() / 2).to_vec();
    let len = cut.len() as u32 - 12;
    cut[8..12].copy_from_slice(&len.to_be_bytes());
    let cut = Batch::parse(&cut.into()).expect("a batch");
    let mut records = cut.iter();
    assert_eq!(records.by_ref().take_while(Result::is_ok).count(), 64, "one block of 64 KiB");
    let error = cut.decode().unwrap_err();
    assert_eq!(error, RecordError::Codec(Compression::Lz4, CodecError::Truncated));
}
