//! Speaker notes: what the teacher should know of a moment, and what comes next. Text in one language;
//! a class never sees it.

use std::fmt::Write;

use super::App;
use super::panels::lesson::Said;
use crate::explain::{Lang, clock};
use crate::scenario::runner::{Runner, Speech};
use crate::scenario::{Ask, Scenario, Step};

/// The notes of the moment that is shown.
pub fn now(app: &App, lang: Lang) -> String {
    let runner = app.timeline.runner();
    let scenario = runner.scenario();
    let mut page = String::new();
    let count = scenario.steps.len();
    let done = runner.done_steps().next_back();
    put(&mut page, scenario.title.told_in(lang), &clock(runner.now()));
    page.push('\n');
    let asked = open_question(runner);
    if let Some(index) = done {
        let number = index + 1;
        let head = lang.pick(
            format!("NOW    step {number} of {count}"),
            format!("现在   第 {number} 步，共 {count} 步"),
        );
        step(&mut page, &head, &scenario.steps[index], lang, asked == Some(index));
    } else {
        let begins = lang.pick("NOW    nothing was done yet", "现在   还什么都没做");
        put(&mut page, begins, "");
        if let Some(watch) = &scenario.watch {
            line(&mut page, lang.pick("watch", "看点"), watch.told_in(lang));
        }
    }
    if let Some(index) = asked.filter(|index| Some(*index) != done) {
        let head = lang.pick("ASKED", "提问");
        page.push('\n');
        put(&mut page, head, "");
        if let Some(ask) = &scenario.steps[index].ask {
            question(&mut page, ask, lang);
        }
    }
    let next = done.map_or(0, |last| last + 1);
    if let Some(one) = scenario.steps.get(next) {
        let number = next + 1;
        let head = lang.pick(format!("NEXT   step {number}"), format!("接着   第 {number} 步"));
        page.push('\n');
        step(&mut page, &head, one, lang, asked != Some(next));
    }
    let score = app.ui.asks.score(runner);
    let all = score.right + score.wrong;
    if all + score.hands as usize > 0 {
        page.push('\n');
        let (right, hands_right, hands) = (score.right, score.hands_right, score.hands);
        put(
            &mut page,
            &lang.pick(
                format!("right: {right} of {all}; hands: {hands_right} of {hands}"),
                format!("答对 {right}/{all}；举手答对 {hands_right}/{hands}"),
            ),
            "",
        );
    }
    page
}

/// The notes of all steps of a scenario.
pub fn all(scenario: &Scenario, lang: Lang) -> String {
    let mut page = String::new();
    put(&mut page, scenario.title.told_in(lang), "");
    if let Some(watch) = &scenario.watch {
        line(&mut page, lang.pick("watch", "看点"), watch.told_in(lang));
    }
    for (index, one) in scenario.steps.iter().enumerate() {
        page.push('\n');
        let number = index + 1;
        let head = lang.pick(format!("step {number}"), format!("第 {number} 步"));
        step(&mut page, &head, one, lang, true);
    }
    page
}

/// The question that was asked last, while the run has not answered it.
fn open_question(runner: &Runner) -> Option<usize> {
    let mut asked = runner.spoken().iter().rev();
    let last = asked.find(|one| matches!(one.speech, Speech::Ask { .. }))?;
    runner.told_answer(last.step).is_none().then_some(last.step)
}

fn step(page: &mut String, head: &str, step: &Step, lang: Lang, asks: bool) {
    put(page, head, &step.when.told_in(lang));
    for one in &step.instructions {
        line(page, lang.pick("do", "执行"), &one.line);
    }
    if let Some(ask) = step.ask.as_ref().filter(|_| asks) {
        question(page, ask, lang);
    }
    if let Some(say) = &step.say {
        line(page, lang.pick("say", "讲解"), say.told_in(lang));
    }
    if let Some(note) = &step.note {
        line(page, lang.pick("NOTE", "备注"), note.told_in(lang));
    }
}

fn question(page: &mut String, ask: &Ask, lang: Lang) {
    let speech = Speech::Ask {
        question: ask.question.clone(),
        choices: ask.choices.iter().map(|choice| choice.text.clone()).collect(),
        hint: None,
    };
    let said = Said::of(&speech, lang);
    line(page, lang.pick("ask", "提问"), &said.text);
    for choice in &said.choices {
        line(page, "", choice);
    }
    if let Some(hint) = &ask.hint {
        line(page, lang.pick("hint", "提示"), hint.told_in(lang));
    }
    if let Some(written) = &ask.written {
        line(page, lang.pick("answer", "答案"), written);
    }
    if let Some(reveal) = &ask.reveal {
        line(page, lang.pick("reveal", "揭晓"), reveal.told_in(lang));
    }
}

fn put(page: &mut String, left: &str, right: &str) {
    writeln!(page, "{}", format!("{left}   {right}").trim_end()).expect("strings take everything");
}

/// A labelled line; its first column is nine cells wide.
fn line(page: &mut String, label: &str, text: &str) {
    let wide = unicode_width::UnicodeWidthStr::width(label);
    let gap = " ".repeat(7usize.saturating_sub(wide));
    writeln!(page, "  {label}{gap}{}", text.trim()).expect("strings take everything");
}
