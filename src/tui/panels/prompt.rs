//! The command line at the bottom, with what could be typed above it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::help::padded;
use super::sheet::{self, Sheet, line};
use crate::tui::Look;
use crate::tui::ink::Ink;
use crate::tui::prompt::{Offer, Prompt};

/// Offers shown at once.
const OFFERS: usize = 9;

/// Draws the command line into the last row of `area` and `offers` above. Returns where the cursor
/// is.
pub fn draw(
    look: &Look<'_>,
    prompt: &Prompt,
    offers: Vec<Offer>,
    area: Rect,
    buf: &mut Buffer,
) -> Position {
    let (theme, lang) = (look.theme, look.lang());
    let last = Rect { y: area.bottom() - 1, height: 1, ..area };
    let above = Rect { height: area.height - 1, ..area };
    if let Some(wrong) = &prompt.wrong {
        let mut page = Sheet {
            title: lang.pick("Not understood", "看不懂").to_owned(),
            ..Sheet::default()
        };
        let text = prompt.editor.text();
        let floor =
            |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
        let start = floor(wrong.span.start).unwrap_or_default();
        let end = floor(wrong.span.end).unwrap_or_default().max(start);
        page.row(vec![
            (theme.text, text[..start].to_owned()),
            (theme.alert, if end > start { text[start..end].to_owned() } else { " ".to_owned() }),
            (theme.text, text[end..].to_owned()),
        ]);
        page.text(theme.text, &wrong.message, 0, sheet::width(above));
        if let Some(hint) = &wrong.hint {
            page.text(theme.key, hint, 0, sheet::width(above));
        }
        sheet::draw(look, &page, 0, bottom(above, page.rows.len()), buf);
        return line(look, ":", &prompt.editor, last, buf);
    }
    let usage = prompt.usage(lang);
    let mut page = Sheet { title: lang.pick("Command", "命令").to_owned(), ..Sheet::default() };
    page.foot = lang.pick("Tab completes · ↑ earlier lines · Esc", "Tab 补全 · ↑ 历史 · Esc");
    if let Some((usage, says)) = usage {
        page.title = format!("{usage}: {says}");
    }
    let widest = offers.iter().map(|offer| offer.text.len()).max().unwrap_or_default().min(36);
    page.selected = prompt.chosen;
    for offer in offers {
        page.row(vec![
            (theme.key, padded(&offer.text, widest + 3)),
            (theme.text, offer.says.to_owned()),
        ]);
    }
    if page.rows.is_empty() {
        let enter = lang.pick("⏎ does it", "⏎ 执行");
        page.row(vec![(theme.label, look.keys(enter))]);
    }
    let place = bottom(above, page.rows.len().min(OFFERS));
    let top = page.scrolled(prompt.chosen.unwrap_or_default().saturating_sub(OFFERS - 1), place);
    sheet::draw(look, &page, top, place, buf);
    // The bar of the offers stands right above the line.
    Ink::new(buf, last.x, last.y, last.right()).style(theme.text).repeat(" ", last.width);
    line(look, ":", &prompt.editor, last, buf)
}

/// The last rows of `area`, with a frame around.
fn bottom(area: Rect, rows: usize) -> Rect {
    let height = (rows as u16 + 2).min(area.height);
    Rect { y: area.bottom() - height, height, ..area }
}
