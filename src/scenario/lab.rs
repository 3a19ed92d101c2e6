//! Labs that come with the program, and the files of those who solve them: what a copy leaves out, and
//! what was changed in it though it may not be. Kafkascope's own.

use super::library;
use super::load::load;
use super::model::Lab;
use super::read::{Node, parse};
use super::span::Spanned;

/// A built-in lab that a file is a solution of.
#[derive(Clone, Debug, PartialEq)]
pub struct Solved {
    /// The name of the lab.
    pub name: &'static str,
    /// As it came with the program: hints and notes are there.
    pub labs: Vec<Lab>,
    /// What is other than there, and may not be: `groups.checkout.process`.
    pub strayed: Vec<String>,
}

/// The built-in lab that a file has the task of; none if its task is its own.
pub fn solved(text: &str) -> Option<Solved> {
    let (mine, errors) = parse(text);
    let task = tasks(&mine).filter(|_| errors.is_empty())?;
    library::labs().find_map(|name| {
        let source = library::find(name).expect("it is listed");
        let (own, _) = parse(&source.text);
        if tasks(&own)? != task {
            return None;
        }
        let loaded = load(&source);
        let scenario = &loaded.runs.first().expect("it is right").scenario;
        let may_change: Vec<String> = scenario
            .labs
            .iter()
            .flat_map(|lab| lab.edit.iter().map(|key| key.replace('"', "")))
            .collect();
        let strayed = strayed(&own, &mine, &may_change);
        Some(Solved { name, labs: scenario.labs.clone(), strayed })
    })
}

/// The text of a lab without what helps to solve it: its hints, and what is noted for the teacher.
pub fn for_students(text: &str) -> String {
    let (root, _) = parse(text);
    let Node::Table(tables) = &root.value else { return text.to_owned() };
    let mut left_out = Vec::new();
    for (key, value) in tables {
        let helps: &[&str] = match &*key.value {
            "labs" | "goals" => &["hints"],
            "steps" => &["note"],
            _ => continue,
        };
        let Node::List(items) = &value.value else { continue };
        for item in items {
            let Node::Table(entries) = &item.value else { continue };
            let helping = entries.iter().filter(|(key, _)| helps.contains(&&*key.value));
            left_out.extend(helping.map(|(key, value)| key.span.start..value.span.end));
        }
    }
    left_out.sort_by_key(|span| span.start);
    let mut copy = String::new();
    let mut from = 0;
    for span in left_out {
        copy.push_str(&text[from..span.start]);
        // The line is left out whole.
        let end = text[span.end..].find('\n').map_or(text.len(), |line| span.end + line + 1);
        from = end;
    }
    copy.push_str(&text[from..]);
    copy
}

/// What the labs of a file ask for; none where it has no lab.
fn tasks(root: &Spanned<Node>) -> Option<Vec<Node>> {
    let Node::List(labs) = &child(root, "labs")?.value else { return None };
    labs.iter().map(|lab| child(lab, "say").map(|say| say.value.clone())).collect()
}

fn child<'n>(node: &'n Spanned<Node>, name: &str) -> Option<&'n Spanned<Node>> {
    let Node::Table(entries) = &node.value else { return None };
    entries.iter().find(|(key, _)| &*key.value == name).map(|(_, value)| value)
}

/// The paths of what is different, and is none of those that may be.
fn strayed(own: &Spanned<Node>, mine: &Spanned<Node>, may_change: &[String]) -> Vec<String> {
    let [own, mine] = [own, mine].map(leaves);
    let differs = |(path, value): &&(String, Node)| {
        !mine.iter().any(|(other, its)| other == path && same(its, value))
    };
    let gone = own.iter().filter(differs).map(|(path, _)| path);
    let is_new = |(path, _): &&(String, Node)| !own.iter().any(|(other, _)| other == path);
    let added = mine.iter().filter(is_new).map(|(path, _)| path);
    let is_free = |path: &str| {
        may_change.iter().any(|free| {
            path.strip_prefix(&**free).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    };
    let mut strayed: Vec<String> = gone.chain(added).filter(|it| !is_free(it)).cloned().collect();
    // Whoever may add steps leaves those that are there as they are.
    let steps = |all: &[(String, Node)]| all.iter().find(|(path, _)| path == "steps").cloned();
    if is_free("steps")
        && let Some((path, Node::List(own))) = steps(&own)
        && let Some((_, Node::List(mine))) =
            steps(&mine).or_else(|| Some((path.clone(), Node::List(Vec::new()))))
        && !own.iter().all(|step| mine.contains(step))
    {
        strayed.push(path);
    }
    strayed.dedup();
    strayed
}

/// All values of a file by their paths, those aside that are only told.
fn leaves(root: &Spanned<Node>) -> Vec<(String, Node)> {
    let mut leaves = Vec::new();
    let Node::Table(tables) = &root.value else { return leaves };
    for (key, value) in tables {
        match &*key.value {
            "title" | "watch" | "about" | "labs" => {}
            "steps" | "goals" => leaves.push((key.value.to_string(), untold(&value.value))),
            name => collect(name, &value.value, &mut leaves),
        }
    }
    leaves
}

fn collect(path: &str, node: &Node, leaves: &mut Vec<(String, Node)>) {
    match node {
        Node::Table(entries) => {
            for (key, value) in entries {
                collect(&format!("{path}.{}", key.value), &value.value, leaves);
            }
        }
        other => leaves.push((path.to_owned(), other.clone())),
    }
}

/// Steps or goals without what they say.
fn untold(node: &Node) -> Node {
    let Node::List(items) = node else { return node.clone() };
    let told = |key: &str| matches!(key, "say" | "note" | "ask" | "hints" | "pause");
    let without = |item: &Spanned<Node>| {
        item.clone().map(|node| match node {
            Node::Table(mut entries) => {
                entries.retain(|(key, _)| !told(&key.value));
                entries.sort_by(|(one, _), (other, _)| one.value.cmp(&other.value));
                Node::Table(entries)
            }
            other => other,
        })
    };
    // What only says something is no step to keep.
    let is_something = |item: &Spanned<Node>| match &item.value {
        Node::Table(entries) => entries.iter().any(|(key, _)| &*key.value != "at"),
        _ => true,
    };
    Node::List(items.iter().map(without).filter(is_something).collect())
}

/// `2` is what `"2"` is.
fn same(one: &Node, other: &Node) -> bool {
    one == other || one.plain().is_some_and(|one| other.plain() == Some(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lab(name: &str) -> String {
        library::find(name).expect("it is built in").text
    }

    /// What may not be changed of a lab in which `from` becomes `to`.
    fn strayed_in(name: &str, from: &str, to: &str) -> Vec<String> {
        let text = lab(name);
        assert_eq!(text.matches(from).count(), 1, "{from}");
        let solved = solved(&text.replace(from, to)).expect("it has the task of a lab");
        assert_eq!(solved.name, name);
        solved.strayed
    }

    #[test]
    fn what_may_be_changed_is_no_straying() {
        for name in library::labs() {
            let solved = solved(&for_students(&lab(name))).expect("it is a lab");
            assert_eq!((solved.name, solved.strayed), (name, Vec::new()));
        }
        assert!(strayed_in("lab-lag", "consumers = 2", "consumers = 3").is_empty());
        assert!(strayed_in("lab-no-loss", "acks = \"1\"", "acks = \"all\"").is_empty());
        let added = "do = \"kill broker-1\"\n\n[[steps]]\nat = \"35s\"\ndo = \"heal\"";
        let of = "lab-give-back-the-lead";
        assert!(strayed_in(of, "do = \"kill broker-1\"", added).is_empty());
        assert_eq!(solved(crate::scenario::STARTER), None);
    }

    #[test]
    fn what_may_not_be_changed_is_named() {
        let cheaper = strayed_in("lab-lag", "\"25ms\"", "\"5ms\"");
        assert_eq!(cheaper, ["groups.checkout.process"]);
        let easier = strayed_in(
            "lab-lag",
            "lag(checkout) < 300\"\n\n[[goals]]\nsay    = { en = \"and",
            "lag(checkout) < 3000\"\n\n[[goals]]\nsay    = { en = \"and",
        );
        assert_eq!(easier, ["goals"]);
        let more = strayed_in("lab-no-loss", "acks = \"1\"", "acks = \"all\", \"linger.ms\" = 0");
        assert_eq!(more, ["producers.web.config.linger.ms"]);
        let of = "lab-give-back-the-lead";
        assert_eq!(strayed_in(of, "do = \"kill broker-1\"", "do = \"kill broker-3\""), ["steps"]);
        assert_eq!(strayed_in("lab-lag", "rate  = \"100/s\"\n", ""), ["producers.shop.rate"]);
    }

    #[test]
    fn a_copy_for_students_has_the_task_and_nothing_that_helps() {
        for name in library::labs() {
            let copy = for_students(&lab(name));
            assert!(!copy.contains("hints") && !copy.contains("note "), "{copy}");
            let source = crate::scenario::Source { name: "my.toml".to_owned(), text: copy };
            let loaded = load(&source);
            assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
            assert!(!loaded.runs[0].scenario.labs[0].edit.is_empty());
        }
    }
}
