//! Questions of a scenario: the run stops, the class answers, and the run itself reveals and grades.

use kafkascope::explain::Lang;
use kafkascope::scenario::runner::Runner;
use kafkascope::scenario::{Given, Grade, library, load, parse_instant};
use kafkascope::tui::{Charset, Options, Tone};

use crate::{app, app_of, drawn, press, run};

/// The step of two-groups-one-topic that asks first.
const FIRST: usize = 1;

#[test]
fn a_run_that_comes_to_a_question_stops_and_shows_all_of_it() {
    let app = app("two-groups-one-topic", "14s", "space wait:3s");
    assert!(!app.ui.playback.playing);
    assert_eq!(app.timeline.at().as_millis(), 15_000);
    let text = app.text();
    for part in ["How many of them will recommend have read at 65 s?", "c)  1200: each group"] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn letters_answer_and_give_no_commands_while_a_question_is_open() {
    let mut app = app("two-groups-one-topic", "14s", "c");
    press(&mut app, "x z s");
    assert!(app.timeline.recorded().is_empty(), "nothing was killed or started");
    assert!(app.text().contains("Question"), "x, z and s are no choices");
    press(&mut app, "a");
    assert!(app.timeline.recorded().is_empty(), "no broker was added");
    assert_eq!(app.ui.asks.of(FIRST).and_then(|one| one.given.clone()), Some(Given::Choice(0)));
    assert!(app.ui.layers.is_empty());
    assert!(app.ui.playback.playing, "the run goes on to where it answers");
}

#[test]
fn the_run_stops_exactly_where_it_answers_and_grades() {
    let mut app = app("two-groups-one-topic", "14s", "c c wait:100ms");
    press(&mut app, "+ + + + + + + +");
    for _ in 0..3 {
        press(&mut app, "wait:1s");
    }
    // The second question stops the run on the way.
    assert_eq!(app.timeline.at().as_millis(), 20_000);
    press(&mut app, "Esc space");
    for _ in 0..3 {
        press(&mut app, "wait:1s");
    }
    assert_eq!(app.timeline.at().as_millis(), 44_000, "the answer to the one that was passed over");
    press(&mut app, "space wait:1s");
    assert_eq!(app.timeline.at().as_millis(), 65_000);
    let text = app.text();
    assert!(text.contains("right") && text.contains("consumed(recommend) at 65s = 1200"), "{text}");
    let runner = app.timeline.runner();
    assert_eq!(app.ui.asks.grade(FIRST, runner), Some(Grade::Right));
    assert_eq!(app.ui.asks.grade(FIRST + 1, runner), None, "who passes over is not graded");
}

#[test]
fn hands_are_counted_and_shown_where_the_run_answers() {
    let mut app = app("two-groups-one-topic", "14s", "c ↓ ↓ 1 2 ↑ + + + -");
    assert!(app.text().contains("12 hands") && app.text().contains("2 hands"), "{}", app.text());
    press(&mut app, "⏎ A Esc A Esc A");
    let text = app.text();
    assert!(text.contains("12 of 14 hands were right"), "{text}");
    let score = app.ui.asks.score(app.timeline.runner());
    assert_eq!((score.right, score.hands_right, score.hands), (0, 12, 14));
    press(&mut app, "Esc L End");
    assert!(app.text().contains("hands that were right: 12 of 14"), "{}", app.text());
}

#[test]
fn a_number_is_typed_and_graded_within_its_tolerance() {
    let mut app = app("add-consumer", "59s", "c 1 ⏎ A");
    assert!(app.text().contains("right"), "{}", app.text());
    assert!(app.timeline.recorded().is_empty());
    let runner = app.timeline.runner();
    assert_eq!(app.ui.asks.score(runner).right, 1);
    press(&mut app, "Esc L End");
    assert!(app.text().contains("right: 1 of 1"), "{}", app.text());
}

#[test]
fn who_leads_is_chosen_among_the_brokers() {
    let mut app = app("broker-down", "9s", "c");
    let text = app.text();
    assert!(text.contains("a)  broker-1") && text.contains("d)  nobody"), "{text}");
    press(&mut app, "b A");
    assert!(app.text().contains("not so in this run"), "{}", app.text());
}

#[test]
fn who_goes_back_is_not_asked_again_unless_he_wants_to() {
    let mut app = app("broker-down", "9s", "c b space");
    app.go_to(parse_instant("9s").expect("an instant"));
    press(&mut app, "c");
    assert!(app.ui.layers.is_empty(), "it was answered");
    press(&mut app, "Q");
    assert!(app.text().contains("a)  broker-1"), "{}", app.text());
    press(&mut app, "a A");
    assert_eq!(app.ui.asks.score(app.timeline.runner()).right, 1);
    press(&mut app, "Esc");
    app.go_to(parse_instant("9s").expect("an instant"));
    assert_eq!(app.ui.asks.score(app.timeline.runner()).right, 0, "the answer is not known yet");
    press(&mut app, "A");
    assert!(app.ui.layers.is_empty(), "what was shown is not shown again by itself");
    app.go_to(parse_instant("26s").expect("an instant"));
    press(&mut app, "Q");
    assert!(app.text().contains("The run answers"), "{}", app.text());
}

#[test]
fn a_hint_is_shown_when_it_is_asked_for() {
    let mut app = app("two-groups-one-topic", "14s", "c");
    assert!(!app.text().contains("Reading takes nothing away."));
    press(&mut app, "h");
    assert!(app.text().contains("Reading takes nothing away."), "{}", app.text());
}

#[test]
fn answers_are_no_part_of_the_run() {
    let asked = app("broker-down", "9s", "c a A Esc End");
    let passed = app("broker-down", "9s", "c Esc");
    let (mut asked, mut passed) = (asked, passed);
    for app in [&mut asked, &mut passed] {
        app.go_to(parse_instant("40s").expect("an instant"));
    }
    assert_eq!(asked.timeline.event(), passed.timeline.event());
    assert!(asked.timeline.recorded().is_empty());
}

#[test]
fn of_the_choices_of_every_built_in_question_one_is_right_in_every_run() {
    for name in library::names() {
        let loaded = load(&library::find(name).expect("it is listed"));
        for run in &loaded.runs {
            let asks = run.scenario.steps.iter().filter_map(|step| step.ask.as_ref());
            let chosen = asks.filter(|ask| !ask.choices.is_empty());
            let Some(last) = chosen.filter_map(|ask| Some(ask.answer.as_ref()?.at)).max() else {
                continue;
            };
            let mut runner = Runner::new(run.seeded(None), false);
            runner.run_until(last);
            for (index, step) in runner.scenario().steps.iter().enumerate() {
                let Some(ask) = step.ask.as_ref().filter(|ask| !ask.choices.is_empty()) else {
                    continue;
                };
                if ask.answer.is_none() || runner.told_answer(index).is_none() {
                    continue;
                }
                let known = runner.known(index).expect("it was told");
                let label = run.label.as_deref().unwrap_or("");
                assert!(
                    known.right.is_some(),
                    "{name} {label}, step {}: no choice is right for {}",
                    index + 1,
                    known.value
                );
            }
        }
    }
}

#[test]
fn questions_look_as_they_did() {
    let cases = [
        ("choices", "two-groups-one-topic", "14s", "c"),
        ("hands", "two-groups-one-topic", "14s", "c ↓ 7 ↓ 1 2 ?"),
        ("revealed", "two-groups-one-topic", "14s", "c ↓ 7 ↓ 1 2 ⏎ A Esc A Esc A"),
        ("number", "add-consumer", "59s", "c 2"),
        ("wrong", "broker-down", "9s", "c b A"),
    ];
    for (told, name, at, keys) in cases {
        for (size, lang) in [((80, 24), Lang::En), ((80, 24), Lang::Zh), ((160, 50), Lang::En)] {
            let options = Options { size, lang, tone: Tone::Mono, ..Options::default() };
            let buf = drawn(&app_of(name, at, keys, options));
            let (width, height) = size;
            let lang = if lang == Lang::En { "en" } else { "zh" };
            run::snapshot(&format!("ask-{told}-{width}x{height}-{lang}"), run::text(&buf));
        }
    }
    let options = Options { charset: Charset::Ascii, tone: Tone::Mono, ..Options::default() };
    let text = run::text(&drawn(&app_of("two-groups-one-topic", "14s", "c ↓ 7", options)));
    assert!(text.is_ascii(), "{text}");
}
