//! Stories and causes of a cluster that really runs.

#[path = "../common/built_in.rs"]
mod built_in;
mod cluster;
mod scenarios;
mod story;
mod why;
