//! What is said of a group's handlers, held against what its library lets them do.

use crate::config::KqQueueConfig;
use crate::ids::Name;
use crate::scenario::document::GroupTable;
use crate::scenario::model::{Commit, Library};
use crate::scenario::read::{Reader, Settings};
use crate::scenario::span::Spanned;

/// What is said of the handler fits the library.
pub(super) fn check(table: &GroupTable, client: Library, commit: Commit, reader: &mut Reader<'_>) {
    match (client, &table.commit, commit) {
        (Library::Sarama, Some(written), Commit::After | Commit::Before) => {
            let hint = "`marks` says which records it marks; `commit` is auto or never";
            reader.error_with(&written.span, "a sarama group commits what is marked", hint);
        }
        (Library::Kq, Some(written), Commit::After | Commit::Before | Commit::Never) => {
            let hint = "leave `commit` away; ForceCommit says what becomes of failures";
            let message = "a queue of kq commits what its handlers are done with";
            reader.error_with(&written.span, message, hint);
        }
        _ => {}
    }
    if let (Some(marks), true) = (&table.marks, client != Library::Sarama) {
        reader.error(&marks.span, "only a handler of sarama marks records");
    }
    if let (Some(fails), true) = (&table.fails, client != Library::Kq) {
        let hint = "client = \"kq\"";
        reader.error_with(&fails.span, "only a queue of kq goes on after a handler failed", hint);
    }
    if let Some(slow) = &table.slow {
        if client != Library::Kq {
            let message = "only in a queue of kq do other records go on beside a slow one";
            reader.error_with(&slow.at, message, "client = \"kq\"");
        }
        if slow.every.is_none() || slow.process.is_none() {
            let hint = "slow = { every = 10, process = \"5s\" }";
            reader.error_with(&slow.at, "which records are slow, and how slow?", hint);
        }
    }
}

/// What a queue of kq cannot have here, or anywhere.
pub(super) fn check_queue(topics: &[Spanned<Name>], settings: &Settings, reader: &mut Reader<'_>) {
    if let [_, second, ..] = topics {
        let hint = "write a group for each topic";
        reader.error_with(&second.span, "a queue of kq has one topic", hint);
    }
    if let (Some(conns), Some(at)) = (settings.overrides.get("Conns"), settings.place("Conns"))
        && &**conns != "1"
    {
        let message =
            format!("a queue with {conns} Conns is {conns} members of the group in one process");
        reader.error_with(at, message, format!("each is a consumer here: consumers = {conns}"));
    }
    let number = |name| settings.overrides.get(name).and_then(|text| text.parse::<u64>().ok());
    let KqQueueConfig { min_bytes, max_bytes, .. } = KqQueueConfig::default();
    let least = number("MinBytes").unwrap_or(min_bytes);
    let most = number("MaxBytes").unwrap_or(max_bytes);
    if let (Some(at), true) =
        (settings.place("MinBytes").or(settings.place("MaxBytes")), least > most)
    {
        let message =
            format!("minimum batch size greater than the maximum (min = {least}, max = {most})");
        reader.error_with(at, message, "MinBytes is at most MaxBytes");
    }
}
