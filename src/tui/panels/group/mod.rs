//! A group: the state machine that it goes through, its members and what is waited for, and who read
//! which partition over time.
//!
//! Row 0 is the group itself. Then there is a row for each member, and one for each partition; below a
//! partition one for each consumer that believed to own it when it did not.

mod gantt;
mod head;
mod lane;
mod members;
mod plan;
mod said;
mod which;

use plan::{Body, Lane, Plan};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
pub use which::{beside, first};

use super::times::Window;
use super::{Changed, Thing};
use crate::ids::{Name, TopicPartition};
use crate::scenario::timeline::Timeline;
use crate::sim::NodeId;
use crate::tui::ink::{Ink, put};
use crate::tui::words::Words;
use crate::tui::{Look, frame};
use crate::view::Lens;

/// What the panel shows.
#[derive(Clone, Copy, Debug)]
pub struct GroupView<'a> {
    /// The group; none for the first there is.
    pub group: Option<&'a Name>,
    /// The row that is selected, if any.
    pub selected: Option<usize>,
    /// The first partition shown.
    pub top: usize,
    /// Only the last rebalance, instead of the whole run.
    pub close: bool,
    /// What changed lately.
    pub changed: &'a Changed,
}

impl GroupView<'_> {
    /// The group that is shown.
    pub fn shown(&self, lens: Lens<'_>) -> Option<Name> {
        self.group.cloned().or_else(|| first(lens))
    }

    fn body(&self, timeline: &Timeline) -> Option<Body> {
        Some(Body::of(timeline, &self.shown(timeline.runner().lens())?))
    }
}

/// How many rows there are: the group, its members, its partitions.
pub fn rows(timeline: &Timeline, view: &GroupView<'_>) -> usize {
    view.body(timeline).map_or(1, |body| 1 + body.rows())
}

/// How high the panel would like to be.
pub fn height(timeline: &Timeline, view: &GroupView<'_>) -> u16 {
    Plan::height(rows(timeline, view) - 1)
}

/// What stands in a row.
pub fn at(timeline: &Timeline, view: &GroupView<'_>, row: usize) -> Option<Thing> {
    let lens = timeline.runner().lens();
    let group = view.shown(lens)?;
    let body = Body::of(timeline, &group);
    let Some(row) = row.checked_sub(1) else { return Some(Thing::Group(group)) };
    if let Some(seat) = body.seats.get(row) {
        let process = seat.process.as_ref().map(|(name, _)| name.clone());
        let member = process.or_else(|| Some(seat.member.as_ref()?.client_id.clone()))?;
        return Some(Thing::Member { group, member });
    }
    Some(match body.lanes.get(row - body.seats.len())?.clone() {
        Lane::Partition(tp) => Thing::Partition(tp),
        Lane::Believer(_, node) => Thing::Member { group, member: lens.name(node).clone() },
    })
}

/// The first partition that is shown in `area`: what is selected is seen. To be kept as `top`.
pub fn scrolled(timeline: &Timeline, view: &GroupView<'_>, area: Rect) -> usize {
    let body = view.body(timeline);
    body.map_or(0, |body| Plan::of(frame::inner(area), &body, 0, view).first_lane)
}

/// The row at a place of the screen.
pub fn row_at(
    timeline: &Timeline,
    view: &GroupView<'_>,
    area: Rect,
    x: u16,
    y: u16,
) -> Option<usize> {
    let body = view.body(timeline)?;
    Plan::of(frame::inner(area), &body, 0, view).row_at(&body, x, y)
}

/// Draws the panel.
pub fn draw(
    look: &Look<'_>,
    timeline: &Timeline,
    view: &GroupView<'_>,
    area: Rect,
    buf: &mut Buffer,
) {
    let (theme, words) = (look.theme, Words::of(look.lang()));
    let lens = timeline.runner().lens();
    let name = view.shown(lens);
    let title = match &name {
        Some(name) => format!("{} {name}", words.group),
        None => words.group.to_owned(),
    };
    let place = name.as_ref().and_then(|name| which::place(lens, name));
    let inner = frame::draw(look, &title, area, buf, |ink| {
        if let Some((number, count)) = place {
            ink.skip(1).style(theme.label);
            put!(ink, " {number}/{count} ");
        }
    });
    if inner.width < plan::LEAST.0 || inner.height < plan::LEAST.1 {
        return;
    }
    let Some(name) = name else {
        Ink::new(buf, inner.x + 1, inner.y, inner.right()).styled(theme.label, words.no_groups);
        return;
    };
    let body = Body::of(timeline, &name);
    let high = lane::highest(lens, &body);
    let plan = Plan::of(inner, &body, high, view);
    let last = body.ownership.rebalances.last().filter(|_| view.close);
    let window = match last {
        Some(last) => {
            Window::around(last.from, last.until.unwrap_or(lens.now()), plan.across.cells)
        }
        None => Window::whole(lens.now(), plan.across.cells),
    };
    let page =
        Page { look, lens, changed: view.changed, name: &name, body: &body, plan: &plan, window };
    head::draw(&page, view.selected == Some(0), buf);
    for (index, seat) in body.seats.iter().enumerate().skip(plan.first_seat).take(plan.shown_seats)
    {
        let y = plan.seat_y(index);
        members::draw(&page, seat, y, buf);
        if view.selected == Some(1 + index) {
            buf.set_style(Rect { y, height: 1, ..inner }, theme.selected);
        }
    }
    gantt::axis(&page, buf);
    gantt::rebalances(&page, buf);
    for (index, lane) in body.lanes.iter().enumerate().skip(plan.first_lane).take(plan.shown_lanes)
    {
        let y = plan.lane_y(index);
        lane::draw(&page, lane, y, buf);
        if view.selected == Some(1 + body.seats.len() + index) {
            buf.set_style(plan.across.name(y), theme.selected);
        }
    }
    gantt::legend(&page, buf);
    let hidden_above = plan.first_lane > 0 || plan.first_seat > 0;
    let hidden_below = body.lanes.len() > plan.first_lane + plan.shown_lanes
        || body.seats.len() > plan.first_seat + plan.shown_seats;
    frame::more(look, hidden_above, hidden_below, area, buf);
}

/// What a frame is drawn from.
struct Page<'a> {
    look: &'a Look<'a>,
    lens: Lens<'a>,
    changed: &'a Changed,
    name: &'a Name,
    body: &'a Body,
    plan: &'a Plan,
    window: Window,
}

impl Page<'_> {
    fn words(&self) -> &'static Words {
        Words::of(self.look.lang())
    }

    /// The colour of a consumer.
    fn style(&self, node: NodeId) -> Style {
        let theme = self.look.theme;
        let styles = [theme.in_sync, theme.leader, theme.group, theme.disk, theme.lagging];
        let place = self.body.nodes.iter().position(|one| *one == node).unwrap_or(0);
        styles[place % styles.len()]
    }

    /// How far the reader of a partition is.
    fn position(&self, tp: &TopicPartition, node: NodeId) -> Option<u64> {
        let consumer = self.lens.running_consumer(node)?;
        let state = consumer.subscriptions().partitions().get(tp)?;
        state.valid_position().map(|position| position.offset.0)
    }
}
