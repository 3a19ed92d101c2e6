//! Messages in space and time: a lane for each node, time downward, an arrow for each request and each
//! answer from who sent it to who got it.
//!
//! A row is a message, in the order in which they were sent. Fetches that bring no news are left out
//! unless they are asked for.

mod arrow;
mod opened;
mod said;

use std::collections::BTreeSet;

use arrow::Lanes;
pub use opened::sheet;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::disk::{body, mark_more, tell};
use crate::explain::why::{Cone, History};
use crate::scenario::timeline::Timeline;
use crate::tui::ink::{Ink, put};
use crate::tui::{Look, frame};
use crate::view::Lens;
use crate::view::message::MessageView;

/// So many steps of the run are looked back for messages.
pub const STEPS: u32 = 600;

/// What the panel shows.
#[derive(Clone, Copy, Debug)]
pub struct SpaceView<'a> {
    /// The messages, in the order in which they were sent.
    pub messages: &'a [MessageView],
    /// The place of the selected one; none if nothing is selected.
    pub selected: Option<usize>,
    /// The first row shown; none to follow the newest.
    pub top: Option<usize>,
    /// Only those with this in their names. Empty for all.
    pub filter: &'a str,
}

/// The places of the messages that are shown.
pub fn shown(lens: Lens<'_>, view: &SpaceView<'_>) -> Vec<usize> {
    let wanted = view.filter.to_lowercase();
    let all = view.messages.iter().enumerate();
    let shown = all.filter(|(_, one)| {
        let hidden = one.is_idle && !wanted.contains("idle");
        !hidden && (wanted.is_empty() || said::searched(lens, one).contains(&wanted))
    });
    shown.map(|(place, _)| place).collect()
}

/// What rests on the selected message, and what it rests on: events.
#[derive(Clone, Debug, Default)]
pub struct Lit {
    before: BTreeSet<u32>,
    after: BTreeSet<u32>,
}

impl Lit {
    /// The cone of a message, as far as the window of messages reaches.
    pub fn of(timeline: &Timeline, messages: &[MessageView], selected: usize) -> Self {
        let Some(message) = messages.get(selected) else { return Self::default() };
        let first = messages.iter().map(|one| one.cause).min().unwrap_or(0);
        let history: &dyn History = timeline;
        let from = message.event.unwrap_or(message.cause);
        let before = Cone::causes(history, from, first).events();
        let after = match message.event {
            Some(event) => Cone::effects(history, event, timeline.event()).events(),
            None => Vec::new(),
        };
        Self { before: before.into_iter().collect(), after: after.into_iter().collect() }
    }

    fn has(&self, message: &MessageView) -> bool {
        message.event.is_some_and(|event| self.before.contains(&event))
            || self.after.contains(&message.cause)
    }
}

/// The first row that is shown in `area`: what is selected is seen.
pub fn scrolled(lens: Lens<'_>, view: &SpaceView<'_>, area: Rect) -> usize {
    let shown = shown(lens, view);
    let height = room(view, area).height.into();
    let row = view.selected.and_then(|place| shown.iter().position(|one| *one == place));
    let top = view.top.unwrap_or(usize::MAX);
    frame::scroll(row, top, shown.len(), height)
}

/// The room for rows: below two rows of names.
fn room(view: &SpaceView<'_>, area: Rect) -> Rect {
    let inside = body(frame::inner(area), view.selected.is_some());
    let head = 1.min(inside.height);
    Rect { y: inside.y + head, height: inside.height - head, ..inside }
}

/// The place of the message at a place of the screen.
pub fn row_at(lens: Lens<'_>, view: &SpaceView<'_>, area: Rect, x: u16, y: u16) -> Option<usize> {
    let room = room(view, area);
    let row = scrolled(lens, view, area) + usize::from(y.checked_sub(room.y)?);
    room.contains((x, y).into()).then(|| shown(lens, view).get(row).copied())?
}

/// How high the panel must be to show all.
pub fn height(lens: Lens<'_>, view: &SpaceView<'_>) -> usize {
    shown(lens, view).len().max(1) + 4
}

/// Draws the messages.
pub fn draw(
    look: &Look<'_>,
    lens: Lens<'_>,
    view: &SpaceView<'_>,
    lit: &Lit,
    area: Rect,
    buf: &mut Buffer,
) {
    let (theme, lang) = (look.theme, look.lang());
    let inner = frame::draw(look, lang.pick("Messages", "消息"), area, buf, |ink| {
        if !view.filter.is_empty() {
            ink.skip(1).style(theme.you);
            put!(ink, " {}: {} ", lang.pick("filter", "过滤"), view.filter);
        }
    });
    if inner.width < 40 || inner.height < 3 {
        return;
    }
    let shown = shown(lens, view);
    let lanes = Lanes::of(lens, view.messages, &shown, inner);
    lanes.head(look, lens, buf);
    let room = room(view, area);
    let top = scrolled(lens, view, area);
    for (place, y) in shown.iter().skip(top).zip(room.top()..room.bottom()) {
        let message = &view.messages[*place];
        let is_selected = view.selected == Some(*place);
        let is_lit = view.selected.is_none() || is_selected || lit.has(message);
        lanes.draw(look, message, is_lit, y, buf);
        if is_selected {
            buf.set_style(Rect { y, height: 1, ..inner }, theme.selected);
        }
    }
    if shown.is_empty() {
        let none = if view.messages.is_empty() {
            lang.pick("No message has been sent lately.", "最近没有消息。")
        } else {
            lang.pick("No message has these words.", "没有含这些词的消息。")
        };
        Ink::new(buf, inner.x + 1, room.y, inner.right()).styled(theme.label, none);
    }
    if let Some(place) = view.selected {
        tell(look, &said::told(look, lens, view.messages, place), inner, buf);
    }
    mark_more(look, (top, room.height, shown.len()), area, buf);
}
