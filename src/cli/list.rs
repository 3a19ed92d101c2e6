//! `kafkascope list`: the scenarios that come with the program.

use std::io::{self, Write};

use super::{Exit, LangArg};
use crate::scenario::{Text, library, load};

/// Lists the built-in scenarios.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(flatten)]
    lang: LangArg,
    /// Names only
    #[arg(long)]
    names: bool,
}

pub(super) fn list(args: &Args, out: &mut dyn Write) -> io::Result<Exit> {
    let lang = args.lang.get();
    let widest = library::all().map(str::len).max().unwrap_or(0);
    for name in library::all() {
        if args.names {
            writeln!(out, "{name}")?;
            continue;
        }
        let source = library::find(name).expect("it is listed");
        let loaded = load(&source);
        let first = &loaded.runs.first().expect("built-in scenarios can be read").scenario;
        let say = |text: &Text| text.told_in(lang).to_owned();
        let watch =
            first.watch.as_ref().map_or_else(String::new, |watch| format!(": {}", say(watch)));
        writeln!(out, "{name:widest$}  {}{watch}", say(&first.title))?;
    }
    Ok(Exit::Held)
}
