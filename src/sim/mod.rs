//! The kernel: time, chance, the event queue, network, disk, work and causes. Knows nothing of Kafka.

mod cow;
pub mod disk;
mod lookup;
mod queue;
pub mod rng;
mod time;

pub use cow::{CowList, CowVec};
pub use lookup::Lookup;
pub use queue::{Class, Due, Handle, Queue};
pub use time::{Duration, Instant};
