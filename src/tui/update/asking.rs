//! Questions: the run stops, the class answers, the run goes on to where it answers itself.

use crate::scenario::runner::Speech;
use crate::scenario::timeline::Pause;
use crate::scenario::{Ask, Given};
use crate::sim::Instant;
use crate::tui::app::App;
use crate::tui::asks::{self, Gate};
use crate::tui::key::{Code, Key};
use crate::tui::layer::Layer;
use crate::tui::panels::ask::letters;

impl App {
    /// The scenario asks something just now. False if that was asked before: who comes back is not
    /// asked again.
    pub(super) fn meet_question(&mut self, step: usize) -> bool {
        if self.ui.asks.of(step).is_some() {
            return false;
        }
        self.ui.layers.push(Layer::Ask(Gate::new(step)));
        true
    }

    /// Asks the last question again; if the run has answered it, shows that.
    pub(super) fn ask_again(&mut self) {
        let asked = self.timeline.runner().spoken().iter().rev();
        let mut asked = asked.filter(|one| matches!(one.speech, Speech::Ask { .. }));
        let Some(step) = asked.next().map(|one| one.step) else {
            let lang = self.ui.lang;
            return self.note(lang.pick("nothing was asked yet", "还没有提问"));
        };
        self.ui.playback.playing = false;
        self.ui.layers.push(if self.timeline.runner().told_answer(step).is_some() {
            Layer::Reveal { step, top: 0 }
        } else {
            Layer::Ask(Gate::new(step))
        });
    }

    /// Goes to where the run answers what was asked.
    pub(super) fn go_to_answer(&mut self) {
        let (scenario, now) = (self.timeline.runner().scenario().clone(), self.timeline.at());
        if let Some(at) = self.ui.asks.next_answer(&scenario, now) {
            self.moved(|app| app.run_to(at));
        } else {
            let lang = self.ui.lang;
            self.note(lang.pick("no answer is waited for", "没有等待揭晓的问题"));
        }
    }

    /// Lets everything happen up to an instant, but for where something is asked first.
    fn run_to(&mut self, at: Instant) {
        const MANY: usize = 1 << 16;
        loop {
            match self.timeline.play(at, MANY) {
                Pause::Tired => {}
                Pause::Step(_) if self.timeline.runner().asks().is_none() => {}
                Pause::Step(step) if !self.meet_question(step) => {}
                Pause::Reached => return self.visit(at),
                Pause::Step(_) | Pause::Breakpoint(_) | Pause::Over => return,
            }
        }
    }

    /// Shows what the run has answered to what was asked, the earliest first.
    pub(in crate::tui) fn reveal(&mut self) {
        let runner = self.timeline.runner();
        let mut told: Vec<_> = self
            .ui
            .asks
            .pending()
            .filter_map(|step| Some((runner.told_answer(step)?.at, step)))
            .collect();
        told.sort_unstable();
        for (_, step) in told.into_iter().rev() {
            self.ui.asks.set_revealed(step, true);
            self.ui.layers.push(Layer::Reveal { step, top: 0 });
            self.ui.playback.playing = false;
            self.ui.playback.clock = self.timeline.at();
        }
    }

    pub(super) fn gate_key(&mut self, mut gate: Gate, key: Key) {
        let scenario = self.timeline.runner().scenario().clone();
        let Some(ask) = scenario.steps.get(gate.step).and_then(|step| step.ask.as_ref()) else {
            return;
        };
        let choices = asks::choices(ask, self.names(), self.ui.lang).len();
        let letter = key.letter();
        let free = choices > 0 || asks::takes_digits(ask);
        let is_choice = letter.and_then(|letter| letters().position(|one| one == letter));
        match key.code {
            Code::Esc => return self.answered(gate.step, None, Vec::new()),
            Code::Enter | Code::PageDown => {
                let given = match key.code {
                    _ if choices == 0 => typed(&gate),
                    // A clicker has no other keys: who counted hands goes on with them.
                    Code::PageDown => None,
                    _ if gate.hands.iter().any(|count| *count > 0) => None,
                    _ => asks::choice(ask, self.names(), gate.chosen),
                };
                if given.is_some() || choices > 0 || key.code == Code::PageDown {
                    return self.answered(gate.step, given, gate.hands);
                }
            }
            _ if is_choice.is_some_and(|index| index < choices) => {
                let given = is_choice.and_then(|index| asks::choice(ask, self.names(), index));
                return self.answered(gate.step, given, gate.hands);
            }
            Code::Char('?') => gate.hint = !gate.hint,
            Code::Char('h') if free => gate.hint = !gate.hint,
            Code::Char('g') if free => self.toggle_language(),
            Code::PageUp => gate.top = gate.top.saturating_sub(5),
            _ if choices == 0 => type_into(&mut gate, ask, key),
            Code::Up | Code::Char('k') => gate.chosen = gate.chosen.saturating_sub(1),
            Code::Down | Code::Char('j') => gate.chosen = (gate.chosen + 1).min(choices - 1),
            Code::Right | Code::Char('+' | '=') => {
                gate.count(choices, |hands| hands.saturating_add(1));
            }
            Code::Left | Code::Char('-') => gate.count(choices, |hands| hands.saturating_sub(1)),
            Code::Backspace => gate.count(choices, |hands| hands / 10),
            Code::Char(digit) => {
                if let Some(digit) = digit.to_digit(10) {
                    gate.count(choices, |hands| hands.saturating_mul(10).saturating_add(digit));
                }
            }
            _ => {}
        }
        self.ui.layers.push(Layer::Ask(gate));
    }

    /// Something was answered: the run goes on to where it is known.
    fn answered(&mut self, step: usize, given: Option<Given>, hands: Vec<u32>) {
        let passed = given.is_none() && hands.iter().all(|count| *count == 0);
        self.ui.asks.answer(step, given, hands);
        let lang = self.ui.lang;
        let (scenario, now) = (self.timeline.runner().scenario().clone(), self.timeline.at());
        let at = self.ui.asks.next_answer(&scenario, now);
        self.reveal();
        if passed {
            self.note(lang.pick("passed over; Q asks again", "已跳过；Q 重新提问"));
        } else if let Some(at) = at {
            self.ui.playback.playing = true;
            self.ui.playback.clock = self.ui.playback.clock.max(now);
            let at = crate::explain::clock(at);
            self.note(lang.pick(
                format!("the run answers at {at}; A goes there at once"),
                format!("{at} 时由运行揭晓；A 直接跳到那一刻"),
            ));
        } else {
            self.ui.playback.playing = self.ui.layers.is_empty();
        }
    }

    /// A key on the page that shows what the run answers.
    pub(super) fn reveal_key(&mut self, step: usize, top: usize, key: Key) {
        let at = self.timeline.runner().told_answer(step).map(|told| told.at);
        match key.code {
            Code::Enter => {
                if let Some(at) = at {
                    self.moved(|app| app.visit(at));
                }
            }
            Code::Char(' ') | Code::PageDown => self.ui.playback.playing = !self.timeline.is_over(),
            Code::Char('g') => {
                self.toggle_language();
                self.ui.layers.push(Layer::Reveal { step, top });
            }
            Code::Char('w') => {
                if let Some(at) = at {
                    self.moved(|app| app.visit(at));
                }
                self.act(crate::tui::Action::Why);
            }
            _ if super::layers::closes(key) => {}
            _ => {
                let mut layer = Layer::Reveal { step, top };
                super::layers::scroll(&mut layer, key, true);
                self.ui.layers.push(layer);
            }
        }
    }
}

fn typed(gate: &Gate) -> Option<Given> {
    let text = gate.field.text().trim();
    (!text.is_empty()).then(|| Given::Words(text.into()))
}

fn type_into(gate: &mut Gate, ask: &Ask, key: Key) {
    let letter = key.letter();
    let fits = |letter: char| letter.is_ascii_digit() || letter == '-';
    if letter.is_none_or(|letter| !asks::takes_digits(ask) || fits(letter)) {
        gate.field.take(key);
    }
}
