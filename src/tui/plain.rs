//! Screens as plain text: the last screen of a key script, and the twin of every view.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::panels::{Changed, TableView, bar, cluster, groups, partition, producers, story, why};
use super::{App, Look, Theme, Tone};
use crate::explain::Lang;
use crate::explain::why::chain;
use crate::ids::TopicPartition;
use crate::scenario::timeline::Timeline;

/// What can be looked at as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum View {
    /// The cluster with its groups and producers.
    Cluster,
    /// The logs of a partition; of the first there is where none is named.
    Partition(Option<TopicPartition>),
    /// The story.
    Story,
    /// Why the last line of the story came about.
    Why,
}

/// The letters of a picture, without what follows the last one of a row.
pub fn text(buf: &Buffer) -> String {
    let area = *buf.area();
    let mut text = String::new();
    for y in area.top()..area.bottom() {
        let mut row = String::new();
        let mut hidden = 0;
        for x in area.left()..area.right() {
            if hidden > 0 {
                hidden -= 1;
                continue;
            }
            let symbol = buf[(x, y)].symbol();
            // A wide letter hides the cell after it.
            hidden = symbol.width().saturating_sub(1);
            row.push_str(symbol);
        }
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}

impl App {
    /// The screen as plain text.
    pub fn text(&self) -> String {
        text(&self.picture())
    }
}

/// A view of the run at its cursor as plain text, as high as it must be.
pub fn twin(view: &View, timeline: &Timeline, lang: Lang, width: u16) -> String {
    text(&picture(view, timeline, &Theme::new(Tone::Mono, false), lang, width))
}

/// A view of the run at its cursor, as high as it must be.
pub fn picture(view: &View, timeline: &Timeline, theme: &Theme, lang: Lang, width: u16) -> Buffer {
    let look = Look::new(theme, lang);
    let width = width.max(60);
    let mut twin = Twin { look, timeline, width, cells: Vec::new() };
    twin.bar();
    match view {
        View::Cluster => twin.cluster(),
        View::Partition(tp) => twin.partition(tp.as_ref()),
        View::Story => twin.story(),
        View::Why => twin.why(),
    }
    let height = (twin.cells.len() / usize::from(width)) as u16;
    Buffer { area: Rect { x: 0, y: 0, width, height }, content: twin.cells }
}

struct Twin<'a> {
    look: Look<'a>,
    timeline: &'a Timeline,
    width: u16,
    /// Row by row.
    cells: Vec<Cell>,
}

/// The most rows of a panel: a buffer has no more cells.
const MOST: usize = 5_000;

impl Twin<'_> {
    fn put(&mut self, rows: usize, draw: impl FnOnce(&Self, Rect, &mut Buffer)) {
        let height = rows.min(MOST) as u16;
        let area = Rect { x: 0, y: 0, width: self.width, height };
        let mut buf = Buffer::empty(area);
        buf.set_style(area, self.look.theme.text);
        draw(self, area, &mut buf);
        self.cells.append(&mut buf.content);
    }

    fn bar(&mut self) {
        let title = self.timeline.runner().scenario().title.told_in(self.look.lang()).to_owned();
        self.put(1, |twin, area, buf| {
            let view = bar::BarView { title: &title, playing: false, speed: "1x", frozen: false };
            bar::draw(&twin.look, twin.timeline, &view, area, buf);
        });
    }

    fn cluster(&mut self) {
        let timeline = self.timeline;
        let lens = timeline.runner().lens();
        let changed = Changed::of(timeline.story(), timeline.at());
        let view = cluster::ClusterView {
            selected: None,
            top: 0,
            left: 0,
            changed: &changed,
            internal: false,
        };
        let table = TableView { selected: None, top: 0, changed: &changed };
        self.put(cluster::size(lens, &view).0 + 3, |twin, area, buf| {
            cluster::draw(&twin.look, lens, &view, area, buf);
        });
        self.put(groups::rows(lens).max(1) + 2, |twin, area, buf| {
            groups::draw(&twin.look, lens, &table, area, buf);
        });
        self.put(producers::rows(lens).max(1) + 2, |twin, area, buf| {
            producers::draw(&twin.look, lens, &table, area, buf);
        });
    }

    fn partition(&mut self, tp: Option<&TopicPartition>) {
        let timeline = self.timeline;
        let lens = timeline.runner().lens();
        let changed = Changed::of(timeline.story(), timeline.at());
        let view =
            partition::StripsView { tp, selected: None, top: 0, close: false, changed: &changed };
        self.put(partition::height(lens, &view).into(), |twin, area, buf| {
            partition::draw(&twin.look, lens, &view, area, buf);
        });
    }

    fn story(&mut self) {
        let timeline = self.timeline;
        let view = story::StoryView { selected: None, top: None, filter: "", asides: false };
        let story = timeline.story();
        let lens = timeline.runner().lens();
        let shown = (0..story.len())
            .filter(|place| story::is_shown(&self.look, story, lens, &view, *place))
            .count();
        self.put(shown.max(1) + 2, |twin, area, buf| {
            story::draw(&twin.look, story, lens, &view, area, buf);
        });
    }

    /// Of the last line of the story.
    fn why(&mut self) {
        let timeline = self.timeline;
        let story = timeline.story();
        let lens = timeline.runner().lens();
        let view = story::StoryView { selected: None, top: None, filter: "", asides: false };
        let mut places = (0..story.len()).rev();
        let shown = places.find(|place| story::is_shown(&self.look, story, lens, &view, *place));
        let line = shown.and_then(|place| story.get(place));
        let chain =
            line.and_then(|line| chain(timeline, &lens, line.first.event, Some(line.first.number)));
        let Some(chain) = chain else { return };
        let begin = self.cells.len();
        self.put(chain.links.len() * 6 + 24, |twin, area, buf| {
            why::draw(&twin.look, &chain, timeline, &why::WhyView::default(), area, buf);
        });
        // There was room for more than there is.
        let page = self.cells.split_off(begin);
        let is_empty = |row: &&[Cell]| row.iter().all(|cell| matches!(cell.symbol(), "│" | " "));
        let rows = page.chunks(self.width.into()).filter(|row| !is_empty(row));
        self.cells.extend(rows.flatten().cloned());
    }
}
