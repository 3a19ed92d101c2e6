//! A server's disk: its log directory as a tree, a file decoded or byte by byte, and how an offset is
//! found in it.

mod bytes;
mod file;
mod meaning;
mod said;
mod tree;
pub mod walk;

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

pub use file::FileView;
pub use tree::{Row, What, draw, height, place, row_at, rows, scrolled};

use crate::ids::{BrokerId, Name, TopicPartition};
use crate::log::parse_directory;
use crate::tui::ink::Ink;
use crate::tui::{Look, frame, wrap};
use crate::view::Lens;

pub mod open {
    //! An opened file.
    pub use super::bytes::field;
    pub use super::file::{draw, height, moved, row_at, scrolled};
}

/// What the tree shows.
#[derive(Clone, Copy, Debug)]
pub struct TreeView<'a> {
    /// Whose disk.
    pub server: BrokerId,
    /// The path that is selected, if any; empty for the log directory itself.
    pub selected: Option<&'a str>,
    /// The first row shown.
    pub top: usize,
    /// The directories that are unfolded, by their names.
    pub unfolded: &'a BTreeSet<String>,
    /// The path of the file that is open, if any.
    pub open: Option<&'a str>,
}

/// Rows that stand above the others.
const HEAD: u16 = 1;

/// The partition in whose directory a path lies.
pub fn partition_of(path: &str) -> Option<TopicPartition> {
    let directory = path.split('/').next()?;
    parse_directory(directory).map(|(tp, _)| tp)
}

/// The name of a server.
pub(super) fn name(lens: Lens<'_>, server: BrokerId) -> Name {
    let node = lens.node_of(server);
    node.map_or_else(|| format!("broker-{server}").into(), |node| lens.name(node).clone())
}

/// Rows that are kept at the bottom for what is told of the selection, if there is one.
fn told_rows(inner: Rect, told: bool) -> u16 {
    match inner.height {
        _ if !told => 0,
        0..8 => 0,
        8..14 => 3,
        _ => 6,
    }
}

/// Draws at the bottom of `inner`, below a line, what is told of the selection: as many rows as there
/// are.
pub(super) fn tell(look: &Look<'_>, told: &[(Style, String)], inner: Rect, buf: &mut Buffer) {
    let rows = told_rows(inner, true);
    if rows < 2 {
        return;
    }
    let line = inner.bottom() - rows;
    let mut ink = Ink::new(buf, inner.x, line, inner.right());
    ink.style(look.theme.border).repeat(look.theme.signs.frame[0], inner.width);
    let mut y = line + 1;
    for (style, text) in told {
        let text = look.told(text.clone());
        for row in wrap::rows(&text, inner.width.saturating_sub(2)) {
            if y >= inner.bottom() {
                let mut ink = Ink::new(buf, inner.right() - 1, y - 1, inner.right());
                ink.styled(look.theme.label, look.theme.signs.more);
                return;
            }
            Ink::new(buf, inner.x + 1, y, inner.right()).styled(*style, row);
            y += 1;
        }
    }
}

/// The room for rows, below a heading; above what is told of the selection, if there is one.
pub(super) fn body(inner: Rect, told: bool) -> Rect {
    let (head, foot) = (HEAD.min(inner.height), told_rows(inner, told));
    let height = inner.height.saturating_sub(head + foot);
    Rect { y: inner.y + head, height, ..inner }
}

/// Marks in the frame that there is more above and below `shown` of `count` rows from `top` on.
pub(super) fn mark_more(
    look: &Look<'_>,
    (top, shown, count): (usize, u16, usize),
    area: Rect,
    buf: &mut Buffer,
) {
    frame::more(look, top > 0, top + usize::from(shown) < count, area, buf);
}
