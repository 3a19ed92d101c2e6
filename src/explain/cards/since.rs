//! Since when there is something: a release, and perhaps a word more.

use serde::Deserialize;

use crate::explain::Lang;

/// `0.9`, or `4.0 (by default: 4.1)` in both languages. It begins with the release.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Since {
    /// A release says it all.
    Release(String),
    /// There is more to say.
    Told {
        /// In English.
        en: String,
        /// In Chinese.
        zh: String,
    },
}

impl Since {
    pub(super) fn told(&self, lang: Lang) -> &str {
        match self {
            Self::Release(release) => release,
            Self::Told { en, zh } => lang.pick(en, zh),
        }
    }
}
