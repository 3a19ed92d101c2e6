//! Strings that hold something of the command language.

use super::super::{Node, Read, Reader, Shape};
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::language::{
    Answer, Cond, Expectation, Line, LineError, Measure, parse, parse_answer, parse_condition,
    parse_expectation, parse_measure,
};
use crate::scenario::span::{Span, Spanned};

/// Something of the language, and where it stands in the file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Written<T> {
    /// What it says.
    pub(crate) value: T,
    /// Where it stands.
    pub(crate) place: Place,
}

/// Where a string's content stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    span: Span,
    /// Where the content begins, if it stands there as it is: without escapes.
    content: Option<usize>,
}

impl Place {
    fn of(node: &Spanned<Node>, content: &str, file: &str) -> Self {
        let written = file.get(node.span.clone()).unwrap_or_default();
        let begins = ["\"\"\"", "'''", "\"", "'"].iter().find(|q| written.starts_with(**q));
        let start = begins.map_or(0, |quote| quote.len());
        let as_it_is = written.get(start..).is_some_and(|rest| rest.starts_with(content));
        Self { span: node.span.clone(), content: as_it_is.then_some(node.span.start + start) }
    }

    /// Where the string stands.
    pub(crate) fn whole(&self) -> &Span {
        &self.span
    }

    /// Where a part of the content stands; the whole string if that cannot be said.
    pub(crate) fn part(&self, part: &Span) -> Span {
        match self.content {
            Some(content) => content + part.start..content + part.end,
            None => self.span.clone(),
        }
    }
}

macro_rules! written {
    ($($type:ty, $form:literal, $parse:expr;)+) => {$(
        impl Read for Written<$type> {
            fn shape() -> Shape {
                Shape::Text($form)
            }

            fn read(node: &Spanned<Node>, reader: &mut Reader<'_>) -> Option<Self> {
                let Node::Text(text) = &node.value else {
                    reader.mismatch(node, $form);
                    return None;
                };
                let place = Place::of(node, text, reader.text);
                let parsed: Result<$type, LineError> = $parse(text);
                match parsed {
                    Ok(value) => Some(Self { value, place }),
                    Err(error) => {
                        let span = place.part(&error.span);
                        reader.push(Diagnostic::of_line(error, span));
                        None
                    }
                }
            }
        }
    )+};
}

written! {
    Line, "a command like \"kill broker-1\"", parse;
    Cond, "a condition like \"isr(kq-0) < 2\"", parse_condition;
    Expectation, "an expectation like \"always acked-lost == 0\"", parse_expectation;
    Answer, "an answer like \"leader(kq-0) at 25s\"", parse_answer;
    Measure, "something to measure like \"lag(checkout) at 85s\"", parse_measure;
}
