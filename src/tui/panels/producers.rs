//! Producers: a row for each producer.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::{TableView, Thing};
use crate::tui::ink::{Ink, digits, put};
use crate::tui::words::Words;
use crate::tui::{Look, frame};
use crate::view::{Lens, ProducerView};

/// How many rows there are.
pub fn rows(lens: Lens<'_>) -> usize {
    lens.producer_nodes().len()
}

/// What stands in a row.
pub fn at(lens: Lens<'_>, row: usize) -> Option<Thing> {
    let node = *lens.producer_nodes().get(row)?;
    Some(Thing::Producer(lens.name(node).clone()))
}

/// The first row that is shown in `area`: what is selected is seen. To be kept as `top`.
pub fn scrolled(lens: Lens<'_>, view: &TableView<'_>, area: Rect) -> usize {
    view.scrolled(rows(lens), area)
}

/// The row at a place of the screen.
pub fn row_at(lens: Lens<'_>, view: &TableView<'_>, area: Rect, x: u16, y: u16) -> Option<usize> {
    view.row_at(rows(lens), area, x, y)
}

/// Draws them.
pub fn draw(look: &Look<'_>, lens: Lens<'_>, view: &TableView<'_>, area: Rect, buf: &mut Buffer) {
    let (theme, words) = (look.theme, Words::of(look.lang()));
    let inner = frame::draw(look, words.producers, area, buf, |_| {});
    if inner.is_empty() {
        return;
    }
    let nodes = lens.producer_nodes();
    if nodes.is_empty() {
        Ink::new(buf, inner.x + 1, inner.y, inner.right()).styled(theme.label, words.no_producers);
    }
    let top = frame::scroll(view.selected, view.top, nodes.len(), inner.height.into());
    let names = nodes.iter().map(|node| lens.name(*node).width() as u16);
    let name_width = names.max().unwrap_or(0).min(inner.width / 3);
    for (line, node) in nodes.iter().skip(top).take(inner.height.into()).enumerate() {
        let y = inner.y + line as u16;
        if let Some(producer) = lens.producer(*node) {
            let mut ink = Ink::new(buf, inner.x, y, inner.right());
            draw_producer(look, &producer, view.changed.node(*node), name_width, &mut ink);
        }
        if view.selected == Some(top + line) {
            buf.set_style(Rect::new(inner.x, y, inner.width, 1), theme.selected);
        }
    }
    let below = nodes.len() > top + usize::from(inner.height);
    frame::more(look, top > 0, below, area, buf);
}

fn draw_producer(
    look: &Look<'_>,
    producer: &ProducerView,
    changed: bool,
    name_width: u16,
    ink: &mut Ink<'_>,
) {
    let (theme, words) = (look.theme, Words::of(look.lang()));
    let signs = theme.signs;
    let (sign, style) = if !producer.alive {
        (signs.offline, theme.offline)
    } else if producer.paused {
        (signs.paused, theme.alert)
    } else if producer.blocked {
        (signs.waiting, theme.alert)
    } else {
        (signs.member, theme.in_sync)
    };
    ink.skip(1).style(style).text(sign).skip(1);
    let x = ink.x();
    ink.styled(if changed { theme.changed } else { theme.text }, &producer.name);
    if changed {
        ink.styled(theme.changed, signs.changed);
    }
    let gap = if ink.room() >= 44 { 2 } else { 1 };
    ink.skip_to(x + name_width + gap);
    // The mark of a long name takes the place of the gap.
    if changed && ink.x() == x + producer.name.width() as u16 + 1 {
        ink.skip(1);
    }
    let acks = if producer.acks < 0 { "all".to_owned() } else { producer.acks.to_string() };
    ink.style(theme.label).text("acks=").styled(theme.text, &acks).skip(gap);
    if !producer.alive {
        ink.styled(style, words.stopped);
        return;
    }
    if producer.paused {
        ink.styled(style, words.paused).skip(gap);
    } else if producer.blocked {
        ink.styled(style, words.blocked).skip(gap);
    }
    count(ink, [theme.text, theme.label], words.acked, producer.acked, gap);
    let wrong = [
        (words.failed, producer.failed, theme.alert),
        (words.retried, producer.retried, theme.lagging),
    ];
    let usual = [
        (words.in_flight, producer.in_flight as u64, theme.text),
        (words.queued, producer.queued_batches as u64, theme.text),
        (words.failed, producer.failed, theme.text),
    ];
    // What went wrong comes before what is as usual, and is said once.
    let wrong = wrong.into_iter().filter(|(_, number, _)| *number > 0);
    let usual = usual.into_iter().filter(|(word, number, _)| *number == 0 || *word != words.failed);
    for (word, number, style) in wrong.chain(usual) {
        if !count(ink, [style, theme.label], word, number, gap) {
            return;
        }
    }
    if let Some(error) = producer.last_error.filter(|_| producer.failed > 0) {
        ink.styled(theme.offline, error.name());
    }
}

/// A number with its word, whole or not at all. False if there was no room.
fn count(ink: &mut Ink<'_>, [style, label]: [Style; 2], word: &str, number: u64, gap: u16) -> bool {
    let fits = usize::from(ink.room()) > word.width() + usize::from(digits(number));
    if fits {
        ink.styled(label, word).text(" ").style(style);
        put!(ink, "{number}");
        ink.skip(gap);
    }
    fits
}
