//! Typing at the command line.

use crate::tui::app::App;
use crate::tui::key::{Code, Key};
use crate::tui::keymap;
use crate::tui::layer::Layer;
use crate::tui::prompt::Prompt;

impl App {
    pub(super) fn prompt_key(&mut self, mut prompt: Prompt, key: Key) {
        let offers = prompt.offers(self.names(), self.lens(), self.ui.lang);
        match key.code {
            Code::Esc => return,
            Code::Char('c') if key.ctrl => return,
            Code::Enter => match prompt.chosen.and_then(|index| offers.get(index)) {
                Some(offer) => prompt.accept(offer),
                None => return self.enter(prompt),
            },
            Code::Tab => {
                let chosen = prompt.chosen.unwrap_or_default();
                if let Some(offer) = offers.get(chosen) {
                    prompt.accept(offer);
                }
            }
            Code::Up if prompt.chosen.is_none() => self.recall(&mut prompt, 1),
            Code::Down if prompt.recalled.is_some() => self.recall(&mut prompt, -1),
            Code::Up => prompt.chosen = prompt.chosen.and_then(|index| index.checked_sub(1)),
            Code::Down if !offers.is_empty() => {
                let next = prompt.chosen.map_or(0, |index| index + 1);
                prompt.chosen = Some(next.min(offers.len() - 1));
            }
            Code::Backspace if prompt.editor.text().is_empty() => return,
            _ => {
                let before = prompt.editor.text().to_owned();
                prompt.editor.take(key);
                if before != prompt.editor.text() {
                    prompt.edited();
                }
            }
        }
        self.ui.layers.push(Layer::Prompt(prompt));
    }

    /// Goes through the lines that were typed before.
    fn recall(&self, prompt: &mut Prompt, back: isize) {
        let typed = &self.ui.typed;
        let place = match prompt.recalled {
            None if back > 0 => Some(0),
            None => None,
            Some(place) => place.checked_add_signed(back),
        };
        let Some(place) = place else { return *prompt = Prompt::default() };
        let Some(line) = typed.iter().rev().nth(place) else { return };
        *prompt = Prompt::new(line.clone());
        prompt.recalled = Some(place);
    }

    /// Does what the line says; a line that cannot be read stays, with what is wrong.
    fn enter(&mut self, mut prompt: Prompt) {
        let line = prompt.editor.text().trim().to_owned();
        if line.is_empty() {
            return;
        }
        if let Some(action) = keymap::named(&line) {
            return self.act(action);
        }
        match self.give(&with_quotes(&line)) {
            Ok(()) => {
                self.ui.typed.retain(|known| *known != line);
                self.ui.typed.push(line);
            }
            Err(error) => {
                prompt.wrong = Some(error);
                self.ui.layers.push(Layer::Prompt(prompt));
            }
        }
    }
}

/// `save my.toml` is as good as `save "my.toml"`.
fn with_quotes(line: &str) -> String {
    match line.strip_prefix("save ").map(str::trim) {
        Some(path) if !path.starts_with('"') && !path.is_empty() => {
            format!("save \"{}\"", path.replace('\\', "\\\\"))
        }
        _ => line.to_owned(),
    }
}
