//! Time that runs by itself, in pieces that fit into a frame.

use crate::scenario::timeline::{Marks, Pause};
use crate::sim::Duration;
use crate::tui::app::App;

/// Steps of the run in one piece: well below a frame.
const STEPS: usize = 256;

impl App {
    /// So much real time went by: if time runs, the run goes on, piece by piece as long as there
    /// `is_time` for it. What could not be done then is not made up for.
    pub fn play(&mut self, elapsed: Duration, mut is_time: impl FnMut() -> bool) {
        if !self.ui.playback.playing {
            return;
        }
        self.noting(|app| {
            app.ui.playback.elapse(elapsed);
            while app.play_piece() {
                if !is_time() {
                    app.ui.playback.clock = app.timeline.at();
                    break;
                }
            }
        });
    }

    /// Lets the run come nearer to where time is. True if there is more to do.
    fn play_piece(&mut self) -> bool {
        // No further than to where the run answers what was asked.
        let runner = self.timeline.runner();
        let answer = self.ui.asks.next_answer(runner.scenario(), runner.now());
        let until = answer.into_iter().chain([self.ui.playback.clock]).min().expect("there is one");
        let pause = if self.ui.playback.auto_pause {
            self.play_to_line(until)
        } else {
            Some(self.timeline.play(until, STEPS))
        };
        let lang = self.ui.lang;
        match pause {
            Some(Pause::Tired) => return true,
            Some(Pause::Reached) => return false,
            Some(Pause::Over) => {
                self.note(lang.pick("the run is over", "运行已结束"));
            }
            Some(Pause::Breakpoint(index)) => {
                let text = &self.timeline.breakpoints()[index].text;
                self.note(lang.pick(format!("stopped: {text}"), format!("断点：{text}")));
            }
            Some(Pause::Step(_)) => {
                let stops = self.stopped();
                if !stops {
                    return true;
                }
            }
            // At a line of the story: it says enough.
            None => {}
        }
        self.ui.playback.playing = false;
        self.ui.playback.clock = self.timeline.at();
        false
    }

    /// Goes on until a line of the story is told. None if one was.
    fn play_to_line(&mut self, until: crate::sim::Instant) -> Option<Pause> {
        for _ in 0..STEPS {
            let before = self.timeline.event();
            let pause = self.timeline.play(until, 1);
            let after = self.timeline.event();
            let told = (before + 1..=after).any(|event| {
                self.timeline.history().get(event).is_some_and(|past| past.marks.has(Marks::LINE))
            });
            if pause != Pause::Tired {
                return Some(pause);
            }
            if told {
                return None;
            }
        }
        Some(Pause::Tired)
    }

    /// A step of the scenario wants a pause, or asks something. False if it was asked before.
    pub(super) fn stopped(&mut self) -> bool {
        if let Some(step) = self.timeline.runner().asks() {
            return self.meet_question(step);
        }
        let lang = self.ui.lang;
        let told = lang.pick("the scenario stops here; space goes on", "场景在此暂停；空格继续");
        self.note(told);
        true
    }
}
