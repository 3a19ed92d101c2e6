//! The controller and those who follow it: who is active, how each broker is registered and how long
//! its session still lasts, how far its image of the cluster is behind and what it therefore believes,
//! and with which partitions the controller is not done.

mod body;
mod said;

use body::{Body, Line, Server};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{TableView, Thing};
use crate::cluster::ProcessState;
use crate::tui::ink::{Ink, put};
use crate::tui::words::Words;
use crate::tui::{Look, frame};
use crate::view::{ControllerView, Lens};

/// How many things can be selected.
pub fn rows(lens: Lens<'_>) -> usize {
    body::things(lens).len()
}

/// How high the panel would like to be.
pub fn height(look: &Look<'_>, lens: Lens<'_>, width: u16) -> u16 {
    let lines = Body::of(look, lens, width.saturating_sub(2)).lines.len();
    u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(2)
}

/// What the row is about.
pub fn at(lens: Lens<'_>, row: usize) -> Option<Thing> {
    body::things(lens).into_iter().nth(row)
}

/// The first line shown in `area`: what is selected is seen. To be kept as `top`.
pub fn scrolled(look: &Look<'_>, lens: Lens<'_>, view: &TableView<'_>, area: Rect) -> usize {
    let inner = frame::inner(area);
    Body::of(look, lens, inner.width).top(view, inner.height)
}

/// The row at a place of the screen.
pub fn row_at(
    look: &Look<'_>,
    lens: Lens<'_>,
    view: &TableView<'_>,
    area: Rect,
    x: u16,
    y: u16,
) -> Option<usize> {
    let inner = frame::inner(area);
    if !inner.contains((x, y).into()) {
        return None;
    }
    let body = Body::of(look, lens, inner.width);
    let line = body.top(view, inner.height) + usize::from(y - inner.y);
    body.lines.get(line)?.0
}

/// Draws the panel.
pub fn draw(look: &Look<'_>, lens: Lens<'_>, view: &TableView<'_>, area: Rect, buf: &mut Buffer) {
    let words = Words::of(look.lang());
    let inner = frame::draw(look, words.control, area, buf, |ink| {
        ink.skip(1).styled(look.theme.label, " KRaft ");
    });
    if inner.is_empty() {
        return;
    }
    let body = Body::of(look, lens, inner.width);
    let top = body.top(view, inner.height);
    let shown = body.lines.iter().skip(top);
    for ((row, line), y) in shown.zip(inner.top()..inner.bottom()) {
        let mut ink = Ink::new(buf, inner.x, y, inner.right());
        match line {
            Line::Controller(controller) => draw_controller(look, lens, controller, &mut ink),
            Line::Head => head(look, &body, &mut ink),
            Line::Broker(server) => broker(look, lens, view, &body, server, &mut ink),
            Line::Text { style, sign, text } => {
                ink.style(*style).skip(body::INDENT - 2).text(sign);
                ink.skip_to(inner.x + body::INDENT).text(text);
            }
        }
        if row.is_some() && *row == view.selected {
            buf.set_style(Rect::new(inner.x, y, inner.width, 1), look.theme.selected);
            let mark = look.theme.signs.selected;
            Ink::new(buf, inner.x, y, inner.right()).styled(look.theme.selected, mark);
        }
    }
    let below = top + usize::from(inner.height) < body.lines.len();
    frame::more(look, top > 0, below, area, buf);
}

/// A controller: whether it is the active one, in which epoch, and where its log ends.
fn draw_controller(
    look: &Look<'_>,
    lens: Lens<'_>,
    controller: &ControllerView,
    ink: &mut Ink<'_>,
) {
    let (theme, words) = (look.theme, Words::of(look.lang()));
    let process = lens.node_of(controller.id).map(|node| lens.process_state(node));
    let starts = process == Some(ProcessState::Booting) || lens.is_before_all();
    let (sign, style, word) = if starts {
        (theme.signs.starting, theme.lagging, words.booting)
    } else if !controller.alive {
        (theme.signs.offline, theme.alert, words.down)
    } else if controller.paused {
        (theme.signs.paused, theme.alert, words.paused)
    } else if controller.active {
        (theme.signs.controller, theme.control, words.active)
    } else {
        (theme.signs.standby, theme.label, words.standby)
    };
    ink.skip(1).styled(style, sign).skip(1).styled(theme.title, &controller.name).skip(2);
    ink.styled(style, word);
    let part = |ink: &mut Ink<'_>, name: &str, value: String| {
        ink.skip(2).styled(theme.label, name).skip(1).styled(theme.text, &value);
    };
    if let Some(epoch) = controller.epoch {
        part(ink, words.controller_epoch, epoch.to_string());
    }
    if let Some(end) = controller.log_end_offset {
        part(ink, "LEO", end.to_string());
    }
    if let Some(mark) = controller.high_watermark {
        part(ink, "HW", mark.to_string());
    }
}

/// The names of the columns.
fn head(look: &Look<'_>, body: &Body, ink: &mut Ink<'_>) {
    let words = Words::of(look.lang());
    let left = ink.x();
    ink.style(look.theme.label);
    let titles = [
        words.registration,
        words.epoch,
        words.heartbeat,
        words.session,
        words.applied,
        words.records_behind,
    ];
    for (title, column) in titles.into_iter().zip(body.columns) {
        ink.skip_to(left + column).text(title);
    }
}

/// A broker: how it is registered, when it was heard of, how far its image is.
fn broker(
    look: &Look<'_>,
    lens: Lens<'_>,
    view: &TableView<'_>,
    body: &Body,
    server: &Server,
    ink: &mut Ink<'_>,
) {
    let (theme, signs) = (look.theme, look.theme.signs);
    let session = server.session.as_ref();
    let fenced = session.is_none_or(|session| session.fenced);
    let (sign, style) = match server.process {
        ProcessState::Down => (signs.offline, theme.offline),
        ProcessState::Paused => (signs.paused, theme.alert),
        ProcessState::Booting => (signs.starting, theme.lagging),
        ProcessState::Up if fenced => (signs.fenced, theme.lagging),
        ProcessState::Up => (signs.in_sync, theme.in_sync),
    };
    let left = ink.x();
    let is_new = view.changed.broker(server.id);
    ink.skip(1).styled(style, sign).skip(1);
    ink.styled(if is_new { theme.changed } else { theme.title }, &server.name);
    if is_new {
        ink.styled(theme.changed, signs.changed);
    }
    let [state, epoch, heartbeat, ends, applied, behind] = body.columns;
    let standing = said::standing(look, server);
    ink.skip_to(left + state).styled(if fenced { theme.lagging } else { theme.text }, &standing);
    let Some(session) = session else { return };
    ink.skip_to(left + epoch).style(theme.text);
    put!(ink, "{}", session.epoch);
    let ago = session.last_heartbeat.map(|last| said::seconds(lens.now().since(last)));
    let none = theme.signs.dot;
    ink.skip_to(left + heartbeat).text(ago.as_deref().unwrap_or(none));
    let (style, text) = said::session(look, lens, session);
    ink.skip_to(left + ends).styled(style, &text);
    let Some(image) = &server.image else {
        ink.skip_to(left + applied).text(none);
        return;
    };
    let offset = image.applied.map_or_else(|| none.to_owned(), |offset| offset.to_string());
    ink.skip_to(left + applied).text(&offset);
    let (style, text) = said::behind(look, lens, image);
    ink.skip_to(left + behind).styled(style, &text);
}
