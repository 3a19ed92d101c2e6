//! Where the replicas of new partitions go.
//!
//! In Kafka: `StripedReplicaPlacer`. Replicas are dealt to racks in turn, from a random one on, and
//! within a rack to its brokers in turn, unfenced ones first; the first replica, which will lead, is
//! never fenced. Each partition begins one rack and one broker further, hence the stripes; after as
//! many partitions as there are unfenced brokers everything is shuffled.

use crate::ids::{BrokerId, Name, java_string_hash};
use crate::metadata::java_hash::HashOrder;
use crate::sim::rng::Stream;

/// Where random numbers come from: a stream of the simulation, or Java's generator in tests.
pub trait Draw {
    /// Evenly from `0..bound`.
    fn below(&mut self, bound: usize) -> usize;
}

impl Draw for Stream {
    fn below(&mut self, bound: usize) -> usize {
        Self::below(self, bound as u64) as usize
    }
}

/// As Java's `Collections.shuffle`.
fn shuffle<T>(items: &mut [T], draw: &mut impl Draw) {
    for last in (1..items.len()).rev() {
        items.swap(last, draw.below(last + 1));
    }
}

/// A broker that replicas may be placed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsableBroker {
    /// The broker.
    pub id: BrokerId,
    /// Its rack.
    pub rack: Option<Name>,
    /// True when it may hold followers only.
    pub fenced: bool,
}

/// Why replicas cannot be placed: Kafka's sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlacementError {
    /// There is nothing to place.
    #[error("Invalid replication factor {0}: the replication factor must be positive.")]
    NotPositive(i32),
    /// Nobody could lead.
    #[error("All brokers are currently fenced.")]
    AllFenced,
    /// Two replicas would share a broker.
    #[error(
        "The target replication factor of {factor} cannot be reached because only {brokers} \
         broker(s) are registered."
    )]
    TooFewBrokers {
        /// How many replicas are wanted.
        factor: i32,
        /// How many brokers there are.
        brokers: usize,
    },
}

/// Places `partitions` new partitions of a topic on `brokers`, which come in the order in which the
/// controller keeps them.
///
/// # Errors
/// When there are too few brokers, or all of them are fenced.
pub fn place(
    brokers: impl IntoIterator<Item = UsableBroker>,
    partitions: usize,
    replication_factor: i32,
    draw: &mut impl Draw,
) -> Result<Vec<Vec<BrokerId>>, PlacementError> {
    let mut racks = RackList::new(brokers, draw);
    if replication_factor <= 0 {
        return Err(PlacementError::NotPositive(replication_factor));
    }
    if racks.unfenced == 0 {
        return Err(PlacementError::AllFenced);
    }
    if replication_factor as usize > racks.brokers {
        let brokers = racks.brokers;
        return Err(PlacementError::TooFewBrokers { factor: replication_factor, brokers });
    }
    Ok((0..partitions).map(|_| racks.place(replication_factor as usize, draw)).collect())
}

/// Brokers that are handed out in turn. With each epoch the turn begins one further.
#[derive(Clone, Debug, Default)]
struct BrokerList {
    brokers: Vec<BrokerId>,
    index: usize,
    offset: usize,
    epoch: usize,
}

impl BrokerList {
    fn initialize(&mut self, draw: &mut impl Draw) {
        if !self.brokers.is_empty() {
            self.brokers.sort();
            self.offset = draw.below(self.brokers.len());
        }
    }

    fn next(&mut self, epoch: usize) -> Option<BrokerId> {
        let count = self.brokers.len();
        if count == 0 {
            return None;
        }
        if self.epoch != epoch {
            self.epoch = epoch;
            self.index = 0;
            self.offset = (self.offset + 1) % count;
        }
        if self.index >= count {
            return None;
        }
        self.index += 1;
        Some(self.brokers[(self.index - 1 + self.offset) % count])
    }
}

#[derive(Clone, Debug, Default)]
struct Rack {
    name: Option<Name>,
    fenced: BrokerList,
    unfenced: BrokerList,
}

#[derive(Clone, Debug)]
struct RackList {
    /// In the order of Java's hash map: they draw in it.
    racks: Vec<Rack>,
    /// Indexes of `racks`, by name until they are shuffled.
    turns: Vec<usize>,
    brokers: usize,
    unfenced: usize,
    epoch: usize,
    offset: usize,
}

impl RackList {
    fn new(brokers: impl IntoIterator<Item = UsableBroker>, draw: &mut impl Draw) -> Self {
        let brokers: Vec<UsableBroker> = brokers.into_iter().collect();
        let mut names = HashOrder::new();
        names.extend(brokers.iter().map(|broker| broker.rack.clone()));
        let hash = |name: &Option<Name>| name.as_ref().map_or(0, |name| java_string_hash(name));
        let mut racks: Vec<Rack> = names
            .iterated(hash)
            .into_iter()
            .map(|name| Rack { name: name.clone(), ..Rack::default() })
            .collect();
        for broker in &brokers {
            let rack = racks.iter_mut().find(|rack| rack.name == broker.rack);
            let rack = rack.expect("every broker's rack was listed");
            let list = if broker.fenced { &mut rack.fenced } else { &mut rack.unfenced };
            list.brokers.push(broker.id);
        }
        for rack in &mut racks {
            rack.fenced.initialize(draw);
            rack.unfenced.initialize(draw);
        }
        let mut turns: Vec<usize> = (0..racks.len()).collect();
        turns.sort_by(|one, two| racks[*one].name.cmp(&racks[*two].name));
        let offset = if turns.is_empty() { 0 } else { draw.below(turns.len()) };
        let unfenced = brokers.iter().filter(|broker| !broker.fenced).count();
        Self { racks, turns, brokers: brokers.len(), unfenced, epoch: 0, offset }
    }

    fn place(&mut self, replicas: usize, draw: &mut impl Draw) -> Vec<BrokerId> {
        // With a single unfenced broker there is nothing to shuffle.
        if self.epoch == self.unfenced && self.unfenced > 1 {
            self.shuffle(draw);
            self.epoch = 0;
        }
        if self.offset == self.turns.len() {
            self.offset = 0;
        }
        let (first_turn, leader) = self.first_replica();
        let mut placed = Vec::with_capacity(replicas);
        placed.push(leader);
        // The leader's rack has had its turn in the first round.
        let mut skip = Some(first_turn);
        let mut turn = self.offset;
        while placed.len() < replicas {
            if skip == Some(turn) {
                skip = None;
            } else {
                let rack = &mut self.racks[self.turns[turn]];
                let next = rack.unfenced.next(self.epoch);
                placed.extend(next.or_else(|| rack.fenced.next(self.epoch)));
            }
            turn = (turn + 1) % self.turns.len();
        }
        self.epoch += 1;
        self.offset += 1;
        placed
    }

    /// The first unfenced broker from the current rack on, and whose turn that was.
    fn first_replica(&mut self) -> (usize, BrokerId) {
        let mut turn = self.offset;
        loop {
            if let Some(broker) = self.racks[self.turns[turn]].unfenced.next(self.epoch) {
                return (turn, broker);
            }
            turn = (turn + 1) % self.turns.len();
        }
    }

    fn shuffle(&mut self, draw: &mut impl Draw) {
        shuffle(&mut self.turns, draw);
        for rack in &mut self.racks {
            shuffle(&mut rack.fenced.brokers, draw);
            shuffle(&mut rack.unfenced.brokers, draw);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fenced_broker_follows_but_never_leads() {
        let brokers =
            (1..=3).map(|id| UsableBroker { id: BrokerId(id), rack: None, fenced: id == 2 });
        let mut stream = Stream::new(1, "controller-1/placement");
        let placed = place(brokers, 20, 3, &mut stream).expect("three brokers are there");
        for replicas in &placed {
            assert_ne!(replicas[0], BrokerId(2));
            assert!(replicas.contains(&BrokerId(2)));
        }
    }
}
