//! The bar at the top: where in the run the cursor is.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::scenario::timeline::Timeline;
use crate::sim::Instant;
use crate::tui::Look;

/// What the bar shows.
#[derive(Clone, Copy, Debug)]
pub struct BarView<'a> {
    /// The title of the scenario.
    pub title: &'a str,
    /// True while time goes on.
    pub playing: bool,
    /// How fast: `1x`.
    pub speed: &'a str,
    /// True while the display is frozen and time goes on.
    pub frozen: bool,
}

/// How many rows the bar wants: one, or two where there is room for a long scrub bar.
pub fn height(screen: Rect) -> u16 {
    if screen.height >= 30 { 2 } else { 1 }
}

/// Draws the bar.
pub fn draw(
    look: &Look<'_>,
    timeline: &Timeline,
    view: &BarView<'_>,
    area: Rect,
    buf: &mut Buffer,
) {
    let _ = (look, timeline, view, area, buf);
}

/// The moment of the run that the scrub bar has at a place of the screen, if it is there.
pub fn moment_at(
    timeline: &Timeline,
    view: &BarView<'_>,
    area: Rect,
    x: u16,
    y: u16,
) -> Option<Instant> {
    let _ = (timeline, view, area, x, y);
    None
}
