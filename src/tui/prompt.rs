//! The command line: what is typed, what it could become, and what is wrong with it.

use super::editor::Editor;
use super::keymap;
use crate::cluster::ProcessState;
use crate::explain::Lang;
use crate::foreign;
use crate::scenario::language::{LineError, Names, PRODUCTIONS, Part, complete_fitting};
use crate::view::Lens;

/// The command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// What is typed.
    pub editor: Editor,
    /// The offer that is selected.
    pub chosen: Option<usize>,
    /// What was wrong when it was entered.
    pub wrong: Option<LineError>,
    /// Which of the earlier lines this is, counted from the newest.
    pub recalled: Option<usize>,
}

/// What could stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The word.
    pub text: String,
    /// Where in the line it begins.
    pub start: usize,
    /// What it is.
    pub says: &'static str,
}

impl Prompt {
    /// A command line that begins with `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self { editor: Editor::new(text), ..Self::default() }
    }

    /// What could stand at the cursor: words of the language first, then actions by name. Of
    /// processes those to which the command can be done, as `lens` sees them.
    pub fn offers(&self, names: &Names, lens: Lens<'_>, lang: Lang) -> Vec<Offer> {
        let (line, cursor) = (self.editor.text(), self.editor.cursor());
        let fits = |command: &str, name: &str| fits(lens, command, name);
        let words = complete_fitting(line, cursor, names, &fits).into_iter().map(|word| Offer {
            says: if word.zh.is_empty() { word.en } else { lang.pick(word.en, word.zh) },
            text: word.text,
            start: word.start,
        });
        let typed = line[..cursor].trim_start();
        let actions = keymap::ROWS
            .iter()
            .filter(|row| !typed.contains(' ') && row.name.starts_with(typed) && row.name != typed);
        let start = cursor - typed.len();
        let actions =
            actions.map(|row| Offer { text: row.name.to_owned(), start, says: row.says(lang) });
        words.chain(actions).collect()
    }

    /// Puts an offer into the line.
    pub fn accept(&mut self, offer: &Offer) {
        self.editor.replace(offer.start, &offer.text);
        if !offer.text.ends_with('(') {
            self.editor.replace(self.editor.cursor(), " ");
        }
        self.edited();
    }

    /// The line is another one than before.
    pub(super) fn edited(&mut self) {
        (self.chosen, self.wrong, self.recalled) = (None, None, None);
    }

    /// The form of the command that is typed, and what it does.
    pub fn usage(&self, lang: Lang) -> Option<(String, &'static str)> {
        let words: Vec<&str> = self.editor.text().split_whitespace().collect();
        let agrees = |syntax: &[Part]| {
            let known = syntax.iter().map_while(|part| match part {
                Part::Word(word) => Some(*word),
                _ => None,
            });
            known.zip(&words).take_while(|(known, typed)| known == *typed).count()
        };
        let tool = words.first().and_then(|word| foreign::tool(word));
        if let Some(tool) = tool {
            return Some((tool.usage.to_owned(), lang.pick(tool.en, tool.zh)));
        }
        let best = PRODUCTIONS.iter().rev().max_by_key(|row| agrees(row.syntax))?;
        (agrees(best.syntax) > 0).then(|| (best.usage(), lang.pick(best.en, best.zh)))
    }
}

/// True unless the process called `name` is in a state in which the command refuses it.
fn fits(lens: Lens<'_>, command: &str, name: &str) -> bool {
    // A consumer may be written with its group: `checkout/c1`.
    let own = name.split_once('/').map_or(name, |(_, own)| own);
    let Some(node) = lens.find(name).or_else(|| lens.find(own)) else { return true };
    let state = lens.process_state(node);
    match command {
        "start" => state == ProcessState::Down,
        "kill" => state != ProcessState::Down,
        "stop" | "pause" | "remove" => state == ProcessState::Up,
        "resume" => state == ProcessState::Paused,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::scenario::runner::Runner;
    use crate::scenario::{library, load};
    use crate::sim::{Duration, Instant};

    /// The brokers and clients that are offered.
    fn offered(run: &Runner, line: &str) -> Vec<String> {
        let offers = Prompt::new(line).offers(run.names(), run.lens(), Lang::En);
        let names = offers.into_iter().map(|offer| offer.text);
        names.filter(|name| run.lens().find(name).is_some()).collect()
    }

    #[test]
    fn processes_are_offered_to_which_it_can_be_done() {
        let source = library::find("broker-down").expect("it is built in");
        let scenario = load(&source).runs.remove(0).scenario;
        let mut run = Runner::new(Arc::new(scenario), false).unjudged();
        run.run_until(Instant::ZERO + Duration::from_secs(5));
        assert!(offered(&run, "start ").is_empty());
        assert!(offered(&run, "resume ").is_empty());
        let running = offered(&run, "kill ");
        assert!(running.len() > 4 && running.contains(&"broker-1".to_owned()), "{running:?}");
        for line in ["kill broker-1", "pause broker-2"] {
            run.type_line(line).expect("it can be read");
            run.run_until(run.now() + Duration::from_millis(1));
        }
        assert_eq!(offered(&run, "start "), ["broker-1"]);
        assert_eq!(offered(&run, "start {"), ["broker-1"]);
        assert_eq!(offered(&run, "resume "), ["broker-2"]);
        assert!(!offered(&run, "kill ").contains(&"broker-1".to_owned()));
        assert!(offered(&run, "kill ").contains(&"broker-2".to_owned()), "a paused one can die");
        assert!(!offered(&run, "stop ").contains(&"broker-2".to_owned()), "it would not hear it");
        assert!(offered(&run, "partition ").contains(&"broker-1".to_owned()));
    }
}
