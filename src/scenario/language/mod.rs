//! The command language: what can be done, expected and asked, for steps of a scenario, the prompt,
//! breakpoints and the recorder.
//!
//! A line goes through three hands: the lexer makes words of it; the parser follows the rows of
//! the grammar and makes a [`Line`], which prints in one canonical way; and [`Names`] looks up
//! what it names and checks the types. The same rows give completion and help.

mod command;
mod complete;
mod condition;
mod error;
mod function;
mod grammar;
mod kinds;
mod lexer;
mod lower;
mod names;
mod parser;
mod resolve;
mod syntax;
mod value;

pub use command::{Command, Instruction, Link, Message, NewTopic, ProduceTo, SeekTo};
pub use complete::{Completion, HelpLine, complete, complete_fitting, help};
pub use condition::{Condition, Expected, Question, compare};
pub use error::LineError;
pub use function::{
    Argument, BROKER_STATES, CONSUMER_STATES, FUNCTIONS, Function, GROUP_STATES, Item, Row, Type,
};
pub use grammar::{PRODUCTIONS, Part, Production, Slot, Verb};
pub use kinds::Kinds;
pub use names::Names;
pub use syntax::{
    Answer, Arg, Cond, Expectation, Line, Measure, Operand, Operator, Rate, Reference, instant_text,
};
pub(super) use value::rounded;
pub use value::{Expr, Value, Values, select};

/// Parses a line; nothing is looked up yet.
///
/// # Errors
/// The first place where it is no command.
pub fn parse(line: &str) -> Result<Line, LineError> {
    parser::line(line).map_err(LineError::from)
}

impl Names {
    /// Reads a line of the prompt: what to do, with names looked up.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read(&self, line: &str) -> Result<Instruction, LineError> {
        self.instruction(&parse(line)?)
    }

    /// Reads a condition, with names looked up.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read_condition(&self, text: &str) -> Result<Condition, LineError> {
        self.condition(&parse_condition(text)?)
    }
}

/// Parses a condition; nothing is looked up yet.
///
/// # Errors
/// The first place where it is no condition.
pub fn parse_condition(text: &str) -> Result<Cond, LineError> {
    parser::cond(text).map_err(LineError::from)
}

/// Parses an expectation; nothing is looked up yet.
///
/// # Errors
/// The first place where it is no expectation.
pub fn parse_expectation(text: &str) -> Result<Expectation, LineError> {
    parser::expectation(text).map_err(LineError::from)
}

/// Parses a question's answer; nothing is looked up yet.
///
/// # Errors
/// The first place where it is no answer.
pub fn parse_answer(text: &str) -> Result<Answer, LineError> {
    parser::answer(text).map_err(LineError::from)
}

/// Parses what is measured of a run; nothing is looked up yet.
///
/// # Errors
/// The first place where it is nothing to measure.
pub fn parse_measure(text: &str) -> Result<Measure, LineError> {
    parser::measure(text).map_err(LineError::from)
}

#[cfg(test)]
mod tests;
