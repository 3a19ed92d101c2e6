//! An opened file: what is in it, row by row, or its bytes with their names.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{body, bytes, mark_more, said, tell};
use crate::ids::BrokerId;
use crate::protocol::Compression;
use crate::tui::ink::{Ink, put};
use crate::tui::{Look, frame};
use crate::view::Lens;
use crate::view::disk::{Contents, LogRow};

/// What is shown of a file.
#[derive(Clone, Copy, Debug)]
pub struct FileView<'a> {
    /// On whose disk it lies.
    pub server: BrokerId,
    /// Its path there.
    pub path: &'a str,
    /// The byte at which the selected row or field begins.
    pub at: u64,
    /// The selection is lit.
    pub selected: bool,
    /// The first row shown.
    pub top: usize,
    /// The bytes with their names are shown.
    pub bytes: bool,
}

/// How many rows there are, and which is selected.
fn place(contents: &Contents, view: &FileView<'_>, width: u16) -> (usize, usize) {
    if view.bytes {
        return bytes::place(contents, view.at, width);
    }
    (contents.rows(), contents.row_at(view.at))
}

/// The first row that is shown in `area`: what is selected is seen.
pub fn scrolled(contents: &Contents, view: &FileView<'_>, area: Rect) -> usize {
    let inner = frame::inner(area);
    let (rows, selected) = place(contents, view, inner.width);
    let selected = view.selected.then_some(selected);
    frame::scroll(selected, view.top, rows, body(inner, view.selected).height.into())
}

/// The byte at which the row or field begins that is `by` further on.
pub fn moved(contents: &Contents, view: &FileView<'_>, by: isize) -> u64 {
    if view.bytes {
        return bytes::moved(contents, view.at, by);
    }
    let last = contents.rows().saturating_sub(1);
    let selected = contents.row_at(view.at);
    let mut row = selected.saturating_add_signed(by).min(last);
    // Where records are compressed into fewer bytes than they are, several share one.
    while row < last && row > selected && contents.start_of(row) <= view.at {
        row += 1;
    }
    while row > 0 && row < selected && contents.start_of(row) >= view.at {
        row -= 1;
    }
    contents.start_of(row)
}

/// The byte at which the row or field begins that stands at a place of the screen.
pub fn row_at(contents: &Contents, view: &FileView<'_>, area: Rect, x: u16, y: u16) -> Option<u64> {
    let inner = frame::inner(area);
    let inside = body(inner, view.selected);
    let row = scrolled(contents, view, area) + usize::from(y.checked_sub(inside.y)?);
    if !inside.contains((x, y).into()) {
        return None;
    }
    if view.bytes {
        return bytes::start_of_row(contents, view.at, row, inner.width);
    }
    (row < contents.rows()).then(|| contents.start_of(row))
}

/// How high the panel must be to show all of it.
pub fn height(contents: &Contents, view: &FileView<'_>, width: u16) -> usize {
    place(contents, view, width.saturating_sub(2)).0 + 1 + 2 + if view.selected { 6 } else { 0 }
}

/// Draws the file.
pub fn draw(look: &Look<'_>, lens: Lens<'_>, view: &FileView<'_>, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (look.theme, look.lang());
    let contents = lens.file(view.server, view.path);
    let pages = contents.as_ref().map(|one| (one.page_at(view.at) + 1, one.pages(), one.log()));
    let inner = frame::draw(look, view.path, area, buf, |ink| {
        ink.skip(1).style(theme.label);
        if let Some((page, count, Some(_))) = pages {
            put!(ink, " batch {page}/{count} ");
        }
    });
    if inner.width < 30 || inner.height < 3 {
        return;
    }
    let Some(contents) = contents else {
        let gone = lang.pick("There is no such file at this moment.", "此刻没有这个文件。");
        Ink::new(buf, inner.x + 1, inner.y, inner.right()).styled(theme.label, gone);
        return;
    };
    let top = scrolled(&contents, view, area);
    let inside = body(inner, view.selected);
    let (count, selected) = place(&contents, view, inner.width);
    if view.bytes {
        bytes::draw(look, &contents, view, top, (inner, inside), buf);
        if view.selected {
            tell(look, &bytes::told(look, &contents, view.at), inner, buf);
        }
    } else {
        heading(look, &contents, inner, buf);
        for (row, y) in (top..count).zip(inside.top()..inside.bottom()) {
            draw_row(look, &contents, row, Rect { y, height: 1, ..inner }, buf);
            if view.selected && row == selected {
                buf.set_style(Rect { y, height: 1, ..inner }, theme.selected);
            }
        }
        if view.selected {
            let mut told: Vec<(Style, String)> = Vec::new();
            if count == 0 {
                told.push((theme.note, said::file(lang, &contents.entry.name)));
            } else {
                told.push((theme.note, contents.line(selected)));
            }
            tell(look, &told, inner, buf);
        }
    }
    if count == 0 {
        let empty = lang.pick("Nothing is written in it.", "里面还没有写任何东西。");
        Ink::new(buf, inner.x + 1, inside.y, inner.right()).styled(theme.label, empty);
    }
    mark_more(look, (top, inside.height, count), area, buf);
}

/// The columns of batches: Kafka's names with their widths.
const COLUMNS: [(&str, usize); 8] = [
    ("position", 9),
    ("baseOffset", 11),
    ("lastOffset", 11),
    ("count", 6),
    ("size", 7),
    ("epoch", 6),
    ("producerId", 11),
    ("CreateTime", 15),
];

fn heading(look: &Look<'_>, contents: &Contents, inner: Rect, buf: &mut Buffer) {
    let mut ink = Ink::new(buf, inner.x, inner.y, inner.right());
    ink.style(look.theme.label);
    if contents.log().is_some() {
        for (name, width) in COLUMNS {
            put!(ink, "{name:>width$}");
        }
        return;
    }
    put!(ink, "{:>9}  ", "position");
    let aside = contents.entry.len.saturating_sub(contents.entry.written);
    if aside > 0 {
        let told = look.lang().pick(
            format!("(then {aside} zeros that were set aside)"),
            format!("（后面还有 {aside} 个预留的零字节）"),
        );
        ink.text(&told);
    }
}

fn draw_row(look: &Look<'_>, contents: &Contents, row: usize, place: Rect, buf: &mut Buffer) {
    let (theme, signs) = (look.theme, look.theme.signs);
    let mut ink = Ink::new(buf, place.x, place.y, place.right());
    let Some(log) = contents.log() else {
        let Some(item) = contents.items().get(row) else { return };
        ink.style(theme.label);
        put!(ink, "{:>9}  ", item.start());
        ink.style(theme.text).clipped(&item.line, signs.more);
        return;
    };
    match log.row(row) {
        Some(LogRow::Batch { at, batch }) => {
            let producer = batch.producer_id().map_or(-1, |id| id.0);
            let epoch = batch.partition_leader_epoch().map_or(-1, |epoch| i64::from(epoch.0));
            let numbers = [
                at as i64,
                batch.base_offset().0 as i64,
                batch.last_offset().0 as i64,
                batch.count().into(),
                batch.size_in_bytes() as i64,
                epoch,
                producer,
                batch.max_timestamp().0,
            ];
            ink.style(theme.title);
            for ((_, width), number) in COLUMNS.iter().zip(numbers) {
                put!(ink, "{number:>width$}");
            }
            if let Some(codec) = batch.compression().filter(|codec| *codec != Compression::None) {
                let plain = batch.plain_size_in_bytes();
                ink.skip(2).style(theme.note);
                put!(ink, "{codec} ({plain})");
            }
            let mut marks = Vec::new();
            marks.extend(batch.is_control().then_some("isControl"));
            marks.extend(batch.is_transactional().then_some("isTransactional"));
            marks.extend((!batch.is_valid()).then_some("isvalid: false"));
            ink.skip(2).style(theme.lagging).text(&marks.join(" "));
        }
        Some(LogRow::Record { batch, number, .. }) => {
            let record = batch.iter().nth(number).and_then(Result::ok);
            ink.skip(9).style(theme.label).text("| offset: ");
            ink.style(theme.text);
            if let Some(record) = record {
                put!(ink, "{}", record.offset);
            }
            let (key, value) = log.told(batch, number);
            if let Some(key) = key {
                ink.styled(theme.label, " key: ").clipped(&key, signs.more);
            }
            if let Some(value) = value {
                let name = if batch.is_control() { " " } else { " payload: " };
                ink.styled(theme.label, name).clipped(&value, signs.more);
            }
        }
        Some(LogRow::Rest { at }) => {
            ink.style(theme.alert);
            put!(ink, "{:>9}  ", at.start);
            ink.text(&look.lang().pick(
                format!("{} bytes that are no whole batch", at.end - at.start),
                format!("{} 字节，不成完整的 batch", at.end - at.start),
            ));
        }
        None => {}
    }
}
