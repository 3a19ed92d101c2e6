//! Lists to choose from: scenarios, runs, futures, breakpoints.

use ratatui::layout::Rect;

use super::help::{matches, padded};
use super::sheet::{self, Sheet};
use crate::explain::Lang;
use crate::scenario::timeline::FutureId;
use crate::scenario::{Step, Text, When, library, load};
use crate::sim::Instant;
use crate::tui::layer::Kind;
use crate::tui::{App, Look};

/// Something to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct One {
    /// Its place in the whole list.
    pub place: usize,
    /// Its name.
    pub name: String,
    /// What it is.
    pub says: String,
}

/// What there is to choose from, with all words of `filter` in it.
pub fn items(app: &App, kind: Kind, filter: &str) -> Vec<One> {
    let all = all(app, kind).into_iter().enumerate();
    let all = all.map(|(place, (name, says))| One { place, name, says });
    all.filter(|one| matches(filter, &[&one.name, &one.says])).collect()
}

fn all(app: &App, kind: Kind) -> Vec<(String, String)> {
    let lang = app.ui.lang;
    match kind {
        Kind::Scenarios => {
            library::all().map(|name| (name.to_owned(), about(name, lang))).collect()
        }
        Kind::Runs | Kind::Guess => {
            let runs = app.runs.iter().enumerate().map(|(index, run)| {
                let label = run.label.as_ref().map(ToString::to_string);
                let title = run.title.as_ref().map_or("", |title| title.told_in(lang));
                (label.unwrap_or_else(|| (index + 1).to_string()), title.to_owned())
            });
            runs.collect()
        }
        Kind::Futures => (0..app.timeline.futures()).map(|index| future(app, index)).collect(),
        Kind::Breakpoints => {
            let breakpoints = app.timeline.breakpoints().iter();
            breakpoints.map(|one| (one.text.clone(), String::new())).collect()
        }
        Kind::Steps => {
            let steps = app.timeline.runner().scenario().steps.iter().enumerate();
            steps.map(|(index, step)| ((index + 1).to_string(), about_step(step, lang))).collect()
        }
    }
}

/// The page of a list.
pub fn sheet(
    look: &Look<'_>,
    app: &App,
    kind: Kind,
    selected: usize,
    filter: &str,
    area: Rect,
) -> Sheet {
    let (theme, lang) = (look.theme, look.lang());
    let title = match kind {
        Kind::Scenarios => lang.pick("Scenarios", "场景"),
        Kind::Runs => lang.pick("The runs of this file", "这个文件的各次运行"),
        Kind::Guess => app.question().map_or("", |ask| ask.question.told_in(lang)),
        Kind::Futures => lang.pick("Futures", "时间线"),
        Kind::Breakpoints => lang.pick("Breakpoints", "断点"),
        Kind::Steps => lang.pick("Steps of the scenario", "场景的步骤"),
    };
    let foot = match kind {
        Kind::Guess => lang
            .pick("⏎ answers, and shows what was measured · Esc skips", "⏎ 作答并揭晓 · Esc 跳过"),
        Kind::Breakpoints => lang.pick("Del removes it · Esc closes", "Del 删除 · Esc 关闭"),
        _ => lang.pick(
            "⏎ opens · / filters · g 中文 · Esc closes",
            "⏎ 打开 · / 筛选 · g English · Esc 关闭",
        ),
    };
    let mut sheet = Sheet { title: title.to_owned(), foot, ..Sheet::default() };
    if !filter.is_empty() {
        sheet.title = format!("{} /{filter}", sheet.title);
    }
    let items = items(app, kind, filter);
    let widest = items.iter().map(|one| one.name.len()).max().unwrap_or_default();
    let width = sheet::width(area);
    if items.is_empty() {
        let none = lang.pick("nothing has these words in it", "没有包含这些词的内容");
        sheet.row(vec![(theme.text, none.to_owned())]);
    }
    for (index, One { name, says, .. }) in items.into_iter().enumerate() {
        if index == selected {
            sheet.selected = Some(sheet.rows.len());
        }
        // The selected one is told in full below the others' first row.
        let head = (theme.title, padded(&name, widest + 3));
        let rows: Vec<&str> =
            crate::tui::wrap::rows(&says, width.saturating_sub(widest as u16 + 3)).collect();
        let first = rows.first().copied().unwrap_or_default().to_owned();
        sheet.row(vec![head, (theme.text, first)]);
        for more in rows.iter().skip(1) {
            let indent = " ".repeat(widest + 3);
            sheet.row(vec![(theme.text, format!("{indent}{more}"))]);
        }
    }
    sheet
}

/// When a step is due, and what it does, asks or says.
fn about_step(step: &Step, lang: Lang) -> String {
    let when = match &step.when {
        When::At(at) => format!("{}  ", to_millis(*at)),
        When::Holds { text, .. } => format!("{} {text}  ", lang.pick("when", "当")),
    };
    let mut does: Vec<&str> = step.instructions.iter().map(|one| &*one.line).collect();
    let told = |text: &'_ Text| -> String { text.told_in(lang).to_owned() };
    let asks = step.ask.as_ref().map(|ask| format!("? {}", told(&ask.question)));
    does.extend(asks.as_deref());
    let says = step.say.as_ref().filter(|_| does.is_empty()).map(told);
    does.extend(says.as_deref());
    format!("{when}{}", does.join(" · "))
}

/// The title of a built-in scenario, and what to look at.
fn about(name: &str, lang: Lang) -> String {
    let Some(source) = library::find(name) else { return String::new() };
    let loaded = load(&source);
    let Some(run) = loaded.runs.first() else { return String::new() };
    let say = |text: &Text| text.told_in(lang).to_owned();
    match &run.scenario.watch {
        Some(watch) => format!("{} — {}", say(&run.scenario.title), say(watch)),
        None => say(&run.scenario.title),
    }
}

/// A future: its number, and what makes it another one.
fn future(app: &App, index: usize) -> (String, String) {
    let lang = app.ui.lang;
    let (typed, until) = app.timeline.future_of(FutureId(index));
    let name = format!("{}{}", lang.pick("future ", "时间线 "), index + 1);
    let typed: Vec<String> = typed
        .iter()
        .map(|one| format!("{}  {}", to_millis(one.recorded.at), one.recorded.line))
        .collect();
    let what = match typed.last() {
        None => lang.pick("the scenario alone", "场景本身").to_owned(),
        Some(last) if typed.len() == 1 => last.clone(),
        Some(last) => format!("{last}  (+{})", typed.len() - 1),
    };
    let until = to_millis(until);
    let until = lang.pick(format!(", seen until {until}"), format!("，看到 {until}"));
    (name, format!("{what}{until}"))
}

/// A moment as people say it: finer digits are left out.
pub(super) fn to_millis(at: Instant) -> Instant {
    Instant::from_nanos(at.as_millis() * 1_000_000)
}
