//! The program as its users call it: what it prints, how it ends.

mod bad_input;
mod formats;
mod program;
mod verdicts;
