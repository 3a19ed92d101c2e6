//! Why: the chain of causes from an event up to its root, with the rule of the selected link.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::story::speaker;
use crate::explain::cards::{RuleCard, rule};
use crate::explain::why::{Chain, Link, Says};
use crate::explain::{Channel, Importance};
use crate::scenario::timeline::Timeline;
use crate::sim::{Instant, NodeId};
use crate::tui::ink::{Ink, digits, put};
use crate::tui::words::Words;
use crate::tui::{Look, frame, wrap};
use crate::view::Lens;

/// What is shown of a chain.
#[derive(Clone, Copy, Debug, Default)]
pub struct WhyView {
    /// The link that is selected: its rule card is shown.
    pub selected: usize,
    /// The first link shown.
    pub top: usize,
}

/// So wide a card stands beside the chain, not below it.
const WIDE: u16 = 120;

/// How many links there are.
pub fn rows(chain: &Chain) -> usize {
    chain.links.len()
}

/// The id of the event of a link: where to go.
pub fn event_at(chain: &Chain, row: usize) -> Option<u32> {
    chain.links.get(row).map(|link| link.event.id)
}

/// A link as it is told.
struct Told {
    at: Instant,
    speaker: String,
    says: String,
    channel: Channel,
    /// How it brought about the link above it.
    tie: Option<String>,
    loud: bool,
}

/// Where everything is.
struct Layout {
    /// The chain.
    chain: Rect,
    /// The room of the card.
    place: Rect,
    card: Card,
    /// Where the names of speakers begin, and the sentences.
    columns: [u16; 2],
    links: Vec<Told>,
    /// The first link shown.
    top: usize,
}

impl Layout {
    fn of(look: &Look<'_>, chain: &Chain, timeline: &Timeline, view: &WhyView, area: Rect) -> Self {
        let inner = frame::inner(area);
        let beside = inner.width >= WIDE;
        let width = if beside { inner.width / 2 - 2 } else { inner.width };
        let card = Card::of(look, chain, timeline, view, width);
        let (links, place) = if beside {
            let left = inner.width - width - 2;
            let right = Rect::new(inner.x + left + 2, inner.y, width, inner.height);
            (Rect::new(inner.x, inner.y, left, inner.height), right)
        } else {
            // The card as a whole, if a few links can be seen as well.
            let below = card.height().min(inner.height * 3 / 5);
            let above = inner.height - below;
            let below = Rect::new(inner.x, inner.y + above, inner.width, below);
            (Rect::new(inner.x, inner.y, inner.width, above), below)
        };
        let mut layout =
            Self { chain: links, place, card, columns: [0; 2], links: Vec::new(), top: 0 };
        let lens = timeline.runner().lens();
        layout.links = chain
            .links
            .iter()
            .enumerate()
            .map(|(place, link)| {
                let before = place.checked_sub(1).map(|before| &chain.links[before]);
                Told {
                    at: link.event.at,
                    speaker: look.narrator.link_speaker(link, &lens),
                    says: look.told(look.narrator.link(link, &lens)),
                    channel: channel(link),
                    tie: before
                        .and_then(|before| look.narrator.tie(link, before, &lens))
                        .map(|tie| look.told(tie)),
                    loud: is_loud(link),
                }
            })
            .collect();
        let latest = layout.links.first().map_or(Instant::ZERO, |link| link.at);
        let first = 2 + digits(latest.as_millis() / 1_000).max(2) + 4 + 2;
        layout.columns = [first, first + 11];
        layout.top = layout.top(view);
        layout
    }

    /// How many rows a link takes: its tie, and what it says.
    fn height(&self, link: &Told) -> u16 {
        let says = wrap::height(&link.says, self.says_width()).max(1);
        let tie = link.tie.as_ref().map_or(0, |tie| wrap::height(tie, self.tie_width()));
        says + tie
    }

    fn says_width(&self) -> u16 {
        self.chain.width.saturating_sub(self.columns[1])
    }

    fn tie_width(&self) -> u16 {
        self.chain.width.saturating_sub(self.columns[0] + 2)
    }

    /// The first link from which on the selected one is seen, near the one that was first.
    fn top(&self, view: &WhyView) -> usize {
        let Some(last) = self.links.len().checked_sub(1) else { return 0 };
        let selected = view.selected.min(last);
        let rows = |from: usize| {
            self.links[from..=selected].iter().map(|one| self.height(one)).sum::<u16>()
        };
        let mut top = view.top.min(selected);
        while top < selected && rows(top) > self.chain.height {
            top += 1;
        }
        top
    }
}

/// The first link that is shown in `area`: the selected one is seen. To be kept as `top`.
pub fn scrolled(
    look: &Look<'_>,
    chain: &Chain,
    timeline: &Timeline,
    view: &WhyView,
    area: Rect,
) -> usize {
    Layout::of(look, chain, timeline, view, area).top
}

/// The link at a place of the screen.
pub fn link_at(
    look: &Look<'_>,
    chain: &Chain,
    timeline: &Timeline,
    view: &WhyView,
    area: Rect,
    y: u16,
) -> Option<usize> {
    let layout = Layout::of(look, chain, timeline, view, area);
    let row = y.checked_sub(layout.chain.y).filter(|row| *row < layout.chain.height)?;
    let mut end = 0;
    let mut links = layout.links.iter().skip(layout.top);
    let place = links.position(|link| {
        end += layout.height(link);
        row < end
    });
    place.map(|place| layout.top + place)
}

/// Draws the chain.
pub fn draw(
    look: &Look<'_>,
    chain: &Chain,
    timeline: &Timeline,
    view: &WhyView,
    area: Rect,
    buf: &mut Buffer,
) {
    let words = Words::of(look.lang());
    let inner = frame::draw(look, words.because, area, buf, |_| {});
    if inner.is_empty() {
        return;
    }
    let layout = Layout::of(look, chain, timeline, view, area);
    let mut y = layout.chain.y;
    let mut shown = 0;
    for (place, link) in layout.links.iter().enumerate().skip(layout.top) {
        if y >= layout.chain.bottom() {
            break;
        }
        y = draw_link(look, &layout, link, place == view.selected, y, buf);
        shown = place + 1;
    }
    if shown == layout.links.len() && y < layout.chain.bottom() {
        let signs = look.theme.signs;
        let mut ink = Ink::new(buf, layout.chain.x + layout.columns[0], y, layout.chain.right());
        ink.style(look.theme.good);
        put!(ink, "{} {}", signs.good, words.root);
    }
    frame::more(look, layout.top > 0, shown < layout.links.len(), area, buf);
    layout.card.draw(look, layout.place, buf);
}

/// Draws a link, and gives the row after it.
fn draw_link(
    look: &Look<'_>,
    layout: &Layout,
    link: &Told,
    selected: bool,
    y: u16,
    buf: &mut Buffer,
) -> u16 {
    let (theme, signs) = (look.theme, look.theme.signs);
    let area = layout.chain;
    let mut y = y;
    if let Some(tie) = &link.tie {
        for (index, text) in wrap::rows(tie, layout.tie_width()).enumerate() {
            if y >= area.bottom() {
                return y;
            }
            let mut ink = Ink::new(buf, area.x + layout.columns[0], y, area.right());
            let sign = if index == 0 { signs.because } else { " " };
            ink.styled(theme.key, sign).skip(1).styled(theme.label, text);
            y += 1;
        }
    }
    let style = if link.loud { theme.turn } else { theme.note };
    let rows = wrap::rows(&link.says, layout.says_width()).enumerate();
    let first = y;
    for (index, text) in rows {
        if y >= area.bottom() {
            break;
        }
        if index == 0 {
            let mut ink = Ink::new(buf, area.x, y, area.right());
            ink.text(if selected { signs.selected } else { " " }).text(" ").style(theme.label);
            let millis = link.at.as_millis();
            let seconds = millis / 1_000;
            ink.skip((layout.columns[0] - 8).saturating_sub(digits(seconds)));
            put!(ink, "{seconds}.{:03}", millis % 1_000);
            let x = area.x + layout.columns[0];
            let mut name = Ink::new(buf, x, y, area.x + layout.columns[1] - 1);
            name.style(speaker(theme, link.channel)).clipped(&link.speaker, signs.more);
        }
        Ink::new(buf, area.x + layout.columns[1], y, area.right()).styled(style, text);
        y += 1;
    }
    if selected {
        buf.set_style(Rect::new(area.x, first, area.width, y - first), theme.selected);
    }
    y
}

fn channel(link: &Link) -> Channel {
    match &link.says {
        Says::Lines(lines) => lines.first().map_or(Channel::Node, |line| line.channel),
        Says::Facts(told) => told.first().map_or(Channel::Node, |told| Channel::of(&told.fact)),
        Says::Event { .. } => Channel::Node,
    }
}

fn is_loud(link: &Link) -> bool {
    match &link.says {
        Says::Lines(lines) => lines.first().is_some_and(|line| line.importance == Importance::Turn),
        Says::Facts(_) | Says::Event { .. } => false,
    }
}

/// The rule card of the selected link, row by row.
struct Card(Vec<CardRow>);

/// A row of a card.
struct CardRow {
    style: Style,
    indent: u16,
    text: String,
    /// What stands before it, for the first row of settings and terms.
    name: &'static str,
}

impl Card {
    fn of(look: &Look<'_>, chain: &Chain, timeline: &Timeline, view: &WhyView, width: u16) -> Self {
        let (theme, words) = (look.theme, Words::of(look.lang()));
        let mut card = Self(Vec::new());
        let link = chain.links.get(view.selected).or(chain.links.last());
        let known = link.and_then(|link| Some((link, rule(link.rule?)?)));
        let Some((link, rule)) = known else {
            card.wrapped(theme.label, 1, 0, "", words.no_rule, width);
            return card;
        };
        let version = rule.version(&timeline.runner().scenario().levels, look.lang());
        let title = look.told(rule.title(look.lang()).to_owned());
        card.wrapped(theme.turn, 1, 0, "", &title, width);
        for line in version.lines {
            let line = look.told(line);
            let text = line.trim_start_matches(' ');
            let indent = (line.len() - text.len()) as u16;
            card.wrapped(theme.text, 2 + indent, 4, "", text, width);
        }
        let lens = timeline.runner().lens();
        let settings = look.told(settings(look, rule, link.event.node, lens));
        let see = rule.see().collect::<Vec<_>>().join(", ");
        let since = std::iter::once(version.since).chain(version.kips);
        let since = since.collect::<Vec<_>>().join(", ");
        for (name, text) in [(words.settings, settings), (words.since, since), (words.see, see)] {
            let indent = 2 + name.width() as u16 + 1;
            card.wrapped(theme.label, indent, 0, name, &text, width);
        }
        card
    }

    fn wrapped(
        &mut self,
        style: Style,
        indent: u16,
        hanging: u16,
        name: &'static str,
        text: &str,
        width: u16,
    ) {
        let room = width.saturating_sub(indent + hanging);
        // Rows after the first one hang; were the first one longer, they would not meet.
        let fits = text.width() <= usize::from(width.saturating_sub(indent));
        let rows = wrap::rows(text, if fits { width } else { room }).enumerate();
        self.0.extend(rows.map(|(index, row)| CardRow {
            style,
            indent: indent + if index == 0 { 0 } else { hanging },
            text: row.to_owned(),
            name: if index == 0 { name } else { "" },
        }));
    }

    /// A line above it, and its rows.
    fn height(&self) -> u16 {
        1 + self.0.len() as u16
    }

    fn draw(&self, look: &Look<'_>, area: Rect, buf: &mut Buffer) {
        let (theme, words) = (look.theme, Words::of(look.lang()));
        let across = theme.signs.frame[0];
        if area.is_empty() {
            return;
        }
        let mut ink = Ink::new(buf, area.x, area.y, area.right());
        ink.style(theme.border).repeat(across, 2);
        ink.text(" ").styled(theme.title, words.rule).text(" ").repeat(across, area.width);
        for (row, y) in self.0.iter().zip(area.y + 1..area.bottom()) {
            let mut ink = Ink::new(buf, area.x, y, area.right());
            if !row.name.is_empty() {
                ink.skip(1).styled(theme.key, row.name);
            }
            ink.skip_to(area.x + row.indent).styled(row.style, &row.text);
        }
    }
}

/// `broker.session.timeout.ms = 9 s`: as it is set where the rule was followed.
fn settings(look: &Look<'_>, card: RuleCard, node: NodeId, lens: Lens<'_>) -> String {
    let told = card.settings(look.lang()).into_iter().map(|one| {
        let value = lens.setting(node, one.name);
        let value = value.map_or(one.default_told, |value| look.narrator.setting(one.name, &value));
        format!("{} = {value}", one.name)
    });
    told.collect::<Vec<_>>().join(", ")
}
