//! The terminal: what a class sees.
//!
//! Drawing changes nothing and looks at nothing but the timeline, its story and the state of the
//! screen. [`App`] is that state, [`App::update`] changes it, `draw` shows it, `run` is the one
//! place that touches the terminal and the clock.

mod action;
mod app;
mod asks;
mod beside;
mod charset;
mod depth;
mod draw;
mod editor;
mod frame;
mod ink;
mod key;
pub mod keymap;
pub mod keys;
mod layer;
pub mod look;
mod measuring;
mod notes;
#[cfg(not(target_arch = "wasm32"))]
mod notes_file;
pub mod panels;
mod places;
mod plain;
mod playback;
mod prompt;
#[cfg(not(target_arch = "wasm32"))]
mod run;
mod screens;
mod settle;
mod sharing;
pub mod signs;
pub mod theme;
mod update;
#[cfg(not(target_arch = "wasm32"))]
mod watch;
mod words;
pub(crate) mod wrap;

pub use action::Action;
pub use app::{App, Effect, Message, Options, Ui};
pub use asks::{Asked, Asks, Gate, Score};
pub use beside::Against;
pub use charset::Charset;
pub use draw::{draw, render};
pub use key::{Code, Key};
pub use look::Look;
pub use notes::{all as all_notes, now as notes_now};
#[cfg(not(target_arch = "wasm32"))]
pub use notes_file::{NotesFile, read as read_notes};
pub use plain::{OnDisk, View, picture, text, twin, twin_beside};
pub use playback::{Playback, Speed};
#[cfg(not(target_arch = "wasm32"))]
pub use run::{Terminal, run};
pub use screens::{Pane, Screen};
pub use signs::Signs;
pub use theme::{Theme, Tone};
#[cfg(not(target_arch = "wasm32"))]
pub use watch::Watch;
