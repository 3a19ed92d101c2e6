//! `--view`: which view, and of what: `cluster`, `partition:kq-0`, `group:checkout`, `disk:broker-1`.

use std::ffi::OsStr;

use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};
use clap::{Arg, Command, ValueEnum};

use crate::config::nearest;
use crate::ids::{BrokerId, Name, Offset, TopicPartition};
use crate::log::{join, parse_directory};
use crate::metadata::topic_name::is_kafkas_own;
use crate::tui::{self, OnDisk};
use crate::view::Lens;

/// A view of a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
    /// The cluster, its groups and producers
    Cluster,
    /// The logs of a partition: the first there is, or partition:kq-0
    Partition,
    /// A group and who read what when: the first there is, or group:checkout
    Group,
    /// The files on a server's disk: disk:broker-1, disk:broker-1/kq-0/00000000000000000000.log; its
    /// bytes from byte 228 on: …log#228; how offset 118 is found: disk:broker-1/kq-0@118
    Disk,
    /// Throughput, latencies, lag over time
    Charts,
    /// The controller, what each broker believes, and the metadata log
    Control,
    /// What travelled between nodes lately: messages, or only those with a word, messages:Produce
    Messages,
    /// The story so far
    Story,
    /// Two runs of a compared file side by side: --run and the next, or compare:KEY
    Compare,
    /// Why the last thing happened
    Why,
}

/// A view, and what it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct View {
    kind: Kind,
    of: Option<String>,
}

impl View {
    /// True if two runs are looked at.
    pub(super) fn compares(&self) -> bool {
        self.kind == Kind::Compare
    }

    /// What it is of, if that is named.
    pub(super) fn of(&self) -> Option<&str> {
        self.of.as_deref()
    }

    /// The view at a moment.
    ///
    /// # Errors
    /// When there is nothing of that name then.
    pub(super) fn at(&self, lens: Lens<'_>) -> Result<tui::View, String> {
        Ok(match self.kind {
            Kind::Cluster => tui::View::Cluster,
            Kind::Partition => {
                tui::View::Partition(self.of.as_deref().map(|of| partition(of, lens)).transpose()?)
            }
            Kind::Group => {
                tui::View::Group(self.of.as_deref().map(|of| group(of, lens)).transpose()?)
            }
            Kind::Disk => match self.of.as_deref() {
                Some(of) => disk(of, lens)?,
                None => tui::View::Disk(None, OnDisk::Tree(None)),
            },
            Kind::Charts => tui::View::Charts,
            Kind::Control => tui::View::Control,
            Kind::Messages => tui::View::Messages(self.of.clone()),
            Kind::Story | Kind::Compare => tui::View::Story,
            Kind::Why => tui::View::Why,
        })
    }
}

/// The partition of that name: `kq-0`, or `kq/0`.
fn partition(name: &str, lens: Lens<'_>) -> Result<TopicPartition, String> {
    let split = name.rsplit_once('/').or_else(|| name.rsplit_once('-'));
    let named =
        split.and_then(|(topic, number)| Some(TopicPartition::new(topic, number.parse().ok()?)));
    if let Some(tp) = named.filter(|tp| lens.registration(tp).is_some()) {
        return Ok(tp);
    }
    let all: Vec<String> = lens.topic_partitions().iter().map(ToString::to_string).collect();
    let hint = match nearest(name, all.iter().map(String::as_str)) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => all.first().map_or_else(String::new, |first| format!("; the first is `{first}`")),
    };
    Err(format!("there is no partition `{name}` at that moment{hint}"))
}

/// The group of that name.
fn group(name: &str, lens: Lens<'_>) -> Result<Name, String> {
    let groups = lens.group_processes();
    if let Some((group, _)) = groups.get_key_value(name) {
        return Ok(group.clone());
    }
    let mut all = groups.keys().map(|group| &**group);
    let hint = match nearest(name, all.clone()) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => all.next().map_or_else(String::new, |one| format!("; the first is `{one}`")),
    };
    Err(format!("there is no group `{name}`{hint}"))
}

/// What of a disk is meant: `broker-1`, `broker-1/kq-0`, a file, a byte of it, an offset.
fn disk(of: &str, lens: Lens<'_>) -> Result<tui::View, String> {
    let (name, rest) = of.split_once('/').map_or((of, None), |(name, rest)| (name, Some(rest)));
    let servers = lens.servers_with_disks();
    let named = |id: &BrokerId| lens.node_of(*id).is_some_and(|node| **lens.name(node) == *name);
    let Some(server) = servers.iter().copied().find(named) else {
        let names: Vec<String> = servers
            .iter()
            .filter_map(|id| lens.node_of(*id).map(|node| lens.name(node).to_string()))
            .collect();
        return Err(format!(
            "there is no disk of `{name}`; there are those of {}",
            names.join(", ")
        ));
    };
    let Some(rest) = rest else { return Ok(tui::View::Disk(Some(server), OnDisk::Tree(None))) };
    if let Some((log, offset)) = rest.split_once('@') {
        let offset = offset.parse().map_err(|_| format!("`{offset}` is no offset"))?;
        let tp = parse_directory(log).map(|(tp, _)| tp);
        let there = |tp: &TopicPartition| lens.find_offset(server, tp, Offset(offset)).is_some();
        let tp = tp.filter(there).ok_or_else(|| no_such(log, server, lens))?;
        return Ok(tui::View::Disk(Some(server), OnDisk::Find(tp, Offset(offset))));
    }
    let (path, byte) = rest.split_once('#').map_or((rest, None), |(path, at)| (path, Some(at)));
    let byte = byte.map(|at| at.parse().map_err(|_| format!("`{at}` is no number of a byte")));
    let what = match (lens.file(server, path), byte.transpose()?) {
        (Some(_), Some(at)) => OnDisk::Bytes(path.to_owned(), at),
        (Some(_), None) => OnDisk::File(path.to_owned()),
        (None, _) => {
            let all = lens.log_directory(server).unwrap_or_default();
            let path = path.trim_end_matches('/');
            let of_topic = all.iter().filter_map(|one| one.name.rsplit_once('-'));
            // All directories of a topic that is folded otherwise.
            if of_topic.map(|(topic, _)| topic).any(|topic| is_kafkas_own(topic) && topic == path) {
                OnDisk::Tree(Some(format!("{path}-*")))
            } else if all.iter().any(|one| one.name == path) {
                OnDisk::Tree(Some(path.to_owned()))
            } else {
                return Err(no_such(path, server, lens));
            }
        }
    };
    Ok(tui::View::Disk(Some(server), what))
}

fn no_such(path: &str, server: BrokerId, lens: Lens<'_>) -> String {
    let all = lens.log_directory(server).unwrap_or_default();
    let paths = all.iter().flat_map(|directory| {
        let files = directory.files.iter().map(|file| join(&directory.name, &file.name));
        std::iter::once(directory.name.clone()).chain(files).filter(|path| !path.is_empty())
    });
    let paths: Vec<String> = paths.collect();
    let hint = nearest(path, paths.iter().map(String::as_str));
    let hint = hint.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    format!("there is no `{path}` on that disk at that moment{hint}")
}

/// Reads a view.
#[derive(Clone, Debug)]
pub(super) struct Parser;

impl TypedValueParser for Parser {
    type Value = View;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<View, clap::Error> {
        let text = value.to_str();
        let (name, of) = match text.and_then(|text| text.split_once(':')) {
            Some((name, of)) => (OsStr::new(name), Some(of.to_owned())),
            None => (value, None),
        };
        let kind = EnumValueParser::<Kind>::new().parse_ref(command, arg, name)?;
        let named = [Kind::Partition, Kind::Group, Kind::Disk, Kind::Messages, Kind::Compare];
        if of.is_some() && !named.contains(&kind) {
            let problem = "only a partition, a group, a disk, messages or a run is named: partition:kq-0, \
                           group:checkout, disk:broker-1, messages:Produce, compare:all\n";
            return Err(
                clap::Error::raw(clap::error::ErrorKind::InvalidValue, problem).with_cmd(command)
            );
        }
        Ok(View { kind, of })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let kinds = Kind::value_variants().iter();
        Some(Box::new(kinds.filter_map(ValueEnum::to_possible_value)))
    }
}
