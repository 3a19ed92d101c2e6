//! The single panels. Each draws into the room it is given, and says what stands in its rows and
//! columns, so that the focus can move there.

pub mod bar;
pub mod card;
mod changed;
pub mod cluster;
pub mod expectations;
pub mod groups;
pub mod help;
pub mod hints;
pub mod list;
pub mod producers;
pub mod prompt;
pub mod say;
pub mod sheet;
pub mod story;
mod thing;
pub mod why;

pub use changed::Changed;
pub use hints::Hint;
pub use thing::Thing;

/// What a panel of rows shows.
#[derive(Clone, Copy, Debug)]
pub struct TableView<'a> {
    /// The row that is selected, if any.
    pub selected: Option<usize>,
    /// The first row shown. Drawing goes on from there so far that the selected row is seen.
    pub top: usize,
    /// What changed lately.
    pub changed: &'a Changed,
}
