//! What is said of a group: whom it waits for, or how its last rebalance went.

use ratatui::style::Style;

use super::Page;
use crate::cluster::ProcessState;
use crate::scenario::timeline::Rebalance;
use crate::sim::Duration;
use crate::tui::ink::{Ink, put};
use crate::tui::panels::times::tenths;
use crate::view::{SeatView, Unknown, Waiting};

/// What it waits for, or how it is.
pub(super) fn of(page: &Page<'_>) -> (Style, String) {
    let theme = page.look.theme;
    let Some(group) = &page.body.group else { return (theme.lagging, without(page)) };
    match group.state {
        "PreparingRebalance" => (theme.lagging, preparing(page)),
        "CompletingRebalance" => (theme.lagging, completing(page)),
        "Empty" => (theme.text, empty(page)),
        _ => stable(page),
    }
}

/// In place of what is true of a group: that nobody knows it.
pub(super) fn no_coordinator(page: &Page<'_>, ink: &mut Ink<'_>) {
    let (theme, words) = (page.look.theme, page.words());
    let signs = theme.signs;
    match page.lens.why_unknown(page.name) {
        Unknown::NotAskedFor => {
            ink.styled(theme.label, words.no_coordinator_yet);
        }
        Unknown::NoCoordinator => {
            ink.style(theme.alert);
            put!(ink, " {} {} ", signs.offline, words.no_coordinator);
        }
        Unknown::Loading(broker) => {
            ink.style(theme.label);
            put!(ink, "{} {broker}: {}", words.coordinator, words.loading);
        }
        Unknown::Down(broker) => {
            ink.style(theme.alert);
            put!(ink, " {} {} {broker} {} ", signs.offline, words.coordinator, words.down);
        }
    }
}

fn without(page: &Page<'_>) -> String {
    if page.lens.why_unknown(page.name) == Unknown::NotAskedFor {
        return page.look.lang().pick(
            "__consumer_offsets is created when the first consumer asks for a coordinator.".into(),
            "第一个消费者来找 coordinator 时，才会创建 __consumer_offsets。".into(),
        );
    }
    page.look.lang().pick(
        "Members keep their partitions and read on; nobody can commit, join or leave.".into(),
        "成员保留各自的分区，照常读取；但提交、加入、离开都办不到。".into(),
    )
}

/// The names of those who are waited for in one way.
fn names(page: &Page<'_>, waiting: Waiting) -> Vec<String> {
    let named = page.body.seats.iter().filter_map(|seat| {
        let member = seat.member.as_ref().filter(|member| member.waiting == waiting)?;
        let name = seat.process.as_ref().map_or(&member.client_id, |(name, _)| name);
        Some(if seat.state == ProcessState::Up {
            name.to_string()
        } else {
            let gone = page.look.lang().pick("gone", "已死");
            format!("{name} ({gone})")
        })
    });
    named.collect()
}

fn preparing(page: &Page<'_>) -> String {
    let (lang, lens) = (page.look.lang(), page.lens);
    let late = names(page, Waiting::Rejoin);
    let group = lens.group_in_memory(page.name);
    let left = group.and_then(|group| lens.join_ends(group)).map(|at| at.since(lens.now()));
    let left = left.map(tenths).unwrap_or_default();
    if late.is_empty() {
        return lang.pick(
            format!("Waits {left} s more for others to come (group.initial.rebalance.delay.ms)."),
            format!("再等 {left} 秒，看有没有别的成员（group.initial.rebalance.delay.ms）。"),
        );
    }
    let late = late.join(lang.pick(", ", "、"));
    lang.pick(
        format!("Waits for {late} to rejoin: told by its next heartbeat, at most {left} s more."),
        format!("等 {late} 重新加入：下一次心跳时才得知，最多再等 {left} 秒。"),
    )
}

fn completing(page: &Page<'_>) -> String {
    let lang = page.look.lang();
    let members = page.body.seats.iter().filter_map(|seat| Some((seat, seat.member.as_ref()?)));
    let leader =
        members.into_iter().find(|(_, member)| member.is_leader).map_or("", |(seat, it)| {
            let name = seat.process.as_ref().map(|(name, _)| name);
            name.unwrap_or(&it.client_id)
        });
    lang.pick(
        format!("All have joined. Waits for {leader}, the leader, to send the assignment."),
        format!("都已加入，等 leader {leader} 把分配结果发来。"),
    )
}

fn empty(page: &Page<'_>) -> String {
    let committed = page.body.group.as_ref().is_some_and(|group| !group.committed.is_empty());
    let lang = page.look.lang();
    if committed {
        lang.pick(
            "Nobody is in it. What it committed stays (offsets.retention.minutes).".into(),
            "组里没有成员；已提交的 offset 仍保留（offsets.retention.minutes）。".into(),
        )
    } else {
        lang.pick("Nobody is in it yet.".into(), "组里还没有成员。".into())
    }
}

/// A member whose process does not run, and how long it will go unnoticed.
fn unnoticed<'a>(page: &Page<'a>) -> Option<(&'a SeatView, Duration)> {
    page.body.seats.iter().find_map(|seat| {
        let silent = matches!(seat.state, ProcessState::Down | ProcessState::Paused);
        let ends = seat.member.as_ref().filter(|_| silent)?.session_ends?;
        Some((seat, ends.since(page.lens.now())))
    })
}

fn stable(page: &Page<'_>) -> (Style, String) {
    let (theme, lang) = (page.look.theme, page.look.lang());
    if let Some((seat, left)) = unnoticed(page) {
        let name = seat.process.as_ref().map_or("", |(name, _)| name);
        let what = match seat.state {
            ProcessState::Paused => lang.pick("is stopped by a signal", "的进程被信号暂停"),
            _ => lang.pick("is gone", "的进程已不在"),
        };
        let left = tenths(left);
        let text = lang.pick(
            format!(
                "{name} {what}, its partitions stand still. Noticed in {left} s (session.timeout.ms)."
            ),
            format!(
                "{name} {what}，它的分区没人读；再过 {left} 秒（session.timeout.ms）才被发现。"
            ),
        );
        return (theme.alert, text);
    }
    let text = page.body.ownership.rebalances.last().map(|last| last_rebalance(page, last));
    (theme.text, text.unwrap_or_default())
}

fn last_rebalance(page: &Page<'_>, last: &Rebalance) -> String {
    let lang = page.look.lang();
    let count = page.body.ownership.rebalances.len();
    let begun = tenths(last.from.since(crate::sim::Instant::ZERO));
    let took = last.until.map_or(Duration::ZERO, |until| until.since(last.from));
    let took = millis(took);
    lang.pick(
        format!("Rebalances: {count}. The last began at {begun} s and took {took}."),
        format!("共 {count} 次重平衡。最近一次始于第 {begun} 秒，用时 {took}。"),
    )
}

/// A span, short ones in milliseconds.
pub(super) fn millis(span: Duration) -> String {
    if span < Duration::from_secs(1) {
        format!("{} ms", span.as_millis())
    } else {
        format!("{} s", tenths(span))
    }
}
