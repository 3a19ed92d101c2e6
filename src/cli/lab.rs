//! Labs: what the task is, which goals hold, what is missing, and hints, one level after the other.

use std::io::{self, Write};

use super::play_out::Ran;
use super::story::Page;
use super::words;
use crate::explain::Lang;
use crate::scenario::lab::Solved;
use crate::scenario::runner::{Outcome, Verdict};
use crate::scenario::{Scenario, Text};
use crate::tui::wrap;

/// The task: what is to be done, and what may be changed for it.
pub(super) fn task(scenario: &Scenario, lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    for lab in &scenario.labs {
        let task = format!("{}{}", lang.pick("task: ", "任务："), lab.say.told_in(lang));
        for row in wrap::rows(&task, super::story::WIDTH) {
            writeln!(out, "{row}")?;
        }
        if !lab.edit.is_empty() {
            let change = lang.pick("you may change: ", "可以改：");
            writeln!(out, "    {change}{}", lab.edit.join(" · "))?;
        }
    }
    Ok(())
}

/// Every goal with what of it holds; below what is missing, hints up to `level`, and how to get on.
pub(super) fn goals(
    page: &Page<'_>,
    ran: &Ran,
    solved: Option<&Solved>,
    level: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (lang, scenario) = (page.lang, ran.runner.scenario());
    if scenario.goals.is_empty() {
        return Ok(());
    }
    let mut unmet = Vec::new();
    for (index, goal) in scenario.goals.iter().enumerate() {
        let mine = || ran.report.outcomes.iter().filter(move |one| one.goal == Some(index));
        let held = |one: &Outcome| one.verdict == Verdict::Held;
        let sign = match () {
            () if mine().all(held) => "✔",
            () if mine().any(|one| matches!(one.verdict, Verdict::Failed(_))) => "✖",
            () => "·",
        };
        let number = index + 1;
        let say = goal.say.told_in(lang);
        match lang {
            Lang::En => writeln!(out, "{sign} goal {number}: {say}")?,
            Lang::Zh => writeln!(out, "{sign} 目标 {number}：{say}")?,
        }
        for outcome in mine().filter(|one| !held(one)) {
            missing(page, outcome, out)?;
        }
        if sign != "✔" {
            unmet.push(&goal.hints);
        }
    }
    let strayed = solved.map_or(&[][..], |solved| &solved.strayed);
    if !strayed.is_empty() {
        let changed = lang.pick("changed, though it may not be", "改了不许改的");
        writeln!(out, "✖ {changed}{}{}", lang.pick(": ", "："), strayed.join(" · "))?;
    }
    if unmet.is_empty() && strayed.is_empty() {
        return writeln!(out, "{}", lang.pick("solved: every goal holds", "完成：所有目标都成立"));
    }
    // A student's copy has no hints.
    let labs = solved.map_or(&scenario.labs, |solved| &solved.labs);
    let labs = labs.iter().map(|lab| &lab.hints);
    let hints: Vec<&Text> = labs.chain(unmet).flatten().collect();
    for (index, hint) in hints.iter().take(level).enumerate() {
        let number = index + 1;
        let hint = match lang {
            Lang::En => format!("hint {number}: {}", hint.told_in(lang)),
            Lang::Zh => format!("提示 {number}：{}", hint.told_in(lang)),
        };
        for row in wrap::rows(&hint, super::story::WIDTH) {
            writeln!(out, "{row}")?;
        }
    }
    how_to_go_on(page, hints.len(), level, out)
}

fn missing(page: &Page<'_>, outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let (lang, text, at) = (page.lang, &outcome.text, outcome.at);
    let why = match outcome.verdict {
        Verdict::Failed(failure) => words::failure(lang, failure),
        _ => lang.pick("not judged", "未判定"),
    };
    let saw = words::saw(lang, outcome);
    writeln!(out, "    {text}: {why} ({at}){saw}")?;
    page.look(at, out)
}

fn how_to_go_on(
    page: &Page<'_>,
    hints: usize,
    level: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (lang, name) = (page.lang, page.name);
    if crate::scenario::library::find(name).is_some() {
        let told = lang.pick("to change it: ", "先取一份来改：");
        writeln!(out, "{told}kafkascope new my-{name} --from {name}")?;
    }
    if level < hints {
        let next = level + 1;
        match lang {
            Lang::En => {
                writeln!(out, "a hint: kafkascope run {name} --hint {next} (there are {hints})")
            }
            Lang::Zh => {
                writeln!(out, "要提示：kafkascope run {name} --hint {next}（共 {hints} 条）")
            }
        }
    } else {
        Ok(())
    }
}
