//! Two stories side by side: what both tell, what both tell at different times, and what only one of
//! them tells.
//!
//! Lines are the same if the same is said by the same; so stories of different clusters can be compared
//! as well.

use super::narrator::Narrator;
use super::story::{Importance, Shown, Story};
use super::world::World;
use crate::sim::Instant;

/// A line of a story as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// When.
    pub at: Instant,
    /// Who speaks.
    pub who: String,
    /// What is said.
    pub says: String,
    /// The event in which it happened.
    pub event: u32,
    /// Its place in its story.
    pub place: usize,
    /// How much it matters.
    pub importance: Importance,
}

/// The lines of a story that are told, as they are told; asides are left out.
pub fn heard(story: &Story, world: &dyn World, narrator: Narrator) -> Vec<Heard> {
    let of_note = |(_, shown): &(usize, Shown<'_>)| shown.latest.importance > Importance::Aside;
    let told = story.iter().enumerate().filter(of_note).map(|(place, shown)| Heard {
        at: shown.first.at,
        who: narrator.speaker(shown.latest, world),
        says: narrator.line(shown.latest, world),
        event: shown.first.event,
        place,
        importance: shown.latest.importance,
    });
    told.collect()
}

/// Lines that belong together, by their places in what was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pair {
    /// The same at the same time, to the millisecond.
    Same(usize, usize),
    /// The same at another time.
    Moved(usize, usize),
    /// On the left only.
    Left(usize),
    /// On the right only.
    Right(usize),
}

impl Pair {
    /// The place on the left.
    pub const fn left(self) -> Option<usize> {
        match self {
            Self::Same(left, _) | Self::Moved(left, _) | Self::Left(left) => Some(left),
            Self::Right(_) => None,
        }
    }

    /// The place on the right.
    pub const fn right(self) -> Option<usize> {
        match self {
            Self::Same(_, right) | Self::Moved(_, right) | Self::Right(right) => Some(right),
            Self::Left(_) => None,
        }
    }

    /// True for the same at the same time.
    pub const fn is_same(self) -> bool {
        matches!(self, Self::Same(..))
    }

    /// `=`, `~`, `<` or `>`.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Same(..) => "=",
            Self::Moved(..) => "~",
            Self::Left(_) => "<",
            Self::Right(_) => ">",
        }
    }
}

/// More comparisons than this are not made: stories so long are joined where they tell the same at the
/// same time only.
const MOST: usize = 4_000_000;

/// Puts two stories side by side, in order: as many lines as can be are joined.
pub fn pairs(left: &[Heard], right: &[Heard]) -> Vec<Pair> {
    let same = |one: &Heard, other: &Heard| one.says == other.says && one.who == other.who;
    let at_once =
        |one: &Heard, other: &Heard| same(one, other) && one.at.as_millis() == other.at.as_millis();
    let mut pairs = Vec::new();
    // What begins alike needs no search.
    let mut first = 0;
    while first < left.len() && first < right.len() && at_once(&left[first], &right[first]) {
        pairs.push(Pair::Same(first, first));
        first += 1;
    }
    let (rest_left, rest_right) = (&left[first..], &right[first..]);
    let joined = if rest_left.len().saturating_mul(rest_right.len()) > MOST {
        by_time(rest_left, rest_right, at_once)
    } else {
        longest(rest_left, rest_right, same)
    };
    let (mut one, mut other) = (0, 0);
    let end = (rest_left.len(), rest_right.len());
    for (to_one, to_other) in joined.into_iter().chain([end]) {
        // What stands between two joined lines comes in the order of time.
        while one < to_one || other < to_other {
            let left_next =
                one < to_one && (other >= to_other || rest_left[one].at <= rest_right[other].at);
            if left_next {
                pairs.push(Pair::Left(first + one));
                one += 1;
            } else {
                pairs.push(Pair::Right(first + other));
                other += 1;
            }
        }
        if (to_one, to_other) != end {
            let places = (first + to_one, first + to_other);
            pairs.push(if at_once(&rest_left[to_one], &rest_right[to_other]) {
                Pair::Same(places.0, places.1)
            } else {
                Pair::Moved(places.0, places.1)
            });
            (one, other) = (to_one + 1, to_other + 1);
        }
    }
    pairs
}

/// The places of a longest common sequence.
fn longest(
    left: &[Heard],
    right: &[Heard],
    same: impl Fn(&Heard, &Heard) -> bool,
) -> Vec<(usize, usize)> {
    let width = right.len() + 1;
    // How long the longest one is from here on.
    let mut lengths = vec![0_u16; (left.len() + 1) * width];
    for one in (0..left.len()).rev() {
        for other in (0..right.len()).rev() {
            lengths[one * width + other] = if same(&left[one], &right[other]) {
                lengths[(one + 1) * width + other + 1] + 1
            } else {
                lengths[(one + 1) * width + other].max(lengths[one * width + other + 1])
            };
        }
    }
    let (mut one, mut other, mut joined) = (0, 0, Vec::new());
    while one < left.len() && other < right.len() {
        if same(&left[one], &right[other]) {
            joined.push((one, other));
            (one, other) = (one + 1, other + 1);
        } else if lengths[(one + 1) * width + other] >= lengths[one * width + other + 1] {
            one += 1;
        } else {
            other += 1;
        }
    }
    joined
}

/// The places of lines that tell the same at the same time.
fn by_time(
    left: &[Heard],
    right: &[Heard],
    at_once: impl Fn(&Heard, &Heard) -> bool,
) -> Vec<(usize, usize)> {
    let (mut from, mut joined) = (0, Vec::new());
    for (one, line) in left.iter().enumerate() {
        while from < right.len() && right[from].at.as_millis() < line.at.as_millis() {
            from += 1;
        }
        let near =
            right[from..].iter().take_while(|other| other.at.as_millis() == line.at.as_millis());
        let found = near.into_iter().position(|other| at_once(line, other));
        if let Some(found) = found {
            joined.push((one, from + found));
            from += found + 1;
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn story(lines: &[(u64, &str)]) -> Vec<Heard> {
        let heard = lines.iter().enumerate().map(|(place, (at, says))| Heard {
            at: Instant::from_nanos(at * 1_000_000),
            who: "control".to_owned(),
            says: (*says).to_owned(),
            event: place as u32,
            place,
            importance: Importance::Note,
        });
        heard.collect()
    }

    fn signs(left: &[(u64, &str)], right: &[(u64, &str)]) -> String {
        pairs(&story(left), &story(right)).into_iter().map(Pair::sign).collect()
    }

    #[test]
    fn the_same_is_joined_and_what_only_one_tells_comes_in_the_order_of_time() {
        let left = [(1, "a"), (2, "b"), (4, "c"), (9, "d")];
        assert_eq!(signs(&left, &left), "====");
        assert_eq!(signs(&left, &[(1, "a"), (3, "x"), (9, "d")]), "=<><=");
        assert_eq!(signs(&left, &[]), "<<<<");
        assert_eq!(signs(&[], &[(1, "x")]), ">");
    }

    #[test]
    fn the_same_at_another_time_is_joined_and_said_to_be_so() {
        assert_eq!(signs(&[(1, "a"), (5, "b")], &[(1, "a"), (8, "b")]), "=~");
    }

    #[test]
    fn long_stories_are_joined_by_time() {
        let one = story(&[(1, "a"), (2, "b"), (2, "c"), (4, "d")]);
        let other = story(&[(2, "c"), (3, "d"), (4, "d")]);
        let at_once = |one: &Heard, other: &Heard| one.says == other.says && one.at == other.at;
        assert_eq!(by_time(&one, &other, at_once), [(2, 0), (3, 2)]);
    }
}
