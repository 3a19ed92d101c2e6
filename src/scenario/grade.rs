//! Whether what somebody answered is what the run came to. Kafkascope's own: Kafka asks nobody.

use super::language::{Item, Type, Value};
use super::model::Ask;
use super::runner::Known;
use crate::ids::Name;

/// What was answered to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// One of the choices, from 0.
    Choice(usize),
    /// A number, or names.
    Words(Name),
}

/// How an answer came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// It is what the run came to.
    Right,
    /// The run came to something else.
    Wrong,
    /// Nobody can tell: the question is one to talk about.
    Open,
}

/// Grades an answer by what the run came to.
pub fn grade(given: &Given, ask: &Ask, known: &Known) -> Grade {
    let right = match given {
        Given::Choice(choice) => match known.right {
            Some(right) => right == *choice,
            None => return Grade::Open,
        },
        Given::Words(words) => says(words, &known.value, ask.tolerance),
    };
    if right { Grade::Right } else { Grade::Wrong }
}

/// True if a text begins with a value: `200: each once`, `broker-1`, `c2, c3`. A number may be off by
/// `tolerance`; a list is also told by how many it has, and brokers by their ids.
pub(super) fn says(text: &str, value: &Value, tolerance: u64) -> bool {
    let text = text.split([':', '：', '—']).next().unwrap_or_default().trim();
    let first = text.split([' ', '，', ',', '。']).next().unwrap_or_default();
    match value {
        Value::Number(number) => {
            first.parse::<i64>().is_ok_and(|told| told.abs_diff(*number) <= tolerance)
        }
        Value::Span(span) => text.replace(' ', "").parse().is_ok_and(|told| *span == told),
        Value::Bool(is_so) => {
            first == if *is_so { "yes" } else { "no" } || first == is_so.to_string()
        }
        Value::List(values) => {
            let told: Vec<&str> = text
                .split([' ', ',', '，', '、', '[', ']'])
                .filter(|one| !one.is_empty())
                .collect();
            let by_count = matches!(told[..], [one] if one.parse() == Ok(values.len()));
            let all = told.len() == values.len()
                && values.iter().all(|value| told.iter().any(|one| is_called(one, value)));
            by_count || all
        }
        one => is_called(first, one),
    }
}

fn is_called(told: &str, value: &Value) -> bool {
    let id = match value {
        Value::Broker(id) => Some(id.to_string()),
        _ => None,
    };
    told.eq_ignore_ascii_case(&value.to_string()) || id.is_some_and(|id| told == id)
}

/// True if a question of this type is answered by a number alone.
pub fn is_numeric(of: Type) -> bool {
    !of.list && of.item == Item::Number
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::BrokerId;

    fn brokers() -> Value {
        Value::List(vec![Value::Broker(BrokerId(1)), Value::Broker(BrokerId(3))])
    }

    #[test]
    fn a_number_may_be_off_by_the_tolerance() {
        assert!(says("573", &Value::Number(540), 50));
        assert!(says("200: each once", &Value::Number(200), 0));
        assert!(!says("600", &Value::Number(540), 50));
        assert!(!says("many", &Value::Number(540), 50));
    }

    #[test]
    fn a_list_is_told_by_its_members_in_any_order_or_by_how_many_they_are() {
        for told in ["3 1", "broker-1, broker-3", "[broker-3,broker-1]", "2"] {
            assert!(says(told, &brokers(), 0), "{told}");
        }
        for told in ["1", "3", "1 2", "1 3 2", ""] {
            assert!(!says(told, &brokers(), 0), "{told}");
        }
    }

    #[test]
    fn a_broker_is_told_by_its_name_or_its_id_and_nobody_by_none() {
        assert!(says("broker-2: it took over", &Value::Broker(BrokerId(2)), 0));
        assert!(says("2", &Value::Broker(BrokerId(2)), 0));
        assert!(says("none", &Value::None, 0));
        assert!(!says("none", &Value::Broker(BrokerId(2)), 0));
    }
}
