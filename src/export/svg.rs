//! A screen as a picture: SVG of cells, in the colours of the theme.
//!
//! Every letter stands at its own place, so that no font moves it; lines and blocks are drawn. Who
//! cannot see it has the text in its description.

use std::fmt::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Modifier, Style};
use unicode_width::UnicodeWidthStr;

use super::strokes::{Bar, HEIGHT, WIDTH, bars};
use super::{Inks, Rgb, escaped};
use crate::tui::{Theme, text};

/// Where letters stand: so far below the top of their cell.
const BASELINE: u16 = 14;

/// How high letters are.
const LETTERS: u16 = 15;

/// Fonts whose letters are equally wide, those of the system first.
pub(super) const FONTS: &str = "ui-monospace,SFMono-Regular,Menlo,Consolas,&quot;DejaVu Sans Mono&quot;,\
    &quot;Noto Sans Mono CJK SC&quot;,&quot;WenQuanYi Zen Hei Mono&quot;,monospace";

/// A picture with its title; `description` is for those who hear it.
pub fn document(picture: &Buffer, theme: &Theme, title: &str, lang: &str) -> String {
    let (width, height) = size(picture);
    let inks = inks(theme);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" role=\"img\" aria-labelledby=\"title text\" \
         xml:lang=\"{lang}\" font-family=\"{FONTS}\" font-size=\"{LETTERS}\">\n\
         <title id=\"title\">{}</title>\n<desc id=\"text\">{}</desc>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"{}\"/>\n",
        escaped(title),
        escaped(&text(picture)),
        inks.paper
    );
    for (y, row) in rows(picture, theme).into_iter().enumerate() {
        if !row.is_empty() {
            let down = y * usize::from(HEIGHT);
            writeln!(svg, "<g transform=\"translate(0 {down})\">{row}</g>")
                .expect("strings take everything");
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// How large a picture is.
pub(super) fn size(picture: &Buffer) -> (u32, u32) {
    let area = picture.area;
    (u32::from(area.width) * u32::from(WIDTH), u32::from(area.height) * u32::from(HEIGHT))
}

/// The colours of what has no own.
pub(super) fn inks(theme: &Theme) -> Inks {
    let otherwise = Inks { text: Rgb(0, 0, 0), paper: Rgb(255, 255, 255) };
    Inks::of(theme.text, otherwise)
}

/// The rows of a picture, each as if it were the first.
pub(super) fn rows(picture: &Buffer, theme: &Theme) -> Vec<String> {
    let width = usize::from(picture.area.width).max(1);
    let whole = inks(theme);
    picture.content.chunks(width).map(|cells| Row::new(whole).draw(cells)).collect()
}

/// How a letter is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Look {
    ink: Rgb,
    bold: bool,
    underlined: bool,
}

/// A row that is being drawn: papers, then lines, then letters.
struct Row {
    whole: Inks,
    papers: Vec<(Rgb, Bar)>,
    lines: Vec<(Rgb, Vec<Bar>)>,
    letters: String,
    /// Letters of one look that follow each other, and where each stands.
    word: Option<(Look, Vec<u16>, String)>,
}

impl Row {
    const fn new(whole: Inks) -> Self {
        Self { whole, papers: Vec::new(), lines: Vec::new(), letters: String::new(), word: None }
    }

    fn draw(mut self, cells: &[Cell]) -> String {
        let mut hidden = 0;
        for (place, cell) in cells.iter().enumerate() {
            let x = place as u16 * WIDTH;
            let style = cell.style();
            let inks = Inks::of(style, self.whole);
            if inks.paper != self.whole.paper {
                self.paper(inks.paper, x);
            }
            if hidden > 0 {
                hidden -= 1;
                continue;
            }
            hidden = cell.symbol().width().saturating_sub(1);
            self.letter(cell.symbol(), style, inks.text, x);
        }
        self.end_word();
        self.text()
    }

    fn paper(&mut self, paper: Rgb, x: u16) {
        match self.papers.last_mut() {
            Some((ink, bar)) if *ink == paper && bar.x + bar.width == x => bar.width += WIDTH,
            _ => self.papers.push((paper, Bar { x, y: 0, width: WIDTH, height: HEIGHT })),
        }
    }

    fn letter(&mut self, symbol: &str, style: Style, ink: Rgb, x: u16) {
        let first = symbol.chars().next().unwrap_or(' ');
        if let Some(bars) = bars(first, x) {
            self.end_word();
            return self.lines_of(ink, bars);
        }
        let has = |modifier| style.add_modifier.contains(modifier);
        let look = Look { ink, bold: has(Modifier::BOLD), underlined: has(Modifier::UNDERLINED) };
        let goes_on = self.word.as_ref().is_some_and(|(known, places, text)| {
            *known == look && !(symbol == " " && text.ends_with(' ')) && !places.is_empty()
        });
        if !goes_on {
            self.end_word();
            if symbol == " " && !look.underlined {
                return;
            }
        }
        let (_, places, text) = self.word.get_or_insert_with(|| (look, Vec::new(), String::new()));
        places.push(x);
        text.push_str(symbol);
    }

    fn lines_of(&mut self, ink: Rgb, bars: Vec<Bar>) {
        let place = self.lines.iter().position(|(known, _)| *known == ink);
        let place = place.unwrap_or_else(|| {
            self.lines.push((ink, Vec::new()));
            self.lines.len() - 1
        });
        let drawn = &mut self.lines[place].1;
        for bar in bars {
            // A line through many cells is one.
            let same = drawn.iter_mut().rev().take(2).find(|before| {
                before.x + before.width == bar.x && (before.y, before.height) == (bar.y, bar.height)
            });
            match same {
                Some(before) => before.width += bar.width,
                None => drawn.push(bar),
            }
        }
    }

    fn end_word(&mut self) {
        let Some((look, mut places, text)) = self.word.take() else { return };
        let word = text.trim_end_matches(' ');
        places.truncate(word.chars().count());
        let Some(places) = (!places.is_empty() || look.underlined).then_some(places) else {
            return;
        };
        let places: Vec<String> = places.iter().map(u16::to_string).collect();
        let bold = if look.bold { " font-weight=\"700\"" } else { "" };
        let line = if look.underlined { " text-decoration=\"underline\"" } else { "" };
        write!(
            self.letters,
            "<text x=\"{}\" y=\"{BASELINE}\" fill=\"{}\"{bold}{line}>{}</text>",
            places.join(" "),
            look.ink,
            escaped(word)
        )
        .expect("strings take everything");
    }

    fn text(self) -> String {
        let mut text = String::new();
        let mut put = |ink: Rgb, bars: &[Bar]| {
            let mut path = String::new();
            for Bar { x, y, width, height } in bars {
                write!(path, "M{x} {y}h{width}v{height}h-{width}z").expect("strings take all");
            }
            write!(text, "<path fill=\"{ink}\" d=\"{path}\"/>").expect("strings take everything");
        };
        for (paper, bar) in &self.papers {
            put(*paper, &[*bar]);
        }
        for (ink, bars) in &self.lines {
            put(*ink, bars);
        }
        text.push_str(&self.letters);
        text
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;

    use super::*;
    use crate::tui::Tone;

    fn row(text: &str) -> String {
        let theme = Theme::new(Tone::Light, false);
        let mut buf = Buffer::empty(Rect::new(0, 0, 12, 1));
        buf.set_style(buf.area, theme.text);
        buf.set_string(0, 0, text, Style::new());
        rows(&buf, &theme).remove(0)
    }

    #[test]
    fn letters_stand_in_their_cells() {
        insta::assert_snapshot!(row("ab c"), @r##"<text x="0 9 18 27" y="14" fill="#14181d">ab c</text>"##);
        insta::assert_snapshot!(row("宕机 x"), @r##"<text x="0 18 36 45" y="14" fill="#14181d">宕机 x</text>"##);
        insta::assert_snapshot!(row("<&>"), @r##"<text x="0 9 18" y="14" fill="#14181d">&lt;&amp;&gt;</text>"##);
    }

    #[test]
    fn a_line_through_many_cells_is_one() {
        insta::assert_snapshot!(row("┌────┐"), @r##"<path fill="#14181d" d="M4 9h46v1h-46zM4 9h1v9h-1zM49 9h1v9h-1z"/>"##);
    }

    #[test]
    fn what_is_marked_has_its_own_paper() {
        let theme = Theme::new(Tone::Dark, false);
        let mut buf = Buffer::empty(Rect::new(0, 0, 4, 1));
        buf.set_style(buf.area, theme.text);
        buf.set_string(1, 0, "ok", theme.alert);
        insta::assert_snapshot!(rows(&buf, &theme).remove(0), @r##"<path fill="#f0732a" d="M9 0h18v18h-18z"/><text x="9 18" y="14" fill="#10151c" font-weight="700">ok</text>"##);
    }
}
