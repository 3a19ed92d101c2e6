//! A row of bars, one or more cells high.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::Look;

/// Draws values up to `highest`, a cell for each; the cursor stands in its cell, and what comes after
/// it is less loud.
pub(super) fn draw(
    look: &Look<'_>,
    values: &[Option<u64>],
    highest: u64,
    cursor: u16,
    area: Rect,
    buf: &mut Buffer,
) {
    let theme = look.theme;
    let levels = &theme.signs.levels;
    let steps = (levels.len() - 1) as u64;
    let whole = u64::from(area.height) * steps;
    for (value, cell) in values.iter().zip(0..area.width) {
        let x = area.x + cell;
        let style = if cell > cursor { theme.label } else { theme.in_sync };
        for row in 0..area.height {
            let y = area.bottom() - 1 - row;
            let place = &mut buf[(x, y)];
            if cell == cursor {
                place.set_symbol(theme.signs.cursor).set_style(theme.border);
            }
            let Some(value) = value else { continue };
            // What is there at all is seen.
            let height = (value * whole).div_ceil(highest.max(1)).min(whole);
            let own = height.saturating_sub(u64::from(row) * steps).min(steps);
            if own > 0 {
                place.set_symbol(levels[own as usize]).set_style(style);
            } else if row == 0 && cell != cursor {
                place.set_symbol(theme.signs.nothing).set_style(theme.border);
            }
        }
    }
}
