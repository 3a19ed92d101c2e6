//! `kafkascope new`: a scenario to begin with.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::PathBuf;

use super::Exit;
use super::input::{Origin, Problem, complain};
use crate::scenario::{STARTER, lab, library};

/// Writes a commented scenario to begin with.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The file's name; `.toml` is added if it is missing
    #[arg(value_name = "NAME")]
    name: PathBuf,
    /// A copy of a built-in scenario or lab instead, to change it; of a lab without its hints
    #[arg(long, value_name = "NAME")]
    from: Option<String>,
}

pub(super) fn new(args: &Args, out: &mut dyn Write) -> io::Result<Exit> {
    let mut path = args.name.clone();
    if path.extension().is_none() {
        path.set_extension("toml");
    }
    let text = match &args.from {
        None => STARTER.to_owned(),
        Some(from) => match Origin::BuiltIn(from.clone()).read() {
            Ok(source) if library::labs().any(|lab| lab == from) => lab::for_students(&source.text),
            Ok(source) => source.text,
            Err(Problem(problem)) => {
                complain(&problem);
                return Ok(Exit::BadInput);
            }
        },
    };
    let shown = path.display();
    // What is there already is never overwritten.
    let mut file = match OpenOptions::new().write(true).create_new(true).open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            complain(&format!("{shown} is there already; choose another name"));
            return Ok(Exit::BadInput);
        }
        Err(error) => {
            complain(&format!("{shown} cannot be written: {error}"));
            return Ok(Exit::BadInput);
        }
    };
    file.write_all(text.as_bytes())?;
    writeln!(out, "{shown} written. Look at it with: kafkascope play {shown}")?;
    Ok(Exit::Held)
}
