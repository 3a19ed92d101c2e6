//! What a version of a message cannot carry.
//!
//! Nodes exchange the newest structs, whatever version they speak. Before a message leaves, the
//! fields that its version does not have are reset: no new knowledge leaks to an old node. In Kafka:
//! the `versions` of the fields in `common/message/*.json`. Left out: that a request builder refuses to
//! leave out what it must not.

mod flat;
mod request;
mod response;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod wire;
#[cfg(test)]
pub(crate) use wire::{Survival, request_survives, response_survives};

use std::ops::Range;

/// The versions of a field that only a later Kafka knows than the newest version here.
const NEVER: Range<i16> = 0..0;

/// `trim! { message at version: 7.. => groups.members.reason; }`: a field, in a list of a list, that
/// only versions from 7 on have.
macro_rules! trim {
    ($message:ident at $version:ident:
     $($versions:expr => $($first:ident $(. $rest:ident)*),+;)*) => {{
        $(if !($versions).contains(&$version) {
            $(reset!(&mut **$message, $first $(. $rest)*);)+
        })*
    }};
}
use trim;

/// Puts a field back to its default, in each item where it lies in a list.
macro_rules! reset {
    ($of:expr, $field:ident) => {
        $crate::protocol::trim::restore($of, |of| &mut of.$field)
    };
    ($of:expr, $list:ident . $($rest:ident).+) => {{
        let of = $of;
        for item in of.$list.items() {
            reset!(item, $($rest).+);
        }
    }};
}
use reset;

/// A field as it is in a new message.
fn restore<T: Default, F>(of: &mut T, field: impl Fn(&mut T) -> &mut F) {
    std::mem::swap(field(of), field(&mut T::default()));
}

/// A list that may be null.
trait Items<T> {
    /// Its items.
    fn items<'a>(&'a mut self) -> impl Iterator<Item = &'a mut T>
    where
        T: 'a;
}

impl<T> Items<T> for Vec<T> {
    fn items<'a>(&'a mut self) -> impl Iterator<Item = &'a mut T>
    where
        T: 'a,
    {
        self.iter_mut()
    }
}

impl<T> Items<T> for Option<Vec<T>> {
    fn items<'a>(&'a mut self) -> impl Iterator<Item = &'a mut T>
    where
        T: 'a,
    {
        self.iter_mut().flatten()
    }
}
