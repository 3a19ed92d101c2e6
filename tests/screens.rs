//! The viewer: whole screens at moments of the built-in scenarios, and what keys do.

#[path = "screens/compare.rs"]
mod compare;
#[path = "screens/control.rs"]
mod control;
#[allow(dead_code, reason = "the panels' tests use all of it")]
#[path = "panels/run.rs"]
mod run;
#[path = "common/snapshots.rs"]
mod snapshots;
#[path = "common/viewer.rs"]
mod viewer;

use kafkascope::explain::Lang;
use kafkascope::ids::TopicPartition;
use kafkascope::scenario::{Source, library, load, parse_instant};
use kafkascope::sim::Duration;
use kafkascope::tui::{
    App, Charset, Effect, Message, OnDisk, Options, Pane, Screen, Tone, View, twin,
};
use viewer::{app_of, drawn, press, viewer};

fn app(at: &str, keys: &str) -> App {
    app_of("broker-down", at, keys, Options { tone: Tone::Mono, ..Options::default() })
}

fn error(app: &App) -> &str {
    match &app.ui.message {
        Some(Message::Error(text)) => text,
        other => panic!("no error: {other:?}"),
    }
}

const SIZES: [(u16, u16); 2] = [(80, 24), (160, 50)];

#[test]
fn every_screen_looks_as_it_did() {
    let screens = [
        ("home", "20s", ""),
        ("partition", "20s", "2"),
        ("group", "20s", "3"),
        ("charts", "20s", "7"),
        ("messages", "10.1s", "4 k k"),
        ("message", "20s", "4 k k ⏎"),
        ("disk", "20s", "2 5"),
        ("disk-file", "20s", "2 5 ↓ ↓ ⏎"),
        ("disk-bytes", "20s", "2 5 ↓ ↓ ⏎ ⏎ ↓ ↓ ↓ ↓"),
        ("control", "20s", "6"),
        ("why", "20s", "w"),
    ];
    for (name, at, keys) in screens {
        for size in SIZES {
            let (width, height) = size;
            for tone in [Tone::Mono, Tone::Dark] {
                let options = Options { size, tone, ..Options::default() };
                let buf = drawn(&app_of("broker-down", at, keys, options));
                let (told, screen) = match tone {
                    Tone::Mono => ("mono", run::text(&buf)),
                    _ => ("colours", run::styled(&buf)),
                };
                run::snapshot(&format!("screen-{name}-{width}x{height}-{told}"), screen);
            }
        }
    }
}

#[test]
fn what_lies_on_top_looks_as_it_did() {
    let layers = [
        ("zoomed-story", "20s", "Tab Tab Tab z ↑ ↑"),
        ("filtered", "20s", "/fen⏎"),
        ("prompt", "8s", ":kill ⇥↑"),
        ("prompt-tool", "8s", ":kafka-t⇥--under"),
        ("tool", "20s", ":kafka-topics.sh --describe --topic kq⏎"),
        ("tool-sideways", "20s", ":kafka-consumer-groups --describe --all-groups⏎ → → →"),
        ("tool-unknown-option", "20s", ":kafka-topics --describe --topik kq⏎"),
        ("prompt-wrong", "8s", ":kil broker-1⏎"),
        ("killed", "8s", "x"),
        ("help-searched", "0s", "F1 \"rebal\""),
        ("card", "8s", "?"),
        ("card-of-a-rule", "20s", "Tab Tab Tab ?"),
        ("expectations", "40s", "t"),
        ("lesson", "26s", "L"),
        ("scenarios", "0s", "o"),
        ("futures", "20s", "x E a u"),
    ];
    for (name, at, keys) in layers {
        run::snapshot(&format!("screen-{name}"), run::text(&drawn(&app(at, keys))));
    }
}

#[test]
fn a_tool_that_looks_changes_nothing_and_one_that_elects_is_saved() {
    let mut app = app("20s", "");
    let (at, event) = (app.timeline.at(), app.timeline.event());
    press(&mut app, ":kafka-get-offsets --topic kq⏎");
    let told = app.text();
    assert!(told.contains("kq:0:") && told.contains("kq:2:"), "{told}");
    press(&mut app, "Esc");
    assert!(app.ui.layers.is_empty());
    assert_eq!((app.timeline.at(), app.timeline.event()), (at, event));
    assert!(app.timeline.recorded().is_empty());
    press(&mut app, ":kafka-leader-election --election-type preferred --topic kq --partition 1⏎");
    assert!(
        app.text().contains("Valid replica already elected for partitions kq-1"),
        "{}",
        app.text()
    );
    assert!(app.timeline.at() > at, "the tool waited for its answer");
    let recorded = app.timeline.recorded();
    assert_eq!(recorded.iter().map(|one| &*one.line).collect::<Vec<_>>(), ["elect preferred kq/1"]);
}

#[test]
fn chinese_and_ascii_screens_look_as_they_did() {
    let zh = Options { lang: Lang::Zh, tone: Tone::Mono, ..Options::default() };
    let app = app_of("broker-down", "20s", "", zh);
    run::snapshot("screen-home-zh", run::text(&drawn(&app)));
    let app = app_of("broker-down", "20s", "2", zh);
    run::snapshot("screen-partition-zh", run::text(&drawn(&app)));
    let app = app_of("add-consumer", "45s", "3", zh);
    run::snapshot("screen-group-zh", run::text(&drawn(&app)));
    for (name, keys) in [
        ("messages", "4 k k"),
        ("message", "4 k k ⏎"),
        ("disk", "2 5"),
        ("disk-bytes", "2 5 ↓ ↓ ⏎ ⏎ ↓ ↓"),
    ] {
        let app = app_of("broker-down", "20s", keys, zh);
        run::snapshot(&format!("screen-{name}-zh"), run::text(&drawn(&app)));
    }
    let app = app_of("isr-shrink", "60s", "7 j", zh);
    run::snapshot("screen-charts-zh", run::text(&drawn(&app)));
    let ascii = Options { charset: Charset::Ascii, tone: Tone::Mono, ..Options::default() };
    for (name, scenario, at, keys) in [
        ("home", "broker-down", "20s", ""),
        ("partition", "isr-shrink", "20s", "2"),
        ("group", "add-consumer", "45s", "3"),
        ("messages", "broker-down", "10.1s", "4 k k"),
        ("message", "broker-down", "20s", "4 k k ⏎"),
        ("disk-bytes", "broker-down", "20s", "2 5 ↓ ↓ ⏎ ⏎ ↓ ↓"),
        ("control", "zombie-leader", "20s", "6"),
        ("charts", "isr-shrink", "60s", "7 j"),
        ("why", "broker-down", "20s", "w"),
        ("durian", "two-groups-one-topic", "30s", "D"),
    ] {
        let text = run::text(&drawn(&app_of(scenario, at, keys, ascii)));
        assert!(text.is_ascii(), "{name}: {text}");
        run::snapshot(&format!("screen-{name}-ascii"), text);
    }
}

#[test]
fn before_the_first_event_nothing_is_called_down() {
    for (name, keys) in [("home", ""), ("group", "3"), ("control", "6")] {
        let text = run::text(&drawn(&app("0s", keys)));
        assert!(!text.contains("DOWN") && !text.contains("NO "), "{text}");
        run::snapshot(&format!("screen-{name}-before-all"), text);
    }
}

#[test]
fn a_window_that_is_too_small_gets_a_polite_word() {
    let mut app = app("20s", "");
    app.resize(60, 20);
    let text = app.text();
    assert!(text.contains("Please make it 80x24 or larger;"), "{text}");
    for size in [(1, 1), (0, 0), (79, 24), (80, 23)] {
        app.resize(size.0, size.1);
        drawn(&app);
    }
    app.resize(80, 24);
    assert!(app.text().contains("Cluster"));
}

#[test]
fn a_small_window_says_all_that_fits() {
    let mut app = app("20s", "");
    app.resize(20, 5);
    insta::assert_snapshot!(app.text(), @r"
     This window is too
           small.
    Please make it 80x24
         or larger;
      it is 20x5 now.
    ");
    app.resize(14, 2);
    insta::assert_snapshot!(app.text(), @r"
       80x24 or
    larger, please
    ");
    app.resize(9, 1);
    insta::assert_snapshot!(app.text(), @"  80x24");
    app.resize(80, 24);
    press(&mut app, "g");
    app.resize(20, 5);
    insta::assert_snapshot!(app.text(), @r"
        窗口太小了。
    请放大到至少 80x24；
       现在是 20x5。
    ");
}

#[test]
fn a_small_window_takes_keys_and_clicks() {
    let mut app = app("20s", "");
    app.resize(20, 5);
    for (x, y) in [(0, 0), (19, 4), (200, 200)] {
        app.click(x, y);
        app.wheel(x, y, 1);
    }
    press(&mut app, "n F1 Esc :⎋ w");
    app.resize(80, 24);
    assert!(app.text().contains("Why"), "{}", app.text());
}

#[test]
fn every_size_can_be_drawn() {
    let mut app = app("20s", "");
    for (width, height) in
        [(80, 24), (81, 25), (100, 30), (120, 24), (160, 50), (200, 60), (300, 24)]
    {
        for keys in [
            "",
            "z",
            "z w",
            "8",
            "1 F1",
            "Esc",
            "2",
            "⏎",
            "z",
            "z Tab",
            "3",
            "⏎",
            "z",
            "z Tab",
            "4",
            "k k ⏎",
            "PgDn ] [",
            "Esc z",
            "2 5",
            "↓ ↓ ⏎",
            "⏎",
            "z",
            "F",
            "3 ⏎",
            "7 j",
            "z",
            "z",
            "Esc",
            "1",
        ] {
            app.resize(width, height);
            press(&mut app, keys);
            assert_eq!(drawn(&app).area.width, width);
        }
    }
}

#[test]
fn a_step_forward_and_back_gives_the_same_screen() {
    for keys in ["→", "m", "n", "y", "Shift-→"] {
        let mut app = app("12s", "");
        let before = app.text();
        press(&mut app, keys);
        assert_ne!(app.text(), before, "{keys} goes somewhere");
        app.go_to(parse_instant("12s").expect("an instant"));
        assert_eq!(app.text(), before, "{keys}");
    }
    let mut app = app("12s", "→");
    let first = app.text();
    press(&mut app, "→ → → ← ← ←");
    assert_eq!(app.text(), first);
}

#[test]
fn playing_comes_to_the_same_screen_as_going_there() {
    let mut played = app("3s", "space wait:2s");
    assert!(played.ui.playback.playing);
    press(&mut played, "space");
    let gone = app("5s", "");
    assert_eq!(played.timeline.event(), gone.timeline.event());
    assert_eq!(played.text(), gone.text());
}

#[test]
fn speed_is_on_a_log_scale_and_the_end_stops_time() {
    let mut app = app("11s", "+ + + space wait:1s");
    assert_eq!(app.ui.playback.speed.text(), "10x");
    let at = app.timeline.at();
    assert!(at > parse_instant("20s").expect("an instant") && at.as_millis() <= 21_000, "{at}");
    press(&mut app, "0 - - wait:1s");
    let gone = app.timeline.at().since(at);
    assert!(gone > Duration::from_millis(100) && gone <= Duration::from_millis(200), "{gone}");
    press(&mut app, "+ + + + + + + wait:1s");
    assert!(app.timeline.is_over() && !app.ui.playback.playing);
}

#[test]
fn time_stops_where_the_scenario_asks() {
    let app = app("9s", "space wait:5s");
    assert!(!app.ui.playback.playing);
    assert_eq!(app.timeline.at(), parse_instant("10s").expect("an instant"));
    assert!(app.text().contains("Who leads kq-0 at 25 s?"), "{}", app.text());
}

#[test]
fn steps_stop_where_the_scenario_asks() {
    let asked = parse_instant("10s").expect("an instant");
    let question = "Who leads kq-0 at 25 s?";
    for keys in ["n", "e", "m"] {
        let mut app = app("9.99s", "");
        for _ in 0..200 {
            press(&mut app, keys);
            if app.timeline.at() >= asked {
                break;
            }
        }
        assert_eq!(app.timeline.at(), asked, "{keys}");
        assert!(app.text().contains(question), "{keys}: {}", app.text());
        let event = app.timeline.event();
        press(&mut app, &format!("Esc {keys}"));
        assert!(app.timeline.event() > event, "{keys} goes on");
        assert!(!app.text().contains(question));
        // Who comes back is not asked again.
        app.go_to(parse_instant("9.99s").expect("an instant"));
        while app.timeline.event() < event {
            press(&mut app, keys);
        }
        assert!(app.ui.layers.is_empty(), "{keys}: {}", app.text());
    }
}

#[test]
fn time_stops_at_lines_of_the_story_if_wanted() {
    let mut app = app("10s", "P space wait:20s");
    assert!(!app.ui.playback.playing);
    let line = app.timeline.story().iter().last().expect("there is one").first.at;
    assert_eq!(app.timeline.at(), line);
    let at = app.timeline.at();
    press(&mut app, "space wait:20s");
    assert!(app.timeline.at() > at, "the next line");
}

#[test]
fn time_stops_when_a_condition_begins_to_hold() {
    let mut app = app("10.5s", "b \"fenced(broker-3)\" ⏎ space wait:20s");
    assert!(!app.ui.playback.playing);
    let text = app.text();
    assert!(text.contains("stopped: fenced(broker-3)"), "{text}");
    press(&mut app, "B Del");
    assert!(app.timeline.breakpoints().is_empty());
}

#[test]
fn nothing_is_drawn_when_nothing_changed() {
    let mut app = app("12s", "");
    let revision = app.revision();
    press(&mut app, "0 Esc");
    assert!(app.revision() > revision, "the speed is said");
    let revision = app.revision();
    app.play(Duration::from_secs(1), || unreachable!("time stands"));
    app.key(kafkascope::tui::Key::char('Ü'));
    app.click(200, 200);
    app.resize(80, 24);
    assert_eq!(app.revision(), revision + 1, "the message is gone");
    let revision = app.revision();
    app.key(kafkascope::tui::Key::char('Ü'));
    press(&mut app, "k");
    press(&mut app, "space");
    let playing = app.revision();
    assert!(playing > revision);
    app.play(Duration::from_nanos(1), || true);
    assert_eq!(app.revision(), playing, "no event came in a nanosecond");
}

#[test]
fn doing_something_in_the_past_keeps_the_other_future() {
    let mut app = app("30s", "");
    let other = app.timeline.event();
    app.go_to(parse_instant("5.5s").expect("an instant"));
    press(&mut app, ":kill broker-2⏎");
    assert_eq!(app.timeline.futures(), 2);
    assert!(app.text().contains("another future begins"), "{}", app.text());
    app.go_to(parse_instant("30s").expect("an instant"));
    let forked = app.text();
    press(&mut app, "u ↑ ⏎ Esc");
    assert_eq!(app.timeline.event(), other);
    assert_ne!(app.text(), forked);
    press(&mut app, "u ↓ ⏎");
    assert_eq!(app.timeline.recorded().len(), 1);
}

#[test]
fn what_was_saved_does_the_same_again() {
    let mut app = app("6s", "x wait:1s");
    press(&mut app, "Shift-→ Shift-→ Tab j a Shift-→ :start broker-1⏎ Ctrl-→");
    press(&mut app, ":partition broker-3 | {broker-1, broker-2} for 2s⏎ :goto 39s⏎");
    press(&mut app, ":produce \"it's\\\" 你好\" key \"k\" to kq⏎");
    assert_eq!(app.timeline.recorded().len(), 5);
    press(&mut app, ":goto 1h⏎ :save my.toml⏎");
    let effects = app.take_effects();
    let [Effect::Save { path, text }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(path, "my.toml");
    let source = Source { name: path.clone(), text: text.clone() };
    let mut again = viewer(source, Options::default());
    again.go_to(parse_instant("1h").expect("an instant"));
    let (one, other) = (&app.timeline, &again.timeline);
    assert_eq!(one.history().len(), other.history().len());
    for event in 1..=one.history().len() {
        let (one, other) = (one.history().get(event), other.history().get(event));
        assert_eq!(one.map(|past| past.happened), other.map(|past| past.happened));
    }
    assert_eq!(one.runner().summary(), other.runner().summary());
    assert_eq!(one.story().lines().len(), other.story().lines().len());
}

#[test]
fn keys_show_the_command_they_give() {
    let app = app("8s", "x");
    assert_eq!(app.ui.message, Some(Message::Command("kill broker-1".to_owned())));
    assert!(app.text().contains("DOWN"));
    let mut app = app_of("broker-down", "8s", "s", Options::default());
    assert_eq!(error(&app), "start broker-1: broker-1 runs already");
    press(&mut app, "f");
    assert_eq!(app.ui.message, Some(Message::Command("pause broker-1".to_owned())));
    press(&mut app, "f i");
    let cut = "partition broker-1 | {broker-2, broker-3, controller-1}";
    assert_eq!(app.ui.message, Some(Message::Command(cut.to_owned())));
    press(&mut app, "i");
    let healed = "heal broker-1 | {broker-2, broker-3, controller-1}";
    assert_eq!(app.ui.message, Some(Message::Command(healed.to_owned())));
    press(&mut app, "d");
    assert!(error(&app).starts_with("not for this"), "{}", error(&app));
}

#[test]
fn a_command_that_is_misspelt_is_mended() {
    let mut app = app("8s", ":kil broker-1⏎");
    let text = app.text();
    assert!(text.contains("did you mean `kill`?"), "{text}");
    press(&mut app, "Home → → → \"l\" ⏎");
    assert_eq!(app.ui.message, Some(Message::Command("kill broker-1".to_owned())));
    assert!(app.ui.layers.is_empty());
    press(&mut app, ":⎋ :next-event⏎");
    assert!(app.ui.layers.is_empty());
}

#[test]
fn the_command_line_completes() {
    let mut app = app("8s", ":ki⇥");
    press(&mut app, "\"le\" Tab \"kq-1\" \")\" ⏎");
    assert_eq!(app.ui.message, Some(Message::Command("kill leader(kq-1)".to_owned())));
    press(&mut app, ": ↑");
    assert!(app.text().contains("kill leader(kq-1"), "{}", app.text());
}

#[test]
fn the_focus_moves_and_layers_are_peeled_off() {
    let mut app = app("20s", "Tab Tab Tab Tab");
    assert_eq!(app.focus(), Pane::Cluster);
    press(&mut app, "Shift-Tab ↑ w");
    assert_eq!((app.focus(), app.ui.screen), (Pane::Why, Screen::Why));
    press(&mut app, "? Esc Esc Esc");
    assert_eq!((app.focus(), app.ui.story.selected), (Pane::Story, None));
    press(&mut app, "w j j ⏎");
    assert_eq!(app.ui.screen, Screen::Cluster);
    assert!(app.timeline.at() < parse_instant("20s").expect("an instant"));
}

#[test]
fn the_screen_of_a_partition_is_a_key_away() {
    let mut app = app("20s", "2");
    assert_eq!((app.focus(), app.ui.screen), (Pane::Partition, Screen::Partition));
    let title = |app: &App| app.text().lines().nth(1).expect("a frame").to_owned();
    assert!(title(&app).contains("Partition kq-0 ━ 1/3"), "{}", title(&app));
    press(&mut app, "l");
    assert!(title(&app).contains("Partition kq-1 ━ 2/3"), "{}", title(&app));
    press(&mut app, "l l l");
    assert!(title(&app).contains("Partition kq-2 ━ 3/3"), "{}", title(&app));
    press(&mut app, "h");
    assert!(title(&app).contains("Partition kq-1 ━ 2/3"), "{}", title(&app));
    press(&mut app, "Tab");
    assert_eq!(app.focus(), Pane::Story);
    press(&mut app, "Tab z");
    assert!(!app.text().contains("Story"), "{}", app.text());
    press(&mut app, "Esc");
    assert!(app.text().contains("Story"), "{}", app.text());
    press(&mut app, "Esc");
    assert_eq!(app.ui.screen, Screen::Cluster);
    press(&mut app, "2");
    assert!(title(&app).contains("Partition kq-1 ━ 2/3"), "it is the one that was shown last");
}

#[test]
fn the_selected_partition_is_the_one_that_opens() {
    for open in ["2", "⏎"] {
        let mut app = app("8s", "j j j");
        press(&mut app, open);
        assert_eq!(app.ui.screen, Screen::Partition);
        assert!(app.text().contains("Partition kq-2 ━ 3/3"), "{}", app.text());
    }
    let mut app = app("8s", "⏎");
    assert_eq!(app.ui.screen, Screen::Cluster, "a broker opens its card");
    press(&mut app, "Esc /kq-1⏎ ↑ ↑ 2");
    assert!(app.text().contains("Partition kq-1 ━ 2/3"), "{}", app.text());
}

#[test]
fn what_is_selected_of_a_partition_can_be_killed_and_asked_about() {
    let mut app = app("8s", "2 j j x");
    assert_eq!(app.ui.message, Some(Message::Command("kill leader(kq-0)".to_owned())));
    press(&mut app, "s");
    assert_eq!(app.ui.message, Some(Message::Command("start leader(kq-0)".to_owned())));
    press(&mut app, "k a");
    assert!(matches!(&app.ui.message, Some(Message::Command(told)) if told.contains("checkout")));
    press(&mut app, "?");
    assert!(app.text().contains("group"), "{}", app.text());
    press(&mut app, "Esc k W");
    assert_eq!(app.ui.screen, Screen::Why);
}

#[test]
fn records_can_be_seen_one_by_one() {
    let options = Options { tone: Tone::Mono, ..Options::default() };
    let mut app = app_of("isr-shrink", "60s", "2", options);
    assert!(!app.text().contains("1 cell = 1 "), "{}", app.text());
    press(&mut app, "⏎");
    assert!(app.text().contains("1 cell = 1 "), "{}", app.text());
    press(&mut app, "⏎");
    assert!(!app.text().contains("1 cell = 1 "), "{}", app.text());
}

#[test]
fn files_open_and_show_their_bytes() {
    let mut app = app("20s", "2 5");
    assert_eq!((app.ui.screen, app.focus()), (Screen::Disk, Pane::Tree));
    assert_eq!(app.ui.disk.selected, "kq-0", "the partition that was looked at");
    press(&mut app, "↓ ↓ ⏎");
    assert_eq!(app.focus(), Pane::File);
    assert!(app.text().contains("baseOffset"), "{}", app.text());
    press(&mut app, "l ⏎ ↓ ↓ ↓ ↓");
    assert!(app.text().contains("CRC-32C of everything"), "{}", app.text());
    press(&mut app, "?");
    assert!(app.text().contains("checksum"), "{}", app.text());
    press(&mut app, "Esc ⏎ Esc");
    assert_eq!((app.focus(), &app.ui.disk.file), (Pane::Tree, &None));
    // An internal topic's directories are one row until it is opened.
    press(&mut app, "l l h PgUp ⏎ ? Esc Esc");
    assert_eq!(app.ui.screen, Screen::Cluster);
}

#[test]
fn messages_open_and_lead_to_their_answers() {
    let mut app = app("20s", "4");
    assert_eq!((app.ui.screen, app.focus()), (Screen::Messages, Pane::Messages));
    let (at, event) = (app.timeline.at(), app.timeline.event());
    press(&mut app, "/produce⏎");
    assert!(app.text().contains("filter: produce"), "{}", app.text());
    assert!(!app.text().contains("Fetch answer"), "{}", app.text());
    press(&mut app, "k ⏎");
    assert!(app.text().contains("Produce request  web"), "{}", app.text());
    assert!(app.text().contains("request_api_key"), "{}", app.text());
    press(&mut app, "]");
    assert!(app.text().contains("Produce response  broker-"), "{}", app.text());
    press(&mut app, "]");
    assert!(app.text().contains("Produce response  broker-"), "it has no answer itself");
    press(&mut app, "[ j j k PgDn End");
    assert!(app.text().contains("Produce request  web"), "{}", app.text());
    press(&mut app, "g");
    assert!(app.text().contains("Produce 请求"), "{}", app.text());
    press(&mut app, "g Esc");
    assert!(app.ui.layers.is_empty());
    press(&mut app, "?");
    assert!(app.text().contains("Produce") || app.text().contains("correlation id"));
    press(&mut app, "Esc Esc");
    assert_eq!((app.ui.screen, &*app.ui.messages.filter), (Screen::Messages, ""));
    assert_eq!((app.timeline.at(), app.timeline.event()), (at, event), "looking changes nothing");
    press(&mut app, "Esc");
    assert_eq!(app.ui.screen, Screen::Cluster);
}

#[test]
fn what_was_on_its_way_to_a_process_that_died_is_lost() {
    let mut app = app("9.9531s", "4");
    assert!(app.text().contains("on way  Produce #174"), "{}", app.text());
    press(&mut app, ":kill broker-2⏎");
    app.go_to(parse_instant("9.96s").expect("an instant"));
    press(&mut app, "/lost⏎ k");
    assert!(app.text().contains("lost  Produce #174"), "{}", app.text());
    assert!(app.text().contains("It is lost:"), "{}", app.text());
    run::snapshot("screen-message-lost", run::text(&drawn(&app)));
    press(&mut app, "Esc /nonsense⏎");
    assert!(app.text().contains("No message has these words."), "{}", app.text());
}

#[test]
fn a_message_that_is_selected_stays_so_while_time_goes_on() {
    let mut app = app("20s", "4 k k k");
    let selected = app.ui.messages.selected;
    assert!(selected.is_some());
    press(&mut app, "m m →");
    assert_eq!(app.ui.messages.selected, selected);
    press(&mut app, "PgDn PgDn");
    assert_eq!(app.ui.messages.selected, None, "the newest is followed again");
    app.click(30, 8);
    let clicked = app.ui.messages.selected;
    assert!(clicked.is_some() && clicked != selected);
    app.wheel(30, 8, 1);
    assert!(app.ui.messages.selected != clicked);
    // At the beginning nothing has been sent.
    press(&mut app, "Home");
    assert!(app.text().contains("No message has been sent lately"), "{}", app.text());
    press(&mut app, "k j ⏎ ?");
    assert!(app.text().contains("correlation id"), "{}", app.text());
}

#[test]
fn an_offset_is_found_step_by_step() {
    let options = Options { tone: Tone::Mono, ..Options::default() };
    let mut app = app_of("find-an-offset-on-disk", "50s", "2 5 F", options);
    assert!(app.text().contains("offset to find in kq-0:"), "{}", app.text());
    press(&mut app, "2 5 x 3 ⏎");
    run::snapshot("screen-find-segment", run::text(&drawn(&app)));
    press(&mut app, "⏎ n ⏎");
    run::snapshot("screen-find-index", run::text(&drawn(&app)));
    press(&mut app, "p n n n n n");
    run::snapshot("screen-find-scan", run::text(&drawn(&app)));
    let (at, event) = (app.timeline.at(), app.timeline.event());
    press(&mut app, "End ?");
    assert!(app.text().contains("sparse index"), "{}", app.text());
    press(&mut app, "Esc o");
    assert_eq!(app.focus(), Pane::File);
    assert!(app.text().contains("record"), "{}", app.text());
    assert_eq!((app.timeline.at(), app.timeline.event()), (at, event), "looking changes nothing");
    press(&mut app, "F \"999\" ⏎");
    assert!(app.text().contains("OFFSET_OUT_OF_RANGE"), "{}", app.text());
    press(&mut app, "Esc F ⏎ F Esc");
    assert!(app.ui.layers.is_empty());
}

#[test]
fn a_click_selects_a_replica() {
    let mut app = app("20s", "2");
    app.click(3, 8);
    assert_eq!((app.focus(), app.ui.partition.selected), (Pane::Partition, 2));
    app.click(30, 19);
    assert_eq!(app.focus(), Pane::Story);
    app.wheel(3, 8, -1);
    assert_eq!((app.focus(), app.ui.partition.selected), (Pane::Partition, 1));
}

#[test]
fn a_language_is_a_key_away() {
    let mut app = app("20s", "g");
    assert!(app.text().contains("集群"), "{}", app.text());
    press(&mut app, "g");
    assert!(app.text().contains("Cluster"));
}

#[test]
fn a_frozen_display_keeps_its_picture_while_time_goes_on() {
    let mut app = app("8s", "v");
    let rows = |app: &App| {
        let text = app.text();
        text.lines().skip(1).take(15).collect::<Vec<_>>().join("\n")
    };
    let before = rows(&app);
    press(&mut app, "space wait:1s");
    assert_eq!(rows(&app), before);
    assert!(app.timeline.at() > parse_instant("8.5s").expect("an instant"));
    press(&mut app, "space v");
    assert_ne!(rows(&app), before);
}

#[test]
fn a_file_that_changed_is_read_again_at_the_same_moment() {
    let mut app = app("12s", "");
    let event = app.timeline.event();
    let text = library::find("broker-down").expect("it is built in").text;
    let source = |text: &str| Source { name: "my.toml".to_owned(), text: text.to_owned() };
    let broken = source(&text.replace("topic  = \"kq\"", "topic  = \"kp\""));
    let loaded = load(&broken);
    app.reload(broken, loaded);
    let told = app.text();
    assert!(told.contains("did you mean `kq`?"), "{told}");
    assert_eq!(app.timeline.event(), event, "the old run is kept");
    let other = source(&text.replace("seed     = 1", "seed     = 2"));
    let loaded = load(&other);
    app.reload(other, loaded);
    assert!(app.ui.layers.is_empty());
    assert_eq!(app.timeline.runner().scenario().seed, 2);
    assert_eq!(app.timeline.at().as_millis() / 100, 119);
}

#[test]
fn what_was_done_live_outlives_a_change_of_the_file() {
    let mut app = app("5s", ":kill broker-1⏎ Shift-→ :add consumer to checkout⏎ Shift-→ Shift-→");
    press(&mut app, "b \"offline > 0\" ⏎");
    let done = app.timeline.recorded();
    assert_eq!(done.len(), 2);
    let (at, event) = (app.timeline.at(), app.timeline.event());
    let text = library::find("broker-down").expect("it is built in").text;
    let source = |text: &str| Source { name: "my.toml".to_owned(), text: text.to_owned() };
    // Only a remark is another one: all is as it was.
    let same = source(&format!("# Mine.\n{text}"));
    let loaded = load(&same);
    app.reload(same, loaded);
    assert_eq!(app.timeline.recorded(), done);
    assert_eq!((app.timeline.at(), app.timeline.event()), (at, event));
    assert_eq!(app.timeline.breakpoints().len(), 1);
    assert!(app.text().contains("what you did was done again"), "{}", app.text());
    press(&mut app, "u");
    assert_eq!(app.timeline.futures(), 2, "the file alone, and what was done live");
    press(&mut app, "Esc");
    // It is saved with what was done.
    press(&mut app, ":save my.toml⏎");
    let effects = app.take_effects();
    let [Effect::Save { text: saved, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert!(saved.contains("do = 'add consumer to checkout'"), "{saved}");
    // What the file has no more is said.
    let other = source(&text.replace("checkout", "billing"));
    let loaded = load(&other);
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    app.reload(other, loaded);
    assert_eq!(
        error(&app),
        "the file has changed; this can be done no more: add consumer to checkout"
    );
    assert_eq!(app.timeline.recorded(), done[..1]);
}

#[test]
fn a_click_selects_and_the_wheel_scrolls() {
    let mut app = app("20s", "");
    app.click(30, 20);
    assert_eq!(app.focus(), Pane::Story);
    app.wheel(30, 20, -2);
    assert!(app.ui.story.selected.is_some());
    app.click(30, 4);
    assert_eq!(app.focus(), Pane::Cluster);
}

/// The cell of the bar in which `sign` is drawn for the first time, or for the last.
fn on_the_bar(app: &App, sign: &str, last: bool) -> u16 {
    let buf = drawn(app);
    let mut cells = (0..buf.area.width).filter(|x| buf[(*x, 0)].symbol() == sign);
    let found = if last { cells.next_back() } else { cells.next() };
    found.unwrap_or_else(|| panic!("no {sign} on the bar"))
}

#[test]
fn a_click_on_the_bar_goes_to_that_moment() {
    let mut app = app("20s", "");
    let end = on_the_bar(&app, "─", true);
    app.click(end, 0);
    assert!(app.timeline.at() > parse_instant("35s").expect("an instant"));
    let begin = on_the_bar(&app, "█", false);
    app.click(begin, 0);
    assert!(app.timeline.at() < parse_instant("3s").expect("an instant"));
    let at = app.timeline.at();
    app.click(2, 0);
    assert_eq!(app.timeline.at(), at, "the title is no moment");
    assert!(!app.ui.playback.playing);
}

#[test]
fn a_click_selects_what_is_under_it() {
    let mut app = app("20s", "");
    app.click(3, 13);
    assert_eq!((app.focus(), app.ui.groups.selected), (Pane::Groups, 2));
    app.click(45, 11);
    assert_eq!((app.focus(), app.ui.producers.selected), (Pane::Producers, 0));
    app.click(45, 5);
    assert_eq!(app.focus(), Pane::Cluster);
    let on_kq_1 = app.ui.cluster.selected;
    app.click(62, 6);
    let on_kq_2 = app.ui.cluster.selected;
    assert_eq!((on_kq_2.0 - on_kq_1.0, on_kq_2.1 - on_kq_1.1), (1, 1));
    // What is not under it stays selected.
    app.click(79, 23);
    assert_eq!(app.ui.cluster.selected, on_kq_2);
    app.click(5, 18);
    assert_eq!(app.focus(), Pane::Story);
    let line = app.ui.story.selected.expect("one is selected");
    app.click(5, 17);
    assert_eq!(app.ui.story.selected, Some(line - 1));
    // A key goes on from there.
    press(&mut app, "w");
    assert_eq!((app.focus(), app.ui.why.selected), (Pane::Why, 0));
    app.click(12, 4);
    assert!(app.ui.why.selected > 0);
}

#[test]
fn the_wheel_goes_through_what_is_under_it() {
    let mut app = app("20s", "");
    app.wheel(3, 12, 1);
    assert_eq!((app.focus(), app.ui.groups.selected), (Pane::Groups, 1));
    app.wheel(3, 12, -1);
    assert_eq!(app.ui.groups.selected, 0);
    app.wheel(200, 200, 3);
    assert_eq!((app.focus(), app.ui.groups.selected), (Pane::Groups, 0));
    // What lies on top takes it, and keeps clicks from what is below.
    press(&mut app, "F1");
    let before = app.text();
    app.wheel(3, 12, 2);
    assert_ne!(app.text(), before);
    app.wheel(3, 12, -2);
    app.click(45, 5);
    assert_eq!(app.text(), before);
    press(&mut app, "Esc o");
    let before = app.text();
    app.wheel(3, 12, 1);
    assert_ne!(app.text(), before);
    app.wheel(3, 12, 100);
    app.wheel(3, 12, -100);
    assert_eq!(app.text(), before);
}

#[test]
fn the_mouse_can_be_left_to_the_terminal() {
    let mut app = app("20s", "F3");
    assert_eq!(app.take_effects(), [Effect::Mouse(false)]);
    assert!(app.text().contains("the mouse selects text"), "{}", app.text());
    press(&mut app, "F3");
    assert_eq!(app.take_effects(), [Effect::Mouse(true)]);
}

#[test]
fn the_light_theme_looks_as_it_did() {
    let light = Options { tone: Tone::Light, ..Options::default() };
    let buf = drawn(&app_of("broker-down", "20s", "", light));
    run::snapshot("screen-home-80x24-light", run::styled(&buf));
    let toggled = app_of("broker-down", "20s", "F2", Options::default());
    assert_eq!(drawn(&toggled), buf, "a key gives the same");
    let dark = app_of("broker-down", "20s", "F2 F2", Options::default());
    assert_ne!(drawn(&dark), buf);
    let texts = [&drawn(&dark), &buf].map(run::text);
    assert_eq!(texts[0], texts[1], "colours only repeat what signs say");
}

#[test]
fn ascii_terminals_get_ascii_whatever_is_shown() {
    let ascii = Options { charset: Charset::Ascii, tone: Tone::Mono, ..Options::default() };
    let keys = [
        "",
        "f",
        "v",
        "w",
        "o",
        "u",
        "t",
        "?",
        "x",
        "F1",
        ":start ",
        "/fen",
        "b",
        "P space",
        "n z",
        "i",
        "g",
        "5",
        "2 5 ↓ ↓ ⏎ ⏎",
        "2 5 F 3 ⏎",
        "6",
        "6 Tab ⏎",
        "9",
    ];
    for keys in keys {
        let mut app = app_of("broker-down", "20s", keys, ascii);
        assert!(app.text().is_ascii(), "{keys}:\n{}", app.text());
        app.resize(20, 5);
        assert!(app.text().is_ascii(), "{keys}:\n{}", app.text());
    }
    // Time stands, and goes on.
    let standing = app_of("broker-down", "20s", "", ascii).text();
    let playing = app_of("broker-down", "20s", "space", ascii).text();
    assert!(standing.contains(" = 00:19.998") && playing.contains(" > 00:19.998"), "{standing}");
}

#[test]
fn every_view_has_a_twin_in_plain_text() {
    let app = app("20s", "");
    for (view, word) in [
        (View::Cluster, "broker-1"),
        (View::Partition(None), "Partition kq-0"),
        (View::Partition(Some(TopicPartition::new("kq", 2))), "Partition kq-2"),
        (View::Disk(None, OnDisk::Tree(None)), "00000000000000000000.timeindex"),
        (View::Control, "PARTITION_CHANGE_RECORD"),
        (View::Story, "kill leader(kq-0)"),
        (View::Why, "killed; its 15 connections"),
    ] {
        let text = twin(&view, &app.timeline, Lang::En, 100);
        assert!(text.contains(word), "{word}:\n{text}");
    }
}

#[test]
fn a_group_is_chosen_opened_and_asked_about() {
    let mut app = app_of("add-consumer", "45s", "Tab", Options::default());
    assert_eq!(app.focus(), Pane::Groups);
    press(&mut app, "⏎");
    assert_eq!((app.ui.screen, app.focus()), (Screen::Group, Pane::Group));
    assert!(app.text().contains("only: checkout"), "{}", app.text());
    press(&mut app, "⏎");
    assert!(app.ui.group.close, "its last rebalance");
    press(&mut app, "j x");
    assert_eq!(app.ui.message, Some(Message::Command("kill c1".to_owned())));
    press(&mut app, "a");
    assert_eq!(app.ui.message, Some(Message::Command("add consumer to checkout".to_owned())));
    press(&mut app, "Tab ↑ w");
    assert_eq!(app.ui.screen, Screen::Why);
    press(&mut app, "Esc 3");
    assert_eq!(app.focus(), Pane::Group);
    press(&mut app, "PgDn PgDn ⏎");
    assert_eq!(app.ui.screen, Screen::Partition, "{}", app.text());
    press(&mut app, "3 z");
    assert!(app.ui.zoomed);
    press(&mut app, "Esc Esc");
    assert_eq!((app.ui.screen, app.ui.zoomed), (Screen::Cluster, false));
}

#[test]
fn the_twin_of_a_group_tells_its_steps() {
    let app = app_of("add-consumer", "45s", "", Options::default());
    let text = twin(&View::Group(None), &app.timeline, Lang::En, 120);
    assert!(text.contains("c1-2b01… computes (range)"), "{text}");
    assert!(!text.contains("kq-0: leader"), "{text}");
    let named = twin(&View::Group(Some("checkout".into())), &app.timeline, Lang::En, 120);
    assert_eq!(named, text);
}

#[test]
fn a_chart_is_chosen_and_looked_at_alone() {
    let mut app = app_of("isr-shrink", "60s", "7", Options::default());
    assert_eq!((app.ui.screen, app.focus()), (Screen::Charts, Pane::Charts));
    press(&mut app, "j j z");
    assert!(app.ui.zoomed && app.text().contains("Lag"), "{}", app.text());
    press(&mut app, "?");
    assert!(!app.ui.layers.is_empty());
    press(&mut app, "Esc Esc");
    assert_eq!((app.ui.screen, app.ui.zoomed), (Screen::Charts, false));
    press(&mut app, "Esc");
    assert_eq!(app.ui.screen, Screen::Cluster);
}

#[test]
fn charts_are_the_same_whichever_way_the_cursor_came() {
    let mut app = app_of("isr-shrink", "60s", "7", Options::default());
    let before = app.text();
    app.go_to(parse_instant("100s").expect("an instant"));
    app.go_to(parse_instant("60s").expect("an instant"));
    assert!(app.text().contains("seen before"), "{}", app.text());
    let buckets = app.timeline.series().buckets().to_vec();
    app.go_to(parse_instant("30s").expect("an instant"));
    app.go_to(parse_instant("100s").expect("an instant"));
    assert_eq!(app.timeline.series().buckets(), buckets);
    let again = app_of("isr-shrink", "60s", "7", Options::default());
    assert_eq!(again.text(), before);
    // Another future has its own from where it began.
    app.go_to(parse_instant("50s").expect("an instant"));
    press(&mut app, ":kill broker-1⏎ :goto 100s⏎");
    let other = app.timeline.series().buckets();
    let same = other.iter().zip(&buckets).take_while(|(one, other)| one == other).count();
    let width = app.timeline.bucket_width().as_nanos();
    assert!(same as u64 * width >= 49_000_000_000, "{same}");
    assert_ne!(other, buckets);
}

#[test]
fn what_was_counted_is_what_happened() {
    let app = app_of("broker-down", "1h", "", Options::default());
    let summary = app.timeline.runner().summary();
    let buckets = app.timeline.series().buckets();
    let sum = |of: fn(&kafkascope::scenario::timeline::Bucket) -> u64| {
        buckets.iter().map(of).sum::<u64>()
    };
    assert_eq!(sum(kafkascope::scenario::timeline::Bucket::all_sent), summary.sent);
    assert_eq!(sum(|bucket| bucket.acked), summary.acked);
    assert!(sum(|bucket| bucket.wire.clients) > 0 && sum(|bucket| bucket.wire.servers) > 0);
}
