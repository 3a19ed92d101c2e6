//! Two runs or two futures side by side at the same simulated time: their stories, with what both tell
//! joined and the first difference marked; below them the numbers and the clusters, as far as they
//! differ now.

mod lines;

use lines::{Line, Lines};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::explain::Importance;
use crate::explain::contrast::{Heard, Pair, heard, pairs};
use crate::scenario::timeline::Timeline;
use crate::tui::ink::{Ink, digits, put};
use crate::tui::words::Words;
use crate::tui::{Look, frame};

/// What is compared, put side by side.
#[derive(Clone, Debug, Default)]
pub struct Aligned {
    /// What the present is called, and what it is compared with.
    pub names: [String; 2],
    /// The story of the present.
    pub left: Vec<Heard>,
    /// The other story.
    pub right: Vec<Heard>,
    /// Their lines, joined.
    pub pairs: Vec<Pair>,
    /// What is different now: what it is, its values, and by how much it differs.
    pub values: Vec<Differing>,
}

/// A value that is different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differing {
    /// What it is.
    pub name: String,
    /// Its value on either side.
    pub values: [String; 2],
    /// How much more it is on the right, for numbers.
    pub change: Option<i64>,
}

impl Aligned {
    /// Two runs at their cursors, side by side.
    pub fn of(look: &Look<'_>, names: [String; 2], sides: [&Timeline; 2]) -> Self {
        let lang = look.lang();
        let [left, right] = sides.map(|side| {
            let mut heard = heard(side.story(), &side.runner().lens(), look.narrator);
            for line in &mut heard {
                line.says = look.told(std::mem::take(&mut line.says));
            }
            heard
        });
        let summaries = sides.map(|side| side.runner().summary());
        let mut values = Vec::new();
        for row in summaries[0].beside(&summaries[1]) {
            if row.left != row.right {
                let change = i64::try_from(row.right).unwrap_or(i64::MAX)
                    - i64::try_from(row.left).unwrap_or(i64::MAX);
                values.push(Differing {
                    name: row.name(lang).to_owned(),
                    values: [row.left.to_string(), row.right.to_string()],
                    change: Some(change),
                });
            }
        }
        let lenses = sides.map(|side| side.runner().lens());
        for one in lenses[0].contrast(lenses[1]) {
            let value = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
            values.push(Differing {
                name: format!(
                    "{} {}",
                    one.subject,
                    lang.pick(one.what.title()[0], one.what.title()[1])
                ),
                values: [value(one.left), value(one.right)],
                change: None,
            });
        }
        let pairs = pairs(&left, &right);
        Self { names, left, right, pairs, values }
    }

    /// The row of the first line that is not the same at the same time.
    pub fn first_difference(&self) -> Option<usize> {
        self.pairs.iter().position(|pair| !pair.is_same())
    }
}

/// What the panel shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CompareView {
    /// The selected row; none for the newest.
    pub selected: Option<usize>,
    /// The first line shown; none to follow the end.
    pub top: Option<usize>,
}

/// Rows above the stories: who is who.
const HEAD: u16 = 2;

/// How high the panel must be for all of it.
pub fn height(look: &Look<'_>, aligned: &Aligned, width: u16) -> u16 {
    let lines = Lines::of(look, aligned, width.saturating_sub(2)).all.len().max(1);
    let values = aligned.values.len().max(1) + 1;
    u16::try_from(lines + values).unwrap_or(u16::MAX).saturating_add(HEAD + 2)
}

/// Where the stories and the values go.
fn cut(inner: Rect, aligned: &Aligned) -> (Rect, Rect) {
    let wanted = u16::try_from(aligned.values.len().max(1) + 1).unwrap_or(u16::MAX);
    let room = inner.height.saturating_sub(HEAD);
    let below = wanted.min((room * 2 / 5).max(2)).min(room);
    let stories = Rect { y: inner.y + HEAD, height: room - below, ..inner };
    (stories, Rect { y: stories.bottom(), height: below, ..inner })
}

/// The first line shown in `area`: what is selected is seen. None while the end is followed.
pub fn scrolled(
    look: &Look<'_>,
    aligned: &Aligned,
    view: &CompareView,
    area: Rect,
) -> Option<usize> {
    view.selected?;
    let inner = frame::inner(area);
    let (stories, _) = cut(inner, aligned);
    Some(Lines::of(look, aligned, inner.width).top(view, stories.height))
}

/// The row at a row of the screen.
pub fn row_at(
    look: &Look<'_>,
    aligned: &Aligned,
    view: &CompareView,
    area: Rect,
    y: u16,
) -> Option<usize> {
    let inner = frame::inner(area);
    let (stories, _) = cut(inner, aligned);
    let row = y.checked_sub(stories.y).filter(|row| *row < stories.height)?;
    let lines = Lines::of(look, aligned, inner.width);
    let top = lines.top(view, stories.height);
    lines.all.get(top + usize::from(row)).map(|line| line.row)
}

/// Draws the panel; none is compared where there is nothing to compare with.
pub fn draw(
    look: &Look<'_>,
    aligned: Option<&Aligned>,
    view: &CompareView,
    area: Rect,
    buf: &mut Buffer,
) {
    let (theme, words, lang) = (look.theme, Words::of(look.lang()), look.lang());
    let inner = frame::draw(look, words.compare, area, buf, |_| {});
    if inner.height < HEAD + 2 {
        return;
    }
    let Some(aligned) = aligned else {
        let texts = [
            lang.pick(
                "Nothing to compare with yet. Go back in time and do something else: the other future is \
                 kept, and stands here beside the new one.",
                "还没有可对比的。回到过去做点别的：原来的未来会保留，在这里与新的并排显示。",
            ),
            lang.pick(
                "A scenario with [compare], like acks-matrix (o opens one), has several runs: they stand \
                 here too.",
                "带 [compare] 的场景（如 acks-matrix，按 o 打开）有多次运行，也会并排显示在这里。",
            ),
        ];
        let mut y = inner.y;
        for text in texts {
            for row in crate::tui::wrap::rows(text, inner.width.saturating_sub(2)) {
                Ink::new(buf, inner.x + 1, y, inner.right()).styled(theme.label, row);
                y += 1;
            }
            y += 1;
        }
        return;
    };
    head(look, aligned, inner, buf);
    let (stories, below) = cut(inner, aligned);
    let lines = Lines::of(look, aligned, inner.width);
    let top = lines.top(view, stories.height);
    for (line, y) in lines.all.iter().skip(top).zip(stories.top()..stories.bottom()) {
        draw_line(look, aligned, &lines, line, Rect { y, height: 1, ..stories }, buf);
        if look.focused && view.selected == Some(line.row) {
            buf.set_style(Rect { y, height: 1, ..stories }, theme.selected);
        }
    }
    let more = top + usize::from(stories.height) < lines.all.len();
    values(look, aligned, below, buf);
    frame::more(look, top > 0, more, area, buf);
}

/// Who is who, and where they part.
fn head(look: &Look<'_>, aligned: &Aligned, inner: Rect, buf: &mut Buffer) {
    let (theme, lang) = (look.theme, look.lang());
    let mut ink = Ink::new(buf, inner.x + 1, inner.y, inner.right());
    for (index, (letter, name)) in ["A", "B"].iter().zip(&aligned.names).enumerate() {
        let half = inner.x + 1 + inner.width / 2 * index as u16;
        ink.skip_to(half).styled(theme.key, letter).skip(1);
        let end = if index == 0 { inner.width / 2 - 4 } else { ink.room() };
        let mut kept = String::new();
        let mut used = 0;
        for letter in look.told(name.clone()).chars() {
            used += unicode_width::UnicodeWidthChar::width(letter).unwrap_or(0) as u16;
            if used >= end {
                kept.push_str(theme.signs.more);
                break;
            }
            kept.push(letter);
        }
        ink.styled(theme.title, &kept);
    }
    let told = match aligned.first_difference().map(|row| aligned.pairs[row]) {
        None => lang.pick(
            "The stories are the same so far.".to_owned(),
            "到目前为止，两边的经过相同。".to_owned(),
        ),
        Some(pair) => {
            let left = pair.left().map(|it| aligned.left[it].at);
            let right = pair.right().map(|it| aligned.right[it].at);
            let at = left.into_iter().chain(right).min().unwrap_or_default();
            let (seconds, millis) = (at.as_millis() / 1_000, at.as_millis() % 1_000);
            let at = format!("{seconds}.{millis:03}");
            lang.pick(
                format!("The stories part at {at}. = both  ~ at other times  < A only  > B only"),
                format!("经过在 {at} 分开。= 两边都有  ~ 时刻不同  < 只在 A  > 只在 B"),
            )
        }
    };
    Ink::new(buf, inner.x + 1, inner.y + 1, inner.right()).styled(theme.label, &told);
}

fn draw_line(
    look: &Look<'_>,
    aligned: &Aligned,
    lines: &Lines,
    line: &Line,
    area: Rect,
    buf: &mut Buffer,
) {
    let theme = look.theme;
    let pair = aligned.pairs[line.row];
    if line.is_mark {
        let mut ink = Ink::new(buf, area.x, area.y, area.right());
        let word = Words::of(look.lang()).first_difference;
        ink.style(theme.alert).repeat(theme.signs.frame[0], 2).text(" ").text(word).text(" ");
        ink.repeat(theme.signs.frame[0], area.width);
        return;
    }
    let style = match pair {
        Pair::Same(..) => theme.text,
        Pair::Moved(..) => theme.lagging,
        Pair::Left(_) => theme.you,
        Pair::Right(_) => theme.group,
    };
    let sides =
        [pair.left().map(|it| &aligned.left[it]), pair.right().map(|it| &aligned.right[it])];
    let is_wide = lines.half > 0;
    for (index, (text, heard)) in line.texts.iter().zip(sides).enumerate() {
        let Some(text) = text else { continue };
        let x = if is_wide && index == 1 { area.x + lines.half } else { area.x };
        // What both tell at the same time goes over the whole width.
        let end = if is_wide && index == 0 && !pair.is_same() {
            area.x + lines.half
        } else {
            area.right()
        };
        let mut ink = Ink::new(buf, x, area.y, end);
        if line.is_first {
            let heard = heard.or(sides[0]).or(sides[1]);
            let Some(heard) = heard else { continue };
            opening(look, lines, pair, heard, style, &mut ink);
        }
        let x = x + lines.says;
        Ink::new(buf, x, area.y, end).styled(says_style(heard, style, pair, look), text);
    }
}

/// The sign, the time and who speaks.
fn opening(
    look: &Look<'_>,
    lines: &Lines,
    pair: Pair,
    heard: &Heard,
    style: Style,
    ink: &mut Ink<'_>,
) {
    let theme = look.theme;
    let x = ink.x();
    ink.styled(style, pair.sign()).skip(1);
    let millis = heard.at.as_millis();
    ink.skip_to(x + lines.who - 6 - digits(millis / 1_000)).style(theme.label);
    put!(ink, "{}.{:03}", millis / 1_000, millis % 1_000);
    ink.skip_to(x + lines.who).style(theme.label);
    let room = usize::from(lines.says - lines.who - 1);
    let mut used = 0;
    for letter in heard.who.chars() {
        used += unicode_width::UnicodeWidthChar::width(letter).unwrap_or(0);
        if used > room {
            break;
        }
        ink.letter(letter);
    }
}

/// What matters most is as loud as in the story.
fn says_style(heard: Option<&Heard>, style: Style, pair: Pair, look: &Look<'_>) -> Style {
    match heard {
        Some(heard) if pair.is_same() && heard.importance == Importance::Turn => look.theme.turn,
        _ => style,
    }
}

/// What is different now.
fn values(look: &Look<'_>, aligned: &Aligned, area: Rect, buf: &mut Buffer) {
    let (theme, words) = (look.theme, Words::of(look.lang()));
    let columns = [area.x + 34, area.x + 34 + 16, area.x + 34 + 32];
    let mut ink = Ink::new(buf, area.x, area.y, area.right());
    ink.style(theme.border).repeat(theme.signs.frame[0], 2).text(" ");
    ink.styled(theme.title, words.now_different).text(" ");
    ink.repeat(theme.signs.frame[0], columns[0].saturating_sub(ink.x() + 1)).text(" ");
    ink.skip_to(columns[0]).styled(theme.key, "A ");
    ink.repeat(theme.signs.frame[0], columns[1].saturating_sub(ink.x() + 1)).text(" ");
    ink.skip_to(columns[1]).styled(theme.key, "B ");
    ink.repeat(theme.signs.frame[0], area.width);
    let room = usize::from(area.height.saturating_sub(1));
    if aligned.values.is_empty() {
        let mut ink = Ink::new(buf, area.x + 1, area.y + 1, area.right());
        ink.styled(theme.label, words.no_difference);
    }
    let hidden = aligned.values.len().saturating_sub(room);
    let shown = if hidden > 0 { room.saturating_sub(1) } else { room };
    for (row, y) in aligned.values.iter().take(shown).zip(area.y + 1..area.bottom()) {
        let mut ink = Ink::new(buf, area.x + 1, y, columns[0] - 1);
        ink.style(theme.label).clipped(&row.name, theme.signs.more);
        for (value, column) in row.values.iter().zip(columns) {
            Ink::new(buf, column, y, column + 15)
                .style(theme.text)
                .clipped(value, theme.signs.more);
        }
        if let Some(change) = row.change {
            let mut ink = Ink::new(buf, columns[2], y, area.right());
            ink.style(theme.lagging);
            put!(ink, "{change:+}");
        }
    }
    if hidden > 0 && room > 0 {
        let mut ink = Ink::new(buf, area.x + 1, area.bottom() - 1, area.right());
        let count = aligned.values.len() - shown;
        let more = look.lang().pick(format!("and {count} more"), format!("另有 {count} 处"));
        ink.styled(theme.label, &more);
    }
}
