//! What is expected of the run, and how it came out so far.

use ratatui::layout::Rect;

use super::list::to_millis;
use super::sheet::{self, Sheet};
use crate::scenario::runner::{Runner, Verdict};
use crate::tui::Look;

/// The page.
pub fn sheet(look: &Look<'_>, runner: &Runner, area: Rect) -> Sheet {
    let (theme, lang) = (look.theme, look.lang());
    let mut sheet = Sheet {
        title: lang.pick("What is expected", "场景的期望").to_owned(),
        foot: lang.pick("Esc closes", "Esc 关闭"),
        ..Sheet::default()
    };
    let scenario = runner.scenario();
    let outcomes = runner.outcomes();
    let width = sheet::width(area);
    let mut show = |step: Option<usize>, text: &str| {
        let outcome = outcomes.iter().find(|one| one.step == step && *one.text == *text);
        let open = lang.pick("open", "未定");
        let (style, sign, told) = match outcome.map(|one| (one.verdict, to_millis(one.at))) {
            Some((Verdict::Held, at)) => (
                theme.good,
                theme.signs.good,
                lang.pick(format!("held at {at}"), format!("{at} 成立")),
            ),
            Some((Verdict::Failed(_), at)) => (
                theme.alert,
                theme.signs.offline,
                lang.pick(format!("failed at {at}"), format!("{at} 不成立")),
            ),
            Some((Verdict::NotJudged, _)) | None => (theme.label, theme.signs.dot, open.to_owned()),
        };
        let place = step.map_or_else(String::new, |step| {
            let from = scenario.steps[step].when.told_in(lang);
            lang.pick(format!("from {from}: "), format!("{from} 起："))
        });
        let told_wide = unicode_width::UnicodeWidthStr::width(told.as_str()) as u16 + 4;
        let text = format!("{place}{text}");
        let mut rows = crate::tui::wrap::rows(&text, width.saturating_sub(told_wide));
        let first = rows.next().unwrap_or_default();
        sheet.row(vec![
            (style, format!("{sign} ")),
            (theme.text, format!("{first}  ")),
            (style, told),
        ]);
        for more in rows {
            sheet.row(vec![(theme.text, format!("  {more}"))]);
        }
    };
    for expectation in &scenario.expect {
        show(None, &expectation.text);
    }
    for (index, step) in scenario.steps.iter().enumerate() {
        for expectation in &step.expect {
            show(Some(index), &expectation.text);
        }
    }
    if sheet.rows.is_empty() {
        let none = lang.pick("this scenario expects nothing", "这个场景没有写期望");
        sheet.row(vec![(theme.text, none.to_owned())]);
    }
    sheet
}
