//! `--view`: which view, and of what: `cluster`, `partition`, `partition:kq-0`.

use std::ffi::OsStr;

use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};
use clap::{Arg, Command, ValueEnum};

use crate::config::nearest;
use crate::ids::TopicPartition;
use crate::tui;
use crate::view::Lens;

/// A view of a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
    /// The cluster, its groups and producers
    Cluster,
    /// The logs of a partition: the first there is, or partition:kq-0
    Partition,
    /// The controller, what each broker believes, and the metadata log
    Control,
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
            Kind::Control => tui::View::Control,
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
        if of.is_some() && !matches!(kind, Kind::Partition | Kind::Compare) {
            let problem = "only a partition is named: partition:kq-0; or a run: compare:all\n";
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
