//! `kafkascope play`: a scenario in the terminal.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::guard::{Contradiction, guard};
use super::input::{Origin, Problem, complain, complain_of};
use super::{Exit, LangArg};
use crate::explain::Lang;
use crate::scenario::share::Received;
use crate::scenario::{self, library, parse_instant};
use crate::sim::Instant;
use crate::tui::keys::{self, Stroke};
use crate::tui::{self, App, Charset, NotesFile, Options, Terminal, Tone, Watch};

/// Plays a scenario in the terminal: run, pause, step both ways, break things, ask why.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The name of a built-in scenario, a file, or a share code; without it there is a list to choose from
    #[arg(value_name = "NAME|FILE|CODE")]
    scenario: Option<String>,
    #[command(flatten)]
    lang: LangArg,
    /// Which run of a compared file, like 1 for acks = 1; without it there is a list to choose from
    #[arg(long, value_name = "KEY", requires = "scenario")]
    run: Option<String>,
    /// Another seed than the file's
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Begin at this moment, like 25s
    #[arg(long, value_name = "T", value_parser = parse_instant)]
    at: Option<Instant>,
    /// Begin at this step of the scenario, from 1
    #[arg(long, value_name = "K", conflicts_with = "at")]
    step: Option<usize>,
    /// For a projector: one pane in large signs, with the keys of a clicker
    #[arg(long)]
    present: bool,
    /// Write what the teacher should know of each moment into this file, for `kafkascope notes --follow`
    #[arg(long, value_name = "FILE", conflicts_with = "print")]
    notes: Option<PathBuf>,
    /// The colours; by default what the environment and the terminal say
    #[arg(long, value_enum)]
    colours: Option<Colours>,
    /// The signs; by default what the locale and the terminal say
    #[arg(long, value_enum)]
    signs: Option<Signs>,
    /// Keys to press at the beginning, like "n n w"
    #[arg(long, value_name = "KEYS", value_parser = script)]
    keys: Option<Script>,
    /// Print the last screen as text instead of showing it
    #[arg(long)]
    print: bool,
    /// The size of the printed screen
    #[arg(long, value_name = "WxH", value_parser = super::size, default_value = "120x40", requires = "print")]
    size: (u16, u16),
}

/// Which colours there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Colours {
    /// Light on dark
    Dark,
    /// Dark on light
    Light,
    /// The terminal's own sixteen
    Ansi,
    /// None
    None,
}

/// Which signs there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Signs {
    /// All
    Unicode,
    /// None that some terminals draw two cells wide
    Narrow,
    /// ASCII only
    Ascii,
}

/// A key script.
#[derive(Clone, Debug)]
struct Script(Vec<Stroke>);

fn script(text: &str) -> Result<Script, keys::ScriptError> {
    keys::parse(text).map(Script)
}

pub(super) fn play(args: &Args, out: &mut dyn Write) -> io::Result<Exit> {
    let origin = args.scenario.as_deref().map(Origin::of);
    if !args.print && !has_terminal(origin.as_ref()) {
        complain("play needs a terminal; `--print` prints a screen, `kafkascope run` a story");
        return Ok(Exit::BadInput);
    }
    // Who closes the list sees the scenario that was marked in it.
    let read = origin.clone().unwrap_or_else(|| Origin::BuiltIn(library::FIRST.to_owned()));
    let Received { shared, is_other } = match read.received() {
        Ok(received) => received,
        Err(Problem(problem)) => {
            complain(&problem);
            return Ok(Exit::BadInput);
        }
    };
    let loaded = scenario::load(&shared.source);
    complain_of(&shared.source, &loaded);
    if loaded.is_wrong() {
        return Ok(Exit::BadInput);
    }
    let run = match args.run.as_deref().map(|key| loaded.run_called(key)).transpose() {
        Ok(run) => run,
        Err(problem) => {
            complain(&problem.to_string());
            return Ok(Exit::BadInput);
        }
    };
    let (lang, charset) = (args.lang.get(), charset(args));
    let options = Options {
        size: args.size,
        // ASCII has no Chinese.
        lang: if charset == Charset::Ascii { Lang::En } else { lang },
        tone: if args.print { Tone::Mono } else { tone(args) },
        charset,
        few_colours: !has_true_colour(),
        seed: args.seed.or(shared.seed),
    };
    let done = guard(|| {
        let mut app = App::new(shared.source, loaded, options);
        if origin.is_none() {
            app.offer_scenarios();
        } else if matches!(read, Origin::Code(_)) && run.is_none() {
            app.receive(shared.run, shared.done, is_other);
        } else if let Some(run) = run {
            app.choose_run(run);
        } else if !args.print {
            app.offer_runs();
        }
        if let Some(at) = args.at {
            app.go_to(at);
        }
        if let Some(step) = args.step {
            app.go_to_step(step);
        }
        if args.present {
            app.present(true);
        }
        if args.print {
            press(&mut app, args);
            write!(out, "{}", app.text())?;
            return Ok(Exit::Held);
        }
        let watch = match &origin {
            Some(Origin::File(path)) => Some(Watch::new(path)),
            _ => None,
        };
        show(app, args, watch)
    });
    match done {
        Ok(done) => done,
        Err(Contradiction(said)) => {
            complain(&format!("the simulator contradicts itself: {said}"));
            Ok(Exit::Assert)
        }
    }
}

/// Shows the viewer until it is left.
fn show(mut app: App, args: &Args, watch: Option<Watch>) -> io::Result<Exit> {
    let notes = match args.notes.as_deref().map(NotesFile::open).transpose() {
        Ok(notes) => notes,
        Err(error) => {
            let path = args.notes.as_deref().unwrap_or(Path::new("")).display();
            complain(&format!("{path}: {error}"));
            return Ok(Exit::BadInput);
        }
    };
    let mut terminal = Terminal::open(app.ui.mouse)?;
    let asks = args.signs.is_none() && app.ui.charset == Charset::Unicode && is_east_asian();
    if asks && terminal.has_wide_signs().unwrap_or(false) {
        app.set_charset(Charset::Narrow);
    }
    let (width, height) = terminal.size()?;
    app.resize(width, height);
    press(&mut app, args);
    tui::run(&mut app, terminal, watch, notes)?;
    Ok(Exit::Held)
}

/// Presses the keys of the script.
fn press(app: &mut App, args: &Args) {
    for stroke in args.keys.iter().flat_map(|script| &script.0) {
        match stroke {
            Stroke::Key(key) => app.key(*key),
            Stroke::Wait(span) => app.play(*span, || true),
        }
    }
}

/// Pictures go to a terminal; keys come from it even if the scenario comes from standard input.
fn has_terminal(origin: Option<&Origin>) -> bool {
    io::stdout().is_terminal() && (io::stdin().is_terminal() || origin == Some(&Origin::Stdin))
}

fn set(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The locale of letters.
fn locale() -> String {
    ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| set(name)).unwrap_or_default()
}

fn is_east_asian() -> bool {
    ["zh", "ja", "ko"].iter().any(|language| locale().starts_with(language))
}

fn charset(args: &Args) -> Charset {
    match args.signs {
        Some(Signs::Unicode) => Charset::Unicode,
        Some(Signs::Narrow) => Charset::Narrow,
        Some(Signs::Ascii) => Charset::Ascii,
        // What is printed goes into a file more often than not.
        None if args.print => Charset::Unicode,
        None => Charset::of_locale(&locale()),
    }
}

fn tone(args: &Args) -> Tone {
    match args.colours {
        Some(Colours::Dark) => return Tone::Dark,
        Some(Colours::Light) => return Tone::Light,
        Some(Colours::Ansi) => return Tone::Ansi,
        Some(Colours::None) => return Tone::Mono,
        None => {}
    }
    let term = set("TERM").unwrap_or_default();
    let many = ["256color", "direct", "kitty", "alacritty", "ghostty"];
    if set("NO_COLOR").is_some() || term == "dumb" || term.starts_with("vt") {
        Tone::Mono
    } else if has_true_colour() || many.iter().any(|name| term.contains(name)) {
        Tone::Dark
    } else {
        Tone::Ansi
    }
}

fn has_true_colour() -> bool {
    set("COLORTERM").is_some_and(|value| value == "truecolor" || value == "24bit")
}
