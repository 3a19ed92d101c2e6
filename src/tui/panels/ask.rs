//! A question with its choices, and what the run came to.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::sheet::{self, Sheet};
use crate::explain::{Lang, clock};
use crate::scenario::runner::Runner;
use crate::scenario::{Ask, Given, Grade, told_answer};
use crate::sim::Instant;
use crate::tui::asks::{self, Asked, Gate};
use crate::tui::{App, Look, wrap};

/// The letters of choices.
pub(in crate::tui) fn letters() -> impl Iterator<Item = char> {
    'a'..='z'
}

fn ask_of(runner: &Runner, step: usize) -> Option<&Ask> {
    runner.scenario().steps.get(step)?.ask.as_ref()
}

/// The question as it waits for an answer.
pub fn gate(look: &Look<'_>, app: &App, gate: &Gate, area: Rect) -> Sheet {
    let (theme, lang) = (look.theme, look.lang());
    let mut sheet = Sheet { title: lang.pick("Question", "提问").to_owned(), ..Sheet::default() };
    let Some(ask) = ask_of(app.timeline.runner(), gate.step) else { return sheet };
    let width = sheet::width(area);
    sheet.row(Vec::new());
    sheet.text(theme.title, &look.told(ask.question.told_in(lang).to_owned()), 0, width);
    sheet.row(Vec::new());
    let choices = asks::choices(ask, app.names(), lang);
    let counted = gate.hands.iter().any(|count| *count > 0);
    for (index, (letter, choice)) in letters().zip(&choices).enumerate() {
        let hands = gate.hands.get(index).copied().filter(|_| counted);
        let sign = if index == gate.chosen { theme.signs.selected } else { " " };
        let from = sheet.rows.len();
        let style = if index == gate.chosen { theme.title } else { theme.text };
        let text = look.told(choice.clone());
        put_choice(&mut sheet, &format!("{sign} {letter})  "), &text, hands, width, look);
        for part in sheet.rows[from..].iter_mut().flatten() {
            part.0 = if part.0 == theme.text { style } else { part.0 };
        }
        sheet.row(Vec::new());
    }
    if choices.is_empty() {
        let asks = if asks::takes_digits(ask) {
            lang.pick("a number: ", "填一个数：")
        } else {
            lang.pick("names or a number: ", "填名字或个数：")
        };
        let field = format!("{}_", gate.field.text());
        sheet.row(vec![(theme.label, asks.to_owned()), (theme.selected, format!(" {field} "))]);
        sheet.row(Vec::new());
    }
    if let Some(hint) = ask.hint.as_ref().filter(|_| gate.hint) {
        let hint = format!("{}{}", lang.pick("hint: ", "提示："), hint.told_in(lang));
        sheet.text(theme.you, &look.told(hint), 0, width);
        sheet.row(Vec::new());
    } else if gate.hint {
        let none = lang.pick("there is no hint", "没有提示");
        sheet.row(vec![(theme.label, none.to_owned())]);
        sheet.row(Vec::new());
    }
    if let Some(at) = ask.answer.as_ref().map(|answer| answer.at) {
        let at = clock(at);
        let told = lang.pick(format!("the run answers at {at}"), format!("{at} 时由运行揭晓"));
        sheet.row(vec![(theme.label, told)]);
    }
    sheet.foot = foot(!choices.is_empty(), lang);
    sheet
}

fn foot(chooses: bool, lang: Lang) -> &'static str {
    if chooses {
        lang.pick(
            "a b c answer · ↑↓ 0-9 + - count hands, ⏎ on · ? hint · Esc skips",
            "按字母作答 · ↑↓ 0-9 + - 记举手，⏎ 继续 · ? 提示 · Esc 跳过",
        )
    } else {
        lang.pick("type, then ⏎ · ? hint · Esc skips", "输入后按 ⏎ · ? 提示 · Esc 跳过")
    }
}

/// A choice over as many rows as it takes, and the hands for it.
fn put_choice(
    sheet: &mut Sheet,
    head: &str,
    text: &str,
    hands: Option<u32>,
    width: u16,
    look: &Look<'_>,
) {
    let theme = look.theme;
    let lang = look.lang();
    let indent = head.width();
    let told = hands.map(|count| match (lang, count) {
        (Lang::En, 1) => "1 hand".to_owned(),
        (Lang::En, _) => format!("{count} hands"),
        (Lang::Zh, _) => format!("{count} 人举手"),
    });
    let mut head = Some(head.to_owned());
    for row in wrap::rows(text, width.saturating_sub(indent as u16)) {
        let head = head.take().unwrap_or_else(|| " ".repeat(indent));
        sheet.row(vec![(theme.key, head), (theme.text, row.to_owned())]);
    }
    if let (Some(told), Some(count)) = (told, hands) {
        let room = usize::from(width).saturating_sub(indent + told.width() + 2);
        let bar = theme.signs.log.repeat(room.min(count as usize));
        let row = vec![
            (theme.key, " ".repeat(indent)),
            (theme.group, bar),
            (theme.label, format!(" {told}")),
        ];
        sheet.row(row);
    }
}

/// What the run came to, and who said so.
pub fn reveal(look: &Look<'_>, app: &App, step: usize, area: Rect) -> Sheet {
    let (theme, lang, runner) = (look.theme, look.lang(), app.timeline.runner());
    let mut sheet = Sheet {
        title: lang.pick("The run answers", "运行揭晓").to_owned(),
        foot: lang.pick(
            "⏎ to that moment · w why · space runs on · Esc closes",
            "⏎ 回到那一刻 · w 为什么 · 空格继续 · Esc 关闭",
        ),
        ..Sheet::default()
    };
    let Some(ask) = ask_of(runner, step) else { return sheet };
    let width = sheet::width(area);
    let unasked = Asked::default();
    let asked = app.ui.asks.of(step).unwrap_or(&unasked);
    sheet.text(theme.text, &look.told(ask.question.told_in(lang).to_owned()), 0, width);
    sheet.row(Vec::new());
    let known = runner.known(step);
    let right = known.and_then(|known| known.right);
    for (index, (letter, choice)) in letters().zip(&ask.choices).enumerate() {
        let is_right = right == Some(index);
        let chosen = asked.given == Some(Given::Choice(index));
        let sign = match (is_right, chosen) {
            (true, _) => theme.signs.good,
            (false, true) => theme.signs.offline,
            (false, false) => " ",
        };
        let you = lang.pick("  (you)", "（你）");
        let text = format!("{}{}", choice.text.told_in(lang), if chosen { you } else { "" });
        let from = sheet.rows.len();
        let hands = (!asked.hands.is_empty()).then(|| asked.hands.get(index).copied().unwrap_or(0));
        put_choice(
            &mut sheet,
            &format!("{sign} {letter})  "),
            &look.told(text),
            hands,
            width,
            look,
        );
        let style = match (is_right, chosen) {
            (true, _) => theme.good.patch(theme.title),
            (false, true) => theme.offline,
            _ => theme.text,
        };
        for part in sheet.rows[from..].iter_mut().flatten() {
            part.0 = if part.0 == theme.text || is_right && part.0 == theme.key {
                style
            } else {
                part.0
            };
        }
    }
    if !ask.choices.is_empty() {
        sheet.row(Vec::new());
    }
    verdict(look, app, step, &mut sheet);
    if let Some(known) = known {
        let at = runner.told_answer(step).map_or(Instant::ZERO, |told| told.at);
        let count = match &known.value {
            crate::scenario::language::Value::List(all) => format!(" ({})", all.len()),
            _ => String::new(),
        };
        let told = told_answer(&known.value);
        let value = format!("{} = {told}{count}", ask.written.as_deref().unwrap_or(""));
        let head = format!("{}  ", clock(at));
        sheet.row(vec![(theme.label, head), (theme.title, look.told(value))]);
    }
    if let Some(reveal) = &ask.reveal {
        sheet.row(Vec::new());
        sheet.text(theme.note, &look.told(reveal.told_in(lang).to_owned()), 0, width);
    }
    sheet
}

/// Right, wrong, or how the hands came out.
fn verdict(look: &Look<'_>, app: &App, step: usize, sheet: &mut Sheet) {
    let (theme, lang, runner) = (look.theme, look.lang(), app.timeline.runner());
    let Some(asked) = app.ui.asks.of(step) else { return };
    let told = match asked.given.as_ref().and(app.ui.asks.grade(step, runner)) {
        Some(Grade::Right) => {
            Some((theme.good, theme.signs.good, lang.pick("right", "答对了").to_owned()))
        }
        Some(Grade::Wrong) => {
            let told = lang.pick("not so in this run", "这次运行不是这样").to_owned();
            Some((theme.alert, theme.signs.offline, told))
        }
        _ => None,
    };
    if let Some((style, sign, told)) = told {
        let said = match &asked.given {
            Some(Given::Words(words)) => {
                lang.pick(format!(" (you said {words})"), format!("（你答 {words}）"))
            }
            _ => String::new(),
        };
        sheet.row(vec![(style, format!(" {sign} {told} ")), (theme.text, said)]);
    }
    let all: u32 = asked.hands.iter().sum();
    if let Some(right) = runner.known(step).and_then(|known| known.right).filter(|_| all > 0) {
        let hands = asked.hands.get(right).copied().unwrap_or(0);
        let told = lang.pick(
            format!("{hands} of {all} hands were right"),
            format!("{all} 人举手，{hands} 人答对"),
        );
        sheet.row(vec![(theme.title, told)]);
    }
}
