//! The bar at the top: where in the run the cursor is.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use crate::scenario::When;
use crate::scenario::timeline::Timeline;
use crate::sim::Instant;
use crate::tui::Look;
use crate::tui::ink::Ink;
use crate::tui::words::Words;

/// What the bar shows.
#[derive(Clone, Copy, Debug)]
pub struct BarView<'a> {
    /// The title of the scenario.
    pub title: &'a str,
    /// Which of its runs this is, if there are several: `acks = 1`.
    pub run: Option<&'a str>,
    /// True while time goes on.
    pub playing: bool,
    /// How fast: `1x`.
    pub speed: &'a str,
    /// True while the display is frozen and time goes on.
    pub frozen: bool,
}

/// How many rows the bar wants: one, or two where there is room for a long scrub bar.
pub fn height(screen: Rect) -> u16 {
    if screen.height >= 30 { 2 } else { 1 }
}

/// The least cells a scrub bar is drawn in, its ends included.
const LEAST: u16 = 14;

/// A part of the line, with what it is worth: the least goes first where there is no room.
struct Part {
    worth: u8,
    text: String,
    style: Style,
}

/// Draws the bar.
pub fn draw(
    look: &Look<'_>,
    timeline: &Timeline,
    view: &BarView<'_>,
    area: Rect,
    buf: &mut Buffer,
) {
    let area = area.intersection(*buf.area());
    let theme = look.theme;
    buf.set_style(area, theme.text);
    if area.is_empty() {
        return;
    }
    let two = area.height >= 2;
    let mut parts = parts(look, timeline, view);
    let least = if two { 0 } else { LEAST + 8 };
    shorten(&mut parts, area.width.saturating_sub(least + 1));
    let mut ink = Ink::new(buf, area.x + 1, area.y, area.right());
    for part in &parts {
        ink.styled(part.style, &part.text).skip(2);
    }
    let scrub = if two {
        Rect::new(area.x + 1, area.y + 1, area.width.saturating_sub(2), 1)
    } else {
        let x = ink.x();
        Rect::new(x, area.y, area.right().saturating_sub(x + 1), 1)
    };
    draw_scrub(look, timeline, scrub, buf);
}

/// The parts of the line, in order.
fn parts(look: &Look<'_>, timeline: &Timeline, view: &BarView<'_>) -> Vec<Part> {
    let (theme, words) = (look.theme, Words::of(look.lang()));
    let signs = theme.signs;
    let runner = timeline.runner();
    let scenario = runner.scenario();
    let part = |worth, style, text: String| Part { worth, text, style };
    let (sign, style) = if view.frozen {
        (signs.frozen, theme.alert)
    } else if view.playing {
        (signs.playing, theme.good)
    } else {
        (signs.standing, theme.title)
    };
    let mut parts = vec![
        part(1, theme.key, "kafkascope".to_owned()),
        part(6, theme.title, view.title.to_owned()),
        part(9, style, format!("{sign} {}", clock(timeline.at()))),
    ];
    if let Some(run) = view.run {
        parts.insert(2, part(8, theme.you, run.to_owned()));
    }
    if view.frozen {
        parts.push(part(8, theme.alert, words.frozen.to_owned()));
    }
    if timeline.is_over() {
        parts.push(part(7, theme.title, words.over.to_owned()));
    } else {
        parts.push(part(5, theme.label, view.speed.to_owned()));
    }
    if timeline.futures() > 1 {
        let from = timeline.left().map(|(_, at)| format!(" {} {}", words.from, clock(at)));
        let text = format!(
            "{} {}/{}{}",
            words.future,
            timeline.current().0 + 1,
            timeline.futures(),
            from.unwrap_or_default()
        );
        parts.push(part(7, theme.you, text));
    }
    parts.push(part(4, theme.label, format!("{} {}", words.event, grouped(runner.number()))));
    parts.push(part(2, theme.label, format!("{} {}", words.seed, scenario.seed)));
    parts.push(part(3, theme.label, format!("Kafka {}", scenario.release)));
    parts
}

/// Leaves parts out until the others fit into `width` cells.
fn shorten(parts: &mut Vec<Part>, width: u16) {
    let taken = |parts: &[Part]| parts.iter().map(|part| part.text.width() + 2).sum::<usize>();
    while parts.len() > 1 && taken(parts) > usize::from(width) {
        let least = parts.iter().map(|part| part.worth).min().expect("there are parts");
        parts.retain(|part| part.worth != least);
    }
}

/// `00:19.001`.
fn clock(at: Instant) -> String {
    let millis = at.as_millis();
    let (minutes, seconds) = (millis / 60_000, millis / 1_000 % 60);
    format!("{minutes:02}:{seconds:02}.{:03}", millis % 1_000)
}

/// Digits in threes: `2 214`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// Where the scrub bar's cells are in its line: without its ends, and without the end of the run.
fn scrub_cells(timeline: &Timeline, line: Rect) -> Option<(u16, u16, String)> {
    let end = short(timeline.runner().end());
    let cells = line.width.checked_sub(end.len() as u16 + 3)?;
    (cells >= 4).then_some((line.x + 1, cells, end))
}

/// `60 s`.
fn short(at: Instant) -> String {
    format!("{} s", at.as_millis() / 1_000)
}

fn draw_scrub(look: &Look<'_>, timeline: &Timeline, line: Rect, buf: &mut Buffer) {
    let Some((x, cells, end)) = scrub_cells(timeline, line) else { return };
    let (theme, signs) = (look.theme, look.theme.signs);
    let total = timeline.runner().end().as_nanos().max(1);
    let cell = |at: Instant| {
        let cell = u128::from(at.as_nanos()) * u128::from(cells - 1) / u128::from(total);
        (cell as u16).min(cells - 1)
    };
    let (cursor, seen) = (cell(timeline.at()), cell(timeline.seen_until()));
    let mut ink = Ink::new(buf, line.x, line.y, line.right());
    ink.styled(theme.border, signs.frame[1]);
    ink.style(theme.in_sync).repeat(signs.past, cursor);
    ink.style(theme.title).text(signs.cursor);
    ink.style(theme.label).repeat(signs.seen, seen - cursor);
    ink.style(theme.border).repeat(signs.unseen, cells - 1 - seen);
    ink.styled(theme.border, signs.frame[1]).text(" ").styled(theme.label, &end);
    // When the scenario does something, as far as its file says.
    for step in &timeline.runner().scenario().steps {
        if let When::At(at) = step.when {
            let place = cell(at);
            if place > cursor {
                buf[(x + place, line.y)].set_symbol(signs.step).set_style(theme.you);
            }
        }
    }
}

/// The moment of the run that the scrub bar has at a place of the screen, if it is there.
pub fn moment_at(
    look: &Look<'_>,
    timeline: &Timeline,
    view: &BarView<'_>,
    area: Rect,
    x: u16,
    y: u16,
) -> Option<Instant> {
    let line = if area.height >= 2 {
        Rect::new(area.x + 1, area.y + 1, area.width.saturating_sub(2), 1)
    } else {
        let mut parts = parts(look, timeline, view);
        shorten(&mut parts, area.width.saturating_sub(LEAST + 9));
        let taken: usize = parts.iter().map(|part| part.text.width() + 2).sum();
        let left = (area.x + 1 + taken as u16).min(area.right());
        Rect::new(left, area.y, area.right().saturating_sub(left + 1), 1)
    };
    let (left, cells, _) = scrub_cells(timeline, line)?;
    let place = x.checked_sub(left).filter(|place| *place < cells && y == line.y)?;
    let total = u128::from(timeline.runner().end().as_nanos());
    let at = total * u128::from(place) / u128::from(cells - 1);
    Some(Instant::from_nanos(at as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_and_numbers() {
        assert_eq!(clock(Instant::from_nanos(79_001_999_999)), "01:19.001");
        assert_eq!(
            [0, 999, 2214, 1_000_000].map(grouped),
            ["0", "999", "2 214", "1 000 000"].map(str::to_owned)
        );
    }
}
