//! What one of Kafka's tools answered, as it stands: rows are not wrapped, the page moves sideways.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::sheet::Sheet;
use crate::foreign::Output;
use crate::tui::Look;

/// Cells from one tab stop to the next.
const TAB: usize = 8;

/// The page.
pub fn sheet(look: &Look<'_>, line: &str, output: &Output, left: usize) -> Sheet {
    let (theme, lang) = (look.theme, look.lang());
    let mut sheet = Sheet {
        title: line.to_owned(),
        foot: lang.pick("arrows move it · Esc closes", "方向键移动 · Esc 关闭"),
        ..Sheet::default()
    };
    for row in rows(&output.stdout) {
        sheet.row(vec![(theme.text, cut(&row, left))]);
    }
    for row in rows(&output.stderr) {
        sheet.row(vec![(theme.alert, cut(&row, left))]);
    }
    if let Some(hint) = &output.hint {
        sheet.row(vec![(theme.label, hint.text(lang))]);
    }
    if sheet.rows.is_empty() {
        let nothing = lang.pick("(it prints nothing)", "（没有输出）");
        sheet.row(vec![(theme.label, nothing.to_owned())]);
    }
    sheet
}

/// How many cells the widest row takes.
pub fn width(output: &Output) -> usize {
    let rows = rows(&output.stdout).chain(rows(&output.stderr));
    rows.map(|row| row.width()).max().unwrap_or(0)
}

/// The lines of a text, with blanks for tabs.
fn rows(text: &str) -> impl Iterator<Item = String> + '_ {
    text.lines().map(|line| {
        let mut row = String::new();
        for letter in line.chars() {
            if letter == '\t' {
                row.push_str(&" ".repeat(TAB - row.width() % TAB));
            } else if !letter.is_control() {
                row.push(letter);
            }
        }
        row
    })
}

/// A row without its first `left` cells.
fn cut(row: &str, left: usize) -> String {
    let mut passed = 0;
    let seen = row.chars().skip_while(|letter| {
        let hidden = passed < left;
        passed += letter.width().unwrap_or(0);
        hidden
    });
    seen.collect()
}
