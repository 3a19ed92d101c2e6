//! What is said of a partition: why its high watermark is where it is, and what a leader knows of a
//! follower.

use ratatui::style::Style;

use super::Page;
use crate::cluster::ProcessState;
use crate::ids::{BrokerId, Offset};
use crate::sim::Duration;
use crate::tui::panels::times::tenths as seconds;
use crate::view::{FollowerView, ReplicaView, ReplicaWord, StripView, Waits};

/// A follower that asks and waits is behind for no longer (`replica.fetch.wait.max.ms`).
const USUAL: Duration = Duration::from_millis(500);

/// `min.insync.replicas`, as whoever knows the partition reckons with it.
pub(super) fn min_isr(page: &Page<'_>) -> Option<usize> {
    let tp = &page.body.partition.tp;
    let replicas = &page.body.partition.replicas;
    replicas.iter().find_map(|replica| page.lens.min_isr(tp, replica.broker))
}

/// What the high watermark waits for.
pub(super) fn waits(page: &Page<'_>) -> (Style, String) {
    let (theme, lang) = (page.look.theme, page.look.lang());
    let partition = &page.body.partition;
    let (style, mut text) = match &page.body.waits {
        Waits::Nothing => (theme.text, nothing(page)),
        Waits::Followers(behind) => followers(page, behind),
        Waits::MinIsr { in_sync, min_isr } => (
            theme.lagging,
            lang.pick(
                format!(
                    "In sync: {in_sync}, min.insync.replicas: {min_isr}. The high watermark stands still \
                     and acks=all is refused until another replica is in sync (KIP-966)."
                ),
                format!(
                    "ISR 有 {in_sync} 个副本，min.insync.replicas 是 {min_isr}：高水位停住，acks=all \
                     的写入被拒绝，直到又有副本同步（KIP-966）。"
                ),
            ),
        ),
        Waits::NewLeader(id) => {
            let (leader, epoch) = (page.name(*id), partition.leader_epoch);
            (
                theme.lagging,
                lang.pick(
                    format!("{leader} is to lead in epoch {epoch} and has not heard of it yet."),
                    format!("{leader} 应在 epoch {epoch} 当 leader，但它还没得到消息。"),
                ),
            )
        }
        Waits::Controller { leader, paused } => (theme.lagging, gone(page, *leader, *paused)),
        Waits::Leader => (theme.lagging, nobody(page)),
    };
    if partition.recovering {
        let first = lang.pick(
            "Elected uncleanly: what only others had, if anything, is lost. ",
            "unclean 选举：若有只在其他副本上的记录，就丢失了。",
        );
        text.insert_str(0, first);
    }
    if let Some(zombie) = partition.replicas.iter().find(|one| one.word == ReplicaWord::Zombie) {
        let (name, epoch) = (page.name(zombie.broker), zombie.leader_epoch.unwrap_or_default());
        let more = lang.pick(
            format!(
                " {name} still believes it leads, in epoch {epoch}: what it takes is cut off later."
            ),
            format!("{name} 仍以为自己是 epoch {epoch} 的 leader：它收下的记录以后会被截掉。"),
        );
        text.push_str(&more);
    }
    (style, text)
}

fn nothing(page: &Page<'_>) -> String {
    let lang = page.look.lang();
    let partition = &page.body.partition;
    let leader = partition.replicas.iter().find(|one| one.word == ReplicaWord::Leader);
    let all = leader.is_some_and(|one| one.high_watermark == Some(one.log_end_offset));
    if !all {
        return lang.pick(
            "Every in-sync replica has everything; the high watermark is about to follow.".into(),
            "ISR 里每个副本都有了全部记录，高水位即将跟上。".into(),
        );
    }
    if partition.isr.len() == 1 && partition.replicas.len() > 1 {
        return lang.pick(
            "Everything is committed, for the ISR is the leader alone: there is no other copy."
                .into(),
            "全部已提交，因为 ISR 只剩 leader 自己：没有别的副本保有这些记录。".into(),
        );
    }
    lang.pick(
        "Everything is committed: every replica in the ISR has every record.".into(),
        "全部已提交：ISR 里每个副本都有全部记录。".into(),
    )
}

fn followers(page: &Page<'_>, behind: &[FollowerView]) -> (Style, String) {
    let (theme, lang) = (page.look.theme, page.look.lang());
    let partition = &page.body.partition;
    let leader = partition.replicas.iter().find(|one| one.word == ReplicaWord::Leader);
    let (Some(one), Some(leader)) = (behind.first(), leader) else {
        return (theme.text, String::new());
    };
    let names: Vec<_> = behind.iter().map(|one| page.name(one.broker).to_string()).collect();
    let names = names.join(lang.pick(" and ", " 和 "));
    let is = if behind.len() > 1 { "are" } else { "is" };
    let mark = leader.high_watermark.unwrap_or_default();
    let open = leader.log_end_offset.0.saturating_sub(mark.0);
    let waiting = if open == 1 { "1 record waits".into() } else { format!("{open} records wait") };
    let in_isr = partition.isr.contains(&one.broker);
    let member = lang.pick(
        if in_isr { "in the ISR" } else { "about to join the ISR" },
        if in_isr { "在 ISR 里" } else { "即将加入 ISR" },
    );
    let Some(at) = one.log_end_offset else {
        let text = lang.pick(
            format!(
                "HW stands at {mark}: {names} {is} {member} and did not fetch from {} yet.",
                page.name(leader.broker)
            ),
            format!(
                "HW 停在 {mark}：{names} {member}，还没有向 {} 拉取过。",
                page.name(leader.broker)
            ),
        );
        return (theme.lagging, text);
    };
    let since = one.last_caught_up.map(|at| page.lens.now().since(at));
    if since.is_some_and(|since| since <= USUAL) && !is_gone(page, one.broker) {
        let text = lang.pick(
            format!("Not committed yet: {open}, for {names} {is} about to fetch from {at} on."),
            format!("{open} 条尚未提交：{names} 即将从 {at} 起拉取。"),
        );
        return (theme.text, text);
    }
    let max = seconds(page.lens.replica_lag_time_max(leader.broker));
    // A process that is gone is fenced long before.
    let more = if is_gone(page, one.broker) {
        lang.pick(
            ". Its process is gone; it stays until fenced (broker.session.timeout.ms).".to_owned(),
            "。它的进程已不在，被隔离（broker.session.timeout.ms）后才离开 ISR。".to_owned(),
        )
    } else if let Some(since) = since.filter(|_| in_isr).map(seconds) {
        lang.pick(
            format!(
                ", behind for {since} s. After {max} s (replica.lag.time.max.ms) it must leave the ISR."
            ),
            format!(
                "，已落后 {since} 秒。超过 {max} 秒（replica.lag.time.max.ms）就要离开 ISR。"
            ),
        )
    } else {
        lang.pick(".".to_owned(), "。".to_owned())
    };
    let text = lang.pick(
        format!("HW stands at {mark}, {waiting}: {names} {is} {member}, last asked for {at}{more}"),
        format!("HW 停在 {mark}，{open} 条在等：{names} {member}，上次拉取的是 {at}{more}"),
    );
    (theme.lagging, text)
}

fn is_gone(page: &Page<'_>, broker: BrokerId) -> bool {
    let node = page.lens.node_of(broker);
    node.is_none_or(|node| page.lens.process_state(node) == ProcessState::Down)
}

fn gone(page: &Page<'_>, leader: BrokerId, paused: bool) -> String {
    let lang = page.look.lang();
    let name = page.name(leader);
    if paused {
        return lang.pick(
            format!(
                "The metadata names {name}, whose process is stopped by a signal: no writes, no \
                 reads until it goes on or is fenced (broker.session.timeout.ms)."
            ),
            format!(
                "元数据里的 leader 是 {name}，它的进程被信号暂停：在它恢复或被 controller \
                 隔离（broker.session.timeout.ms）之前，谁也不能读写。"
            ),
        );
    }
    lang.pick(
        format!(
            "The metadata still names {name}, whose process is gone: nobody can write or read until \
             the controller notices (broker.session.timeout.ms)."
        ),
        format!(
            "元数据里的 leader 还是 {name}，但它的进程已不在：controller \
             发现之前（broker.session.timeout.ms），谁也不能读写。"
        ),
    )
}

fn nobody(page: &Page<'_>) -> String {
    let lang = page.look.lang();
    let partition = &page.body.partition;
    let of = |brokers: &[BrokerId], what: &str| {
        let names = brokers.iter().map(|id| format!("{} ({what})", page.name(*id)));
        names.collect::<Vec<_>>()
    };
    let mut who = of(&partition.isr, "ISR");
    who.extend(of(&partition.elr, "ELR"));
    if who.is_empty() {
        who.extend(of(&partition.last_known_elr, page.words().last_known_elr));
    }
    let who = who.join(lang.pick(", ", "、"));
    lang.pick(
        format!("Nobody leads: no writes, no reads, until one comes back that has all that was committed: {who}."),
        format!("没有 leader：不能读写，要等一个拥有全部已提交记录的副本回来：{who}。"),
    )
}

/// What the leader knows of a follower.
pub(super) fn follower(page: &Page<'_>, replica: &ReplicaView) -> String {
    let (lens, lang) = (page.lens, page.look.lang());
    let partition = &page.body.partition;
    let Some(leader) = partition.leader.filter(|id| *id != replica.broker) else {
        return String::new();
    };
    let known = lens.followers(&partition.tp, leader);
    let Some(one) = known.into_iter().find(|one| one.broker == replica.broker) else {
        return String::new();
    };
    let Some(at) = one.log_end_offset else {
        return lang
            .pick("the leader: no fetch from it yet".into(), "leader 看到：还没来拉取过".into());
    };
    let ago = one.last_caught_up.map(|at| seconds(lens.now().since(at)));
    match ago {
        Some(ago) => lang.pick(
            format!("the leader: it asked for {at}, caught up {ago} s ago"),
            format!("leader 看到：上次拉取 {at}，{ago} 秒前追齐"),
        ),
        None => lang.pick(
            format!("the leader: it asked for {at}, long behind"),
            format!("leader 看到：上次拉取 {at}，早已落后"),
        ),
    }
}

/// Where a log begins, and in how many segments it lies.
pub(super) fn extent(page: &Page<'_>, log: &StripView) -> String {
    let (start, segments): (Offset, usize) = (log.log_start_offset, log.segments);
    page.look
        .lang()
        .pick(format!("from {start} in {segments} seg"), format!("起点 {start} 共 {segments} 段"))
}
