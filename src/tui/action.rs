//! What can be done at the keyboard.

use super::screens::Screen;
use crate::scenario::timeline::Unit;

/// Something that the viewer wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    // ---- time ----
    /// Lets time run, or stops it.
    RunPause,
    /// Goes on to the next of a kind.
    Forward(Unit),
    /// Goes back to the one before.
    Back(Unit),
    /// So many seconds on or back.
    Seconds(i32),
    /// To the beginning.
    Beginning,
    /// To the last moment that was seen.
    Latest,
    /// Faster, or slower.
    Speed(i32),
    /// As fast as real time.
    RealTime,
    /// Stops at every line of the story, or no longer.
    AutoPause,
    /// Keeps the picture while time goes on, or no longer.
    Freeze,
    /// The other futures.
    Futures,

    // ---- doing ----
    /// Kills what has the focus.
    Kill,
    /// Starts it.
    Start,
    /// Shuts it down properly.
    Stop,
    /// Stops it by a signal, or lets it go on.
    PauseProcess,
    /// Cuts it off from all others, or heals that.
    Isolate,
    /// Adds a consumer or a broker.
    Add,
    /// Removes a client.
    Remove,
    /// Begins a line that produces a record.
    Produce,
    /// Begins a line that sets a breakpoint.
    Break,
    /// The breakpoints.
    Breakpoints,
    /// The command line.
    Prompt,
    /// Begins a line that saves the scenario.
    Save,
    /// The run as a code.
    Share,

    // ---- looking ----
    /// Why the selected line of the story came about.
    Why,
    /// Why what has the focus is as it is.
    WhyThis,
    /// The card of what has the focus.
    Card,
    /// Opens it.
    Open,
    /// A screen.
    Show(Screen),
    /// The next pane.
    NextPane,
    /// The pane before.
    PreviousPane,
    /// Up.
    Up,
    /// Down.
    Down,
    /// Left.
    Left,
    /// Right.
    Right,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// The focused pane alone, or all.
    Zoom,
    /// Only what has a word in it.
    Filter,
    /// Finds an offset in a log, step by step.
    Find,
    /// What is expected of the run.
    Expectations,
    /// What the scenario is about, and what it said.
    Lesson,
    /// The groups as durians, or no longer.
    Durian,
    /// The task and the goals.
    Goals,
    /// The last question again, or what the run answered.
    Question,
    /// To where the run answers what was asked.
    Answer,
    /// Kafka's own topics too, or not.
    Internal,
    /// One layer back.
    Close,

    // ---- the program ----
    /// Another run of the file.
    Runs,
    /// Another scenario.
    Scenarios,
    /// The other language.
    Language,
    /// Light or dark.
    Theme,
    /// One pane in large signs, for a projector.
    Present,
    /// Nothing is shown until the next key.
    Blank,
    /// The steps of the scenario.
    Steps,
    /// The mouse is ours, or the terminal's.
    Mouse,
    /// Draws everything anew.
    Redraw,
    /// Goes to the background.
    Suspend,
    /// The keys.
    Help,
    /// The end.
    Quit,
}
