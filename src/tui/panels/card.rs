//! Cards: what a term means, and how Kafka decides.

use ratatui::layout::Rect;

use super::help::padded;
use super::sheet::{self, Sheet};
use crate::explain::Lang;
use crate::explain::cards::{self, SettingLine};
use crate::feature::Levels;
use crate::tui::Look;
use crate::tui::layer::Card;

/// The terms to read next.
pub fn next(card: Card, lang: Lang) -> Vec<&'static str> {
    let terms: Vec<_> = match card {
        Card::Term(term) => cards::card(term, lang).map(|card| card.see).unwrap_or_default(),
        Card::Rule(id) => cards::rule(id).map(|rule| rule.see().collect()).unwrap_or_default(),
    };
    terms.into_iter().filter(|term| cards::card(term, lang).is_some()).collect()
}

/// The page of a card; `chosen` of the terms to read next is selected.
pub fn sheet(look: &Look<'_>, card: Card, levels: &Levels, chosen: usize, area: Rect) -> Sheet {
    let lang = look.lang();
    let mut sheet = Sheet {
        foot: lang.pick(
            "Tab next term · ⏎ opens it · ⌫ back · Esc closes",
            "Tab 选词 · ⏎ 打开 · ⌫ 返回 · Esc 关闭",
        ),
        ..Sheet::default()
    };
    let width = sheet::width(area);
    match card {
        Card::Term(term) => term_page(look, term, width, &mut sheet),
        Card::Rule(id) => rule_page(look, id, levels, width, &mut sheet),
    }
    let see = next(card, lang);
    if !see.is_empty() {
        sheet.gap();
        let mut row = vec![(look.theme.label, lang.pick("see also  ", "另见  ").to_owned())];
        for (index, term) in see.iter().enumerate() {
            let is_chosen = index == chosen;
            let style = if is_chosen { look.theme.selected } else { look.theme.key };
            let sign = if is_chosen { look.theme.signs.selected } else { " " };
            row.push((style, format!("{sign}{term} ")));
        }
        sheet.row(row);
    }
    sheet
}

fn term_page(look: &Look<'_>, term: &str, width: u16, sheet: &mut Sheet) {
    let Some(card) = cards::card(term, look.lang()) else {
        term.clone_into(&mut sheet.title);
        let none = look.lang().pick("there is no card for this yet", "还没有这张卡片");
        return sheet.row(vec![(look.theme.text, none.to_owned())]);
    };
    sheet.title = match card.aliases.first() {
        Some(alias) => format!("{} · {alias}", card.term),
        None => card.term.to_owned(),
    };
    sheet.text(look.theme.text, &card.text, 0, width);
    settings(look, &card.settings, sheet);
    let lang = look.lang();
    let since = card
        .since
        .map(|since| lang.pick(format!("since Kafka {since}"), format!("始于 Kafka {since}")));
    let origin: Vec<String> =
        since.into_iter().chain(card.kips.iter().map(|kip| (*kip).to_owned())).collect();
    if !origin.is_empty() {
        sheet.gap();
        sheet.row(vec![(look.theme.label, origin.join(" · "))]);
    }
}

fn rule_page(look: &Look<'_>, id: &str, levels: &Levels, width: u16, sheet: &mut Sheet) {
    let (theme, lang) = (look.theme, look.lang());
    let Some(rule) = cards::rule(id) else { return };
    rule.title(lang).clone_into(&mut sheet.title);
    let version = rule.version(levels, lang);
    for line in &version.lines {
        // Pseudo-code keeps its indent.
        let indent = line.len() - line.trim_start().len();
        sheet.text(theme.text, line.trim_start(), indent, width);
    }
    settings(look, &rule.settings(lang), sheet);
    sheet.gap();
    let since = version.since;
    let mut origin = vec![lang.pick(format!("since Kafka {since}"), format!("始于 Kafka {since}"))];
    origin.extend(version.kips.iter().map(|kip| (*kip).to_owned()));
    sheet.row(vec![(theme.label, origin.join(" · "))]);
}

fn settings(look: &Look<'_>, settings: &[SettingLine], sheet: &mut Sheet) {
    if settings.is_empty() {
        return;
    }
    sheet.gap();
    let widest = settings.iter().map(|one| one.name.len()).max().unwrap_or_default();
    let default = look.lang().pick("default", "默认");
    for one in settings {
        sheet.row(vec![
            (look.theme.key, padded(one.name, widest + 3)),
            (look.theme.label, format!("{default} {}", one.default_told)),
        ]);
    }
}
