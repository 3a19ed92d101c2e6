//! The invariants hold where nothing is broken, and each fires where something is.

mod commands;
mod groups;
mod lab;
mod mutants;
mod sweep;
