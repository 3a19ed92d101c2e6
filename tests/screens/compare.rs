//! The screen of two runs or two futures.

use kafkascope::explain::Lang;
use kafkascope::tui::{Against, Options, Pane, Screen, Tone};

use super::{app, app_of, drawn, press, run};

fn mono(size: (u16, u16)) -> Options {
    Options { size, tone: Tone::Mono, ..Options::default() }
}

#[test]
fn two_runs_of_a_file_look_as_they_did() {
    for size in [(80, 24), (160, 50)] {
        for tone in [Tone::Mono, Tone::Dark] {
            let options = Options { size, tone, ..Options::default() };
            let buf = drawn(&app_of("zombie-leader", "40s", "9", options));
            let (told, screen) = match tone {
                Tone::Mono => ("mono", run::text(&buf)),
                _ => ("colours", run::styled(&buf)),
            };
            run::snapshot(&format!("screen-compare-{}x{}-{told}", size.0, size.1), screen);
        }
    }
    for (size, lang) in [((100, 30), Lang::En), ((200, 60), Lang::En), ((80, 24), Lang::Zh)] {
        let options = Options { lang, ..mono(size) };
        let text = run::text(&drawn(&app_of("acks-matrix", "30s", "9 l", options)));
        run::snapshot(&format!("compare-acks-{}x{}-{}", size.0, size.1, lang.code()), text);
    }
}

#[test]
fn without_another_run_it_says_how_to_get_one() {
    let text = app("20s", "9").text();
    assert!(text.contains("Nothing to compare with yet"), "{text}");
}

#[test]
fn a_future_that_was_left_stands_beside_the_new_one() {
    // broker-3 dies at 10 s; in the past of that something else is done.
    let mut app = app("20s", "");
    app.go_to(kafkascope::scenario::parse_instant("8s").expect("an instant"));
    press(&mut app, ":kill broker-2⏎ 9");
    assert_eq!((app.ui.screen, app.focus()), (Screen::Compare, Pane::Compare));
    assert!(matches!(app.ui.compare.against, Some(Against::Future(_))));
    press(&mut app, "] ] ] ]");
    let text = app.text();
    assert!(
        text.contains("future 2: kill broker-2") && text.contains("The stories part at 7.998"),
        "{text}"
    );
    assert!(text.contains("< "), "{text}");
    // The other side is at the same moment, forward and back.
    press(&mut app, "] [");
    assert_eq!(app.text(), text);
}

#[test]
fn rows_are_walked_opened_and_asked_about() {
    let mut app = app_of("acks-matrix", "30s", "9", mono((100, 30)));
    assert_eq!(app.ui.compare.against, Some(Against::Run(1)));
    press(&mut app, "l");
    assert_eq!(app.ui.compare.against, Some(Against::Run(2)));
    press(&mut app, "h h");
    assert_eq!(app.ui.compare.against, Some(Against::Run(2)), "there are two others");
    press(&mut app, "PgUp PgUp PgUp PgUp");
    let selected = app.ui.compare.view.selected;
    assert!(selected.is_some());
    let before = app.timeline.at();
    press(&mut app, "⏎");
    assert!(app.timeline.at() < before, "it goes to that moment");
    press(&mut app, "w");
    assert_eq!(app.ui.screen, Screen::Why);
}

#[test]
fn another_run_of_the_file_is_a_key_away() {
    let mut app = app_of("acks-matrix", "20s", "", mono((80, 24)));
    assert!(
        app.text().lines().next().is_some_and(|bar| bar.contains("acks = 0")),
        "{}",
        app.text()
    );
    press(&mut app, "O ↓ ↓ ⏎");
    let text = app.text();
    assert!(text.lines().next().is_some_and(|bar| bar.contains("acks = all")), "{text}");
    assert_eq!(app.timeline.at().as_millis() / 1_000, 19, "at the same moment");
    let mut alone = super::app("8s", "O");
    assert!(alone.ui.layers.is_empty());
    press(&mut alone, "→");
}

#[test]
fn what_is_measured_of_all_runs_is_asked_before_it_is_shown() {
    let mut app = app_of("why-kafka-is-fast", "20s", "9", mono((80, 24)));
    run::snapshot("compare-bars-asked-80x24", app.text());
    // Whoever answers sees all bars, and whether the answer is right.
    press(&mut app, "↓ ⏎");
    run::snapshot("compare-bars-80x24", app.text());
    // It is asked once.
    press(&mut app, "1 9");
    assert!(app.ui.layers.is_empty());
    for (size, lang) in [((160, 50), Lang::En), ((160, 50), Lang::Zh), ((80, 24), Lang::Zh)] {
        let options = Options { lang, ..mono(size) };
        let text = app_of("why-kafka-is-fast", "20s", "9 Esc", options).text();
        run::snapshot(&format!("compare-bars-{}x{}-{}", size.0, size.1, lang.code()), text);
    }
    let ascii = Options { charset: kafkascope::tui::Charset::Ascii, ..mono((80, 24)) };
    let text = app_of("why-kafka-is-fast", "20s", "9 Esc", ascii).text();
    assert!(text.is_ascii() && text.contains("====="), "{text}");
}
