//! Named styles and signs: what a colour means is said once, here.

use ratatui::style::Style;

/// Which colours there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::EnumIter, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Tone {
    /// Light on dark.
    #[default]
    Dark,
    /// Dark on light.
    Light,
    /// The terminal's sixteen colours on its own background.
    Ansi,
    /// None (`NO_COLOR`): bold, underlined and inverse only.
    Mono,
}

/// Styles and signs by their meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Which colours there are.
    pub tone: Tone,
    /// The signs.
    pub signs: &'static Signs,
    /// Text, on the background of the whole screen.
    pub text: Style,
    /// Words beside values: less loud, as readable.
    pub label: Style,
    /// Names of panels.
    pub title: Style,
    /// Frames.
    pub border: Style,
    /// The frame of the panel that has the focus.
    pub border_focused: Style,
    /// What is selected.
    pub selected: Style,
    /// What changed within the last two seconds.
    pub changed: Style,
    /// A replica that leads.
    pub leader: Style,
    /// A replica in the ISR, a member that is well.
    pub in_sync: Style,
    /// A replica out of the ISR, a member that waits.
    pub lagging: Style,
    /// What does not run.
    pub offline: Style,
    /// A replica that believes it leads and does not.
    pub zombie: Style,
    /// What must be seen: no leader, records lost, errors.
    pub alert: Style,
    /// A turn of the story.
    pub turn: Style,
    /// A line of the story.
    pub note: Style,
    /// A line for who wants to know everything.
    pub aside: Style,
    /// The scenario and the viewer, as speakers.
    pub you: Style,
    /// Links and connections, as speakers.
    pub network: Style,
    /// The controller, as a speaker.
    pub control: Style,
    /// Groups, as speakers.
    pub group: Style,
    /// Disks, as speakers.
    pub disk: Style,
    /// Nodes, as speakers.
    pub node: Style,
    /// A key in a hint.
    pub key: Style,
    /// What a key does.
    pub hint: Style,
    /// What went well.
    pub good: Style,
}

/// One sign for each meaning.
#[derive(Debug, PartialEq, Eq)]
pub struct Signs {
    /// A leader.
    pub leader: &'static str,
}

/// Signs as they are written anywhere but on the oldest terminals.
pub const UNICODE: Signs = Signs { leader: "★" };

/// Signs in plain ASCII.
pub const ASCII: Signs = Signs { leader: "*" };

impl Theme {
    /// The theme of these colours; with signs in plain ASCII if asked.
    pub fn new(tone: Tone, ascii: bool) -> Self {
        let plain = Style::new();
        Self {
            tone,
            signs: if ascii { &ASCII } else { &UNICODE },
            text: plain,
            label: plain,
            title: plain,
            border: plain,
            border_focused: plain,
            selected: plain,
            changed: plain,
            leader: plain,
            in_sync: plain,
            lagging: plain,
            offline: plain,
            zombie: plain,
            alert: plain,
            turn: plain,
            note: plain,
            aside: plain,
            you: plain,
            network: plain,
            control: plain,
            group: plain,
            disk: plain,
            node: plain,
            key: plain,
            hint: plain,
            good: plain,
        }
    }
}
