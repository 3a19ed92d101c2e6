//! Stories and causes of a cluster that really runs.

mod cluster;
mod scenarios;
mod story;
mod why;
