//! The story format: what `kafkascope run` prints for people.

use std::io::{self, Write};

use super::play_out::Ran;
use super::{because, words};
use crate::check::Losses;
use crate::config::Acks;
use crate::explain::{Lang, Narrator, clock};
use crate::export::tale::{Entry, Tale};
use crate::scenario::language::instant_text;
use crate::scenario::runner::Verdict;
use crate::scenario::timeline::Timeline;
use crate::scenario::{Producer, Run, Scenario, Summary};
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
    /// All runs of the file.
    pub(super) runs: &'a [Run],
}

impl Page<'_> {
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
                let from = ran.runner.scenario().steps[step].when.told_in(lang);
                lang.pick(format!("from {from}: "), format!("{from} 起："))
            });
            match outcome.verdict {
                // What is expected may be a loss: the sign says that it came, not that it is good.
                Verdict::Held => {
                    let so = lang.pick("as expected: ", "符合预期：");
                    writeln!(out, "✔ {so}{step}{}", outcome.text)?;
                }
                Verdict::NotJudged => {
                    let why = lang.pick("not judged", "未判定");
                    writeln!(out, "· {step}{} ({why})", outcome.text)?;
                }
                Verdict::Failed(failure) => {
                    let why = words::failure(lang, failure);
                    let saw = words::saw(lang, outcome);
                    writeln!(out, "✖ {step}{}: {why} ({}){saw}", outcome.text, outcome.at)?;
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
        self.summary(ran.runner.scenario(), &report.summary, report.events, out)
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

    fn summary(
        &self,
        scenario: &Scenario,
        summary: &Summary,
        events: u64,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let lang = self.lang;
        let Summary { sent, acked, failed, lost, acked_lost, duplicated, .. } = summary;
        let Summary { rebalances, elections, internal_elections, unclean_elections, .. } = summary;
        let more = |told: String| if *internal_elections > 0 { told } else { String::new() };
        let internal = more(lang.pick(
            format!(", and {internal_elections} of internal topics"),
            format!("，内部主题另有 {internal_elections}"),
        ));
        // With acks=0 nobody acknowledges anything.
        let unacked = |producer: &Producer| producer.config.acks == Acks::None;
        let (all, some) = (
            !scenario.producers.is_empty() && scenario.producers.iter().all(unacked),
            scenario.producers.iter().any(unacked),
        );
        let (count, of_lost) = match (all, some) {
            (true, _) => (
                lang.pick(
                    format!("counted as written {acked} (acks=0: nobody answers)"),
                    format!("视为写入 {acked}（acks=0，没有答复）"),
                ),
                lang.pick("counted as written", "其中视为写入"),
            ),
            (_, some) => {
                let counted = lang.pick(" (acks=0: counted when sent)", "（acks=0 的发出就算）");
                let told = lang.pick(format!("acked {acked}"), format!("确认 {acked}"));
                let counted = if some { counted } else { "" };
                (format!("{told}{counted}"), lang.pick("acked", "其中已确认"))
            }
        };
        match lang {
            Lang::En => writeln!(
                out,
                "sent {sent} · {count} · failed {failed} · lost {lost} ({of_lost} {acked_lost}) · \
                 duplicated {duplicated} · rebalances {rebalances} · \
                 elections {elections}{internal} (unclean {unclean_elections}) · events {events}"
            ),
            Lang::Zh => writeln!(
                out,
                "发送 {sent} · {count} · 失败 {failed} · 丢失 {lost}（{of_lost} {acked_lost}）· \
                 重复 {duplicated} · 重平衡 {rebalances} · \
                 选举 {elections}{internal}（其中 unclean {unclean_elections}）· 事件 {events}"
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
