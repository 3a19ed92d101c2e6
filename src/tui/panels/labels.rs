//! Words under a strip that point at cells of it: beside their cell, to the right if there is room,
//! otherwise to the left.

use ratatui::buffer::Buffer;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use crate::tui::ink::Ink;
use crate::tui::signs::Signs;

/// A word that points at a cell.
#[derive(Clone, Debug)]
pub(super) struct Label {
    /// The cell, counted from the left end of the strip.
    pub(super) cell: u16,
    /// The word; none for the pointer alone.
    pub(super) text: String,
    /// How it is drawn.
    pub(super) style: Style,
}

/// Draws labels below a strip that begins at `x` and has `cells` cells. What there is no room for
/// is told with its neighbour to the right, if there is room there; otherwise it keeps its pointer.
pub(super) fn draw(
    signs: &Signs,
    labels: &mut [Label],
    (x, y): (u16, u16),
    cells: u16,
    buf: &mut Buffer,
) {
    labels.sort_by_key(|label| label.cell);
    let mut free = 0;
    let mut last = None;
    for index in 0..labels.len() {
        let label = &labels[index];
        if last == Some(label.cell) || label.cell >= cells {
            continue;
        }
        last = Some(label.cell);
        let width = label.text.width() as u16;
        let mut later = labels[index + 1..].iter().map(|next| next.cell);
        let next = later.find(|cell| *cell > label.cell).unwrap_or(cells);
        let cell = label.cell;
        let (right, left) = (cell + 1 + width, cell.saturating_sub(width));
        let mut ink = Ink::new(buf, x, y, x + cells);
        ink.style(label.style);
        // One cell stays free between two words.
        let fits_right = right + u16::from(next < cells) <= next && right <= cells;
        if width > 0 && !fits_right && cell >= width && left >= free {
            ink.skip(left).text(&label.text).text(signs.pointer[1]);
            free = cell + 2;
        } else {
            ink.skip(cell).text(signs.pointer[0]);
            free = cell + 2;
            if fits_right {
                ink.text(&label.text);
                free = right + 1;
            } else if width > 0 {
                join_next(labels, index, cells);
            }
        }
    }
}

/// Puts the word of a label before that of the next one, if there is room for both.
fn join_next(labels: &mut [Label], index: usize, cells: u16) {
    let (before, after) = labels.split_at_mut(index + 1);
    let label = &before[index];
    let Some(at) = after.iter().position(|next| next.cell > label.cell) else { return };
    let cell = after[at].cell;
    let text = format!("{}, {}", label.text, after[at].text);
    let later = after[at..].iter().map(|next| next.cell).find(|later| *later > cell);
    let right = cell + 1 + text.width() as u16;
    if right + u16::from(later.is_some()) <= later.unwrap_or(cells) {
        after[at].text = text;
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;

    use super::*;
    use crate::tui::signs::UNICODE;

    fn drawn(labels: &[(u16, &str)], cells: u16) -> String {
        let mut buf = Buffer::empty(Rect::new(0, 0, cells, 1));
        let label = |(cell, text): &(u16, &str)| Label {
            cell: *cell,
            text: (*text).to_owned(),
            style: Style::new(),
        };
        let mut labels: Vec<Label> = labels.iter().map(label).collect();
        draw(&UNICODE, &mut labels, (0, 0), cells, &mut buf);
        let row: String = buf.content().iter().map(ratatui::buffer::Cell::symbol).collect();
        row.trim_end().to_owned()
    }

    #[test]
    fn words_stand_beside_their_cells() {
        assert_eq!(drawn(&[(2, "e0")], 20), "  └e0");
        assert_eq!(drawn(&[(18, "e0")], 20), "                e0┘");
        assert_eq!(drawn(&[(10, "committed"), (13, "c1 417")], 24), " committed┘  └c1 417");
        assert_eq!(drawn(&[(0, "e0"), (2, "e1")], 20), "└ └e0, e1");
        assert_eq!(drawn(&[(0, "e0"), (2, "e1"), (7, "e2")], 20), "└ └e1  └e2");
        assert_eq!(drawn(&[(3, "e0"), (3, "segment")], 20), "   └e0");
    }
}
