//! What the signs mean, and what is wrong with links.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use crate::tui::Look;
use crate::tui::ink::{Ink, put};
use crate::tui::words::Words;
use crate::view::Lens;

/// What the signs mean: as many as there is room for, whole.
pub(super) fn draw(look: &Look<'_>, y: u16, inner: Rect, buf: &mut Buffer) {
    let (theme, words) = (look.theme, Words::of(look.lang()));
    let signs = theme.signs;
    let entries = [
        (signs.leader, words.leader, theme.leader),
        (signs.in_sync, words.in_sync, theme.in_sync),
        (signs.lagging, words.lagging, theme.lagging),
        (signs.offline, words.offline, theme.offline),
        (signs.high_watermark, words.high_watermark, theme.in_sync),
        (signs.uncommitted, words.uncommitted, theme.in_sync),
        (signs.zombie, words.zombie, theme.zombie),
        (signs.truncated, words.truncated, theme.lagging),
        (signs.changed, words.just_changed, theme.changed),
    ];
    let mut ink = Ink::new(buf, inner.x, y, inner.right());
    for (sign, word, style) in entries {
        if usize::from(ink.room()) < word.width() + 2 {
            break;
        }
        ink.styled(style, sign).text(" ").styled(theme.label, word).skip(2);
    }
}

/// What is wrong with links.
pub(super) fn links(look: &Look<'_>, lens: Lens<'_>, y: u16, inner: Rect, buf: &mut Buffer) {
    let (theme, words) = (look.theme, Words::of(look.lang()));
    let signs = theme.signs;
    let faults = lens.faulty_links();
    let mut ink = Ink::new(buf, inner.x, y, inner.right());
    for (index, fault) in faults.iter().enumerate() {
        let back = |other: &crate::view::LinkView| {
            (&other.from, &other.to, other.cut) == (&fault.to, &fault.from, fault.cut)
        };
        // Both ways are said once.
        if faults[..index].iter().any(back) {
            continue;
        }
        let both = faults[index..].iter().any(back);
        let arrow = if both { signs.both } else { signs.to };
        let width = fault.from.width() + fault.to.width() + 16;
        if usize::from(ink.room()) < width {
            ink.styled(theme.alert, signs.more);
            break;
        }
        let (sign, word) =
            if fault.cut { (signs.cut, words.cut) } else { (signs.delayed, words.slow) };
        ink.style(theme.alert);
        put!(ink, "{sign} {word}");
        ink.style(theme.text);
        put!(ink, " {} {arrow} {}", fault.from, fault.to);
        if !fault.cut {
            put!(ink, " +{}", fault.delay);
        }
        ink.skip(2);
    }
}
