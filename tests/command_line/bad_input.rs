//! Bad input is refused with the file, the line and a hint, and ends with 2.

use std::fs;
use std::path::Path;

use crate::program::{Called, call, call_with, scenario};

fn check(text: &str) -> Called {
    call_with(&["check", "-"], text.as_bytes())
}

/// What is wrong with `text` is told with place and hint.
#[track_caller]
fn refused(text: &str, line: usize, says: &[&str]) {
    let checked = check(text);
    assert_eq!(checked.code, 2, "{}{}", checked.out, checked.err);
    let place = format!("stdin:{line}:");
    for part in says.iter().copied().chain([place.as_str()]) {
        assert!(checked.err.contains(part), "no `{part}` in:\n{}", checked.err);
    }
    // What cannot be checked cannot be run either.
    assert_eq!(call_with(&["run", "-"], text.as_bytes()).code, 2);
}

#[test]
fn views_of_what_is_not_there() {
    for (view, told) in [
        ("partition:kp-0", "did you mean `kq-0`?"),
        ("partition:", "the first is `"),
        ("cluster:kq-0", "is named: partition:kq-0"),
        ("partitoin", "partition"),
    ] {
        let called = call(&["run", "broker-down", "--view", view, "--at", "5s"]);
        assert_eq!(called.code, 2, "{view}: {}", called.err);
        assert!(called.err.contains(told), "{view}: {}", called.err);
    }
}

#[test]
fn what_is_no_toml() {
    refused("format = 1\nkafka = \n", 2, &["^"]);
}

#[test]
fn unknown_keys_topics_brokers_and_settings() {
    refused(&scenario("duratoin = \"5s\""), 6, &["duratoin", "did you mean", "duration"]);
    let step = |line: &str| scenario("") + &format!("[[steps]]\nat = \"5s\"\ndo = \"{line}\"\n");
    refused(&step("kill leader(kp-0)"), 17, &["kp", "kq"]);
    refused(&step("kill broker-7"), 17, &["broker-7", "broker-"]);
    refused(&step("kil broker-1"), 17, &["kil", "kill"]);
    let config = scenario("") + "config = { ack = \"all\" }\n";
    refused(&config, 15, &["ack", "acks"]);
}

#[test]
fn impossible_numbers() {
    let text = scenario("").replace("replication-factor = 3", "replication-factor = 4");
    refused(&text, 11, &["4 replicas", "3 brokers"]);
    let text = scenario("").replace("duration = \"20s\"", "duration = \"-20s\"");
    refused(&text, 5, &["-20s"]);
    let text = scenario("") + "[[steps]]\nat = \"-5s\"\ndo = \"kill broker-1\"\n";
    refused(&text, 16, &["-5s"]);
    refused(&scenario("").replace("brokers = 3", "brokers = 5000"), 8, &["1000"]);
    refused(
        &scenario("").replace("partitions = 1\n", "partitions = 4000000000\n"),
        10,
        &["200000"],
    );
}

#[test]
fn the_same_id_twice() {
    let text = scenario("").replace("replication-factor = 3", "replicas = [[1, 2, 2]]");
    refused(&text, 11, &["broker 2 is there twice"]);
    let text = scenario("") + "[topics.kq]\npartitions = 2\n";
    refused(&text, 15, &["duplicate key"]);
    let step = "[[steps]]\nat = \"5s\"\ndo = \"kill broker-1\"\nas = \"victim\"\n";
    refused(&(scenario("") + step + step), 22, &["victim", "already"]);
}

#[test]
fn all_mistakes_at_once() {
    let text = scenario("duratoin = \"5s\"").replace("rate = \"10/s\"", "rate = \"fast\"")
        + "[[steps]]\nat = \"5s\"\ndo = \"kill broker-9\"\n";
    let checked = check(&text);
    assert_eq!(checked.code, 2);
    for part in ["stdin:6:", "stdin:14:", "stdin:17:"] {
        assert!(checked.err.contains(part), "no {part} in:\n{}", checked.err);
    }
}

#[test]
fn files_that_are_none() {
    let empty = check("");
    assert_eq!(empty.code, 2, "{}", empty.err);
    assert!(empty.err.contains("empty"), "{}", empty.err);
    let binary = call_with(&["check", "-"], &[0x7f, b'E', b'L', b'F', 0, 0xff, 0xfe]);
    assert_eq!(binary.code, 2);
    assert!(binary.err.contains("binary file"), "{}", binary.err);
    let deep = check(&format!("format = 1\nabout = {}{}\n", "[".repeat(5_000), "]".repeat(5_000)));
    assert_eq!(deep.code, 2, "{}", deep.err);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("large.toml");
    fs::write(&path, vec![b'#'; (16 << 20) + 1]).expect("it can be written");
    let large = call(&["run", "large.toml"]);
    assert_eq!(large.code, 2);
    assert!(large.err.contains("16 MiB"), "{}", large.err);
    fs::remove_file(&path).expect("it was written");
    assert_eq!(call(&["run", "."]).code, 2, "a directory is no scenario");
    let missing = call(&["run", "no-such.toml"]);
    assert_eq!(missing.code, 2);
    assert!(missing.err.contains("no-such.toml"), "{}", missing.err);
}

#[test]
fn names_and_options_that_there_are_not() {
    let near = call(&["run", "broker-dwon"]);
    assert_eq!(near.code, 2);
    assert!(near.err.contains("did you mean `broker-down`?"), "{}", near.err);
    assert_eq!(call(&["rnu"]).code, 2);
    assert_eq!(call(&["run", "broker-down", "--until", "soon"]).code, 2);
    assert_eq!(call(&["run", "broker-down", "--lang", "fr"]).code, 2);
    assert_eq!(call(&["run", "broker-down", "--seed", "-1"]).code, 2);
}

#[test]
fn what_cannot_be_simulated_yet() {
    let refused_as =
        |from: &str, to: &str, line, says| refused(&scenario("").replace(from, to), line, says);
    refused_as(
        "brokers = 3",
        "brokers = 3\ncontrollers = 3",
        9,
        &["3 controllers cannot be simulated yet"],
    );
    refused_as(
        "brokers = 3",
        "brokers = 3\nmetadata = \"zookeeper\"",
        9,
        &["ZooKeeper cannot be simulated yet"],
    );
    refused_as(
        "kafka = \"4.1\"",
        "kafka = \"2.8\"",
        3,
        &["Kafka 2.8 cannot be simulated yet", "4.1"],
    );
    refused_as(
        "topic = \"kq\"",
        "topic = \"kq\"\nclient = \"librdkafka\"",
        14,
        &["librdkafka", "java, sarama and kq can"],
    );
    let level = scenario("") + "[[steps]]\nat = \"5s\"\ndo = \"set level all elr off\"\n";
    refused(&level, 17, &["levels cannot be changed while a cluster runs yet"]);
}
