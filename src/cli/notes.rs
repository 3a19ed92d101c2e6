//! `kafkascope notes`: what a teacher should know, as text, or following the lesson in a second
//! terminal.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::input::{self, Origin};
use super::{Exit, LangArg};
use crate::explain::Lang;
use crate::tui;
use crate::tui::wrap;

/// Prints the speaker notes of a scenario, or follows a lesson: `play NAME --notes FILE`
#[derive(clap::Args, Debug)]
#[group(required = true, multiple = false)]
pub(super) struct What {
    /// The name of a built-in scenario, or a file
    #[arg(value_name = "NAME|FILE")]
    scenario: Option<String>,
    /// Show the notes of the moment that `play --notes FILE` shows, as it goes on
    #[arg(long, value_name = "FILE")]
    follow: Option<PathBuf>,
}

/// Prints the speaker notes of a scenario, or follows a lesson: `play NAME --notes FILE`
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(flatten)]
    what: What,
    /// Print the notes of this moment and end
    #[arg(long, requires = "follow")]
    once: bool,
    #[command(flatten)]
    lang: LangArg,
}

/// How often the file is looked at.
const LOOK: Duration = Duration::from_millis(200);

pub(super) fn notes(args: &Args, out: &mut dyn Write) -> io::Result<Exit> {
    let lang = args.lang.get();
    if let Some(path) = &args.what.follow {
        return follow(path, args.once, lang, out);
    }
    let origin = Origin::of(args.what.scenario.as_deref().unwrap_or_default());
    let (_, loaded) = match input::load(&origin) {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    if let Some(run) = loaded.runs.first() {
        print(&tui::all_notes(&run.scenario, lang), 100, out)?;
    }
    Ok(Exit::Held)
}

/// Shows what is in the file whenever it changes, until the reader leaves.
fn follow(path: &Path, once: bool, lang: Lang, out: &mut dyn Write) -> io::Result<Exit> {
    let mut shown = None;
    loop {
        let notes = match tui::read_notes(path, lang) {
            Ok(notes) => notes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let path = path.display();
                lang.pick(
                    format!("waiting for: kafkascope play NAME --notes {path}\n"),
                    format!("等待：kafkascope play NAME --notes {path}\n"),
                )
            }
            Err(error) => {
                input::complain(&format!("{}: {error}", path.display()));
                return Ok(Exit::BadInput);
            }
        };
        if shown.as_ref() != Some(&notes) {
            let on_screen = io::stdout().is_terminal();
            if on_screen {
                // From the upper left corner of an empty screen.
                write!(out, "\u{1b}[2J\u{1b}[H")?;
            }
            let width = ratatui::crossterm::terminal::size().map_or(80, |(width, _)| width);
            print(&notes, if on_screen { width } else { 100 }, out)?;
            if !on_screen && !once {
                writeln!(out, "---")?;
            }
            out.flush()?;
            shown = Some(notes);
        }
        if once {
            return Ok(Exit::Held);
        }
        std::thread::sleep(LOOK);
    }
}

/// Lines that are too long go on below their text.
fn print(notes: &str, width: u16, out: &mut dyn Write) -> io::Result<()> {
    const INDENT: u16 = 9;
    for line in notes.lines() {
        // The label is as wide in either language.
        let is_labelled = line.starts_with("  ");
        let room = width.saturating_sub(if is_labelled { INDENT } else { 0 });
        let split = if is_labelled { at_cell(line, INDENT.into()) } else { 0 };
        let (label, text) = line.split_at(split);
        let mut rows = wrap::rows(text, room);
        writeln!(out, "{label}{}", rows.next().unwrap_or_default())?;
        for row in rows {
            writeln!(out, "{}{row}", " ".repeat(INDENT.into()))?;
        }
    }
    Ok(())
}

/// Where the cell `cell` of a line begins, in bytes.
fn at_cell(line: &str, cell: usize) -> usize {
    let mut used = 0;
    for (at, letter) in line.char_indices() {
        if used >= cell {
            return at;
        }
        used += unicode_width::UnicodeWidthChar::width(letter).unwrap_or(0);
    }
    line.len()
}
