//! Why a group rebalances, read from Kafka's own words: they are long, and full of member ids.
//!
//! In Kafka: the `reason` arguments of `GroupMetadataManager.prepareRebalance`.

/// A reason taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reason<'a> {
    /// Its kind, as messages select it.
    pub kind: &'static str,
    /// The members it is about, or the error.
    pub members: &'a str,
    /// What else it says: the client's own reason, or all of what is of no known kind.
    pub rest: &'a str,
}

/// How Kafka begins a reason; the member or members follow, up to the text behind.
const KINDS: [(&str, &str, &str); 11] = [
    ("new-member", "Adding new member ", " "),
    ("joining", "Member ", " is joining"),
    ("leader-rejoins", "Leader ", " re-joining"),
    ("static-changed", "Group's selectedProtocol will change because static member ", " "),
    ("subscription", "Updating metadata for static member ", " "),
    ("subscription", "Updating metadata for member ", " "),
    ("expired", "removing member ", " on heartbeat expiration"),
    ("silent", "Removing [", "] on pending sync request expiration"),
    ("store-failed", "Error ", " when storing group assignment"),
    ("over-capacity", "Freshly-loaded group ", " "),
    ("left", "explicit `LeaveGroup` request for (", ")"),
];

/// Takes Kafka's reason for a rebalance apart.
pub(super) fn read(text: &str) -> Reason<'_> {
    let known = KINDS.iter().find_map(|(kind, before, after)| {
        let rest = text.strip_prefix(before)?;
        let (members, rest) = rest.split_once(after)?;
        let client = rest.split_once("client reason: ").map_or("", |(_, client)| client);
        // What a client says that says nothing.
        let client = if client == "not provided" { "" } else { client };
        Some(Reason { kind, members, rest: client })
    });
    known.unwrap_or(Reason { kind: "other", members: "", rest: text })
}

/// Leaves of a random UUID in `text` the first four digits: a member id is told from others by them.
pub(super) fn without_uuids(text: &str) -> String {
    let mut short = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|letter: char| letter.is_ascii_hexdigit()) {
        let (before, from) = rest.split_at(at);
        short.push_str(before);
        let own = before.chars().next_back().is_none_or(|last| !last.is_alphanumeric());
        let length =
            if own && is_uuid(from) { UUID } else { from.chars().next().map_or(1, char::len_utf8) };
        if length == UUID {
            short.push_str(&from[..4]);
            short.push('…');
        } else {
            short.push_str(&from[..length]);
        }
        rest = &from[length..];
    }
    short.push_str(rest);
    short
}

/// The letters of a UUID with its dashes.
const UUID: usize = 36;

fn is_uuid(text: &str) -> bool {
    text.len() >= UUID
        && text.bytes().take(UUID).enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kafkas_reasons_are_recognised() {
        let new = "Adding new member c1-x with group instance id null; client reason: not provided";
        assert_eq!(read(new), Reason { kind: "new-member", members: "c1-x", rest: "" });
        let left = "explicit `LeaveGroup` request for (c1-x, c2-y) members.";
        assert_eq!(read(left), Reason { kind: "left", members: "c1-x, c2-y", rest: "" });
        let expired = "removing member c2-y on heartbeat expiration.";
        assert_eq!(read(expired), Reason { kind: "expired", members: "c2-y", rest: "" });
        let leader = "Leader c1-x re-joining group during Stable; client reason: cached metadata has \
                      changed";
        let rest = "cached metadata has changed";
        assert_eq!(read(leader), Reason { kind: "leader-rejoins", members: "c1-x", rest });
        assert_eq!(read("why not"), Reason { kind: "other", members: "", rest: "why not" });
    }

    #[test]
    fn member_ids_are_shortened() {
        let id = "c1-1b2c3d4e-5f60-7182-93a4-b5c6d7e8f901";
        assert_eq!(without_uuids(id), "c1-1b2c…");
        assert_eq!(without_uuids(&format!("({id}, {id})")), "(c1-1b2c…, c1-1b2c…)");
        assert_eq!(without_uuids("abcdef-0"), "abcdef-0");
        assert_eq!(without_uuids("消费者 c1"), "消费者 c1");
        assert_eq!(without_uuids(""), "");
    }
}
