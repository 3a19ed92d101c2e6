//! The screen of the controller: who is stale, whose session ends, what the metadata log says.

use kafkascope::explain::Lang;
use kafkascope::tui::{Options, Pane, Screen, Tone, View, twin};

use super::{app, app_of, drawn, press, run};

const MONO: Options = Options {
    size: (80, 24),
    lang: Lang::En,
    tone: Tone::Mono,
    charset: kafkascope::tui::Charset::Unicode,
    few_colours: false,
    seed: None,
};

#[test]
fn scenarios_that_a_class_follows_on_it_look_as_they_did() {
    let moments = [
        ("zombie-leader", "20s", "6", (80, 24)),
        ("partition-one-way", "20s", "6", (100, 30)),
        ("broker-down", "15s", "6", (100, 30)),
        ("controlled-shutdown", "10.2s", "6", (80, 24)),
        ("unclean-election", "45s", "6", (100, 30)),
        ("zombie-leader", "20s", "6", (200, 60)),
    ];
    for (name, at, keys, size) in moments {
        let text = run::text(&drawn(&app_of(name, at, keys, Options { size, ..MONO })));
        run::snapshot(&format!("control-{name}-{}x{}", size.0, size.1), text);
    }
    let zh = Options { lang: Lang::Zh, ..MONO };
    run::snapshot("control-zh", run::text(&drawn(&app_of("zombie-leader", "20s", "6", zh))));
    let record = app_of("zombie-leader", "20s", "6 Tab ↑ ↑ ⏎", MONO);
    run::snapshot("control-record", run::text(&drawn(&record)));
}

#[test]
fn a_zombie_is_told_from_those_who_know() {
    let app = app_of("zombie-leader", "20s", "6", MONO);
    let text = app.text();
    assert!(
        text.contains("believes it leads kq-0 in epoch 0; broker-2 does, in epoch 1"),
        "{text}"
    );
    assert!(text.contains("believes it is unfenced; it is fenced"), "{text}");
    // Before the cut and after it is healed all believe the same.
    for at in ["9s", "40s"] {
        let text = app_of("zombie-leader", at, "6", MONO).text();
        assert!(text.contains("Every running broker's image says"), "{at}:\n{text}");
    }
}

#[test]
fn a_session_runs_down_and_is_over() {
    let at = |at: &str| app(at, "6").text();
    let row = |text: String| {
        let row = text.lines().find(|row| row.contains("✖ broker-3")).expect("it is down");
        row.to_owned()
    };
    assert!(row(at("12s")).contains("unfenced, DOWN"));
    assert!(row(at("25s")).contains("fenced, DOWN") && row(at("25s")).contains("over"));
}

#[test]
fn nothing_is_counted_down_without_a_controller() {
    let text = app("12s", ":kill controller-1⏎ →").text();
    assert!(!text.contains("NO ACTIVE CONTROLLER: nothing"), "the cluster is shown");
    let mut app = app("12s", ":kill controller-1⏎ →");
    press(&mut app, "6");
    let text = app.text();
    assert!(text.contains("NO ACTIVE CONTROLLER: nothing is decided"), "{text}");
    assert!(text.contains("__cluster_metadata-0 at broker-"), "{text}");
}

#[test]
fn records_are_walked_opened_and_asked_about() {
    let mut app = app("20s", "6 Tab");
    assert_eq!((app.ui.screen, app.focus()), (Screen::Control, Pane::Records));
    press(&mut app, "↑ ↑ ↑");
    let selected = app.ui.control.records.selected;
    assert!(selected.is_some());
    press(&mut app, "⏎");
    let opened = app.text();
    assert!(opened.contains("partitionLeaderEpoch"), "{opened}");
    // The arrows open the next one; the list below follows.
    press(&mut app, "↑");
    assert_ne!(app.ui.control.records.selected, selected);
    assert_ne!(app.text(), opened);
    press(&mut app, "Esc PgDn PgDn");
    assert_eq!(app.ui.control.records.selected, None, "the end is followed again");
    press(&mut app, "?");
    assert!(app.text().contains("no-op record"), "{}", app.text());
}

#[test]
fn why_a_record_was_written_goes_back_to_the_step() {
    let mut app = app_of("zombie-leader", "20s", "6 Tab ↑ ↑ w", MONO);
    assert_eq!(app.ui.screen, Screen::Why);
    let chain = app.chain.as_ref().expect("there is a chain");
    assert!(chain.links.len() >= 3);
    let text = app.text();
    assert!(text.contains("no heartbeat for 9 s"), "{text}");
    assert!(text.contains("partition broker-1 | controller-1"), "{text}");
    press(&mut app, "Esc");
    assert_eq!(app.ui.screen, Screen::Cluster);
}

#[test]
fn what_is_selected_can_be_killed_and_opened() {
    let mut app = app("8s", "6 ↓ x");
    assert!(app.text().contains("kill broker-1"), "{}", app.text());
    press(&mut app, "Esc Esc");
    // A partition that the controller is not done with opens on its own screen.
    let mut app = app_of("unclean-election", "45s", "6 ↓ ↓ ↓ ↓ ⏎", MONO);
    assert_eq!(app.ui.screen, Screen::Partition);
    press(&mut app, "6 z");
    assert!(app.ui.zoomed && app.focus() == Pane::Control);
    press(&mut app, "Esc Esc");
    assert_eq!(app.ui.screen, Screen::Cluster);
}

#[test]
fn the_story_is_part_of_it_where_there_is_room() {
    let large = Options { size: (160, 50), ..MONO };
    let mut app = app_of("broker-down", "20s", "6 Tab Tab", large);
    assert_eq!(app.focus(), Pane::Story);
    app.resize(80, 24);
    assert_eq!(app.focus(), Pane::Records);
}

#[test]
fn it_is_the_same_whichever_way_the_cursor_came() {
    let mut app = app_of("zombie-leader", "20s", "6 Tab ↑ ↑", MONO);
    let before = app.text();
    press(&mut app, "→ →");
    press(&mut app, "← ←");
    assert_eq!(app.text(), before);
    // Records that are not written yet cannot be selected.
    press(&mut app, "Home");
    assert_eq!(app.ui.control.records.selected, None);
    assert!(twin(&View::Control, &app.timeline, Lang::Zh, 80).contains("元数据日志"));
}
