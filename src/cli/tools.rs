//! `kafkascope run --do`: Kafka's own tools, asked at a moment of a run.

use std::io::{self, Write};

use super::Exit;
use super::guard::{Contradiction, guard};
use super::input::complain;
use crate::explain::Lang;
use crate::foreign::{Output, TOOLS};
use crate::scenario::Loaded;
use crate::scenario::language::Command;
use crate::scenario::timeline::Timeline;
use crate::sim::Instant;

/// Answers `lines` one after the other in every run of the file, at `at` or at the end: what goes to
/// the tools' outputs goes to ours. Fails where one of the tools fails.
pub(super) fn ask(
    loaded: &Loaded,
    lines: &[String],
    at: Option<Instant>,
    seed: Option<u64>,
    lang: Lang,
    out: &mut dyn Write,
) -> io::Result<Exit> {
    let mut exit = Exit::Held;
    for run in &loaded.runs {
        if let Some(label) = &run.label {
            writeln!(out, "── {label} ──")?;
        }
        let scenario = run.seeded(seed);
        let seed = scenario.seed;
        let arrived = guard(|| {
            let mut timeline = Timeline::new(scenario);
            timeline.go_to(at.unwrap_or(timeline.runner().end()));
            timeline
        });
        let mut timeline = match arrived {
            Ok(timeline) => timeline,
            Err(contradiction) => return Ok(contradicted(&contradiction, seed)),
        };
        for line in lines {
            match guard(|| ask_one(&mut timeline, line)) {
                Ok(Ok(output)) => {
                    if lines.len() > 1 {
                        writeln!(out, "$ {line}")?;
                    }
                    print(&output, lang, out)?;
                    if output.exit != 0 {
                        exit = exit.max(Exit::Failed);
                    }
                }
                Ok(Err(problem)) => {
                    complain(&format!("--do {line:?}: {problem}"));
                    return Ok(Exit::BadInput);
                }
                Err(contradiction) => return Ok(contradicted(&contradiction, seed)),
            }
        }
    }
    Ok(exit)
}

fn contradicted(Contradiction(said): &Contradiction, seed: u64) -> Exit {
    complain(&format!("the simulator contradicts itself: {said}; seed {seed}"));
    Exit::Assert
}

fn ask_one(timeline: &mut Timeline, line: &str) -> Result<Output, String> {
    let instruction = timeline.runner().names().read(line).map_err(|wrong| match &wrong.hint {
        Some(hint) => format!("{}; {hint}", wrong.message),
        None => wrong.message.clone(),
    })?;
    let Command::Foreign(words) = &instruction.command else {
        let tools = TOOLS.each_ref().map(|tool| tool.name).join(", ");
        return Err(format!("this is none of Kafka's tools: {tools}"));
    };
    timeline.ask(words).map_err(|wrong| wrong.message)
}

fn print(output: &Output, lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{}", output.stdout)?;
    out.flush()?;
    let mut stderr = anstream::stderr().lock();
    // Nobody may be there to read it.
    let _ = write!(stderr, "{}", output.stderr);
    if let Some(hint) = &output.hint {
        let _ = writeln!(stderr, "kafkascope: {}", hint.text(lang));
    }
    Ok(())
}
