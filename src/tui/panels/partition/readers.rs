//! The row of a group: where it committed, and where its consumer is.

use ratatui::buffer::Buffer;
use unicode_width::UnicodeWidthStr;

use super::Page;
use super::scale::{Place, place};
use crate::ids::Offset;
use crate::tui::ink::put;
use crate::tui::panels::labels::Label;
use crate::view::ReaderView;

/// Draws it from line `y` on.
pub(super) fn draw(page: &Page<'_>, reader: &ReaderView, y: u16, buf: &mut Buffer) {
    let (theme, words) = (page.look.theme, page.words());
    let signs = theme.signs;
    let is_new = page.changed.group(&reader.group);
    let mut ink = page.plan.across.gutter(y, buf);
    ink.style(if is_new { theme.changed } else { theme.group });
    ink.clipped(&reader.group, signs.more);
    if is_new {
        ink.text(signs.changed);
    }
    // What was committed, then what is read: where both are at one place, the consumer is seen.
    let committed = reader.committed.map(|at| {
        let text = format!("{} {at}", words.committed_offset);
        (at, signs.commit, theme.group, text)
    });
    let positions = reader.positions.iter().filter_map(|one| {
        let at = one.position?;
        let is_new = page.changed.node(one.node);
        let style = if is_new { theme.changed } else { theme.in_sync };
        Some((at, signs.position, style, format!("{} {at}", one.consumer)))
    });
    let marks: Vec<_> = committed.into_iter().chain(positions).collect();
    let mut labels: Vec<Label> = Vec::new();
    for (at, sign, style, text) in marks {
        let cell = cell_of(page, at);
        let sign = match place(page.scale, at) {
            Place::Before => signs.left,
            Place::At(_) => sign,
            Place::After => signs.right,
        };
        page.plan.across.pen(cell, y, buf).styled(style, sign);
        match labels.iter_mut().find(|label| label.cell == cell) {
            // Two that stand in one cell share its pointer.
            Some(label) => label.text = format!("{}, {text}", label.text),
            None => labels.push(Label { cell, text, style }),
        }
    }
    if let Some(lag) = reader.lag.filter(|_| reader.is_known) {
        let text = format!("{} {lag}", words.lag);
        let mut ink = page.plan.across.right(y, buf);
        ink.skip((page.plan.column * 2).saturating_sub(text.width() as u16));
        ink.styled(if lag > 0 { theme.text } else { theme.label }, &text);
    }
    if page.plan.lines < 2 {
        return;
    }
    page.labels(&mut labels, y + 1, buf);
    let mut ink = page.plan.across.gutter(y + 1, buf);
    ink.skip(2);
    if !reader.is_known {
        ink.styled(theme.lagging, words.group_unknown);
    } else if let Some(owner) = &reader.owner {
        ink.style(theme.label);
        put!(ink, "{} {owner}", signs.to);
        if reader.positions.is_empty() {
            // It is assigned, and the process does not have it.
            ink.text(" ").styled(theme.lagging, words.not_there);
        }
    } else {
        ink.styled(theme.lagging, words.nobody_reads);
    }
}

/// The cell of an offset; what is not shown stands at the edge.
fn cell_of(page: &Page<'_>, at: Offset) -> u16 {
    match place(page.scale, at) {
        Place::Before => 0,
        Place::At(cell) => cell,
        Place::After => page.plan.across.cells.saturating_sub(1),
    }
}
