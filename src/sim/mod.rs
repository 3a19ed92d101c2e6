//! The kernel: time, chance, the event queue, network, disk, work and causes. Knows nothing of Kafka.

mod cow;
pub mod disk;
mod lanes;
mod lookup;
mod network;
mod queue;
pub mod rng;
mod time;
mod timers;

pub use cow::{CowList, CowVec};
pub use lanes::Lanes;
pub use lookup::Lookup;
pub use network::{Arrival, Direction, Held, LinkModel, Network, NodeId, Packet};
pub use queue::{Class, Due, Handle, Queue};
pub use time::{Duration, Instant, SpanError};
pub use timers::{Alarm, Ring, Timers};
