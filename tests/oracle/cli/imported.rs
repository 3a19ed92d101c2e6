//! What `kafka-topics --describe` printed, taken for a scenario: the same topics, replicas in the same places.

use kafkascope::ids::Name;
use kafkascope::scenario::import::import;
use kafkascope::{Lang, Source, load, render};
use serde_json::Value;

/// What was printed, if it describes topics.
pub(super) fn described<'a>(row: &'a Value, words: &[Name]) -> Option<&'a str> {
    let is_description = &*words[0] == "kafka-topics"
        && words.iter().any(|word| &**word == "--describe")
        && row["truncated"].is_null();
    row["stdout"].as_str().filter(|text| is_description && text.contains("Topic: "))
}

/// Reads it, and looks where the scenario has the replicas of every partition that is shown.
pub(super) fn compare(text: &str) -> Result<(), String> {
    let scenario = import(text, Lang::En).map_err(|error| error.to_string())?;
    let source = Source { name: "imported.toml".to_owned(), text: scenario };
    let loaded = load(&source);
    if loaded.is_wrong() {
        return Err(render(&source, &loaded.diagnostics, false));
    }
    let topics = &loaded.runs[0].scenario.topics;
    for line in text.lines().filter(|line| line.contains("\tPartition: ")) {
        let value = |key: &str| {
            let mut fields = line.split('\t');
            fields.find_map(|field| field.strip_prefix(key)).map(str::trim).unwrap_or_default()
        };
        let name = value("Topic: ");
        if name.starts_with("__") {
            continue;
        }
        let topic = topics.iter().find(|topic| &*topic.name == name);
        let topic = topic.ok_or_else(|| format!("{name} is not imported"))?;
        // Where not all partitions are shown, none can be placed.
        let Some(placed) = &topic.replicas else { continue };
        let number: usize = value("Partition: ").parse().map_err(|_| line.to_owned())?;
        let here: Vec<String> = placed[number].iter().map(|id| id.0.to_string()).collect();
        let there: Vec<&str> = value("Replicas: ").split(',').collect();
        // In the middle of a reassignment there are more.
        if there.len() < here.len() || there[..here.len()] != here {
            return Err(format!("{line}: here they are on {here:?}"));
        }
    }
    Ok(())
}
