//! The program as its users call it: what it prints, how it ends.

mod bad_input;
mod browser;
mod comparing;
mod exporting;
mod formats;
mod importing;
mod labs;
mod playing;
mod program;
mod sharing;
mod terminal;
mod tools;
mod verdicts;
