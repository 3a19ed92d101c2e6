//! The states of a group with the one that it is in, what is true of it, and what it waits for.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use unicode_width::UnicodeWidthStr;

use super::{Page, said};
use crate::tui::ink::{Ink, put};
use crate::tui::panels::times::tenths;
use crate::tui::wrap;

/// The states in the order of a rebalance, and the one that is the end.
const STATES: [&str; 5] = ["Empty", "PreparingRebalance", "CompletingRebalance", "Stable", "Dead"];

/// Draws the head.
pub(super) fn draw(page: &Page<'_>, selected: bool, buf: &mut Buffer) {
    states(page, buf);
    facts(page, buf);
    let inner = page.plan.inner;
    if selected {
        let y = page.plan.facts;
        buf.set_style(Rect { y, height: 1, ..inner }, page.look.theme.selected);
    }
    let (style, text) = said::of(page);
    let text = page.look.told(text);
    let y = page.plan.facts + 1;
    let rows: Vec<&str> = wrap::rows(&text, inner.width).collect();
    let mut ink = Ink::new(buf, inner.x, y, inner.right());
    ink.style(style).text(rows.first().copied().unwrap_or_default());
    if rows.len() > 1 {
        ink.text(page.look.theme.signs.more);
    }
}

/// The state machine: the state that it is in is lit, and says for how long.
fn states(page: &Page<'_>, buf: &mut Buffer) {
    let (theme, inner) = (page.look.theme, page.plan.inner);
    let signs = theme.signs;
    let state = page.body.group.as_ref().map(|group| group.state);
    let since = page.body.ownership.state_since.map(|at| page.lens.now().since(at));
    let well = matches!(state, Some("Stable" | "Empty"));
    let lit = if well { theme.group } else { theme.lagging };
    let lit = lit.add_modifier(Modifier::BOLD | Modifier::REVERSED);
    let mut places = [0; STATES.len()];
    let mut ink = Ink::new(buf, inner.x, inner.y, inner.right());
    for (index, name) in STATES.iter().enumerate() {
        if index > 0 && *name != "Dead" {
            ink.skip(1).styled(theme.label, signs.to).skip(1);
        } else if index > 0 {
            ink.skip(3);
        }
        places[index] = ink.x() + name.width() as u16 / 2;
        if state == Some(*name) {
            ink.style(lit);
            put!(ink, "[{name}");
            if let Some(since) = since {
                put!(ink, " {} s", tenths(since));
            }
            ink.text("]");
        } else {
            ink.styled(theme.label, name);
        }
    }
    // From where it is stable a change of its members leads back.
    let Some(y) = page.plan.back else { return };
    let [across, .., corner, begin] = signs.frame;
    let (from, to) = (places[3], places[1]);
    let mut ink = Ink::new(buf, to, y, inner.right());
    ink.style(theme.label).text(begin).text(signs.left);
    let text = page
        .look
        .lang()
        .pick(" a member comes, goes, or is not heard of ", " 有成员加入、离开或失联 ");
    let room = from.saturating_sub(ink.x());
    let line = room.saturating_sub(text.width() as u16);
    ink.repeat(across, line / 2).text(text).repeat(across, line - line / 2).text(corner);
}

/// Generation, assignor, leader, coordinator.
fn facts(page: &Page<'_>, buf: &mut Buffer) {
    let (theme, words, inner) = (page.look.theme, page.words(), page.plan.inner);
    let mut ink = Ink::new(buf, inner.x, page.plan.facts, inner.right());
    let Some(group) = &page.body.group else {
        said::no_coordinator(page, &mut ink);
        return;
    };
    let is_new = page.changed.group(page.name);
    let value = if is_new { theme.changed } else { theme.title };
    ink.styled(theme.label, words.generation).skip(1).style(value);
    put!(ink, "{}", group.generation);
    if is_new {
        ink.text(theme.signs.changed);
    }
    if let Some(assignor) = &group.assignor {
        ink.skip(2).styled(theme.label, words.assignor).skip(1).styled(theme.title, assignor);
    }
    let leader = page.body.seats.iter().find_map(|seat| {
        let member = seat.member.as_ref().filter(|member| member.is_leader)?;
        let name = seat.process.as_ref().map(|(name, _)| name);
        Some(name.unwrap_or(&member.client_id))
    });
    if let Some(leader) = leader {
        ink.skip(2).styled(theme.label, words.leader).skip(1).styled(theme.title, leader);
    }
    let node = page.lens.node_of(group.coordinator);
    let coordinator = node.map_or("", |node| &**page.lens.name(node));
    let log = format!("(__consumer_offsets-{})", group.offsets_partition);
    ink.skip(2).styled(theme.label, words.coordinator).skip(1).styled(theme.title, coordinator);
    if usize::from(ink.room()) > log.len() {
        ink.skip(1).styled(theme.label, &log);
    }
}
