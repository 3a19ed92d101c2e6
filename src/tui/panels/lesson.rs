//! What the scenario is about, and what it has said so far: questions, answers, explanations.

use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::ask;
use super::list::to_millis;
use super::sheet::{self, Sheet};
use crate::explain::{Lang, clock};
use crate::scenario::runner::{Speech, Spoken};
use crate::scenario::{Given, Grade};
use crate::tui::asks::Score;
use crate::tui::{App, Look, wrap};

/// What a scenario says, in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    /// A sign that tells it from what happens.
    pub sign: &'static str,
    /// What it is, in a word.
    pub kind: &'static str,
    /// What it says.
    pub text: String,
    /// What can be answered, each with its letter.
    pub choices: Vec<String>,
}

impl Said {
    /// What is said, in a language.
    pub(crate) fn of(speech: &Speech, lang: Lang) -> Self {
        match speech {
            Speech::Say(text) => Self {
                sign: "»",
                kind: lang.pick("lesson", "讲解"),
                text: text.told_in(lang).to_owned(),
                choices: Vec::new(),
            },
            Speech::Ask { question, choices, .. } => Self {
                sign: "?",
                kind: lang.pick("question", "提问"),
                text: question.told_in(lang).to_owned(),
                choices: ask::letters()
                    .zip(choices)
                    .map(|(letter, choice)| format!("{letter}) {}", choice.told_in(lang)))
                    .collect(),
            },
            Speech::Answer { asked, choice, value, reveal } => {
                let mut text = asked.map_or_else(String::new, |asked| {
                    let asked = clock(asked);
                    lang.pick(format!("to the question of {asked}: "), format!("{asked} 的问题："))
                });
                if let Some(letter) = choice.and_then(|choice| ask::letters().nth(choice)) {
                    text.extend([letter, ')', ' ']);
                }
                let value = value.as_ref().map(|value| value.told_in(lang));
                let reveal = reveal.as_ref().map(|reveal| reveal.told_in(lang).to_owned());
                let parts: Vec<String> = value.into_iter().chain(reveal).collect();
                text.push_str(&parts.join(lang.pick(" — ", "——")));
                Self { sign: "=", kind: lang.pick("answer", "答案"), text, choices: Vec::new() }
            }
        }
    }

    /// All of it in one line.
    pub(crate) fn line(&self) -> String {
        let choices: Vec<_> = self.choices.iter().map(|choice| format!("   {choice}")).collect();
        format!("{}{}", self.text, choices.concat())
    }
}

/// The page.
pub fn sheet(look: &Look<'_>, app: &App, area: Rect) -> Sheet {
    let (theme, lang) = (look.theme, look.lang());
    let runner = app.timeline.runner();
    let scenario = runner.scenario();
    let mut sheet = Sheet {
        title: scenario.title.told_in(lang).to_owned(),
        foot: lang.pick("Esc closes", "Esc 关闭"),
        ..Sheet::default()
    };
    let width = sheet::width(area);
    if let Some(watch) = &scenario.watch {
        let watch = format!("{}{}", lang.pick("watch: ", "看点："), watch.told_in(lang));
        sheet.text(theme.note, &watch, 0, width);
    }
    if let Some(about) = &scenario.about {
        for paragraph in wrap::paragraphs(about.told_in(lang)) {
            sheet.gap();
            sheet.text(theme.text, &paragraph, 0, width);
        }
    }
    for spoken in runner.spoken() {
        let said = Said::of(&spoken.speech, lang);
        sheet.gap();
        let head = format!("{}  {} {}  ", to_millis(spoken.at), said.sign, said.kind);
        let indent = head.width();
        let mut rows = wrap::rows(&said.text, width.saturating_sub(indent as u16));
        let first = rows.next().unwrap_or_default().to_owned();
        sheet.row(vec![(theme.label, head), (theme.text, first)]);
        for row in rows {
            sheet.row(vec![(theme.text, format!("{}{row}", " ".repeat(indent)))]);
        }
        for choice in &said.choices {
            sheet.text(theme.text, choice, indent + 2, width);
        }
        if let Some((style, answered)) = answered(look, app, spoken) {
            sheet.text(style, &answered, indent, width);
        }
    }
    score(look, app, &mut sheet);
    if sheet.rows.is_empty() {
        let none = lang.pick("this scenario says nothing", "这个场景没有写讲解");
        sheet.row(vec![(theme.text, none.to_owned())]);
    }
    sheet
}

/// What was answered, where the run has answered too.
fn answered(look: &Look<'_>, app: &App, spoken: &Spoken) -> Option<(Style, String)> {
    let Speech::Answer { .. } = spoken.speech else { return None };
    let (theme, lang) = (look.theme, look.lang());
    let you = match app.ui.asks.of(spoken.step)?.given.as_ref()? {
        Given::Choice(choice) => ask::letters().nth(*choice)?.to_string(),
        Given::Words(words) => words.to_string(),
    };
    let (style, sign) = match app.ui.asks.grade(spoken.step, app.timeline.runner())? {
        Grade::Right => (theme.good, theme.signs.good),
        Grade::Wrong => (theme.offline, theme.signs.offline),
        Grade::Open => (theme.label, theme.signs.dot),
    };
    Some((style, lang.pick(format!("{sign} you: {you}"), format!("{sign} 你答：{you}"))))
}

/// How many answers were right so far.
fn score(look: &Look<'_>, app: &App, sheet: &mut Sheet) {
    let (theme, lang) = (look.theme, look.lang());
    let Score { right, wrong, hands_right, hands } = app.ui.asks.score(app.timeline.runner());
    let all = right + wrong;
    if all > 0 {
        sheet.gap();
        let told =
            lang.pick(format!("right: {right} of {all}"), format!("{all} 题答对 {right} 题"));
        sheet.row(vec![(theme.title, told)]);
    }
    if hands > 0 {
        sheet.gap();
        let told = lang.pick(
            format!("hands that were right: {hands_right} of {hands}"),
            format!("举手 {hands} 人次，答对 {hands_right} 人次"),
        );
        sheet.row(vec![(theme.title, told)]);
    }
}
