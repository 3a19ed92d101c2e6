//! The events that moved the charts: letters on the axis, and what they stand for.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use crate::explain::Lang;
use crate::fact::Fact;
use crate::scenario::timeline::{Kept, Timeline};
use crate::sim::Instant;
use crate::tui::Look;
use crate::tui::ink::Ink;
use crate::tui::panels::times::{Window, tenths};
use crate::view::Lens;

/// The events, in order.
pub(super) struct Legend {
    marks: Vec<Mark>,
}

struct Mark {
    letter: char,
    cell: u16,
    text: String,
    is_future: bool,
}

impl Legend {
    pub(super) fn of(look: &Look<'_>, timeline: &Timeline, window: Window) -> Self {
        let (lang, lens) = (look.lang(), timeline.runner().lens());
        // After so many they begin again: what they stand for is told for those near the cursor only.
        let mut letters = ('A'..='Z').chain('a'..='z').cycle();
        let kept = timeline.ledger().all().iter();
        let told = kept.filter_map(|kept| Some((kept, said(kept, lens, lang)?)));
        let mut marks: Vec<Mark> = Vec::new();
        for (kept, text) in told {
            let Some(cell) = window.cell(kept.at) else { continue };
            let Some(letter) = letters.next() else { break };
            let at = tenths(kept.at.since(Instant::ZERO));
            let is_future = kept.event > timeline.event();
            let text = look.told(format!("{at} {text}"));
            marks.push(Mark { letter, cell, text, is_future });
        }
        Self { marks }
    }

    /// How many rows it takes, no more than `most`.
    pub(super) fn height(&self, width: u16, most: u16) -> u16 {
        let all: usize = self.marks.iter().map(|mark| mark.text.width() + 4).sum();
        (all.div_ceil(usize::from(width.max(1))) as u16 + u16::from(all > usize::from(width)))
            .min(most)
    }

    /// Draws letters in row `y` from `x` on, and what they stand for below, in so many rows.
    pub(super) fn draw(
        &self,
        look: &Look<'_>,
        inner: Rect,
        y: u16,
        x: u16,
        rows: u16,
        buf: &mut Buffer,
    ) {
        let theme = look.theme;
        let style = |mark: &Mark| if mark.is_future { theme.label } else { theme.lagging };
        let mut used = None;
        for mark in &self.marks {
            // Of several in one cell the first is seen.
            if used == Some(mark.cell) {
                continue;
            }
            used = Some(mark.cell);
            let mut ink = Ink::new(buf, x + mark.cell, y, inner.right());
            ink.style(style(mark)).letter(mark.letter);
        }
        // What was last up to the cursor is told, as far as there is room.
        let last = self.marks.iter().rposition(|mark| !mark.is_future).unwrap_or(0);
        let lines = fitting(&self.marks, last, inner.width, rows);
        for (line, y) in lines.iter().zip(y + 1..) {
            let mut ink = Ink::new(buf, inner.x, y, inner.right());
            for mark in *line {
                ink.style(style(mark)).letter(mark.letter);
                ink.skip(1).styled(theme.label, &mark.text).skip(2);
            }
        }
    }
}

/// The marks in so many lines of such a width: as many as fit, and that at `last` is among them.
fn fitting(marks: &[Mark], last: usize, width: u16, rows: u16) -> Vec<&[Mark]> {
    for first in 0..marks.len() {
        let mut lines = Vec::new();
        let mut rest = &marks[first..];
        while !rest.is_empty() && lines.len() < usize::from(rows) {
            let mut used = 0;
            let fits = rest.iter().take_while(|mark| {
                used += mark.text.width() + 4;
                used <= usize::from(width) + 2
            });
            let count = fits.count().max(1);
            lines.push(&rest[..count]);
            rest = &rest[count..];
        }
        if marks.len() - rest.len() > last || first == last {
            return lines;
        }
    }
    Vec::new()
}

/// What an event is, in few words; none for what moves no chart.
fn said(kept: &Kept, lens: Lens<'_>, lang: Lang) -> Option<String> {
    let server = |id| lens.node_of(id).map_or_else(String::new, |node| lens.name(node).to_string());
    let list = |ids: &[crate::ids::BrokerId]| {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        ids.join(",")
    };
    Some(match kept.fact()? {
        Fact::Command { line } => line.to_string(),
        Fact::LeaderElected { tp, from, to, .. } => {
            let from = from.map_or_else(|| "-".to_owned(), |from| from.to_string());
            lang.pick(format!("{tp} leader {from} → {to}"), format!("{tp} 换 leader {from} → {to}"))
        }
        Fact::BrokerFenced { broker, .. } => {
            let name = server(*broker);
            lang.pick(format!("{name} fenced"), format!("{name} 被隔离"))
        }
        Fact::IsrShrinkProposed { tp, isr, .. } | Fact::IsrExpandProposed { tp, isr, .. } => {
            format!("{tp} ISR [{}]", list(isr))
        }
        Fact::RebalanceStarted { group, .. } => {
            lang.pick(format!("{group} rebalances"), format!("{group} 重平衡"))
        }
        _ => return None,
    })
}
