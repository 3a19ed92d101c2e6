//! Replicas during and after a move.

use kafkascope::ids::BrokerId;
use kafkascope::metadata::reassignment::ReassignmentReplicas;
use serde_json::{Value, json};

use super::partition::list;

pub fn compare(case: &Value) -> Result<(), String> {
    let current = list::<BrokerId>(&case["current"]);
    let target = list::<BrokerId>(&case["target"]);
    let moving = ReassignmentReplicas::between(&current, &target);
    let expect = |what: &str, got: Value| {
        let same = got == case[what];
        same.then_some(()).ok_or_else(|| format!("{what} is {got}, not {}", case[what]))
    };
    expect("adding", json!(moving.adding))?;
    expect("removing", json!(moving.removing))?;
    expect("replicas_during", json!(moving.replicas))?;
    expect("in_progress", json!(moving.is_in_progress()))?;
    expect("original_replicas", json!(moving.original_replicas()))?;
    let completions = case["maybe_complete"].as_array().expect("a list").iter().map(|tried| {
        let completed = moving.complete(&list::<BrokerId>(&tried["target_isr"]));
        json!({
            "target_isr": tried["target_isr"],
            "completed": completed.is_some(),
            "replicas": completed.as_ref().map(|completed| &completed.replicas),
            "isr": completed.as_ref().map(|completed| &completed.isr),
        })
    });
    expect("maybe_complete", completions.collect())
}
