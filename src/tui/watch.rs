//! Notices when a scenario's file changes: its time and length are looked at now and then.

use std::path::{Path, PathBuf};

#[expect(clippy::disallowed_types, reason = "a file's time is compared with itself only")]
type Time = std::time::SystemTime;

/// A file that is watched.
#[derive(Clone, Debug)]
pub struct Watch {
    path: PathBuf,
    seen: Option<(Time, u64)>,
}

impl Watch {
    /// Watches the file at `path` from now on.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), seen: look(path) }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// True if it is another one than at the last look. A file that is gone may be on its way back:
    /// editors write a new one in its place.
    pub fn has_changed(&mut self) -> bool {
        let now = look(&self.path);
        let changed = now.is_some() && now != self.seen;
        if changed {
            self.seen = now;
        }
        changed
    }
}

fn look(path: &Path) -> Option<(Time, u64)> {
    let about = std::fs::metadata(path).ok()?;
    Some((about.modified().ok()?, about.len()))
}
