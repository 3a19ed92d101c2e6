//! Whether conditions hold, and whom selections mean.

use super::names;
use crate::ids::{BrokerId, TopicPartition};
use crate::scenario::language::*;
use crate::sim::Duration;

/// A run in which everything is what a table says.
pub(super) struct Table;

impl Values for Table {
    fn call(&self, function: Function, arguments: &[Value]) -> Value {
        let brokers =
            |ids: &[i32]| Value::List(ids.iter().map(|id| Value::Broker(BrokerId(*id))).collect());
        match function {
            Function::Leader if arguments[0] == partition(2) => Value::None,
            Function::Leader => Value::Broker(BrokerId(2)),
            Function::Isr => brokers(&[2, 3]),
            Function::Lag => Value::Number(150),
            Function::State => Value::State("Stable".into()),
            Function::Unavailable => Value::Span(Duration::from_secs(9)),
            Function::UncleanElection => Value::Bool(false),
            Function::Alive => Value::Bool(arguments[0] != Value::Broker(BrokerId(1))),
            _ => Value::None,
        }
    }

    fn label(&self, _: &str) -> Value {
        Value::Broker(BrokerId(1))
    }
}

fn partition(index: i32) -> Value {
    Value::Partition(TopicPartition::new("kq", index))
}

#[test]
fn conditions_hold_or_do_not() {
    let holds = |text: &str| {
        let cond = parse_condition(text).expect(text);
        names().condition(&cond).expect(text).holds(&Table)
    };
    for text in [
        "leader(kq-0) == broker-2",
        "leader(kq-2) == none",
        "isr(kq-0) == 2",
        "isr(kq-0) >= 2 and isr(kq-0) < 3",
        "isr(kq-0) includes leader(kq-0)",
        "isr(kq-0) includes [2, 3]",
        "isr(kq-0) == [3, 2]",
        "not isr(kq-0) includes victim",
        "lag(checkout) < 200 or unclean-election",
        "state(checkout) == Stable",
        "state(checkout) != Empty",
        "unavailable(kq-0) < 10s",
        "not alive(victim) and alive(leader(kq-0))",
        "not (unclean-election or lag(checkout) == 0)",
        "2 in isr(kq-0)",
    ] {
        assert!(holds(text), "{text}");
    }
    for text in [
        "hw(kq-2) > 0",
        "hw(kq-2) <= 0",
        "leader(kq-2) == broker-2",
        "alive(leader(kq-2))",
        "isr(kq-0) == [2]",
        "unclean-election",
    ] {
        assert!(!holds(text), "{text}");
    }
}

#[test]
fn a_selection_means_everybody_once() {
    let parsed = parse("kill {broker-2, isr(kq-0), victim, leader(kq-2)}").unwrap();
    let Command::Kill(targets) = names().instruction(&parsed).unwrap().command else {
        panic!("kill is kill")
    };
    let selected: Vec<_> = select(&targets, &Table).iter().map(ToString::to_string).collect();
    assert_eq!(selected, ["broker-2", "broker-3", "broker-1"]);
}
