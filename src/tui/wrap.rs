//! Breaking a text into rows: between words, and between the letters of scripts without spaces.

use unicode_width::UnicodeWidthChar;

/// The rows of `text` in `width` cells.
pub(in crate::tui) fn rows(text: &str, width: u16) -> Rows<'_> {
    Rows { rest: text, width: usize::from(width.max(2)) }
}

/// How many rows `text` takes in `width` cells.
pub(in crate::tui) fn height(text: &str, width: u16) -> u16 {
    // Every byte takes one cell at most.
    if text.len() <= usize::from(width) {
        return u16::from(!text.is_empty());
    }
    rows(text, width).count() as u16
}

/// The rows of a text.
pub(in crate::tui) struct Rows<'a> {
    rest: &'a str,
    width: usize,
}

impl<'a> Iterator for Rows<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest.trim_start_matches(' ');
        if rest.is_empty() {
            return None;
        }
        let mut used = 0;
        let mut fits = rest.len();
        // The last place where a row may end, within what fits.
        let mut good = None;
        let mut before = ' ';
        for (at, letter) in rest.char_indices() {
            let wide = letter.width().unwrap_or(0);
            if at > 0 && may_break(before, letter) {
                good = Some(at);
            }
            if used + wide > self.width {
                fits = at;
                break;
            }
            used += wide;
            before = letter;
        }
        let end = if fits == rest.len() { fits } else { good.filter(|at| *at > 0).unwrap_or(fits) };
        let (row, after) = rest.split_at(end);
        self.rest = after;
        Some(row.trim_end_matches(' '))
    }
}

/// True if a row may end between two letters.
fn may_break(before: char, after: char) -> bool {
    if before == ' ' || after == ' ' {
        return true;
    }
    let cjk = |letter: char| !letter.is_ascii() && letter.width() == Some(2);
    let closes = |letter: char| "，。、；：？！）」』》”’…".contains(letter);
    let opens = |letter: char| "（「『《“‘".contains(letter);
    (cjk(before) || cjk(after)) && !closes(after) && !opens(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_end_between_words() {
        let of = |text, width| rows(text, width).collect::<Vec<_>>();
        assert_eq!(of("no heartbeat for 9 s", 12), ["no heartbeat", "for 9 s"]);
        assert_eq!(of("broker.session.timeout.ms", 10), ["broker.ses", "sion.timeo", "ut.ms"]);
        assert_eq!(of("", 10), [""; 0]);
        assert_eq!(height("no heartbeat for 9 s", 12), 2);
    }

    #[test]
    fn rows_end_between_chinese_letters_but_not_before_a_comma() {
        let of = |text, width| rows(text, width).collect::<Vec<_>>();
        assert_eq!(of("被隔离：没有心跳，9 秒", 10), ["被隔离：没", "有心跳，9", "秒"]);
        assert_eq!(of("没有心跳，再见", 8), ["没有心", "跳，再见"]);
    }
}
