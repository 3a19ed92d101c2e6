//! Lanes of nodes and the arrows between them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::said;
use crate::sim::NodeId;
use crate::tui::Look;
use crate::tui::ink::{Ink, put};
use crate::view::Lens;
use crate::view::message::{Fate, MessageView};

/// Of the time, with the space after.
const TIME: u16 = 11;

/// Of how long a message was on its way.
const FATE: u16 = 7;

/// The lanes, and where they stand.
pub(super) struct Lanes {
    nodes: Vec<NodeId>,
    inner: Rect,
    /// Cells from one lane to the next.
    step: u16,
    /// Where words about messages begin.
    words: u16,
}

impl Lanes {
    /// The lanes of the nodes that send or get one of the messages shown, servers first.
    pub(super) fn of(
        lens: Lens<'_>,
        messages: &[MessageView],
        shown: &[usize],
        inner: Rect,
    ) -> Self {
        let takes_part = |node: &NodeId| {
            shown.iter().any(|place| {
                let one = &messages[*place];
                one.from == *node || one.to == *node
            })
        };
        let mut nodes: Vec<NodeId> = lens.nodes().filter(takes_part).collect();
        nodes.sort_by_key(|node| lens.server_of(*node).is_none());
        let least = if inner.width < 100 { 29 } else { 40 };
        let room = inner.width.saturating_sub(TIME + least);
        let count = nodes.len().max(1) as u16;
        let step = (room / count).clamp(3, 18);
        let words = (inner.x + TIME + step * count).min(inner.right());
        Self { nodes, inner, step, words }
    }

    fn x(&self, node: NodeId) -> Option<u16> {
        let place = self.nodes.iter().position(|one| *one == node)? as u16;
        let x = self.inner.x + TIME + place * self.step + self.step / 2;
        (x + 1 < self.words).then_some(x)
    }

    /// Draws the names of the lanes: those of every other one a row lower, where they are long.
    pub(super) fn head(&self, look: &Look<'_>, lens: Lens<'_>, buf: &mut Buffer) {
        let theme = look.theme;
        for (place, node) in self.nodes.iter().enumerate() {
            let Some(x) = self.x(*node) else { continue };
            let name = lens.name(*node);
            let width = name.width() as u16;
            let y = self.inner.y + (place % 2) as u16;
            let from = x.saturating_sub(width / 2).max(self.inner.x + TIME - 2);
            let end = (from + self.step * 2 - 1).min(self.inner.right());
            let mut ink = Ink::new(buf, from, y, end);
            let down = lens.process_state(*node) == crate::cluster::ProcessState::Down;
            ink.style(if down { theme.offline } else { theme.title });
            ink.name(name, theme.signs.more);
        }
        let x = (self.words + 4).min(self.inner.right());
        let mut ink = Ink::new(buf, x, self.inner.y, self.inner.right());
        ink.styled(theme.label, look.lang().pick("took     message", "用时     消息"));
    }

    /// Draws a message.
    pub(super) fn draw(
        &self,
        look: &Look<'_>,
        message: &MessageView,
        is_lit: bool,
        y: u16,
        buf: &mut Buffer,
    ) {
        let (theme, signs) = (look.theme, look.theme.signs);
        let mut ink = Ink::new(buf, self.inner.x, y, self.inner.right());
        ink.style(theme.label);
        let nanos = message.left.as_nanos();
        put!(ink, "{:>4}.{:04}", nanos / 1_000_000_000, nanos % 1_000_000_000 / 100_000);
        for node in &self.nodes {
            if let Some(x) = self.x(*node) {
                Ink::new(buf, x, y, x + 1).styled(theme.border, signs.frame[1]);
            }
        }
        let is_lost = message.fate == Fate::Lost || message.api.is_none();
        let style = match (is_lost, is_lit) {
            (true, _) => theme.alert,
            (_, true) if message.is_response => theme.in_sync,
            (_, true) => theme.title,
            (_, false) => theme.label,
        };
        let ends = self.x(message.from).zip(self.x(message.to)).filter(|(one, other)| one != other);
        if let Some((from, to)) = ends {
            let (low, high) = (from.min(to), from.max(to));
            let line = match message.fate {
                Fate::OnItsWay => signs.uncommitted,
                _ if message.is_response => signs.earlier,
                _ => signs.log,
            };
            Ink::new(buf, low + 1, y, high).style(style).repeat(line, high - low - 1);
            let mut end = |x: u16, sign: &str| {
                Ink::new(buf, x, y, x + 1).styled(style, sign);
            };
            let head = if to > from { signs.right } else { signs.left };
            end(from, signs.in_sync);
            match message.fate {
                Fate::Arrived(_) => end(to, head),
                // Open at its end: nobody has it yet.
                Fate::OnItsWay => end(if to > from { to - 1 } else { to + 1 }, signs.more),
                Fate::Lost => end(if to > from { to - 1 } else { to + 1 }, signs.offline),
            }
        }
        let mut ink = Ink::new(buf, self.words + 1, y, self.inner.right());
        ink.style(style);
        let fate = said::fate(look, message);
        let pad = FATE.saturating_sub(fate.width() as u16);
        ink.skip(pad).text(&fate);
        ink.skip(2).clipped(&said::short(look, message), signs.more);
    }
}
