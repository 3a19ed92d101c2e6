//! `kafkascope run`: a scenario from its beginning to its end, as text.

use std::io::{self, Write};

use serde::Serialize;

use super::bars::Measured;
use super::cast::{CastArgs, Take, cast};
use super::guard::{Contradiction, guard};
use super::input::{self, Origin, Problem, complain};
use super::play_out::{How, Ran, play_out};
use super::story::{Page, pad};
use super::view::{self, View};
use super::{Exit, LangArg, compare, lab, tools};
use crate::cluster::Told;
use crate::explain::Lang;
use crate::fact::Fact;
use crate::ids::Name;
use crate::scenario::lab::Solved;
use crate::scenario::runner::Runner;
use crate::scenario::timeline::Timeline;
use crate::scenario::{Loaded, Report, Run, Text, joint_hash, parse_instant};
use crate::sim::Instant;
use crate::tui;

/// Runs a scenario and prints its story, its verdicts and its trace hash.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The name of a built-in scenario, a file, - for standard input, or a share code
    #[arg(value_name = "NAME|FILE|CODE")]
    scenario: String,
    #[command(flatten)]
    lang: LangArg,
    /// One run of a compared file only: acks-matrix --run 1
    #[arg(long, value_name = "KEY")]
    run: Option<String>,
    /// Another seed than the file's
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Stop at this moment, like 25s
    #[arg(long, value_name = "T", value_parser = parse_instant)]
    until: Option<Instant>,
    /// What is printed
    #[arg(long, value_enum, default_value_t = Format::Story)]
    format: Format,
    /// Also print how often each invariant was judged
    #[arg(long, conflicts_with_all = ["format", "view"])]
    judged: bool,
    /// Print a view of one moment instead: partition:kq-0 is the one of kq-0
    #[arg(long, value_parser = view::Parser, value_name = "VIEW", group = "look",
          conflicts_with_all = ["format", "until"])]
    view: Option<View>,
    /// Ask one of Kafka's tools at one moment instead, like "kafka-topics --describe"; can be repeated
    #[arg(long = "do", value_name = "TOOL", group = "look",
          conflicts_with_all = ["format", "until", "view"])]
    ask: Vec<String>,
    /// Print so many hints for a lab whose goals do not hold yet
    #[arg(long, value_name = "N", default_value_t = 0, conflicts_with_all = ["format", "view"])]
    hint: usize,
    /// Print the run as a code instead: who gets it can run and play the same
    #[arg(long, group = "look", conflicts_with_all = ["format", "until", "view", "ask", "at"])]
    share: bool,
    #[command(flatten)]
    cast: CastArgs,
    /// The moment of the view or the tools, like 19s; by default the end
    #[arg(long, value_name = "T", value_parser = parse_instant, requires = "look")]
    at: Option<Instant>,
}

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// For people: header, story, verdicts, summary
    Story,
    /// One document: verdicts, summary, hash
    Json,
    /// One fact per line as JSON, the hash in the last
    Facts,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> io::Result<Exit> {
    let origin = Origin::of(&args.scenario);
    if args.share {
        return print_code(&origin, args.seed, out);
    }
    let (source, loaded) = match input::load(&origin) {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    let chosen = match args.run.as_deref().map(|key| loaded.run_called(key)).transpose() {
        Ok(chosen) => chosen,
        Err(problem) => {
            complain(&problem.to_string());
            return Ok(Exit::BadInput);
        }
    };
    if let Some(view) = args.view.as_ref().filter(|view| view.compares()) {
        let with = view.of();
        return compare::print_view(
            &loaded,
            chosen,
            with,
            args.at,
            args.seed,
            args.lang.get(),
            out,
        );
    }
    let solved = crate::scenario::lab::solved(&source.text);
    let keys: Vec<Option<String>> = (0..loaded.runs.len())
        .filter(|index| chosen.is_none_or(|chosen| chosen == *index))
        .map(|index| loaded.run_key(index))
        .collect();
    let loaded = match chosen {
        Some(index) => {
            Loaded { runs: vec![loaded.runs[index].clone()], comparison: None, ..loaded }
        }
        None => loaded,
    };
    let mut exit = Exit::Held;
    if let Some(path) = &args.cast.cast {
        let (seed, until, lang) = (args.seed, args.until, args.lang.get());
        let take = Take { source, loaded: loaded.clone(), seed, until, lang };
        exit = cast(&args.cast, take, path)?;
        if exit != Exit::Held {
            return Ok(exit);
        }
    }
    if let Some(view) = &args.view {
        return print_view(&loaded, view, args, out);
    }
    if !args.ask.is_empty() {
        return tools::ask(&loaded, &args.ask, args.at, args.seed, args.lang.get(), out);
    }
    let how = How { seed: args.seed, until: args.until, story: args.format == Format::Story };
    let name = origin.text();
    let lang = args.lang.get();
    let mut reports: Vec<(Option<Name>, Report)> = Vec::new();
    let mut measured = Vec::new();
    for (index, run) in loaded.runs.iter().enumerate() {
        let ran = match args.format {
            Format::Facts => print_facts(run, how, out)?,
            Format::Story | Format::Json => play_out(run, how, |_| {}),
        };
        if args.format == Format::Story {
            let run = keys[index].as_deref();
            let page = Page { lang, name: &name, run, runs: &loaded.runs };
            print_story(&ran, &page, index, solved.as_ref(), args.hint, out)?;
            if args.judged {
                page.judged(&ran, out)?;
            }
        }
        exit = exit.max(exit_of(&ran));
        if solved.as_ref().is_some_and(|solved| !solved.strayed.is_empty()) {
            exit = exit.max(Exit::Failed);
        }
        measured.push(ran.runner.measured().cloned());
        reports.push((ran.label, ran.report));
    }
    let measured = Measured::of(&loaded, measured);
    if measured.as_ref().is_some_and(|measured| !measured.held()) {
        exit = exit.max(Exit::Failed);
    }
    let hash = joint_hash(reports.iter().map(|(_, report)| report)).unwrap_or_default();
    match args.format {
        Format::Story => {
            if reports.len() > 1 {
                print_table(&reports, lang, out)?;
            }
            if let Some(measured) = &measured {
                writeln!(out)?;
                measured.print(lang, out)?;
                writeln!(out)?;
            }
            writeln!(out, "trace hash {hash}")?;
        }
        Format::Json => {
            let scenario = &loaded.runs[0].scenario;
            let document = Document {
                scenario: &name,
                title: &scenario.title,
                about: scenario.about.as_ref(),
                watch: scenario.watch.as_ref(),
                kafka: scenario.release.to_string(),
                passed: exit == Exit::Held,
                runs: reports.iter().map(|(label, report)| One { label, report }).collect(),
                compared: measured.as_ref().map(Measured::document),
                trace_hash: &hash,
            };
            serde_json::to_writer_pretty(&mut *out, &document)?;
            writeln!(out)?;
        }
        Format::Facts => writeln!(out, "{{\"trace_hash\":\"{hash}\"}}")?,
    }
    Ok(exit)
}

/// The run as a code.
fn print_code(origin: &Origin, seed: Option<u64>, out: &mut dyn Write) -> io::Result<Exit> {
    let mut shared = match origin.shared() {
        Ok(shared) => shared,
        Err(Problem(problem)) => {
            complain(&problem);
            return Ok(Exit::BadInput);
        }
    };
    // What cannot run is not given away.
    let (source, loaded) = shared.load();
    input::complain_of(&source, &loaded);
    if loaded.is_wrong() {
        return Ok(Exit::BadInput);
    }
    shared.seed = seed.or(shared.seed);
    writeln!(out, "{}", shared.code())?;
    Ok(Exit::Held)
}

/// So wide is a view.
const WIDTH: u16 = 120;

/// A view of every run of the file at one moment.
fn print_view(loaded: &Loaded, view: &View, args: &Args, out: &mut dyn Write) -> io::Result<Exit> {
    for run in &loaded.runs {
        let scenario = run.seeded(args.seed);
        let seed = scenario.seed;
        let seen = guard(|| -> Result<String, String> {
            let mut timeline = Timeline::new(scenario);
            timeline.go_to(args.at.unwrap_or(timeline.runner().end()));
            let view = view.at(timeline.runner().lens())?;
            Ok(tui::twin(&view, &timeline, args.lang.get(), WIDTH))
        });
        match seen {
            Ok(Err(problem)) => {
                complain(&problem);
                return Ok(Exit::BadInput);
            }
            Ok(Ok(text)) => {
                if let Some(label) = &run.label {
                    writeln!(out, "── {label} ──")?;
                }
                write!(out, "{text}")?;
            }
            Err(Contradiction(said)) => {
                complain(&format!("the simulator contradicts itself: {said}; seed {seed}"));
                return Ok(Exit::Assert);
            }
        }
    }
    Ok(Exit::Held)
}

fn exit_of(ran: &Ran) -> Exit {
    if let Some(contradiction) = &ran.contradiction {
        let (seed, event) = (ran.report.seed, ran.runner.number());
        let said = &contradiction.0;
        complain(&format!("the simulator contradicts itself: {said}; seed {seed}, event {event}"));
        return Exit::Assert;
    }
    if ran.report.passed() { Exit::Held } else { Exit::Failed }
}

fn print_story(
    ran: &Ran,
    page: &Page<'_>,
    index: usize,
    solved: Option<&Solved>,
    hint: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    if index == 0 {
        page.header(ran.runner.scenario(), out)?;
    }
    if let Some(label) = &ran.label {
        let title = ran.title.as_ref().map(|title| title.told_in(page.lang));
        let title = title.map_or_else(String::new, |title| format!(" · {title}"));
        writeln!(out, "── {label}{title} ──")?;
    }
    page.story(ran, out)?;
    page.verdicts(ran, out)?;
    lab::goals(page, ran, solved, hint, out)?;
    if ran.label.is_some() {
        writeln!(out)?;
    }
    Ok(())
}

/// One JSON document per fact, as they are told.
fn print_facts(run: &Run, how: How, out: &mut dyn Write) -> io::Result<Ran> {
    let mut written = Ok(());
    if let Some(label) = &run.label {
        serde_json::to_writer(&mut *out, &serde_json::json!({ "run": label }))?;
        writeln!(out)?;
    }
    let ran = play_out(run, how, |runner| {
        for told in runner.told() {
            if written.is_ok() {
                written = print_fact(runner, told, out);
            }
        }
    });
    written.map(|()| ran)
}

fn print_fact(runner: &Runner, told: &Told, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Line<'a> {
        at: Instant,
        event: u32,
        node: &'a str,
        #[serde(flatten)]
        fact: &'a Fact,
    }
    let node = runner.cluster().name(told.node);
    let line = Line { at: runner.now(), event: told.event, node, fact: &told.fact };
    serde_json::to_writer(&mut *out, &line)?;
    writeln!(out)
}

#[derive(Serialize)]
struct Document<'a, C> {
    scenario: &'a str,
    title: &'a Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    watch: Option<&'a Text>,
    kafka: String,
    passed: bool,
    runs: Vec<One<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    compared: Option<C>,
    trace_hash: &'a str,
}

#[derive(Serialize)]
struct One<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    label: &'a Option<Name>,
    #[serde(flatten)]
    report: &'a Report,
}

/// The runs of a comparison side by side.
fn print_table(
    reports: &[(Option<Name>, Report)],
    lang: Lang,
    out: &mut dyn Write,
) -> io::Result<()> {
    type Column = fn(&Report) -> String;
    let rows: [(&str, Column); 8] = [
        (lang.pick("sent", "发送"), |report| report.summary.sent.to_string()),
        (lang.pick("acked", "确认"), |report| report.summary.acked.to_string()),
        (lang.pick("failed", "失败"), |report| report.summary.failed.to_string()),
        (lang.pick("lost", "丢失"), |report| report.summary.lost.to_string()),
        (lang.pick("acked and lost", "已确认却丢失"), |report| {
            report.summary.acked_lost.to_string()
        }),
        (lang.pick("duplicated", "重复"), |report| report.summary.duplicated.to_string()),
        (lang.pick("elections", "选举"), |report| report.summary.elections.to_string()),
        (lang.pick("held", "成立"), |report| {
            format!("{}/{}", report.held(), report.outcomes.len())
        }),
    ];
    let label = |label: &Option<Name>| label.as_deref().unwrap_or("-").to_owned();
    let widths: Vec<usize> =
        reports.iter().map(|(name, _)| label(name).chars().count().max(8) + 2).collect();
    write!(out, "{}", pad("", 16))?;
    for ((name, _), width) in reports.iter().zip(&widths) {
        write!(out, "{:>width$}", label(name))?;
    }
    writeln!(out)?;
    for (title, column) in rows {
        write!(out, "{}", pad(title, 16))?;
        for ((_, report), width) in reports.iter().zip(&widths) {
            write!(out, "{:>width$}", column(report))?;
        }
        writeln!(out)?;
    }
    Ok(())
}
