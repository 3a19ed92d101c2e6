//! `run --cast`: the run as a recording of the viewer.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use super::Exit;
use super::guard::{Contradiction, guard};
use super::input::complain;
use crate::explain::Lang;
use crate::export::cast::{Speed, record};
use crate::scenario::{Loaded, Source};
use crate::sim::Instant;
use crate::tui::{App, Options, Tone};

/// How a run is recorded.
#[derive(clap::Args, Debug)]
pub(super) struct CastArgs {
    /// Also record the viewer as an asciinema file, in simulated time
    #[arg(long, value_name = "FILE", conflicts_with = "look")]
    pub(super) cast: Option<PathBuf>,
    /// The size of the recorded terminal
    #[arg(long, value_name = "WxH", value_parser = super::size, default_value = "80x24",
          requires = "cast")]
    cast_size: (u16, u16),
    /// How fast simulated time goes by, like 2 or 0.5
    #[arg(long, value_name = "X", default_value = "1", requires = "cast")]
    cast_speed: Speed,
}

/// What is recorded, and how far.
pub(super) struct Take {
    pub(super) source: Source,
    pub(super) loaded: Loaded,
    pub(super) seed: Option<u64>,
    pub(super) until: Option<Instant>,
    pub(super) lang: Lang,
}

/// Records the first run of the file.
pub(super) fn cast(args: &CastArgs, take: Take, path: &PathBuf) -> io::Result<Exit> {
    let shown = path.display();
    if take.loaded.runs.len() > 1 {
        let runs = take.loaded.runs.len();
        complain(&format!("a recording is of one run, and this file describes {runs}"));
        return Ok(Exit::BadInput);
    }
    let file = match File::create(path) {
        Ok(file) => file,
        Err(error) => {
            complain(&format!("{shown} cannot be written: {error}"));
            return Ok(Exit::BadInput);
        }
    };
    let mut out = BufWriter::new(file);
    let Take { source, loaded, seed, until, lang } = take;
    let tone = Tone::Dark;
    let options = Options { size: args.cast_size, lang, tone, seed, ..Options::default() };
    let recorded = guard(|| {
        let mut app = App::new(source, loaded, options);
        let end = app.timeline.runner().end();
        record(&mut app, until.unwrap_or(end).min(end), args.cast_speed, &mut out)?;
        out.flush()
    });
    match recorded {
        Ok(done) => done.map(|()| Exit::Held),
        Err(Contradiction(said)) => {
            complain(&format!("the simulator contradicts itself: {said}"));
            Ok(Exit::Assert)
        }
    }
}
