//! The terminal: what a class sees.
//!
//! Drawing changes nothing and looks at nothing but the timeline, its story and the state of the
//! screen.

mod frame;
mod ink;
pub mod look;
pub mod panels;
pub mod signs;
pub mod theme;
mod words;
mod wrap;

pub use look::Look;
pub use signs::Signs;
pub use theme::{Theme, Tone};
