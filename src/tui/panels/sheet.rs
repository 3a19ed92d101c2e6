//! A framed page of rows that lies on top of the screen: help, cards, lists.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use crate::tui::editor::Editor;
use crate::tui::frame;
use crate::tui::ink::Ink;
use crate::tui::{Look, wrap};

/// A page.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// Its name.
    pub title: String,
    /// Its rows.
    pub rows: Vec<Row>,
    /// The row that is selected; it is seen.
    pub selected: Option<usize>,
    /// What the keys do here.
    pub foot: &'static str,
}

/// A row: texts with their styles.
pub type Row = Vec<(Style, String)>;

impl Sheet {
    /// Adds a row.
    pub fn row(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Adds an empty row.
    pub fn gap(&mut self) {
        if !self.rows.is_empty() {
            self.rows.push(Row::new());
        }
    }

    /// Adds a text over as many rows as it takes in `width` cells.
    pub fn text(&mut self, style: Style, text: &str, indent: usize, width: u16) {
        let room = width.saturating_sub(indent as u16);
        for row in wrap::rows(text, room) {
            self.rows.push(vec![(style, format!("{}{row}", " ".repeat(indent)))]);
        }
    }

    /// The first row shown in an area of such a height, near `top`.
    pub fn scrolled(&self, top: usize, area: Rect) -> usize {
        let height = usize::from(frame::inner(area).height);
        frame::scroll(self.selected, top, self.rows.len(), height)
    }
}

/// How wide the rows of a page in `area` are.
pub fn width(area: Rect) -> u16 {
    frame::inner(area).width.saturating_sub(2)
}

/// Room for a page of `rows` rows in the middle of `area`, `share` tenths of it wide.
pub fn place(area: Rect, share: u16, rows: usize) -> Rect {
    // Where there is little room, nothing of what is below is left beside the page.
    let width = if area.width < 100 { area.width } else { area.width * share / 10 };
    let height = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(2).min(area.height);
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}

/// Draws a page.
pub fn draw(look: &Look<'_>, sheet: &Sheet, top: usize, area: Rect, buf: &mut Buffer) {
    clear(look, area, buf);
    let inside = frame::draw(look, &sheet.title, area, buf, |_| {});
    let top = sheet.scrolled(top, area);
    let (left, right) = (inside.left() + 1, inside.right().saturating_sub(1));
    let rows = sheet.rows.iter().enumerate().skip(top);
    for ((index, row), y) in rows.zip(inside.top()..inside.bottom()) {
        let is_selected = sheet.selected == Some(index);
        if is_selected {
            buf.set_style(Rect::new(inside.x, y, inside.width, 1), look.theme.selected);
            Ink::new(buf, inside.x, y, left)
                .style(look.theme.selected)
                .text(look.theme.signs.selected);
        }
        let mut ink = Ink::new(buf, left, y, right);
        for (style, text) in row {
            let style = if is_selected { look.theme.selected } else { *style };
            ink.style(style).clipped(text, look.theme.signs.more);
        }
    }
    let below = top + usize::from(inside.height) < sheet.rows.len();
    frame::more(look, top > 0, below, area, buf);
    if !sheet.foot.is_empty() && area.height > 2 {
        let y = area.bottom() - 1;
        let room = area.right().saturating_sub(5);
        Ink::new(buf, area.x + 2, y, room)
            .style(look.theme.hint)
            .text(" ")
            .text(&look.keys(sheet.foot))
            .text(" ");
    }
}

/// Wipes out what is below.
pub fn clear(look: &Look<'_>, area: Rect, buf: &mut Buffer) {
    let area = area.intersection(*buf.area());
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            buf[(x, y)].reset();
        }
    }
    buf.set_style(area, look.theme.text);
}

/// Draws a line that is being typed, behind a sign. Returns where the cursor is.
pub fn line(
    look: &Look<'_>,
    sign: &str,
    editor: &Editor,
    area: Rect,
    buf: &mut Buffer,
) -> Position {
    clear(look, Rect { height: 1, ..area }, buf);
    let theme = look.theme;
    let mut ink = Ink::new(buf, area.x, area.y, area.right());
    ink.style(theme.key).text(" ").text(sign).text(" ");
    let start = ink.x();
    let room = area.right().saturating_sub(start + 1);
    let cursor = editor.text()[..editor.cursor()].width() as u16;
    // A long line is shown from where its cursor is in sight.
    let hidden = cursor.saturating_sub(room);
    let mut skipped = 0;
    let shown = editor.text().char_indices().find(|(_, letter)| {
        let seen = skipped >= hidden;
        skipped += unicode_width::UnicodeWidthChar::width(*letter).unwrap_or(0) as u16;
        seen
    });
    let shown = shown.map_or("", |(at, _)| &editor.text()[at..]);
    ink.style(theme.text).text(shown);
    Position { x: start + cursor - hidden, y: area.y }
}
