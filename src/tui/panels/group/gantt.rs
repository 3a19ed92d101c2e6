//! The axis of time, the rebalances on it, and what the signs mean.

use ratatui::buffer::Buffer;
use unicode_width::UnicodeWidthStr;

use super::Page;
use super::plan::{Column, Lane};
use super::said::millis;
use crate::scenario::timeline::Hold;
use crate::tui::ink::{Ink, put};

/// Draws the axis: how long a cell is, the instants at its ticks, the names of the columns.
pub(super) fn axis(page: &Page<'_>, buf: &mut Buffer) {
    let (theme, words) = (page.look.theme, page.words());
    let y = page.plan.axis;
    let mut ink = page.plan.across.gutter(y, buf);
    ink.style(theme.label);
    put!(ink, "{} s", words.simulated);
    for (cell, text) in page.window.ticks() {
        let mut ink = page.plan.across.pen(cell, y, buf);
        ink.styled(theme.border, theme.signs.frame[1]).styled(theme.label, &text);
    }
    if let Some(cell) = page.window.cell(page.lens.now()) {
        // Between the numbers of the ticks.
        let there = &buf[(page.plan.across.x() + cell, y)];
        if there.symbol() == " " {
            page.plan.across.pen(cell, y, buf).styled(theme.title, theme.signs.below);
        }
    }
    let mut ink = page.plan.across.right(y, buf);
    ink.style(theme.label);
    for column in page.plan.columns {
        let title = match column {
            Column::LogEnd => "LEO",
            Column::Committed => words.committed_offset,
            Column::Position => words.position_of,
            Column::Lag => words.lag,
            Column::Stopped => words.stood_still,
        };
        ink.skip(page.plan.column.saturating_sub(title.width() as u16)).text(title);
    }
}

/// Draws when the group rebalanced, and into which generation.
pub(super) fn rebalances(page: &Page<'_>, buf: &mut Buffer) {
    let (theme, words, y) = (page.look.theme, page.words(), page.plan.axis + 1);
    page.plan.across.gutter(y, buf).styled(theme.label, words.rebalance);
    let (window, now) = (page.window, page.lens.now());
    let all = &page.body.ownership.rebalances;
    let begins: Vec<u16> = all.iter().map(|one| window.cell(one.from).unwrap_or(0)).collect();
    for (index, one) in all.iter().enumerate() {
        let until = one.until.unwrap_or(now);
        if until < window.first || one.from >= window.at(window.cells) {
            continue;
        }
        let begin = begins[index];
        let end = window.cell(until).unwrap_or(window.cells - 1);
        let next = begins.get(index + 1).copied().unwrap_or(window.cells);
        let mut ink = page.plan.across.pen(begin, y, buf);
        ink.style(theme.lagging).text(theme.signs.turn);
        let line = end.saturating_sub(begin).min(next.saturating_sub(begin + 1));
        ink.repeat(theme.signs.frame_focused[0], line);
        if let Some((_, generation)) = one.joined {
            let text = format!("{} {generation}", words.generation);
            let short = generation.to_string();
            let room = usize::from(next.saturating_sub(begin + 1 + line));
            let text = if text.width() < room { &text } else { &short };
            if text.width() < room {
                ink.styled(theme.label, text);
            }
        }
    }
    // How long all partitions stood still together.
    let stopped = page.body.ownership.partitions.keys();
    let stopped = stopped
        .map(|tp| page.body.ownership.stopped(tp, now))
        .fold(crate::sim::Duration::ZERO, |sum, one| sum + one);
    let text = format!("{} {}", words.sum, millis(stopped));
    let all = page.plan.column * page.plan.columns.len() as u16;
    let mut ink = page.plan.across.right(y, buf);
    ink.skip(all.saturating_sub(text.width() as u16)).styled(theme.label, &text);
}

/// What the signs mean: as many as there is room for, whole.
pub(super) fn legend(page: &Page<'_>, buf: &mut Buffer) {
    let Some(y) = page.plan.legend else { return };
    let theme = page.look.theme;
    let (signs, lang, inner) = (theme.signs, page.look.lang(), page.plan.inner);
    let believed = page.body.lanes.iter().any(|lane| matches!(lane, Lane::Believer(..)));
    let believes = believed.then_some((signs.open, lang.pick("believes it owns it", "自以为持有")));
    let waited = page.body.ownership.partitions.values().flatten();
    let waited = waited.into_iter().any(|span| span.hold == Hold::Waits);
    let waits = (signs.nothing, lang.pick("has it, no leader answers", "持有，leader 无应答"));
    let waits = waited.then_some(waits);
    let entries = [
        (signs.log, lang.pick("reads", "在读")),
        (signs.uncommitted, lang.pick("nobody reads", "没人读")),
        (signs.partly, lang.pick("shorter than a cell", "不足一格")),
        (signs.offline, lang.pick("process dies", "进程死亡")),
        (signs.paused, lang.pick("paused", "暂停")),
        (signs.turn, lang.pick("rebalance", "重平衡")),
    ];
    let mut ink = Ink::new(buf, inner.x, y, inner.right());
    for (sign, word) in believes.into_iter().chain(waits).chain(entries) {
        if usize::from(ink.room()) < sign.width() + 1 + word.width() {
            continue;
        }
        ink.styled(theme.text, sign).text(" ").styled(theme.label, word).skip(2);
    }
}
