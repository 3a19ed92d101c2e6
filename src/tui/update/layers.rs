//! Keys that go to what lies on top of the screen.

use crate::scenario::timeline::FutureId;
use crate::scenario::{library, load};
use crate::tui::app::{App, Effect};
use crate::tui::key::{Code, Key};
use crate::tui::layer::{Card, Kind, Layer};
use crate::tui::panels::{card, list, tool};
use crate::tui::screens::Screen;

/// So many columns a page that is wider than the screen moves sideways.
const SIDEWAYS: usize = 16;

impl App {
    /// A key for the uppermost layer. Esc, and q where nothing is typed, take it away.
    pub(super) fn layer_key(&mut self, key: Key) {
        let Some(layer) = self.ui.layers.pop() else { return };
        if key == (Key { ctrl: true, ..Key::char('c') }) && !matches!(layer, Layer::Prompt(_)) {
            self.effects.push(Effect::Quit);
            return;
        }
        match layer {
            Layer::Prompt(prompt) => self.prompt_key(prompt, key),
            Layer::Filter { mut editor, before } => match key.code {
                Code::Enter => {}
                Code::Esc => *self.filter() = before,
                _ => {
                    editor.take(key);
                    editor.text().clone_into(self.filter());
                    (self.ui.story.selected, self.ui.story.top) = (None, None);
                    (self.ui.messages.selected, self.ui.messages.top) = (None, None);
                    self.ui.layers.push(Layer::Filter { editor, before });
                }
            },
            Layer::Offset { editor, walk } => self.offset_key(editor, walk, key),
            Layer::Message { key: which, top } => self.message_key(which, top, key),
            Layer::Find { walk, top } => self.find_key(walk, top, key),
            Layer::Help { mut search, top } => {
                if key.code == Code::Esc || key.code == Code::F(1) {
                    return;
                }
                let before = search.text().to_owned();
                let mut layer = if scrolls(key) || !search.take(key) {
                    Layer::Help { search, top }
                } else {
                    let top = if before == search.text() { top } else { 0 };
                    Layer::Help { search, top }
                };
                scroll(&mut layer, key, false);
                self.ui.layers.push(layer);
            }
            Layer::Cards { cards, top, next } => self.card_key(cards, top, next, key),
            Layer::List { kind, selected, top } => self.list_key(kind, selected, top, key),
            Layer::Tool { line, output, top, left } => {
                let left = match key.code {
                    _ if closes(key) => return,
                    Code::Left | Code::Char('h') => left.saturating_sub(SIDEWAYS),
                    Code::Right | Code::Char('l') => {
                        (left + SIDEWAYS).min(tool::width(&output).saturating_sub(SIDEWAYS))
                    }
                    _ => left,
                };
                let mut layer = Layer::Tool { line, output, top, left };
                scroll(&mut layer, key, true);
                self.ui.layers.push(layer);
            }
            mut layer @ (Layer::Lesson { .. }
            | Layer::Expectations { .. }
            | Layer::Code { .. }
            | Layer::Mistakes { .. }) => {
                if !closes(key) {
                    scroll(&mut layer, key, true);
                    self.ui.layers.push(layer);
                }
            }
        }
    }

    /// What is filtered: messages on their screen, elsewhere the story.
    pub(super) fn filter(&mut self) -> &mut String {
        match self.ui.screen {
            Screen::Messages => &mut self.ui.messages.filter,
            _ => &mut self.ui.story.filter,
        }
    }

    fn card_key(&mut self, mut cards: Vec<Card>, top: usize, next: usize, key: Key) {
        let terms = cards.last().map(|card| card::next(*card, self.ui.lang)).unwrap_or_default();
        match key.code {
            Code::Backspace if cards.len() > 1 => {
                cards.pop();
                return self.ui.layers.push(Layer::Cards { cards, top: 0, next: 0 });
            }
            Code::Tab | Code::Char('l') if !terms.is_empty() => {
                let next = (next + 1) % terms.len();
                return self.ui.layers.push(Layer::Cards { cards, top, next });
            }
            Code::BackTab | Code::Char('h') if !terms.is_empty() => {
                let next = (next + terms.len() - 1) % terms.len();
                return self.ui.layers.push(Layer::Cards { cards, top, next });
            }
            Code::Enter => {
                cards.extend(terms.get(next).map(|term| Card::Term(term)));
                return self.ui.layers.push(Layer::Cards { cards, top: 0, next: 0 });
            }
            Code::Char('g') => self.toggle_language(),
            _ if closes(key) => return,
            _ => {}
        }
        let mut layer = Layer::Cards { cards, top, next };
        scroll(&mut layer, key, true);
        self.ui.layers.push(layer);
    }

    fn list_key(&mut self, kind: Kind, selected: usize, top: usize, key: Key) {
        let last = list::items(self, kind).len().saturating_sub(1);
        let selected = match key.code {
            Code::Enter => return self.choose(kind, selected),
            Code::Delete | Code::Backspace | Code::Char('d') if kind == Kind::Breakpoints => {
                self.timeline.remove_breakpoint(selected);
                if self.timeline.breakpoints().is_empty() {
                    return;
                }
                selected
            }
            Code::Char('g') => {
                self.toggle_language();
                selected
            }
            Code::Up | Code::Char('k') => selected.saturating_sub(1),
            Code::Down | Code::Char('j') => selected + 1,
            Code::PageUp => selected.saturating_sub(5),
            Code::PageDown => selected + 5,
            Code::Home => 0,
            Code::End => last,
            _ if closes(key) => return,
            _ => selected,
        };
        self.ui.layers.push(Layer::List { kind, selected: selected.min(last), top });
    }

    fn choose(&mut self, kind: Kind, selected: usize) {
        match kind {
            Kind::Scenarios => {
                let name = library::names().nth(selected);
                let Some(source) = name.and_then(library::find) else { return };
                let loaded = load(&source);
                if loaded.is_wrong() {
                    self.ui.layers.push(Layer::mistakes(&source, &loaded.diagnostics));
                    return;
                }
                self.effects.push(Effect::Opened);
                self.open(source, loaded);
                self.offer_runs();
            }
            Kind::Runs => {
                self.ui.run = selected.min(self.runs.len() - 1);
                self.restart(self.timeline.at());
            }
            Kind::Futures => self.moved(|app| app.timeline.switch(FutureId(selected))),
            Kind::Breakpoints => {}
        }
    }

    /// Lets the viewer choose among the runs of a file that has several.
    pub fn offer_runs(&mut self) {
        if self.runs.len() > 1 {
            self.ui.layers.push(Layer::list(Kind::Runs, self.ui.run));
        }
    }

    /// Lets the viewer choose a scenario.
    pub fn offer_scenarios(&mut self) {
        let first = library::names().position(|name| name == "broker-down");
        self.noting(|app| {
            app.ui.layers.push(Layer::list(Kind::Scenarios, first.unwrap_or_default()));
        });
    }

    pub(super) fn list_futures(&mut self) {
        if self.timeline.futures() > 1 {
            let current = self.timeline.current().0;
            self.ui.layers.push(Layer::list(Kind::Futures, current));
        } else {
            let lang = self.ui.lang;
            self.note(lang.pick(
                "one future only: go back in time and do something else",
                "只有一条时间线：回到过去做点别的就会分叉",
            ));
        }
    }

    pub(super) fn list_breakpoints(&mut self) {
        if self.timeline.breakpoints().is_empty() {
            let lang = self.ui.lang;
            self.note(lang.pick(
                "no breakpoints: b sets one, like `break isr(kq-1) < 2`",
                "没有断点：按 b 设置，例如 `break isr(kq-1) < 2`",
            ));
        } else {
            self.ui.layers.push(Layer::list(Kind::Breakpoints, 0));
        }
    }
}

pub(super) fn closes(key: Key) -> bool {
    matches!(key.code, Code::Esc | Code::Char('q' | '?'))
}

fn scrolls(key: Key) -> bool {
    matches!(key.code, Code::Up | Code::Down | Code::PageUp | Code::PageDown)
}

/// Scrolls a layer. Where nothing is typed, letters move too.
pub(super) fn scroll(layer: &mut Layer, key: Key, letters: bool) {
    let Some(top) = layer.top() else { return };
    *top = match key.code {
        Code::Up => top.saturating_sub(1),
        Code::Down => *top + 1,
        Code::Char('k') if letters => top.saturating_sub(1),
        Code::Char('j') if letters => *top + 1,
        Code::PageUp => top.saturating_sub(10),
        Code::PageDown => *top + 10,
        Code::Home if letters => 0,
        Code::End if letters => usize::MAX,
        _ => *top,
    };
}
