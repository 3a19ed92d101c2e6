//! Teaching: questions that the run grades, labs, presenter mode, jumps to steps.

#[allow(dead_code, reason = "the panels' tests use all of it")]
#[path = "../panels/run.rs"]
mod run;
#[path = "../common/snapshots.rs"]
mod snapshots;

mod asks;
mod labs;
mod presenting;

use kafkascope::scenario::{Source, library, load, parse_instant};
use kafkascope::tui::keys::{Stroke, parse};
use kafkascope::tui::{App, Options, Tone};
use ratatui::buffer::Buffer;

fn viewer(source: Source, options: Options) -> App {
    let loaded = load(&source);
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    App::new(source, loaded, options)
}

fn app_of(name: &str, at: &str, keys: &str, options: Options) -> App {
    let mut app = viewer(library::find(name).expect("it is built in"), options);
    app.go_to(parse_instant(at).expect("an instant"));
    press(&mut app, keys);
    app
}

fn app(name: &str, at: &str, keys: &str) -> App {
    app_of(name, at, keys, Options { tone: Tone::Mono, ..Options::default() })
}

fn press(app: &mut App, keys: &str) {
    for stroke in parse(keys).expect("a script") {
        match stroke {
            Stroke::Key(key) => app.key(key),
            Stroke::Wait(span) => app.play(span, || true),
        }
    }
}

fn drawn(app: &App) -> Buffer {
    let mut buf = Buffer::empty(app.ui.area);
    kafkascope::tui::render(app, &mut buf);
    buf
}
