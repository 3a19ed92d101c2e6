//! The goals of a lab: which hold now, which do not, live.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::sheet::{self, Sheet};
use crate::scenario::Text;
use crate::scenario::runner::{Runner, Standing, Verdict};
use crate::tui::Look;
use crate::tui::ink::Ink;

/// So many goals are always on the screen.
const MOST: usize = 3;

/// How a goal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Reached,
    Missed,
    SoFar,
    NotYet,
}

impl State {
    fn of(standings: &[Standing]) -> Self {
        if standings.iter().any(|one| matches!(one.verdict, Some(Verdict::Failed(_)))) {
            Self::Missed
        } else if standings.iter().all(|one| one.verdict == Some(Verdict::Held)) {
            Self::Reached
        } else if standings.iter().all(|one| one.now || one.verdict == Some(Verdict::Held)) {
            Self::SoFar
        } else {
            Self::NotYet
        }
    }

    fn shape(self, look: &Look<'_>) -> (Style, &'static str, &'static str) {
        let (theme, lang) = (look.theme, look.lang());
        match self {
            Self::Reached => (theme.good, theme.signs.good, lang.pick("reached", "达成")),
            Self::Missed => (theme.alert, theme.signs.offline, lang.pick("missed", "未达成")),
            Self::SoFar => {
                (theme.in_sync, theme.signs.in_sync, lang.pick("holds so far", "目前成立"))
            }
            Self::NotYet => (theme.lagging, theme.signs.absent, lang.pick("not now", "现在不成立")),
        }
    }
}

/// How many rows the goals take on every screen.
pub fn height(runner: &Runner) -> u16 {
    runner.scenario().goals.len().min(MOST) as u16
}

/// Draws the first of them, a row each.
pub fn draw(look: &Look<'_>, runner: &Runner, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (look.theme, look.lang());
    buf.set_style(area, theme.text);
    let goals = runner.scenario().goals.iter().enumerate();
    for ((index, goal), y) in goals.zip(area.top()..area.bottom()) {
        let (style, sign, told) = State::of(&runner.standings(index)).shape(look);
        let mut ink = Ink::new(buf, area.x + 1, y, area.right());
        ink.styled(style, sign).text(" ");
        let number = lang.pick(format!("goal {}: ", index + 1), format!("目标 {}：", index + 1));
        ink.styled(theme.label, &number);
        let say = look.told(goal.say.told_in(lang).to_owned());
        ink.styled(theme.title, &say).text("  ").style(style).clipped(told, theme.signs.more);
    }
}

/// The page: the task, every goal with its conditions, and so many hints.
pub fn sheet(look: &Look<'_>, runner: &Runner, hints: usize, area: Rect) -> Sheet {
    let (theme, lang, scenario) = (look.theme, look.lang(), runner.scenario());
    let mut sheet = Sheet {
        title: lang.pick("Task and goals", "任务与目标").to_owned(),
        foot: lang.pick("h the next hint · Esc closes", "h 下一条提示 · Esc 关闭"),
        ..Sheet::default()
    };
    let width = sheet::width(area);
    for lab in &scenario.labs {
        sheet.text(theme.title, &look.told(lab.say.told_in(lang).to_owned()), 0, width);
        if !lab.edit.is_empty() {
            let change = lang.pick("you may change: ", "可以改：");
            sheet.text(theme.label, &format!("{change}{}", lab.edit.join(" · ")), 0, width);
        }
    }
    for (index, goal) in scenario.goals.iter().enumerate() {
        sheet.gap();
        let standings = runner.standings(index);
        let (style, sign, told) = State::of(&standings).shape(look);
        let say = look.told(goal.say.told_in(lang).to_owned());
        sheet.row(vec![
            (style, format!("{sign} ")),
            (theme.title, format!("{say}  ")),
            (style, told.to_owned()),
        ]);
        for one in &standings {
            sheet.text(theme.text, &one.text, 4, width);
        }
    }
    let told = told_hints(runner);
    for (index, hint) in told.iter().take(hints).enumerate() {
        sheet.gap();
        let number = lang.pick(format!("hint {}: ", index + 1), format!("提示 {}：", index + 1));
        sheet.text(theme.you, &look.told(format!("{number}{}", hint.told_in(lang))), 0, width);
    }
    if hints > 0 && hints >= told.len() {
        sheet.gap();
        let none = lang.pick("there are no more hints", "没有更多提示了");
        sheet.row(vec![(theme.label, none.to_owned())]);
    }
    if sheet.rows.is_empty() {
        let none =
            lang.pick("this scenario has no goals: it is no lab", "这个场景没有目标，不是实验");
        sheet.row(vec![(theme.text, none.to_owned())]);
    }
    sheet
}

/// What helps, of the task first, then of each goal.
fn told_hints(runner: &Runner) -> Vec<&Text> {
    let scenario = runner.scenario();
    let labs = scenario.labs.iter().flat_map(|lab| &lab.hints);
    labs.chain(scenario.goals.iter().flat_map(|goal| &goal.hints)).collect()
}
