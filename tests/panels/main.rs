//! The panels of the terminal, drawn at chosen moments of the built-in scenarios.

mod cluster;
mod disk;
mod group;
mod messages;
mod partition;
mod rest;
mod run;
#[path = "../common/snapshots.rs"]
mod snapshots;
