//! `kafkascope import`: a scenario from what a real cluster shows.

use std::fs;
use std::io::{self, Read, Write};

use super::input::complain;
use super::{Exit, LangArg};
use crate::scenario::import::import as read;
use crate::scenario::limits;

/// Writes a scenario with the cluster of a text: of kafka-topics --describe, or of a listing of log
/// directories.
///
/// Which of the two it is, is found out. A listing may be that of tree, ls, ls -R or find, of one broker or of
/// several one behind the other; a line like `broker-2:` may stand above each. What the text does not say
/// stands in the scenario as comments.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// What is read
    #[arg(value_enum, value_name = "WHAT")]
    what: What,
    /// The text: a file, or - for standard input
    #[arg(value_name = "FILE")]
    file: String,
    #[command(flatten)]
    lang: LangArg,
}

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// Topics with their placement
    Topics,
}

pub(super) fn import(args: &Args, out: &mut dyn Write) -> io::Result<Exit> {
    let What::Topics = args.what;
    let text = match text(&args.file) {
        Ok(text) => text,
        Err(problem) => {
            complain(&problem);
            return Ok(Exit::BadInput);
        }
    };
    match read(&text, args.lang.get()) {
        Ok(scenario) => {
            write!(out, "{scenario}")?;
            Ok(Exit::Held)
        }
        Err(error) => {
            complain(&format!("{}: {error}", args.file));
            Ok(Exit::BadInput)
        }
    }
}

fn text(file: &str) -> Result<String, String> {
    let most = limits::FILE_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    let read = if file == "-" {
        io::stdin().lock().take(most).read_to_end(&mut bytes)
    } else {
        fs::File::open(file).and_then(|input| input.take(most).read_to_end(&mut bytes))
    };
    read.map_err(|error| format!("{file} cannot be read: {error}"))?;
    if bytes.len() > limits::FILE_BYTES {
        return Err(format!("{file} is longer than 16 MiB"));
    }
    String::from_utf8(bytes).map_err(|_| format!("{file} is no text in UTF-8"))
}
