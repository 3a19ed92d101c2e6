//! Frames of panels: a line around, the name in it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Look;
use super::ink::Ink;

/// Paints the ground of a panel and its frame with `title`, and gives the room inside. The pen given
/// back to `more` stands after the title, where something can be added.
pub(in crate::tui) fn draw(
    look: &Look<'_>,
    title: &str,
    area: Rect,
    buf: &mut Buffer,
    more: impl FnOnce(&mut Ink<'_>),
) -> Rect {
    let area = area.intersection(*buf.area());
    let theme = look.theme;
    buf.set_style(area, theme.text);
    if area.width < 4 || area.height < 2 {
        return Rect::new(area.x, area.y, 0, 0);
    }
    let (lines, style) = if look.focused {
        (&theme.signs.frame_focused, theme.border_focused)
    } else {
        (&theme.signs.frame, theme.border)
    };
    let [across, down, upper_left, upper_right, lower_right, lower_left] = *lines;
    let (left, right) = (area.left(), area.right() - 1);
    for (y, from, to) in
        [(area.top(), upper_left, upper_right), (area.bottom() - 1, lower_left, lower_right)]
    {
        let mut ink = Ink::new(buf, left, y, area.right());
        ink.style(style).text(from).repeat(across, area.width - 2).text(to);
    }
    for y in area.top() + 1..area.bottom() - 1 {
        buf[(left, y)].set_symbol(down).set_style(style);
        buf[(right, y)].set_symbol(down).set_style(style);
    }
    let mut ink = Ink::new(buf, left + 1, area.top(), right);
    ink.text(" ").style(theme.title).name(title, theme.signs.more).text(" ");
    more(&mut ink);
    inner(area)
}

/// The room inside the frame of a panel.
pub(in crate::tui) fn inner(area: Rect) -> Rect {
    if area.width < 4 || area.height < 2 {
        return Rect::new(area.x, area.y, 0, 0);
    }
    Rect::new(area.x + 1, area.y + 1, area.width - 2, area.height - 2)
}

/// Marks in the frame that there is more above and below.
pub(in crate::tui) fn more(
    look: &Look<'_>,
    above: bool,
    below: bool,
    area: Rect,
    buf: &mut Buffer,
) {
    if area.width < 8 || area.height < 2 {
        return;
    }
    let signs = look.theme.signs;
    let x = area.right() - 4;
    for (there, y, sign) in
        [(above, area.top(), signs.above), (below, area.bottom() - 1, signs.below)]
    {
        if there {
            Ink::new(buf, x, y, area.right())
                .style(look.theme.title)
                .text(" ")
                .text(sign)
                .text(" ");
        }
    }
}

/// The first of `count` rows to show in `height` rows, near `top`: `selected` is seen.
pub(in crate::tui) fn scroll(
    selected: Option<usize>,
    top: usize,
    count: usize,
    height: usize,
) -> usize {
    let top = top.min(count.saturating_sub(height));
    match selected {
        Some(row) if row < top => row,
        Some(row) if height > 0 && row >= top + height => row + 1 - height,
        _ => top,
    }
}

#[cfg(test)]
mod tests {
    use super::scroll;

    #[test]
    fn what_is_selected_is_seen() {
        assert_eq!(scroll(None, 3, 10, 5), 3);
        assert_eq!(scroll(None, 9, 10, 5), 5);
        assert_eq!(scroll(Some(2), 3, 10, 5), 2);
        assert_eq!(scroll(Some(9), 3, 10, 5), 5);
        assert_eq!(scroll(Some(3), 0, 2, 5), 0);
    }
}
