//! The command line: one file per subcommand. Exit codes: 0 all held, 1 an expectation or an invariant
//! failed (`compare`: the runs differ), 2 the input was bad, 70 the simulator contradicted itself.

mod bars;
mod because;
mod cast;
mod check;
mod compare;
mod explain;
mod export;
mod guard;
mod header;
mod import;
mod input;
mod lab;
mod list;
mod new;
mod notes;
mod play;
mod play_out;
mod run;
mod schema;
mod story;
mod test;
mod tools;
mod view;
mod words;

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::explain::Lang;

/// Runs, explains and draws a whole Kafka cluster inside one deterministic process.
#[derive(Parser, Debug)]
#[command(name = "kafkascope", version, about, arg_required_else_help = true)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Run(run::Args),
    Play(play::Args),
    Test(test::Args),
    Check(check::Args),
    Compare(compare::Args),
    List(list::Args),
    New(new::Args),
    Notes(notes::Args),
    /// Prints the JSON schema of scenario files
    Schema,
    Explain(explain::Args),
    Export(export::Args),
    Import(import::Args),
    Completions(schema::CompletionsArgs),
    /// Prints the manual page
    Man,
}

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Exit {
    /// Everything held.
    Held = 0,
    /// An expectation or an invariant failed.
    Failed = 1,
    /// The input was bad.
    BadInput = 2,
    /// The simulator contradicted itself.
    Assert = 70,
}

/// The language of what is printed.
#[derive(clap::Args, Clone, Copy, Debug)]
struct LangArg {
    /// The language: en or zh. By default what LANG says
    #[arg(long, value_name = "LANG", value_parser = language)]
    lang: Option<Lang>,
}

impl LangArg {
    fn get(self) -> Lang {
        self.lang.unwrap_or_else(|| {
            let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
            let set =
                names.iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
            Lang::of_locale(&set.unwrap_or_default())
        })
    }
}

fn language(text: &str) -> Result<Lang, String> {
    match text {
        "en" => Ok(Lang::En),
        "zh" => Ok(Lang::Zh),
        _ => Err("there are en and zh".to_owned()),
    }
}

/// The size of a screen: `160x50`.
fn size(text: &str) -> Result<(u16, u16), String> {
    let sides = text.split_once(['x', 'X', '×']);
    let read = sides.and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    match read {
        Some((width, height)) if (1..=1_000).contains(&width) && (1..=1_000).contains(&height) => {
            Ok((width, height))
        }
        _ => Err("write it like 160x50".to_owned()),
    }
}

/// Does what the command line says.
pub fn main() -> ExitCode {
    let args = Args::parse();
    let mut out = BufWriter::new(anstream::stdout().lock());
    let done = dispatch(&args.command, &mut out).and_then(|exit| out.flush().map(|()| exit));
    match done {
        Ok(exit) => ExitCode::from(exit as u8),
        // Whoever read has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            input::complain(&error.to_string());
            ExitCode::from(Exit::BadInput as u8)
        }
    }
}

fn dispatch(command: &Command, out: &mut dyn Write) -> io::Result<Exit> {
    match command {
        Command::Run(args) => run::run(args, out),
        Command::Play(args) => play::play(args, out),
        Command::Test(args) => test::test(args, out),
        Command::Check(args) => check::check(args, out),
        Command::Compare(args) => compare::compare(args, out),
        Command::List(args) => list::list(args, out),
        Command::Notes(args) => notes::notes(args, out),
        Command::New(args) => new::new(args, out),
        Command::Schema => schema::schema(out),
        Command::Explain(args) => explain::explain(args, out),
        Command::Export(args) => export::export(args, out),
        Command::Import(args) => import::import(args, out),
        Command::Completions(args) => Ok(schema::completions(args, out)),
        Command::Man => schema::man(out),
    }
}
