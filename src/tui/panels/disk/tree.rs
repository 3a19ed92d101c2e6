//! The log directory of a server as a tree.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{TreeView, body, mark_more, name, said, tell};
use crate::metadata::topic_name::is_kafkas_own;
use crate::tui::ink::{Ink, put};
use crate::tui::{Look, frame};
use crate::view::Lens;
use crate::view::disk::{DirectoryView, FileEntry};

/// A row of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its path on the disk; that of several folded directories ends with `-*`.
    pub path: String,
    /// What it is called in its directory.
    pub name: String,
    /// What stands there.
    pub what: What,
    /// How deep.
    depth: u16,
    /// The lengths of its files in bytes, how many of these were written, and how many are in the page
    /// cache only.
    pub len: u64,
    /// How many bytes were written.
    pub written: u64,
    /// How many of these are in the page cache only.
    pub at_risk: u64,
}

/// What stands in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The log directory, with how many directories are in it.
    Root(usize),
    /// The directories of a topic of Kafka's own, folded: how many there are.
    Topic(usize),
    /// A directory: how many files are in it, and whether they are shown.
    Directory(usize, bool),
    /// A file.
    File,
}

impl Row {
    fn of(path: String, name: String, what: What, depth: u16) -> Self {
        Self { path, name, what, depth, len: 0, written: 0, at_risk: 0 }
    }

    fn with(mut self, directory: &DirectoryView) -> Self {
        self.len += directory.len();
        self.written += directory.written();
        self.at_risk += directory.at_risk();
        self
    }

    fn file(directory: &str, file: &FileEntry, depth: u16) -> Self {
        let path = crate::log::join(directory, &file.name);
        let (len, written, at_risk) = (file.len, file.written, file.at_risk());
        Self { len, written, at_risk, ..Self::of(path, file.name.clone(), What::File, depth) }
    }
}

/// The rows of the tree.
pub fn rows(lens: Lens<'_>, view: &TreeView<'_>) -> Vec<Row> {
    let Some(directories) = lens.log_directory(view.server) else { return Vec::new() };
    let count = directories.len() - 1;
    let root = Row::of(String::new(), name(lens, view.server).to_string(), What::Root(count), 0);
    let mut rows = vec![directories.iter().fold(root, Row::with)];
    let topic = |directory: &DirectoryView| {
        let topic = directory.name.rsplit_once('-').map(|(topic, _)| topic.to_owned());
        topic.filter(|topic| is_kafkas_own(topic))
    };
    let mut rest = directories.as_slice();
    while let Some((directory, after)) = rest.split_first() {
        if directory.name.is_empty() {
            rows.extend(directory.files.iter().map(|file| Row::file("", file, 1)));
            rest = after;
            continue;
        }
        // Fifty directories of one topic that nobody asked for are one row.
        if let Some(topic) = topic(directory).filter(|one| !view.unfolded.contains(one)) {
            let same = |one: &&DirectoryView| {
                one.name.rsplit_once('-').is_some_and(|(other, _)| *other == topic)
            };
            let all = rest.iter().take_while(same).count();
            if all > 1 {
                let row = Row::of(format!("{topic}-*"), format!("{topic}-*"), What::Topic(all), 1);
                rows.push(rest[..all].iter().fold(row, Row::with));
                rest = &rest[all..];
                continue;
            }
        }
        let shown = view.unfolded.contains(&directory.name);
        let what = What::Directory(directory.files.len(), shown);
        let row = Row::of(directory.name.clone(), directory.name.clone(), what, 1);
        rows.push(row.with(directory));
        if shown {
            let files = directory.files.iter();
            rows.extend(files.map(|file| Row::file(&directory.name, file, 2)));
        }
        rest = after;
    }
    rows
}

/// The place of a path among the rows, or of what comes nearest before it.
pub fn place(rows: &[Row], path: &str) -> usize {
    let exact = rows.iter().position(|row| row.path == path);
    let directory = path.split('/').next().unwrap_or(path);
    let topic = path.rsplit_once('-').map(|(topic, _)| format!("{topic}-*"));
    exact
        .or_else(|| rows.iter().position(|row| row.path == directory))
        .or_else(|| rows.iter().position(|row| Some(&row.path) == topic.as_ref()))
        .unwrap_or(0)
}

/// The width of each number.
const NUMBER: u16 = 11;

/// The first row that is shown in `area`: what is selected is seen.
pub fn scrolled(rows: &[Row], view: &TreeView<'_>, area: Rect) -> usize {
    let shown = body(frame::inner(area), view.selected.is_some()).height;
    let selected = view.selected.map(|path| place(rows, path));
    frame::scroll(selected, view.top, rows.len(), shown.into())
}

/// The row at a place of the screen.
pub fn row_at(rows: &[Row], view: &TreeView<'_>, area: Rect, x: u16, y: u16) -> Option<usize> {
    let inside = body(frame::inner(area), view.selected.is_some());
    let row = scrolled(rows, view, area) + usize::from(y.checked_sub(inside.y)?);
    (inside.contains((x, y).into()) && row < rows.len()).then_some(row)
}

/// How high the panel must be to show all rows.
pub fn height(rows: &[Row], view: &TreeView<'_>) -> usize {
    rows.len() + 1 + 2 + if view.selected.is_some() { 6 } else { 0 }
}

/// Draws the tree.
pub fn draw(look: &Look<'_>, lens: Lens<'_>, view: &TreeView<'_>, area: Rect, buf: &mut Buffer) {
    let (theme, lang, signs) = (look.theme, look.lang(), look.theme.signs);
    let title = format!("{} {}", lang.pick("Disk", "磁盘"), name(lens, view.server));
    let disk = lens.disk_of(view.server, None);
    let head = disk.as_deref().and_then(crate::log::Disk::head);
    let servers = lens.servers_with_disks();
    let number = servers.iter().position(|one| *one == view.server).unwrap_or(0) + 1;
    let inner = frame::draw(look, &title, area, buf, |ink| {
        ink.skip(1).style(theme.label);
        put!(ink, " {number}/{} ", servers.len());
        if let Some((_, seeks)) = head {
            put!(ink, "{} {seeks} ", lang.pick("seeks", "寻道"));
        }
    });
    if inner.width < 30 || inner.height < 3 {
        return;
    }
    let rows = rows(lens, view);
    let numbers = inner.right() - 3 * NUMBER - 1;
    heading(look, inner, numbers, buf);
    let inside = body(inner, view.selected.is_some());
    let top = scrolled(&rows, view, area);
    let selected = view.selected.map(|path| place(&rows, path));
    for ((index, row), y) in rows.iter().enumerate().skip(top).zip(inside.top()..inside.bottom()) {
        let mut ink = Ink::new(buf, inner.x + row.depth * 2, y, numbers);
        let (sign, style) = match row.what {
            What::Topic(_) | What::Directory(_, false) => (signs.folded[0], theme.title),
            What::Root(_) | What::Directory(_, true) => (signs.folded[1], theme.title),
            What::File if view.open == Some(&row.path) => (signs.position, theme.you),
            What::File => (" ", theme.text),
        };
        ink.style(style).text(sign).text(" ");
        ink.clipped(&row.name, signs.more);
        if !matches!(row.what, What::File) {
            ink.text("/");
        }
        if let What::Topic(count) | What::Directory(count, false) = row.what {
            let what = match row.what {
                What::Topic(_) => lang.pick("directories", "个目录"),
                _ => lang.pick("files", "个文件"),
            };
            ink.skip(1).style(theme.label);
            put!(ink, "{count} {what}");
        }
        if head.is_some_and(|(at, _)| is_at(row, at)) {
            ink.skip(1).styled(theme.you, lang.pick("head", "磁头"));
        }
        let mut ink = Ink::new(buf, numbers, y, inner.right());
        let risk = if row.at_risk > 0 { theme.lagging } else { theme.label };
        let columns = [
            (theme.text, row.len),
            (theme.text, row.written.saturating_sub(row.at_risk)),
            (risk, row.at_risk),
        ];
        for (style, number) in columns {
            ink.style(style);
            put!(ink, "{:>width$}", number, width = usize::from(NUMBER));
        }
        if selected == Some(index) {
            buf.set_style(Rect::new(inner.x, y, inner.width, 1), theme.selected);
        }
    }
    if let Some(row) = selected.and_then(|place| rows.get(place)) {
        tell(look, &said::row(look, lens, view.server, row), inner, buf);
    }
    mark_more(look, (top, inside.height, rows.len()), area, buf);
}

/// True if the disk's head is at what stands in a row.
fn is_at(row: &Row, head: &str) -> bool {
    match row.what {
        What::File => row.path == head,
        What::Directory(_, shown) => {
            !shown && head.split_once('/').is_some_and(|(directory, _)| directory == row.path)
        }
        What::Root(_) | What::Topic(_) => false,
    }
}

fn heading(look: &Look<'_>, inner: Rect, numbers: u16, buf: &mut Buffer) {
    let lang = look.lang();
    let titles = [
        lang.pick("bytes", "字节"),
        lang.pick("flushed", "已落盘"),
        lang.pick("at risk", "断电会丢"),
    ];
    let mut ink = Ink::new(buf, numbers, inner.y, inner.right());
    ink.style(look.theme.label);
    for title in titles {
        let width = unicode_width::UnicodeWidthStr::width(title) as u16;
        ink.skip(NUMBER.saturating_sub(width)).text(title);
    }
}
