//! What leaves the program: pictures, pages, graphs and recordings of a run, made of the same panels,
//! story and pictures that the screens show.
//!
//! Everything here is text, the same for the same run; nothing of it asks for anything elsewhere.

pub mod cast;
pub mod dot;
pub mod html;
pub mod json;
pub mod mermaid;
mod messages;
mod strokes;
pub mod svg;
pub mod tale;

use ratatui::style::{Color, Modifier, Style};

/// The colours of a cell, as `#56b4e9`, once what is inverse is turned round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Inks {
    text: Rgb,
    paper: Rgb,
}

/// A colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rgb(u8, u8, u8);

impl std::fmt::Display for Rgb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

impl Inks {
    /// Those of `style`; where it says nothing, those of the whole picture.
    fn of(style: Style, whole: Self) -> Self {
        let rgb = |color: Option<Color>, otherwise| match color {
            Some(Color::Rgb(red, green, blue)) => Rgb(red, green, blue),
            _ => otherwise,
        };
        let inks = Self { text: rgb(style.fg, whole.text), paper: rgb(style.bg, whole.paper) };
        if style.add_modifier.contains(Modifier::REVERSED) {
            Self { text: inks.paper, paper: inks.text }
        } else {
            inks
        }
    }
}

/// A text inside of XML and HTML, attributes included. Letters that they cannot have are left out.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(letter),
            control if control.is_control() => {}
            '\u{fffe}' | '\u{ffff}' => {}
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_told_becomes_markup() {
        assert_eq!(escaped("<b a='1'>\"&\u{0}"), "&lt;b a=&#39;1&#39;&gt;&quot;&amp;");
    }

    #[test]
    fn what_is_inverse_is_turned_round() {
        let whole = Inks { text: Rgb(255, 255, 255), paper: Rgb(0, 0, 16) };
        let style = Style::new().add_modifier(Modifier::REVERSED);
        assert_eq!(Inks::of(style, whole), Inks { text: whole.paper, paper: whole.text });
        let style = Style::new().fg(Color::Rgb(1, 2, 3));
        assert_eq!(Inks::of(style, whole).text.to_string(), "#010203");
        assert_eq!(Inks::of(style, whole).paper, whole.paper);
    }
}
