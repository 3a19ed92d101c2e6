//! A terminal as far as recordings need one.

use unicode_width::UnicodeWidthChar;

/// A grid of letters, and where the cursor is.
pub(crate) struct Terminal {
    width: usize,
    cells: Vec<String>,
    at: (usize, usize),
    coloured: bool,
}

impl Terminal {
    pub(crate) fn new(width: usize, height: usize) -> Self {
        let cells = vec![" ".to_owned(); width * height];
        Self { width, cells, at: (0, 0), coloured: false }
    }

    /// Takes what was written. What no recording has is refused.
    pub(crate) fn write(&mut self, text: &str) {
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            if letter != '\u{1b}' {
                self.put(letter);
                continue;
            }
            assert_eq!(letters.next(), Some('['), "only such sequences");
            let mut parameters = String::new();
            let end = loop {
                match letters.next().expect("a sequence ends") {
                    letter if letter.is_ascii_alphabetic() => break letter,
                    letter => parameters.push(letter),
                }
            };
            match (end, &*parameters) {
                ('H', _) => {
                    let (row, column) = parameters.split_once(';').expect("row and column");
                    let number = |text: &str| text.parse::<usize>().expect("a number") - 1;
                    self.at = (number(column), number(row));
                }
                ('J', "2") => self.cells.fill(" ".to_owned()),
                ('m', _) => self.coloured |= parameters.contains("38;2;"),
                ('l', "?25") => {}
                _ => panic!("unknown sequence {parameters}{end}"),
            }
        }
    }

    fn put(&mut self, letter: char) {
        let wide = letter.width().expect("no control letter");
        let (x, y) = self.at;
        assert!(x + wide <= self.width, "nothing is written beyond the side");
        let place = y * self.width + x;
        // Half of a wide letter is none.
        if self.cells[place].is_empty() {
            " ".clone_into(&mut self.cells[place - 1]);
        }
        if let Some(next) = self.cells.get_mut(place + wide).filter(|next| next.is_empty()) {
            " ".clone_into(next);
        }
        self.cells[place] = letter.to_string();
        if wide == 2 {
            self.cells[place + 1].clear();
        }
        self.at.0 += wide;
    }

    /// What it shows.
    pub(crate) fn text(&self) -> String {
        let rows =
            self.cells.chunks(self.width).map(|row| format!("{}\n", row.concat().trim_end()));
        rows.collect()
    }

    pub(crate) const fn has_colours(&self) -> bool {
        self.coloured
    }
}
