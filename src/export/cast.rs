//! A run as a recording of a terminal: asciicast v2, in simulated time.
//!
//! The frames are those of the viewer. Each says only which cells are other than in the frame before;
//! where nothing changes there is no frame.

use std::fmt::Write as _;
use std::io::{self, Write};

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier, Style};
use unicode_width::UnicodeWidthStr;

use crate::sim::{Duration, Instant};
use crate::tui::App;

/// From one frame to the next, on the recording's clock.
const FRAME: Duration = Duration::from_millis(100);

/// How fast simulated time goes by, in thousandths: 2000 is twice as fast as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speed(u64);

impl Speed {
    /// As it is.
    pub const REAL: Self = Self(1_000);

    /// Simulated time in a span of the recording.
    fn simulated(self, span: Duration) -> u64 {
        (u128::from(span.as_nanos()) * u128::from(self.0) / 1_000) as u64
    }
}

impl std::str::FromStr for Speed {
    type Err = &'static str;

    /// Reads `2`, `0.5`, with `x` behind it or without.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "write it like 2 or 0.5; from 0.001 to 1000";
        let text = text.strip_suffix(['x', '×']).unwrap_or(text);
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
        if !digits(whole) || !digits(part) || part.len() > 3 || whole.len() + part.len() == 0 {
            return Err(WRONG);
        }
        let thousandths = format!("{whole}{part:0<3}").parse().unwrap_or(u64::MAX);
        if (1..=1_000_000).contains(&thousandths) { Ok(Self(thousandths)) } else { Err(WRONG) }
    }
}

/// Records `app` from where it is to `until`.
///
/// # Errors
/// Those of `out`.
pub fn record(app: &mut App, until: Instant, speed: Speed, out: &mut dyn Write) -> io::Result<()> {
    let area = app.ui.area;
    let header = serde_json::json!({
        "version": 2,
        "width": area.width,
        "height": area.height,
        "title": app.title(),
        "env": { "TERM": "xterm-256color" },
    });
    writeln!(out, "{header}")?;
    let begin = app.timeline.at();
    let mut shown = Buffer::empty(area);
    let mut pen = Pen::default();
    let mut first = true;
    for frame in 0.. {
        let played = Duration::from_nanos(FRAME.as_nanos() * frame);
        let at = (begin + Duration::from_nanos(speed.simulated(played))).min(until);
        app.go_to(at);
        let picture = app.picture();
        let mut written = String::new();
        if first {
            // Nothing is there, and the cursor is not seen.
            written.push_str("\x1b[?25l\x1b[0m\x1b[2J");
            pen = Pen::default();
        }
        pen.difference(&shown, &picture, first, &mut written);
        first = false;
        if !written.is_empty() {
            let micros = played.as_nanos() / 1_000;
            let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
            let written = serde_json::Value::from(written);
            writeln!(out, "[{seconds}.{micros:06}, \"o\", {written}]")?;
        }
        shown = picture;
        if at >= until || app.timeline.is_over() {
            break;
        }
    }
    Ok(())
}

/// Where the terminal's pen is, and how it writes.
#[derive(Clone, Debug, Default)]
struct Pen {
    place: Option<(u16, u16)>,
    style: Style,
}

impl Pen {
    /// Writes what is other in `picture` than in `shown`; all of it where nothing was shown.
    fn difference(&mut self, shown: &Buffer, picture: &Buffer, all: bool, out: &mut String) {
        if all {
            let area = picture.area;
            for y in area.top()..area.bottom() {
                let mut hidden = 0;
                for x in area.left()..area.right() {
                    let cell = &picture[(x, y)];
                    if hidden > 0 {
                        hidden -= 1;
                        continue;
                    }
                    hidden = cell.symbol().width().saturating_sub(1);
                    self.cell(x, y, cell, out);
                }
            }
        } else {
            for (x, y, cell) in shown.diff(picture) {
                self.cell(x, y, cell, out);
            }
        }
    }

    fn cell(&mut self, x: u16, y: u16, cell: &Cell, out: &mut String) {
        if self.place != Some((x, y)) {
            write!(out, "\x1b[{};{}H", y + 1, x + 1).expect("strings take everything");
        }
        let style = cell.style();
        if self.style != style {
            self.style = style;
            out.push_str(&select(style));
        }
        out.push_str(cell.symbol());
        self.place = Some((x + cell.symbol().width().max(1) as u16, y));
    }
}

/// The sequence after which letters are in `style`.
fn select(style: Style) -> String {
    let mut select = "\x1b[0".to_owned();
    let modifiers = [
        (Modifier::BOLD, ";1"),
        (Modifier::ITALIC, ";3"),
        (Modifier::UNDERLINED, ";4"),
        (Modifier::REVERSED, ";7"),
    ];
    for (modifier, code) in modifiers {
        if style.add_modifier.contains(modifier) {
            select.push_str(code);
        }
    }
    for (color, base) in [(style.fg, 30), (style.bg, 40)] {
        match color {
            Some(Color::Rgb(red, green, blue)) => {
                write!(select, ";{};2;{red};{green};{blue}", base + 8)
            }
            Some(Color::Indexed(index)) => write!(select, ";{};5;{index}", base + 8),
            _ => Ok(()),
        }
        .expect("strings take everything");
    }
    select.push('m');
    select
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_are_read() {
        let read = |text: &str| text.parse::<Speed>().ok();
        assert_eq!(read("2"), Some(Speed(2_000)));
        assert_eq!(read("0.5x"), Some(Speed(500)));
        assert_eq!(read(".25"), Some(Speed(250)));
        for wrong in ["", ".", "0", "fast", "-1", "1e3", "0.0001", "2000"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn styles_are_selected_whole() {
        let style = Style::new().fg(Color::Rgb(1, 2, 3)).bg(Color::Indexed(17));
        assert_eq!(select(style.add_modifier(Modifier::BOLD)), "\x1b[0;1;38;2;1;2;3;48;5;17m");
        assert_eq!(select(Style::new()), "\x1b[0m");
    }
}
