//! Which group is shown, and which ones are next to it.

use crate::ids::Name;
use crate::view::Lens;

fn all(lens: Lens<'_>) -> Vec<Name> {
    lens.group_processes().into_keys().collect()
}

/// The first group there is.
pub fn first(lens: Lens<'_>) -> Option<Name> {
    all(lens).into_iter().next()
}

/// The group so many places after `from`, as far as there are any.
pub fn beside(lens: Lens<'_>, from: &str, by: isize) -> Option<Name> {
    let all = all(lens);
    let at = all.iter().position(|group| **group == *from)?;
    all.get(at.saturating_add_signed(by).min(all.len() - 1)).cloned()
}

/// The place of a group among all, and how many those are.
pub(super) fn place(lens: Lens<'_>, group: &str) -> Option<(usize, usize)> {
    let all = all(lens);
    let at = all.iter().position(|one| **one == *group)?;
    Some((at + 1, all.len()))
}
