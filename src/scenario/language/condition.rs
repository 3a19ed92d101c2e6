//! Conditions that hold or do not: types checked, names looked up.

use super::error::LineError;
use super::function::{Function, Item, Type};
use super::names::Names;
use super::resolve::{Seen, Typed, fits};
use super::syntax::{Answer, Cond, Expectation, Operand, Operator};
use super::value::{Expr, Value, Values};
use crate::ids::Name;
use crate::scenario::span::{Span, Spanned};
use crate::sim::{Duration, Instant};

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// One of them holds.
    Or(Vec<Condition>),
    /// All of them hold.
    And(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// The value is true.
    Holds(Expr),
    /// The values compare so.
    Compare(Expr, Operator, Expr),
}

impl Condition {
    /// True if it asks a function for which `is_one` holds.
    pub(crate) fn asks(&self, is_one: &impl Fn(Function) -> bool) -> bool {
        match self {
            Self::Or(all) | Self::And(all) => all.iter().any(|one| one.asks(is_one)),
            Self::Not(condition) => condition.asks(is_one),
            Self::Holds(value) => value.asks(is_one),
            Self::Compare(left, _, right) => left.asks(is_one) || right.asks(is_one),
        }
    }
}

/// What is expected of a run, with names looked up. See [`Expectation`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// It holds all the time from its step on.
    Always(Condition),
    /// It never holds from its step on.
    Never(Condition),
    /// It holds when the run ends.
    AtEnd(Condition),
    /// It holds at some time within so long from its step.
    Within(Duration, Condition),
    /// It holds at a moment.
    At(Instant, Condition),
    /// Whenever `when` begins to hold, `then` holds at once, or within so long.
    When {
        /// The first.
        when: Condition,
        /// How long it may take.
        within: Option<Duration>,
        /// The other.
        then: Condition,
    },
    /// The invariant of this id is broken.
    Breaks(Name),
}

/// The answer to a question: what a value is at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The value.
    pub value: Expr,
    /// Its type: what may be answered.
    pub of: Type,
    /// The moment.
    pub at: Instant,
}

impl Condition {
    /// Whether it holds now.
    pub fn holds(&self, values: &impl Values) -> bool {
        match self {
            Self::Or(parts) => parts.iter().any(|part| part.holds(values)),
            Self::And(parts) => parts.iter().all(|part| part.holds(values)),
            Self::Not(inner) => !inner.holds(values),
            Self::Holds(expr) => expr.value(values).is_true(),
            Self::Compare(left, operator, right @ Expr::Value(Value::Number(_)))
                if !matches!(operator, Operator::Includes | Operator::In) =>
            {
                compare(&left.value_or_count(values), *operator, &right.value(values))
            }
            Self::Compare(left, operator, right) => {
                compare(&left.value(values), *operator, &right.value(values))
            }
        }
    }
}

impl Condition {
    /// What it looks at, as it is written, and what that is now; each once.
    pub fn compared(&self, values: &impl Values) -> Vec<(Name, Value)> {
        let mut seen = Vec::new();
        self.look(values, &mut seen);
        seen
    }

    fn look(&self, values: &impl Values, seen: &mut Vec<(Name, Value)>) {
        match self {
            Self::Or(parts) | Self::And(parts) => {
                for part in parts {
                    part.look(values, seen);
                }
            }
            Self::Not(inner) => inner.look(values, seen),
            // What is true or false was the other.
            Self::Holds(_) => {}
            Self::Compare(left, _, right) => {
                for side in [left, right] {
                    let what = Name::from(side.to_string());
                    let is_known = matches!(side, Expr::Value(_) | Expr::List(_));
                    if !is_known && seen.iter().all(|(known, _)| *known != what) {
                        seen.push((what, side.value(values)));
                    }
                }
            }
        }
    }
}

/// Compares two values whose types go together.
pub fn compare(left: &Value, operator: Operator, right: &Value) -> bool {
    match operator {
        Operator::Includes => right.each().iter().all(|one| left.each().contains(one)),
        Operator::In => right.each().contains(left),
        Operator::Equal => same(left, right),
        Operator::NotEqual => !same(left, right),
        // Nothing is neither more nor less than a number.
        _ => match (amount(left), amount(right)) {
            (Some(left), Some(right)) => match operator {
                Operator::Less => left < right,
                Operator::LessOrEqual => left <= right,
                Operator::Greater => left > right,
                _ => left >= right,
            },
            _ => false,
        },
    }
}

/// Lists are the same when they have the same in any order, and a number when they have so many.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::List(one), Value::List(other)) => {
            let (mut one, mut other) = (one.clone(), other.clone());
            one.sort();
            other.sort();
            one == other
        }
        (Value::List(_), Value::Number(_)) | (Value::Number(_), Value::List(_)) => {
            amount(left) == amount(right)
        }
        (left, right) => left == right,
    }
}

fn amount(value: &Value) -> Option<i128> {
    match value {
        Value::Number(number) => Some(i128::from(*number)),
        Value::Span(span) => Some(i128::from(span.as_nanos())),
        Value::List(values) => Some(values.len() as i128),
        _ => None,
    }
}

impl Names {
    /// Looks up the names of a condition and checks its types.
    ///
    /// # Errors
    /// The first name that stands for nothing, or values that do not compare.
    pub fn condition(&self, cond: &Cond) -> Result<Condition, LineError> {
        let all = |parts: &[Cond]| -> Result<Vec<_>, LineError> {
            parts.iter().map(|part| self.condition(part)).collect()
        };
        Ok(match cond {
            Cond::Or(parts) => Condition::Or(all(parts)?),
            Cond::And(parts) => Condition::And(all(parts)?),
            Cond::Not(inner) => Condition::Not(Box::new(self.condition(inner)?)),
            Cond::Value(value) => Condition::Holds(self.truth(value)?),
            Cond::Compare(left, operator, right) => self.comparison(left, operator, right)?,
        })
    }

    fn truth(&self, value: &Spanned<Operand>) -> Result<Expr, LineError> {
        match self.see(value)? {
            Seen::Typed(Typed { expr, of }) if of == Type::BOOL => Ok(expr),
            Seen::Typed(Typed { of, .. }) => Err(LineError::new(
                value.span.clone(),
                format!("`{}` is {}, no condition", value.value, of.name()),
            )
            .hint("compare it with something: ==, !=, <, <=, >, >=, includes, in")),
            Seen::Open => Err(self.nothing_known(value)),
        }
    }

    /// A word that stands alone and means nothing.
    fn nothing_known(&self, value: &Spanned<Operand>) -> LineError {
        match &value.value {
            Operand::Name(reference) => {
                let name = Spanned::new(reference.clone(), value.span.clone());
                self.find(&name, super::kinds::Kinds::ANY)
                    .err()
                    .unwrap_or_else(|| LineError::new(value.span.clone(), "this is no condition"))
            }
            _ => LineError::new(value.span.clone(), "a list is no condition"),
        }
    }

    fn comparison(
        &self,
        left: &Spanned<Operand>,
        operator: &Spanned<Operator>,
        right: &Spanned<Operand>,
    ) -> Result<Condition, LineError> {
        let (seen_left, seen_right) = (self.see(left)?, self.see(right)?);
        let (one, other) = match (seen_left, seen_right) {
            (Seen::Typed(one), Seen::Typed(other)) => {
                // `leader(kq-0) == 2`: a number beside a broker is its id.
                let size = !matches!(operator.value, Operator::Includes | Operator::In);
                let one = self.as_broker(left, one, other.of, size)?;
                let other = self.as_broker(right, other, one.of, size)?;
                (one, other)
            }
            (Seen::Typed(one), Seen::Open) => {
                let other = self.expect(right, one.of.item)?;
                (one, other)
            }
            (Seen::Open, Seen::Typed(other)) => (self.expect(left, other.of.item)?, other),
            (Seen::Open, Seen::Open) => return Err(self.nothing_known(left)),
        };
        if goes_together(one.of, operator.value, other.of) {
            return Ok(Condition::Compare(one.expr, operator.value, other.expr));
        }
        let span: Span = left.span.start..right.span.end;
        Err(LineError::new(
            span,
            format!(
                "`{}` does not compare {} with {}",
                operator.text(),
                one.of.name(),
                other.of.name()
            ),
        ))
    }

    /// Takes a number for a broker's id where it stands beside brokers, unless it can be the `size`
    /// of a list.
    fn as_broker(
        &self,
        operand: &Spanned<Operand>,
        typed: Typed,
        beside: Type,
        size: bool,
    ) -> Result<Typed, LineError> {
        match beside.item {
            Item::Thing(_) if !(beside.list && size) && typed.of == Type::NUMBER => {
                self.expect(operand, beside.item)
            }
            _ => Ok(typed),
        }
    }

    /// Looks up the names of an expectation and checks its types.
    ///
    /// # Errors
    /// The first name that stands for nothing, or values that do not compare.
    pub fn expectation(&self, expectation: &Expectation) -> Result<Expected, LineError> {
        Ok(match expectation {
            Expectation::Always(cond) => Expected::Always(self.condition(cond)?),
            Expectation::Never(cond) => Expected::Never(self.condition(cond)?),
            Expectation::AtEnd(cond) => Expected::AtEnd(self.condition(cond)?),
            Expectation::Within(span, cond) => Expected::Within(*span, self.condition(cond)?),
            Expectation::At(at, cond) => Expected::At(*at, self.condition(cond)?),
            Expectation::When { when, within, then } => Expected::When {
                when: self.condition(when)?,
                within: *within,
                then: self.condition(then)?,
            },
            Expectation::Breaks(id) => Expected::Breaks(id.value.clone()),
        })
    }

    /// Looks up the names of a question's answer.
    ///
    /// # Errors
    /// Names that stand for nothing.
    pub fn answer(&self, answer: &Answer) -> Result<Question, LineError> {
        match self.see(&answer.value)? {
            Seen::Typed(Typed { expr, of }) => Ok(Question { value: expr, of, at: answer.at }),
            Seen::Open => Err(self.nothing_known(&answer.value)),
        }
    }
}

fn goes_together(one: Type, operator: Operator, other: Type) -> bool {
    let alike = fits(one.item, other.item);
    let countable = |of: Type| of.list || of.item == Item::Number;
    match operator {
        Operator::Includes => one.list && alike,
        Operator::In => !one.list && other.list && alike,
        Operator::Equal | Operator::NotEqual => {
            one.list == other.list && alike
                || countable(one) && countable(other) && one.list != other.list
        }
        _ => {
            countable(one) && countable(other) && !(one.list && other.list)
                || one == Type::SPAN && other == Type::SPAN
        }
    }
}
