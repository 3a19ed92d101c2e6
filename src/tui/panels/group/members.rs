//! The row of a member: its process, what is waited for, when it was heard of, and its partitions.

use ratatui::buffer::Buffer;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::Page;
use crate::cluster::ProcessState;
use crate::ids::TopicPartition;
use crate::tui::ink::{Ink, put};
use crate::tui::panels::times::tenths;
use crate::view::{SeatView, Waiting};

/// Draws it in line `y`.
pub(super) fn draw(page: &Page<'_>, seat: &SeatView, y: u16, buf: &mut Buffer) {
    let (theme, inner) = (page.look.theme, page.plan.inner);
    let (sign, style) = shape(page, seat);
    let mut ink = Ink::new(buf, inner.x, y, inner.right());
    ink.style(style).text(sign).skip(1);
    let process = seat.process.as_ref();
    let name = process.map(|(name, _)| name).or(seat.member.as_ref().map(|one| &one.client_id));
    let name = name.map_or("", |name| &**name);
    let is_new = process.is_some_and(|(_, node)| page.changed.node(*node));
    let own = process.map_or(theme.text, |(_, node)| page.style(*node));
    ink.styled(if is_new { theme.changed } else { own }, name);
    let member = seat.member.as_ref();
    if is_new {
        ink.styled(theme.changed, theme.signs.changed);
    } else if member.is_some_and(|member| member.is_leader) {
        ink.styled(theme.leader, theme.signs.computes);
    }
    if let Some(instance) = member.and_then(|member| member.instance.as_ref()) {
        ink.skip(1).style(theme.label);
        put!(ink, "({instance})");
    }
    let names = page.body.seats.iter().filter_map(|seat| seat.process.as_ref());
    let widest = names.map(|(name, _)| name.width() as u16).max().unwrap_or(0).max(2);
    ink.skip_to(inner.x + 2 + widest + 2);
    ink.style(style).text(waits(page, seat));
    heard(page, seat, &mut ink);
    partitions(page, seat, &mut ink);
}

/// Its sign and how it is drawn.
fn shape(page: &Page<'_>, seat: &SeatView) -> (&'static str, Style) {
    let theme = page.look.theme;
    let signs = theme.signs;
    match seat.state {
        ProcessState::Down => (signs.offline, theme.offline),
        ProcessState::Paused => (signs.paused, theme.alert),
        ProcessState::Booting => (signs.starting, theme.lagging),
        // Nobody can say who is a member.
        ProcessState::Up if page.body.group.is_none() => (signs.waiting, theme.lagging),
        ProcessState::Up => match &seat.member {
            None if seat.believes.is_empty() => (signs.waiting, theme.lagging),
            None => (signs.zombie, theme.zombie),
            Some(member) if member.waiting == Waiting::Heartbeat => (signs.member, theme.in_sync),
            Some(_) => (signs.waiting, theme.lagging),
        },
    }
}

/// What is waited for.
fn waits(page: &Page<'_>, seat: &SeatView) -> &'static str {
    let lang = page.look.lang();
    let (en, zh) = match (seat.state, &seat.member) {
        (ProcessState::Down, Some(_)) => ("gone, still a member", "已死，仍算成员"),
        (ProcessState::Down, None) => match &seat.process {
            Some((_, node)) => return page.words().gone(page.lens, *node),
            None => ("gone", "已死"),
        },
        (ProcessState::Paused, Some(_)) => ("paused, still a member", "已暂停，仍算成员"),
        (ProcessState::Paused, None) => ("paused, no member", "已暂停，不是成员"),
        (ProcessState::Booting, _) => ("starting", "启动中"),
        (ProcessState::Up, None) if page.body.group.is_none() => ("no coordinator", "没有协调者"),
        (ProcessState::Up, None) if seat.believes.is_empty() => ("asks to join", "申请加入"),
        (ProcessState::Up, None) => ("no member, does not know", "已不是成员，自己不知道"),
        (ProcessState::Up, Some(member)) => match member.waiting {
            Waiting::Heartbeat => ("member", "成员"),
            Waiting::Rejoin => ("has not rejoined", "尚未重新加入"),
            Waiting::Others => ("JoinGroup waits for others", "JoinGroup 在等其他成员"),
            Waiting::Sync => ("joined, SyncGroup to come", "已加入，待发 SyncGroup"),
            Waiting::Leader => ("SyncGroup waits for leader", "SyncGroup 在等 leader"),
        },
    };
    lang.pick(en, zh)
}

/// When the coordinator heard of it last.
fn heard(page: &Page<'_>, seat: &SeatView, ink: &mut Ink<'_>) {
    let (theme, lang) = (page.look.theme, page.look.lang());
    let Some(member) = &seat.member else { return };
    let Some(heard) = member.heard else { return };
    let limit = tenths(member.session_timeout);
    let heard = tenths(heard);
    // Loud once it has been silent for longer than heartbeats of a usual interval take.
    let style = if seat.state == ProcessState::Up { theme.text } else { theme.offline };
    let text = lang.pick(
        format!("heard {heard} s ago of {limit}"),
        format!("{heard} 秒前有心跳，限 {limit} 秒"),
    );
    if usize::from(ink.room()) > text.width() + 2 {
        ink.skip(2).styled(style, &text);
    }
}

/// What it was assigned, and what it believes to own where that is not the same.
fn partitions(page: &Page<'_>, seat: &SeatView, ink: &mut Ink<'_>) {
    let theme = page.look.theme;
    let none = Vec::new();
    let assigned = seat.member.as_ref().map_or(&none, |member| &member.assigned);
    ink.skip(2);
    // Without a coordinator nobody says anything else.
    let alone = page.body.group.is_none();
    let same = !seat.is_current || *assigned == seat.believes;
    if alone {
        return list(page, &seat.believes, theme.text, ink);
    }
    list(page, assigned, theme.text, ink);
    if !same {
        let word = page.look.lang().pick("holds", "实际持有");
        ink.styled(theme.lagging, word).skip(1);
        if seat.believes.is_empty() {
            ink.styled(theme.lagging, page.look.lang().pick("none", "无"));
        }
        list(page, &seat.believes, theme.lagging, ink);
    }
}

fn list(page: &Page<'_>, partitions: &[TopicPartition], style: Style, ink: &mut Ink<'_>) {
    let signs = page.look.theme.signs;
    for tp in partitions {
        let text = tp.to_string();
        if usize::from(ink.room()) < text.width() + 2 {
            ink.styled(style, signs.more);
            return;
        }
        ink.styled(style, &text).skip(1);
    }
}
