//! Arrows between modules point one way: a module uses only those that come before it.

use std::fs;
use std::path::{Path, PathBuf};

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
    &["export"],
    &["tui"],
    &["cli"],
];

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

fn source_files(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("sources can be listed") {
        let path = entry.expect("sources can be listed").path();
        if path.is_dir() {
            source_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The code of a file that is no test and no comment.
fn code(text: &str) -> String {
    let tests = text.find("#[cfg(test)]\nmod ").filter(|at| text[*at..].contains('{'));
    let own = &text[..tests.unwrap_or(text.len())];
    own.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
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
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&source, &mut files);
    assert!(files.len() > 100, "only {} files were found", files.len());
    let (mut wrong, mut arrows) = (Vec::new(), 0);
    for path in files {
        let inside = path.strip_prefix(&source).expect("it was found there");
        if inside.iter().any(|part| part == "tests" || part == "tests.rs" || part == "testing.rs") {
            continue;
        }
        let first = inside.iter().next().expect("a file has a name").to_string_lossy();
        let module = first.trim_end_matches(".rs");
        if module == "lib" || module == "main" {
            continue;
        }
        let Some(own) = layer(module) else {
            wrong.push(format!("{module} has no place among the layers"));
            continue;
        };
        for name in named(&code(&fs::read_to_string(&path).expect("sources are text"))) {
            let Some(other) = layer(&name) else { continue };
            arrows += 1;
            if other > own {
                wrong.push(format!("{} uses {name}", inside.display()));
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
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&source, &mut files);
    let (mut wrong, mut tellers) = (Vec::new(), 0);
    for path in files {
        let inside = path.strip_prefix(&source).expect("it was found there");
        if inside.iter().any(|part| part == "tests" || part == "tests.rs") {
            continue;
        }
        let code = code(&fs::read_to_string(&path).expect("sources are text"));
        // A fact goes out by the outbox of a node, or by what the cluster does to one.
        let tells =
            ["out.fact(", "out.detail(", "|| Fact::"].iter().any(|call| code.contains(call));
        if !tells {
            continue;
        }
        tellers += 1;
        let first = inside.iter().next().expect("a file has a name").to_string_lossy();
        if !STATE_MACHINES.contains(&first.trim_end_matches(".rs")) {
            wrong.push(inside.display().to_string());
        }
    }
    assert!(tellers > 20, "only {tellers} files tell facts");
    assert!(wrong.is_empty(), "these tell facts and are no state machines: {wrong:?}");
}
