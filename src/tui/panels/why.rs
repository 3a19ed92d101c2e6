//! Why: the chain of causes from an event up to its root, with the rule of the selected link.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::explain::why::Chain;
use crate::scenario::timeline::Timeline;
use crate::tui::Look;

/// What is shown of a chain.
#[derive(Clone, Copy, Debug, Default)]
pub struct WhyView {
    /// The link that is selected: its rule card is shown.
    pub selected: usize,
    /// The first link shown.
    pub top: usize,
}

/// How many links there are.
pub fn rows(chain: &Chain) -> usize {
    chain.links.len()
}

/// The id of the event of a link: where to go.
pub fn event_at(chain: &Chain, row: usize) -> Option<u32> {
    chain.links.get(row).map(|link| link.event.id)
}

/// The first link that is shown in `area`: the selected one is seen. To be kept as `top`.
pub fn scrolled(
    look: &Look<'_>,
    chain: &Chain,
    timeline: &Timeline,
    view: &WhyView,
    area: Rect,
) -> usize {
    let _ = (look, chain, timeline, area);
    view.top
}

/// The link at a place of the screen.
pub fn link_at(
    look: &Look<'_>,
    chain: &Chain,
    timeline: &Timeline,
    view: &WhyView,
    area: Rect,
    y: u16,
) -> Option<usize> {
    let _ = (look, chain, timeline, view, area, y);
    None
}

/// Draws the chain.
pub fn draw(
    look: &Look<'_>,
    chain: &Chain,
    timeline: &Timeline,
    view: &WhyView,
    area: Rect,
    buf: &mut Buffer,
) {
    let _ = (look, chain, timeline, view, area, buf);
}
