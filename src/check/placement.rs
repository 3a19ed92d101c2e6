//! Where replicas are: C13 (a move ends with the replicas asked for, and loses nobody on the way), C14
//! (new partitions are spread as the rule says).
//!
//! What was asked for is what administrators asked for; controllers are not believed.

use std::collections::BTreeMap;

use super::violation::{Report, Subject, Text, text};
use super::world::partition::{Brokers, Partition, Registered};
use super::{Checker, Id};
use crate::ids::{BrokerId, Name, PartitionIndex, TopicPartition};
use crate::metadata::{ClusterImage, TopicImage};
use crate::node::AdminRequest;
use crate::sim::NodeId;
use crate::view::Lens;

impl Registered {
    fn moves(&self) -> bool {
        !self.adding.is_empty() || !self.removing.is_empty()
    }

    /// Its replicas without those in `gone`.
    fn without(&self, gone: &[BrokerId]) -> Brokers {
        self.replicas.iter().filter(|id| !gone.contains(id)).copied().collect()
    }
}

/// The replicas that an administrator asked for last; none if it asked for nothing, or cancelled.
fn asked(lens: Lens<'_>, tp: &TopicPartition) -> Option<Brokers> {
    let mut moves = lens.asked_of_admins().filter_map(|request| match request {
        AdminRequest::Reassign { tp: moved, replicas } if moved == tp => Some(replicas),
        _ => None,
    });
    moves.next()?.as_ref().map(|replicas| Brokers::from_slice(replicas))
}

impl Partition {
    /// C13: the controller changed the partition from `before`.
    pub(super) fn judge_move(
        &mut self,
        lens: Lens<'_>,
        before: &Registered,
        min_isr: usize,
        report: &mut Report,
    ) {
        let Some(now) = self.registered.clone() else { return };
        let same = before.replicas == now.replicas
            && before.adding == now.adding
            && before.removing == now.removing;
        if !before.moves() && same {
            return;
        }
        let asked = asked(lens, &self.tp);
        if !same && (now.moves() || !before.moves()) {
            self.target = asked.clone().or_else(|| Some(now.without(&now.removing)));
        } else if asked.as_ref().is_some_and(|asked| *asked == now.replicas) {
            // Another move was asked for, and there was nothing left to do.
            self.target = asked;
        }
        let wrong = self.wrong_move(before, &now, min_isr);
        report.judge(Id::C13, wrong.is_none(), || {
            let list = |state: &Registered| {
                let Registered { replicas, adding, removing, isr, .. } = state;
                format!("{replicas:?} +{adding:?} -{removing:?}, ISR {isr:?}")
            };
            let found = text!(
                "the replicas went from {} to {}",
                "副本从 {} 变为 {}",
                list(before),
                list(&now)
            );
            (Subject::Partition(self.tp.clone()), found, wrong.unwrap_or_default())
        });
        if !now.moves() {
            self.target = None;
        }
    }

    fn wrong_move(&self, before: &Registered, now: &Registered, min_isr: usize) -> Option<Text> {
        // An unclean election takes any replica that lives, be it one that just comes
        // (`PartitionChangeBuilder.electAnyLeader`).
        let unclean = now.leader.filter(|_| self.unclean == Some(now.leader_epoch));
        let behind = now.isr.iter().filter(|id| Some(**id) != unclean).find(|id| {
            let replica = self.replica(**id).filter(|_| !before.isr.contains(id));
            replica.is_some_and(|replica| !self.holds_committed(replica.tip))
        });
        if let Some(id) = behind {
            return Some(text!("{} joins the ISR and lacks records", "{} 加入 ISR 却缺少记录", id));
        }
        let target = self.target.as_ref()?;
        if now.moves() {
            let wanted = now.without(&now.removing);
            let astray = wanted[..] != target[..];
            return astray.then(|| text!("asked for was {:?}", "所要求的是 {:?}", target));
        }
        if now.replicas == before.without(&before.adding)
            && before.moves()
            && now.replicas != *target
        {
            // It was cancelled; the ISR may shrink with that, which is what was asked for.
            return None;
        }
        if now.replicas != *target {
            return Some(text!("asked for was {:?}", "所要求的是 {:?}", target));
        }
        let mut added =
            target.iter().filter(|id| !before.replicas.contains(id) || before.adding.contains(id));
        if let Some(id) = added.find(|id| !now.isr.contains(id)) {
            return Some(text!("{} is not in sync yet", "{} 尚未同步", id));
        }
        let least = min_isr.min(now.replicas.len()).min(before.isr.len());
        (now.isr.len() < least)
            .then(|| text!("min.insync.replicas is {}", "min.insync.replicas 为 {}", min_isr))
    }
}

/// Partitions that were created: the topic, the number of the first, who told.
pub(super) type Created = (Name, u32, NodeId);

impl Checker {
    /// How many partitions of `topic` are known already.
    pub(super) fn known_partitions(&mut self, topic: &Name) -> u32 {
        let tp = |partition| TopicPartition { topic: topic.clone(), partition };
        let mut numbers = (0..).map(PartitionIndex);
        numbers.find(|number| self.world.slot(&tp(*number)).is_none()).map_or(0, |n| n.0 as u32)
    }

    /// C14: the partitions that `created` says were placed by the rule.
    pub(super) fn judge_created(&mut self, lens: Lens<'_>, (topic, first, node): &Created) {
        let Some(image) = lens.committed_on(*node) else { return };
        let Some(topic) = image.topic_named(topic) else { return };
        // One that comes again after it was deleted may have been created by a client that asked for it.
        let first_of_all =
            TopicPartition { topic: topic.name.clone(), partition: PartitionIndex(0) };
        let comes_again = self.world.was_deleted(&first_of_all);
        let mut requests = lens.asked_of_admins().filter(|_| !comes_again);
        let request = requests.find(|request| {
            matches!(request, AdminRequest::CreateTopic { topic: name, .. } if *name == topic.name)
        });
        let (factor, by_hand) = match request {
            Some(AdminRequest::CreateTopic { replication_factor, replicas, .. }) if *first == 0 => {
                (replication_factor.map(usize::from), &replicas[..])
            }
            _ => (None, &[][..]),
        };
        let factor = factor.or_else(|| factor_of(topic, *first));
        let created = topic.partitions().filter(|(index, _)| index.0 as u32 >= *first);
        for (index, state) in created {
            let manual = by_hand.get(index.0 as usize);
            let factor = manual.map(Vec::len).or(factor);
            let wrong = match manual {
                Some(replicas) if replicas[..] == state.replicas[..] => None,
                Some(replicas) => Some(text!("asked for was {:?}", "所要求的是 {:?}", replicas)),
                None => misplaced(image, &state.replicas, factor),
            };
            self.report.judge(Id::C14, wrong.is_none(), || {
                let tp = TopicPartition { topic: topic.name.clone(), partition: index };
                let found = text!("the replicas are {:?}", "副本为 {:?}", state.replicas);
                (Subject::Partition(tp), found, wrong.unwrap_or_default())
            });
        }
    }
}

/// How many replicas partitions get that are created from number `first` on.
///
/// Those that are added get as many as the first of the others in the order of a hash table has
/// (`ReplicationControlManager.createPartitions`), be it that it just moves and has more. Which one that
/// is nobody is to rely on: here it is one of them, and for all new ones the same.
fn factor_of(topic: &TopicImage, first: u32) -> Option<usize> {
    let new = topic.partition(PartitionIndex(first as i32))?.replicas.len();
    let mut others = topic.partitions().filter(|(index, _)| (index.0 as u32) < first).peekable();
    let some = others.peek().map(|(_, state)| state.replicas.len());
    if others.any(|(_, state)| state.replicas.len() == new) {
        Some(new)
    } else {
        some.or(Some(new))
    }
}

/// How replicas break the rule by which a controller places them: racks in turn; of a rack those that
/// live before those that are fenced; nobody who is shutting down and not fenced yet; a leader that lives.
fn misplaced(image: &ClusterImage, replicas: &[BrokerId], factor: Option<usize>) -> Option<Text> {
    if let Some(factor) = factor.filter(|factor| *factor != replicas.len()) {
        return Some(text!("the replication factor is {}", "副本数应为 {}", factor));
    }
    let mut racks: BTreeMap<&Option<Name>, (usize, usize)> = BTreeMap::new();
    for broker in image.brokers() {
        let is_used = replicas.contains(&broker.id);
        // Who is fenced is out of its controlled shutdown, though its registration says so until it comes
        // back (`BrokerHeartbeatManager.touch`, `UsableBrokerIterator`).
        if broker.in_controlled_shutdown && !broker.fenced {
            if is_used {
                return Some(text!("{} is shutting down", "{} 正在关闭", broker.id));
            }
            continue;
        }
        let (used, all) = racks.entry(&broker.rack).or_default();
        *used += usize::from(is_used);
        *all += 1;
        if broker.fenced && is_used {
            let left = image.brokers().find(|other| {
                other.rack == broker.rack
                    && image.is_active(other.id)
                    && !replicas.contains(&other.id)
            });
            if let Some(left) = left {
                let (id, left) = (broker.id, left.id);
                return Some(text!("{} is fenced, {} is not", "{} 被隔离，而 {} 没有", id, left));
            }
        }
    }
    let used: usize = racks.values().map(|(used, _)| used).sum();
    if used != replicas.len() {
        return Some(text!("they are not so many brokers", "这些并非各不相同的已登记 broker"));
    }
    if !replicas.first().is_some_and(|leader| image.is_active(*leader)) {
        return Some(text!("the first one is fenced", "首个副本被隔离"));
    }
    let most = racks.values().map(|(used, _)| *used).max().unwrap_or(0);
    let short = racks.iter().find(|(_, (used, all))| used < all && used + 1 < most);
    short.map(|(rack, (used, all))| {
        text!(
            "rack {:?} has {} of them and could have {}, another has {}",
            "机架 {:?} 有其中 {} 个，可容纳 {} 个，另一机架有 {} 个",
            rack,
            used,
            all,
            most
        )
    })
}
