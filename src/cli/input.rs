//! From `NAME|FILE` to scenarios, or to the reason why not.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::Exit;
use crate::config::nearest;
use crate::scenario::share::{self, Received, Shared};
use crate::scenario::{self, Loaded, Source, library, limits};

/// Where a scenario comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// It came with the program.
    BuiltIn(String),
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
    /// A share code.
    Code(String),
}

impl Origin {
    /// What the user means. A name without path or suffix is that of a built-in scenario.
    pub(super) fn of(text: &str) -> Self {
        let path = Path::new(text);
        let is_name = path.extension().is_none() && path.components().count() == 1;
        if text == "-" {
            Self::Stdin
        } else if share::is_code(text) {
            Self::Code(text.to_owned())
        } else if is_name && (library::find(text).is_some() || !path.is_file()) {
            Self::BuiltIn(text.to_owned())
        } else {
            Self::File(path.to_owned())
        }
    }

    /// Reads it; what a share code says beside the scenario comes with it.
    ///
    /// # Errors
    /// What is to be told, where there is no such scenario, or none that can be read.
    pub(super) fn received(&self) -> Result<Received, Problem> {
        if let Self::Code(code) = self {
            return Shared::read(code).map_err(|error| Problem(error.to_string()));
        }
        let shared = Shared { source: self.read()?, seed: None, run: None, done: Vec::new() };
        Ok(Received { shared, is_other: false })
    }

    /// The same; a share code that was made by another version is complained about.
    pub(super) fn shared(&self) -> Result<Shared, Problem> {
        let Received { shared, is_other } = self.received()?;
        if is_other {
            let name = shared.source.name.trim_end_matches(".toml");
            complain(&format!(
                "the scenario `{name}` had another text where this code was made; the run may differ"
            ));
        }
        Ok(shared)
    }

    /// Reads it, and what it describes.
    ///
    /// # Errors
    /// What is to be told, where there is no such scenario, or none that can be read.
    pub(super) fn open(&self) -> Result<(Source, Loaded), Problem> {
        Ok(self.shared()?.load())
    }

    pub(super) fn read(&self) -> Result<Source, Problem> {
        match self {
            Self::BuiltIn(name) => library::find(name).ok_or_else(|| unknown(name)),
            Self::File(path) => {
                let name = path.display().to_string();
                let file = File::open(path).map_err(|error| unreadable(&name, &error))?;
                if path.is_dir() {
                    return Err(Problem(format!("{name} is a directory, no scenario")));
                }
                source(&name, file)
            }
            Self::Stdin => source("stdin", io::stdin().lock()),
            Self::Code(_) => unreachable!("a code is read by who knows what it says besides"),
        }
    }

    /// How it can be written on a command line.
    pub(super) fn text(&self) -> String {
        match self {
            Self::BuiltIn(name) => name.clone(),
            Self::File(path) => path.display().to_string(),
            Self::Stdin => "-".to_owned(),
            Self::Code(code) => code.clone(),
        }
    }
}

/// Why there is nothing to run.
#[derive(Debug)]
pub(super) struct Problem(pub(super) String);

fn unknown(name: &str) -> Problem {
    let names: Vec<&str> = library::all().collect();
    let hint = match nearest(name, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`kafkascope list` lists the built-in ones; a file ends in .toml".to_owned(),
    };
    Problem(format!("there is no scenario `{name}`; {hint}"))
}

fn unreadable(name: &str, error: &io::Error) -> Problem {
    Problem(format!("{name} cannot be read: {error}"))
}

fn source(name: &str, input: impl Read) -> Result<Source, Problem> {
    // One byte more than a file may have is enough to refuse it.
    let mut bytes = Vec::new();
    let most = limits::FILE_BYTES as u64 + 1;
    input.take(most).read_to_end(&mut bytes).map_err(|error| unreadable(name, &error))?;
    Source::new(name, bytes).map_err(|wrong| {
        let source = Source { name: name.to_owned(), text: String::new() };
        Problem(wrong.one_line(&source))
    })
}

/// Reads a scenario and prints what is wrong with it to standard error.
///
/// # Errors
/// [`Exit::BadInput`] if it cannot run.
pub(super) fn load(origin: &Origin) -> Result<(Source, Loaded), Exit> {
    let (source, loaded) = match origin.open() {
        Ok(opened) => opened,
        Err(Problem(problem)) => {
            complain(&problem);
            return Err(Exit::BadInput);
        }
    };
    complain_of(&source, &loaded);
    if loaded.is_wrong() { Err(Exit::BadInput) } else { Ok((source, loaded)) }
}

/// Prints one problem to standard error.
pub(super) fn complain(problem: &str) {
    let mut stderr = anstream::stderr().lock();
    // Nobody may be there to read it.
    let _ = writeln!(stderr, "kafkascope: {problem}");
}

/// Prints what is wrong with a file to standard error.
pub(super) fn complain_of(source: &Source, loaded: &Loaded) {
    if !loaded.diagnostics.is_empty() {
        let text = scenario::render(source, &loaded.diagnostics, true);
        let _ = write!(anstream::stderr().lock(), "{text}");
    }
}
