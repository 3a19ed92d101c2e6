//! What is kept of a run for those who draw time: the facts about groups and processes, elections and
//! commands, and who owned which partition by the books of the coordinators. Only ever added to; a
//! look at an earlier moment takes less of it.

use std::sync::Arc;

use crate::cluster::Told;
use crate::fact::{ElectionKind, Fact};
use crate::ids::{Name, TopicPartition};
use crate::sim::{Instant, NodeId};
use crate::view::{Lens, partitions_of};

/// A fact that is kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// When.
    pub at: Instant,
    /// The event.
    pub event: u32,
    /// Who told it.
    pub node: NodeId,
    /// What.
    pub what: What,
}

/// What is kept.
#[derive(Clone, Debug)]
pub enum What {
    /// A fact.
    Fact(Arc<Fact>),
    /// What the coordinator of a group has in its books from now on.
    Books(Arc<Books>),
}

/// Who is in a group and owns what, by the books of its coordinator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Books {
    /// The group.
    pub group: Name,
    /// `client.id` of each member, with what it is assigned.
    pub members: Vec<(Name, Vec<TopicPartition>)>,
}

impl Books {
    /// Who owns a partition.
    pub fn owner(&self, tp: &TopicPartition) -> Option<&Name> {
        let mut members = self.members.iter();
        members.find(|(_, assigned)| assigned.contains(tp)).map(|(client, _)| client)
    }

    /// True if a client has a membership.
    pub fn has(&self, client: &str) -> bool {
        self.members.iter().any(|(member, _)| **member == *client)
    }

    fn of(group: &Name, lens: Lens<'_>) -> Option<Self> {
        let members = lens.group_in_memory(group)?.members.values();
        let members = members.map(|member| (member.client_id.clone(), partitions_of(member)));
        Some(Self { group: group.clone(), members: members.collect() })
    }
}

/// All that is kept of a run, in order.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    kept: Vec<Kept>,
}

impl Ledger {
    /// Takes in what one step told, and looks at the books of groups that it told of.
    pub(super) fn add(&mut self, at: Instant, told: &[Told], lens: Lens<'_>) {
        let first = self.kept.len();
        for told in told.iter().filter(|told| is_kept(&told.fact)) {
            // A broker may lead a hundred thousand partitions: one election stands for all of an event.
            let is_election = |what: &What| matches!(what, What::Fact(fact) if matches!(**fact, Fact::LeaderElected { .. }));
            let own = &self.kept[first..];
            if matches!(told.fact, Fact::LeaderElected { .. })
                && own.iter().any(|kept| kept.event == told.event && is_election(&kept.what))
            {
                continue;
            }
            let what = What::Fact(Arc::new(told.fact.clone()));
            self.kept.push(Kept { at, event: told.event, node: told.node, what });
        }
        for told in told.iter().filter(|told| moves_books(&told.fact)) {
            let Some(group) = told.fact.group() else { continue };
            let Some(books) = Books::of(group, lens) else { continue };
            if self.books(group) != Some(&books) {
                let what = What::Books(Arc::new(books));
                self.kept.push(Kept { at, event: told.event, node: told.node, what });
            }
        }
    }

    /// The books of a group as they were kept last.
    fn books(&self, group: &str) -> Option<&Books> {
        self.kept.iter().rev().find_map(|kept| match &kept.what {
            What::Books(books) if *books.group == *group => Some(&**books),
            _ => None,
        })
    }

    /// Forgets everything after the event `last`.
    pub(super) fn truncate(&mut self, last: u32) {
        self.kept.truncate(self.until(last).len());
    }

    /// What is kept up to and with the event `last`.
    pub fn until(&self, last: u32) -> &[Kept] {
        &self.kept[..self.kept.partition_point(|kept| kept.event <= last)]
    }

    /// All that is kept.
    pub fn all(&self) -> &[Kept] {
        &self.kept
    }
}

impl Kept {
    /// The fact, if it is one.
    pub fn fact(&self) -> Option<&Fact> {
        match &self.what {
            What::Fact(fact) => Some(fact),
            What::Books(_) => None,
        }
    }
}

fn is_kept(fact: &Fact) -> bool {
    match fact {
        Fact::LeaderElected { kind, .. } => *kind != ElectionKind::New,
        Fact::Command { .. }
        | Fact::ProcessStarted { .. }
        | Fact::ProcessKilled { .. }
        | Fact::ProcessExited { .. }
        | Fact::PowerLost { .. }
        | Fact::ProcessPaused
        | Fact::ProcessResumed
        | Fact::BrokerFenced { .. }
        | Fact::BrokerUnfenced { .. }
        | Fact::IsrShrinkProposed { .. }
        | Fact::IsrExpandProposed { .. }
        | Fact::GroupStateChanged { .. }
        | Fact::RebalanceStarted { .. }
        | Fact::GenerationStarted { .. }
        | Fact::AssignmentStored { .. }
        | Fact::PartitionsAssigned { .. }
        | Fact::PartitionsRevoked { .. }
        | Fact::PartitionsLost { .. } => true,
        _ => false,
    }
}

/// True for facts after which a coordinator's books may be different.
fn moves_books(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::MemberJoined { .. }
            | Fact::MemberRemoved { .. }
            | Fact::GroupStateChanged { .. }
            | Fact::GenerationStarted { .. }
            | Fact::AssignmentStored { .. }
            | Fact::CoordinatorFound { .. }
    )
}
