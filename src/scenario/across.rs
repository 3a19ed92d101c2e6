//! What several runs of a file come to together: what is measured of each, what is expected of all, and
//! the question that only all of them answer.

use super::build::bilingual;
use super::document::Document;
use super::language::{Operator, Value, compare, rounded};
use super::load::{Loaded, Run};
use super::model::Text;
use super::read::{Reader, choices};
use super::span::Spanned;
use crate::config::nearest;
use crate::ids::Name;

choices! {
    /// Which of several measures is meant.
    Extreme {
        /// None is larger.
        Largest = "largest",
        /// None is smaller.
        Smallest = "smallest",
    }
}

/// What the runs of a file are compared by.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What is measured of each, as it is written: `took(readers)`.
    pub measure: Name,
    /// What is expected of them together.
    pub across: Vec<Across>,
    /// What they answer together.
    pub ask: Option<Question>,
}

/// Two runs whose measures compare so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Across {
    /// As it is written: `all < random`.
    pub text: Name,
    /// The place of the run on the left.
    pub left: usize,
    /// How they compare.
    pub operator: Operator,
    /// The place of the run on the right.
    pub right: usize,
}

/// A question whose answer is one of the runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The question.
    pub question: Text,
    /// Which run is the answer.
    pub answer: Extreme,
    /// A hint.
    pub hint: Option<Text>,
    /// What to say when it is answered.
    pub reveal: Option<Text>,
}

/// What was measured of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// What the run is called.
    pub name: Name,
    /// What is different about it.
    pub title: Option<Text>,
    /// What was measured; none if it is nothing, or not known.
    pub value: Option<Value>,
    /// How much it is, in parts of a thousand of the largest.
    pub of_largest: u64,
    /// How many hundredths of the first run's it is; none where that is nothing.
    pub of_first: Option<u64>,
}

impl Bar {
    /// What was measured, as people say it; `-` for nothing.
    pub fn told(&self) -> String {
        self.value.as_ref().map_or_else(|| "-".to_owned(), told)
    }

    /// How many times the first run's it is: `1.60x`, `18x`; empty where that is nothing.
    pub fn times(&self) -> String {
        match self.of_first {
            None => String::new(),
            Some(hundredths @ 1_000..) => format!("{}x", (hundredths + 50) / 100),
            Some(hundredths) => format!("{}.{:02}x", hundredths / 100, hundredths % 100),
        }
    }
}

impl Across {
    /// Whether it holds; none where one of the runs came to nothing.
    pub fn holds(&self, measured: &[Option<Value>]) -> Option<bool> {
        let of = |run: usize| measured.get(run)?.as_ref().filter(|value| amount(value).is_some());
        Some(compare(of(self.left)?, self.operator, of(self.right)?))
    }
}

impl Question {
    /// The place of the run that is the answer; none if that is not clear.
    pub fn right(&self, measured: &[Option<Value>]) -> Option<usize> {
        let amounts: Option<Vec<u64>> =
            measured.iter().map(|value| amount(value.as_ref()?)).collect();
        let amounts = amounts?;
        let wanted = match self.answer {
            Extreme::Largest => amounts.iter().max(),
            Extreme::Smallest => amounts.iter().min(),
        }?;
        let mut those = amounts.iter().enumerate().filter(|(_, amount)| *amount == wanted);
        let (first, _) = those.next()?;
        those.next().is_none().then_some(first)
    }
}

/// The runs of a file with what was measured of each, as bars.
pub fn bars(runs: &[Run], measured: &[Option<Value>]) -> Vec<Bar> {
    let of = |run: usize| measured.get(run)?.as_ref();
    let amounts: Vec<u64> =
        (0..runs.len()).map(|run| of(run).and_then(amount).unwrap_or(0)).collect();
    let largest = amounts.iter().max().copied().unwrap_or(0).max(1);
    let first = amounts.first().copied().unwrap_or(0);
    let bar = |(index, run): (usize, &Run)| Bar {
        name: run.label.clone().unwrap_or_default(),
        title: run.title.clone(),
        value: of(index).cloned(),
        of_largest: share(amounts[index], 1_000, largest),
        of_first: (first > 0).then(|| share(amounts[index], 100, first)),
    };
    runs.iter().enumerate().map(bar).collect()
}

/// `amount` in parts of `whole`, of which `of` has `parts`.
fn share(amount: u64, parts: u64, of: u64) -> u64 {
    let (amount, of) = (u128::from(amount), u128::from(of));
    u64::try_from((amount * u128::from(parts) + of / 2) / of).unwrap_or(u64::MAX)
}

/// How much a measure is: a number, or nanoseconds.
fn amount(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => u64::try_from(*number).ok(),
        Value::Span(span) => Some(span.as_nanos()),
        _ => None,
    }
}

/// A measure as people say it: three digits of a span of time.
pub fn told(value: &Value) -> String {
    match value {
        Value::Span(span) => rounded(*span),
        other => other.to_string(),
    }
}

/// What the runs of a file are compared by, if it says so.
pub(super) fn comparison(
    document: &Document,
    loaded: &Loaded,
    reader: &mut Reader<'_>,
) -> Option<Comparison> {
    let table = document.compare.as_ref()?;
    let Some(measure) = &table.measure else {
        let hint = "measure = \"took(checkout)\"";
        if let Some(first) = table.across.first() {
            reader.error_with(&first.span, "what are the runs compared by?", hint);
        } else if let Some(ask) = &table.ask {
            reader.error_with(&ask.at, "what are the runs compared by?", hint);
        }
        return None;
    };
    let across = table.across.iter().filter_map(|one| across(one, loaded, reader)).collect();
    let ask = table.ask.as_ref().and_then(|ask| {
        let question = bilingual(ask.en.as_ref(), ask.zh.as_ref());
        if question.is_none() && ask.whole {
            reader.error(&ask.at, "what is the question? `en` or `zh` is missing");
        }
        let (hint, reveal) = (ask.hint.clone(), ask.reveal.clone());
        Some(Question { question: question?, answer: ask.answer, hint, reveal })
    });
    Some(Comparison { measure: measure.value.to_string().into(), across, ask })
}

/// How two runs are expected to compare.
const OPERATORS: [Operator; 6] = [
    Operator::LessOrEqual,
    Operator::GreaterOrEqual,
    Operator::Less,
    Operator::Greater,
    Operator::Equal,
    Operator::NotEqual,
];

fn across(text: &Spanned<Name>, loaded: &Loaded, reader: &mut Reader<'_>) -> Option<Across> {
    let parted = OPERATORS.iter().find_map(|operator| {
        let (left, right) = text.split_once(&format!(" {} ", operator.text()))?;
        Some((left.trim(), *operator, right.trim()))
    });
    let Some((left, operator, right)) = parted else {
        reader.error(&text.span, "expected two runs that compare, like \"all < random\"");
        return None;
    };
    let mut find = |key: &str| {
        let Ok(run) = loaded.run_called(key) else {
            let keys: Vec<String> =
                (0..loaded.runs.len()).filter_map(|run| loaded.run_key(run)).collect();
            let near = nearest(key, keys.iter().map(String::as_str));
            let hint = near.map_or_else(
                || format!("there are {}", keys.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            reader.error_with(&text.span, format!("there is no run `{key}`"), hint);
            return None;
        };
        Some(run)
    };
    let (left, right) = (find(left), find(right));
    Some(Across { text: text.value.clone(), left: left?, operator, right: right? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Duration;

    #[test]
    fn a_measure_is_told_with_three_digits() {
        let told = |nanos| told(&Value::Span(Duration::from_nanos(nanos)));
        assert_eq!(told(12_345_678_901), "12.3 s");
        assert_eq!(told(1_234_567_890), "1.23 s");
        assert_eq!(told(312_456_789), "312 ms");
        assert_eq!(told(7), "7 ns");
        assert_eq!(super::told(&Value::Number(573)), "573");
    }

    #[test]
    fn the_answer_is_the_run_that_is_alone_at_the_end() {
        let span = |millis| Some(Value::Span(Duration::from_millis(millis)));
        let question = |answer| Question {
            question: Text { en: "which".into(), zh: "哪个".into() },
            answer,
            hint: None,
            reveal: None,
        };
        let measured = [span(5), span(9), span(5)];
        assert_eq!(question(Extreme::Largest).right(&measured), Some(1));
        assert_eq!(question(Extreme::Smallest).right(&measured), None);
        assert_eq!(question(Extreme::Largest).right(&[span(1), None]), None);
    }
}
