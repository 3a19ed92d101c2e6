//! One file, several runs: the same scenario with another value each time, or with what each run sets.

use super::diagnostic::Diagnostic;
use super::limits;
use super::model::Text;
use super::read::{Node, Read as _, Reader};
use super::span::{Span, Spanned};
use crate::config::nearest;
use crate::ids::Name;

/// What tells a run from the others.
#[derive(Default)]
pub(super) struct Variant {
    /// `acks = 1`, or the run's name; none where there is only one run.
    pub(super) label: Option<Name>,
    /// What is different about it, in words.
    pub(super) title: Option<Text>,
    /// The keys that differ, with this run's values.
    changes: Vec<(Spanned<Name>, Spanned<Node>)>,
    /// What is done to them, for messages: they are varied, or set.
    verb: [&'static str; 2],
}

impl Variant {
    /// The whole file with this run's values.
    pub(super) fn of(
        &self,
        root: &Spanned<Node>,
        reader: &mut Reader<'_>,
    ) -> Option<Spanned<Node>> {
        let mut changed = root.clone();
        for (path, value) in &self.changes {
            if let Err(problem) = set(&mut changed.value, path, value.clone(), self.verb) {
                reader.push(problem);
                return None;
            }
        }
        Some(changed)
    }
}

/// All runs; one where nothing is compared.
pub(super) fn variants(root: &Spanned<Node>, reader: &mut Reader<'_>) -> Vec<Variant> {
    let alone = || vec![Variant::default()];
    let Some(compare) = child(&root.value, "compare") else { return alone() };
    if let Some(runs) = child(&compare.value, "runs") {
        return named(runs, compare, reader).unwrap_or_else(alone);
    }
    let paths: Vec<Spanned<Name>> = match child(&compare.value, "vary") {
        Some(Spanned { value: Node::Text(path), span }) => {
            vec![Spanned::new(path.as_str().into(), span.clone())]
        }
        Some(Spanned { value: Node::List(paths), .. }) => paths
            .iter()
            .filter_map(|path| match &path.value {
                Node::Text(text) => Some(Spanned::new(text.as_str().into(), path.span.clone())),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    let values = match child(&compare.value, "values") {
        Some(Spanned { value: Node::List(values), .. }) => values.clone(),
        _ => Vec::new(),
    };
    let at = compare.span.clone();
    if paths.is_empty() || values.is_empty() {
        // What is of the wrong form is complained about when the table is read.
        if child(&compare.value, "vary").is_none() || child(&compare.value, "values").is_none() {
            let hint = "vary = \"producers.web.config.acks\" and values = [0, 1, \"all\"]";
            reader.error_with(&at, "`vary` and `values` belong together", hint);
        } else {
            reader.error(&at, "there is nothing to compare");
        }
        return alone();
    }
    if values.len() > limits::RUNS {
        reader.error(&values[limits::RUNS].span, format!("more than {} runs", limits::RUNS));
        return alone();
    }
    let mut variants = Vec::new();
    let names = names(&paths);
    for value in values {
        let each = match (&value.value, paths.len()) {
            (Node::List(each), several) if several > 1 && each.len() == several => each.clone(),
            (_, 1) => vec![value.clone()],
            (_, several) => {
                reader.error(&value.span, format!("a list of {several} values, one for each key"));
                return alone();
            }
        };
        let labels = names
            .iter()
            .zip(&each)
            .map(|(name, value)| format!("{name} = {}", shown(value, reader.text)));
        let label = labels.collect::<Vec<_>>().join(", ");
        let changes = paths.iter().cloned().zip(each).collect();
        let verb = ["vary", "varied"];
        variants.push(Variant { label: Some(label.into()), title: None, changes, verb });
    }
    variants
}

/// Runs with names, each with what it sets. None after a complaint, and for what is of the wrong form:
/// that is complained about when the table is read.
fn named(
    runs: &Spanned<Node>,
    compare: &Spanned<Node>,
    reader: &mut Reader<'_>,
) -> Option<Vec<Variant>> {
    let Node::List(runs) = &runs.value else { return None };
    let other = ["vary", "values"].iter().find_map(|key| child(&compare.value, key));
    if let Some(other) = other {
        let hint = "[[compare.runs]] say what is different themselves";
        reader.error_with(&other.span, "`vary` and `runs`: one of them is enough", hint);
        return None;
    }
    if let Some(run) = runs.get(limits::RUNS) {
        reader.error(&run.span, format!("more than {} runs", limits::RUNS));
        return None;
    }
    let mut variants: Vec<Variant> = Vec::new();
    for run in runs {
        let named = child(&run.value, "name")?;
        let Node::Text(name) = &named.value else { return None };
        let is_word = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
        if name.is_empty() || !name.chars().all(is_word) {
            let hint = "letters, digits, `-` and `_`, as it stands behind a # on a command line";
            reader.error_with(&named.span, format!("`{name}` is no name for a run"), hint);
            return None;
        }
        if variants.iter().any(|other| other.label.as_deref() == Some(name)) {
            reader.error(&named.span, format!("two runs are called `{name}`"));
            return None;
        }
        let title = child(&run.value, "title").and_then(|title| Text::read(title, reader));
        let mut changes = Vec::new();
        if let Some(set) = child(&run.value, "set") {
            let Node::Table(entries) = &set.value else {
                let hint = "set = { \"producers.web.config.batch.size\" = 0 }";
                reader.error_with(&set.span, "expected keys and their values", hint);
                return None;
            };
            gather(None, entries, &mut changes);
        }
        let verb = ["set", "set"];
        variants.push(Variant { label: Some(name.as_str().into()), title, changes, verb });
    }
    if variants.is_empty() {
        reader.error(&compare.span, "there is nothing to compare");
        return None;
    }
    Some(variants)
}

/// The keys that a table sets, each with its whole path: `costs.places = 1` is a table to TOML.
fn gather(
    outer: Option<&str>,
    entries: &[(Spanned<Name>, Spanned<Node>)],
    changes: &mut Vec<(Spanned<Name>, Spanned<Node>)>,
) {
    for (key, value) in entries {
        let path =
            outer.map_or_else(|| key.value.to_string(), |outer| format!("{outer}.{}", key.value));
        match &value.value {
            Node::Table(inner) => gather(Some(&path), inner, changes),
            _ => changes.push((Spanned::new(path.into(), key.span.clone()), value.clone())),
        }
    }
}

/// What the varied keys are called: `enable.idempotence`; with whose they are where several are called
/// the same: `web acks`.
fn names(paths: &[Spanned<Name>]) -> Vec<String> {
    let paths: Vec<Vec<Name>> = paths.iter().map(keys).collect();
    let last = |keys: &Vec<Name>| keys.last().expect("a path has a key").to_string();
    let name = |keys: &Vec<Name>| {
        let alike = paths.iter().filter(|other| last(other) == last(keys)).count();
        match (alike, keys.as_slice()) {
            (1, _) | (_, [_]) => last(keys),
            (_, [kind, broker, _, ..]) if &**kind == "brokers" => {
                format!("broker-{broker} {}", last(keys))
            }
            (_, [_, owner, _, ..] | [owner, ..]) => format!("{owner} {}", last(keys)),
            (_, []) => unreachable!("a path has a key"),
        }
    };
    paths.iter().map(name).collect()
}

fn child<'n>(node: &'n Node, name: &str) -> Option<&'n Spanned<Node>> {
    match node {
        Node::Table(entries) => {
            entries.iter().find(|(key, _)| &*key.value == name).map(|(_, value)| value)
        }
        _ => None,
    }
}

/// A value as the file has it, without quotes.
fn shown(value: &Spanned<Node>, text: &str) -> String {
    value
        .plain()
        .unwrap_or_else(|| text.get(value.span.clone()).unwrap_or_default().trim().to_owned())
}

/// The keys of a path, with their places: `producers.web.config."enable.idempotence"`. What stands
/// behind `config` is one key, whether quoted or not.
fn keys(path: &Spanned<Name>) -> Vec<Name> {
    let mut keys: Vec<String> = vec![String::new()];
    let mut quoted = false;
    for letter in path.chars() {
        match letter {
            '"' => quoted = !quoted,
            '.' if !quoted => keys.push(String::new()),
            letter => keys.last_mut().expect("there is one").push(letter),
        }
    }
    if let Some(config) = keys.iter().position(|key| key == "config")
        && config + 2 < keys.len()
    {
        let rest = keys.split_off(config + 1).join(".");
        keys.push(rest);
    }
    keys.into_iter().map(|key| key.trim().into()).collect()
}

/// Tables that may be left out.
const IMPLIED: [&str; 3] = ["cluster", "network", "costs"];

/// Puts a value where a path leads.
fn set(
    root: &mut Node,
    path: &Spanned<Name>,
    value: Spanned<Node>,
    verb: [&str; 2],
) -> Result<(), Diagnostic> {
    let keys = keys(path);
    let (last, tables) = keys.split_last().expect("a path has a key");
    let mut node = root;
    for (depth, key) in tables.iter().enumerate() {
        let Node::Table(entries) = node else { return Err(no_table(path, key, verb)) };
        let names: Vec<Name> = entries.iter().map(|(name, _)| name.value.clone()).collect();
        let Some(index) = names.iter().position(|name| name == key) else {
            // `config` may be left out where nothing was configured, and so may what is never missing.
            if &**key == "config" || depth == 0 && IMPLIED.contains(&&**key) {
                let at: Span = path.span.clone();
                let table = Spanned::new(Node::Table(Vec::new()), at.clone());
                entries.push((Spanned::new(key.clone(), at), table));
                node = &mut entries.last_mut().expect("it was just put there").1.value;
                continue;
            }
            let wrong =
                Diagnostic::error(path.span.clone(), format!("there is no `{key}` to {}", verb[0]));
            let near = nearest(key, names.iter().map(|name| &**name));
            return Err(wrong.maybe_hint(near.map(|near| format!("did you mean `{near}`?"))));
        };
        node = &mut entries[index].1.value;
    }
    let Node::Table(entries) = node else { return Err(no_table(path, last, verb)) };
    let place = Spanned::new(last.clone(), path.span.clone());
    match entries.iter_mut().find(|(name, _)| name.value == *last) {
        Some((_, old)) => *old = value,
        None => entries.push((place, value)),
    }
    Ok(())
}

fn no_table(path: &Spanned<Name>, key: &str, verb: [&str; 2]) -> Diagnostic {
    let message = format!("`{key}` cannot be {}: it is in no table", verb[1]);
    Diagnostic::error(path.span.clone(), message)
}
