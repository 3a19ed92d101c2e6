//! What could be typed next in a line for one of the tools.

use super::TOOLS;
use super::options::Takes;

/// A word that could stand at the end of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The word.
    pub text: String,
    /// What it is; empty for what speaks for itself.
    pub en: &'static str,
    /// The same in Chinese.
    pub zh: &'static str,
}

/// What stands behind the last word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Topics,
    Groups,
    Words(&'static [&'static str]),
}

/// Options that are known and lead nowhere here.
const UNANSWERED: [&str; 33] = [
    "admin.config",
    "alter",
    "by-duration",
    "command-config",
    "config",
    "consumer-property",
    "consumer.config",
    "create",
    "delete",
    "delete-config",
    "delete-offsets",
    "dry-run",
    "enable-systest-events",
    "execute",
    "export",
    "formatter",
    "formatter-config",
    "from-file",
    "if-not-exists",
    "include",
    "key-deserializer",
    "path-to-json-file",
    "replica-assignment",
    "replication-factor",
    "reset-offsets",
    "shift-by",
    "skip-message-on-error",
    "to-current",
    "to-datetime",
    "to-earliest",
    "to-latest",
    "to-offset",
    "value-deserializer",
];

/// The words that can follow `before`, the words of a line that are whole; tools, options, and names of
/// `topics` and `groups` where they are wanted. None if the line is for none of the tools.
pub fn complete(before: &[&str], topics: &[String], groups: &[String]) -> Option<Vec<Word>> {
    let plain = |text: String| Word { text, en: "", zh: "" };
    let Some((first, arguments)) = before.split_first() else {
        let word =
            |tool: &super::Tool| Word { text: tool.name.to_owned(), en: tool.en, zh: tool.zh };
        return Some(TOOLS.iter().map(word).collect());
    };
    let tool = super::tool(first)?;
    let last = arguments.last().and_then(|last| last.strip_prefix("--"));
    let takes = last.and_then(|last| tool.options.iter().find(|known| known.name == last));
    if let Some(known) = takes.filter(|known| known.takes == Takes::Value) {
        let names = match wanted(known.name) {
            Some(Wanted::Topics) => topics.to_vec(),
            Some(Wanted::Groups) => groups.to_vec(),
            Some(Wanted::Words(words)) => words.iter().map(ToString::to_string).collect(),
            None => Vec::new(),
        };
        return Some(names.into_iter().map(plain).collect());
    }
    let given = |name: &str| arguments.iter().any(|word| word.strip_prefix("--") == Some(name));
    let often = |name: &str| matches!(name, "property" | "group");
    let options = tool.options.iter().map(|known| known.name);
    let answered = options.filter(|name| !UNANSWERED.contains(name));
    let left = answered.filter(|name| often(name) || !given(name));
    Some(left.map(|name| plain(format!("--{name}"))).collect())
}

const fn wanted(option: &str) -> Option<Wanted> {
    Some(match option.as_bytes() {
        b"topic" => Wanted::Topics,
        b"group" => Wanted::Groups,
        b"election-type" => Wanted::Words(&["preferred", "unclean"]),
        b"time" => Wanted::Words(&["earliest", "latest", "max-timestamp"]),
        b"offset" => Wanted::Words(&["earliest", "latest"]),
        b"isolation-level" => Wanted::Words(&["read_committed", "read_uncommitted"]),
        b"property" => Wanted::Words(&[
            "print.timestamp=true",
            "print.partition=true",
            "print.offset=true",
            "print.headers=true",
            "print.key=true",
        ]),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(before: &[&str]) -> Vec<String> {
        let (topics, groups) = (["kq".to_owned()], ["checkout".to_owned()]);
        let found = complete(before, &topics, &groups).expect("it is a tool's line");
        found.into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn tools_options_and_names_are_offered() {
        assert!(words(&[]).contains(&"kafka-topics".to_owned()));
        let options = words(&["kafka-topics.sh", "--describe"]);
        assert!(options.contains(&"--topic".to_owned()), "{options:?}");
        assert!(!options.contains(&"--describe".to_owned()), "{options:?}");
        assert_eq!(words(&["kafka-topics", "--topic"]), ["kq"]);
        assert_eq!(words(&["kafka-consumer-groups", "--describe", "--group"]), ["checkout"]);
        assert!(complete(&["kill"], &[], &[]).is_none());
    }
}
