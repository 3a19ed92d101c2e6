//! Signs: one shape for each meaning, so that colours only repeat what shapes say.

/// One sign for each meaning. Every sign is one cell wide.
#[derive(Debug, PartialEq, Eq)]
pub struct Signs {
    /// There is nothing but ASCII.
    pub ascii: bool,
    /// A replica that leads.
    pub leader: &'static str,
    /// A follower in the ISR.
    pub in_sync: &'static str,
    /// A follower out of the ISR.
    pub lagging: &'static str,
    /// A replica whose process does not run.
    pub offline: &'static str,
    /// A replica that believes it leads and does not.
    pub zombie: &'static str,
    /// A replica that is not there yet.
    pub absent: &'static str,
    /// A replica that has just cut its log back.
    pub truncated: &'static str,
    /// A log that is checked after an unclean stop.
    pub recovering: &'static str,
    /// No replica here.
    pub nothing: &'static str,
    /// A process that is stopped by a signal.
    pub paused: &'static str,
    /// A process that starts.
    pub starting: &'static str,
    /// A process that shuts down.
    pub stopping: &'static str,
    /// A broker that the controller has fenced.
    pub fenced: &'static str,
    /// The active controller.
    pub controller: &'static str,
    /// Another controller.
    pub standby: &'static str,
    /// Records below the high watermark.
    pub log: &'static str,
    /// Records above the high watermark.
    pub uncommitted: &'static str,
    /// Earlier records, for which there is no room.
    pub earlier: &'static str,
    /// The high watermark.
    pub high_watermark: &'static str,
    /// The end of a log whose high watermark is not known.
    pub end: &'static str,
    /// Records of a transaction that is open.
    pub open: &'static str,
    /// The first record of a batch.
    pub batch: &'static str,
    /// The same above the high watermark.
    pub batch_uncommitted: &'static str,
    /// What a group committed.
    pub commit: &'static str,
    /// Bars, from nothing to a whole cell.
    pub levels: [&'static str; 9],
    /// A cell of time in which something stood still for a part.
    pub partly: &'static str,
    /// Where a consumer is.
    pub position: &'static str,
    /// From a word to the cell above it: the word to the right, to the left.
    pub pointer: [&'static str; 2],
    /// What changed lately.
    pub changed: &'static str,
    /// What is selected.
    pub selected: &'static str,
    /// Time goes on.
    pub playing: &'static str,
    /// Time stands still.
    pub standing: &'static str,
    /// Time goes on and is not shown.
    pub frozen: &'static str,
    /// A link that is cut.
    pub cut: &'static str,
    /// A link that is slow.
    pub delayed: &'static str,
    /// From one node to another.
    pub to: &'static str,
    /// Both ways.
    pub both: &'static str,
    /// A turn of the story.
    pub turn: &'static str,
    /// A line of the story.
    pub note: &'static str,
    /// A line for who wants to know everything.
    pub aside: &'static str,
    /// A member that has its partitions.
    pub member: &'static str,
    /// A member that waits for the others.
    pub waiting: &'static str,
    /// The member that computes the assignment.
    pub computes: &'static str,
    /// From a cause to its effect, in a list that goes back in time.
    pub because: &'static str,
    /// A line from one link of a chain to the next.
    pub rope: &'static str,
    /// There was no room for the rest.
    pub more: &'static str,
    /// More above.
    pub above: &'static str,
    /// More below.
    pub below: &'static str,
    /// More to the left.
    pub left: &'static str,
    /// More to the right.
    pub right: &'static str,
    /// Between parts of a line.
    pub dot: &'static str,
    /// The part of the run before the cursor.
    pub past: &'static str,
    /// The part of the run that was seen, after the cursor.
    pub seen: &'static str,
    /// The part of the run that was not seen.
    pub unseen: &'static str,
    /// The cursor.
    pub cursor: &'static str,
    /// A step of the scenario, on the scrub bar.
    pub step: &'static str,
    /// Folded; unfolded.
    pub folded: [&'static str; 2],
    /// A good end.
    pub good: &'static str,
    /// The lines of frames: horizontal, vertical, and the corners from the upper left on, clockwise.
    pub frame: [&'static str; 6],
    /// The same of the panel that has the focus.
    pub frame_focused: [&'static str; 6],
}

/// Signs as they are written anywhere but on the oldest terminals.
pub const UNICODE: Signs = Signs {
    ascii: false,
    leader: "★",
    in_sync: "●",
    lagging: "◐",
    offline: "✖",
    zombie: "☆",
    absent: "○",
    truncated: "✂",
    recovering: "↻",
    nothing: "·",
    paused: "‖",
    starting: "↑",
    stopping: "↓",
    fenced: "⊘",
    controller: "◆",
    standby: "◇",
    log: "━",
    uncommitted: "╌",
    earlier: "┄",
    high_watermark: "┿",
    end: "╸",
    open: "▒",
    batch: "╺",
    batch_uncommitted: "╶",
    commit: "▽",
    partly: "╎",
    levels: [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    position: "▼",
    pointer: ["└", "┘"],
    changed: "◂",
    selected: "▶",
    playing: "▶",
    standing: "⏸",
    frozen: "❄",
    cut: "╳",
    delayed: "≈",
    to: "→",
    both: "↔",
    turn: "◆",
    note: "•",
    aside: "·",
    member: "●",
    waiting: "◌",
    computes: "★",
    because: "↑",
    rope: "│",
    more: "…",
    above: "▲",
    below: "▼",
    left: "◀",
    right: "▶",
    dot: "·",
    past: "█",
    seen: "▒",
    unseen: "─",
    cursor: "┃",
    step: "╵",
    folded: ["▸", "▾"],
    good: "✔",
    frame: ["─", "│", "┌", "┐", "┘", "└"],
    frame_focused: ["━", "┃", "┏", "┓", "┛", "┗"],
};

/// Signs in plain ASCII.
pub const ASCII: Signs = Signs {
    ascii: true,
    leader: "*",
    in_sync: "o",
    lagging: "~",
    offline: "X",
    zombie: "Z",
    absent: "0",
    truncated: "%",
    recovering: "R",
    nothing: ".",
    paused: "\"",
    starting: "^",
    stopping: "v",
    fenced: "/",
    controller: "@",
    standby: "+",
    log: "=",
    uncommitted: "-",
    earlier: ":",
    high_watermark: "|",
    end: "]",
    open: "#",
    batch: "[",
    batch_uncommitted: "(",
    commit: "c",
    partly: ";",
    levels: [" ", "_", ".", ",", "-", "=", "+", "*", "#"],
    position: "v",
    pointer: ["'", "'"],
    changed: "<",
    selected: ">",
    playing: ">",
    standing: "=",
    frozen: "&",
    cut: "x",
    delayed: "~",
    to: ">",
    both: "=",
    turn: "!",
    note: "-",
    aside: ".",
    member: "o",
    waiting: "?",
    computes: "*",
    because: "^",
    rope: "|",
    more: "~",
    above: "^",
    below: "v",
    left: "<",
    right: ">",
    dot: "-",
    past: "=",
    seen: "+",
    unseen: "-",
    cursor: "|",
    step: "'",
    folded: ["+", "-"],
    good: "+",
    frame: ["-", "|", "+", "+", "+", "+"],
    frame_focused: ["=", "|", "+", "+", "+", "+"],
};

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;

    fn all(signs: &Signs) -> Vec<&'static str> {
        // A quotation mark is a sign too.
        let text = format!("{signs:?}").replace("\\\"", "'");
        let own: Vec<String> = text.split('"').skip(1).step_by(2).map(str::to_owned).collect();
        own.into_iter().map(|sign| &*String::leak(sign)).collect()
    }

    #[test]
    fn every_sign_is_one_cell_wide() {
        for sign in all(&UNICODE) {
            assert_eq!(sign.width(), 1, "{sign}");
        }
    }

    #[test]
    fn plain_signs_are_ascii_and_one_letter() {
        for sign in all(&ASCII) {
            assert!(sign.is_ascii() && sign.len() == 1, "{sign}");
        }
    }

    #[test]
    fn replicas_differ_in_shape() {
        for signs in [&UNICODE, &ASCII] {
            let shapes = [
                signs.leader,
                signs.in_sync,
                signs.lagging,
                signs.offline,
                signs.zombie,
                signs.absent,
                signs.truncated,
                signs.recovering,
                signs.nothing,
                signs.paused,
            ];
            for (index, shape) in shapes.iter().enumerate() {
                assert!(!shapes[..index].contains(shape), "{shape} has two meanings");
            }
        }
    }
}
