//! The story: what happened, up to the cursor, the newest last.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::explain::Story;
use crate::tui::Look;
use crate::view::Lens;

/// What the story shows.
#[derive(Clone, Copy, Debug)]
pub struct StoryView<'a> {
    /// The line that is selected, by its place in the story.
    pub selected: Option<usize>,
    /// The first line shown, by its place in the story; none to follow its end.
    pub top: Option<usize>,
    /// Only lines with this in them, in any case. Empty for all.
    pub filter: &'a str,
    /// Lines that are only the echo of others are shown too.
    pub asides: bool,
}

/// True if a line is shown: it is loud enough, and the filter lets it through.
pub fn is_shown(
    look: &Look<'_>,
    story: &Story,
    lens: Lens<'_>,
    view: &StoryView<'_>,
    place: usize,
) -> bool {
    let _ = (look, story, lens, view, place);
    true
}

/// The place of the line shown that is `lines` after `from` (before it, if negative), or as far as
/// there are any. None if no line is shown.
pub fn moved(
    look: &Look<'_>,
    story: &Story,
    lens: Lens<'_>,
    view: &StoryView<'_>,
    from: usize,
    lines: isize,
) -> Option<usize> {
    let _ = (look, lens, view, story, from, lines);
    None
}

/// The place of the first line that is shown in `area`: what is selected is seen. To be kept as `top`
/// unless the end is followed.
pub fn scrolled(
    look: &Look<'_>,
    story: &Story,
    lens: Lens<'_>,
    view: &StoryView<'_>,
    area: Rect,
) -> usize {
    let _ = (look, story, lens, area);
    view.top.unwrap_or_default()
}

/// The place of the line at a place of the screen.
pub fn line_at(
    look: &Look<'_>,
    story: &Story,
    lens: Lens<'_>,
    view: &StoryView<'_>,
    area: Rect,
    y: u16,
) -> Option<usize> {
    let _ = (look, story, lens, view, area, y);
    None
}

/// Draws the story.
pub fn draw(
    look: &Look<'_>,
    story: &Story,
    lens: Lens<'_>,
    view: &StoryView<'_>,
    area: Rect,
    buf: &mut Buffer,
) {
    let _ = (look, story, lens, view, area, buf);
}
