//! What is true of the partition as a whole, the axis of offsets, and what the signs mean.

use std::fmt::Write as _;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::plan::Column;
use super::{Page, said, scale};
use crate::ids::BrokerId;
use crate::tui::ink::{Ink, digits, put};
use crate::tui::wrap;

/// Draws the head: who leads, in which epoch, who is in sync; and what the high watermark waits for.
pub(super) fn draw(page: &Page<'_>, selected: bool, buf: &mut Buffer) {
    let (theme, words) = (page.look.theme, page.words());
    let partition = &page.body.partition;
    let inner = page.plan.inner;
    let marks = page.changed.partition(&partition.tp);
    let mut ink = Ink::new(buf, inner.x, inner.y, inner.right());
    ink.styled(theme.label, words.leader).skip(1);
    match partition.leader {
        Some(leader) => value(&mut ink, page, &page.name(leader), theme.title, marks.leader),
        None => value(&mut ink, page, words.nobody, theme.alert, marks.leader),
    }
    part(&mut ink, page, words.leader_epoch);
    value(&mut ink, page, &partition.leader_epoch.to_string(), theme.title, marks.leader);
    part(&mut ink, page, "ISR");
    let all = partition.isr.len() == partition.replicas.len();
    let style = if all { theme.title } else { theme.lagging };
    value(&mut ink, page, &list(&partition.isr), style, marks.isr);
    for (word, brokers) in [
        ("ELR", &partition.elr),
        (words.last_known_elr, &partition.last_known_elr),
        (words.adding, &partition.adding_replicas),
        (words.removing, &partition.removing_replicas),
    ] {
        if !brokers.is_empty() {
            part(&mut ink, page, word);
            ink.styled(theme.lagging, &list(brokers));
        }
    }
    if let Some(min_isr) = said::min_isr(page) {
        part(&mut ink, page, "min.insync.replicas");
        ink.style(theme.title);
        put!(ink, "{min_isr}");
    }
    if selected {
        buf.set_style(Rect { height: 1, ..inner }, theme.selected);
    }
    let (style, text) = said::waits(page);
    let text = page.look.told(text);
    let rows: Vec<&str> = wrap::rows(&text, inner.width).collect();
    for (row, y) in rows.iter().zip(inner.y + 1..page.plan.axis) {
        let mut ink = Ink::new(buf, inner.x, y, inner.right());
        ink.style(style).text(row);
        if y + 1 == page.plan.axis && rows.len() > 2 {
            ink.text(theme.signs.more);
        }
    }
}

/// A part of the head: a gap, and its name.
fn part(ink: &mut Ink<'_>, page: &Page<'_>, word: &str) {
    ink.skip(2).styled(page.look.theme.label, word).skip(1);
}

/// What a part of the head is; marked where it has just changed.
fn value(ink: &mut Ink<'_>, page: &Page<'_>, text: &str, style: Style, is_new: bool) {
    let theme = page.look.theme;
    ink.styled(if is_new { theme.changed } else { style }, text);
    if is_new {
        ink.styled(theme.changed, theme.signs.changed);
    }
}

fn list(brokers: &[BrokerId]) -> String {
    let ids: Vec<String> = brokers.iter().map(ToString::to_string).collect();
    format!("[{}]", ids.join(","))
}

/// Draws the axis: how many offsets a cell has, the offsets at its ticks, the names of the columns.
pub(super) fn axis(page: &Page<'_>, buf: &mut Buffer) {
    let (theme, words) = (page.look.theme, page.words());
    let (y, scale, cells) = (page.plan.axis, page.scale, page.plan.across.cells);
    let mut ink = page.plan.across.gutter(y, buf);
    ink.style(theme.label);
    put!(ink, "{} {}", words.a_cell, scale.step);
    let widest = digits(scale.end().0) + 2;
    let every = scale::TICK as u16 * widest.div_ceil(scale::TICK as u16);
    for cell in (0..cells).step_by(every.into()) {
        let offset = scale.offset_of(cell).0;
        if cell + digits(offset) < cells {
            let mut ink = page.plan.across.pen(cell, y, buf);
            ink.styled(theme.border, theme.signs.frame[1]).style(theme.label);
            put!(ink, "{offset}");
        }
    }
    let mut ink = page.plan.across.right(y, buf);
    ink.style(theme.label);
    for column in page.plan.columns {
        let title = match column {
            Column::LogEnd => "LEO",
            Column::HighWatermark => "HW",
            Column::LastStable => "LSO",
            Column::LogStart => words.log_start,
            Column::Segments => words.segments,
            Column::Bytes => words.bytes,
        };
        ink.skip(page.plan.column.saturating_sub(title.width() as u16)).text(title);
    }
}

/// Says in the frame which columns there is no room for.
pub(super) fn left_out(page: &Page<'_>, area: Rect, buf: &mut Buffer) {
    let (theme, words) = (page.look.theme, page.words());
    if page.plan.columns.len() > 2 || area.width < 40 {
        return;
    }
    let names = ["LSO", words.log_start, words.segments, words.bytes].join(" ");
    let told = format!(" {names} {} {} ", theme.signs.right, words.wider);
    let x = area.right().saturating_sub(told.width() as u16 + 6);
    Ink::new(buf, x, area.bottom() - 1, area.right() - 1).styled(theme.label, &told);
}

/// What the signs mean: as many as there is room for, whole.
pub(super) fn legend(page: &Page<'_>, buf: &mut Buffer) {
    let Some(y) = page.plan.legend else { return };
    let (theme, words) = (page.look.theme, page.words());
    let signs = theme.signs;
    let first = [
        (signs.log, words.committed),
        (signs.high_watermark, "HW"),
        (signs.uncommitted, words.uncommitted),
        (signs.end, "LEO"),
        (signs.commit, words.committed_offset),
        (signs.position, words.position),
    ];
    // Keys work on the screen only, and what is rare is told where it is seen.
    let step = if page.close { words.all_marks } else { words.one_by_one };
    let enter = page.look.keys("⏎");
    let key = page.look.focused.then_some((&*enter, step));
    let batch = page.close.then_some((signs.batch, words.batch));
    let mut replicas = page.body.partition.replicas.iter();
    let is_open = replicas.any(|one| one.last_stable_offset < one.high_watermark);
    let open = is_open.then_some((signs.open, words.open_transaction));
    let changed = [(signs.changed, words.just_changed)];
    let entries = first.iter().chain(&batch).chain(&open).chain(&key).chain(&changed);
    let inner = page.plan.inner;
    let mut ink = Ink::new(buf, inner.x, y, inner.right());
    for (sign, word) in entries {
        let mut text = String::new();
        write!(text, "{sign} {word}").expect("a text takes everything");
        if usize::from(ink.room()) < text.width() {
            continue;
        }
        ink.styled(theme.text, sign).text(" ").styled(theme.label, word).skip(2);
    }
}
