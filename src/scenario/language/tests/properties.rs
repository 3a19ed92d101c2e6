//! What is printed reads back, and nothing that is typed makes the language panic.

use proptest::prelude::*;

use super::values::Table;
use super::{names, wrong};
use crate::ids::Name;
use crate::scenario::Spanned;
use crate::scenario::language::*;
use crate::sim::{Duration, Instant};

fn word() -> impl Strategy<Value = String> {
    "[a-z_][a-z0-9._]{0,4}(-[a-z0-9]{1,3})?".prop_filter("no keyword", |word| {
        !["and", "or", "not", "then", "in", "at", "for", "within", "includes"]
            .contains(&word.as_str())
            && word.parse::<Duration>().is_err()
    })
}

fn spanned<T>(value: T) -> Spanned<T> {
    Spanned::new(value, 0..0)
}

fn reference() -> impl Strategy<Value = Reference> {
    (word(), proptest::option::of("[a-z0-9]{1,3}")).prop_map(|(first, second)| Reference {
        first: first.into(),
        second: second.map(Name::from),
    })
}

fn span() -> impl Strategy<Value = Duration> {
    prop_oneof![1_u64..100, 1_000_000_u64..9_000_000_000, Just(60_000_000_000)]
        .prop_map(Duration::from_nanos)
}

fn operand() -> impl Strategy<Value = Operand> {
    let leaf = prop_oneof![
        reference().prop_map(Operand::Name),
        any::<i64>().prop_map(Operand::Number),
        span().prop_map(Operand::Span),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        let items = proptest::collection::vec(inner.prop_map(spanned), 0..3);
        prop_oneof![
            items.clone().prop_map(Operand::List),
            (word(), items).prop_map(|(name, arguments)| Operand::Call {
                name: spanned(name.into()),
                arguments,
            }),
        ]
    })
}

fn operator() -> impl Strategy<Value = Operator> {
    proptest::sample::select(<Operator as strum::IntoEnumIterator>::iter().collect::<Vec<_>>())
}

fn cond() -> impl Strategy<Value = Cond> {
    let leaf = prop_oneof![
        operand().prop_map(|one| Cond::Value(spanned(one))),
        (operand(), operator(), operand()).prop_map(|(left, operator, right)| {
            Cond::Compare(spanned(left), spanned(operator), spanned(right))
        }),
    ];
    leaf.prop_recursive(4, 12, 3, |inner| {
        let several = proptest::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            several.clone().prop_map(|parts| Cond::Or(
                parts
                    .into_iter()
                    .flat_map(|part| if let Cond::Or(inner) = part { inner } else { vec![part] })
                    .collect()
            )),
            several.prop_map(|parts| Cond::And(
                parts
                    .into_iter()
                    .flat_map(|part| if let Cond::And(inner) = part { inner } else { vec![part] })
                    .collect()
            )),
            inner.prop_map(|cond| match cond {
                Cond::Not(inner) => *inner,
                cond => Cond::Not(Box::new(cond)),
            }),
        ]
    })
}

/// Something for every place of a form.
fn filled(parts: &'static [Part]) -> BoxedStrategy<Vec<Arg>> {
    parts
        .iter()
        .filter_map(|part| match part {
            Part::Word(_) => None,
            Part::OneOf(words) => {
                Some(proptest::sample::select(*words).prop_map(Arg::Keyword).boxed())
            }
            Part::Slot(slot) => Some(argument(*slot)),
            Part::Optional(inner) => {
                Some(prop_oneof![Just(Arg::Absent), filled(inner).prop_map(Arg::Present)].boxed())
            }
            Part::Repeated(inner) => {
                Some(proptest::collection::vec(filled(inner), 0..3).prop_map(Arg::Repeated).boxed())
            }
        })
        .collect::<Vec<_>>()
        .boxed()
}

fn argument(slot: Slot) -> BoxedStrategy<Arg> {
    // In places that take things a span of time is a name.
    let member = prop_oneof![
        reference().prop_map(Operand::Name),
        (0_i64..2_000).prop_map(Operand::Number),
        (word(), operand()).prop_map(|(name, one)| Operand::Call {
            name: spanned(name.into()),
            arguments: vec![spanned(one)],
        }),
    ];
    let free = |word: String| Arg::Word(spanned(word.into()));
    match slot {
        Slot::Set(_) => {
            proptest::collection::vec(member.prop_map(spanned), 1..4).prop_map(Arg::Set).boxed()
        }
        Slot::BrokerList => {
            proptest::collection::vec(member.prop_map(spanned), 1..4).prop_map(Arg::List).boxed()
        }
        Slot::One(_) | Slot::NewName | Slot::BrokerOrAll => {
            reference().prop_map(|name| Arg::Name(spanned(name))).boxed()
        }
        Slot::Value => operand().prop_map(|one| Arg::Set(vec![spanned(one)])).boxed(),
        Slot::Count => (1_i64..1_000).prop_map(|count| Arg::Number(spanned(count))).boxed(),
        Slot::Span => span().prop_map(Arg::Span).boxed(),
        Slot::Instant => span().prop_map(|span| Arg::Instant(Instant::ZERO + span)).boxed(),
        Slot::Factor => (1_u32..1_000).prop_map(Arg::Factor).boxed(),
        Slot::Rate => {
            (0_u64..1_000, span()).prop_map(|(count, per)| Arg::Rate(Rate { count, per })).boxed()
        }
        Slot::Text | Slot::File => ".{0,8}".prop_map(|text| Arg::Text(text.into())).boxed(),
        Slot::SettingValue => {
            prop_oneof![word(), ".{0,8}", "[a-z]{1,4}(,[a-z]{1,4}){0,2}"].prop_map(free).boxed()
        }
        Slot::Offset => prop_oneof![Just("latest".to_owned()), "[0-9]{1,9}"].prop_map(free).boxed(),
        Slot::Setting(_) | Slot::TopicOption | Slot::Level | Slot::LevelWord | Slot::Message => {
            word().prop_map(free).boxed()
        }
        Slot::Condition => cond().prop_map(Arg::Condition).boxed(),
    }
}

fn line() -> impl Strategy<Value = Line> {
    let row = proptest::sample::select(PRODUCTIONS.iter().collect::<Vec<_>>());
    row.prop_flat_map(|production: &'static Production| {
        let lasting = if production.lasting {
            proptest::option::of(span()).boxed()
        } else {
            Just(None).boxed()
        };
        (filled(production.syntax), lasting).prop_map(move |(arguments, lasting)| Line::Command {
            production,
            arguments,
            lasting,
        })
    })
}

proptest! {
    #[test]
    fn a_printed_line_reads_back(line in line()) {
        let text = line.to_string();
        let again = parse(&text).map_err(|error| TestCaseError::fail(wrong(&text, &error)))?;
        prop_assert_eq!(&again, &line, "{}", text);
        prop_assert_eq!(again.to_string(), text);
    }

    #[test]
    fn a_printed_condition_reads_back(cond in cond()) {
        let text = cond.to_string();
        let again = parse_condition(&text).map_err(|error| TestCaseError::fail(wrong(&text, &error)))?;
        prop_assert_eq!(&again, &cond, "{}", text);
    }

    #[test]
    fn no_line_makes_it_panic(text in ".{0,60}") {
        let names = names();
        if let Ok(line) = parse(&text) {
            let printed = line.to_string();
            let again = parse(&printed).map_err(|error| TestCaseError::fail(wrong(&printed, &error)))?;
            prop_assert_eq!(again.to_string(), printed);
            let _ = names.instruction(&line);
        }
        let _ = parse_condition(&text).map(|cond| names.condition(&cond));
        let _ = parse_expectation(&text).map(|one| names.expectation(&one));
        let _ = parse_answer(&text).map(|one| names.answer(&one));
        let _ = complete(&text, text.len() / 2, &names);
    }

    #[test]
    fn no_jumble_of_tokens_makes_it_panic(
        tokens in proptest::collection::vec(
            proptest::sample::select(vec![
                "kill", "set", "topic", "kq", "kq-0", "kq/0", "broker-1", "controller", "leader(",
                "isr(", "state(", ")", "{", "}", "[", "]", ",", "|", "->", "for", "20s", "10x", "20/s",
                "break", "and", "or", "not", "==", "<", "includes", "in", "2", "-1", "\"x\"", "to",
                "by", "c1", "checkout/c1", "victim", "none", "Stable", "retention.ms", "produce",
                "drop", "next", "Fetch", "partition", "reassign", "seek", "rate", "web", "create",
                "partitions", "kafka-topics", "'", "elect", "preferred", "lag(checkout", "at",
            ]),
            0..14,
        )
    ) {
        let text = tokens.join(" ");
        let names = names();
        if let Ok(line) = parse(&text) {
            let printed = line.to_string();
            prop_assert_eq!(parse(&printed), Ok(line.clone()), "{}", printed);
            let _ = names.instruction(&line);
        }
        if let Ok(cond) = parse_condition(&text) {
            prop_assert_eq!(parse_condition(&cond.to_string()), Ok(cond.clone()));
            let _ = names.condition(&cond).map(|cond| cond.holds(&Table));
        }
        let _ = complete(&text, text.len(), &names);
    }
}
