//! The run as a code, and the run that a code stands for.

use super::app::{App, Effect, Message};
use super::layer::Layer;
use crate::scenario::Recorded;
use crate::scenario::share::Shared;
use crate::sim::Instant;

impl App {
    /// The run as it can be told to somebody else.
    pub fn shared(&self) -> Shared {
        Shared {
            source: self.source.clone(),
            seed: self.seed,
            run: (self.runs.len() > 1).then_some(self.ui.run),
            done: self.timeline.recorded(),
        }
    }

    /// Goes over to the run that somebody shared: what was done live is done again, at its moments. The
    /// cursor is at the beginning. `is_other` says that the scenario had another text where the code was made.
    pub fn receive(&mut self, run: Option<usize>, done: Vec<Recorded>, is_other: bool) {
        self.noting(|app| {
            app.ui.run = run.unwrap_or_default().min(app.runs.len() - 1);
            app.begin_again();
            let lang = app.ui.lang;
            let told = !done.is_empty();
            let left = app.do_again(&[done], &[], Instant::ZERO);
            if !left.is_empty() {
                let left = left.join(", ");
                app.ui.message = Some(Message::Error(lang.pick(
                    format!("this could not be done again: {left}"),
                    format!("以下操作无法重做：{left}"),
                )));
            } else if is_other {
                let told = lang.pick(
                    "the scenario had another text where this code was made; the run may differ",
                    "生成此分享码时场景文本不同，运行可能不一样",
                );
                app.ui.message = Some(Message::Error(told.to_owned()));
            } else if told {
                let told = lang.pick(
                    "what was done live comes again at its moments; c goes from one to the next",
                    "现场操作会在原来的时刻重演；按 c 逐个跳转",
                );
                app.ui.message = Some(Message::Note(told.to_owned()));
            }
        });
    }

    /// Shows the code of this run, and gives it to the clipboard.
    pub(super) fn share(&mut self) {
        let code = self.shared().code();
        self.effects.push(Effect::Copy(code.clone()));
        self.ui.layers.push(Layer::Code { code, top: 0 });
    }
}
