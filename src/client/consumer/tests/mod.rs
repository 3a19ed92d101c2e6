//! Consumers against brokers of cardboard: transcripts of what they ask and tell.

mod brokers;
mod group;
mod kq;
mod membership;
mod positions;
mod sarama;
mod sweep;
mod work;
mod world;

use world::{World, member};

use super::{ConsumerSpec, Reads};
use crate::client::testing::Cardboard;
use crate::config::ConsumerConfig;
use crate::ids::BrokerId;

/// Reads `kq` as a member of group `g`.
fn spec(settings: &[(&str, &str)]) -> ConsumerSpec {
    of(member(settings))
}

fn of(config: ConsumerConfig) -> ConsumerSpec {
    ConsumerSpec::new(config, vec![BrokerId(1)], Reads::Subscribe(vec!["kq".into()]))
}

/// Two brokers that lead a partition of `kq` each; broker 1 coordinates.
fn world() -> World {
    World::new(Cardboard::of(2).topic("kq", &[1, 2]))
}
