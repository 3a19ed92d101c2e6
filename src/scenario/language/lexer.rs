//! From a line to words, texts and signs.
//!
//! A word is `[A-Za-z0-9_][A-Za-z0-9._-]*`, as long as possible; "-" is no operator, so `kq-0`,
//! `retention.ms` and `20s` are one word each, and what a word means is decided where it stands. Two
//! exceptions: `->` ends a word, and "-" before a digit begins a number.

use winnow::combinator::{alt, delimited, repeat};
use winnow::error::{ContextError, ErrMode};
use winnow::stream::{LocatingSlice, Location, Stream};
use winnow::token::{any, none_of, one_of, take_while};
use winnow::{ModalResult, Parser};

use crate::ids::Name;
use crate::scenario::span::Spanned;

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A name, a number, a keyword: what it is depends on its place.
    Word(Name),
    /// What stood between quotes.
    Text(Name),
    /// One of [`SIGNS`].
    Sign(&'static str),
}

/// Signs, the longer ones of those that begin alike first.
const SIGNS: [&str; 16] =
    ["->", "==", "!=", "<=", ">=", "<", ">", "(", ")", "{", "}", "[", "]", ",", "|", "/"];

/// Why a line is not made of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LexProblem {
    /// A sign that means nothing here.
    UnknownSign(char),
    /// A quote that is not closed.
    OpenQuote,
    /// A backslash before something that it does not go with.
    UnknownEscape,
}

type Input<'i> = LocatingSlice<&'i str>;

/// Cuts a line into tokens.
///
/// # Errors
/// The first place where that does not work.
pub(super) fn lex(line: &str) -> Result<Vec<Spanned<Token>>, Spanned<LexProblem>> {
    let mut input = LocatingSlice::new(line);
    let mut tokens = Vec::new();
    loop {
        blanks(&mut input);
        if input.is_empty() {
            return Ok(tokens);
        }
        let start = input.checkpoint();
        let Ok((token, span)) = token.with_span().parse_next(&mut input) else {
            input.reset(&start);
            return Err(problem(line, input.current_token_start()));
        };
        tokens.push(Spanned::new(token, span));
    }
}

fn blanks(input: &mut Input<'_>) {
    let skipped: ModalResult<&str> = take_while(0.., char::is_whitespace).parse_next(input);
    assert!(skipped.is_ok(), "no blanks are blanks too");
}

fn token(input: &mut Input<'_>) -> ModalResult<Token> {
    alt((
        word.map(|word: &str| Token::Word(word.into())),
        quoted.map(|text| Token::Text(text.into())),
        sign.map(Token::Sign),
    ))
    .parse_next(input)
}

fn word<'i>(input: &mut Input<'i>) -> ModalResult<&'i str> {
    let rest: &'i str = input.as_ref();
    let minus = usize::from(rest.starts_with('-'));
    let body = &rest[minus..];
    let begins = body.starts_with(|first: char| {
        first.is_ascii_digit() || minus == 0 && (first.is_ascii_alphabetic() || first == '_')
    });
    if !begins {
        return Err(backtrack());
    }
    let inside = |(index, letter): &(usize, char)| match letter {
        '-' => !body[*index..].starts_with("->"),
        letter => letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.'),
    };
    // One byte each.
    let len = body.char_indices().take_while(inside).count();
    Ok(input.next_slice(minus + len))
}

fn quoted(input: &mut Input<'_>) -> ModalResult<String> {
    let plain = delimited('\'', take_while(0.., |letter| letter != '\''), '\'');
    let escaped = ('\\', one_of(['"', '\\', 'n', 't'])).map(|(_, letter)| match letter {
        'n' => '\n',
        't' => '\t',
        other => other,
    });
    let letters = repeat(0.., alt((none_of(['"', '\\']), escaped)));
    alt((plain.map(str::to_owned), delimited('"', letters, '"'))).parse_next(input)
}

fn sign(input: &mut Input<'_>) -> ModalResult<&'static str> {
    let rest: &str = input.as_ref();
    let found = SIGNS.into_iter().find(|sign| rest.starts_with(sign)).ok_or_else(backtrack)?;
    let taken: ModalResult<Vec<char>> = repeat(found.len(), any).parse_next(input);
    taken.map(|_| found)
}

fn backtrack() -> ErrMode<ContextError> {
    ErrMode::Backtrack(ContextError::new())
}

fn problem(line: &str, at: usize) -> Spanned<LexProblem> {
    let rest = &line[at..];
    let first = rest.chars().next().expect("something is left where the lexer stopped");
    let end = at + first.len_utf8();
    if !matches!(first, '"' | '\'') {
        return Spanned::new(LexProblem::UnknownSign(first), at..end);
    }
    let mut letters = line[end..].char_indices().map(|(index, letter)| (end + index, letter));
    while let Some((index, letter)) = letters.next() {
        if first == '"' && letter == '\\' {
            match letters.next() {
                Some((_, '"' | '\\' | 'n' | 't')) => {}
                Some((next, other)) => {
                    let span = index..next + other.len_utf8();
                    return Spanned::new(LexProblem::UnknownEscape, span);
                }
                None => break,
            }
        }
    }
    Spanned::new(LexProblem::OpenQuote, at..line.len())
}

/// Writes a text so that it reads back as it is.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(line: &str) -> String {
        match lex(line) {
            Ok(tokens) => tokens
                .iter()
                .map(|token| match &token.value {
                    Token::Word(word) => word.to_string(),
                    Token::Text(text) => quote(text),
                    Token::Sign(sign) => (*sign).to_owned(),
                })
                .collect::<Vec<_>>()
                .join(" · "),
            Err(problem) => format!("{:?} at {:?}", problem.value, problem.span),
        }
    }

    #[test]
    fn words_are_as_long_as_possible() {
        insta::assert_snapshot!(tokens("kill leader(kq-0)"), @"kill · leader · ( · kq-0 · )");
        insta::assert_snapshot!(tokens("set topic kq retention.ms -1"), @"set · topic · kq · retention.ms · -1");
        insta::assert_snapshot!(tokens("rate web 20/s"), @"rate · web · 20 · / · s");
        insta::assert_snapshot!(tokens("broker-1->{broker-2,3}"), @"broker-1 · -> · { · broker-2 · , · 3 · }");
        insta::assert_snapshot!(tokens("isr(kq-1)<=2"), @"isr · ( · kq-1 · ) · <= · 2");
        insta::assert_snapshot!(tokens("__consumer_offsets-12"), @"__consumer_offsets-12");
    }

    #[test]
    fn texts_stand_between_either_quotes() {
        insta::assert_snapshot!(tokens(r#"produce "a \"b\" \\" key 'c"d'"#), @r#"produce · "a \"b\" \\" · key · "c\"d""#);
        insta::assert_snapshot!(tokens("produce \"你好\""), @r#"produce · "你好""#);
    }

    #[test]
    fn what_is_no_token_is_pointed_at() {
        insta::assert_snapshot!(tokens("kill broker-1 & broker-2"), @"UnknownSign('&') at 14..15");
        insta::assert_snapshot!(tokens("kill 代理"), @"UnknownSign('代') at 5..8");
        insta::assert_snapshot!(tokens("produce \"x"), @"OpenQuote at 8..10");
        insta::assert_snapshot!(tokens(r#"produce "a\x" to kq"#), @"UnknownEscape at 10..12");
        insta::assert_snapshot!(tokens("- 1"), @"UnknownSign('-') at 0..1");
    }
}
