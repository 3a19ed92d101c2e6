//! What a topic may be called.
//!
//! In Kafka: `org.apache.kafka.common.internals.Topic`.

/// The metadata log itself.
pub const CLUSTER_METADATA: &str = "__cluster_metadata";

/// The topics that Kafka keeps for itself (`Topic.INTERNAL_TOPICS`).
pub const INTERNAL: [&str; 3] =
    ["__consumer_offsets", "__share_group_state", "__transaction_state"];

/// True for an internal topic (`Topic.isInternal`).
pub fn is_internal(name: &str) -> bool {
    INTERNAL.contains(&name)
}

/// True for an internal topic and for the metadata log: no user's topic is called so.
pub fn is_kafkas_own(name: &str) -> bool {
    name == CLUSTER_METADATA || is_internal(name)
}

const MAX_LENGTH: usize = 249;

/// Kafka's sentence on why no topic may be called `name`; none when it may.
pub fn problem(name: &str) -> Option<String> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let length = name.encode_utf16().count();
    let problem = if name.is_empty() {
        "the empty string is not allowed".to_owned()
    } else if name == "." || name == ".." {
        format!("'{name}' is not allowed")
    } else if length > MAX_LENGTH {
        format!("the length of '{name}' is longer than the max allowed length {MAX_LENGTH}")
    } else if !name.chars().all(legal) {
        format!(
            "'{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
        )
    } else {
        return None;
    };
    Some(format!("Topic name is invalid: {problem}"))
}

/// The form in which names collide: metrics write a dot as an underscore. None for a name that has
/// neither and so cannot collide.
pub fn collision_form(name: &str) -> Option<String> {
    name.contains(['.', '_']).then(|| name.replace('.', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_judged_as_kafka_does() {
        assert_eq!(problem("kq"), None);
        assert_eq!(problem(&"x".repeat(249)), None);
        assert!(problem(&"x".repeat(250)).is_some_and(|text| text.ends_with("length 249")));
        assert_eq!(problem("..").as_deref(), Some("Topic name is invalid: '..' is not allowed"));
        assert!(problem("a/b").is_some() && problem("").is_some());
        assert_eq!(collision_form("a.b"), collision_form("a_b"));
        assert_eq!(collision_form("kq"), None);
    }
}
