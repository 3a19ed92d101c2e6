//! Settings whose values are words.

use super::definition::Definition;
use super::setting::{Setting, accept, elements};
use crate::sim::Duration;

/// Declares an enum whose values are read and written as words; further words mean the same.
macro_rules! words {
    ($(
        $(#[$meta:meta])* $name:ident {
            $($(#[$doc:meta])* $value:ident = $word:literal $(| $other:literal)*,)+
        }
    )+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$doc])* $value,)+ }

        impl $name {
            /// The word of Kafka's configuration.
            pub fn word(self) -> &'static str {
                match self { $(Self::$value => $word,)+ }
            }

            fn of(word: &str) -> Option<Self> {
                $(if [$word $(, $other)*].contains(&word) { return Some(Self::$value); })+
                None
            }
        }
    )+};
}

words! {
    /// Whose acknowledgement a producer waits for.
    Acks {
        /// Nobody's: the record is sent and forgotten.
        None = "0",
        /// The leader's.
        Leader = "1",
        /// That of every replica in the ISR.
        All = "all" | "-1",
    }

    /// How a producer compresses its batches.
    Compression {
        /// Not at all.
        None = "none",
        /// With gzip.
        Gzip = "gzip",
        /// With Snappy.
        Snappy = "snappy",
        /// With LZ4.
        Lz4 = "lz4",
        /// With Zstandard.
        Zstd = "zstd",
    }

    /// How a topic's batches end up compressed.
    TopicCompression {
        /// As the producer sent them.
        Producer = "producer",
        /// Not at all.
        Uncompressed = "uncompressed",
        /// With gzip.
        Gzip = "gzip",
        /// With Snappy.
        Snappy = "snappy",
        /// With LZ4.
        Lz4 = "lz4",
        /// With Zstandard.
        Zstd = "zstd",
    }

    /// Whose clock stamps a record.
    TimestampType {
        /// The producer's.
        CreateTime = "CreateTime",
        /// The broker's.
        LogAppendTime = "LogAppendTime",
    }

    /// Which records of transactions a consumer sees.
    IsolationLevel {
        /// All.
        ReadUncommitted = "read_uncommitted",
        /// Those of committed transactions, up to the last stable offset.
        ReadCommitted = "read_committed",
    }

    /// How a consumer is a member of its group.
    GroupProtocol {
        /// With `JoinGroup` and `SyncGroup`; a member computes the assignment.
        Classic = "classic",
        /// With `ConsumerGroupHeartbeat`; the coordinator computes it (KIP-848).
        Consumer = "consumer",
    }

    /// A classic group's way of dividing partitions among members.
    Assignor {
        /// Ranges of each topic's partitions.
        Range = "range" | "RangeAssignor" | "org.apache.kafka.clients.consumer.RangeAssignor",
        /// One after the other, over all topics.
        RoundRobin = "roundrobin"
            | "RoundRobinAssignor"
            | "org.apache.kafka.clients.consumer.RoundRobinAssignor",
        /// Even, and moving as little as possible; everybody stops meanwhile.
        Sticky = "sticky" | "StickyAssignor" | "org.apache.kafka.clients.consumer.StickyAssignor",
        /// The same, and only what moves stops (KIP-429).
        CooperativeSticky = "cooperative-sticky"
            | "CooperativeStickyAssignor"
            | "org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
    }

    /// A producer's own choice of partitions.
    Partitioner {
        /// One partition after the other, whatever the key.
        RoundRobin = "org.apache.kafka.clients.producer.RoundRobinPartitioner"
            | "RoundRobinPartitioner",
    }

    /// Whose acknowledgement a producer of sarama waits for.
    SaramaRequiredAcks {
        /// Nobody's.
        NoResponse = "NoResponse" | "0",
        /// The leader's.
        WaitForLocal = "WaitForLocal" | "1",
        /// That of every replica in the ISR.
        WaitForAll = "WaitForAll" | "-1",
    }

    /// How a producer of sarama compresses its batches.
    SaramaCompression {
        /// Not at all.
        None = "CompressionNone" | "none",
        /// With gzip.
        Gzip = "CompressionGZIP" | "gzip",
        /// With Snappy, without framing.
        Snappy = "CompressionSnappy" | "snappy",
        /// With LZ4.
        Lz4 = "CompressionLZ4" | "lz4",
        /// With Zstandard.
        Zstd = "CompressionZSTD" | "zstd",
    }

    /// How a producer of sarama chooses partitions.
    SaramaPartitioner {
        /// By the key's FNV-1a; without key by chance.
        Hash = "NewHashPartitioner" | "hash",
        /// The same, with the sign cleared as Java does.
        ReferenceHash = "NewReferenceHashPartitioner" | "reference-hash",
        /// By the key's CRC-32, as librdkafka does.
        ConsistentCrc = "NewConsistentCRCHashPartitioner" | "consistent-crc",
        /// By the key's murmur2, as Java does.
        Murmur2 = "NewMurmur2Partitioner" | "murmur2",
        /// By chance.
        Random = "NewRandomPartitioner" | "random",
        /// One after the other.
        RoundRobin = "NewRoundRobinPartitioner" | "roundrobin",
        /// Where the application says.
        Manual = "NewManualPartitioner" | "manual",
    }

    /// Where a consumer of sarama begins without a committed offset.
    SaramaInitial {
        /// With the next record to come.
        Newest = "OffsetNewest" | "newest",
        /// With the first record there is.
        Oldest = "OffsetOldest" | "oldest",
    }

    /// How a pusher of kq chooses partitions: kafka-go's balancers.
    KqBalancer {
        /// The one that was given the fewest bytes.
        LeastBytes = "LeastBytes",
        /// One after the other.
        RoundRobin = "RoundRobin",
        /// By the key's FNV-1a, as sarama does.
        Hash = "Hash",
        /// The same, with the sign cleared.
        ReferenceHash = "ReferenceHash",
        /// By the key's CRC-32, as librdkafka does.
        Crc32 = "CRC32Balancer",
        /// By the key's murmur2, as Java does.
        Murmur2 = "Murmur2Balancer",
    }

    /// Where a queue of kq begins without a committed offset.
    KqOffset {
        /// With the next record to come.
        Last = "last",
        /// With the first record there is.
        First = "first",
    }

    /// A producer's or consumer's way out when no broker it knows answers (KIP-899).
    MetadataRecovery {
        /// It begins again with the bootstrap servers.
        Rebootstrap = "rebootstrap",
        /// There is none.
        None = "none",
    }
}

/// Reads a word in any case where the setting allows that, and complains in Kafka's words.
macro_rules! word_settings {
    ($($name:ident: $unknown:literal,)+) => {$(
        impl Setting for $name {
            fn parse(text: &str, definition: &Definition) -> Result<Self, String> {
                accept(text, definition)?;
                Self::of(text)
                    .or_else(|| Self::of(&text.to_ascii_lowercase()))
                    .ok_or_else(|| format!($unknown, text))
            }

            fn text(&self, _: &Definition) -> Option<String> {
                Some(self.word().to_owned())
            }
        }
    )+};
}

word_settings! {
    Acks: "String must be one of: all, -1, 0, 1 (not {})",
    Compression: "{} is no codec",
    TopicCompression: "{} is no codec",
    TimestampType: "{} is no timestamp type",
    IsolationLevel: "{} is no isolation level",
    GroupProtocol: "{} is no group protocol",
    Assignor: "Class {} could not be found.",
    Partitioner: "Class {} could not be found.",
    MetadataRecovery: "{} is no recovery strategy",
    SaramaRequiredAcks: "one of NoResponse, WaitForLocal, WaitForAll (not {})",
    SaramaCompression: "sarama has no codec {}",
    SaramaPartitioner: "sarama has no partitioner {}",
    KqBalancer: "kafka-go has no balancer {}",
    KqOffset: "one of first, last (not {})",
    SaramaInitial: "one of OffsetNewest, OffsetOldest (not {})",
}

impl Setting for Vec<Assignor> {
    fn parse(text: &str, definition: &Definition) -> Result<Self, String> {
        let assignors: Self = elements(text)
            .map(|element| Assignor::parse(element, definition))
            .collect::<Result<_, _>>()?;
        if assignors.is_empty() {
            return Err("at least one assignor is needed".to_owned());
        }
        Ok(assignors)
    }

    fn text(&self, _: &Definition) -> Option<String> {
        let words: Vec<_> = self.iter().map(|assignor| assignor.word()).collect();
        Some(words.join(","))
    }
}

/// What becomes of old segments. Kafka takes an empty list as well: then nothing does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CleanupPolicy {
    /// They are deleted, by age and size.
    pub delete: bool,
    /// They keep the last record of every key.
    pub compact: bool,
}

impl Setting for CleanupPolicy {
    fn parse(text: &str, definition: &Definition) -> Result<Self, String> {
        let mut policy = Self::default();
        for word in elements(text) {
            accept(word, definition)?;
            policy.delete |= word == "delete";
            policy.compact |= word == "compact";
        }
        Ok(policy)
    }

    fn text(&self, _: &Definition) -> Option<String> {
        let words = [(self.compact, "compact"), (self.delete, "delete")];
        let chosen: Vec<_> = words.into_iter().filter(|(on, _)| *on).map(|(_, w)| w).collect();
        Some(chosen.join(","))
    }
}

/// Where a consumer begins that has no committed offset, or one outside the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetReset {
    /// With the first record there is.
    Earliest,
    /// With the next record to come.
    Latest,
    /// This long ago (KIP-1106).
    ByDuration(Duration),
    /// Nowhere: the application is told.
    None,
}

impl Setting for OffsetReset {
    fn parse(text: &str, _: &Definition) -> Result<Self, String> {
        match text {
            "earliest" => Ok(Self::Earliest),
            "latest" => Ok(Self::Latest),
            "none" => Ok(Self::None),
            _ => text
                .strip_prefix("by_duration:P")
                .and_then(iso_duration)
                .map(Self::ByDuration)
                .ok_or_else(|| "one of earliest, latest, none, by_duration:PT1H".to_owned()),
        }
    }

    fn text(&self, _: &Definition) -> Option<String> {
        Some(match self {
            Self::Earliest => "earliest".to_owned(),
            Self::Latest => "latest".to_owned(),
            Self::None => "none".to_owned(),
            Self::ByDuration(span) => format!("by_duration:PT{}S", span.as_secs()),
        })
    }
}

/// `1DT2H3M4S`: what follows the P of an ISO 8601 duration.
fn iso_duration(text: &str) -> Option<Duration> {
    text.replacen('T', "", 1).to_ascii_lowercase().parse().ok()
}
