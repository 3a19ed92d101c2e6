//! Breaking a text into rows: between words, and between the letters of scripts without spaces.

use unicode_width::UnicodeWidthChar;

/// The rows of `text` in `width` cells.
pub(crate) fn rows(text: &str, width: u16) -> Rows<'_> {
    Rows { rest: text, width: usize::from(width.max(2)) }
}

/// How many rows `text` takes in `width` cells.
pub(crate) fn height(text: &str, width: u16) -> u16 {
    // Every byte takes one cell at most.
    if text.len() <= usize::from(width) {
        return u16::from(!text.is_empty());
    }
    rows(text, width).count() as u16
}

/// The rows of a text.
pub(crate) struct Rows<'a> {
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
    (is_cjk(before) || is_cjk(after)) && !closes(after) && !opens(before)
}

fn is_cjk(letter: char) -> bool {
    !letter.is_ascii() && letter.width() == Some(2)
}

fn closes(letter: char) -> bool {
    "，。、；：？！）」』》”’…".contains(letter)
}

fn opens(letter: char) -> bool {
    "（「『《“‘".contains(letter)
}

/// The paragraphs of a text in which a file breaks lines wherever they are full: an empty line stands
/// between them.
pub(crate) fn paragraphs(text: &str) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines().map(str::trim) {
        let Some(first) = line.chars().next() else {
            open = false;
            continue;
        };
        match paragraphs.last_mut().filter(|_| open) {
            Some(paragraph) => {
                let last = paragraph.chars().next_back().unwrap_or(' ');
                let joined = is_cjk(last) && is_cjk(first) || closes(last) || opens(first);
                if !joined {
                    paragraph.push(' ');
                }
                paragraph.push_str(line);
            }
            None => paragraphs.push(line.to_owned()),
        }
        open = true;
    }
    paragraphs
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

    #[test]
    fn the_lines_of_a_paragraph_are_joined_as_their_script_wants_it() {
        let text = "Two replicas,\nthree brokers.\n\nAnd more.\n";
        assert_eq!(paragraphs(text), ["Two replicas, three brokers.", "And more."]);
        let text = "否则拒绝\nacks=all 的写入，\nacks=1 不管。哪\n怕宕机";
        assert_eq!(paragraphs(text), ["否则拒绝 acks=all 的写入，acks=1 不管。哪怕宕机"]);
    }
}
