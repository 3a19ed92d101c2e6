//! What goes into a code comes out of it, and nothing else is taken for one.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::scenario::runner::Runner;
use crate::scenario::timeline::Timeline;

fn built_in(name: &str) -> Shared {
    let source = library::find(name).expect("it is built in");
    Shared { source, seed: None, run: None, done: Vec::new() }
}

fn recorded(nanos: u64, line: &str) -> Recorded {
    Recorded { at: Instant::from_nanos(nanos), line: line.into() }
}

/// A handful of commands as people give them.
fn handful() -> Vec<Recorded> {
    vec![
        recorded(10_000_000_001, "kill leader(kq-0)"),
        recorded(14_123_456_789, "partition broker-2 | {broker-1, controller-1} for 20s"),
        recorded(21_987_654_321, "produce \"hello\" key \"user-42\" to kq"),
        recorded(27_500_000_003, "start broker-3"),
        recorded(33_333_333_333, "add consumer to checkout"),
        recorded(35_000_000_001, "slow disk of broker-2 by 10x"),
    ]
}

/// What a code of a run of a small scenario is made of.
const SMALL: &str = "format = 1\ntitle = \"small\"\nduration = \"6s\"\nboot = \"200ms\"\n\
    [topics.kq]\npartitions = 2\nreplication-factor = 2\n\
    [producers.web]\ntopic = \"kq\"\nrate = \"50/s\"\n[groups.g]\ntopics = \"kq\"\nconsumers = 2\n";

fn received(shared: &Shared) -> Shared {
    let received = Shared::read(&shared.code()).expect("it was just made");
    assert!(!received.is_other);
    received.shared
}

#[test]
fn a_handful_of_commands_to_a_scenario_that_comes_with_the_program_fits_into_200_letters() {
    for name in library::names() {
        let mut shared = built_in(name);
        assert!(shared.code().len() <= 60, "{}", shared.code());
        (shared.seed, shared.run, shared.done) = (Some(987_654_321), Some(2), handful());
        let code = shared.code();
        assert!(code.len() <= 200, "{}: {code}", code.len());
        assert_eq!(received(&shared), shared);
    }
}

#[test]
fn a_code_can_stand_in_an_address() {
    let mut shared = built_in("broker-down");
    shared.done = handful();
    shared.source.name = "/home/me/宕机 & co.toml".to_owned();
    shared.source.text.push_str("# mine\n");
    let code = shared.code();
    assert!(code.starts_with("ks1.-----co."), "{code}");
    let safe = |letter: char| letter.is_ascii_alphanumeric() || "-._".contains(letter);
    assert!(code.chars().all(safe), "{code}");
}

#[test]
fn a_file_of_ones_own_is_in_the_code_whole() {
    let source = Source { name: "dir/mine.toml".to_owned(), text: SMALL.to_owned() };
    let shared = Shared { source, seed: None, run: None, done: handful() };
    let code = shared.code();
    assert!(code.starts_with("ks1.mine."), "{code}");
    assert!(code.len() < 400, "{}: {code}", code.len());
    let back = received(&shared);
    assert_eq!(back.source.name, "mine.toml");
    assert_eq!((back.source.text, back.done), (shared.source.text, shared.done));
}

#[test]
fn a_built_in_scenario_that_was_changed_is_no_built_in_scenario() {
    let mut shared = built_in("broker-down");
    let short = shared.code().len();
    shared.source.text.push_str("# mine\n");
    assert!(shared.code().len() > 4 * short);
    assert_eq!(received(&shared), shared);
}

#[test]
fn every_damage_is_noticed() {
    let mut shared = built_in("broker-down");
    shared.done = handful();
    let code = shared.code();
    for place in "ks1.".len()..code.len() {
        let mut letters = code.clone().into_bytes();
        letters[place] = if letters[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(letters).expect("ASCII");
        assert_eq!(Shared::read(&changed), Err(ShareError::Damaged), "{changed}");
        assert_eq!(Shared::read(&code[..place]), Err(ShareError::Damaged), "{}", &code[..place]);
    }
    for line_broken in [code.replace('a', "a\n "), format!("  {code}\n")] {
        assert_eq!(Shared::read(&line_broken).map(|received| received.shared), Ok(shared.clone()));
    }
}

#[test]
fn what_is_no_code_of_this_version_is_told() {
    let told = |code: &str| Shared::read(code).expect_err("it is refused").to_string();
    insta::assert_snapshot!(told("broker-down"), @"a share code looks like ks1.broker-down.…, as `run --share` prints it");
    insta::assert_snapshot!(told("ks2.broker-down.AAAA"), @"this share code was made by a later version of kafkascope (ks2); this one reads ks1");
    insta::assert_snapshot!(told("ks1.broker-down"), @"this share code is damaged: a letter was changed, or its end is missing; copy it again");
    let gone = {
        let body = [0, 1, 2, 3, 4, 0, 0];
        let bytes = [&body[..], &checksum("long-gone", &body)].concat();
        format!("ks1.long-gone.{}", letters_of(&bytes))
    };
    insta::assert_snapshot!(told(&gone), @"this share code is for the scenario `long-gone`, which this version of kafkascope does not have");
    let unknown = {
        let body = [64, 0, 0];
        let bytes = [&body[..], &checksum("broker-down", &body)].concat();
        format!("ks1.broker-down.{}", letters_of(&bytes))
    };
    insta::assert_snapshot!(told(&unknown), @"this share code says something that this version of kafkascope does not know");
    assert!(is_code("ks1.broker-down.AAAA") && is_code("ks27.") && !is_code("kstest.toml"));
}

#[test]
fn a_scenario_that_had_another_text_says_so() {
    let body = [0, 1, 2, 3, 4, 0, 0];
    let bytes = [&body[..], &checksum("broker-down", &body)].concat();
    let code = format!("ks1.broker-down.{}", letters_of(&bytes));
    let received = Shared::read(&code).expect("it can be read");
    assert!(received.is_other);
    assert_eq!(received.shared, built_in("broker-down"));
}

/// Codes that were given away must be read for ever: a change here needs a version of its own.
#[test]
fn the_layout_stays_as_it_is() {
    let source = Source { name: "mine.toml".to_owned(), text: SMALL.to_owned() };
    let shared = Shared { source, seed: Some(7), run: Some(1), done: handful() };
    let code = "ks1.mine.BwcBBoHIr6AllOqbrg-cw_ilHdLwvsQU0rTG3RWsod2aBu8CjZhBDgARDEX_kWYcamYhFu6_4aNoithLE3z6Xr86OhiDA1J4YFvWSi5GXtrfQ9QShfFR6QuRbqktzrB_TWWu6GOD-4LSxHohyr-jZFs28JEVYTYEE0c3xfndhBgXzxP69LG7YJx-1QR1EP3E";
    assert_eq!(
        Shared::read(code).map(|received| received.shared),
        Ok(shared.clone()),
        "{}",
        shared.code()
    );
}

/// Commands that can be given to the small scenario at any time.
const LINES: [&str; 8] = [
    "kill leader(kq-0)",
    "start broker-1",
    "pause broker-2 for 500ms",
    "partition broker-1 | {broker-2, broker-3} for 1s",
    "produce \"hello\" key \"user-42\" to kq",
    "add consumer to g",
    "kill coordinator(g)",
    "set topic kq min.insync.replicas 2",
];

proptest! {
    #[test]
    fn whatever_is_shared_comes_back(
        text in "\\PC{1,200}",
        seed in any::<Option<u64>>(),
        run in proptest::option::of(0usize..5),
        done in proptest::collection::vec((any::<u32>(), "\\PC{1,40}"), 0..6),
    ) {
        let mut at = 0;
        let done = done.into_iter().map(|(later, line)| {
            at += u64::from(later);
            recorded(at, &line)
        });
        let source = Source { name: "mine.toml".to_owned(), text };
        let shared = Shared { source, seed, run, done: done.collect() };
        prop_assert_eq!(received(&shared), shared);
    }

    #[test]
    fn any_letters_are_read_or_refused(letters in "ks1\\.[a-z.]{0,8}\\.?[A-Za-z0-9_-]{0,60}") {
        prop_assert!(Shared::read(&letters).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn who_gets_a_code_gets_the_same_trace(
        seed in 0u64..1_000_000,
        done in proptest::collection::vec((1u64..1_500_000_000, 0usize..LINES.len()), 0..5),
    ) {
        let source = Source { name: "small.toml".to_owned(), text: SMALL.to_owned() };
        let run = load(&source).runs.remove(0);
        // It happens, and meanwhile lines are typed.
        let mut original = Runner::new(run.seeded(Some(seed)), true);
        let mut at = Instant::ZERO;
        for (later, line) in done {
            at = Instant::from_nanos(at.as_nanos() + later);
            original.run_until(at);
            original.type_line(LINES[line]).expect("it can be read");
        }
        original.run();
        let done = original.recorded().to_vec();
        let shared = Shared { source, seed: Some(seed), run: None, done };
        let back = received(&shared);
        // As `run` does it: steps of a file.
        let (_, loaded) = back.load();
        prop_assert!(!loaded.is_wrong());
        let mut again = Runner::new(Arc::new(loaded.runs[0].scenario.clone()), true);
        again.run();
        prop_assert_eq!(again.trace_hash(), original.trace_hash());
        // As `play` does it: lines typed again.
        let mut timeline = Timeline::new(load(&back.source).runs[0].seeded(back.seed));
        prop_assert_eq!(timeline.do_again(&back.done), []);
        timeline.go_to(original.end());
        prop_assert_eq!(timeline.runner().number(), original.number());
        prop_assert_eq!(timeline.recorded(), back.done);
    }
}
