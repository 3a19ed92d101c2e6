//! `kafkascope compare`: two runs side by side, as text. As `diff` does it ends with 0 if both left the
//! same trace, with 1 if they did not, and with 2 if there is nothing to compare.

use std::collections::VecDeque;
use std::io::{self, Write};

use serde::Serialize;

use super::bars::Measured;
use super::guard::{Contradiction, guard};
use super::input::{self, Origin, complain};
use super::play_out::{How, play_out};
use super::story::pad;
use super::{Exit, LangArg};
use crate::cluster::Told;
use crate::explain::contrast::{Heard, Pair, heard, pairs};
use crate::explain::{Lang, Narrator, Story, StoryBuilder, clock};
use crate::ids::Name;
use crate::scenario::runner::Runner;
use crate::scenario::timeline::Timeline;
use crate::scenario::{Loaded, Run, Summary, parse_instant};
use crate::sim::Instant;
use crate::tui::{self, wrap};
use crate::view::Contrast;

/// Compares two runs: where they part, their stories, their numbers, their clusters at the end.
///
/// A run of a compared file is named behind a #: acks-matrix#1, or '#all' for one of the same file.
/// Ends with 0 if both runs left the same trace, with 1 if not, with 2 if the input was bad. A file that measures its
/// runs is compared as a whole: bars, and 0 if what it expects of all of them holds.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// A built-in scenario or a file, and which of its runs: acks-matrix#1; without a run, and alone, all that it
    /// measures
    #[arg(value_name = "A")]
    left: String,
    /// What it is compared with; without it, the other run of a file that has two
    #[arg(value_name = "B")]
    right: Option<String>,
    #[command(flatten)]
    lang: LangArg,
    /// Another seed than the files'
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Stop both at this moment, like 25s
    #[arg(long, value_name = "T", value_parser = parse_instant)]
    until: Option<Instant>,
    /// What is printed
    #[arg(long, value_enum, default_value_t = Format::Story)]
    format: Format,
}

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people: both headers, where they part, stories, numbers
    Story,
    /// One document
    Json,
}

pub(super) fn compare(args: &Args, out: &mut dyn Write) -> io::Result<Exit> {
    if args.right.is_none() && split(&args.left).1.is_none() {
        let Ok((_, loaded)) = input::load(&Origin::of(&args.left)) else {
            return Ok(Exit::BadInput);
        };
        if loaded.comparison.is_some() {
            return compare_all(&loaded, args, out);
        }
    }
    let (left, right) = match choose(args) {
        Ok(chosen) => chosen,
        Err(Some(problem)) => {
            complain(&problem);
            return Ok(Exit::BadInput);
        }
        Err(None) => return Ok(Exit::BadInput),
    };
    let played = guard(|| play([&left.run, &right.run], args));
    let ([one, other], parting) = match played {
        Ok(played) => played,
        Err(Contradiction(said)) => {
            complain(&format!("the simulator contradicts itself: {said}"));
            return Ok(Exit::Assert);
        }
    };
    let same = one.runner.trace_hash() == other.runner.trace_hash();
    let names = [left.name.as_str(), right.name.as_str()];
    let page = Page { lang: args.lang.get(), names, sides: [&one, &other], parting, same };
    match args.format {
        Format::Story => page.print(out)?,
        Format::Json => page.print_json(out)?,
    }
    Ok(if same { Exit::Held } else { Exit::Failed })
}

/// What is measured of all runs of a file.
fn compare_all(loaded: &Loaded, args: &Args, out: &mut dyn Write) -> io::Result<Exit> {
    let how = How { seed: args.seed, until: args.until, story: false };
    let mut values = Vec::new();
    for run in &loaded.runs {
        let ran = play_out(run, how, |_| {});
        if let Some(Contradiction(said)) = ran.contradiction {
            complain(&format!("the simulator contradicts itself: {said}"));
            return Ok(Exit::Assert);
        }
        values.push(ran.runner.measured().cloned());
    }
    let measured = Measured::of(loaded, values).expect("the file says what is measured");
    match args.format {
        Format::Story => {
            let (scenario, lang) = (&loaded.runs[0].scenario, args.lang.get());
            writeln!(out, "{}", scenario.title.told_in(lang))?;
            writeln!(out)?;
            measured.print(lang, out)?;
        }
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, &measured.document())?;
            writeln!(out)?;
        }
    }
    Ok(if measured.held() { Exit::Held } else { Exit::Failed })
}

/// A run, and what it is called on a command line.
struct Chosen {
    name: String,
    run: Run,
}

/// Which runs are meant.
///
/// # Errors
/// When none are; what is wrong with a file has been told already.
fn choose(args: &Args) -> Result<(Chosen, Chosen), Option<String>> {
    let (file, key) = split(&args.left);
    let loaded = read(file)?;
    let Some(right) = &args.right else {
        return match (key, loaded.runs.len()) {
            (None, 2) => Ok((chosen(file, &loaded, 0), chosen(file, &loaded, 1))),
            (Some(key), 2) => {
                let index = called(&loaded, key)?;
                Ok((chosen(file, &loaded, index), chosen(file, &loaded, 1 - index)))
            }
            (_, 1) => Err(Some(format!("{file} describes one run; name what it is compared with"))),
            _ => {
                let keys = keys(file, &loaded);
                Err(Some(format!("{file} describes several runs; name two of {keys}")))
            }
        };
    };
    let left = pick(file, &loaded, key)?;
    let (other, key) = split(right);
    if other.is_empty() {
        return Ok((left, pick(file, &loaded, key)?));
    }
    let loaded = read(other)?;
    Ok((left, pick(other, &loaded, key)?))
}

/// The file, and the run of it behind a `#`.
fn split(text: &str) -> (&str, Option<&str>) {
    // A file may have one in its name.
    match text.rsplit_once('#') {
        Some((file, key)) if !std::path::Path::new(text).exists() => (file, Some(key)),
        _ => (text, None),
    }
}

fn read(file: &str) -> Result<Loaded, Option<String>> {
    input::load(&Origin::of(file)).map(|(_, loaded)| loaded).map_err(|_| None)
}

fn called(loaded: &Loaded, key: &str) -> Result<usize, Option<String>> {
    loaded.run_called(key).map_err(|problem| Some(problem.to_string()))
}

fn pick(file: &str, loaded: &Loaded, key: Option<&str>) -> Result<Chosen, Option<String>> {
    match key {
        Some(key) => Ok(chosen(file, loaded, called(loaded, key)?)),
        None if loaded.runs.len() == 1 => Ok(chosen(file, loaded, 0)),
        None => {
            let keys = keys(file, loaded);
            Err(Some(format!("{file} describes several runs; name one of {keys}")))
        }
    }
}

fn chosen(file: &str, loaded: &Loaded, index: usize) -> Chosen {
    Chosen { name: name(file, loaded, index), run: loaded.runs[index].clone() }
}

/// How a run is called on a command line.
fn name(file: &str, loaded: &Loaded, index: usize) -> String {
    loaded.run_key(index).map_or_else(|| file.to_owned(), |key| format!("{file}#{key}"))
}

fn keys(file: &str, loaded: &Loaded) -> String {
    let names: Vec<String> = (0..loaded.runs.len()).map(|it| name(file, loaded, it)).collect();
    names.join(", ")
}

/// A run that is played.
struct Side {
    label: Option<Name>,
    runner: Runner,
    story: Story,
    builder: StoryBuilder,
    until: Option<Instant>,
    /// What was told and not compared yet.
    told: VecDeque<(Instant, Told)>,
    over: bool,
}

impl Side {
    fn new(run: &Run, args: &Args) -> Self {
        Self {
            label: run.label.clone(),
            runner: Runner::new(run.seeded(args.seed), true),
            story: Story::default(),
            builder: StoryBuilder::default(),
            until: args.until,
            told: VecDeque::new(),
            over: false,
        }
    }

    /// Lets the next thing happen.
    fn step(&mut self, keep: bool) {
        if let (Some(until), Some(next)) = (self.until, self.runner.next_at())
            && next > until
            && until < self.runner.end()
        {
            self.runner.stop_at(until);
            self.over = true;
            return;
        }
        if !self.runner.step() {
            self.over = true;
            return;
        }
        let (runner, mut lines) = (&self.runner, Vec::new());
        self.builder.push_step(runner.happened(), runner.told(), &runner.lens(), &mut lines);
        self.story.extend(lines);
        if keep {
            let now = runner.now();
            self.told.extend(runner.told().iter().map(|told| (now, told.clone())));
        }
    }

    /// What was told next; none once all was.
    fn next(&mut self) -> Option<(Instant, Told)> {
        while self.told.is_empty() && !self.over {
            self.step(true);
        }
        self.told.pop_front()
    }
}

/// The first that one run tells and the other does not; none for a run that is over.
type Parting = Option<[Option<(Instant, Told)>; 2]>;

/// Plays both runs to their ends.
fn play(runs: [&Run; 2], args: &Args) -> ([Side; 2], Parting) {
    let [mut one, mut other] = runs.map(|run| Side::new(run, args));
    let parting = loop {
        let heads = [one.next(), other.next()];
        match &heads {
            [None, None] => break None,
            [Some((at, left)), Some((then, right))] => {
                let who = |side: &Side, told: &Told| side.runner.cluster().name(told.node).clone();
                let same =
                    at == then && left.fact == right.fact && who(&one, left) == who(&other, right);
                if !same {
                    break Some(heads);
                }
            }
            _ => break Some(heads),
        }
    };
    for side in [&mut one, &mut other] {
        side.told.clear();
        while !side.over {
            side.step(false);
        }
    }
    ([one, other], parting)
}

/// Two runs of a file at one moment side by side: `run NAME --view compare`.
pub(super) fn print_view(
    loaded: &Loaded,
    chosen: Option<usize>,
    with: Option<&str>,
    at: Option<Instant>,
    seed: Option<u64>,
    lang: Lang,
    out: &mut dyn Write,
) -> io::Result<Exit> {
    let one = chosen.unwrap_or_default();
    let other = match with.map(|key| loaded.run_called(key)).transpose() {
        Ok(other) => other.unwrap_or((one + 1) % loaded.runs.len()),
        Err(problem) => {
            complain(&problem.to_string());
            return Ok(Exit::BadInput);
        }
    };
    if one == other {
        complain("there is no other run to compare with");
        return Ok(Exit::BadInput);
    }
    let seen = guard(|| {
        let sides = [one, other].map(|index| {
            let mut timeline = Timeline::new(loaded.runs[index].seeded(seed));
            timeline.go_to(at.unwrap_or(timeline.runner().end()));
            timeline
        });
        let names = [one, other].map(|index| {
            loaded.runs[index].label.as_ref().map_or_else(String::new, ToString::to_string)
        });
        tui::twin_beside(names, [&sides[0], &sides[1]], lang, WIDTH)
    });
    match seen {
        Ok(text) => write!(out, "{text}").map(|()| Exit::Held),
        Err(Contradiction(said)) => {
            complain(&format!("the simulator contradicts itself: {said}"));
            Ok(Exit::Assert)
        }
    }
}

/// What is printed.
struct Page<'a> {
    lang: Lang,
    names: [&'a str; 2],
    sides: [&'a Side; 2],
    parting: Parting,
    same: bool,
}

/// So wide is what is printed.
const WIDTH: u16 = 120;

impl Page<'_> {
    fn heard(&self, side: usize) -> Vec<Heard> {
        let side = self.sides[side];
        heard(&side.story, &side.runner.lens(), Narrator::new(self.lang))
    }

    fn contrast(&self) -> Vec<Contrast> {
        self.sides[0].runner.lens().contrast(self.sides[1].runner.lens())
    }

    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let lang = self.lang;
        let wide = self.names.iter().map(|name| name.len()).max().unwrap_or_default();
        for ((letter, name), side) in ["A", "B"].iter().zip(self.names).zip(self.sides) {
            let scenario = side.runner.scenario();
            let title = scenario.title.told_in(lang);
            let title = match &side.label {
                Some(label) => format!("{title}: {label}"),
                None => title.to_owned(),
            };
            let (release, seed) = (scenario.release, scenario.seed);
            let seeded = lang.pick("seed", "种子");
            writeln!(
                out,
                "{letter}  {name:<wide$}  {title} · Kafka {release} · {seeded} {seed} · {}",
                scenario.duration
            )?;
        }
        writeln!(out)?;
        self.print_parting(out)?;
        self.print_story(out)?;
        self.print_numbers(out)?;
        self.print_clusters(out)
    }

    fn print_parting(&self, out: &mut dyn Write) -> io::Result<()> {
        let lang = self.lang;
        let Some(heads) = &self.parting else {
            let same =
                lang.pick("both runs are the same, event by event", "两次运行逐个事件都相同");
            return writeln!(out, "{same}\n");
        };
        let at = heads.iter().flatten().map(|(at, _)| *at).min().unwrap_or_default();
        let at = clock(at);
        writeln!(
            out,
            "{}",
            lang.pick(
                format!("first difference at {at}, of all that happened:"),
                format!("在所有事件中，第一处不同在 {at}：")
            )
        )?;
        for ((sign, head), side) in ["<", ">"].iter().zip(heads).zip(self.sides) {
            match head {
                Some((at, told)) => {
                    let (who, says) = self.say(side, told);
                    writeln!(out, "{sign} {:>11}  {} {says}", clock(*at), pad(&who, 12))?;
                }
                None => writeln!(out, "{sign} {}", lang.pick("(over before)", "（已结束）"))?,
            }
        }
        writeln!(out)
    }

    /// Who tells a fact, and what it says.
    fn say(&self, side: &Side, told: &Told) -> (String, String) {
        let (narrator, lens) = (Narrator::new(self.lang), side.runner.lens());
        let who = lens.name(told.node).to_string();
        (who, narrator.fact(told.node, &told.fact, &lens))
    }

    fn print_story(&self, out: &mut dyn Write) -> io::Result<()> {
        let lang = self.lang;
        let title = lang.pick(
            "story: = both, ~ both at different times, < A only, > B only",
            "经过：= 两边都有，~ 两边都有但时刻不同，< 只在 A，> 只在 B",
        );
        writeln!(out, "── {title} ──")?;
        let (left, right) = (self.heard(0), self.heard(1));
        for pair in pairs(&left, &right) {
            let heard = pair.left().map(|it| &left[it]).or(pair.right().map(|it| &right[it]));
            let Some(heard) = heard else { continue };
            let mut says = heard.says.clone();
            if let Pair::Moved(_, there) = pair {
                let then = clock(right[there].at);
                says = lang.pick(format!("{says} (B: {then})"), format!("{says}（B：{then}）"));
            }
            let (mut at, mut who) = (clock(heard.at), heard.who.clone());
            for row in wrap::rows(&says, WIDTH - 28) {
                writeln!(out, "{} {at:>11}  {} {row}", pair.sign(), pad(&who, 12))?;
                at.clear();
                who.clear();
            }
        }
        writeln!(out)
    }

    fn print_numbers(&self, out: &mut dyn Write) -> io::Result<()> {
        let lang = self.lang;
        writeln!(out, "── {} ──", lang.pick("numbers", "数字"))?;
        let [left, right] = self.sides.map(|side| side.runner.summary());
        writeln!(out, "{} {:>12} {:>12}", pad("", 28), "A", "B")?;
        for row in left.beside(&right) {
            let change = match i128::from(row.right) - i128::from(row.left) {
                0 => String::new(),
                change => format!("  {change:+}"),
            };
            let name = pad(row.name(lang), 28);
            writeln!(out, "{name} {:>12} {:>12}{change}", row.left, row.right)?;
        }
        writeln!(out)
    }

    fn print_clusters(&self, out: &mut dyn Write) -> io::Result<()> {
        let lang = self.lang;
        let ends = self.sides.map(|side| side.runner.now());
        let title = lang.pick(
            format!("the clusters at {} and {}", clock(ends[0]), clock(ends[1])),
            format!("两个集群在 {} 与 {} 时", clock(ends[0]), clock(ends[1])),
        );
        writeln!(out, "── {title} ──")?;
        let contrast = self.contrast();
        if contrast.is_empty() {
            writeln!(out, "{}", lang.pick("no difference", "没有不同"))?;
        }
        for one in &contrast {
            let none = || "-".to_owned();
            let (left, right) = (one.left.clone(), one.right.clone());
            let what =
                format!("{} {}", one.subject, lang.pick(one.what.title()[0], one.what.title()[1]));
            let what = pad(&what, 28);
            writeln!(
                out,
                "{what} {:>12} {:>12}",
                left.unwrap_or_else(none),
                right.unwrap_or_else(none)
            )?;
        }
        writeln!(out)?;
        let hashes = self.sides.map(|side| side.runner.trace_hash().unwrap_or_default());
        let word = if self.same { "=" } else { "≠" };
        writeln!(out, "trace hash {:032x} {word} {:032x}", hashes[0], hashes[1])
    }

    fn print_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let (left, right) = (self.heard(0), self.heard(1));
        let line =
            |heard: &Heard| Line { at: heard.at, who: heard.who.clone(), says: heard.says.clone() };
        let story = pairs(&left, &right).into_iter().map(|pair| Joined {
            sign: pair.sign(),
            a: pair.left().map(|it| line(&left[it])),
            b: pair.right().map(|it| line(&right[it])),
        });
        let run = |index: usize| {
            let (name, side) = (self.names[index], self.sides[index]);
            OneRun {
                name,
                label: side.label.as_deref(),
                seed: side.runner.scenario().seed,
                kafka: side.runner.scenario().release.to_string(),
                ended_at: side.runner.now(),
                events: side.runner.number(),
                summary: side.runner.summary(),
                trace_hash: format!("{:032x}", side.runner.trace_hash().unwrap_or_default()),
            }
        };
        let first = |index: usize| {
            let (at, told) = self.parting.as_ref()?[index].as_ref()?;
            let (who, says) = self.say(self.sides[index], told);
            Some(Line { at: *at, who, says })
        };
        let first_difference = self.parting.as_ref().map(|_| First { a: first(0), b: first(1) });
        let document = Document {
            same: self.same,
            a: run(0),
            b: run(1),
            first_difference,
            story: story.collect(),
            clusters: self.contrast(),
        };
        serde_json::to_writer_pretty(&mut *out, &document)?;
        writeln!(out)
    }
}

#[derive(Serialize)]
struct Document<'a> {
    same: bool,
    a: OneRun<'a>,
    b: OneRun<'a>,
    first_difference: Option<First>,
    story: Vec<Joined>,
    clusters: Vec<Contrast>,
}

#[derive(Serialize)]
struct OneRun<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    seed: u64,
    kafka: String,
    ended_at: Instant,
    events: u64,
    summary: Summary,
    trace_hash: String,
}

#[derive(Serialize)]
struct First {
    a: Option<Line>,
    b: Option<Line>,
}

#[derive(Serialize)]
struct Line {
    at: Instant,
    who: String,
    says: String,
}

#[derive(Serialize)]
struct Joined {
    sign: &'static str,
    a: Option<Line>,
    b: Option<Line>,
}
