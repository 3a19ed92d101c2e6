//! The help: all keys from the keymap, then all commands and functions of the language.

use super::sheet::{self, Sheet};
use crate::scenario::language;
use crate::tui::Look;
use crate::tui::keymap::{ROWS, Row};
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// Cells for the keys of a row, and for its name.
const KEYS: usize = 13;
const NAME: usize = 19;

/// The page of what has `search` in it.
pub fn sheet(look: &Look<'_>, search: &str, area: Rect) -> Sheet {
    let (theme, lang) = (look.theme, look.lang());
    let mut sheet = Sheet {
        title: lang.pick("Help", "帮助").to_owned(),
        foot: lang.pick("type to search · Esc closes", "输入即搜索 · Esc 关闭"),
        ..Sheet::default()
    };
    let width = sheet::width(area);
    let mut topic = None;
    for row in ROWS.iter().filter(|row| has(row, search)) {
        if topic != Some(row.topic) {
            topic = Some(row.topic);
            sheet.gap();
            sheet.row(vec![(theme.title, row.topic.title(lang).to_owned())]);
        }
        let keys: Vec<String> = row.keys().map(|key| look.keys(&key.to_string())).collect();
        sheet.row(vec![
            (theme.key, padded(&keys.join(" "), KEYS)),
            (theme.label, padded(row.name, NAME)),
            (theme.text, row.says(lang).to_owned()),
        ]);
    }
    let found: Vec<_> = language::help()
        .into_iter()
        .filter(|line| matches(search, &[&line.usage, line.en, line.zh]))
        .collect();
    if !found.is_empty() {
        sheet.gap();
        let title = lang.pick("The command language", "命令语言");
        sheet.row(vec![(theme.title, title.to_owned())]);
        for line in found {
            sheet.row(vec![(theme.key, line.usage)]);
            sheet.text(theme.text, lang.pick(line.en, line.zh), 4, width);
        }
    }
    if sheet.rows.is_empty() {
        let none = lang.pick("nothing has these words in it", "没有包含这些词的内容");
        sheet.row(vec![(theme.text, none.to_owned())]);
    }
    sheet
}

fn has(row: &Row, search: &str) -> bool {
    row.keys.contains(&search) || matches(search, &[row.name, row.en, row.zh])
}

/// True if every word of `search` is in one of the texts.
pub(super) fn matches(search: &str, texts: &[&str]) -> bool {
    search.split_whitespace().all(|word| {
        let word = word.to_lowercase();
        texts.iter().any(|text| text.to_lowercase().contains(&word))
    })
}

/// A text in a column; a text that is longer pushes what follows.
pub(super) fn padded(text: &str, width: usize) -> String {
    format!("{text}{} ", " ".repeat(width.saturating_sub(text.width() + 1)))
}
