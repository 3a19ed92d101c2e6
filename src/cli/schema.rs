//! `kafkascope schema`, `completions` and `man`: what editors, shells and manuals want.

use std::io::{self, Write};

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Args, Exit};
use crate::scenario;

/// Prints completions for a shell.
#[derive(clap::Args, Debug)]
pub(super) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub(super) fn schema(out: &mut dyn Write) -> io::Result<Exit> {
    writeln!(out, "{}", scenario::schema())?;
    Ok(Exit::Held)
}

pub(super) fn completions(args: &CompletionsArgs, mut out: &mut dyn Write) -> Exit {
    clap_complete::generate(args.shell, &mut Args::command(), "kafkascope", &mut out);
    Exit::Held
}

pub(super) fn man(mut out: &mut dyn Write) -> io::Result<Exit> {
    clap_mangen::Man::new(Args::command()).render(&mut out)?;
    Ok(Exit::Held)
}
