//! The screen of messages: going through them, opening one.

use super::layers::{closes, scroll};
use crate::explain::cards::card;
use crate::protocol::Api;
use crate::tui::app::App;
use crate::tui::key::{Code, Key};
use crate::tui::layer::{Card, Layer};
use crate::tui::panels::messages;
use crate::view::message::MessageKey;

impl App {
    pub(super) fn step_in_messages(&mut self, by: isize) {
        let view = self.space_view();
        let shown = messages::shown(self.lens(), &view);
        let Some(last) = shown.len().checked_sub(1) else { return };
        let here = view.selected.and_then(|place| shown.iter().position(|one| *one == place));
        let to = here.unwrap_or(last).saturating_add_signed(by).min(last);
        // Whoever goes to the newest follows it again.
        let key = (to < last).then(|| self.window.messages[shown[to]].key());
        self.ui.messages.selected = key;
    }

    pub(super) fn open_message(&mut self) {
        if let Some(place) = self.space_view().selected {
            self.ui.playback.playing = false;
            self.open_message_at(place);
        }
    }

    fn open_message_at(&mut self, place: usize) {
        let key = self.window.messages[place].key();
        self.ui.messages.selected = Some(key);
        self.ui.layers.push(Layer::Message { key, top: 0 });
    }

    /// The card of the kind of request that is selected, or of what all have.
    pub(super) fn card_of_message(&self) -> Card {
        let selected = self.space_view().selected;
        let name = match selected.and_then(|place| self.window.messages.get(place)) {
            Some(message) => message.api.map_or("connection", Api::name),
            None => "correlation id",
        };
        let known = card(name, self.ui.lang).is_some();
        Card::Term(if known { name } else { "correlation id" })
    }

    /// A key while a message is open.
    pub(super) fn message_key(&mut self, which: MessageKey, top: usize, key: Key) {
        let answer = match key.code {
            Code::Char(']') => Some(true),
            Code::Char('[') => Some(false),
            Code::Char('g') => {
                self.toggle_language();
                None
            }
            _ if closes(key) => return,
            _ => None,
        };
        let message = self.window.find(which).map(|place| &self.window.messages[place]);
        let other = message.filter(|one| answer == Some(!one.is_response));
        if let Some(place) = other.and_then(|one| one.other) {
            return self.open_message_at(place);
        }
        let mut layer = Layer::Message { key: which, top };
        scroll(&mut layer, key, true);
        self.ui.layers.push(layer);
    }
}
