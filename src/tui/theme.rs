//! Named styles: what a colour means is said once, here.
//!
//! The hues are those of Okabe and Ito, which people tell apart who do not see all colours; on white
//! they are darker, so that every text has a contrast of at least 4.5 to 1. No meaning rests on a
//! colour alone: signs and words differ as well, and without colours that is enough.

use ratatui::style::{Color, Modifier, Style};

use super::signs::{ASCII, Signs, UNICODE};

/// Which colours there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::EnumIter, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Tone {
    /// Light on dark.
    #[default]
    Dark,
    /// Dark on light.
    Light,
    /// Light on black, for a projector.
    Stark,
    /// Black on white, for a projector.
    StarkLight,
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
    /// What must be seen: no leader, a process that is gone, errors.
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

/// The colours of a theme with colours.
struct Palette {
    paper: Color,
    text: Color,
    label: Color,
    border: Color,
    orange: Color,
    sky: Color,
    green: Color,
    yellow: Color,
    vermillion: Color,
    purple: Color,
}

const fn rgb(hex: u32) -> Color {
    Color::Rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

const DARK: Palette = Palette {
    paper: rgb(0x10_15_1c),
    text: rgb(0xed_f1_f5),
    label: rgb(0xb4_be_c8),
    border: rgb(0x8a_97_a5),
    orange: rgb(0xe6_9f_00),
    sky: rgb(0x56_b4_e9),
    green: rgb(0x2b_b5_8b),
    yellow: rgb(0xf0_e4_42),
    vermillion: rgb(0xf0_73_2a),
    purple: rgb(0xcc_79_a7),
};

const LIGHT: Palette = Palette {
    paper: rgb(0xff_ff_ff),
    text: rgb(0x14_18_1d),
    label: rgb(0x4a_55_60),
    border: rgb(0x6a_75_80),
    orange: rgb(0x8a_5a_00),
    sky: rgb(0x00_5e_93),
    green: rgb(0x00_70_4f),
    yellow: rgb(0x6e_65_00),
    vermillion: rgb(0xa8_43_00),
    purple: rgb(0x8f_3b_6b),
};

const STARK: Palette = Palette {
    paper: rgb(0x00_00_00),
    text: rgb(0xff_ff_ff),
    label: rgb(0xe4_e8_ec),
    border: rgb(0xc8_d0_d8),
    orange: rgb(0xff_b4_1e),
    sky: rgb(0x7f_d0_ff),
    green: rgb(0x5c_e6_b4),
    yellow: rgb(0xff_f0_60),
    vermillion: rgb(0xff_96_5a),
    purple: rgb(0xf5_a8_d4),
};

const STARK_LIGHT: Palette = Palette {
    paper: rgb(0xff_ff_ff),
    text: rgb(0x00_00_00),
    label: rgb(0x24_2a_30),
    border: rgb(0x3c_44_4c),
    orange: rgb(0x66_40_00),
    sky: rgb(0x00_3f_6b),
    green: rgb(0x00_4b_36),
    yellow: rgb(0x4b_45_00),
    vermillion: rgb(0x7c_2e_00),
    purple: rgb(0x69_24_4d),
};

const SIXTEEN: Palette = Palette {
    paper: Color::Reset,
    text: Color::Reset,
    label: Color::Reset,
    border: Color::Reset,
    orange: Color::Yellow,
    sky: Color::Cyan,
    green: Color::Green,
    yellow: Color::Magenta,
    vermillion: Color::Red,
    purple: Color::Magenta,
};

impl Theme {
    /// The theme of these colours; with signs in plain ASCII if asked.
    pub fn new(tone: Tone, ascii: bool) -> Self {
        let signs = if ascii { &ASCII } else { &UNICODE };
        match tone {
            Tone::Dark => Self::coloured(tone, signs, &DARK),
            Tone::Light => Self::coloured(tone, signs, &LIGHT),
            Tone::Stark => Self::coloured(tone, signs, &STARK),
            Tone::StarkLight => Self::coloured(tone, signs, &STARK_LIGHT),
            Tone::Ansi => {
                // What lies behind is not known: what is loud is inverse.
                let theme = Self::coloured(tone, signs, &SIXTEEN);
                let inverse = Style::new().add_modifier(Modifier::REVERSED);
                Self {
                    selected: inverse.add_modifier(Modifier::BOLD),
                    changed: inverse,
                    alert: inverse.fg(Color::Red).add_modifier(Modifier::BOLD),
                    ..theme
                }
            }
            Tone::Mono => Self::mono(signs),
        }
    }

    fn coloured(tone: Tone, signs: &'static Signs, palette: &Palette) -> Self {
        let ink = |color| Style::new().fg(color);
        let bold = |color| ink(color).add_modifier(Modifier::BOLD);
        let on = |color| Style::new().fg(palette.paper).bg(color).add_modifier(Modifier::BOLD);
        Self {
            tone,
            signs,
            text: ink(palette.text).bg(palette.paper),
            label: ink(palette.label),
            title: bold(palette.text),
            border: ink(palette.border),
            border_focused: bold(palette.sky),
            selected: on(palette.sky),
            changed: on(palette.yellow),
            leader: bold(palette.orange),
            in_sync: ink(palette.sky),
            lagging: bold(palette.yellow),
            offline: ink(palette.vermillion),
            zombie: bold(palette.purple),
            alert: on(palette.vermillion),
            turn: bold(palette.text),
            note: ink(palette.text),
            aside: ink(palette.label),
            you: bold(palette.yellow),
            network: ink(palette.vermillion),
            control: ink(palette.orange),
            group: ink(palette.green),
            disk: ink(palette.purple),
            node: ink(palette.sky),
            key: bold(palette.sky),
            hint: ink(palette.label),
            good: ink(palette.green),
        }
    }

    fn mono(signs: &'static Signs) -> Self {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        let inverse = plain.add_modifier(Modifier::REVERSED);
        Self {
            tone: Tone::Mono,
            signs,
            text: plain,
            label: plain,
            title: bold,
            border: plain,
            border_focused: bold,
            selected: inverse,
            changed: bold.add_modifier(Modifier::UNDERLINED),
            leader: bold,
            in_sync: plain,
            lagging: plain,
            offline: plain,
            zombie: bold,
            alert: inverse.add_modifier(Modifier::BOLD),
            turn: bold,
            note: plain,
            aside: plain,
            you: bold,
            network: plain,
            control: plain,
            group: plain,
            disk: plain,
            node: plain,
            key: bold,
            hint: plain,
            good: plain,
        }
    }

    /// Every style that text is drawn in, with its name.
    pub fn styles(&self) -> [(&'static str, Style); 27] {
        [
            ("text", self.text),
            ("label", self.label),
            ("title", self.title),
            ("border", self.border),
            ("border_focused", self.border_focused),
            ("selected", self.selected),
            ("changed", self.changed),
            ("leader", self.leader),
            ("in_sync", self.in_sync),
            ("lagging", self.lagging),
            ("offline", self.offline),
            ("zombie", self.zombie),
            ("alert", self.alert),
            ("turn", self.turn),
            ("note", self.note),
            ("aside", self.aside),
            ("you", self.you),
            ("network", self.network),
            ("control", self.control),
            ("group", self.group),
            ("disk", self.disk),
            ("node", self.node),
            ("key", self.key),
            ("hint", self.hint),
            ("good", self.good),
            ("warning", self.lagging),
            ("error", self.alert),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::IntoEnumIterator;

    /// A channel of sRGB as light, in millionths (WCAG 2.1).
    #[expect(clippy::float_arithmetic, reason = "a definition with powers, in a test")]
    fn light(color: Color) -> f64 {
        let Color::Rgb(red, green, blue) = color else { panic!("{color} has no known light") };
        let linear = |channel: u8| {
            let part = f64::from(channel) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }

    fn contrast(one: Color, other: Color) -> f64 {
        let (one, other) = (light(one), light(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn every_text_has_a_contrast_of_four_and_a_half_and_of_seven_for_a_projector() {
        for (tone, least) in
            [(Tone::Dark, 4.5), (Tone::Light, 4.5), (Tone::Stark, 7.0), (Tone::StarkLight, 7.0)]
        {
            let theme = Theme::new(tone, false);
            let paper = theme.text.bg.expect("a theme with colours has a background");
            for (name, style) in theme.styles() {
                let ink = style.fg.expect("every style says its colour");
                let ratio = contrast(ink, style.bg.unwrap_or(paper));
                assert!(ratio >= least, "{tone:?} {name}: {ratio:.2}");
            }
        }
    }

    #[test]
    fn no_text_is_dim_and_none_blinks() {
        for tone in Tone::iter() {
            for (name, style) in Theme::new(tone, false).styles() {
                let forbidden =
                    Modifier::DIM | Modifier::SLOW_BLINK | Modifier::RAPID_BLINK | Modifier::HIDDEN;
                assert!(!style.add_modifier.intersects(forbidden), "{tone:?} {name}");
            }
        }
    }

    #[test]
    fn without_colours_there_are_none() {
        for (name, style) in Theme::new(Tone::Mono, false).styles() {
            assert_eq!((style.fg, style.bg), (None, None), "{name}");
        }
    }
}
