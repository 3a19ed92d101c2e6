//! Presenter mode, the clicker, jumps to steps, lists that filter, the durian.

use kafkascope::explain::Lang;
use kafkascope::scenario::{library, load};
use kafkascope::tui::{Charset, Message, Options, Tone, all_notes, notes_now};

use crate::{app, app_of, drawn, press, run};

#[test]
fn a_clicker_goes_through_the_story_and_blanks_the_screen() {
    let mut app = app("broker-down", "9.99s", "F5");
    assert!(app.ui.presenting);
    press(&mut app, "PgDn");
    let asked = app.text();
    assert!(asked.contains("Who leads kq-0 at 25 s?"), "{asked}");
    press(&mut app, "PgDn");
    assert!(app.ui.layers.is_empty(), "a clicker goes on");
    press(&mut app, "PgDn");
    assert!(app.timeline.runner().done_steps().any(|step| step == 1), "{}", app.text());
    let at = app.timeline.at();
    press(&mut app, "PgDn PgUp PgUp");
    assert!(app.timeline.at() <= at);
    press(&mut app, ".");
    assert!(app.text().trim().is_empty(), "{}", app.text());
    let at = app.timeline.at();
    press(&mut app, "PgDn");
    assert_eq!(app.timeline.at(), at, "the first key only shows the screen again");
    assert!(!app.text().trim().is_empty());
    press(&mut app, "F5");
    assert!(!app.ui.presenting && app.text().contains("Producers"), "{}", app.text());
}

#[test]
fn presenting_changes_to_high_contrast_and_back() {
    let mut app = app_of("broker-down", "9s", "F5", Options::default());
    assert_eq!(app.ui.tone, Tone::Stark);
    press(&mut app, "F2");
    assert_eq!(app.ui.tone, Tone::StarkLight);
    press(&mut app, "F5");
    assert_eq!(app.ui.tone, Tone::Light);
}

#[test]
fn presenting_looks_as_it_did() {
    for size in [(80, 24), (100, 30), (160, 50)] {
        let (width, height) = size;
        for tone in [Tone::Mono, Tone::Dark] {
            let options = Options { size, tone, ..Options::default() };
            let buf = drawn(&app_of("broker-down", "20s", "F5", options));
            let (told, screen) = match tone {
                Tone::Mono => ("mono", run::text(&buf)),
                _ => ("colours", run::styled(&buf)),
            };
            run::snapshot(&format!("present-{width}x{height}-{told}"), screen);
        }
    }
    let zh = Options { lang: Lang::Zh, tone: Tone::Mono, ..Options::default() };
    run::snapshot("present-zh", run::text(&drawn(&app_of("broker-down", "20s", "F5", zh))));
    let ascii = Options { charset: Charset::Ascii, tone: Tone::Mono, ..Options::default() };
    let text = run::text(&drawn(&app_of("broker-down", "20s", "F5", ascii)));
    assert!(text.is_ascii(), "{text}");
}

#[test]
fn the_durian_says_who_eats_which_segment() {
    for (told, lang, keys) in [("en", Lang::En, "D"), ("zh", Lang::Zh, "F5 D")] {
        for size in [(80, 24), (160, 50)] {
            let (width, height) = size;
            let options = Options { size, lang, tone: Tone::Mono, ..Options::default() };
            let buf = drawn(&app_of("two-groups-one-topic", "14s", keys, options));
            run::snapshot(&format!("durian-{width}x{height}-{told}"), run::text(&buf));
        }
    }
    let ascii = Options { charset: Charset::Ascii, tone: Tone::Mono, ..Options::default() };
    let text = run::text(&drawn(&app_of("two-groups-one-topic", "30s", "D", ascii)));
    assert!(text.is_ascii() && text.contains("nobody eats"), "{text}");
    let mut app = app("two-groups-one-topic", "14s", "D D");
    assert!(app.text().contains("Producers"), "{}", app.text());
    press(&mut app, "D Esc");
    assert!(app.text().contains("Producers"), "{}", app.text());
}

#[test]
fn a_step_can_be_jumped_to() {
    let mut app = app("broker-down", "0s", ":step 2⏎");
    assert_eq!(app.timeline.at().as_millis(), 10_000);
    assert!(app.text().contains("Who leads kq-0 at 25 s?"), "{}", app.text());
    press(&mut app, "Esc :step 3⏎");
    let (at, done) = (app.timeline.at(), app.timeline.runner().step_done());
    assert_eq!(done, Some(2));
    press(&mut app, ":step 1⏎");
    assert_eq!(app.timeline.at().as_millis(), 5_000);
    press(&mut app, "J ↓ ⏎");
    assert_eq!(app.timeline.at(), at, "the list begins at the step that comes next");
    press(&mut app, ":step 9⏎");
    assert_eq!(app.ui.message, Some(Message::Error("there are steps 1 to 3".to_owned())));
    assert_eq!(app.timeline.at(), at);
}

#[test]
fn lists_can_be_filtered() {
    let mut app = app("broker-down", "0s", "o /nowhere⏎");
    assert!(app.text().contains("nothing has these words in it"), "{}", app.text());
    press(&mut app, "Esc Esc o /unclean");
    let text = app.text();
    assert!(text.contains("unclean-election") && !text.contains("hot-partition"), "{text}");
    press(&mut app, "⏎");
    assert!(app.text().contains("unclean.leader.election.enable"), "{}", app.text());
}

#[test]
fn a_command_that_is_refused_leaves_no_other_future() {
    let mut app = app("broker-down", "20s", "");
    app.go_to(kafkascope::scenario::parse_instant("8s").expect("an instant"));
    let at = app.timeline.at();
    press(&mut app, ":start broker-1⏎");
    assert!(matches!(app.ui.message, Some(Message::Error(_))), "{:?}", app.ui.message);
    assert_eq!(app.timeline.futures(), 1);
    assert!(app.timeline.recorded().is_empty());
    assert_eq!(app.timeline.at(), at, "nothing was done");
}

#[test]
fn before_the_first_event_everything_is_about_to_start() {
    let text = app("broker-down", "0s", "").text();
    assert!(!text.contains("DOWN") && !text.contains("NO ACTIVE CONTROLLER"), "{text}");
    assert!(text.contains("starting"), "{text}");
}

#[test]
fn notes_tell_the_teacher_what_is_now_and_what_comes() {
    let app = app("broker-down", "11s", "");
    let told = notes_now(&app, Lang::En);
    for part in ["NOW    step 2 of 3", "Count the seconds aloud", "NEXT   step 3", "Press w on"] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    assert!(!app.text().contains("Count the seconds aloud"), "a class never sees it");
    let loaded = load(&library::find("broker-down").expect("it is built in"));
    let told = all_notes(&loaded.runs[0].scenario, Lang::Zh);
    assert!(told.contains("大声数秒") && told.contains("第 3 步"), "{told}");
}

#[test]
fn six_scenarios_and_more_have_speaker_notes_in_two_languages() {
    let mut with = 0;
    for name in library::all() {
        let loaded = load(&library::find(name).expect("it is listed"));
        let steps = &loaded.runs[0].scenario.steps;
        let notes: Vec<_> = steps.iter().filter_map(|step| step.note.as_ref()).collect();
        with += usize::from(!notes.is_empty());
        assert!(notes.iter().all(|note| note.en != note.zh), "{name}");
    }
    assert!(with >= 6, "{with}");
}
