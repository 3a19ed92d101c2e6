//! Options of a tool's command line.
//!
//! In Kafka: jopt-simple with `new OptionParser(false)`: long options by their whole names, one dash
//! or two, the value behind a blank or `=`. What is no option is passed over, as the tools do.

use super::Output;
use super::hint::Hint;
use crate::config::nearest;
use crate::ids::Name;

/// An option that a tool knows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) name: &'static str,
    pub(super) takes: Takes,
}

/// Whether an option has a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    Nothing,
    Value,
    /// A value, or none.
    Maybe,
}

pub(super) const fn flag(name: &'static str) -> Known {
    Known { name, takes: Takes::Nothing }
}

pub(super) const fn value(name: &'static str) -> Known {
    Known { name, takes: Takes::Value }
}

pub(super) const fn maybe(name: &'static str) -> Known {
    Known { name, takes: Takes::Maybe }
}

/// The options of a line.
#[derive(Clone, Debug, Default)]
pub(super) struct Options {
    given: Vec<(&'static str, Option<String>)>,
}

/// A line that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mistake {
    /// No such option, but perhaps this one.
    Unrecognized { name: String, near: Option<&'static str>, known: Vec<&'static str> },
    /// An option without its value.
    NoValue(&'static str),
}

impl Options {
    pub(super) fn read(known: &'static [Known], words: &[Name]) -> Result<Self, Mistake> {
        let mut options = Self::default();
        let mut words = words.iter().peekable();
        while let Some(word) = words.next() {
            let Some(name) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')) else {
                continue;
            };
            if name.is_empty() {
                continue;
            }
            let (name, attached) = match name.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (name, None),
            };
            let Some(found) = known.iter().find(|known| known.name == name) else {
                let names: Vec<_> = known.iter().map(|known| known.name).collect();
                let near = nearest(name, names.iter().copied());
                return Err(Mistake::Unrecognized { name: name.to_owned(), near, known: names });
            };
            let value = match found.takes {
                Takes::Nothing => None,
                Takes::Value => {
                    let next = attached.or_else(|| words.next().map(ToString::to_string));
                    Some(next.ok_or(Mistake::NoValue(found.name))?)
                }
                Takes::Maybe => attached.or_else(|| {
                    words.next_if(|next| !next.starts_with('-')).map(ToString::to_string)
                }),
            };
            options.given.push((found.name, value));
        }
        Ok(options)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.given.iter().any(|(known, _)| *known == name)
    }

    /// The value of an option; none where it was not given, or has none.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let given = self.given.iter().find(|(known, value)| *known == name && value.is_some());
        given.and_then(|(_, value)| value.as_deref())
    }

    /// The values of an option that can be given several times.
    pub(super) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let given = self.given.iter().filter(move |(known, _)| *known == name);
        given.filter_map(|(_, value)| value.as_deref())
    }

    /// How many of these were given.
    pub(super) fn count(&self, names: &[&str]) -> usize {
        names.iter().filter(|name| self.has(name)).count()
    }

    /// Kafka's complaint about `used` beside one of `others` (`CommandLineUtils.checkInvalidArgs`).
    pub(super) fn conflict(&self, used: &str, others: &[&str]) -> Option<Output> {
        let other = others.iter().find(|other| self.has(used) && self.has(other))?;
        Some(Output::wrong(&format!("Option \"[{used}]\" can't be used with option \"[{other}]\"")))
    }
}

impl Mistake {
    /// What a tool says of it: each catches such exceptions elsewhere.
    pub(super) fn told_by(&self, tool: &str) -> Output {
        let (class, message) = match self {
            Self::Unrecognized { name, .. } => {
                ("UnrecognizedOptionException", format!("{name} is not a recognized option"))
            }
            Self::NoValue(name) => (
                "OptionMissingRequiredArgumentException",
                format!("Option {name} requires an argument"),
            ),
        };
        let told = match tool {
            "kafka-topics" | "kafka-leader-election" => {
                format!("{message}\njoptsimple.{class}: {message}\n")
            }
            "kafka-get-offsets" => format!("Error occurred: {message}"),
            "kafka-console-consumer" => message,
            _ => format!("Exception in thread \"main\" joptsimple.{class}: {message}"),
        };
        let hint = match self {
            Self::Unrecognized { near: Some(near), .. } => {
                Some(Hint::DidYouMean(format!("--{near}")))
            }
            Self::Unrecognized { known, .. } => {
                let known: Vec<_> = known.iter().map(|name| format!("--{name}")).collect();
                Some(Hint::Options(known.join(" ")))
            }
            Self::NoValue(_) => None,
        };
        Output { hint, ..Output::wrong(&told) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[Known] = &[flag("list"), value("topic"), maybe("state")];

    fn read(line: &str) -> Result<Options, Mistake> {
        let words: Vec<Name> = line.split(' ').map(Name::from).collect();
        Options::read(KNOWN, &words)
    }

    #[test]
    fn values_stand_behind_a_blank_or_an_equals_sign() {
        let options = read("--topic -1 --topic=b --state --list nothing").expect("it can be read");
        assert_eq!(options.values("topic").collect::<Vec<_>>(), ["-1", "b"]);
        assert!(options.has("state") && options.value("state").is_none());
        assert_eq!(read("-state Stable").expect("one dash does").value("state"), Some("Stable"));
    }

    #[test]
    fn an_unknown_option_gets_kafkas_error_and_a_suggestion() {
        let told = read("--topik kq").expect_err("it is unknown").told_by("kafka-consumer-groups");
        assert_eq!(
            told.stderr,
            "Exception in thread \"main\" joptsimple.UnrecognizedOptionException: \
             topik is not a recognized option\n"
        );
        assert_eq!((told.exit, told.hint), (1, Some(Hint::DidYouMean("--topic".into()))));
        let told = read("--topic").expect_err("its value is missing").told_by("kafka-get-offsets");
        assert_eq!(told.stderr, "Error occurred: Option topic requires an argument\n");
    }
}
