//! Stories and causes of a cluster that really runs.

mod cluster;
mod story;
mod why;
