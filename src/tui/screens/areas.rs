//! Where everything stands, by the size of the terminal.

use ratatui::layout::Rect;

use super::{Pane, Screen};
use crate::tui::App;
use crate::tui::panels::{self, Changed};

/// Where everything stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) struct Areas {
    /// Time.
    pub bar: Rect,
    /// What was measured of the runs; empty where nothing is.
    pub bars: Rect,
    /// The panes of the screen, in the order of the focus.
    pub panes: Vec<(Pane, Rect)>,
    /// The newest line of the story; empty where all of it is on the screen.
    pub newest: Rect,
    /// How the goals of a lab stand; empty where there are none.
    pub goals: Rect,
    /// What the scenario tells, and messages.
    pub say: Rect,
    /// The keys.
    pub hints: Rect,
}

/// The smallest terminal that is drawn on.
pub(in crate::tui) const SMALLEST: (u16, u16) = (80, 24);

/// Rows of the story that are always left.
const STORY_LEAST: u16 = 6;
/// From so many cells on a tree and a file stand side by side.
const BOTH: u16 = 150;

/// On screens of so many rows the story stands below the metadata log.
const CONTROL_WITH_STORY: u16 = 40;
/// The same below a partition: two replicas and a group just fit.
const STORY_BESIDE: u16 = 5;

impl Areas {
    /// Where a pane stands, if it is on the screen.
    pub(in crate::tui) fn of(&self, pane: Pane) -> Option<Rect> {
        self.panes.iter().find(|(one, _)| *one == pane).map(|(_, area)| *area)
    }
}

/// True if the terminal is too small.
pub(in crate::tui) fn is_too_small(area: Rect) -> bool {
    area.width < SMALLEST.0 || area.height < SMALLEST.1
}

/// True if the story is part of the controller's screen.
pub(in crate::tui) fn has_story(screen: Rect) -> bool {
    screen.height >= CONTROL_WITH_STORY
}

/// Where everything stands on the screen that is shown.
pub(in crate::tui) fn areas(app: &App) -> Areas {
    let whole = app.ui.area;
    if is_too_small(whole) {
        return Areas::default();
    }
    let (bar, below) = cut_top(whole, panels::bar::height(whole));
    let (above, hints) = cut_bottom(below, 1);
    let presenting = app.ui.presenting;
    let rows = match whole.width {
        _ if presenting => 3,
        ..120 => 2,
        _ => 1,
    };
    let (middle, say) = cut_bottom(above, rows);
    let (middle, newest) = cut_bottom(middle, if presenting { 3 } else { 0 });
    let (middle, goals) = cut_bottom(middle, panels::goals::height(app.timeline.runner()));
    let (bars, middle) = cut_top(middle, bars(app, middle));
    let focus = app.focus();
    let panes = match app.ui.screen {
        _ if presenting => vec![(focus, middle)],
        Screen::Cluster if !app.ui.zoomed => home(app, middle),
        Screen::Partition if !app.ui.zoomed => partition(app, middle),
        Screen::Group if !app.ui.zoomed => group(app, middle),
        Screen::Disk if !app.ui.zoomed => disk(app, middle),
        Screen::Control if !app.ui.zoomed => control(app, middle),
        _ => vec![(focus, middle)],
    };
    Areas { bar, bars, panes, newest, goals, say, hints }
}

/// How high the bars of the runs are: something of the stories below is always left.
fn bars(app: &App, middle: Rect) -> u16 {
    if app.ui.screen != Screen::Compare || app.ui.zoomed {
        return 0;
    }
    panels::bars::height(app, middle.width).min(middle.height.saturating_sub(STORY_LEAST))
}

/// The cluster with its groups and producers, and its story below.
fn home(app: &App, middle: Rect) -> Vec<(Pane, Rect)> {
    let changed = Changed::default();
    let lens = app.lens();
    let frame = 2;
    let rows = |count: usize| u16::try_from(count).unwrap_or(u16::MAX).saturating_add(frame);
    // Below the matrix there is its legend.
    let matrix = rows(panels::cluster::size(lens, &app.cluster_view(&changed)).0).saturating_add(1);
    let groups = rows(panels::groups::rows(lens)).max(3);
    let producers = rows(panels::producers::rows(lens)).max(3);
    if middle.width < 120 {
        let room = middle.height - STORY_LEAST;
        let side = groups.max(producers).min(room / 2).min(6);
        let matrix = matrix.min(room - side).max(5);
        let (top, rest) = cut_top(middle, matrix);
        let (tables, story) = cut_top(rest, side);
        let (left, right) = cut_left(tables, tables.width / 2);
        return vec![
            (Pane::Cluster, top),
            (Pane::Groups, left),
            (Pane::Producers, right),
            (Pane::Story, story),
        ];
    }
    let most = middle.height.saturating_sub(STORY_LEAST.max(middle.height / 3));
    let height = matrix.max(groups.saturating_add(producers)).clamp(8, most);
    let (top, story) = cut_top(middle, height);
    let (left, right) = cut_left(top, top.width - (top.width * 2 / 5).clamp(40, 64));
    let (upper, lower) = cut_bottom(right, producers.min(height / 2));
    vec![
        (Pane::Cluster, left),
        (Pane::Groups, upper),
        (Pane::Producers, lower),
        (Pane::Story, story),
    ]
}

/// The logs of the partition, and the story below.
fn partition(app: &App, middle: Rect) -> Vec<(Pane, Rect)> {
    let changed = Changed::default();
    let wanted = panels::partition::height(app.lens(), &app.strips_view(&changed));
    let (top, story) = cut_top(middle, wanted.min(middle.height - STORY_BESIDE));
    vec![(Pane::Partition, top), (Pane::Story, story)]
}

/// The group, and its story below.
fn group(app: &App, middle: Rect) -> Vec<(Pane, Rect)> {
    let changed = Changed::default();
    let wanted = panels::group::height(&app.timeline, &app.group_view(&changed));
    let (top, story) = cut_top(middle, wanted.min(middle.height - STORY_BESIDE));
    vec![(Pane::Group, top), (Pane::Story, story)]
}

/// The tree, and beside it the file that is open; where there is no room for both, the one with the
/// focus.
fn disk(app: &App, middle: Rect) -> Vec<(Pane, Rect)> {
    if middle.width < BOTH || app.ui.disk.file.is_none() {
        return vec![(app.focus(), middle)];
    }
    let (tree, file) = cut_left(middle, middle.width * 2 / 5);
    vec![(Pane::Tree, tree), (Pane::File, file)]
}

/// The controller and the brokers, the metadata log, and the story where there is room.
fn control(app: &App, middle: Rect) -> Vec<(Pane, Rect)> {
    let wanted = panels::control::height(&app.look(Pane::Control), app.lens(), middle.width);
    let story = if has_story(app.ui.area) { middle.height / 4 } else { 0 };
    let (above, story) = cut_bottom(middle, story);
    // At least as much of the log is seen as is left of the rest.
    let (top, log) = cut_top(above, wanted.min(above.height * 3 / 5));
    let mut panes = vec![(Pane::Control, top), (Pane::Records, log)];
    if !story.is_empty() {
        panes.push((Pane::Story, story));
    }
    panes
}

fn cut_top(area: Rect, height: u16) -> (Rect, Rect) {
    let height = height.min(area.height);
    let rest = Rect { y: area.y + height, height: area.height - height, ..area };
    (Rect { height, ..area }, rest)
}

fn cut_bottom(area: Rect, height: u16) -> (Rect, Rect) {
    cut_top(area, area.height.saturating_sub(height))
}

fn cut_left(area: Rect, width: u16) -> (Rect, Rect) {
    let width = width.min(area.width);
    let rest = Rect { x: area.x + width, width: area.width - width, ..area };
    (Rect { width, ..area }, rest)
}
