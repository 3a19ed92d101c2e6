//! Speaker notes for a second terminal: a small file that `play` writes and `notes --follow` reads. It
//! needs no network and works wherever there are files: every version is written beside it and then
//! takes its place, so that a reader sees the old one or the new one, never half of one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{App, notes};
use crate::explain::Lang;

/// How the file begins: nothing else is written over.
const MARK: &str = "{\"kafkascope\":\"notes\"";

/// The file: notes in both languages.
#[derive(Debug, Serialize, Deserialize)]
struct Document {
    kafkascope: String,
    en: String,
    zh: String,
}

/// Where the notes go.
#[derive(Debug)]
pub struct NotesFile {
    path: PathBuf,
    last: String,
}

impl NotesFile {
    /// Notes go there from now on.
    ///
    /// # Errors
    /// When there is a file that holds something else, or nothing can be written.
    pub fn open(path: &Path) -> io::Result<Self> {
        match fs::read_to_string(path) {
            Ok(text) if text.is_empty() || text.starts_with(MARK) => {}
            Ok(_) => {
                let taken = "there is a file of that name that holds something else";
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, taken));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let mut file = Self { path: path.to_owned(), last: String::new() };
        file.write(String::new(), String::new())?;
        Ok(file)
    }

    /// Writes the notes of the moment that is shown, if they are others than before.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(super) fn update(&mut self, app: &App) -> io::Result<()> {
        self.write(notes::now(app, Lang::En), notes::now(app, Lang::Zh))
    }

    fn write(&mut self, en: String, zh: String) -> io::Result<()> {
        let document = Document { kafkascope: "notes".to_owned(), en, zh };
        let text = serde_json::to_string(&document)?;
        if text == self.last {
            return Ok(());
        }
        // Beside it, so that it is on the same disk and can take its place at once.
        let mut beside = self.path.clone().into_os_string();
        beside.push(format!(".{}", std::process::id()));
        fs::write(&beside, &text)?;
        fs::rename(&beside, &self.path)?;
        self.last = text;
        Ok(())
    }
}

impl Drop for NotesFile {
    fn drop(&mut self) {
        // The lesson is over. Nobody can be told that it could not be taken away.
        let _ = fs::remove_file(&self.path);
    }
}

/// The notes that are in a file.
///
/// # Errors
/// When there is no such file, or it holds something else.
pub fn read(path: &Path, lang: Lang) -> io::Result<String> {
    let text = fs::read_to_string(path)?;
    let document: Document = serde_json::from_str(&text)?;
    Ok(lang.pick(document.en, document.zh))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{library, load};
    use crate::tui::Options;

    fn place(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("kafkascope-{name}-{}", std::process::id()))
    }

    #[test]
    fn what_is_written_is_read_and_gone_at_the_end() {
        let source = library::find("broker-down").expect("it is built in");
        let loaded = load(&source);
        let mut app = App::new(source, loaded, Options::default());
        let path = place("notes");
        let mut file = NotesFile::open(&path).expect("it can be written");
        assert_eq!(read(&path, Lang::En).expect("there are notes"), "");
        app.go_to_step(2);
        file.update(&app).expect("it can be written");
        let told = read(&path, Lang::En).expect("there are notes");
        assert!(told.contains("Who leads kq-0 at 25 s?"), "{told}");
        assert!(read(&path, Lang::Zh).expect("there are notes").contains("第"));
        drop(file);
        assert!(read(&path, Lang::En).is_err());
    }

    #[test]
    fn nothing_else_is_written_over() {
        let path = place("other");
        fs::write(&path, "my thesis").expect("it can be written");
        let refused = NotesFile::open(&path).expect_err("it holds something else");
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).expect("it is there"), "my thesis");
        fs::remove_file(&path).expect("it is there");
    }
}
