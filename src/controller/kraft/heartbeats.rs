//! Sessions of brokers, and how far each has read the metadata log.
//!
//! In Kafka: `BrokerHeartbeatManager`, `BrokerHeartbeatTracker`. Soft state: a new active controller
//! begins with what the registrations say, and gives every unfenced broker a whole session.
//!
//! A broker is *fenced* until it has caught up with its own registration; *unfenced*; in *controlled
//! shutdown* from when it asks to stop while it leads, until it leads nothing and every active broker
//! has seen that; then told to *shut down now*.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::{BrokerEpoch, BrokerId, Offset};
use crate::metadata::ClusterImage;
use crate::metadata::placement::UsableBroker;
use crate::protocol::MetadataRecord;
use crate::sim::{Duration, Instant};

/// What a broker is to the active controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokerControlState {
    /// It may not lead.
    Fenced,
    /// It may.
    Unfenced,
    /// It leads no more, and waits for the others to know.
    ControlledShutdown,
    /// It may stop.
    ShutdownNow,
}

impl BrokerControlState {
    /// True when it may not lead.
    pub const fn is_fenced(self) -> bool {
        matches!(self, Self::Fenced | Self::ShutdownNow)
    }
}

/// What a broker asks for with a heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Heartbeat {
    /// The last metadata offset it applied; none before the first.
    pub(super) metadata_offset: Option<Offset>,
    /// It wants to be fenced.
    pub(super) want_fence: bool,
    /// It wants to stop.
    pub(super) want_shut_down: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Broker {
    fenced: bool,
    /// The last metadata offset it reported.
    metadata_offset: Option<Offset>,
    /// The offset that all active brokers must have seen before it may stop.
    controlled_shutdown_offset: Option<Offset>,
}

/// The brokers as the active controller hears from them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerHeartbeatManager {
    session_timeout: Duration,
    brokers: BTreeMap<BrokerId, Broker>,
    /// Brokers that are neither fenced nor shutting down, those furthest behind first.
    active: BTreeSet<(Option<Offset>, BrokerId)>,
    /// When each registration was last heard of.
    contacts: BTreeMap<(BrokerId, BrokerEpoch), Instant>,
}

impl BrokerHeartbeatManager {
    /// A manager that knows nobody.
    pub const fn new(session_timeout: Duration) -> Self {
        Self {
            session_timeout,
            brokers: BTreeMap::new(),
            active: BTreeSet::new(),
            contacts: BTreeMap::new(),
        }
    }

    /// What a controller knows when it becomes active: unfenced brokers have just been heard of.
    pub fn activate(session_timeout: Duration, image: &ClusterImage, now: Instant) -> Self {
        let mut manager = Self::new(session_timeout);
        for broker in image.brokers() {
            manager.register(broker.id, broker.fenced);
            if !broker.fenced {
                manager.heard_of(broker.id, broker.epoch, now);
            }
        }
        manager
    }

    /// A heartbeat arrived, whatever comes of it.
    pub fn heard_of(&mut self, broker: BrokerId, epoch: BrokerEpoch, now: Instant) {
        self.contacts.insert((broker, epoch), now);
    }

    /// True while the session of that registration lasts.
    pub fn has_valid_session(&self, broker: BrokerId, epoch: BrokerEpoch, now: Instant) -> bool {
        self.contacts.get(&(broker, epoch)).is_some_and(|last| !self.is_expired(*last, now))
    }

    /// When that registration was last heard of; none once its session was found to be over.
    pub fn last_contact(&self, broker: BrokerId, epoch: BrokerEpoch) -> Option<Instant> {
        self.contacts.get(&(broker, epoch)).copied()
    }

    /// `broker.session.timeout.ms`.
    pub const fn session_timeout(&self) -> Duration {
        self.session_timeout
    }

    /// What all active brokers must have seen before a broker that shuts down may stop; none for one
    /// that does not shut down.
    pub fn controlled_shutdown_offset(&self, broker: BrokerId) -> Option<Offset> {
        self.brokers.get(&broker)?.controlled_shutdown_offset
    }

    fn is_expired(&self, last: Instant, now: Instant) -> bool {
        last + self.session_timeout < now
    }

    /// Takes out one registration whose session is over, if there is one.
    pub(super) fn take_expired(&mut self, now: Instant) -> Option<(BrokerId, BrokerEpoch)> {
        let expired = self.contacts.iter().find(|(_, last)| self.is_expired(**last, now));
        let expired = expired.map(|(key, _)| *key);
        expired.inspect(|key| _ = self.contacts.remove(key))
    }

    /// Makes sure that a broker is known, and fenced or not.
    pub fn register(&mut self, broker: BrokerId, fenced: bool) {
        let known = self.brokers.get(&broker);
        // As Kafka has it: who is registered as what it was starts again with no offset.
        let offset = known.filter(|known| known.fenced != fenced);
        self.touch(broker, fenced, offset.and_then(|known| known.metadata_offset));
    }

    /// Notes what a broker reported.
    pub(super) fn touch(&mut self, id: BrokerId, fenced: bool, metadata_offset: Option<Offset>) {
        let unknown = Broker { fenced, metadata_offset: None, controlled_shutdown_offset: None };
        let broker = self.brokers.entry(id).or_insert(unknown);
        self.active.remove(&(broker.metadata_offset, id));
        broker.fenced = fenced;
        broker.metadata_offset = metadata_offset;
        if fenced {
            // A fenced broker has left controlled shutdown; its next heartbeat lets it stop.
            broker.controlled_shutdown_offset = None;
        } else if broker.controlled_shutdown_offset.is_none() {
            self.active.insert((metadata_offset, id));
        } else {
            // Still shutting down: nobody waits for what it has seen.
        }
    }

    /// Marks a broker as fenced.
    pub(super) fn fence(&mut self, id: BrokerId) {
        if let Some(broker) = self.brokers.get_mut(&id) {
            broker.fenced = true;
            self.active.remove(&(broker.metadata_offset, id));
        }
    }

    /// Forgets a broker.
    pub fn remove(&mut self, id: BrokerId) {
        if let Some(broker) = self.brokers.remove(&id) {
            self.active.remove(&(broker.metadata_offset, id));
        }
    }

    /// A broker began its controlled shutdown with records up to `offset`, unless it had before.
    ///
    /// # Panics
    /// When the broker is fenced: a fenced broker just stops.
    pub fn maybe_update_controlled_shutdown_offset(&mut self, id: BrokerId, offset: Offset) {
        let broker = self.brokers.get_mut(&id).expect("a broker that sends heartbeats is known");
        assert!(!broker.fenced, "fenced broker {id} cannot enter controlled shutdown");
        self.active.remove(&(broker.metadata_offset, id));
        broker.controlled_shutdown_offset.get_or_insert(offset);
    }

    /// A record was replayed: the cluster was `before` its batch and is `after` it.
    pub fn replayed(
        &mut self,
        before: &ClusterImage,
        after: &ClusterImage,
        record: &MetadataRecord,
    ) {
        let changed = match record {
            MetadataRecord::RegisterBroker(registration) => {
                if before.broker(registration.broker_id).is_some() {
                    self.remove(registration.broker_id);
                }
                registration.broker_id
            }
            MetadataRecord::UnregisterBroker(registration) => {
                self.remove(registration.broker_id);
                return;
            }
            MetadataRecord::BrokerRegistrationChange(change) => change.broker_id,
            MetadataRecord::FenceBroker(change) => change.id,
            MetadataRecord::UnfenceBroker(change) => change.id,
            _ => return,
        };
        let registration = after.broker(changed).expect("the record is about a registered broker");
        self.register(changed, registration.fenced);
    }

    /// The brokers that replicas can be placed on.
    pub(super) fn usable_brokers<'a>(
        &'a self,
        image: &'a ClusterImage,
    ) -> impl Iterator<Item = UsableBroker> + 'a {
        let staying =
            |(_, broker): &(&BrokerId, &Broker)| broker.controlled_shutdown_offset.is_none();
        self.brokers.iter().filter(staying).map(|(id, broker)| {
            let rack = image.broker(*id).and_then(|registration| registration.rack.clone());
            UsableBroker { id: *id, rack, fenced: broker.fenced }
        })
    }

    /// What `id` is now, and what it becomes with its heartbeat.
    ///
    /// # Panics
    /// When the broker is not known.
    pub(super) fn next_state(
        &self,
        id: BrokerId,
        heartbeat: Heartbeat,
        registration_offset: Offset,
        has_leaderships: bool,
    ) -> (BrokerControlState, BrokerControlState) {
        use BrokerControlState::{ControlledShutdown, Fenced, ShutdownNow, Unfenced};
        let broker = self.brokers.get(&id).expect("a broker that sends heartbeats is known");
        let Heartbeat { metadata_offset, want_fence, want_shut_down } = heartbeat;
        if let Some(offset) = broker.controlled_shutdown_offset {
            let may_go = !has_leaderships && self.everybody_has_seen(offset);
            return (ControlledShutdown, if may_go { ShutdownNow } else { ControlledShutdown });
        }
        if broker.fenced {
            let caught_up = metadata_offset >= Some(registration_offset);
            let next = match (want_shut_down, want_fence) {
                (true, _) => ShutdownNow,
                (false, false) if caught_up => Unfenced,
                (false, _) => Fenced,
            };
            return (Fenced, next);
        }
        let next = match (want_fence, want_shut_down) {
            (true, false) => Fenced,
            (false, true) if has_leaderships => ControlledShutdown,
            (_, true) => ShutdownNow,
            (false, false) => Unfenced,
        };
        (Unfenced, next)
    }

    fn everybody_has_seen(&self, offset: Offset) -> bool {
        self.active.first().is_none_or(|(furthest_behind, _)| *furthest_behind >= Some(offset))
    }
}
