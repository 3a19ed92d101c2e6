//! The story: what happened, up to the cursor, the newest last. Three columns: when, who, what.

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use crate::explain::{Channel, Importance, Shown, Story, StoryLine, Words};
use crate::fact::Fact;
use crate::sim::{Instant, NodeId};
use crate::tui::ink::{Ink, digits, put};
use crate::tui::theme::Theme;
use crate::tui::words::Words as Labels;
use crate::tui::{Look, frame, wrap};
use crate::view::Lens;

/// What the story shows.
#[derive(Clone, Copy, Debug)]
pub struct StoryView<'a> {
    /// The line that is selected, by its place in the story.
    pub selected: Option<usize>,
    /// The first line shown, by its place in the story; none to follow its end.
    pub top: Option<usize>,
    /// Only lines with this in them, in any case. Empty for all.
    pub filter: &'a str,
    /// Lines that are only the echo of others are shown too.
    pub asides: bool,
    /// Only what this group went through, and what was done meanwhile.
    pub group: Option<&'a str>,
}

/// A line as it is told.
struct Line {
    place: usize,
    at: Instant,
    speaker: String,
    says: String,
    channel: Channel,
    importance: Importance,
    /// How many rows it takes.
    height: u16,
}

/// Tells lines.
struct Teller<'a> {
    look: &'a Look<'a>,
    story: &'a Story,
    lens: Lens<'a>,
    view: &'a StoryView<'a>,
    /// What is looked for, in small letters.
    wanted: String,
    /// The processes of the group that alone is told of.
    members: BTreeSet<NodeId>,
    /// Where the columns are, in the room inside the frame.
    columns: Columns,
}

/// Where the columns are.
#[derive(Clone, Copy)]
struct Columns {
    speaker: u16,
    says: u16,
    /// Of the sentence.
    width: u16,
    /// Of the hint on the selected line.
    hint: u16,
}

impl<'a> Teller<'a> {
    fn new(
        look: &'a Look<'a>,
        story: &'a Story,
        lens: Lens<'a>,
        view: &'a StoryView<'a>,
        width: u16,
    ) -> Self {
        // A mark, the time, two spaces.
        let speaker = 2 + digits(lens.now().as_millis() / 1_000).max(2) + 4 + 2;
        let says = speaker + if width >= 100 { 12 } else { 11 };
        let hint = hint(look).width() as u16 + 3;
        let columns = Columns { speaker, says, width: width.saturating_sub(says), hint };
        let members = view.group.and_then(|group| lens.group_processes().remove(group));
        let members = members.into_iter().flatten().map(|(_, node)| node).collect();
        let wanted = view.filter.to_lowercase();
        Self { look, story, lens, view, wanted, members, columns }
    }

    fn is_loud(&self, shown: Shown<'_>) -> bool {
        self.view.asides || shown.latest.importance > Importance::Aside
    }

    /// True if a line is about the group that alone is told of.
    fn is_of_group(&self, line: &StoryLine, group: &str) -> bool {
        match &line.words {
            Words::Fact { fact } | Words::Repeated { fact, .. } => match fact.group() {
                Some(own) => **own == *group,
                None => match **fact {
                    Fact::Command { .. } | Fact::CommandRefused { .. } => true,
                    Fact::MetadataUpdated { .. } | Fact::ConnectionRefused { .. } => false,
                    _ => self.members.contains(&line.node),
                },
            },
            Words::Commanded { .. } => true,
            Words::Starting { nodes } => nodes.iter().any(|node| self.members.contains(node)),
            Words::Ended { .. } => self.members.contains(&line.node),
            Words::Coordinating { .. } => {
                let coordinator = self.lens.coordinator_of(group);
                coordinator.and_then(|id| self.lens.node_of(id)) == Some(line.node)
            }
            _ => false,
        }
    }

    /// The line in a place, if it is shown.
    fn tell(&self, place: usize) -> Option<Line> {
        let shown = self.story.get(place).filter(|shown| self.is_loud(*shown))?;
        if self.view.group.is_some_and(|group| !self.is_of_group(shown.latest, group)) {
            return None;
        }
        let says = self.look.told(self.look.narrator.line(shown.latest, &self.lens));
        let speaker = self.look.narrator.speaker(shown.latest, &self.lens);
        if !self.wanted.is_empty()
            && !says.to_lowercase().contains(&self.wanted)
            && !speaker.to_lowercase().contains(&self.wanted)
        {
            return None;
        }
        let selected = self.view.selected == Some(place);
        let width = self.columns.width.saturating_sub(if selected { self.columns.hint } else { 0 });
        Some(Line {
            place,
            at: shown.first.at,
            speaker,
            height: wrap::height(&says, width).max(1),
            says,
            channel: shown.latest.channel,
            importance: shown.latest.importance,
        })
    }

    /// The lines that fill `height` rows, and in which row the first of them begins: above the first
    /// row, if only its end is seen.
    fn window(&self, height: u16) -> (i32, Vec<Line>) {
        let (all, height) = (self.story.len(), i32::from(height));
        let (first, lines) = match self.view.top {
            Some(top) => self.downwards(top, height),
            None => self.upwards(all, height),
        };
        let Some(selected) = self.view.selected else { return (first, lines) };
        let mut end = first;
        let ends = lines.iter().map(|line| {
            let begin = end;
            end += i32::from(line.height);
            (line.place, begin, end)
        });
        let place = ends.into_iter().find(|(place, ..)| *place == selected);
        match place {
            Some((_, begin, end)) if begin >= 0 && end <= height => (first, lines),
            // It takes all the room there is, or more.
            Some((_, 0, _)) => (first, lines),
            Some((_, begin, _)) if begin < 0 => self.downwards(selected, height),
            None if lines.first().is_some_and(|line| selected < line.place) => {
                self.downwards(selected, height)
            }
            _ => self.upwards(selected + 1, height),
        }
    }

    /// The lines from the place `from` on; more before it, if there are not enough.
    fn downwards(&self, from: usize, height: i32) -> (i32, Vec<Line>) {
        let mut lines = Vec::new();
        let mut used = 0;
        for line in (from..self.story.len()).filter_map(|place| self.tell(place)) {
            used += i32::from(line.height);
            lines.push(line);
            if used >= height {
                return (0, lines);
            }
        }
        self.upwards(self.story.len(), height)
    }

    /// The lines before the place `end`, the last of them at the bottom; from the top on, if there
    /// are few.
    fn upwards(&self, end: usize, height: i32) -> (i32, Vec<Line>) {
        let mut lines = Vec::new();
        let mut used = 0;
        for place in (0..end.min(self.story.len())).rev() {
            if used >= height {
                break;
            }
            if let Some(line) = self.tell(place) {
                used += i32::from(line.height);
                lines.push(line);
            }
        }
        lines.reverse();
        ((height - used).min(0), lines)
    }
}

/// True if a line is shown: it is loud enough, and the filter lets it through.
pub fn is_shown(
    look: &Look<'_>,
    story: &Story,
    lens: Lens<'_>,
    view: &StoryView<'_>,
    place: usize,
) -> bool {
    Teller::new(look, story, lens, view, 80).tell(place).is_some()
}

/// The place of the line shown that is `lines` after `from` (before it, if negative), or as far as
/// there are any. None if no line is shown.
pub fn moved(
    look: &Look<'_>,
    story: &Story,
    lens: Lens<'_>,
    view: &StoryView<'_>,
    from: usize,
    lines: isize,
) -> Option<usize> {
    let teller = Teller::new(look, story, lens, view, 80);
    let shown = |place: &usize| teller.tell(*place).is_some();
    let all = story.len();
    let from = from.min(all.saturating_sub(1));
    let steps = lines.unsigned_abs();
    let here = Some(from).filter(shown);
    let far = if lines < 0 {
        (0..from).rev().filter(shown).take(steps).last()
    } else {
        (from + 1..all).filter(shown).take(steps).last()
    };
    far.or(here).or_else(|| {
        // Nothing that way: the nearest that there is.
        let before = (0..from).rev().find(shown);
        before.or_else(|| (from..all).find(shown))
    })
}

/// The place of the first line that is shown in `area`: what is selected is seen. To be kept as `top`
/// unless the end is followed.
pub fn scrolled(
    look: &Look<'_>,
    story: &Story,
    lens: Lens<'_>,
    view: &StoryView<'_>,
    area: Rect,
) -> usize {
    let inner = frame::inner(area);
    let teller = Teller::new(look, story, lens, view, inner.width);
    let (first, lines) = teller.window(inner.height);
    // One of which only the end is seen is not counted.
    let skip = usize::from(first < 0 && lines.len() > 1);
    lines.get(skip).map_or(0, |line| line.place)
}

/// The place of the line at a place of the screen.
pub fn line_at(
    look: &Look<'_>,
    story: &Story,
    lens: Lens<'_>,
    view: &StoryView<'_>,
    area: Rect,
    y: u16,
) -> Option<usize> {
    let inner = frame::inner(area);
    let row = i32::from(y.checked_sub(inner.y).filter(|row| *row < inner.height)?);
    let teller = Teller::new(look, story, lens, view, inner.width);
    let (mut end, lines) = teller.window(inner.height);
    let line = lines.iter().find(|line| {
        end += i32::from(line.height);
        row < end
    });
    line.map(|line| line.place)
}

/// Draws the story.
pub fn draw(
    look: &Look<'_>,
    story: &Story,
    lens: Lens<'_>,
    view: &StoryView<'_>,
    area: Rect,
    buf: &mut Buffer,
) {
    let (theme, words) = (look.theme, Labels::of(look.lang()));
    let inner = frame::draw(look, words.story, area, buf, |ink| {
        if let Some(group) = view.group {
            ink.skip(1).style(theme.label);
            put!(ink, " {}: {group} ", words.only);
        }
        if !view.filter.is_empty() {
            ink.skip(1).style(theme.you);
            put!(ink, " {}: {} ", words.filter, view.filter);
        }
    });
    if inner.is_empty() {
        return;
    }
    let teller = Teller::new(look, story, lens, view, inner.width);
    let (first, lines) = teller.window(inner.height);
    let mut y = i32::from(inner.y) + first;
    for line in &lines {
        draw_line(&teller, line, y, inner, buf);
        y += i32::from(line.height);
    }
    if lines.is_empty() {
        let says = if story.is_empty() { words.nothing_yet } else { words.nothing_found };
        let mut ink = Ink::new(buf, inner.x + 2, inner.y, inner.right());
        ink.styled(theme.label, says);
    }
    let any = |mut places: std::ops::Range<usize>| places.any(|place| teller.tell(place).is_some());
    let above = first < 0 || lines.first().is_some_and(|line| any(0..line.place));
    let below = y > i32::from(inner.bottom())
        || lines.last().is_some_and(|line| any(line.place + 1..story.len()));
    frame::more(look, above, below, area, buf);
}

fn draw_line(teller: &Teller<'_>, line: &Line, y: i32, inner: Rect, buf: &mut Buffer) {
    let (look, columns) = (teller.look, teller.columns);
    let (theme, signs) = (look.theme, look.theme.signs);
    let selected = teller.view.selected == Some(line.place);
    let (mark, style) = match line.importance {
        Importance::Turn => (signs.turn, theme.turn),
        Importance::Note => (signs.note, theme.note),
        Importance::Aside => (signs.aside, theme.aside),
    };
    let on_screen = |row: i32| {
        let inside = row >= i32::from(inner.top()) && row < i32::from(inner.bottom());
        inside.then_some(row as u16)
    };
    let width = columns.width.saturating_sub(if selected { columns.hint } else { 0 });
    for (index, text) in wrap::rows(&line.says, width).enumerate() {
        let Some(row) = on_screen(y + index as i32) else { continue };
        let mut ink = Ink::new(buf, inner.x, row, inner.right());
        if index == 0 {
            ink.styled(style, if selected { signs.selected } else { mark }).text(" ");
            ink.style(theme.label);
            let millis = line.at.as_millis();
            let seconds = millis / 1_000;
            ink.skip((columns.speaker - 8).saturating_sub(digits(seconds)));
            put!(ink, "{seconds}.{:03}", millis % 1_000);
            let x = inner.x + columns.speaker;
            let mut name = Ink::new(buf, x, row, inner.x + columns.says - 1);
            name.style(speaker(theme, line.channel)).clipped(&line.speaker, signs.more);
        }
        let x = inner.x + columns.says;
        Ink::new(buf, x, row, inner.right()).styled(style, text);
        if selected {
            buf.set_style(Rect::new(inner.x, row, inner.width, 1), theme.selected);
            if index == 0 {
                let x = inner.right().saturating_sub(columns.hint - 1);
                Ink::new(buf, x, row, inner.right()).styled(theme.selected, hint(look)).text(" w");
            }
        }
    }
}

/// In which style somebody speaks.
pub(super) fn speaker(theme: &Theme, channel: Channel) -> Style {
    match channel {
        Channel::You => theme.you,
        Channel::Network => theme.network,
        Channel::Control => theme.control,
        Channel::Group => theme.group,
        Channel::Disk => theme.disk,
        Channel::Node => theme.node,
    }
}

fn hint(look: &Look<'_>) -> &'static str {
    Labels::of(look.lang()).why
}
