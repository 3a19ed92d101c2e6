//! Charts over simulated time: how much, how long, how far behind, with the events that moved them.
//!
//! Each chart has a few bands on one scale: rows of bars, so that they can be told apart without
//! colours. All share one axis of time, with letters for events below it.

mod band;
mod data;
mod marks;

use data::{Chart, Data};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::times::Window;
use crate::scenario::timeline::Timeline;
use crate::tui::ink::{Ink, put};
use crate::tui::words::Words;
use crate::tui::{Look, frame};

/// Of names and values, with the space after.
const GUTTER: u16 = 25;
/// The axis, and the letters of events.
const AXIS: u16 = 2;
/// In less room than this nothing can be drawn.
const LEAST: (u16, u16) = (60, 10);

/// What the panel shows.
#[derive(Clone, Copy, Debug)]
pub struct ChartsView {
    /// The chart that is selected.
    pub selected: usize,
    /// Only that one.
    pub alone: bool,
}

/// How many charts there are.
pub fn rows() -> usize {
    data::ALL.len()
}

/// The term of a chart's card.
pub fn term(row: usize) -> Option<&'static str> {
    data::ALL.get(row).map(|kind| kind.term())
}

/// Draws the panel.
pub fn draw(look: &Look<'_>, timeline: &Timeline, view: &ChartsView, area: Rect, buf: &mut Buffer) {
    let words = Words::of(look.lang());
    let inner = frame::draw(look, words.charts, area, buf, |_| {});
    if inner.width < LEAST.0 || inner.height < LEAST.1 {
        return;
    }
    let cells = inner.width - GUTTER;
    let window = Window::whole(timeline.seen_until(), cells);
    let charts = Data::of(timeline, window).charts(look.lang());
    let legend = marks::Legend::of(look, timeline, window);
    let foot = AXIS + legend.height(inner.width, if inner.height > 30 { 4 } else { 2 });
    let room = Rect { height: inner.height - foot, ..inner };
    let cursor = window.cell(timeline.at()).unwrap_or(cells - 1);
    let page = Page { look, window, cursor, x: inner.x + GUTTER };
    let mut y = room.y;
    for (index, height) in heights(&charts, view, room.height).into_iter().enumerate() {
        if height > 0 {
            let area = Rect { y, height, ..room };
            page.chart(&charts[index], index == view.selected, area, buf);
            y += height;
        }
    }
    page.axis(timeline, inner, room.bottom(), buf);
    legend.draw(look, inner, room.bottom() + 1, inner.x + GUTTER, foot - AXIS, buf);
}

/// How many rows each chart has: what is selected has the most.
fn heights(charts: &[Chart], view: &ChartsView, room: u16) -> Vec<u16> {
    let selected = view.selected.min(charts.len() - 1);
    if view.alone {
        return (0..charts.len()).map(|index| if index == selected { room } else { 0 }).collect();
    }
    let whole = |chart: &Chart| 1 + chart.bands.len() as u16;
    let all: u16 = charts.iter().map(whole).sum();
    let mut heights: Vec<u16> = if all <= room {
        charts.iter().map(whole).collect()
    } else {
        // The others say what matters most of them.
        vec![1; charts.len()]
    };
    let others: u16 = heights.iter().sum::<u16>() - heights[selected];
    let bands = charts[selected].bands.len().max(1) as u16;
    let most = 1 + bands * 5;
    heights[selected] = room.saturating_sub(others).clamp(1, most.max(heights[selected]));
    heights
}

/// What a frame is drawn from.
struct Page<'a> {
    look: &'a Look<'a>,
    window: Window,
    /// The cell of the cursor.
    cursor: u16,
    /// Where the bars begin.
    x: u16,
}

impl Page<'_> {
    /// A chart: its name and scale, and its bands; in one row the first of them.
    fn chart(&self, chart: &Chart, selected: bool, area: Rect, buf: &mut Buffer) {
        let theme = self.look.theme;
        let highest = chart.highest();
        let title = if selected { theme.selected } else { theme.title };
        if area.height == 1 {
            if let Some(band) = chart.bands.first() {
                let name = format!("{} {}", chart.short, band.name);
                self.band(&name, chart, band, title, area, buf);
            }
            return;
        }
        let mut ink = Ink::new(buf, area.x, area.y, area.right());
        ink.styled(title, chart.name).skip(2).style(theme.label);
        put!(ink, "{} {}", self.words().up_to, chart.unit.say(highest));
        let bands = chart.bands.len().max(1) as u16;
        let room = area.height - 1;
        let (each, more) = (room / bands, room % bands);
        let mut y = area.y + 1;
        for (index, band) in chart.bands.iter().enumerate() {
            let height = each + u16::from((index as u16) < more);
            if height > 0 {
                let area = Rect { y, height, ..area };
                self.band(&band.name, chart, band, theme.text, area, buf);
                y += height;
            }
        }
    }

    fn band(
        &self,
        name: &str,
        chart: &Chart,
        band: &data::Band,
        style: Style,
        area: Rect,
        buf: &mut Buffer,
    ) {
        let theme = self.look.theme;
        let value = band.values.get(usize::from(self.cursor)).copied().flatten();
        let value = value.map_or_else(|| "-".to_owned(), |value| chart.unit.say(value));
        let end = self.x - 1;
        let from = end.saturating_sub(value.len() as u16);
        let mut ink = Ink::new(buf, area.x, area.y, from.saturating_sub(1));
        ink.style(style).clipped(name, theme.signs.more);
        Ink::new(buf, from, area.y, end).styled(theme.title, &value);
        let area = Rect { x: self.x, width: area.right() - self.x, ..area };
        band::draw(self.look, &band.values, chart.highest(), self.cursor, area, buf);
    }

    /// The axis: how long a cell is, ticks, and the cursor.
    fn axis(&self, timeline: &Timeline, inner: Rect, y: u16, buf: &mut Buffer) {
        let theme = self.look.theme;
        let mut ink = Ink::new(buf, inner.x, y, self.x - 1);
        ink.style(theme.label).text(self.words().simulated).text(" s");
        let end = self.x + self.window.cells;
        for (cell, text) in self.window.ticks() {
            let mut ink = Ink::new(buf, self.x + cell, y, end);
            ink.styled(theme.border, theme.signs.frame[1]).styled(theme.label, &text);
        }
        let known = timeline.seen_until() > timeline.at();
        let mut ink = Ink::new(buf, self.x + self.cursor, y, end);
        ink.styled(theme.title, theme.signs.cursor);
        if known {
            ink.styled(theme.label, self.words().seen_before);
        }
    }

    fn words(&self) -> &'static Words {
        Words::of(self.look.lang())
    }
}
