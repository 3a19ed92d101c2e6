//! The metadata log: its records, decoded, the newest last. Records that say nothing, one after the
//! other, are one line.

mod fields;
mod lines;
mod record;

pub use fields::summary;
use lines::Line;
pub use lines::{line_of, moved};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
pub use record::{sheet, term};
use unicode_width::UnicodeWidthStr;

use crate::ids::{BrokerId, Offset};
use crate::tui::ink::{Ink, digits, put};
use crate::tui::words::Words;
use crate::tui::{Look, frame};
use crate::view::{Lens, MetadataEntry};

/// What the panel shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordsView {
    /// The offset at which the selected line begins; none for the newest.
    pub selected: Option<Offset>,
    /// Where the last line shown ends; none to follow the log's end.
    pub end: Option<Offset>,
}

/// Where the last line shown in `area` ends, to be kept as `end`: what is selected is seen. None while
/// the newest is.
pub fn scrolled(lens: Lens<'_>, view: &RecordsView, area: Rect) -> Option<Offset> {
    let height = usize::from(frame::inner(area).height);
    let server = lens.metadata_log_of()?;
    let shown = lines::window(lens, server, view, height);
    let end = shown.last().map(|line| line.last.next());
    let log_end = lens.metadata_log(server)?.log_end_offset();
    end.filter(|end| view.selected.is_some() && *end < log_end)
}

/// The offset of the line at a row of the screen.
pub fn line_at(lens: Lens<'_>, view: &RecordsView, area: Rect, y: u16) -> Option<Offset> {
    let inner = frame::inner(area);
    let row = usize::from(y.checked_sub(inner.y).filter(|row| *row < inner.height)?);
    let shown = lines::window(lens, lens.metadata_log_of()?, view, inner.height.into());
    shown.get(row).map(|line| line.first)
}

/// How many lines there are, up to a thousand.
pub fn lines(lens: Lens<'_>) -> usize {
    let server = lens.metadata_log_of();
    let log = server.and_then(|server| Some((server, lens.metadata_log(server)?.log_end_offset())));
    log.map_or(0, |(server, end)| lines::upwards(lens, server, end, 1_000).len())
}

/// The record that is selected: the newest, unless another one is.
pub fn entry(lens: Lens<'_>, view: &RecordsView) -> Option<MetadataEntry> {
    let server = lens.metadata_log_of()?;
    let line = match view.selected {
        Some(offset) => line_of(lens, server, offset),
        None => lines::upwards(lens, server, lens.metadata_log(server)?.log_end_offset(), 1).pop(),
    };
    line.map(|line| line.entry)
}

/// Draws the panel; all of the log, if it is as high.
pub fn draw(look: &Look<'_>, lens: Lens<'_>, view: &RecordsView, area: Rect, buf: &mut Buffer) {
    let (theme, words) = (look.theme, Words::of(look.lang()));
    let server = lens.metadata_log_of();
    let log = server.and_then(|server| lens.metadata_log(server));
    let node = server.and_then(|server| lens.node_of(server));
    let inner = frame::draw(look, words.metadata_log, area, buf, |ink| {
        if let Some(node) = node {
            ink.skip(1).style(theme.label);
            put!(ink, " __cluster_metadata-0 {} {} ", words.at, lens.name(node));
        }
    });
    if inner.is_empty() {
        return;
    }
    let (Some(server), Some(log)) = (server, log) else {
        let mut ink = Ink::new(buf, inner.x + 2, inner.y, inner.right());
        ink.styled(theme.label, words.log_unknown);
        return;
    };
    let shown = lines::window(lens, server, view, inner.height.into());
    let page = Page {
        look,
        lens,
        log_end: log.log_end_offset(),
        stand: stands(lens, server),
        shown: &shown,
    };
    let plan = page.plan();
    for (line, y) in shown.iter().zip(inner.top()..inner.bottom()) {
        let mut ink = Ink::new(buf, inner.x, y, inner.right());
        page.line(line, &plan, &mut ink);
        let is_last = line.last.next() == page.log_end;
        let selected = view.selected.map_or(is_last, |offset| line.has(offset));
        if look.focused && selected {
            buf.set_style(Rect::new(inner.x, y, inner.width, 1), theme.selected);
            let mark = theme.signs.selected;
            Ink::new(buf, inner.x, y, inner.right()).styled(theme.selected, mark);
        }
    }
    let above = shown.first().is_some_and(|line| line.first > log.log_start_offset());
    let below = shown.last().is_some_and(|line| line.last.next() < page.log_end);
    frame::more(look, above, below, area, buf);
}

/// Brokers that have not applied all that is committed, and what they applied last.
fn stands(lens: Lens<'_>, server: BrokerId) -> Vec<(Offset, BrokerId)> {
    let controllers = lens.controller_glances();
    let holder = controllers.iter().find(|one| one.id == server);
    let Some(end) = holder.and_then(|one| one.high_watermark) else { return Vec::new() };
    let behind = lens.broker_images().filter_map(|(id, _, applied)| {
        let applied = applied?;
        (applied.next() < end).then_some((applied, id))
    });
    behind.collect()
}

/// Where the columns are.
struct Plan {
    /// How wide offsets are.
    offset: u16,
    /// Where types begin, and what they say.
    kind: u16,
    says: u16,
}

/// What is drawn.
struct Page<'a> {
    look: &'a Look<'a>,
    lens: Lens<'a>,
    log_end: Offset,
    stand: Vec<(Offset, BrokerId)>,
    shown: &'a [Line],
}

impl Page<'_> {
    fn plan(&self) -> Plan {
        let offset = digits(self.log_end.0).max(3);
        let seconds = digits(self.lens.now().as_millis() / 1_000).max(2);
        // A mark and a space, the offset, two spaces, the time, two spaces.
        let kind = 2 + offset + 2 + seconds + 4 + 2;
        let widest = self.shown.iter().map(|line| line.entry.type_name().len()).max();
        Plan { offset, kind, says: kind + widest.unwrap_or_default() as u16 + 2 }
    }

    fn line(&self, line: &Line, plan: &Plan, ink: &mut Ink<'_>) {
        let (theme, words) = (self.look.theme, Words::of(self.look.lang()));
        let left = ink.x();
        let quiet = line.entry.is_no_op();
        let kind: Style = if quiet { theme.aside } else { theme.control };
        ink.skip_to(left + 2 + plan.offset - digits(line.last.0)).style(theme.title);
        put!(ink, "{}", line.last);
        let millis = line.entry.at.as_millis();
        ink.skip_to(left + plan.kind - 6 - digits(millis / 1_000)).style(theme.label);
        put!(ink, "{}.{:03}", millis / 1_000, millis % 1_000);
        ink.skip_to(left + plan.kind).styled(kind, line.entry.type_name());
        ink.skip_to(left + plan.says).style(if quiet { theme.aside } else { theme.text });
        let here = self.stand.iter().filter(|(applied, _)| line.has(*applied));
        let folded = line.first < line.last;
        let here: Vec<String> = here
            .map(|(applied, id)| {
                let name = self.name(*id);
                if folded { format!("{name} ({applied})") } else { name }
            })
            .collect();
        let here = if here.is_empty() {
            String::new()
        } else {
            format!(" {} {} {}", theme.signs.left, here.join(", "), words.is_here)
        };
        let room = ink.room().saturating_sub(here.width() as u16);
        let says = if folded {
            let count = line.last.0 - line.first.0 + 1;
            let whole = self.look.told(format!("×{count}, {}-{}", line.first, line.last));
            let short = self.look.told(format!("×{count}"));
            if whole.width() <= usize::from(room) { whole } else { short }
        } else {
            summary(&line.entry, self.lens)
        };
        ink.text(&clip(&says, room, theme.signs.more));
        ink.styled(theme.lagging, &here);
    }

    fn name(&self, broker: BrokerId) -> String {
        let node = self.lens.node_of(broker);
        node.map_or_else(|| format!("broker-{broker}"), |node| self.lens.name(node).to_string())
    }
}

/// As much of a text as there is room for.
fn clip(text: &str, room: u16, more: &str) -> String {
    if text.width() <= usize::from(room) {
        return text.to_owned();
    }
    let mut used = 0;
    let kept = text.chars().take_while(|letter| {
        used += unicode_width::UnicodeWidthChar::width(*letter).unwrap_or(0);
        used < usize::from(room)
    });
    let mut kept: String = kept.collect();
    kept.push_str(more);
    kept
}
