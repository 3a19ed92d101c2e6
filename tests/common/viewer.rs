//! The viewer of a scenario: at a moment, after some keys, and what it draws.

use kafkascope::scenario::{Source, library, load, parse_instant};
use kafkascope::tui::keys::{Stroke, parse};
use kafkascope::tui::{App, Options};
use ratatui::buffer::Buffer;

/// The viewer of a text.
pub(crate) fn viewer(source: Source, options: Options) -> App {
    let loaded = load(&source);
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    App::new(source, loaded, options)
}

/// The viewer of a built-in scenario at a moment, after some keys.
pub(crate) fn app_of(name: &str, at: &str, keys: &str, options: Options) -> App {
    let mut app = viewer(library::find(name).expect("it is built in"), options);
    app.go_to(parse_instant(at).expect("an instant"));
    press(&mut app, keys);
    app
}

pub(crate) fn press(app: &mut App, keys: &str) {
    for stroke in parse(keys).expect("a script") {
        match stroke {
            Stroke::Key(key) => app.key(key),
            Stroke::Wait(span) => app.play(span, || true),
        }
    }
}

pub(crate) fn drawn(app: &App) -> Buffer {
    let mut buf = Buffer::empty(app.ui.area);
    kafkascope::tui::render(app, &mut buf);
    buf
}
