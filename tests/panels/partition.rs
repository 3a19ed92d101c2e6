//! The logs of a partition.

use kafkascope::explain::Lang;
use kafkascope::ids::TopicPartition;
use kafkascope::scenario::timeline::Timeline;
use kafkascope::tui::panels::partition::{self, StripsView};
use kafkascope::tui::panels::{Changed, Thing};
use kafkascope::tui::{Theme, Tone};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::run::{self, at, at_of, lens, mono, snapshot, styled, text};

/// Two replicas; the one that is behind is made leader by force.
const UNCLEAN: &str = r#"
format   = 1
title    = { en = "Unclean", zh = "不干净" }
kafka    = "4.1"
seed     = 1
duration = "60s"

[cluster]
brokers = 3

[topics.kq]
partitions         = 1
replication-factor = 2

[producers.web]
topic  = "kq"
rate   = "20/s"
config = { acks = "1" }

[groups.checkout]
topics    = ["kq"]
consumers = 1

[[steps]]
at = "5s"
do = "kill any-follower(kq-0)"
as = "behind"

[[steps]]
at = "20s"
do = "kill leader(kq-0)"
as = "ahead"

[[steps]]
at = "35s"
do = "start behind"

[[steps]]
at = "45s"
do = "elect unclean kq-0"

[[steps]]
at = "50s"
do = "start ahead"
"#;

fn view<'a>(tp: Option<&'a TopicPartition>, changed: &'a Changed) -> StripsView<'a> {
    StripsView { tp, selected: None, top: 0, close: false, changed }
}

fn draw(
    timeline: &Timeline,
    tp: &str,
    (width, height): (u16, u16),
    theme: &Theme,
    lang: Lang,
    close: bool,
) -> Buffer {
    let changed = run::changed(timeline);
    let tp = named(tp);
    run::drawn(width, height, theme, lang, |look, area, buf| {
        let view = StripsView { close, ..view(Some(&tp), &changed) };
        partition::draw(look, lens(timeline), &view, area, buf);
    })
}

fn named(tp: &str) -> TopicPartition {
    let (topic, number) = tp.rsplit_once('-').expect("a topic and a number");
    TopicPartition::new(topic, number.parse().expect("a number"))
}

fn plain(timeline: &Timeline, tp: &str, size: (u16, u16)) -> String {
    text(&draw(timeline, tp, size, &mono(), Lang::En, false))
}

#[test]
fn a_broker_dies() {
    for (name, moment, tp) in [
        ("well", "5s", "kq-0"),
        ("leader-gone", "10.5s", "kq-0"),
        ("follower-gone", "12s", "kq-2"),
        ("taken-over", "19.5s", "kq-0"),
    ] {
        let timeline = at("broker-down", moment);
        snapshot(&format!("partition-{name}"), plain(&timeline, tp, (80, 15)));
        snapshot(&format!("partition-{name}-wide"), plain(&timeline, tp, (140, 15)));
    }
}

#[test]
fn a_slow_follower_holds_the_high_watermark() {
    for (name, moment) in [("waiting", "20s"), ("shrunk", "56s"), ("back", "76s")] {
        let timeline = at("isr-shrink", moment);
        snapshot(&format!("partition-isr-{name}"), plain(&timeline, "kq-0", (80, 15)));
        let buf = draw(&timeline, "kq-0", (80, 15), &mono(), Lang::Zh, false);
        snapshot(&format!("partition-isr-{name}-zh"), text(&buf));
    }
    let timeline = at("isr-shrink", "20s");
    let close = draw(&timeline, "kq-0", (80, 15), &mono(), Lang::En, true);
    snapshot("partition-isr-waiting-close", text(&close));
}

#[test]
fn a_broker_comes_back() {
    for moment in ["41s", "43s", "60s"] {
        let timeline = at("broker-down-and-back", moment);
        let screen = plain(&timeline, "kq-0", (120, 15));
        snapshot(&format!("partition-back-{moment}"), screen);
    }
}

#[test]
fn an_unclean_election_cuts_a_log_back() {
    for moment in ["33s", "44s", "46s", "54s"] {
        let timeline = at_of(UNCLEAN, moment);
        let screen = plain(&timeline, "kq-0", (120, 13));
        snapshot(&format!("partition-unclean-{moment}"), screen);
    }
    let timeline = at_of(UNCLEAN, "33s");
    let buf = draw(&timeline, "kq-0", (80, 13), &mono(), Lang::Zh, false);
    snapshot("partition-unclean-zh", text(&buf));
}

#[test]
fn with_colours_and_in_ascii() {
    let timeline = at("isr-shrink", "20s");
    let buf = draw(&timeline, "kq-0", (80, 15), &Theme::new(Tone::Dark, false), Lang::En, false);
    snapshot("partition-colours", styled(&buf));
    let buf = draw(&timeline, "kq-0", (80, 15), &Theme::new(Tone::Mono, true), Lang::En, false);
    let screen = text(&buf);
    assert!(screen.is_ascii(), "{screen}");
    snapshot("partition-ascii", screen);
}

#[test]
fn nothing_is_drawn_beyond_the_frame() {
    let timeline = at("isr-shrink", "20s");
    let changed = run::changed(&timeline);
    let tp = named("kq-0");
    for close in [false, true] {
        for width in (0..90).step_by(3) {
            for height in 0..16 {
                let mut buf = Buffer::empty(Rect::new(0, 0, 100, 20));
                let area = Rect::new(3, 2, width, height);
                let theme = mono();
                let look = kafkascope::tui::Look::new(&theme, Lang::Zh);
                let view = StripsView { close, selected: Some(2), ..view(Some(&tp), &changed) };
                partition::draw(&look, lens(&timeline), &view, area, &mut buf);
                for (x, y) in (0..100).flat_map(|x| (0..20).map(move |y| (x, y))) {
                    let inside = area.contains((x, y).into());
                    assert!(inside || buf[(x, y)].symbol() == " ", "{width}x{height} {x} {y}");
                }
            }
        }
    }
}

#[test]
fn rows_are_the_partition_its_groups_and_its_replicas() {
    let timeline = at("isr-shrink", "20s");
    let changed = Changed::default();
    let tp = named("kq-0");
    let view = view(Some(&tp), &changed);
    let lens = lens(&timeline);
    assert_eq!(partition::rows(lens, &view), 5);
    assert_eq!(partition::at(lens, &view, 0), Some(Thing::Partition(tp.clone())));
    assert_eq!(partition::at(lens, &view, 1), Some(Thing::Group("checkout".into())));
    assert!(matches!(partition::at(lens, &view, 2), Some(Thing::Replica { .. })));
    assert_eq!(partition::at(lens, &view, 5), None);
    let area = Rect::new(0, 0, 80, 15);
    let rows: Vec<_> =
        (1..13).map(|y| partition::row_at(lens, &view, area, 5, y).expect("inside")).collect();
    assert_eq!(rows, [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
}

#[test]
fn partitions_follow_on_one_another() {
    let timeline = at("broker-down", "5s");
    let lens = lens(&timeline);
    let beside = |tp: &str, by, internal| {
        partition::beside(lens, &named(tp), by, internal).map(|tp| tp.to_string())
    };
    assert_eq!(partition::first(lens), Some(named("kq-0")));
    assert_eq!(beside("kq-0", 1, false).as_deref(), Some("kq-1"));
    assert_eq!(beside("kq-0", -1, false).as_deref(), Some("kq-0"));
    assert_eq!(beside("kq-2", 1, false).as_deref(), Some("kq-2"));
    assert_eq!(beside("kq-2", 1, true).as_deref(), Some("__consumer_offsets-0"));
    assert_eq!(beside("__consumer_offsets-0", -1, false).as_deref(), Some("kq-2"));
    assert_eq!(beside("nothing-0", 1, false), None);
}

#[test]
fn a_partition_that_is_not_there_is_said_to_be_missing() {
    let timeline = at("broker-down", "5s");
    let screen = plain(&timeline, "nothing-7", (80, 15));
    assert!(screen.contains("there is no such partition"), "{screen}");
    let timeline = at("broker-down", "0s");
    let changed = Changed::default();
    let buf = run::drawn(80, 15, &mono(), Lang::En, |look, area, buf| {
        partition::draw(look, lens(&timeline), &view(None, &changed), area, buf);
    });
    assert!(text(&buf).contains("no topics yet"), "{}", text(&buf));
}
