//! Patterns of topic names.
//!
//! In Kafka: `TopicFilter.IncludeList` over `java.util.regex`. Known here are letters, `.`, classes,
//! groups, `|`, `*`, `+`, `?`, `\d`, `\w` and escaped signs; a comma stands for `|`.

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern(Node);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Either(Vec<Node>),
    Row(Vec<Node>),
    /// What, at least how often, and whether more than once.
    Repeat(Box<Node>, bool, bool),
    Any,
    One(char),
    Class {
        ranges: Vec<(char, char)>,
        negated: bool,
    },
}

impl Pattern {
    /// Reads a pattern as the tools do: blanks and quotes around it are dropped. None for what is not
    /// known here.
    pub(super) fn new(text: &str) -> Option<Self> {
        let quotes: &[char] = &['"', '\''];
        let text = text.trim().replace(',', "|").replace(' ', "");
        let letters: Vec<char> = text.trim_matches(quotes).chars().collect();
        let mut reader = Reader { letters: &letters, at: 0 };
        let node = reader.either()?;
        (reader.at == letters.len()).then_some(Self(node))
    }

    /// True if it describes the whole of `name`.
    pub(super) fn fits(&self, name: &str) -> bool {
        let letters: Vec<char> = name.chars().collect();
        self.0.ends(&letters, 0).contains(&letters.len())
    }
}

impl Node {
    /// Where a match that begins at `from` can end.
    fn ends(&self, letters: &[char], from: usize) -> Vec<usize> {
        let one = |fits: bool| if fits { vec![from + 1] } else { Vec::new() };
        let letter = letters.get(from).copied();
        match self {
            Self::Any => one(letter.is_some()),
            Self::One(wanted) => one(letter == Some(*wanted)),
            Self::Class { ranges, negated } => one(letter.is_some_and(|letter| {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&letter)) != *negated
            })),
            Self::Either(ways) => {
                merged(ways.iter().flat_map(|way| way.ends(letters, from)).collect())
            }
            Self::Row(parts) => parts.iter().fold(vec![from], |ends, part| {
                merged(ends.into_iter().flat_map(|end| part.ends(letters, end)).collect())
            }),
            Self::Repeat(what, needed, more) => {
                let mut ends = if *needed { Vec::new() } else { vec![from] };
                let mut fresh = what.ends(letters, from);
                while !fresh.is_empty() {
                    ends.extend(&fresh);
                    if !more {
                        break;
                    }
                    let next = fresh.iter().flat_map(|end| what.ends(letters, *end));
                    fresh = merged(next.filter(|end| !ends.contains(end)).collect());
                }
                merged(ends)
            }
        }
    }
}

fn merged(mut ends: Vec<usize>) -> Vec<usize> {
    ends.sort_unstable();
    ends.dedup();
    ends
}

struct Reader<'a> {
    letters: &'a [char],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += 1;
        Some(letter)
    }

    fn either(&mut self) -> Option<Node> {
        let mut ways = vec![self.row()?];
        while self.peek() == Some('|') {
            self.at += 1;
            ways.push(self.row()?);
        }
        Some(Node::Either(ways))
    }

    fn row(&mut self) -> Option<Node> {
        let mut parts = Vec::new();
        while let Some(letter) = self.peek().filter(|letter| !matches!(letter, '|' | ')')) {
            self.at += 1;
            let part = match letter {
                '.' => Node::Any,
                '(' => {
                    let inner = self.either()?;
                    (self.next()? == ')').then_some(inner)?
                }
                '[' => self.class()?,
                '\\' => self.escaped()?,
                '*' | '+' | '?' | '{' | '^' | '$' => return None,
                letter => Node::One(letter),
            };
            let repeat = |needed, more| Node::Repeat(Box::new(part.clone()), needed, more);
            let part = match self.peek() {
                Some('*') => repeat(false, true),
                Some('+') => repeat(true, true),
                Some('?') => repeat(false, false),
                _ => {
                    parts.push(part);
                    continue;
                }
            };
            self.at += 1;
            parts.push(part);
        }
        Some(Node::Row(parts))
    }

    fn escaped(&mut self) -> Option<Node> {
        let ranges = match self.next()? {
            'd' => vec![('0', '9')],
            'w' => vec![('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')],
            letter if letter.is_alphanumeric() => return None,
            letter => return Some(Node::One(letter)),
        };
        Some(Node::Class { ranges, negated: false })
    }

    fn class(&mut self) -> Option<Node> {
        let negated = self.peek() == Some('^');
        self.at += usize::from(negated);
        let mut ranges = Vec::new();
        loop {
            let low = match self.next()? {
                ']' => return Some(Node::Class { ranges, negated }),
                '\\' => self.next()?,
                letter => letter,
            };
            let is_range = self.peek() == Some('-')
                && self.letters.get(self.at + 1).is_some_and(|letter| *letter != ']');
            let high = if is_range {
                self.at += 1;
                self.next()?
            } else {
                low
            };
            ranges.push((low, high));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, name: &str) -> bool {
        Pattern::new(pattern).expect("it is known").fits(name)
    }

    #[test]
    fn a_pattern_describes_whole_names() {
        assert!(fits("kq", "kq") && !fits("kq", "kq-2") && !fits("k", "kq"));
        assert!(fits("kq.*", "kq-2") && fits("kq.*", "kq"));
        assert!(fits("a,b-[0-9]+", "b-17") && !fits("a,b-[0-9]+", "b-"));
        assert!(fits("(or|pay)(ders|ments)?", "payments") && fits(r"my\.topic", "my.topic"));
        assert!(fits("[^_].*", "kq") && !fits("[^_].*", "__consumer_offsets"));
        assert!(fits("(a*)*b", "aaab"));
    }

    #[test]
    fn what_is_not_known_is_told_from_what_does_not_fit() {
        for pattern in ["a{2}", "^a", "(a", "*", r"\p"] {
            assert_eq!(Pattern::new(pattern), None, "{pattern}");
        }
    }
}
