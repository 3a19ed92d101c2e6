//! The lines that are meant for Kafka's own tools.

use super::{Expected, Problem};
use crate::foreign::NAMES;
use crate::ids::Name;
use crate::scenario::language::lexer::{LexProblem, Token};
use crate::scenario::language::syntax::Line;
use crate::scenario::span::Spanned;

/// One of Kafka's tools: words as a shell takes them.
pub(super) fn line(text: &str) -> Result<Line, Spanned<Problem>> {
    let mut words: Vec<Name> = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut letters = text.char_indices();
    while let Some((index, letter)) = letters.next() {
        match (letter, quote) {
            ('\'' | '"', None) => {
                quote = Some((letter, index));
                word.get_or_insert_default();
            }
            (_, Some((closing, _))) if closing == letter => quote = None,
            ('\\', None | Some(('"', _))) => {
                word.get_or_insert_default().extend(letters.next().map(|(_, letter)| letter));
            }
            (blank, None) if blank.is_whitespace() => {
                words.extend(word.take().map(Name::from));
            }
            (letter, _) => word.get_or_insert_default().push(letter),
        }
    }
    if let Some((_, open)) = quote {
        return Err(Spanned::new(Problem::Lex(LexProblem::OpenQuote), open..text.len()));
    }
    words.extend(word.map(Name::from));
    let tool = words.first().expect("the line begins with a tool");
    let plain = tool.strip_suffix(".sh").unwrap_or(tool);
    if !NAMES.contains(&plain) {
        let start = text.len() - text.trim_start().len();
        let problem = Problem::Unexpected {
            found: Some(Token::Word(tool.clone())),
            expected: NAMES.iter().map(|tool| Expected::Word(tool)).collect(),
            first: true,
        };
        return Err(Spanned::new(problem, start..start + tool.len()));
    }
    words[0] = plain.into();
    Ok(Line::Foreign(words))
}
