//! The run as a code, and what to do with it.

use ratatui::layout::Rect;

use super::sheet::{self, Sheet};
use crate::tui::Look;

/// The page.
pub fn sheet(look: &Look<'_>, code: &str, area: Rect) -> Sheet {
    let (theme, lang) = (look.theme, look.lang());
    let mut sheet = Sheet {
        title: lang.pick("This run as a code", "这次运行的分享码").to_owned(),
        foot: lang.pick("Esc closes", "Esc 关闭"),
        ..Sheet::default()
    };
    let width = sheet::width(area);
    let told = lang.pick(
        "Scenario, seed and all that was done live in this future. Whoever has the same version sees the \
         same run:",
        "包含场景、种子和这条时间线上的全部现场操作。版本相同的人会看到同样的运行：",
    );
    sheet.text(theme.text, told, 0, width);
    sheet.gap();
    // Blanks in a code mean nothing, so it may go over several rows.
    let letters: Vec<char> = code.chars().collect();
    for row in letters.chunks(usize::from(width).max(1)) {
        sheet.row(vec![(theme.title, row.iter().collect())]);
    }
    sheet.gap();
    sheet.text(theme.label, "kafkascope play 'ks1.…'", 0, width);
    let copied = lang.pick(
        "It is in the clipboard, if the terminal allows that; F3 leaves the mouse to the terminal.",
        "若终端允许，已复制到剪贴板；按 F3 可用鼠标选中文字。",
    );
    sheet.text(theme.label, copied, 0, width);
    sheet
}
