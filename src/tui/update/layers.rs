//! Keys that go to what lies on top of the screen.

use crate::ids::Offset;
use crate::scenario::timeline::FutureId;
use crate::scenario::{library, load};
use crate::tui::app::{App, Effect};
use crate::tui::asks::Asks;
use crate::tui::editor::Editor;
use crate::tui::key::{Code, Key};
use crate::tui::layer::{Card, Kind, Layer};
use crate::tui::panels::{card, list, metadata_log, tool};
use crate::tui::screens::Screen;

/// So many columns a page that is wider than the screen moves sideways.
const SIDEWAYS: usize = 16;

/// A list as it stands.
struct Listed {
    kind: Kind,
    selected: usize,
    top: usize,
    filter: Editor,
    typing: bool,
}

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
            Layer::Ask(gate) => self.gate_key(gate, key),
            Layer::Reveal { step, top } => self.reveal_key(step, top, key),
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
            Layer::List { kind, selected, top, filter, typing } => {
                self.list_key(Listed { kind, selected, top, filter, typing }, key);
            }
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
            Layer::Record { offset, top } => self.record_key(offset, top, key),
            Layer::Goals { hints, top } if !closes(key) => {
                let more = usize::from(key.code == Code::Char('h'));
                // What is new stands at the end.
                let top = if more > 0 { usize::MAX } else { top };
                let mut layer = Layer::Goals { hints: (hints + more).min(99), top };
                scroll(&mut layer, key, true);
                self.ui.layers.push(layer);
            }
            Layer::Goals { .. } => {}
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

    /// The arrows go from record to record.
    fn record_key(&mut self, offset: Offset, top: usize, key: Key) {
        let by = match key.code {
            Code::Up | Code::Char('k') => -1,
            Code::Down | Code::Char('j') => 1,
            Code::Char('w') => {
                let server = self.lens().metadata_log_of();
                let found =
                    server.map(|id| self.lens().metadata_records(id, offset, offset.next()));
                if let Some(entry) = found.and_then(|mut found| found.pop()) {
                    self.ask_why_written(&entry);
                }
                return;
            }
            _ if closes(key) => return,
            _ => 0,
        };
        if by == 0 {
            let mut layer = Layer::Record { offset, top };
            scroll(&mut layer, key, true);
            return self.ui.layers.push(layer);
        }
        let selected = metadata_log::moved(self.lens(), Some(offset), by);
        self.ui.control.records.selected = selected;
        let entry = metadata_log::entry(self.lens(), &self.records_view());
        let offset = entry.map_or(offset, |entry| entry.offset);
        self.ui.layers.push(Layer::Record { offset, top: 0 });
    }

    fn list_key(&mut self, mut list: Listed, key: Key) {
        let items = list::items(self, list.kind, list.filter.text());
        let last = items.len().saturating_sub(1);
        let Listed { kind, selected, .. } = list;
        let chosen = items.get(selected).map(|one| one.place);
        list.selected = match key.code {
            Code::Enter => match chosen {
                Some(place) => return self.choose(kind, place),
                None => selected,
            },
            Code::Up => selected.saturating_sub(1),
            Code::Down => selected + 1,
            Code::PageUp => selected.saturating_sub(5),
            Code::PageDown => selected + 5,
            Code::Esc if list.typing || !list.filter.text().is_empty() => {
                (list.typing, list.filter) = (false, Editor::default());
                // What was selected stays so.
                chosen.unwrap_or_default()
            }
            _ if list.typing => {
                list.filter.take(key);
                0
            }
            Code::Char('/') => {
                list.typing = true;
                selected
            }
            Code::Delete | Code::Backspace | Code::Char('d') if kind == Kind::Breakpoints => {
                self.timeline.remove_breakpoint(chosen.unwrap_or(usize::MAX));
                if self.timeline.breakpoints().is_empty() {
                    return;
                }
                selected
            }
            Code::Char('g') => {
                self.toggle_language();
                selected
            }
            Code::Char('k') => selected.saturating_sub(1),
            Code::Char('j') => selected + 1,
            Code::Home => 0,
            Code::End => last,
            _ if closes(key) => return,
            _ => selected,
        };
        let Listed { kind, selected, top, filter, typing } = list;
        let last = list::items(self, kind, filter.text()).len().saturating_sub(1);
        let selected = selected.min(last);
        self.ui.layers.push(Layer::List { kind, selected, top, filter, typing });
    }

    fn choose(&mut self, kind: Kind, selected: usize) {
        match kind {
            Kind::Scenarios => {
                let name = library::all().nth(selected);
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
                let screen = self.ui.screen;
                self.ui.run = selected.min(self.runs.len() - 1);
                self.ui.asks = Asks::default();
                self.restart(self.timeline.at());
                if screen != Screen::Why {
                    self.ui.screen = screen;
                }
            }
            Kind::Guess => self.ui.compare.guess = Some(selected),
            Kind::Futures => self.moved(|app| app.timeline.switch(FutureId(selected))),
            Kind::Breakpoints => {}
            Kind::Steps => self.jump_to_step(selected + 1),
        }
    }

    /// Lets the viewer choose among the runs of a file that has several.
    pub fn offer_runs(&mut self) {
        if self.runs.len() > 1 {
            self.ui.layers.push(Layer::list(Kind::Runs, self.ui.run));
        }
    }

    /// The same at a key; says so where there is nothing to choose.
    pub(super) fn list_runs(&mut self) {
        if self.runs.len() > 1 {
            return self.offer_runs();
        }
        let lang = self.ui.lang;
        self.note(lang.pick(
            "this file describes one run; one with [compare] has several",
            "这个文件只有一次运行；带 [compare] 的才有多次",
        ));
    }

    /// Lets the viewer choose a scenario.
    pub fn offer_scenarios(&mut self) {
        let first = library::all().position(|name| name == library::FIRST);
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
