//! What members are assigned: G1 (one target owner), G2 (coverage), G6 (in a stable group everybody has
//! what it is assigned), G7 (balance).
//!
//! Judged when a coordinator stores an assignment, and when a member takes its part. What members told
//! when they joined is read as assignors read it; what the leader knew of the topics was noted when it
//! computed.

use std::collections::{BTreeMap, BTreeSet};

use super::{Computed, Group};
use crate::assignor::Assignor;
use crate::check::Id;
use crate::check::violation::{Report, Subject, text};
use crate::coordinator::group::{ClassicGroup, ClassicGroupState, ClassicMember};
use crate::ids::{Generation, Name, TopicPartition};
use crate::protocol::consumer_protocol::{Assignment, StickyUserData, Subscription};
use crate::sim::NodeId;
use crate::view::Lens;

/// A member as the assignor saw it, and what it got.
struct Member<'a> {
    id: &'a Name,
    topics: BTreeSet<Name>,
    rack: Option<Name>,
    /// What it told that it has, and since which generation.
    owned: Vec<TopicPartition>,
    generation: Option<Generation>,
    assigned: BTreeSet<TopicPartition>,
}

/// The partitions that a member is assigned.
pub(super) fn assigned(member: &ClassicMember) -> BTreeSet<TopicPartition> {
    Assignment::decode(&member.assignment)
        .map(|assignment| assignment.partitions.into_iter().collect())
        .unwrap_or_default()
}

fn members<'a>(group: &'a ClassicGroup, assignor: Assignor) -> Option<Vec<Member<'a>>> {
    let read = |member: &'a ClassicMember| {
        let told = Subscription::decode(&member.metadata(assignor.name())).ok()?;
        let (owned, generation) = match assignor {
            Assignor::Sticky => {
                let data = told.user_data.as_ref().and_then(StickyUserData::decode);
                data.map_or((Vec::new(), None), |data| (data.partitions, data.generation))
            }
            _ => (told.owned, told.generation),
        };
        Some(Member {
            id: &member.member_id,
            topics: told.topics.into_iter().collect(),
            rack: told.rack,
            owned,
            generation,
            assigned: assigned(member),
        })
    };
    group.members.values().map(read).collect()
}

/// A coordinator stored the assignment of a generation.
pub(super) fn judge_stored(known: &Group, group: &ClassicGroup, report: &mut Report) {
    judge_once(group, report);
    let assignor = group.protocol.as_deref().and_then(Assignor::from_name);
    let (Some(assignor), Some(computed)) = (assignor, &known.computed) else { return };
    if computed.generation != group.generation {
        return;
    }
    let Some(members) = members(group, assignor) else { return };
    judge_coverage(&group.group, assignor, computed, &members, report);
    judge_balance(&group.group, assignor, computed, &members, report);
}

/// G1: no partition is assigned to two members.
fn judge_once(group: &ClassicGroup, report: &mut Report) {
    let mut owners: BTreeMap<TopicPartition, &Name> = BTreeMap::new();
    let mut twice = None;
    for member in group.members.values() {
        for tp in assigned(member) {
            if let Some(other) = owners.insert(tp.clone(), &member.member_id) {
                twice = Some((tp, other, &member.member_id));
            }
        }
    }
    report.judge(Id::G1, twice.is_none(), || {
        let (tp, one, other) = twice.expect("that is what is wrong");
        let found = text!("{} is assigned to {}", "{} 分配给了 {}", tp, one);
        let against = text!("and to {}", "同时也分配给了 {}", other);
        (Subject::Group(group.group.clone()), found, against)
    });
}

/// G2: all that is subscribed to is assigned, unless somebody has to give it up first (cooperative); and
/// nothing else is.
fn judge_coverage(
    name: &Name,
    assignor: Assignor,
    computed: &Computed,
    members: &[Member<'_>],
    report: &mut Report,
) {
    let exists = |tp: &TopicPartition| {
        computed.topics.get(&tp.topic).is_some_and(|count| tp.partition.0 < *count as i32)
    };
    let mut strange = members.iter().flat_map(|member| {
        let all = member.assigned.iter().map(move |tp| (member, tp));
        all.filter(|(member, tp)| !member.topics.contains(&tp.topic) || !exists(tp))
    });
    let strange = strange.next().map(|(member, tp)| (member.id.clone(), tp.clone()));
    let given: BTreeSet<&TopicPartition> =
        members.iter().flat_map(|member| &member.assigned).collect();
    let held_back: BTreeSet<&TopicPartition> = members
        .iter()
        .filter(|_| assignor.is_cooperative())
        .flat_map(|member| &member.owned)
        .collect();
    let topics: BTreeSet<&Name> = members.iter().flat_map(|member| &member.topics).collect();
    let mut wanted = topics.into_iter().flat_map(|topic| {
        let count = computed.topics.get(topic).copied().unwrap_or(0);
        (0..count as i32).map(move |index| TopicPartition::new(topic.clone(), index))
    });
    let left_out = wanted.find(|tp| !given.contains(tp) && !held_back.contains(tp));
    report.judge(Id::G2, strange.is_none() && left_out.is_none(), || {
        let subject = Subject::Group(name.clone());
        if let Some((member, tp)) = strange {
            let found = text!("{} is assigned to {}", "{} 分配给了 {}", tp, member);
            let against = text!(
                "it does not subscribe to it, or it does not exist",
                "它没有订阅该主题，或该分区不存在"
            );
            return (subject, found, against);
        }
        let tp = left_out.expect("that is what is wrong");
        let found = text!("{} is assigned to nobody", "{} 没有分配给任何成员", tp);
        let against = text!("it is subscribed to, and nobody has it", "它被订阅，且没有成员持有它");
        (subject, found, against)
    });
}

/// G7: members with equal subscriptions get about as much; who may keep what it has, keeps it.
fn judge_balance(
    name: &Name,
    assignor: Assignor,
    computed: &Computed,
    members: &[Member<'_>],
    report: &mut Report,
) {
    let Some(first) = members.first() else { return };
    let has_racks = members.iter().any(|member| member.rack.is_some());
    if has_racks || members.iter().any(|member| member.topics != first.topics) {
        return;
    }
    let total: usize =
        first.topics.iter().filter_map(|topic| computed.topics.get(topic)).sum::<u32>() as usize;
    let given: usize = members.iter().map(|member| member.assigned.len()).sum();
    let subject = || Subject::Group(name.clone());
    if given == total {
        let of = |topic: Option<&Name>| {
            let counts = members.iter().map(move |member| {
                let all = member.assigned.iter();
                all.filter(|tp| topic.is_none_or(|topic| tp.topic == *topic)).count()
            });
            counts.clone().max().unwrap_or(0) - counts.min().unwrap_or(0)
        };
        let by_topic = first.topics.iter().map(|topic| of(Some(topic))).max();
        let spread = if assignor == Assignor::Range { by_topic.unwrap_or(0) } else { of(None) };
        report.judge(Id::G7, spread <= 1, || {
            let found = text!(
                "one member has {} partitions more than another",
                "一个成员比另一个多 {} 个分区",
                spread
            );
            let against = text!(
                "{} gives everybody as much, but for one",
                "{} 使各成员的数量至多相差一个",
                assignor.name()
            );
            (subject(), found, against)
        });
    }
    if matches!(assignor, Assignor::Sticky | Assignor::CooperativeSticky) {
        judge_moves(name, total, computed, members, report);
    }
}

/// G7, sticky assignors: as many partitions stay as balance allows. What two members claim may move:
/// Kafka lets neither keep it, or goes by generations that do not tell who was last.
fn judge_moves(
    name: &Name,
    total: usize,
    computed: &Computed,
    members: &[Member<'_>],
    report: &mut Report,
) {
    let mut claims: BTreeMap<&TopicPartition, usize> = BTreeMap::new();
    for tp in members.iter().flat_map(|member| &member.owned) {
        *claims.entry(tp).or_default() += 1;
    }
    let newest = members.iter().filter_map(|member| member.generation).max();
    let mut may_keep = Vec::new();
    let mut kept = 0;
    for member in members {
        let has = member.owned.iter().filter(|tp| {
            let exists =
                computed.topics.get(&tp.topic).is_some_and(|count| tp.partition.0 < *count as i32);
            exists && claims[tp] == 1 && member.generation == newest
        });
        let has: Vec<&TopicPartition> = has.collect();
        kept += has.iter().filter(|tp| member.assigned.contains(**tp)).count();
        may_keep.push(has.len());
    }
    let slack = claims.values().filter(|count| **count > 1).count();
    let (least, more) = (total / members.len(), total % members.len());
    let over = may_keep.iter().filter(|has| **has > least).count().min(more);
    let most = may_keep.iter().map(|has| (*has).min(least)).sum::<usize>() + over;
    report.judge(Id::G7, kept + slack >= most, || {
        let found = text!("members keep {} partitions", "成员保留了 {} 个分区", kept);
        let against = text!("balance would let them keep {}", "在均衡的前提下可以保留 {} 个", most);
        (Subject::Group(name.clone()), found, against)
    });
}

/// G6: the group is stable: everybody has joined in this generation and waits for nothing.
pub(super) fn judge_stable(group: &ClassicGroup, report: &mut Report) {
    let mut waiting = group.members.values().filter(|member| member.awaiting_join.is_some());
    let waiting = waiting.next();
    report.judge(Id::G6, waiting.is_none(), || {
        let found = text!(
            "the group is stable in generation {}",
            "该组在 generation {} 中处于稳定状态",
            group.generation
        );
        let member = waiting.map(|member| &member.member_id);
        let against = text!("{:?} waits for the next one", "{:?} 在等待下一个 generation", member);
        (Subject::Group(group.group.clone()), found, against)
    });
}

/// G6: a member has taken its part of a generation: that is what the group says it is.
pub(super) fn judge_taken(
    lens: Lens<'_>,
    node: NodeId,
    generation: Generation,
    group: &ClassicGroup,
    report: &mut Report,
) {
    let Some(consumer) = lens.running_consumer(node) else { return };
    let member = consumer.member_id().and_then(|id| group.members.get(id));
    let is_current = group.is_in(ClassicGroupState::Stable) && group.generation == generation;
    let (Some(member), true) = (member, is_current) else { return };
    if consumer.generation() != Some(generation) {
        return;
    }
    let target = assigned(member);
    let has: BTreeSet<TopicPartition> =
        consumer.subscriptions().partitions().keys().cloned().collect();
    report.judge(Id::G6, has == target, || {
        let found = text!("{} has {:?}", "{} 持有 {:?}", lens.name(node), has);
        let against = text!(
            "in generation {} it is assigned {:?}",
            "在 generation {} 中分配给它的是 {:?}",
            generation,
            target
        );
        (Subject::Group(group.group.clone()), found, against)
    });
}
