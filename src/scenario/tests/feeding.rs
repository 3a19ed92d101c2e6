//! Whatever is fed to it: it runs, or it says why not.

use proptest::prelude::*;

use crate::scenario::*;
use crate::sim::Instant;

/// Files to begin with.
fn seeds() -> Vec<&'static str> {
    vec![
        STARTER,
        include_str!("../../../scenarios/acks-matrix.toml"),
        include_str!("../../../scenarios/isr-shrink.toml"),
        include_str!("../../../scenarios/add-consumer.toml"),
    ]
}

/// Loads, renders and saves; whatever comes of it.
fn exercise(bytes: Vec<u8>) {
    let Ok(source) = Source::new("x.toml", bytes) else { return };
    let loaded = load(&source);
    let _ = render(&source, &loaded.diagnostics, true);
    for one in &loaded.diagnostics {
        let _ = one.one_line(&source);
    }
    assert_eq!(loaded.is_wrong(), loaded.runs.is_empty(), "it runs, or says why not");
    let recorded = [Recorded { at: Instant::from_nanos(1), line: "heal".into() }];
    let saved = Source { text: save(&source.text, &recorded), ..source };
    if !loaded.is_wrong() {
        let again = load(&saved);
        assert!(!again.is_wrong(), "{}", render(&saved, &again.diagnostics, false));
        let steps = |loaded: &Loaded| loaded.runs[0].scenario.steps.len();
        assert_eq!(steps(&again), steps(&loaded) + 1);
    }
}

proptest! {
    #[test]
    fn no_change_of_bytes_makes_it_panic(
        seed in proptest::sample::select(seeds()),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..12),
    ) {
        let mut bytes = seed.as_bytes().to_vec();
        for (at, byte, how) in changes {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
        }
        exercise(bytes);
    }

    #[test]
    fn no_change_of_words_makes_it_panic(
        seed in proptest::sample::select(seeds()),
        changes in proptest::collection::vec(
            (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4_u8), 1..8
        ),
        word in proptest::sample::select(vec![
            "[", "]", "{", "}", "=", "\"", "'''", "[[steps]]", "[compare]", "vary = \"seed\"", "-1", "0", "1e9",
            "99999999999999999999", "true", "\"\"", "kq", "broker-1", "\"9999h\"", "a.b.c = 1", "#", "\n",
            "at = \"5s\"", "for = \"1s\"", "as = \"leader\"", "2026-01-01", "config = {}", "members = [{}]",
            "consumers = 10000", "brokers = 1000", "partitions = 200000", "rate = \"1/ns\"", "values = [[]]",
        ]),
    ) {
        let mut words: Vec<&str> = seed.split_inclusive([' ', '\n']).collect();
        for (one, other, how) in changes {
            let (one, other) = (one.index(words.len()), other.index(words.len()));
            match how {
                0 => words.swap(one, other),
                1 => words.insert(one, word),
                2 => words[one] = word,
                _ => drop(words.remove(one)),
            }
        }
        exercise(words.concat().into_bytes());
    }
}
