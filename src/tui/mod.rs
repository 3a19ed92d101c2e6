//! The terminal: what a class sees.
//!
//! Drawing changes nothing and looks at nothing but the timeline, its story and the state of the
//! screen.

pub mod look;
pub mod panels;
pub mod theme;

pub use look::Look;
pub use theme::{Signs, Theme, Tone};
