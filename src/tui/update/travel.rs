//! Moving through time by hand.

use crate::scenario::timeline::Unit;
use crate::sim::{Duration, Instant};
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::places::Lines;
use crate::tui::playback::Speed;

impl App {
    pub(super) fn travel(&mut self, action: Action) {
        match action {
            Action::RunPause => self.run_or_pause(),
            Action::Forward(unit) => self.moved(|app| app.forward(unit)),
            Action::Back(unit) => self.moved(|app| app.back(unit)),
            Action::Seconds(seconds) => {
                let target = self.seconds_from_now(seconds);
                self.moved(|app| app.visit(target));
            }
            Action::Beginning => self.moved(|app| app.visit(Instant::ZERO)),
            Action::Latest => {
                let latest = self.timeline.seen_until();
                self.moved(|app| app.visit(latest));
            }
            Action::Speed(by) => self.ui.playback.speed = self.ui.playback.speed.changed(by),
            Action::RealTime => self.ui.playback.speed = Speed::REAL_TIME,
            Action::AutoPause => {
                let on = !self.ui.playback.auto_pause;
                self.ui.playback.auto_pause = on;
                let lang = self.ui.lang;
                self.note(if on {
                    lang.pick("stops at every line of the story", "故事每有新行就暂停")
                } else {
                    lang.pick("runs through the story", "故事有新行时不再暂停")
                });
            }
            Action::Freeze => self.freeze(),
            other => unreachable!("{other:?} is no travel"),
        }
    }

    /// Moves by hand: time stops, and the newest line is followed again.
    pub(in crate::tui) fn moved(&mut self, travel: impl FnOnce(&mut Self)) {
        self.ui.playback.playing = false;
        let filter = std::mem::take(&mut self.ui.story.filter);
        self.ui.story = Lines { filter, ..Lines::default() };
        self.ui.playback.clock = Instant::ZERO;
        travel(self);
        self.ui.playback.clock = self.ui.playback.clock.max(self.timeline.at());
    }

    /// Goes to an instant. Nothing need have happened just then.
    pub(in crate::tui) fn visit(&mut self, at: Instant) {
        self.timeline.go_to(at);
        self.ui.playback.clock = at.min(self.timeline.runner().end());
    }

    fn forward(&mut self, unit: Unit) {
        let event = self.timeline.event();
        let mut found = self.timeline.forward(unit);
        while let Some(step) = self.timeline.runner().asks().filter(|_| found) {
            if self.meet_question(step) {
                return;
            }
            found = self.timeline.forward(unit);
        }
        if !found {
            if unit != Unit::Event {
                // Who looks for what does not come stays where he is.
                self.timeline.go_to_event(event);
            }
            let lang = self.ui.lang;
            self.note(match unit {
                Unit::Event => lang.pick("the run is over", "运行已结束"),
                _ => lang.pick("none until the end of the run", "直到结束都没有了"),
            });
        }
    }

    fn back(&mut self, unit: Unit) {
        if !self.timeline.back(unit) {
            let lang = self.ui.lang;
            self.note(match unit {
                Unit::Event => lang.pick("this is the beginning", "已是开头"),
                _ => lang.pick("none before", "前面没有了"),
            });
        }
    }

    /// Goes to a step of the scenario, from 1: to where it asks, or was just done.
    pub fn go_to_step(&mut self, number: usize) {
        self.noting(|app| app.jump_to_step(number));
    }

    pub(super) fn jump_to_step(&mut self, number: usize) {
        let (lang, count) = (self.ui.lang, self.timeline.runner().scenario().steps.len());
        let Some(index) = number.checked_sub(1).filter(|index| *index < count) else {
            return self.complain(
                lang.pick(format!("there are steps 1 to {count}"), format!("步骤有 1 到 {count}")),
            );
        };
        let mut there = false;
        self.moved(|app| there = app.timeline.go_to_scenario_step(index));
        match self.timeline.runner().asks() {
            _ if !there => self.note(lang.pick(
                format!("step {number} does not come in this run"),
                format!("这次运行里不会出现第 {number} 步"),
            )),
            Some(step) => {
                self.meet_question(step);
            }
            None => {
                self.note(lang.pick(
                    format!("step {number} was just done"),
                    format!("第 {number} 步刚刚执行"),
                ));
            }
        }
    }

    /// The place of the first step that is still to come, or of the last one.
    pub(super) fn next_step(&self) -> usize {
        let runner = self.timeline.runner();
        let done = runner.done_steps().next_back().map_or(0, |last| last + 1);
        done.min(runner.scenario().steps.len().saturating_sub(1))
    }

    fn seconds_from_now(&self, seconds: i32) -> Instant {
        let span = Duration::from_secs(seconds.unsigned_abs().into());
        let now = self.ui.playback.clock;
        if seconds < 0 {
            Instant::ZERO + now.since(Instant::ZERO).saturating_sub(span)
        } else {
            now + span
        }
    }

    fn run_or_pause(&mut self) {
        let playback = &mut self.ui.playback;
        playback.playing = !playback.playing;
        playback.clock = playback.clock.max(self.timeline.at());
        if self.ui.playback.playing {
            if self.timeline.is_over() {
                self.ui.playback.playing = false;
                let lang = self.ui.lang;
                self.note(lang.pick(
                    "the run is over; Home goes to its beginning",
                    "运行已结束；Home 回到开头",
                ));
            }
            let filter = std::mem::take(&mut self.ui.story.filter);
            self.ui.story = Lines { filter, ..Lines::default() };
        }
    }

    /// Keeps the picture as it is while time goes on, or shows the present again.
    fn freeze(&mut self) {
        self.frozen = match self.frozen.take() {
            Some(_) => None,
            None => Some(self.picture()),
        };
    }
}
