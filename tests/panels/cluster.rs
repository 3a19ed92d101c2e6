//! The matrix of the cluster.

use kafkascope::explain::Lang;
use kafkascope::scenario::timeline::Timeline;
use kafkascope::tui::panels::cluster::{self, ClusterView};
use kafkascope::tui::panels::{Changed, Thing};
use kafkascope::tui::{Theme, Tone};
use ratatui::buffer::Buffer;

use crate::run::{self, at, lens, mono, snapshot, styled, text};

fn view(changed: &Changed) -> ClusterView<'_> {
    ClusterView { selected: None, top: 0, left: 0, changed, internal: false }
}

fn draw(timeline: &Timeline, width: u16, height: u16, theme: &Theme, lang: Lang) -> Buffer {
    let changed = run::changed(timeline);
    run::drawn(width, height, theme, lang, |look, area, buf| {
        cluster::draw(look, lens(timeline), &view(&changed), area, buf);
    })
}

fn plain(timeline: &Timeline, width: u16, height: u16, lang: Lang) -> String {
    text(&draw(timeline, width, height, &mono(), lang))
}

#[test]
fn a_broker_dies() {
    for (name, moment) in [("well", "5s"), ("dead", "10.5s"), ("taken-over", "19.5s")] {
        let timeline = at("broker-down", moment);
        snapshot(&format!("cluster-{name}"), plain(&timeline, 80, 10, Lang::En));
        snapshot(&format!("cluster-{name}-wide"), plain(&timeline, 130, 16, Lang::En));
        snapshot(&format!("cluster-{name}-zh"), plain(&timeline, 80, 10, Lang::Zh));
    }
}

#[test]
fn a_slow_follower_leaves_the_isr() {
    for (name, moment) in [("waiting", "30s"), ("shrunk", "56s"), ("back", "76s")] {
        let timeline = at("isr-shrink", moment);
        snapshot(&format!("cluster-isr-{name}"), plain(&timeline, 100, 9, Lang::En));
    }
}

#[test]
fn a_broker_stops_properly() {
    for moment in ["10.01s", "11s", "14s", "41s"] {
        let timeline = at("controlled-shutdown", moment);
        snapshot(&format!("cluster-stop-{moment}"), plain(&timeline, 80, 10, Lang::En));
    }
}

#[test]
fn with_colours() {
    let timeline = at("broker-down", "19.5s");
    let buf = draw(&timeline, 90, 10, &Theme::new(Tone::Dark, false), Lang::En);
    snapshot("cluster-colours", styled(&buf));
}

#[test]
fn narrow_and_low() {
    let timeline = at("broker-down", "19.5s");
    snapshot("cluster-narrow", plain(&timeline, 46, 7, Lang::En));
    for width in 0..60 {
        for height in 0..14 {
            draw(&timeline, width, height, &mono(), Lang::Zh);
        }
    }
}

#[test]
fn internal_topics_unfold() {
    let timeline = at("broker-down", "19.5s");
    let changed = run::changed(&timeline);
    let view = ClusterView { internal: true, selected: Some((7, 2)), ..view(&changed) };
    let buf = run::drawn(80, 14, &mono(), Lang::En, |look, area, buf| {
        cluster::draw(look, lens(&timeline), &view, area, buf);
    });
    snapshot("cluster-internal", text(&buf));
}

#[test]
fn every_cell_is_something() {
    let timeline = at("broker-down", "19.5s");
    let (lens, changed) = (lens(&timeline), run::changed(&timeline));
    let view = view(&changed);
    let (rows, columns) = cluster::size(lens, &view);
    assert_eq!((rows, columns), (6, 4));
    let name = |row, column| {
        let thing = cluster::at(lens, &view, row, column)?;
        Some((thing.name(lens)?, thing.term(lens)))
    };
    let all = (0..rows).map(|row| {
        let cells = (0..columns).map(|column| match name(row, column) {
            Some((name, term)) => format!("{name} ({term})"),
            None => "-".to_owned(),
        });
        cells.collect::<Vec<_>>().join(" | ")
    });
    snapshot("cluster-things", all.collect::<Vec<_>>().join("\n"));
    assert!(matches!(cluster::at(lens, &view, 5, 0), Some(Thing::Topic(_))));
}

#[test]
fn what_is_pointed_at_is_what_is_drawn() {
    let timeline = at("broker-down", "19.5s");
    let (lens, changed) = (lens(&timeline), run::changed(&timeline));
    let view = view(&changed);
    let area = ratatui::layout::Rect::new(3, 2, 80, 10);
    let mut buf = Buffer::empty(ratatui::layout::Rect::new(0, 0, 90, 20));
    let (rows, columns) = cluster::size(lens, &view);
    let theme = mono();
    for row in 1..rows {
        for column in 0..columns {
            buf.reset();
            let view = ClusterView { selected: Some((row, column)), ..view };
            let look = kafkascope::tui::Look::new(&theme, Lang::En);
            cluster::draw(&look, lens, &view, area, &mut buf);
            let lit = (0..20).flat_map(|y| (0..90).map(move |x| (x, y))).find(|at| {
                buf[*at].modifier == ratatui::style::Modifier::REVERSED
                    && cluster::cell_at(lens, &view, area, at.0, at.1).is_some()
            });
            let (x, y) = lit.expect("what is selected is seen");
            assert_eq!(cluster::cell_at(lens, &view, area, x, y), Some((row, column)));
        }
    }
}

#[test]
fn stepping_back_shows_the_same() {
    let mut timeline = at("broker-down", "19.5s");
    let before = plain(&timeline, 100, 12, Lang::En);
    timeline.go_to(kafkascope::scenario::parse_instant("25s").expect("an instant"));
    timeline.go_to(kafkascope::scenario::parse_instant("19.5s").expect("an instant"));
    assert_eq!(plain(&timeline, 100, 12, Lang::En), before);
}

#[test]
fn ascii_is_ascii() {
    let timeline = at("broker-down", "19.5s");
    let buf = draw(&timeline, 90, 10, &Theme::new(Tone::Mono, true), Lang::En);
    let all = text(&buf);
    assert!(all.is_ascii(), "{all}");
    snapshot("cluster-ascii", all);
}

/// `broker-down` with a line typed at a moment, at another moment.
fn typed(lines: &[(&str, &str)], moment: &str) -> Timeline {
    let go = |timeline: &mut Timeline, moment: &str| {
        timeline.go_to(kafkascope::scenario::parse_instant(moment).expect("an instant"));
    };
    let mut timeline = at("broker-down", "0s");
    for (moment, line) in lines {
        go(&mut timeline, moment);
        timeline.type_line(line).expect("it can be read");
    }
    go(&mut timeline, moment);
    timeline
}

#[test]
fn nobody_is_left_to_lead() {
    let timeline = typed(&[("11s", "kill broker-1")], "35s");
    snapshot("cluster-offline", plain(&timeline, 80, 10, Lang::En));
    snapshot("cluster-offline-zh", plain(&timeline, 80, 10, Lang::Zh));
    snapshot("cluster-offline-narrow", plain(&timeline, 50, 8, Lang::En));
}

#[test]
fn a_paused_leader_does_not_know_that_it_was_deposed() {
    let timeline = typed(&[("8s", "pause broker-1")], "9.9s");
    snapshot("cluster-paused", plain(&timeline, 80, 10, Lang::En));
    let timeline = typed(&[("8s", "pause broker-1")], "22s");
    snapshot("cluster-zombie", plain(&timeline, 80, 10, Lang::En));
    snapshot("cluster-zombie-wide", plain(&timeline, 120, 10, Lang::En));
}

#[test]
fn links_are_cut_and_slow() {
    let lines = [
        ("6s", "partition broker-1 | broker-2 for 20s"),
        ("7s", "delay broker-2 -> broker-3 by 200ms"),
    ];
    let timeline = typed(&lines, "9s");
    snapshot("cluster-links", plain(&timeline, 100, 11, Lang::En));
}
