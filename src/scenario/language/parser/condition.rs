//! Values, conditions, expectations and answers.

use winnow::combinator::{alt, delimited, opt, preceded, separated};
use winnow::error::{ContextError, ErrMode};
use winnow::{ModalResult, Parser};

use super::command::reference;
use super::{Expected, Input, any_word, backtrack, instant, keyword, note, peeks_at, span, take};
use crate::ids::Name;
use crate::scenario::language::function::Function;
use crate::scenario::language::grammar::Slot;
use crate::scenario::language::lexer::Token;
use crate::scenario::language::syntax::{Answer, Cond, Expectation, Measure, Operand, Operator};
use crate::scenario::span::Spanned;
use crate::sim::Duration;

/// Deeper nesting than anybody writes; keeps the recursion off the end of the stack.
const DEEPEST: u32 = 40;

/// Words that belong to conditions and so name nothing there.
const RESERVED: [&str; 9] = ["and", "or", "not", "then", "includes", "in", "at", "within", "for"];

/// Runs `inner` one level deeper, unless that is too deep.
fn deeper<T>(
    input: &mut Input<'_>,
    inner: impl FnOnce(&mut Input<'_>) -> ModalResult<T>,
) -> ModalResult<T> {
    if input.state.depth >= DEEPEST {
        input.state.too_deep = true;
        return Err(ErrMode::Cut(ContextError::new()));
    }
    input.state.depth += 1;
    let result = inner(input);
    input.state.depth -= 1;
    result
}

pub(super) fn operand(input: &mut Input<'_>) -> ModalResult<Spanned<Operand>> {
    let expected = match input.state.against {
        Some(row) => Expected::Against(row),
        None => Expected::Slot(Slot::Value),
    };
    operand_as(input, expected)
}

fn operand_as(input: &mut Input<'_>, expected: Expected) -> ModalResult<Spanned<Operand>> {
    note(input, expected);
    if peeks_at(input, "[") {
        return deeper(input, |input| {
            let start = keyword("[").parse_next(input)?;
            let item = |input: &mut Input<'_>| operand_as(input, expected);
            let items = separated(0.., item, keyword(",")).parse_next(input)?;
            let end = keyword("]").parse_next(input)?;
            Ok(Spanned::new(Operand::List(items), start.start..end.end))
        });
    }
    let name = reference(input, expected)?;
    if name.second.is_some() {
        return Ok(name.map(Operand::Name));
    }
    if peeks_at(input, "(") {
        return call(input, Spanned::new(name.value.first, name.span));
    }
    if RESERVED.contains(&&*name.first) {
        return backtrack();
    }
    Ok(name.map(|reference| {
        let word = &reference.first;
        match (word.parse::<i64>(), word.parse::<Duration>()) {
            (Ok(number), _) => Operand::Number(number),
            (_, Ok(span)) => Operand::Span(span),
            _ => Operand::Name(reference),
        }
    }))
}

pub(super) fn call(input: &mut Input<'_>, name: Spanned<Name>) -> ModalResult<Spanned<Operand>> {
    let row = Function::find(&name);
    deeper(input, |input| {
        keyword("(").parse_next(input)?;
        let mut arguments: Vec<Spanned<Operand>> = Vec::new();
        while !peeks_at(input, ")") {
            if !arguments.is_empty() {
                keyword(",").parse_next(input)?;
            }
            let expected = match row.and_then(|row| row.arguments.get(arguments.len())) {
                Some(argument) => Expected::Argument(*argument),
                None => Expected::Slot(Slot::Value),
            };
            arguments.push(operand_as(input, expected)?);
        }
        let end = keyword(")").parse_next(input)?;
        let span = name.span.start..end.end;
        Ok(Spanned::new(Operand::Call { name, arguments }, span))
    })
}

pub(super) fn disjunction(input: &mut Input<'_>) -> ModalResult<Cond> {
    let mut parts: Vec<Cond> = separated(1.., conjunction, keyword("or")).parse_next(input)?;
    // What stood in parentheses of its own is no different from what stands beside it.
    if parts.len() > 1 {
        parts = parts
            .into_iter()
            .flat_map(|part| match part {
                Cond::Or(inner) => inner,
                other => vec![other],
            })
            .collect();
        return Ok(Cond::Or(parts));
    }
    Ok(parts.remove(0))
}

fn conjunction(input: &mut Input<'_>) -> ModalResult<Cond> {
    let mut parts: Vec<Cond> = separated(1.., negation, keyword("and")).parse_next(input)?;
    if parts.len() > 1 {
        parts = parts
            .into_iter()
            .flat_map(|part| match part {
                Cond::And(inner) => inner,
                other => vec![other],
            })
            .collect();
        return Ok(Cond::And(parts));
    }
    Ok(parts.remove(0))
}

fn negation(input: &mut Input<'_>) -> ModalResult<Cond> {
    let negated = opt(keyword("not")).parse_next(input)?.is_some();
    note(input, Expected::Word("("));
    let cond = if peeks_at(input, "(") {
        deeper(input, |input| delimited(keyword("("), disjunction, keyword(")")).parse_next(input))?
    } else {
        comparison(input)?
    };
    Ok(match (negated, cond) {
        (true, Cond::Not(inner)) => *inner,
        (true, cond) => Cond::Not(Box::new(cond)),
        (false, cond) => cond,
    })
}

fn comparison(input: &mut Input<'_>) -> ModalResult<Cond> {
    let left = operand(input)?;
    let Some(operator) = opt(operator).parse_next(input)? else {
        return Ok(Cond::Value(left));
    };
    let row = match &left.value {
        Operand::Call { name, .. } => Function::find(name),
        Operand::Name(reference) => Function::find(&reference.first),
        _ => None,
    };
    let before = std::mem::replace(&mut input.state.against, row);
    let right = operand(input);
    input.state.against = before;
    Ok(Cond::Compare(left, operator, right?))
}

fn operator(input: &mut Input<'_>) -> ModalResult<Spanned<Operator>> {
    take(input, Expected::Operator, |token| {
        let text = match token {
            Token::Sign(sign) => *sign,
            Token::Word(word) => &**word,
            Token::Text(_) => return None,
        };
        <Operator as strum::IntoEnumIterator>::iter().find(|operator| operator.text() == text)
    })
}

pub(super) fn expectation(input: &mut Input<'_>) -> ModalResult<Expectation> {
    let when = |input: &mut Input<'_>| {
        let when = disjunction(input)?;
        keyword("then").parse_next(input)?;
        let within = opt(preceded(keyword("within"), span)).parse_next(input)?;
        let then = disjunction(input)?;
        Ok(Expectation::When { when, within, then })
    };
    alt((
        preceded(keyword("always"), disjunction).map(Expectation::Always),
        preceded(keyword("never"), disjunction).map(Expectation::Never),
        preceded(keyword("at-end"), disjunction).map(Expectation::AtEnd),
        preceded(keyword("within"), (span, disjunction))
            .map(|(span, cond)| Expectation::Within(span, cond)),
        preceded(keyword("at"), (instant, disjunction)).map(|(at, cond)| Expectation::At(at, cond)),
        preceded(keyword("when"), when),
        preceded(keyword("breaks"), |input: &mut Input<'_>| {
            any_word(input, Expected::Slot(Slot::NewName))
        })
        .map(Expectation::Breaks),
    ))
    .parse_next(input)
}

pub(super) fn answer(input: &mut Input<'_>) -> ModalResult<Answer> {
    let value = operand(input)?;
    keyword("at").parse_next(input)?;
    Ok(Answer { value, at: instant(input)? })
}

pub(super) fn measure(input: &mut Input<'_>) -> ModalResult<Measure> {
    let value = operand(input)?;
    let at = opt(preceded(keyword("at"), instant)).parse_next(input)?;
    Ok(Measure { value, at })
}
