//! The lines of two stories: below each other where there is little room, else beside each other.

use super::{Aligned, CompareView};
use crate::explain::contrast::{Heard, Pair};
use crate::tui::ink::digits;
use crate::tui::{Look, frame, wrap};

/// From so many cells on the stories stand beside each other.
const WIDE: u16 = 118;

/// A line on the screen.
pub(super) struct Line {
    /// The pair that it belongs to.
    pub(super) row: usize,
    /// The first of its pair: it has the time.
    pub(super) is_first: bool,
    /// It says that the first difference follows.
    pub(super) is_mark: bool,
    /// What is said on the left, and on the right.
    pub(super) texts: [Option<String>; 2],
}

/// All lines, and where their columns are.
pub(super) struct Lines {
    pub(super) all: Vec<Line>,
    /// Where the right half begins; 0 where there is none.
    pub(super) half: u16,
    /// Where speakers and sentences begin.
    pub(super) who: u16,
    pub(super) says: u16,
}

impl Lines {
    pub(super) fn of(look: &Look<'_>, aligned: &Aligned, width: u16) -> Self {
        let last = aligned.left.last().into_iter().chain(aligned.right.last());
        let seconds = last.map(|heard| digits(heard.at.as_millis() / 1_000)).max().unwrap_or(2);
        let who = 2 + seconds.max(2) + 4 + 2;
        let says = who + 12;
        let half = if width >= WIDE { width / 2 } else { 0 };
        let mut lines = Self { all: Vec::new(), half, who, says };
        let first = aligned.first_difference();
        for (row, pair) in aligned.pairs.iter().enumerate() {
            if first == Some(row) {
                let texts = [None, None];
                lines.all.push(Line { row, is_first: false, is_mark: true, texts });
            }
            lines.push(look, aligned, row, *pair, width);
        }
        lines
    }

    fn push(&mut self, look: &Look<'_>, aligned: &Aligned, row: usize, pair: Pair, width: u16) {
        let sides =
            [pair.left().map(|it| &aligned.left[it]), pair.right().map(|it| &aligned.right[it])];
        let half = self.half;
        let room = |whole: bool| {
            let width = if whole || half == 0 { width } else { half - 1 };
            width.saturating_sub(self.says + 1).max(8)
        };
        let broken = |heard: &Heard, whole: bool, more: &str| -> Vec<String> {
            let text = format!("{}{more}", heard.says);
            wrap::rows(&text, room(whole)).map(str::to_owned).collect()
        };
        let [left, right] = match (pair, sides) {
            // In one line for both.
            (Pair::Same(..), [Some(left), _]) => [broken(left, true, ""), Vec::new()],
            (Pair::Moved(..), [Some(left), Some(right)]) if half == 0 => {
                let millis = right.at.as_millis();
                let at = format!("{}.{:03}", millis / 1_000, millis % 1_000);
                let lang = look.lang();
                let more = lang.pick(format!(" (B: {at})"), format!("（B：{at}）"));
                [broken(left, true, &more), Vec::new()]
            }
            (_, sides) if half == 0 => {
                let only = sides[0].or(sides[1]);
                [only.map(|heard| broken(heard, true, "")).unwrap_or_default(), Vec::new()]
            }
            (_, sides) => {
                sides.map(|side| side.map(|heard| broken(heard, false, "")).unwrap_or_default())
            }
        };
        for index in 0..left.len().max(right.len()) {
            let texts = [left.get(index).cloned(), right.get(index).cloned()];
            self.all.push(Line { row, is_first: index == 0, is_mark: false, texts });
        }
    }

    /// The first line shown in so many rows: what is selected is seen; else the end.
    pub(super) fn top(&self, view: &CompareView, height: u16) -> usize {
        let height = usize::from(height);
        let end = self.all.len().saturating_sub(height);
        let Some(selected) = view.selected else { return end };
        let of = |line: &Line| line.row == selected;
        let top = frame::scroll(
            self.all.iter().rposition(of),
            view.top.unwrap_or(end),
            self.all.len(),
            height,
        );
        frame::scroll(self.all.iter().position(of), top, self.all.len(), height)
    }
}
