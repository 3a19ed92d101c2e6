//! What each broker itself believed, one thing after the other.
//!
//! The recorder asked every 50 ms or, on a busy machine, less often; here every change is known. So all
//! that was recorded must have been so here, in that order, and what was so here for long must have been
//! recorded.

use std::collections::BTreeMap;
use std::fmt::Debug;

use super::recording::Millis;
use super::witness::{End, Story, Witness};
use crate::harness::Outcome;

/// What was so for this long, the recorder has seen.
const LONG: Millis = 2_500;

/// Compares all stories up to the time at which the recorder stopped looking.
pub(super) fn compare(theirs: &Witness, ours: &Witness, until: Millis, outcome: &mut Outcome) {
    each("view of", &theirs.views, &ours.views, until, Clone::clone, outcome);
    let kind = |end: &End| match end {
        End::HighWatermark(_) => "a high watermark".to_owned(),
        End::Error(error) => error.clone(),
    };
    each("end of", &theirs.ends, &ours.ends, until, kind, outcome);
    for (from, theirs) in &theirs.controllers {
        let ours = ours.controllers.get(from).map_or(&[][..], Vec::as_slice);
        let result = same_story(theirs, ours, until, Clone::clone);
        outcome.check(format!("controller as broker {from} knows it"), result);
    }
}

fn each<T, K: PartialEq + Debug + Clone>(
    what: &str,
    theirs: &BTreeMap<super::witness::Place, Story<T>>,
    ours: &BTreeMap<super::witness::Place, Story<T>>,
    until: Millis,
    kind: impl Fn(&T) -> K + Copy,
    outcome: &mut Outcome,
) {
    for (place, theirs) in theirs {
        let ours = ours.get(place).map_or(&[][..], Vec::as_slice);
        let (from, tp) = place;
        let result = same_story(theirs, ours, until, kind);
        outcome.check(format!("{what} {tp} by broker {from}"), result);
    }
}

/// Something that was so from a time to another.
type Spell<K> = (Millis, Millis, Option<K>);

fn spells<T, K: PartialEq>(
    story: &[super::witness::Seen<T>],
    until: Millis,
    kind: impl Fn(&T) -> K,
) -> Vec<Spell<K>> {
    let mut spells: Vec<Spell<K>> = Vec::new();
    for seen in story.iter().filter(|seen| seen.at <= until) {
        let what = seen.what.as_ref().map(&kind);
        if let Some(last) = spells.last_mut() {
            last.1 = seen.at;
        }
        if spells.last().is_none_or(|last| last.2 != what) {
            spells.push((seen.at, until, what));
        }
    }
    if let Some(last) = spells.last_mut() {
        last.1 = until;
    }
    spells
}

fn same_story<T, K: PartialEq + Debug>(
    theirs: &[super::witness::Seen<T>],
    ours: &[super::witness::Seen<T>],
    until: Millis,
    kind: impl Fn(&T) -> K + Copy,
) -> Result<(), String> {
    let theirs = spells(theirs, until, kind);
    let ours = spells(ours, until, kind);
    within(&theirs, &ours)
        .map_err(|at| format!("believed there, not here: {at:?}; here {:?}", brief(&ours)))?;
    // What was so before the recorder looked for the first time it may not have seen.
    let begin = theirs.first().map_or(until, |first| first.0);
    let mut long: Vec<_> = ours
        .into_iter()
        .filter(|(from, to, _)| *to > begin && to - (*from).max(begin) >= LONG)
        .collect();
    long.dedup_by(|next, last| next.2 == last.2);
    within(&long, &theirs).map_err(|at| {
        format!("believed for long here, not there: {at:?}; there {:?}", brief(&theirs))
    })
}

fn brief<K: Debug>(spells: &[Spell<K>]) -> Vec<String> {
    spells.iter().map(|(from, _, what)| format!("{from} {what:?}")).collect()
}

/// Whether `some` are among `all` in the same order; else the first that is not.
fn within<'a, K: PartialEq>(some: &'a [Spell<K>], all: &[Spell<K>]) -> Result<(), &'a Spell<K>> {
    let mut rest = all.iter();
    some.iter().find(|one| !rest.any(|other| other.2 == one.2)).map_or(Ok(()), Err)
}
