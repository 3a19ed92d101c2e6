//! What is said of brokers and partitions.

use ratatui::style::Style;

use super::body::Server;
use crate::cluster::ProcessState;
use crate::ids::{BrokerId, LeaderEpoch};
use crate::metadata::{LeaderRecoveryState, PartitionRegistration};
use crate::sim::Duration;
use crate::tui::Look;
use crate::tui::words::Words;
use crate::view::{Difference, ImageView, Lens, PendingView, SessionView, Standing};

/// A sentence.
pub(super) struct Says {
    pub(super) style: Style,
    pub(super) sign: &'static str,
    pub(super) text: String,
}

/// How a broker is registered, and whether its process is gone all the same.
pub(super) fn standing(look: &Look<'_>, server: &Server) -> String {
    let words = Words::of(look.lang());
    let word = match &server.session {
        None => words.unregistered,
        Some(session) if session.fenced => words.fenced,
        Some(session) if session.in_controlled_shutdown => words.shutting_down,
        Some(_) => words.unfenced,
    };
    let process = match server.process {
        ProcessState::Down => words.down,
        ProcessState::Paused => words.paused,
        ProcessState::Booting => words.booting,
        ProcessState::Up => return word.to_owned(),
    };
    format!("{word}, {process}")
}

/// When a broker's session ends.
pub(super) fn session(look: &Look<'_>, lens: Lens<'_>, session: &SessionView) -> (Style, String) {
    let (theme, words, lang) = (look.theme, Words::of(look.lang()), look.lang());
    if lens.active_controller().is_none() {
        return (theme.label, theme.signs.dot.to_owned());
    }
    let Some(ends) = session.ends() else { return (theme.label, words.session_over.to_owned()) };
    if ends < lens.now() {
        return (theme.alert, words.session_over.to_owned());
    }
    let left = ends.since(lens.now());
    let style = if left < session.timeout / 2 { theme.lagging } else { theme.text };
    let left = seconds(left);
    (style, lang.pick(format!("in {left}"), format!("{left} 后")))
}

/// How far a broker's image is behind.
pub(super) fn behind(look: &Look<'_>, lens: Lens<'_>, image: &ImageView) -> (Style, String) {
    let (theme, words) = (look.theme, Words::of(look.lang()));
    match image.behind_since {
        _ if image.records_behind == 0 => (theme.in_sync, words.up_to_date.to_owned()),
        Some(since) if since < lens.now() => {
            let for_so_long = seconds(lens.now().since(since));
            (theme.lagging, format!("{}, {for_so_long}", image.records_behind))
        }
        _ => (theme.lagging, image.records_behind.to_string()),
    }
}

/// What a broker that shuts down in order waits for.
pub(super) fn leaving(look: &Look<'_>, lens: Lens<'_>, server: &Server) -> Option<Says> {
    let session = server.session.as_ref().filter(|one| one.in_controlled_shutdown)?;
    let offset = session.waits_for?;
    let leads = lens.image()?.all_partitions().any(|(_, one)| one.leader == Some(server.id));
    let text = if leads {
        look.lang().pick(
            "may stop when it leads nothing any more".to_owned(),
            "不再是任何分区的 leader 后才可以停".to_owned(),
        )
    } else {
        look.lang().pick(
            format!("may stop when every active broker's heartbeat has told of offset {offset}"),
            format!("等每个活动的 broker 都在心跳里报告了 offset {offset}，它才可以停"),
        )
    };
    Some(Says { style: look.theme.lagging, sign: look.theme.signs.stopping, text })
}

/// Nobody decides yet.
pub(super) fn nobody_yet(look: &Look<'_>) -> Says {
    let text = look.lang().pick(
        "No controller is active yet: brokers register with the first one.",
        "还没有活动的 controller：broker 要向第一个 controller 注册。",
    );
    Says { style: look.theme.lagging, sign: "", text: text.to_owned() }
}

/// Nobody decides.
pub(super) fn nobody(look: &Look<'_>) -> Says {
    let text = look.lang().pick(
        "NO ACTIVE CONTROLLER: nothing is decided, and no session ends, for heartbeats are counted in \
         its memory only. The next one gives every unfenced broker a whole session.",
        "没有活动的 CONTROLLER：什么都不会被决定，也没有会话会过期，因为心跳只记在它的内存里。\
         下一个 controller 会给每个未被隔离的 broker 一整个会话。",
    );
    Says { style: look.theme.alert, sign: "!", text: text.to_owned() }
}

/// No broker believes what is not so.
pub(super) fn all_alike(look: &Look<'_>) -> Says {
    let text = look.lang().pick(
        "Every running broker's image says what the controller's does.",
        "每个运行中的 broker，镜像都与 controller 一致。",
    );
    Says { style: look.theme.label, sign: "", text: text.to_owned() }
}

/// So many differences are not told.
pub(super) fn more(look: &Look<'_>, count: usize) -> Says {
    let text = look.lang().pick(format!("and {count} more"), format!("另有 {count} 处"));
    Says { style: look.theme.lagging, sign: "", text }
}

/// What a broker believes and is not so.
pub(super) fn differences(look: &Look<'_>, lens: Lens<'_>, image: &ImageView) -> Vec<Says> {
    let theme = look.theme;
    if image.applied.is_none() {
        let text = look.lang().pick("has applied nothing yet", "还什么都没有应用");
        return vec![Says { style: theme.lagging, sign: "", text: text.to_owned() }];
    }
    let said = image.differences.iter().map(|one| match one {
        Difference::Partition { tp, believes, is } => {
            let leads = |state: &Option<PartitionRegistration>| {
                state.as_ref().and_then(|state| state.leader) == Some(image.broker)
            };
            let (style, sign) = if leads(believes) && !leads(is) {
                (theme.zombie, theme.signs.zombie)
            } else {
                (theme.lagging, theme.signs.note)
            };
            let (believes, is) = (believes.as_ref(), is.as_ref());
            let text = partition(look, lens, image.broker, &tp.to_string(), believes, is);
            Says { style, sign, text }
        }
        Difference::Broker { broker, believes, is } => {
            let itself =
                (*broker == image.broker).then(|| look.lang().pick("it", "自己").to_owned());
            let whom = itself.unwrap_or_else(|| name(lens, *broker));
            let text = standing_of(look, &whom, *believes, *is);
            Says { style: theme.lagging, sign: theme.signs.note, text }
        }
    });
    said.collect()
}

fn partition(
    look: &Look<'_>,
    lens: Lens<'_>,
    broker: BrokerId,
    tp: &str,
    believes: Option<&PartitionRegistration>,
    is: Option<&PartitionRegistration>,
) -> String {
    let lang = look.lang();
    let (believes, is) = match (believes, is) {
        (Some(believes), Some(is)) => (believes, is),
        (None, _) => return lang.pick(format!("does not know {tp} yet"), format!("还不知道 {tp}")),
        (_, None) => {
            return lang.pick(
                format!("still has {tp}, which is deleted"),
                format!("还以为有 {tp}，它已被删除"),
            );
        }
    };
    let of = |state: &PartitionRegistration| (state.leader, state.leader_epoch);
    if of(believes) != of(is) {
        let (believed, epoch) = of(believes);
        let who = |id: Option<BrokerId>| match id {
            Some(id) => name(lens, id),
            None => lang.pick("nobody", "没有人").to_owned(),
        };
        let (leader, now) = (who(is.leader), is.leader_epoch);
        if believed == Some(broker) && is.leader != believed {
            return lang.pick(
                format!("believes it leads {tp} in epoch {epoch}; {leader} does, in epoch {now}"),
                format!(
                    "以为自己是 {tp} 的 leader（epoch {epoch}）；其实是 {leader}（epoch {now}）"
                ),
            );
        }
        return same_or_other(look, tp, (&who(believed), epoch), (&leader, now));
    }
    let lists = [
        ("ISR", &believes.isr[..], &is.isr[..]),
        ("ELR", believes.elr(), is.elr()),
        (Words::of(lang).last_known_elr, believes.last_known_elr(), is.last_known_elr()),
        (Words::of(lang).adding, believes.adding_replicas(), is.adding_replicas()),
        (Words::of(lang).removing, believes.removing_replicas(), is.removing_replicas()),
    ];
    if let Some((word, old, new)) = lists.into_iter().find(|(_, old, new)| old != new) {
        let (old, new) = (list(old), list(new));
        return lang.pick(
            format!("believes {word} {old} of {tp}; it is {new}"),
            format!("以为 {tp} 的 {word} 是 {old}；其实是 {new}"),
        );
    }
    let (old, new) = (believes.partition_epoch, is.partition_epoch);
    lang.pick(
        format!("believes partition epoch {old} of {tp}; it is {new}"),
        format!("以为 {tp} 的 partition epoch 是 {old}；其实是 {new}"),
    )
}

fn same_or_other(
    look: &Look<'_>,
    tp: &str,
    (old, epoch): (&str, LeaderEpoch),
    (new, now): (&str, LeaderEpoch),
) -> String {
    look.lang().pick(
        format!("believes {old} leads {tp} in epoch {epoch}; {new} does, in epoch {now}"),
        format!("以为 {tp} 的 leader 是 {old}（epoch {epoch}）；其实是 {new}（epoch {now}）"),
    )
}

fn standing_of(
    look: &Look<'_>,
    broker: &str,
    believes: Option<Standing>,
    is: Option<Standing>,
) -> String {
    let (lang, words) = (look.lang(), Words::of(look.lang()));
    let word = |standing: Option<Standing>| match standing {
        None => words.unregistered,
        Some(Standing::Unfenced) => words.unfenced,
        Some(Standing::Fenced) => words.fenced,
        Some(Standing::ControlledShutdown) => words.shutting_down,
    };
    let (old, new) = (word(believes), word(is));
    lang.pick(
        format!("believes {broker} is {old}; it is {new}"),
        format!("以为 {broker}{old}；其实{new}"),
    )
}

/// Nothing waits.
pub(super) fn nothing_pending(look: &Look<'_>) -> Says {
    let text = look.lang().pick(
        "To the controller all partitions have leaders; no ELR, no reassignment.",
        "在 controller 看来每个分区都有 leader；没有 ELR，也没有重分配。",
    );
    Says { style: look.theme.label, sign: "", text: text.to_owned() }
}

/// Why the controller is not done with a partition.
pub(super) fn pending(look: &Look<'_>, lens: Lens<'_>, of: &PendingView) -> Vec<Says> {
    let (theme, lang, words) = (look.theme, look.lang(), Words::of(look.lang()));
    let (tp, state) = (&of.tp, &of.state);
    let mut said = Vec::new();
    if state.leader.is_none() {
        let unclean = of.unclean_allowed;
        let mut who: Vec<String> = Vec::new();
        for id in state.isr.iter().chain(state.elr()) {
            who.push(name(lens, *id));
        }
        if who.is_empty() {
            who.extend(state.last_known_elr().iter().map(|id| name(lens, *id)));
        }
        let who = who.join(lang.pick(" or ", " 或 "));
        let text = lang.pick(
            format!(
                "{tp} has no leader: the election waits for {who} to come back \
                 (unclean.leader.election.enable = {unclean})"
            ),
            format!(
                "{tp} 没有 leader：选举要等 {who} 回来（unclean.leader.election.enable = {unclean}）"
            ),
        );
        said.push(Says { style: theme.alert, sign: "!", text });
    }
    if state.leader_recovery_state == LeaderRecoveryState::Recovering {
        let text = lang.pick(
            format!("{tp}: leader elected uncleanly, recovering: the ISR has not grown since"),
            format!("{tp}：leader 由不干净选举产生，恢复中：ISR 此后尚未扩大"),
        );
        said.push(Says { style: theme.alert, sign: "!", text });
    }
    let (elr, last) = (state.elr(), state.last_known_elr());
    if !elr.is_empty() || !last.is_empty() {
        let mut text = format!("{tp}: ISR {}", list(&state.isr));
        for (word, brokers) in [("ELR", elr), (words.last_known_elr, last)] {
            if !brokers.is_empty() {
                text.push_str("  ");
                text.push_str(word);
                text.push(' ');
                text.push_str(&list(brokers));
            }
        }
        if !elr.is_empty() {
            text.push_str(lang.pick(
                "  (out of the ISR, yet with all that was committed)",
                "（不在 ISR，但有全部已提交的记录）",
            ));
        }
        said.push(Says { style: theme.lagging, sign: theme.signs.lagging, text });
    }
    let (adding, removing) = (state.adding_replicas(), state.removing_replicas());
    if !adding.is_empty() || !removing.is_empty() {
        let (adding, removing, isr) = (list(adding), list(removing), list(&state.isr));
        let text = lang.pick(
            format!(
                "{tp}: reassignment, adding {adding}, removing {removing}; it is done when all that \
                 stay are in the ISR, now {isr}"
            ),
            format!(
                "{tp}：重分配中，新增 {adding}，移除 {removing}；留下的副本都进入 ISR 才算完成，现在是 {isr}"
            ),
        );
        said.push(Says { style: theme.lagging, sign: theme.signs.to, text });
    }
    said
}

/// The name of a server.
fn name(lens: Lens<'_>, broker: BrokerId) -> String {
    let node = lens.node_of(broker);
    node.map_or_else(|| format!("broker-{broker}"), |node| lens.name(node).to_string())
}

fn list(brokers: &[BrokerId]) -> String {
    let ids: Vec<String> = brokers.iter().map(ToString::to_string).collect();
    format!("[{}]", ids.join(","))
}

/// A span in seconds to a tenth, in milliseconds below one.
pub(super) fn seconds(span: Duration) -> String {
    let millis = span.as_millis();
    if millis < 1_000 {
        return format!("{millis} ms");
    }
    format!("{}.{} s", millis / 1_000, millis % 1_000 / 100)
}
