//! Arrows between modules point one way: a module uses only those that come before it.

#[path = "common/sources.rs"]
mod sources;

use sources::{module, sources};

/// The modules from the bottom to the top. Those of one line know each other.
const LAYERS: [&[&str]; 22] = [
    &["sim"],
    &["ids"],
    &["protocol"],
    &["config", "feature", "fact", "node"],
    &["log"],
    &["metadata"],
    &["assignor"],
    &["replica"],
    &["raft"],
    &["coordinator"],
    &["controller"],
    &["broker"],
    &["client"],
    &["cluster"],
    &["view"],
    &["check"],
    &["explain"],
    &["foreign"],
    &["scenario"],
    &["tui"],
    &["export"],
    &["cli"],
];

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// The modules that some code names by `crate::`.
fn named(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            // The first word of every branch at the top of the group.
            let (mut depth, mut word, mut at_start) = (1, String::new(), true);
            for letter in group.chars() {
                match letter {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 1 => at_start = true,
                    letter if depth == 1 && at_start && is_word(letter) => word.push(letter),
                    letter if !letter.is_whitespace() => at_start = false,
                    _ => {}
                }
                if !word.is_empty() && !is_word(letter) {
                    names.push(std::mem::take(&mut word));
                    at_start = letter == ',';
                }
                if depth == 0 {
                    break;
                }
            }
        } else {
            names.push(rest.chars().take_while(|letter| is_word(*letter)).collect());
        }
    }
    names
}

fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

#[test]
fn arrows_point_one_way() {
    let (mut wrong, mut arrows) = (Vec::new(), 0);
    for (path, code) in sources() {
        let module = module(&path);
        if module == "lib" || module == "main" {
            continue;
        }
        let Some(own) = layer(&module) else {
            wrong.push(format!("{module} has no place among the layers"));
            continue;
        };
        for name in named(&code) {
            let Some(other) = layer(&name) else { continue };
            arrows += 1;
            if other > own {
                wrong.push(format!("{} uses {name}", path.display()));
            }
        }
    }
    assert!(arrows > 500, "only {arrows} arrows were found");
    assert!(wrong.is_empty(), "these arrows point the wrong way:\n{}", wrong.join("\n"));
}

#[test]
fn groups_of_names_are_read() {
    let code = "use crate::{ids::{A, B}, sim::{self, rng}, fact};\ncrate::view::Lens";
    assert_eq!(named(code), ["ids", "sim", "fact", "view"]);
}

/// Where nodes think: what they find out is told by them alone.
const STATE_MACHINES: [&str; 9] =
    ["node", "log", "replica", "raft", "coordinator", "controller", "broker", "client", "cluster"];

#[test]
fn only_state_machines_tell_facts() {
    let (mut wrong, mut tellers) = (Vec::new(), 0);
    for (path, code) in sources() {
        // A fact goes out by the outbox of a node, or by what the cluster does to one.
        let tells =
            ["out.fact(", "out.detail(", "|| Fact::"].iter().any(|call| code.contains(call));
        if !tells {
            continue;
        }
        tellers += 1;
        if !STATE_MACHINES.contains(&&*module(&path)) {
            wrong.push(path.display().to_string());
        }
    }
    assert!(tellers > 20, "only {tellers} files tell facts");
    assert!(wrong.is_empty(), "these tell facts and are no state machines: {wrong:?}");
}

/// What a browser has not.
const OF_A_PROCESS: [&str; 7] =
    ["std::fs", "std::thread", "std::env", "std::process", "std::time", "crossterm", "signal_hook"];

#[test]
fn what_a_browser_has_not_is_left_out_of_its_build() {
    let (mut users, mut inside_cli) = (Vec::new(), 0);
    for (path, code) in sources() {
        if !OF_A_PROCESS.iter().any(|name| code.contains(name)) {
            continue;
        }
        if path.starts_with("cli") {
            inside_cli += 1;
        } else {
            users.push(path.display().to_string());
        }
    }
    users.sort();
    assert!(inside_cli > 0, "the command line uses them");
    assert_eq!(users, ["main.rs", "tui/notes_file.rs", "tui/run.rs", "tui/watch.rs"]);
    // Each of them stands behind a condition.
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let not_there = "#[cfg(not(target_arch = \"wasm32\"))]\n";
    let lib = std::fs::read_to_string(source.join("lib.rs")).expect("it is text");
    assert!(lib.contains(&format!("{not_there}#[doc(hidden)]\npub mod cli;")));
    let tui = std::fs::read_to_string(source.join("tui/mod.rs")).expect("it is text");
    for module in ["notes_file", "run", "watch"] {
        assert!(tui.contains(&format!("{not_there}mod {module};")), "{module}");
    }
}

/// What no two runs have in common, by the word that leads to it: clocks, threads, addresses, the
/// environment, orders that nobody chose, and floats, which not all machines round alike (D7).
const CHANCE: [&str; 26] = [
    "std::time",
    "std::thread",
    "thread_local!",
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::ptr",
    "std::any::type_name",
    "SystemTime",
    "UNIX_EPOCH",
    "available_parallelism",
    "as_ptr()",
    "as *const",
    "as *mut",
    "ptr_eq(",
    ":p}",
    "RandomState",
    "DefaultHasher",
    "HashMap",
    "HashSet",
    "rand::rng",
    "random()",
    "getrandom",
    "f32",
    "f64",
];

/// Where such a word stands and nothing of it reaches a run's state, and why.
const HARMLESS: [(&str, &str, &str); 10] = [
    ("sim/lookup.rs", "HashMap", "it is asked by key and cannot be walked"),
    ("scenario/timeline/history.rs", "HashMap", "it is asked by key: numbers come in their order"),
    ("protocol/metadata_record/value.rs", "f64", "a quota, kept as the bits that were sent"),
    ("explain/narrator/values.rs", "f32", "a value that no fact has is refused"),
    ("explain/narrator/values.rs", "f64", "a value that no fact has is refused"),
    (
        "ids.rs",
        "ptr_eq(",
        "two names at one address are equal; others are compared letter by letter",
    ),
    ("tui/notes_file.rs", "", "the file by which a second terminal follows"),
    ("tui/run.rs", "", "the loop of the terminal"),
    ("tui/watch.rs", "", "the loop of the terminal: has the file changed?"),
    ("cli/", "", "where the program meets its surroundings"),
];

#[test]
fn nothing_that_differs_between_two_runs_reaches_their_state() {
    let (mut wrong, mut needed) = (Vec::new(), std::collections::BTreeSet::new());
    for (path, code) in sources() {
        let name = path.display().to_string();
        if name == "main.rs" {
            continue;
        }
        for word in CHANCE.into_iter().filter(|word| is_said(&code, word)) {
            let harmless = HARMLESS.iter().position(|(file, harmless, _)| {
                name.starts_with(file) && (harmless.is_empty() || *harmless == word)
            });
            match harmless {
                Some(index) => drop(needed.insert(index)),
                None => wrong.push(format!("{name}: {word}")),
            }
        }
    }
    assert!(wrong.is_empty(), "these may differ from run to run:\n{}", wrong.join("\n"));
    let stale: Vec<_> = (0..HARMLESS.len()).filter(|index| !needed.contains(index)).collect();
    let stale: Vec<_> = stale.into_iter().map(|index| HARMLESS[index].0).collect();
    assert!(stale.is_empty(), "nothing is left to excuse in {stale:?}");
}

/// True if `code` has `word` and not as a part of a longer one; `FxHashMap` is a map of that kind, too.
fn is_said(code: &str, word: &str) -> bool {
    let joins = |letter: Option<char>| letter.is_some_and(is_word);
    let is_whole = |at: usize| {
        let (before, after) = (&code[..at], &code[at + word.len()..]);
        let is_open = !word.starts_with(is_word) || word.starts_with("Hash");
        let begins = is_open || !joins(before.chars().next_back());
        begins && !(word.ends_with(is_word) && joins(after.chars().next()))
    };
    code.match_indices(word).any(|(at, _)| is_whole(at))
}

#[test]
fn what_is_asked_by_key_cannot_be_walked() {
    let (_, lookup) = sources()
        .into_iter()
        .find(|(path, _)| path.ends_with("sim/lookup.rs"))
        .expect("there is a map that is asked by key");
    for word in ["iter", "keys", "values", "drain", "retain", "IntoIterator", "Deref"] {
        assert!(!is_said(&lookup, word), "sim::Lookup says {word}");
    }
}
