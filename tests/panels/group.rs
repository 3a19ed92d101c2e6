//! A group: its states, its members, and who read what when.

use kafkascope::explain::Lang;
use kafkascope::ids::{Name, TopicPartition};
use kafkascope::scenario::library;
use kafkascope::scenario::timeline::Timeline;
use kafkascope::tui::panels::group::{self, GroupView};
use kafkascope::tui::panels::{Changed, Thing};
use kafkascope::tui::{Theme, Tone};
use ratatui::buffer::Buffer;

use crate::run::{self, at, at_of, lens, mono, snapshot, styled, text};

/// One of two consumers is stopped by a signal for longer than its session, and goes on.
const ZOMBIE: &str = r#"
format   = 1
title    = { en = "Zombie", zh = "僵尸" }
kafka    = "4.1"
seed     = 1
duration = "70s"

[cluster]
brokers = 3

[topics.kq]
partitions         = 2
replication-factor = 2

[producers.web]
topic  = "kq"
rate   = "20/s"

[groups.checkout]
topics    = ["kq"]
consumers = 2
config    = { "session.timeout.ms" = "10s", "partition.assignment.strategy" = "cooperative-sticky" }

[[steps]]
at = "20s"
do = "pause c1"

[[steps]]
at = "50s"
do = "resume c1"
"#;

/// Two groups, the second without members.
const TWO: &str = r#"
format   = 1
title    = { en = "Two groups", zh = "两个组" }
kafka    = "4.1"
seed     = 1
duration = "30s"

[cluster]
brokers = 3

[topics.kq]
partitions         = 2
replication-factor = 2

[groups.audit]
topics    = ["kq"]
consumers = 1

[groups.billing]
topics    = ["kq"]
consumers = 1
"#;

fn view(changed: &Changed) -> GroupView<'_> {
    GroupView { group: None, selected: None, top: 0, close: false, changed }
}

fn draw(
    timeline: &Timeline,
    (width, height): (u16, u16),
    theme: &Theme,
    lang: Lang,
    close: bool,
) -> Buffer {
    let changed = run::changed(timeline);
    run::drawn(width, height, theme, lang, |look, area, buf| {
        group::draw(look, timeline, &GroupView { close, ..view(&changed) }, area, buf);
    })
}

fn plain(timeline: &Timeline, size: (u16, u16)) -> String {
    text(&draw(timeline, size, &mono(), Lang::En, false))
}

#[test]
fn members_come_and_partitions_move() {
    for moment in ["3s", "21s", "45s"] {
        let timeline = at("add-consumer", moment);
        snapshot(&format!("group-add-{moment}"), plain(&timeline, (80, 16)));
    }
    let timeline = at("add-consumer", "45s");
    snapshot("group-add-wide", plain(&timeline, (160, 24)));
}

#[test]
fn eager_stops_everything_while_it_waits() {
    let timeline = at("eager-vs-cooperative", "46s");
    snapshot("group-eager-waits", plain(&timeline, (80, 18)));
    let timeline = at("eager-vs-cooperative", "55s");
    snapshot("group-eager-close", text(&draw(&timeline, (80, 18), &mono(), Lang::En, true)));
}

#[test]
fn a_crash_is_noticed_when_the_session_ends() {
    for moment in ["25s", "80s", "120s"] {
        let timeline = at("consumer-crash-vs-leave", moment);
        snapshot(&format!("group-crash-{moment}"), plain(&timeline, (80, 16)));
    }
    let timeline = at("consumer-crash-vs-leave", "80s");
    snapshot("group-crash-zh", text(&draw(&timeline, (80, 16), &mono(), Lang::Zh, false)));
    let ascii = Theme::new(Tone::Mono, true);
    let plain = text(&draw(&timeline, (80, 16), &ascii, Lang::En, false));
    assert!(plain.is_ascii(), "{plain}");
    snapshot("group-crash-ascii", plain);
    let colours = Theme::new(Tone::Dark, false);
    snapshot("group-colours", styled(&draw(&timeline, (80, 16), &colours, Lang::En, false)));
}

#[test]
fn a_zombie_believes_in_what_it_does_not_own() {
    for moment in ["25s", "40s", "50.0005s", "70s"] {
        let timeline = at_of(ZOMBIE, moment);
        snapshot(&format!("group-zombie-{moment}"), plain(&timeline, (80, 18)));
    }
}

#[test]
fn a_group_may_be_without_a_coordinator() {
    let timeline = at("broker-down", "15s");
    snapshot("group-without-coordinator", plain(&timeline, (80, 16)));
}

#[test]
fn without_a_leader_its_owner_reads_nothing() {
    let timeline = at("broker-down", "18.1s");
    let tp = TopicPartition::new("kq", 0);
    let stopped = |timeline: &Timeline| timeline.ownership("checkout").stopped(&tp, timeline.at());
    assert_eq!(stopped(&timeline).as_secs(), 8, "its leader died at 10 s");
    snapshot("group-leader-dead", plain(&timeline, (120, 14)));
    // It goes on when another one leads.
    let later = at("broker-down", "30s");
    assert!(stopped(&later).as_secs() < 10);
    assert_eq!(later.ownership("checkout").waiting().count(), 0);
    // What was drawn and what is asked for are one thing.
    let scores = later.runner().scores();
    assert_eq!(stopped(&later), scores.unavailable(&tp, later.at()));
}

#[test]
fn charts_count_a_partition_whose_leader_is_dead() {
    let timeline = at("broker-down", "25s");
    let width = timeline.bucket_width();
    let buckets = timeline.series().buckets().iter().enumerate();
    let dead: Vec<u64> = buckets
        .filter(|(_, bucket)| bucket.end.leaderless > Some(0))
        .map(|(index, _)| width.as_millis() * (index as u64 + 1) / 1_000)
        .collect();
    assert_eq!((dead.first(), dead.last()), (Some(&10), Some(&18)));
}

#[test]
fn rebalances_are_counted_once_and_for_all() {
    let early = library::find("broker-down").expect("it is built in").text;
    let early = early.replace("\"10s\"", "\"5s\"");
    let runs = [
        ("its coordinator dies", at_of(&early, "30s"), 2),
        ("broker-down", at("broker-down", "40s"), 1),
        ("consumer-crash-vs-leave", at("consumer-crash-vs-leave", "60s"), 0),
    ];
    for (name, timeline, least) in runs {
        let mine = timeline.ownership("checkout").rebalances;
        let counted = timeline.runner().scores().rebalances_of("checkout");
        assert_eq!(mine.len() as u64, counted, "{name}");
        assert!(mine.len() >= least, "{name}: {mine:?}");
        assert!(mine.iter().all(|one| one.until.is_some()), "{name}: {mine:?}");
        for pair in mine.windows(2) {
            assert!(pair[0].until <= Some(pair[1].from), "{name}: one after the other: {pair:?}");
        }
    }
}

#[test]
fn every_row_is_something() {
    let timeline = at("consumer-crash-vs-leave", "80s");
    let changed = Changed::default();
    let rows = group::rows(&timeline, &view(&changed));
    let things: Vec<Thing> =
        (0..rows).filter_map(|row| group::at(&timeline, &view(&changed), row)).collect();
    assert_eq!(things.len(), rows);
    let name = |thing: &Thing| thing.name(lens(&timeline)).expect("it has a name");
    let names: Vec<String> = things.iter().map(name).collect();
    assert_eq!(names, ["checkout", "c1", "c2", "c3", "kq-0", "kq-1", "kq-2"]);
    assert_eq!(group::at(&timeline, &view(&changed), rows), None);
}

#[test]
fn groups_are_next_to_each_other() {
    let timeline = at_of(TWO, "10s");
    let beside = |from: &str, by| group::beside(lens(&timeline), from, by);
    let name = |name: &str| Some(Name::from(name));
    assert_eq!(group::first(lens(&timeline)), name("audit"));
    assert_eq!(beside("audit", 1), name("billing"));
    assert_eq!(beside("billing", 1), name("billing"));
    assert_eq!(beside("billing", -1), name("audit"));
    assert_eq!(beside("nobody", 1), None);
}

#[test]
fn going_back_shows_what_was_seen_before() {
    let mut timeline = at("add-consumer", "30s");
    let before = plain(&timeline, (100, 20));
    timeline.go_to(kafkascope::scenario::parse_instant("70s").expect("an instant"));
    assert_ne!(plain(&timeline, (100, 20)), before);
    timeline.go_to(kafkascope::scenario::parse_instant("30s").expect("an instant"));
    assert_eq!(plain(&timeline, (100, 20)), before);
}
