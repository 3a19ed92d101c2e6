//! What was measured of the runs of a file, as bars; what is expected of them together, and the question
//! that only all of them answer.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use crate::scenario::{Bar, bars};
use crate::tui::ink::Ink;
use crate::tui::{App, Look, frame, wrap};

/// From so many cells on it is said beside a bar what is different about its run.
const WIDE: u16 = 118;
/// The longest value: `12.3 ms`, and how many times the first run's it is: `1.60x`.
const VALUE: usize = 8;
const TIMES: usize = 6;

/// How high the panel must be; nothing where nothing is measured.
pub fn height(app: &App, width: u16) -> u16 {
    if app.comparison.is_none() {
        return 0;
    }
    let below = app.look(app.focus());
    let told = below_the_bars(&below, app, width.saturating_sub(2)).len();
    u16::try_from(app.runs.len() + told).unwrap_or(u16::MAX).saturating_add(2)
}

/// Draws the panel.
pub fn draw(look: &Look<'_>, app: &App, area: Rect, buf: &mut Buffer) {
    let Some(comparison) = &app.comparison else { return };
    let inner = frame::draw(look, &comparison.measure, area, buf, |_| {});
    let bars = bars(&app.runs, &app.measured);
    let right = app.question().and_then(|ask| ask.right(&app.measured));
    let widest = bars.iter().map(|bar| bar.name.width()).max().unwrap_or_default();
    for ((index, bar), y) in bars.iter().enumerate().zip(inner.top()..inner.bottom()) {
        let row = Rect { y, height: 1, ..inner };
        draw_bar(look, app, bar, widest, right == Some(index), row, buf);
    }
    let told = below_the_bars(look, app, inner.width);
    let top = inner.y + u16::try_from(bars.len()).unwrap_or(u16::MAX);
    for (text, y) in told.iter().zip(top..inner.bottom()) {
        Ink::new(buf, inner.x + 1, y, inner.right()).styled(look.theme.note, text);
    }
}

fn draw_bar(
    look: &Look<'_>,
    app: &App,
    bar: &Bar,
    widest: usize,
    is_answer: bool,
    row: Rect,
    buf: &mut Buffer,
) {
    let (theme, lang) = (look.theme, look.lang());
    let is_present = app.runs[app.ui.run].label.as_ref() == Some(&bar.name);
    let style = if is_answer { theme.alert } else { theme.group };
    let mut ink = Ink::new(buf, row.x + 1, row.y, row.right());
    let name = if is_present { theme.you } else { theme.title };
    ink.styled(name, &bar.name).skip_to(row.x + 1 + widest as u16 + 1);
    let hidden = app.hides_bars();
    let (value, times) =
        if hidden { ("?".to_owned(), String::new()) } else { (bar.told(), bar.times()) };
    ink.styled(theme.text, &format!("{value:>VALUE$} "))
        .styled(theme.label, &format!("{times:>TIMES$} "));
    let title = bar.title.as_ref().filter(|_| row.width >= WIDE);
    let room = ink.room().saturating_sub(1);
    let longest = if title.is_some() { room * 2 / 5 } else { room };
    let begins = ink.x();
    if !hidden {
        let cells = (bar.of_largest * u64::from(longest)).div_ceil(1_000);
        ink.style(style).repeat(theme.signs.log, u16::try_from(cells).unwrap_or(longest));
    }
    if let Some(title) = title {
        ink.skip_to(begins + longest + 2);
        ink.style(theme.label)
            .clipped(&look.told(title.told_in(lang).to_owned()), theme.signs.more);
    }
}

/// What is said below the bars: what was expected of the runs together, and how the answer came out.
fn below_the_bars(look: &Look<'_>, app: &App, width: u16) -> Vec<String> {
    let (lang, signs) = (look.lang(), &look.theme.signs);
    let Some(comparison) = app.comparison.as_ref().filter(|_| !app.hides_bars()) else {
        return Vec::new();
    };
    let mut told = Vec::new();
    let measured = &app.measured;
    let failed = comparison.across.iter().filter(|across| across.holds(measured) != Some(true));
    for across in failed {
        let not = lang.pick("does not hold", "不成立");
        told.push(format!("{} {}: {not}", signs.offline, across.text));
    }
    let Some(ask) = &comparison.ask else { return told };
    let name = |run: usize| app.runs[run].label.as_deref().unwrap_or_default().to_owned();
    let right = ask.right(measured);
    let question = look.told(ask.question.told_in(lang).to_owned());
    let answer = right.map_or_else(|| "-".to_owned(), name);
    let verdict = match (app.ui.compare.guess, right) {
        (Some(guess), Some(right)) if guess == right => {
            format!("  {} {}", signs.good, lang.pick("right", "答对了"))
        }
        (Some(guess), Some(_)) => {
            format!(
                "  {} {}",
                signs.offline,
                lang.pick("you: ", "你答的是 ").to_owned() + &name(guess)
            )
        }
        _ => String::new(),
    };
    told.push(format!("{question} {answer}{verdict}"));
    if let Some(reveal) = &ask.reveal {
        let reveal = look.told(reveal.told_in(lang).to_owned());
        told.extend(wrap::rows(&reveal, width.saturating_sub(2)).map(str::to_owned));
    }
    told
}
