//! The bytes of a file with their names: each field in rows of its own, a batch at a time.

use std::fmt::Write as _;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::file::FileView;
use super::meaning;
use crate::tui::Look;
use crate::tui::ink::{Ink, put};
use crate::view::disk::{Contents, Part};

/// From so many cells on a row has 16 bytes, otherwise 8.
const WIDE: u16 = 104;
/// The most rows of a field: a long value is told at the bottom.
const ROWS: u64 = 3;
/// The longest name.
const NAME: u16 = 22;

fn per_row(width: u16) -> u64 {
    if width >= WIDE { 16 } else { 8 }
}

/// What stands in a row.
enum Row<'a> {
    /// What the fields below are.
    Head(&'static str),
    /// A row of a field's bytes: the field, its number, and which row of it.
    Bytes(&'a Part, usize, u64),
}

fn rows(parts: &[Part], width: u16) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        match part.name {
            "baseOffset" => rows.push(Row::Head("batch header")),
            "length" => rows.push(Row::Head("record")),
            _ => {}
        }
        let lines = (part.at.end - part.at.start).div_ceil(per_row(width)).min(ROWS);
        rows.extend((0..lines).map(|line| Row::Bytes(part, number, line)));
    }
    rows
}

/// The number of the field that begins at or before byte `at`.
fn field_at(parts: &[Part], at: u64) -> usize {
    parts.partition_point(|part| part.at.start <= at).saturating_sub(1)
}

/// What the field is called that byte `at` belongs to.
pub fn field(contents: &Contents, at: u64) -> Option<&'static str> {
    let parts = contents.parts(contents.page_at(at));
    parts.get(field_at(&parts, at)).map(|part| part.name)
}

/// How many rows the page has, and in which the selected field begins.
pub(super) fn place(contents: &Contents, at: u64, width: u16) -> (usize, usize) {
    let parts = contents.parts(contents.page_at(at));
    let field = field_at(&parts, at);
    let rows = rows(&parts, width);
    let is_it = |row: &Row<'_>| matches!(row, Row::Bytes(_, number, 0) if *number == field);
    (rows.len(), rows.iter().position(is_it).unwrap_or(0))
}

/// The byte at which the field begins that is `by` further on.
pub(super) fn moved(contents: &Contents, at: u64, by: isize) -> u64 {
    let mut page = contents.page_at(at);
    let mut parts = contents.parts(page);
    let mut field = field_at(&parts, at) as isize + by;
    while field >= parts.len() as isize && page + 1 < contents.pages() {
        field -= parts.len() as isize;
        page += 1;
        parts = contents.parts(page);
    }
    while field < 0 && page > 0 {
        page -= 1;
        parts = contents.parts(page);
        field += parts.len() as isize;
    }
    let field = usize::try_from(field).unwrap_or(0).min(parts.len().saturating_sub(1));
    parts.get(field).map_or(0, |part| part.at.start)
}

/// The byte at which the field of a row begins.
pub(super) fn start_of_row(contents: &Contents, at: u64, row: usize, width: u16) -> Option<u64> {
    let parts = contents.parts(contents.page_at(at));
    match rows(&parts, width).get(row)? {
        Row::Head(_) => None,
        Row::Bytes(part, ..) => Some(part.at.start),
    }
}

/// Draws the rows from `top` on, and their headings.
pub(super) fn draw(
    look: &Look<'_>,
    contents: &Contents,
    view: &FileView<'_>,
    top: usize,
    (inner, inside): (Rect, Rect),
    buf: &mut Buffer,
) {
    let (theme, lang) = (look.theme, look.lang());
    let per_row = per_row(inner.width);
    let bytes_x = inner.x + 10;
    let name_x = bytes_x + per_row as u16 * 3 + 1;
    let value_x = name_x + NAME;
    let titles = [
        (inner.x, "position"),
        (bytes_x, lang.pick("bytes", "字节")),
        (name_x, lang.pick("field", "字段")),
        (value_x, lang.pick("value", "值")),
    ];
    for (x, title) in titles {
        Ink::new(buf, x, inner.y, inner.right()).styled(theme.label, title);
    }
    let page = contents.page_at(view.at);
    let parts = contents.parts(page);
    let selected = field_at(&parts, view.at);
    for (row, y) in rows(&parts, inner.width).iter().skip(top).zip(inside.top()..inside.bottom()) {
        let (part, number, line) = match row {
            Row::Head(name) => {
                let told = match *name {
                    "record" => lang.pick("record", "记录"),
                    _ => lang.pick("batch header, 61 bytes", "batch 头部，61 字节"),
                };
                Ink::new(buf, inner.x, y, inner.right()).styled(theme.title, told);
                continue;
            }
            Row::Bytes(part, number, line) => (*part, *number, *line),
        };
        let mut ink = Ink::new(buf, inner.x, y, inner.right());
        ink.style(theme.label);
        let from = line * per_row;
        put!(ink, "{:08x}", part.at.start + from);
        let bytes = contents.bytes(page, part);
        let end = (from + per_row).min(bytes.len() as u64);
        let mut ink = Ink::new(buf, bytes_x, y, name_x);
        ink.style(theme.text);
        for byte in &bytes[from.min(end) as usize..end as usize] {
            put!(ink, "{byte:02x} ");
        }
        let left = (bytes.len() as u64).saturating_sub(end);
        if line + 1 == ROWS && left > 0 {
            let more = lang.pick(format!("and {left} bytes more"), format!("还有 {left} 字节"));
            Ink::new(buf, name_x, y, inner.right()).styled(theme.label, &more);
        }
        if line == 0 {
            let mut ink = Ink::new(buf, name_x, y, value_x);
            ink.style(theme.key).clipped(part.name, theme.signs.more);
            let mut ink = Ink::new(buf, value_x, y, inner.right());
            ink.style(theme.text).clipped(&look.told(printable(&part.value)), theme.signs.more);
        }
        if view.selected && number == selected {
            buf.set_style(Rect { y, height: 1, ..inner }, theme.selected);
        }
    }
}

/// What is told of the selected field: its name and value in full, and what it is for.
pub(super) fn told(look: &Look<'_>, contents: &Contents, at: u64) -> Vec<(Style, String)> {
    let (theme, lang) = (look.theme, look.lang());
    let parts = contents.parts(contents.page_at(at));
    let Some(part) = parts.get(field_at(&parts, at)) else { return Vec::new() };
    let len = part.at.end - part.at.start;
    let mut head = lang.pick(
        format!("{}, {len} bytes from {} on: ", part.name, part.at.start),
        format!("{}，从 {} 起 {len} 字节：", part.name, part.at.start),
    );
    write!(head, "{}", printable(&part.value)).expect("a text takes everything");
    let mut told = Vec::new();
    if let Some(meaning) = meaning::of(part.name, lang) {
        told.push((theme.note, meaning.to_owned()));
    }
    told.push((theme.label, head));
    told
}

/// A value on one row.
fn printable(value: &str) -> String {
    value.chars().map(|letter| if letter.is_control() { '.' } else { letter }).collect()
}
