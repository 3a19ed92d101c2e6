//! `kafkascope export`: a moment or a story as a picture, a page, a diagram, a graph, or a document.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use super::guard::{Contradiction, guard};
use super::input::{self, Origin, complain};
use super::view::{self, View};
use super::{Exit, LangArg};
use crate::explain::why;
use crate::explain::{Importance, Lang};
use crate::export::{dot, html, json, mermaid, svg};
use crate::scenario::language::instant_text;
use crate::scenario::timeline::Timeline;
use crate::scenario::{Run, parse_instant};
use crate::sim::{Duration, Instant};
use crate::tui::{self, Theme, Tone};

/// Writes a moment or a story of a run as a picture, a page, a diagram, a graph or a document.
///
/// svg: a view of a moment. html: one file that steps through the story, with the screen at every line.
/// mermaid: a sequence diagram of the story; with --at, of the messages around that moment.
/// dot: the chain of causes of the last line of the story at a moment; with --view cluster, which broker
/// has which replica, and who writes and reads. json: the story in both languages; with --at, the whole
/// picture of the cluster at that moment.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// What is written
    #[arg(value_enum, value_name = "FORMAT")]
    format: Format,
    /// The name of a built-in scenario, a file, - for standard input, or a share code
    #[arg(value_name = "NAME|FILE|CODE")]
    scenario: String,
    #[command(flatten)]
    lang: LangArg,
    /// Another seed than the file's
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Which run of a compared file, like 1 for acks = 1; without it the first
    #[arg(long, value_name = "KEY")]
    run: Option<String>,
    /// The moment, like 19s; by default the end
    #[arg(long, value_name = "T", value_parser = parse_instant)]
    at: Option<Instant>,
    /// Where the story ends, like 25s; by default at the end
    #[arg(long, value_name = "T", value_parser = parse_instant, conflicts_with = "at")]
    until: Option<Instant>,
    /// The view of the picture or the graph: cluster, partition:kq-0, story, why, …
    #[arg(long, value_parser = view::Parser, value_name = "VIEW")]
    view: Option<View>,
    /// How many columns the picture has
    #[arg(long, value_name = "N", default_value_t = 110,
          value_parser = clap::value_parser!(u16).range(60..=400))]
    width: u16,
    /// How far from the moment messages are drawn
    #[arg(long, value_name = "SPAN", default_value = "20ms")]
    window: Duration,
    /// The colours
    #[arg(long, value_enum, default_value_t = Colours::Light)]
    colours: Colours,
    /// Where to, instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A picture of a moment
    Svg,
    /// A page that steps through the story
    Html,
    /// A sequence diagram
    Mermaid,
    /// A graph
    Dot,
    /// A document for programs
    Json,
}

/// Which colours a picture or page has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Colours {
    /// Light on dark
    Dark,
    /// Dark on light
    Light,
}

impl Colours {
    const fn tone(self) -> Tone {
        match self {
            Self::Dark => Tone::Dark,
            Self::Light => Tone::Light,
        }
    }
}

pub(super) fn export(args: &Args, out: &mut dyn Write) -> io::Result<Exit> {
    if let Some(problem) = misused(args) {
        complain(problem);
        return Ok(Exit::BadInput);
    }
    let (_, loaded) = match input::load(&Origin::of(&args.scenario)) {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    let chosen = match args.run.as_deref().map(|key| loaded.run_called(key)).transpose() {
        Ok(chosen) => chosen.unwrap_or(0),
        Err(problem) => {
            complain(&problem.to_string());
            return Ok(Exit::BadInput);
        }
    };
    match guard(|| text(&loaded.runs[chosen], args)) {
        Ok(Ok(text)) => write(args, &text, out),
        Ok(Err(problem)) => {
            complain(&problem);
            Ok(Exit::BadInput)
        }
        Err(Contradiction(said)) => {
            complain(&format!("the simulator contradicts itself: {said}"));
            Ok(Exit::Assert)
        }
    }
}

/// What was asked for that this format does not have.
fn misused(args: &Args) -> Option<&'static str> {
    match args.format {
        Format::Html if args.at.is_some() => Some(
            "a page tells a whole story: --until says where it ends, #12 in its address where it begins",
        ),
        Format::Svg | Format::Dot if args.until.is_some() => {
            Some("this is of one moment: --at says which")
        }
        Format::Html | Format::Mermaid | Format::Json if args.view.is_some() => {
            Some("only svg and dot have a --view")
        }
        _ => None,
    }
}

fn write(args: &Args, text: &str, out: &mut dyn Write) -> io::Result<Exit> {
    let Some(path) = &args.output else {
        write!(out, "{text}")?;
        return Ok(Exit::Held);
    };
    let shown = path.display();
    if let Err(error) = fs::write(path, text) {
        complain(&format!("{shown} cannot be written: {error}"));
        return Ok(Exit::BadInput);
    }
    writeln!(out, "{shown} written")?;
    Ok(Exit::Held)
}

fn text(run: &Run, args: &Args) -> Result<String, String> {
    let lang = args.lang.get();
    let mut timeline = Timeline::new(run.seeded(args.seed));
    let end = timeline.runner().end();
    let at = args.at.or(args.until).unwrap_or(end);
    let timeline = &mut timeline;
    Ok(match args.format {
        Format::Html => {
            html::document(timeline, at, html::Options { lang, tone: args.colours.tone() })
        }
        Format::Mermaid => {
            timeline.go_to(args.at.map_or(at, |at| at + args.window));
            args.at.map_or_else(
                || mermaid::story(timeline, lang),
                |at| mermaid::messages(timeline, at, args.window, lang),
            )
        }
        Format::Json => {
            timeline.go_to(at);
            if args.at.is_some() { json::moment(timeline) } else { json::story(timeline) }
        }
        Format::Svg => {
            timeline.go_to(at);
            picture(timeline, args, lang)?
        }
        Format::Dot => {
            timeline.go_to(at);
            graph(timeline, args, lang)?
        }
    })
}

fn picture(timeline: &Timeline, args: &Args, lang: Lang) -> Result<String, String> {
    let theme = Theme::new(args.colours.tone(), false);
    let view = match &args.view {
        Some(view) => view.at(timeline.runner().lens())?,
        None => tui::View::Cluster,
    };
    let picture = tui::picture(&view, timeline, &theme, lang, args.width);
    let title = timeline.runner().scenario().title.told_in(lang);
    let title = format!("{title}, {}", instant_text(args.at.unwrap_or(timeline.at())));
    Ok(svg::document(&picture, &theme, &title, lang.pick("en", "zh-CN")))
}

fn graph(timeline: &Timeline, args: &Args, lang: Lang) -> Result<String, String> {
    let lens = timeline.runner().lens();
    let view = args.view.as_ref().map(|view| view.at(lens)).transpose()?;
    match view {
        None | Some(tui::View::Why) => {
            let mut lines = timeline.story().iter().rev();
            let of_note = lines.find(|line| line.latest.importance > Importance::Aside);
            let chain = of_note.and_then(|line| {
                why::chain(timeline, &lens, line.first.event, Some(line.first.number))
            });
            let chain = chain.ok_or("nothing has happened by then")?;
            Ok(dot::causes(&chain, &lens, lang))
        }
        Some(tui::View::Cluster) => Ok(dot::topology(lens)),
        Some(_) => Err("as a graph there are --view why and --view cluster".to_owned()),
    }
}
