//! From tokens to lines, conditions, expectations and answers.
//!
//! One recursive descent serves errors and completion: at the place that it came furthest, it has
//! noted everything that could have stood there.

mod command;
mod condition;
mod foreign;

use winnow::error::{ContextError, ErrMode};
use winnow::stream::{Stateful, Stream, TokenSlice};
use winnow::{ModalResult, Parser};

use super::function::{Argument, Row};
use super::grammar::Slot;
use super::lexer::{LexProblem, Token, lex};
use super::syntax::{Answer, Cond, Expectation, Line, Measure};
use crate::ids::Name;
use crate::scenario::span::{Span, Spanned};
use crate::sim::{Duration, Instant};

/// Something that could have stood in a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Expected {
    /// A keyword or sign.
    Word(&'static str),
    /// Something of this sort.
    Slot(Slot),
    /// What an argument of a function may be.
    Argument(Argument),
    /// Something to compare with the result of a function.
    Against(&'static Row),
    /// Any operator of a comparison.
    Operator,
    /// The line's end.
    End,
}

/// What is wrong with a line, and where.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Problem {
    /// It is not made of tokens.
    Lex(LexProblem),
    /// Something else was expected.
    Unexpected {
        /// What stands there; none at the line's end.
        found: Option<Token>,
        /// What could have.
        expected: Vec<Expected>,
        /// Nothing before it could be read: the command's first word.
        first: bool,
    },
    /// Parentheses within parentheses without end.
    TooDeep,
    /// Longer than any line.
    TooLong,
}

/// The longest line, in bytes.
const LONGEST: usize = 10_000;

#[derive(Debug, Default)]
struct State {
    total: usize,
    furthest: usize,
    expected: Vec<Expected>,
    depth: u32,
    too_deep: bool,
    /// What the operand being read is compared with.
    against: Option<&'static Row>,
}

type Input<'i> = Stateful<TokenSlice<'i, Spanned<Token>>, State>;

/// Parses a line of the prompt, or a step's `do`.
pub(super) fn line(text: &str) -> Result<Line, Spanned<Problem>> {
    if text.len() > LONGEST {
        return Err(Spanned::new(Problem::TooLong, 0..text.len()));
    }
    if let Some(first) = text.split_whitespace().next()
        && first.starts_with("kafka-")
    {
        return foreign::line(text);
    }
    whole(text, command::command)
}

/// Parses a condition.
pub(super) fn cond(text: &str) -> Result<Cond, Spanned<Problem>> {
    whole(text, condition::disjunction)
}

/// Parses an expectation.
pub(super) fn expectation(text: &str) -> Result<Expectation, Spanned<Problem>> {
    whole(text, condition::expectation)
}

/// Parses a question's answer.
pub(super) fn answer(text: &str) -> Result<Answer, Spanned<Problem>> {
    whole(text, condition::answer)
}

/// Parses what is measured of a run.
pub(super) fn measure(text: &str) -> Result<Measure, Spanned<Problem>> {
    whole(text, condition::measure)
}

/// What could follow `text`.
pub(super) fn expected_after(text: &str) -> Vec<Expected> {
    if text.len() > LONGEST {
        return Vec::new();
    }
    let Ok(tokens) = lex(text) else { return Vec::new() };
    let mut input = input(&tokens);
    // Whether it is complete makes no difference to what could follow.
    let parsed: ModalResult<Line> = command::command(&mut input);
    if parsed.is_ok() {
        note(&mut input, Expected::End);
    }
    if input.state.furthest == tokens.len() { input.state.expected } else { Vec::new() }
}

fn input(tokens: &[Spanned<Token>]) -> Input<'_> {
    Stateful {
        input: TokenSlice::new(tokens),
        state: State { total: tokens.len(), ..State::default() },
    }
}

fn whole<T>(
    text: &str,
    parser: fn(&mut Input<'_>) -> ModalResult<T>,
) -> Result<T, Spanned<Problem>> {
    if text.len() > LONGEST {
        return Err(Spanned::new(Problem::TooLong, 0..text.len()));
    }
    let tokens = lex(text).map_err(|problem| problem.map(Problem::Lex))?;
    let mut input = input(&tokens);
    let parsed = parser(&mut input);
    if input.state.too_deep {
        return Err(Spanned::new(Problem::TooDeep, 0..text.len()));
    }
    if let Ok(parsed) = parsed {
        if input.peek_token().is_none() {
            return Ok(parsed);
        }
        note(&mut input, Expected::End);
    }
    let at = input.state.furthest;
    let found = tokens.get(at);
    let span = found.map_or(text.len()..text.len(), |token| token.span.clone());
    let problem = Problem::Unexpected {
        found: found.map(|token| token.value.clone()),
        expected: input.state.expected,
        first: at == 0,
    };
    Err(Spanned::new(problem, span))
}

fn backtrack<T>() -> ModalResult<T> {
    Err(ErrMode::Backtrack(ContextError::new()))
}

/// Notes what could stand here.
fn note(input: &mut Input<'_>, expected: Expected) {
    let at = input.state.total - input.eof_offset();
    if at > input.state.furthest {
        input.state.furthest = at;
        input.state.expected.clear();
    }
    if at == input.state.furthest && !input.state.expected.contains(&expected) {
        input.state.expected.push(expected);
    }
}

/// The next token, if it is what `accept` wants; noted if not.
fn take<T>(
    input: &mut Input<'_>,
    expected: Expected,
    accept: impl FnOnce(&Token) -> Option<T>,
) -> ModalResult<Spanned<T>> {
    note(input, expected);
    let found = input.peek_token();
    match found.and_then(|token| Some(Spanned::new(accept(&token.value)?, token.span.clone()))) {
        Some(taken) => {
            input.next_token();
            Ok(taken)
        }
        None => backtrack(),
    }
}

/// A keyword, or a sign.
fn keyword<'i>(word: &'static str) -> impl Parser<Input<'i>, Span, ErrMode<ContextError>> {
    move |input: &mut Input<'i>| {
        let fits = |token: &Token| match token {
            Token::Word(found) => (**found == *word).then_some(()),
            Token::Sign(found) => (*found == word).then_some(()),
            Token::Text(_) => None,
        };
        take(input, Expected::Word(word), fits).map(|found| found.span)
    }
}

fn any_word(input: &mut Input<'_>, expected: Expected) -> ModalResult<Spanned<Name>> {
    take(input, expected, |token| match token {
        Token::Word(word) => Some(word.clone()),
        _ => None,
    })
}

fn word_as<T>(
    input: &mut Input<'_>,
    slot: Slot,
    read: impl Fn(&str) -> Option<T>,
) -> ModalResult<Spanned<T>> {
    take(input, Expected::Slot(slot), |token| match token {
        Token::Word(word) => read(word),
        _ => None,
    })
}

fn span(input: &mut Input<'_>) -> ModalResult<Duration> {
    word_as(input, Slot::Span, |word| word.parse().ok()).map(|span| span.value)
}

fn instant(input: &mut Input<'_>) -> ModalResult<Instant> {
    word_as(input, Slot::Instant, |word| word.parse::<Duration>().ok())
        .map(|span| Instant::ZERO + span.value)
}

fn peeks_at(input: &Input<'_>, sign: &str) -> bool {
    matches!(input.peek_token(), Some(token) if matches!(token.value, Token::Sign(s) if s == sign))
}
