//! The story format: what `kafkascope run` prints for people.

use std::io::{self, Write};

use super::play_out::Ran;
use super::{because, words};
use crate::check::Losses;
use crate::explain::{Lang, Narrator, clock};
use crate::export::tale::{Entry, Tale};
use crate::scenario::language::instant_text;
use crate::scenario::runner::Verdict;
use crate::scenario::timeline::Timeline;
use crate::scenario::{Scenario, Summary};
use crate::sim::Instant;
use crate::tui::wrap;

/// So wide is what a scenario tells at length.
pub(super) const WIDTH: u16 = 120;

/// The columns of time and speaker.
const INDENT: u16 = 26;

/// Who reads, and what was run.
pub(super) struct Page<'a> {
    pub(super) lang: Lang,
    /// How the scenario is called on a command line.
    pub(super) name: &'a str,
    /// Which of the file's runs it is, if there are several.
    pub(super) run: Option<&'a str>,
    /// What is different between the runs of the file, if there are several.
    pub(super) compared: Vec<&'a str>,
}

impl Page<'_> {
    /// Seed, level, cluster, clients and what is done to them.
    pub(super) fn header(&self, scenario: &Scenario, out: &mut dyn Write) -> io::Result<()> {
        let lang = self.lang;
        writeln!(out, "{}", scenario.title.told_in(lang))?;
        let duration = if scenario.duration_is_default {
            let unsaid = lang.pick("(no duration in the file)", "（文件未写 duration）");
            format!("{} {unsaid}", scenario.duration)
        } else {
            scenario.duration.to_string()
        };
        let seed = lang.pick("seed", "种子");
        writeln!(out, "Kafka {} · {seed} {} · {duration}", scenario.release, scenario.seed)?;
        writeln!(out, "{}", self.cluster(scenario))?;
        if !self.compared.is_empty() {
            let compares = lang.pick("compares: ", "对比：");
            writeln!(out, "{compares}{}", self.compared.join(" | "))?;
        }
        super::lab::task(scenario, lang, out)?;
        if let Some(watch) = &scenario.watch {
            writeln!(out, "{}{}", lang.pick("watch: ", "看点："), watch.told_in(lang))?;
        }
        let faults: Vec<&str> = scenario
            .steps
            .iter()
            .flat_map(|step| step.instructions.iter().map(|one| &*one.line))
            .collect();
        if !faults.is_empty() {
            writeln!(out, "{}{}", lang.pick("steps: ", "步骤："), faults.join(" · "))?;
        }
        if let Some(about) = &scenario.about {
            for paragraph in wrap::paragraphs(about.told_in(lang)) {
                writeln!(out)?;
                for row in wrap::rows(&paragraph, WIDTH) {
                    writeln!(out, "{row}")?;
                }
            }
        }
        writeln!(out)
    }

    fn cluster(&self, scenario: &Scenario) -> String {
        let lang = self.lang;
        let cluster = &scenario.cluster;
        let (brokers, controllers) = (cluster.brokers.len(), cluster.controllers.len());
        let mut parts = vec![match lang {
            Lang::En if brokers == 1 => "1 broker".to_owned(),
            Lang::En => format!("{brokers} brokers"),
            Lang::Zh => format!("{brokers} 个 broker"),
        }];
        if cluster.combined {
            parts.push(lang.pick("combined mode", "combined 模式").to_owned());
        } else {
            parts.push(match lang {
                Lang::En if controllers == 1 => "1 controller".to_owned(),
                Lang::En => format!("{controllers} controllers"),
                Lang::Zh => format!("{controllers} 个 controller"),
            });
        }
        for topic in &scenario.topics {
            let (count, factor) = (topic.partitions, topic.replication_factor);
            parts.push(match lang {
                Lang::En => format!("{}: {count} × RF {factor}", topic.name),
                Lang::Zh => format!("{}：{count} 分区 × {factor} 副本", topic.name),
            });
        }
        for producer in &scenario.producers {
            let rate = producer.rate.map_or_else(String::new, |rate| format!(" {rate}"));
            // What the runs differ in is said elsewhere.
            let acks = if self.compared.is_empty() {
                format!(" acks={}", producer.config.acks.word())
            } else {
                String::new()
            };
            parts.push(format!("{}{rate}{acks}", producer.name));
        }
        for group in &scenario.groups {
            parts.push(match lang {
                Lang::En if group.members.len() == 1 => format!("{}: 1 consumer", group.name),
                Lang::En => format!("{}: {} consumers", group.name, group.members.len()),
                Lang::Zh => format!("{}：{} 个消费者", group.name, group.members.len()),
            });
        }
        parts.join(" · ")
    }

    /// The story, a line each: when, who, what. Asides are left out. What the scenario says stands
    /// where it says it, behind a sign of its own.
    pub(super) fn story(&self, ran: &Ran, out: &mut dyn Write) -> io::Result<()> {
        for entry in Tale::of(&ran.story, &ran.runner, self.lang).entries {
            if let Some(sign) = entry.sign {
                spoken(&entry, sign, out)?;
            } else {
                let (at, who) = (clock(entry.at), pad(&entry.who, 12));
                writeln!(out, "{at:>11}  {who} {}", entry.text)?;
            }
        }
        writeln!(out)
    }

    /// Every expectation with its verdict, then what was counted.
    pub(super) fn verdicts(&self, ran: &Ran, out: &mut dyn Write) -> io::Result<()> {
        let lang = self.lang;
        let report = &ran.report;
        // The run once more, to look at what failed: all failures share it.
        let mut again: Option<Timeline> = None;
        // Goals are told below, with the task.
        for outcome in report.outcomes.iter().filter(|outcome| outcome.goal.is_none()) {
            let step = outcome.step.map_or_else(String::new, |step| {
                let number = step + 1;
                lang.pick(format!("step {number}: "), format!("步骤 {number}："))
            });
            match outcome.verdict {
                Verdict::Held => writeln!(out, "✔ {step}{}", outcome.text)?,
                Verdict::NotJudged => {
                    let why = lang.pick("not judged", "未判定");
                    writeln!(out, "· {step}{} ({why})", outcome.text)?;
                }
                Verdict::Failed(failure) => {
                    let why = words::failure(lang, failure);
                    writeln!(out, "✖ {step}{}: {why} ({})", outcome.text, outcome.at)?;
                    self.look(outcome.at, out)?;
                    let scenario = ran.runner.scenario();
                    let timeline = again.get_or_insert_with(|| Timeline::new(scenario.clone()));
                    because::print(timeline, outcome.at, outcome.event, lang, out)?;
                }
            }
        }
        for refused in &report.refused {
            let why = lang.pick("could not be carried out", "无法执行");
            writeln!(out, "✖ {} {why}: {} ({})", refused.line, refused.problem, refused.at)?;
            self.look(refused.at, out)?;
        }
        for violation in &report.violations {
            writeln!(out, "✖ {}", words::violation(lang, violation))?;
            self.look(violation.at, out)?;
        }
        if let Some(stop) = report.stopped {
            writeln!(out, "{}", words::stop(lang, stop))?;
        }
        if report.summary.lost > 0 {
            self.losses(ran, out)?;
        }
        self.summary(&report.summary, report.events, out)
    }

    /// How often each invariant was judged, those first that never were.
    pub(super) fn judged(&self, ran: &Ran, out: &mut dyn Write) -> io::Result<()> {
        let (never, judged): (Vec<_>, Vec<_>) =
            ran.report.judged.iter().partition(|(_, count)| **count == 0);
        let names: Vec<&str> = never.iter().map(|(id, _)| id.name()).collect();
        let title = self.lang.pick("invariants never judged:", "从未判定的不变量：");
        let none = self.lang.pick("none", "无");
        let names = if names.is_empty() { none.to_owned() } else { names.join(" ") };
        writeln!(out, "{title} {names}")?;
        for (id, count) in judged {
            let [en, zh] = id.title();
            writeln!(out, "{count:>10}  {id:<4} {}", self.lang.pick(en, zh))?;
        }
        Ok(())
    }

    /// Which records were lost and why, and the moment to look at.
    fn losses(&self, ran: &Ran, out: &mut dyn Write) -> io::Result<()> {
        let narrator = Narrator::new(self.lang);
        let world = ran.runner.lens();
        let lost = self.lang.pick("lost: ", "丢失：");
        let Losses { acked, left_out, untold, .. } = &ran.report.losses;
        for loss in acked.iter().take(LOSSES) {
            writeln!(out, "{lost}{}", narrator.loss(loss, &world))?;
            let (at, event) = (loss.at, loss.event);
            let cause = narrator.cause(loss.cause, &world);
            match self.lang {
                Lang::En => writeln!(out, "    {cause} ({at}, event {event})")?,
                Lang::Zh => writeln!(out, "    {cause}（{at}，事件 {event}）")?,
            }
            self.look(loss.at, out)?;
        }
        let more = left_out + acked.iter().skip(LOSSES).map(|loss| loss.records).sum::<u64>();
        if more > 0 {
            writeln!(out, "{lost}{}", narrator.more_lost(more, &world))?;
        }
        if *untold > 0 {
            writeln!(out, "{lost}{}", narrator.untold(*untold, &world))?;
        }
        Ok(())
    }

    /// The command that shows a moment.
    pub(super) fn look(&self, at: Instant, out: &mut dyn Write) -> io::Result<()> {
        let look = self.lang.pick("look at it:", "去看看：");
        let run = match self.run {
            None => String::new(),
            Some(run) if run.contains(|it: char| !it.is_ascii_alphanumeric() && it != '-') => {
                format!(" --run '{run}'")
            }
            Some(run) => format!(" --run {run}"),
        };
        writeln!(out, "    {look} kafkascope play {}{run} --at {}", self.name, instant_text(at))
    }

    fn summary(&self, summary: &Summary, events: u64, out: &mut dyn Write) -> io::Result<()> {
        let Summary { sent, acked, failed, lost, acked_lost, duplicated, .. } = summary;
        let Summary { rebalances, elections, internal_elections, unclean_elections, .. } = summary;
        let more = |told: String| if *internal_elections > 0 { told } else { String::new() };
        let internal = more(self.lang.pick(
            format!(", and {internal_elections} of internal topics"),
            format!("，内部主题另有 {internal_elections}"),
        ));
        match self.lang {
            Lang::En => writeln!(
                out,
                "sent {sent} · acked {acked} · failed {failed} · lost {lost} (acked {acked_lost}) · \
                 duplicated {duplicated} · rebalances {rebalances} · \
                 elections {elections}{internal} (unclean {unclean_elections}) · events {events}"
            ),
            Lang::Zh => writeln!(
                out,
                "发送 {sent} · 确认 {acked} · 失败 {failed} · 丢失 {lost}（其中已确认 {acked_lost}）· \
                 重复 {duplicated} · 重平衡 {rebalances} · \
                 选举 {elections}{internal}（不干净 {unclean_elections}）· 事件 {events}"
            ),
        }
    }
}

/// What the scenario says at a moment.
fn spoken(entry: &Entry, sign: &str, out: &mut dyn Write) -> io::Result<()> {
    let (mut at, mut who) = (clock(entry.at), format!("{sign} {}", entry.who));
    for row in wrap::rows(&entry.text, WIDTH - INDENT) {
        writeln!(out, "{at:>11}  {} {row}", pad(&who, 12))?;
        at.clear();
        who.clear();
    }
    for choice in &entry.choices {
        writeln!(out, "{}   {choice}", pad("", usize::from(INDENT)))?;
    }
    Ok(())
}

/// So many losses are told one by one.
const LOSSES: usize = 3;

/// A text in a column: Chinese letters are two cells wide.
pub(super) fn pad(text: &str, width: usize) -> String {
    let wide = unicode_width::UnicodeWidthStr::width(text);
    format!("{text}{}", " ".repeat(width.saturating_sub(wide)))
}
