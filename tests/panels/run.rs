//! A built-in scenario at a moment, and buffers as text.

use std::sync::Arc;

use kafkascope::explain::Lang;
use kafkascope::scenario::timeline::Timeline;
use kafkascope::scenario::{Source, library, load, parse_instant};
use kafkascope::tui::panels::Changed;
use kafkascope::tui::{Look, Theme, Tone};
use kafkascope::view::Lens;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

use crate::snapshots::snapshots;

/// A built-in scenario at `at`.
pub(crate) fn at(name: &str, at: &str) -> Timeline {
    let source = library::find(name).expect("it is built in");
    timeline(&source, at)
}

/// A scenario given as text at `at`.
pub(crate) fn at_of(text: &str, at: &str) -> Timeline {
    timeline(&Source { name: "test.toml".to_owned(), text: text.to_owned() }, at)
}

fn timeline(source: &Source, at: &str) -> Timeline {
    let loaded = load(source);
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    let run = loaded.runs.into_iter().next().expect("a file has a run");
    let mut timeline = Timeline::new(Arc::new(run.scenario));
    timeline.go_to(parse_instant(at).expect("an instant"));
    timeline
}

pub(crate) fn lens(timeline: &Timeline) -> Lens<'_> {
    timeline.runner().lens()
}

pub(crate) fn changed(timeline: &Timeline) -> Changed {
    Changed::of(timeline.story(), timeline.at())
}

pub(crate) fn mono() -> Theme {
    Theme::new(Tone::Mono, false)
}

/// What `draw` draws, without styles.
pub(crate) fn drawn(
    width: u16,
    height: u16,
    theme: &Theme,
    lang: Lang,
    draw: impl Fn(&Look<'_>, Rect, &mut Buffer),
) -> Buffer {
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    draw(&Look::new(theme, lang).focus(true), area, &mut buf);
    buf
}

/// The rows of a buffer. What a wide letter hides is left out.
pub(crate) fn text(buf: &Buffer) -> String {
    let rows = (0..buf.area.height).map(|y| {
        let mut row = String::new();
        let mut hidden = 0;
        for x in 0..buf.area.width {
            if hidden > 0 {
                hidden -= 1;
                continue;
            }
            let symbol = buf[(x, y)].symbol();
            hidden = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
            row.push_str(symbol);
        }
        row.trim_end().to_owned()
    });
    rows.collect::<Vec<_>>().join("\n")
}

/// The rows of a buffer, and below each a row that says how its letters are drawn.
pub(crate) fn styled(buf: &Buffer) -> String {
    let all = text(buf);
    let mut out = String::new();
    for (y, row) in (0..buf.area.height).zip(all.lines()) {
        let styles: String = (0..buf.area.width).map(|x| letter(buf, x, y)).collect();
        out.push_str(row);
        out.push('\n');
        if !styles.trim().is_empty() {
            out.push_str(styles.trim_end());
            out.push('\n');
        }
    }
    out
}

/// `o`range, `s`ky, `g`reen, `y`ellow, `v`ermillion, `p`urple; large where the colour is behind.
fn letter(buf: &Buffer, x: u16, y: u16) -> char {
    let cell = &buf[(x, y)];
    let hue = |color| {
        Some(match color {
            Color::Rgb(0xe6, 0x9f, 0x00) => 'o',
            Color::Rgb(0x56, 0xb4, 0xe9) => 's',
            Color::Rgb(0x2b, 0xb5, 0x8b) => 'g',
            Color::Rgb(0xf0, 0xe4, 0x42) => 'y',
            Color::Rgb(0xf0, 0x73, 0x2a) => 'v',
            Color::Rgb(0xcc, 0x79, 0xa7) => 'p',
            _ => return None,
        })
    };
    if let Some(behind) = hue(cell.bg) {
        return behind.to_ascii_uppercase();
    }
    if cell.symbol() == " " {
        return ' ';
    }
    let bold = cell.modifier.contains(Modifier::BOLD);
    hue(cell.fg).unwrap_or(if bold { '+' } else { ' ' })
}

/// Compares a screen with its snapshot.
pub(crate) fn snapshot(name: &str, screen: String) {
    snapshots("tui").bind(|| insta::assert_snapshot!(name, screen));
}
