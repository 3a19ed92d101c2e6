//! `kafkascope check`: are these files scenarios?

use std::io::{self, Write};

use super::Exit;
use super::input::{Origin, Problem, complain, complain_of};

/// Reads scenarios without running them; tells everything that is wrong with each.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Files, or names of built-in scenarios
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
}

pub(super) fn check(args: &Args, out: &mut dyn Write) -> io::Result<Exit> {
    let mut exit = Exit::Held;
    for file in &args.files {
        match Origin::of(file).open() {
            Ok((source, loaded)) => {
                complain_of(&source, &loaded);
                if loaded.is_wrong() {
                    exit = Exit::BadInput;
                    continue;
                }
                let runs = match loaded.runs.len() {
                    1 => String::new(),
                    runs => format!(", {runs} runs"),
                };
                writeln!(out, "{}: ok{runs}", source.name)?;
            }
            Err(Problem(problem)) => {
                complain(&problem);
                exit = Exit::BadInput;
            }
        }
    }
    Ok(exit)
}
