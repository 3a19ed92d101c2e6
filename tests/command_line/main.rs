//! The program as its users call it: what it prints, how it ends.

mod bad_input;
mod formats;
mod labs;
mod playing;
mod program;
mod tools;
mod verdicts;
