//! The story so far, as it is shown: every line in its newest version.

use super::StoryLine;

/// All lines of a run, up to some event.
#[derive(Clone, Debug, Default)]
pub struct Story {
    /// Every line, newer versions included: by number.
    lines: Vec<StoryLine>,
    /// The lines that are shown: those that are no newer versions of others.
    shown: Vec<u32>,
    /// By number, for a line that is shown its newest version, and for a newer version the version
    /// before it.
    versions: Vec<u32>,
}

/// A line as it is shown.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The line as it was first: it says when and in which event.
    pub first: &'a StoryLine,
    /// Its newest version: it says what.
    pub latest: &'a StoryLine,
}

impl Story {
    /// Adds lines, in the order in which the builder made them.
    ///
    /// # Panics
    /// When a line is missing in between.
    pub fn extend(&mut self, lines: impl IntoIterator<Item = StoryLine>) {
        for line in lines {
            let number = line.number;
            assert_eq!(number as usize, self.lines.len(), "no line is left out");
            if let Some(first) = line.amends {
                self.versions.push(self.versions[first as usize]);
                self.versions[first as usize] = number;
            } else {
                self.versions.push(number);
                self.shown.push(number);
            }
            self.lines.push(line);
        }
    }

    /// Forgets what happened after the event `last`.
    pub fn rewind(&mut self, last: u32) {
        while let Some(line) = self.lines.pop_if(|line| line.event > last) {
            let before = self.versions.pop().expect("every line has a version");
            match line.amends {
                Some(first) => self.versions[first as usize] = before,
                None => {
                    self.shown.pop();
                }
            }
        }
    }

    /// Every line, newer versions included, in the order in which they were told.
    pub fn lines(&self) -> &[StoryLine] {
        &self.lines
    }

    /// How many lines are shown.
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// True if nothing has happened.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// The line shown at `place`, from 0.
    pub fn get(&self, place: usize) -> Option<Shown<'_>> {
        let first = *self.shown.get(place)? as usize;
        let latest = self.versions[first] as usize;
        Some(Shown { first: &self.lines[first], latest: &self.lines[latest] })
    }

    /// The lines that are shown, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Shown<'_>> + ExactSizeIterator {
        (0..self.len()).map(|place| self.get(place).expect("it is shown"))
    }

    /// Every line of an event, newer versions of earlier ones included.
    pub fn of_event(&self, event: u32) -> &[StoryLine] {
        let begin = self.lines.partition_point(|line| line.event < event);
        let count = self.lines[begin..].partition_point(|line| line.event == event);
        &self.lines[begin..begin + count]
    }

    /// Every line of the events before `event`, newest first.
    pub fn before(&self, event: u32) -> impl Iterator<Item = &StoryLine> {
        let end = self.lines.partition_point(|line| line.event < event);
        self.lines[..end].iter().rev()
    }
}
