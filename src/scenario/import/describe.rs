//! What `kafka-topics --describe` prints, of any release: `Topic: kq Partition: 0 Leader: 1 Replicas: 1,2`.

use super::{Found, FoundTopic, ImportError, remark};

/// The words that begin a value.
const KEYS: [&str; 14] = [
    "Topic:",
    "TopicId:",
    "PartitionCount:",
    "ReplicationFactor:",
    "Configs:",
    "Partition:",
    "Leader:",
    "Replicas:",
    "Isr:",
    "AddingReplicas:",
    "RemovingReplicas:",
    "Elr:",
    "LastKnownElr:",
    "MarkedForDeletion:",
];

/// True if a line of the text is one of the tool's.
pub(super) fn is_described(text: &str) -> bool {
    text.lines().any(|line| is_line(&fields(line)))
}

fn is_line(fields: &[(&str, String)]) -> bool {
    let has = |key: &str| fields.iter().any(|(known, _)| *known == key);
    has("Topic:") && (has("PartitionCount:") || has("Partition:"))
}

/// The values of a line, each with the word that it stands behind.
fn fields(line: &str) -> Vec<(&'static str, String)> {
    let line = line.replace("Adding Replicas:", "AddingReplicas:");
    let line = line.replace("Removing Replicas:", "RemovingReplicas:");
    let mut fields: Vec<(&'static str, String)> = Vec::new();
    for word in line.split_whitespace() {
        // Old releases leave no blank between word and value.
        let key = KEYS.into_iter().find(|key| word.starts_with(key));
        match (key, fields.last_mut()) {
            (Some(key), _) => fields.push((key, word[key.len()..].to_owned())),
            (None, Some((_, value))) if value.is_empty() => word.clone_into(value),
            (None, Some((_, value))) => {
                value.push(' ');
                value.push_str(word);
            }
            (None, None) => {}
        }
    }
    fields
}

/// Reads the tool's answer; lines of its log and warnings between are passed over.
pub(super) fn read(text: &str) -> Result<Found, ImportError> {
    let kind = remark(
        "From kafka-topics --describe. It tells nothing of records, offsets, groups, clients and the settings \
         of brokers; what else differs here stands behind #.",
        "来自 kafka-topics --describe。它不含消息、位移、消费者组、客户端和 broker 配置；其他不同之处写在 # 后。",
    );
    let mut found = Found { kind: Some(kind), ..Found::default() };
    for (index, line) in text.lines().enumerate() {
        let fields = fields(line);
        if is_line(&fields) {
            Line { number: index + 1, fields }.read(&mut found)?;
        }
    }
    let topics = found.topics.values();
    found.brokers = topics.flat_map(|topic| topic.replicas.values().flatten()).copied().collect();
    Ok(found)
}

/// A line of the answer.
struct Line {
    number: usize,
    fields: Vec<(&'static str, String)>,
}

impl Line {
    fn get(&self, key: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| *known == key);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty() && *value != "N/A")
    }

    fn wrong(&self, problem: String) -> ImportError {
        ImportError::Line { line: self.number, problem }
    }

    fn number_of(&self, key: &str) -> Result<Option<u32>, ImportError> {
        let Some(text) = self.get(key) else { return Ok(None) };
        let number =
            text.parse().map_err(|_| self.wrong(format!("`{key} {text}` is no number")))?;
        Ok(Some(number))
    }

    fn brokers(&self, key: &str) -> Result<Vec<u32>, ImportError> {
        let mut brokers = Vec::new();
        for id in self.get(key).unwrap_or_default().split(',').map(str::trim) {
            if id.is_empty() {
                continue;
            }
            let broker = id
                .parse()
                .map_err(|_| self.wrong(format!("`{id}` behind `{key}` is no id of a broker")))?;
            if brokers.contains(&broker) {
                return Err(self.wrong(format!("broker {broker} is behind `{key}` twice")));
            }
            brokers.push(broker);
        }
        Ok(brokers)
    }

    fn read(&self, found: &mut Found) -> Result<(), ImportError> {
        let name = self.get("Topic:").ok_or_else(|| self.wrong("the topic has no name".into()))?;
        let topic = found.topics.entry(name.into()).or_default();
        match self.number_of("Partition:")? {
            Some(partition) => self.partition(partition, topic),
            None => self.topic(topic),
        }
    }

    /// The first line of a topic.
    fn topic(&self, topic: &mut FoundTopic) -> Result<(), ImportError> {
        topic.id = self.get("TopicId:").map(str::to_owned);
        topic.partitions = self.number_of("PartitionCount:")?;
        topic.factor = self.number_of("ReplicationFactor:")?;
        for part in self.get("Configs:").unwrap_or_default().split(',') {
            match part.split_once('=') {
                Some((key, value)) => topic.config.push((key.trim().into(), value.trim().into())),
                // A value may have commas in it.
                None => {
                    if let Some((_, value)) = topic.config.last_mut() {
                        value.push(',');
                        value.push_str(part.trim());
                    }
                }
            }
        }
        Ok(())
    }

    fn partition(&self, partition: u32, topic: &mut FoundTopic) -> Result<(), ImportError> {
        let mut replicas = self.brokers("Replicas:")?;
        let isr = self.brokers("Isr:")?;
        if replicas.is_empty() {
            return Err(self.wrong("the partition has no `Replicas:`".into()));
        }
        if let Some(other) = isr.iter().find(|broker| !replicas.contains(broker)) {
            return Err(self.wrong(format!("broker {other} is in the ISR and has no replica")));
        }
        let leader = match self.get("Leader:") {
            None | Some("none" | "-1") => None,
            Some(_) => self.number_of("Leader:")?,
        };
        match leader {
            None => topic.leaderless.push(partition),
            Some(leader) if leader != replicas[0] => topic.led_by.push((partition, leader)),
            Some(_) => {}
        }
        let out: Vec<u32> = replicas.iter().copied().filter(|id| !isr.contains(id)).collect();
        if !out.is_empty() {
            topic.out_of_sync.push((partition, out));
        }
        let removing = self.brokers("RemovingReplicas:")?;
        if !removing.is_empty() || self.get("AddingReplicas:").is_some() {
            replicas.retain(|broker| !removing.contains(broker));
            topic.moving.push(partition);
        }
        if topic.replicas.insert(partition, replicas).is_some() {
            return Err(self.wrong(format!("partition {partition} was described before")));
        }
        Ok(())
    }
}
