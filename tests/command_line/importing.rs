//! `kafkascope import`: what our own tools print, and what is not such a text.

use std::fs;

use crate::exporting::scratch;
use crate::program::{call, call_with};

#[test]
fn what_our_own_kafka_topics_prints_becomes_the_same_cluster() {
    for (name, at) in [("broker-down", "8s"), ("broker-down", "20s"), ("seed-kq", "50s")] {
        let describe = ["--do", "kafka-topics --describe --exclude-internal"];
        let there = call(&[&["run", name, "--at", at], &describe[..]].concat()).out;
        let imported = call_with(&["import", "topics", "-"], there.as_bytes());
        assert_eq!((imported.code, &*imported.err), (0, ""));
        let path = scratch("imported.toml");
        fs::write(&path, &imported.out).expect("it can be written");
        let path = path.to_str().expect("a path");
        let checked = call(&["check", path]);
        assert_eq!((checked.code, &*checked.err), (0, ""), "{}", imported.out);
        let here = call(&[&["run", path, "--at", "8s"], &describe[..]].concat()).out;
        // The same topics, ids and settings; the same partitions on the same brokers.
        let placed = |text: &str| {
            let rows = text.lines().map(|row| {
                let fields = row.split('\t').filter(|field| {
                    !["Leader: ", "Isr: ", "Elr: ", "LastKnownElr: "]
                        .iter()
                        .any(|name| field.starts_with(name))
                });
                fields.collect::<Vec<_>>().join("\t")
            });
            let mut rows: Vec<String> = rows.collect();
            rows.sort();
            rows
        };
        assert_eq!(placed(&here), placed(&there), "{name} at {at}");
    }
}

#[test]
fn an_import_that_cannot_be_read_says_why() {
    for (text, told) in [
        (&b""[..], "there is nothing to import"),
        (b"no such thing\n", "line 1: `no such thing` is neither"),
        (b"\xff", "is no text in UTF-8"),
    ] {
        let called = call_with(&["import", "topics", "-"], text);
        assert_eq!((called.code, &*called.out), (2, ""));
        assert!(called.err.contains(told), "{}", called.err);
    }
    assert!(call(&["import", "topics", "nowhere.txt"]).err.contains("nowhere.txt cannot be read"));
}
