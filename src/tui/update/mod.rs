//! From an action to what is different then: a function of the state and the action alone.

mod asking;
mod disk;
mod doing;
mod layers;
mod looking;
mod messages;
mod mouse;
mod playing;
mod presenting;
mod prompting;
mod travel;

use super::action::Action;
use super::app::{App, Effect, Message};
use super::charset::Charset;
use super::key::Key;
use super::keymap;
use super::layer::{Kind, Layer};
use super::{Theme, Tone};

impl App {
    /// A key was pressed.
    pub fn key(&mut self, key: Key) {
        self.noting(|app| {
            // What was said last has been read.
            app.ui.message = None;
            if std::mem::take(&mut app.ui.blank) {
                // Any key shows the screen again.
                return;
            }
            if app.ui.layers.is_empty() {
                if let Some(action) = app.clicker(key).or_else(|| keymap::action(key)) {
                    app.act(action);
                }
            } else {
                app.layer_key(key);
            }
        });
    }

    /// A text was pasted: it goes into the line that is being typed, if there is one.
    pub fn paste(&mut self, text: &str) {
        let typing = matches!(
            self.ui.layers.last(),
            Some(
                Layer::Prompt(_)
                    | Layer::Filter { .. }
                    | Layer::Offset { .. }
                    | Layer::Help { .. }
                    | Layer::List { typing: true, .. }
            )
        );
        if typing {
            for letter in text.chars().filter(|letter| !letter.is_control()) {
                self.key(Key::char(letter));
            }
        }
    }

    /// Does something by name.
    pub fn update(&mut self, action: Action) {
        self.noting(|app| app.act(action));
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::RunPause
            | Action::Forward(_)
            | Action::Back(_)
            | Action::Seconds(_)
            | Action::Beginning
            | Action::Latest
            | Action::Speed(_)
            | Action::RealTime
            | Action::AutoPause
            | Action::Freeze => self.travel(action),
            Action::Kill
            | Action::Start
            | Action::Stop
            | Action::PauseProcess
            | Action::Isolate
            | Action::Add
            | Action::Remove
            | Action::Produce
            | Action::Break
            | Action::Prompt
            | Action::Save
            | Action::Share => self.do_something(action),
            Action::Why
            | Action::WhyThis
            | Action::Card
            | Action::Open
            | Action::Show(_)
            | Action::NextPane
            | Action::PreviousPane
            | Action::Up
            | Action::Down
            | Action::Left
            | Action::Right
            | Action::PageUp
            | Action::PageDown
            | Action::Zoom
            | Action::Filter
            | Action::Find
            | Action::Internal
            | Action::Close => self.look_at(action),
            Action::Lesson => self.ui.layers.push(Layer::Lesson { top: 0 }),
            Action::Durian => self.peel(),
            Action::Goals => self.ui.layers.push(Layer::Goals { hints: 0, top: 0 }),
            Action::Question => self.ask_again(),
            Action::Answer => self.go_to_answer(),
            Action::Expectations => self.ui.layers.push(Layer::Expectations { top: 0 }),
            Action::Futures => self.list_futures(),
            Action::Breakpoints => self.list_breakpoints(),
            Action::Runs => self.list_runs(),
            Action::Scenarios => self.ui.layers.push(Layer::list(Kind::Scenarios, 0)),
            Action::Language => self.toggle_language(),
            Action::Theme => self.toggle_theme(),
            Action::Present => self.present(!self.ui.presenting),
            Action::Blank => {
                self.ui.blank = true;
                self.ui.playback.playing = false;
            }
            Action::Steps => self.ui.layers.push(Layer::list(Kind::Steps, self.next_step())),
            Action::Mouse => self.toggle_mouse(),
            Action::Redraw => self.effects.push(Effect::Redraw),
            Action::Suspend => self.effects.push(Effect::Suspend),
            Action::Help => {
                self.ui.layers.push(Layer::Help { search: Default::default(), top: 0 });
            }
            Action::Quit => self.effects.push(Effect::Quit),
        }
    }

    fn toggle_language(&mut self) {
        if self.ui.charset == Charset::Ascii {
            self.note("this terminal shows ASCII only; Chinese needs one with UTF-8");
        } else {
            self.ui.lang = self.ui.lang.other();
        }
    }

    fn toggle_theme(&mut self) {
        let ui = &mut self.ui;
        ui.tone = match ui.tone {
            Tone::Dark => Tone::Light,
            Tone::Light => Tone::Dark,
            Tone::Stark => Tone::StarkLight,
            Tone::StarkLight => Tone::Stark,
            other => {
                let told = ui.lang.pick("the terminal's own colours", "使用终端自己的颜色");
                ui.message = Some(Message::Note(told.to_owned()));
                other
            }
        };
        self.theme = Theme::new(ui.tone, ui.charset.is_plain());
    }

    fn toggle_mouse(&mut self) {
        self.ui.mouse = !self.ui.mouse;
        self.effects.push(Effect::Mouse(self.ui.mouse));
        let lang = self.ui.lang;
        self.note(if self.ui.mouse {
            lang.pick("the mouse works here", "鼠标用于操作")
        } else {
            lang.pick("the mouse selects text", "鼠标用于选中文字")
        });
    }

    pub(super) fn note(&mut self, told: impl Into<String>) {
        self.ui.message = Some(Message::Note(told.into()));
    }

    pub(in crate::tui) fn complain(&mut self, told: impl Into<String>) {
        self.ui.message = Some(Message::Error(told.into()));
    }
}
