//! Teaching: questions that the run grades, labs, presenter mode, jumps to steps.

#[allow(dead_code, reason = "the panels' tests use all of it")]
#[path = "../panels/run.rs"]
mod run;
#[path = "../common/snapshots.rs"]
mod snapshots;
#[path = "../common/viewer.rs"]
mod viewer;

mod asks;
mod labs;
mod presenting;

use kafkascope::tui::{App, Options, Tone};
use viewer::{app_of, drawn, press, viewer};

fn app(name: &str, at: &str, keys: &str) -> App {
    app_of(name, at, keys, Options { tone: Tone::Mono, ..Options::default() })
}
