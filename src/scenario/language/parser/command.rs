//! Commands, by the rows of the grammar.

use winnow::combinator::{alt, delimited, opt, preceded, separated};
use winnow::stream::Stream;
use winnow::{ModalResult, Parser};

use super::condition::{call, disjunction, operand};
use super::{
    Expected, Input, any_word, backtrack, instant, keyword, note, peeks_at, span, take, word_as,
};
use crate::ids::Name;
use crate::scenario::language::grammar::{PRODUCTIONS, Part, Production, Slot};
use crate::scenario::language::kinds::Kinds;
use crate::scenario::language::lexer::Token;
use crate::scenario::language::syntax::{Arg, Line, Operand, Rate, Reference};
use crate::scenario::span::Spanned;
use crate::sim::Duration;

pub(super) fn command(input: &mut Input<'_>) -> ModalResult<Line> {
    let start = input.checkpoint();
    for production in PRODUCTIONS {
        if let Ok(line) = one_command(input, production) {
            return Ok(line);
        }
        input.reset(&start);
    }
    backtrack()
}

fn one_command(input: &mut Input<'_>, production: &'static Production) -> ModalResult<Line> {
    let mut arguments = Vec::new();
    parts(input, production.syntax, &mut arguments)?;
    let lasting = if production.lasting {
        opt(preceded(keyword("for"), span)).parse_next(input)?
    } else {
        None
    };
    // Two commands may begin alike; the one that leaves something over is not meant.
    if input.peek_token().is_some() {
        note(input, Expected::End);
        return backtrack();
    }
    Ok(Line::Command { production, arguments, lasting })
}

fn parts(input: &mut Input<'_>, form: &[Part], arguments: &mut Vec<Arg>) -> ModalResult<()> {
    for part in form {
        match part {
            Part::Word(word) => {
                keyword(word).parse_next(input)?;
            }
            Part::OneOf(words) => {
                let found = words.iter().find(|word| keyword(word).parse_next(input).is_ok());
                match found {
                    Some(word) => arguments.push(Arg::Keyword(word)),
                    None => return backtrack(),
                }
            }
            Part::Slot(wanted) => arguments.push(slot(input, *wanted)?),
            Part::Optional(inner) => {
                arguments.push(match attempt(input, inner) {
                    Some(present) => Arg::Present(present),
                    None => Arg::Absent,
                });
            }
            Part::Repeated(inner) => {
                let mut times = Vec::new();
                while let Some(once) = attempt(input, inner) {
                    times.push(once);
                }
                arguments.push(Arg::Repeated(times));
            }
        }
    }
    Ok(())
}

fn attempt(input: &mut Input<'_>, form: &[Part]) -> Option<Vec<Arg>> {
    let start = input.checkpoint();
    let mut arguments = Vec::new();
    if parts(input, form, &mut arguments).is_ok() {
        Some(arguments)
    } else {
        input.reset(&start);
        None
    }
}

fn slot(input: &mut Input<'_>, wanted: Slot) -> ModalResult<Arg> {
    Ok(match wanted {
        Slot::Set(kinds) => Arg::Set(set(input, kinds)?),
        Slot::One(_) | Slot::BrokerOrAll | Slot::NewName => {
            Arg::Name(reference(input, Expected::Slot(wanted))?)
        }
        Slot::Count => Arg::Number(word_as(input, wanted, |word| {
            word.parse().ok().filter(|count: &i64| *count > 0)
        })?),
        Slot::Span => Arg::Span(span(input)?),
        Slot::Instant => Arg::Instant(instant(input)?),
        Slot::Factor => Arg::Factor(*word_as(input, wanted, |word| {
            word.strip_suffix('x').unwrap_or(word).parse().ok().filter(|factor| *factor > 0)
        })?),
        Slot::Rate => Arg::Rate(rate(input)?),
        Slot::Text | Slot::File => Arg::Text(text(input, wanted)?.value),
        Slot::BrokerList => Arg::List(list(input, wanted, Kinds::BROKER)?),
        Slot::SettingValue => Arg::Word(setting_value(input)?),
        Slot::Offset => Arg::Word(word_as(input, wanted, |word| {
            let known = matches!(word, "earliest" | "latest") || word.parse::<u64>().is_ok();
            known.then(|| Name::from(word))
        })?),
        Slot::Setting(_) | Slot::TopicOption | Slot::Level | Slot::LevelWord | Slot::Message => {
            Arg::Word(word_as(input, wanted, |word| Some(Name::from(word)))?)
        }
        Slot::Condition => Arg::Condition(disjunction(input)?),
        Slot::Value => Arg::Set(vec![operand(input)?]),
    })
}

fn set(input: &mut Input<'_>, kinds: Kinds) -> ModalResult<Vec<Spanned<Operand>>> {
    let member = |input: &mut Input<'_>| member(input, Expected::Slot(Slot::Set(kinds)));
    alt((
        delimited(keyword("{"), separated(1.., member, keyword(",")), keyword("}")),
        member.map(|one| vec![one]),
    ))
    .parse_next(input)
}

fn list(input: &mut Input<'_>, wanted: Slot, kinds: Kinds) -> ModalResult<Vec<Spanned<Operand>>> {
    note(input, Expected::Slot(wanted));
    let member = |input: &mut Input<'_>| member(input, Expected::Slot(Slot::Set(kinds)));
    delimited(keyword("["), separated(1.., member, keyword(",")), keyword("]")).parse_next(input)
}

/// A name or a call, in a place that takes things.
fn member(input: &mut Input<'_>, expected: Expected) -> ModalResult<Spanned<Operand>> {
    let name = reference(input, expected)?;
    if name.second.is_none() && peeks_at(input, "(") {
        return call(input, Spanned::new(name.value.first, name.span));
    }
    Ok(name.map(|reference| match reference.first.parse() {
        Ok(number) if reference.second.is_none() => Operand::Number(number),
        _ => Operand::Name(reference),
    }))
}

pub(super) fn reference(
    input: &mut Input<'_>,
    expected: Expected,
) -> ModalResult<Spanned<Reference>> {
    let first = any_word(input, expected)?;
    let second = opt(preceded(keyword("/"), |input: &mut Input<'_>| any_word(input, expected)))
        .parse_next(input)?;
    let end = second.as_ref().map_or(first.span.end, |second| second.span.end);
    let reference = Reference { first: first.value, second: second.map(|second| second.value) };
    Ok(Spanned::new(reference, first.span.start..end))
}

fn setting_value(input: &mut Input<'_>) -> ModalResult<Spanned<Name>> {
    alt((
        |input: &mut Input<'_>| text(input, Slot::SettingValue),
        delimited(keyword("["), words, keyword("]")),
        words,
    ))
    .parse_next(input)
}

/// `compact,delete`.
fn words(input: &mut Input<'_>) -> ModalResult<Spanned<Name>> {
    let word = |input: &mut Input<'_>| any_word(input, Expected::Slot(Slot::SettingValue));
    let words: Vec<Spanned<Name>> = separated(1.., word, keyword(",")).parse_next(input)?;
    let span = words[0].span.start..words[words.len() - 1].span.end;
    let joined: Vec<_> = words.iter().map(|word| &*word.value).collect();
    Ok(Spanned::new(joined.join(",").into(), span))
}

fn text(input: &mut Input<'_>, wanted: Slot) -> ModalResult<Spanned<Name>> {
    take(input, Expected::Slot(wanted), |token| match token {
        Token::Text(text) => Some(text.clone()),
        _ => None,
    })
}

fn rate(input: &mut Input<'_>) -> ModalResult<Rate> {
    let count = word_as(input, Slot::Rate, |word| word.parse().ok())?.value;
    keyword("/").parse_next(input)?;
    let per = word_as(input, Slot::Rate, |word| {
        word.parse()
            .or_else(|_| format!("1{word}").parse())
            .ok()
            .filter(|per: &Duration| !per.is_zero())
    })?;
    Ok(Rate { count, per: per.value })
}
