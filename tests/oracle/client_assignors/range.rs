//! `client_assignors/range.jsonl`.

use kafkascope::assignor::Assignor;
use serde_json::Value;

/// Compares one case.
pub fn compare(case: &Value) -> Result<(), String> {
    super::chain::compare(case, Assignor::Range)
}
