//! Settings of a producer.
//!
//! In Kafka: `ProducerConfig`, and what `KafkaProducer` makes of it when it starts.

use super::table::settings;
use super::{
    Acks, Compression, ConfigError, GzipLevel, Limit, MetadataRecovery, Overrides, Partitioner,
};
use crate::ids::Name;
use crate::sim::Duration;

settings! {
/// What a producer is configured with.
ProducerConfig for Producer {
    /// Whose acknowledgement a record waits for: 0, 1 or all.
    acks: Acks = string("acks", "all").one_of(&["all", "-1", "0", "1"]);
    /// How many bytes of records for a partition are gathered into a batch.
    batch_size: u64 = int("batch.size", "16384").at_least(0);
    /// How many bytes of records may wait to be sent; then `send` blocks.
    buffer_memory: u64 = long("buffer.memory", "33554432").at_least(0);
    /// The name the producer gives itself.
    client_id: Name = string("client.id", "");
    /// How batches are compressed.
    compression_type: Compression =
        string("compression.type", "none")
            .one_of(&["none", "gzip", "snappy", "lz4", "zstd"]);
    /// How hard gzip tries.
    compression_gzip_level: GzipLevel = int("compression.gzip.level", "-1").since("3.8");
    /// How hard LZ4 tries.
    compression_lz4_level: i32 =
        int("compression.lz4.level", "9").between(1, 17).since("3.8").ignored();
    /// How hard Zstandard tries.
    compression_zstd_level: i32 =
        int("compression.zstd.level", "3").between(-131_072, 22).since("3.8").ignored();
    /// After how long without traffic the producer closes a connection.
    connections_max_idle: Limit<Duration> = long("connections.max.idle.ms", "540000").since("0.9");
    /// How long after `send` a record is acknowledged or failed, retries included.
    delivery_timeout: Duration = int("delivery.timeout.ms", "120000").at_least(0).since("2.1");
    /// Whether a retry can neither repeat nor reorder records (KIP-98).
    enable_idempotence: bool = boolean("enable.idempotence", "true").since("0.11");
    /// How long a batch waits for more records.
    linger: Duration = long("linger.ms", "5").at_least(0);
    /// How long `send` may wait for metadata and memory.
    max_block: Duration = long("max.block.ms", "60000").at_least(0).since("0.9");
    /// How many requests to a broker may be unanswered.
    max_in_flight_requests_per_connection: u32 =
        int("max.in.flight.requests.per.connection", "5").at_least(1);
    /// The largest request, and so the largest record.
    max_request_size: u64 = int("max.request.size", "1048576").at_least(0);
    /// After how long metadata is asked for anew though nothing failed.
    metadata_max_age: Duration = long("metadata.max.age.ms", "300000").at_least(0);
    /// After how long without records a topic's metadata is forgotten.
    metadata_max_idle: Duration =
        long("metadata.max.idle.ms", "300000").at_least(5_000).since("2.5");
    /// What the producer does when no broker it knows answers (KIP-899).
    metadata_recovery_strategy: MetadataRecovery =
        string("metadata.recovery.strategy", "rebootstrap")
            .one_of_ignoring_case(&["REBOOTSTRAP", "NONE"]).since("3.8");
    /// After how long without metadata it begins again with the bootstrap servers.
    metadata_recovery_rebootstrap_trigger: Duration =
        long("metadata.recovery.rebootstrap.trigger.ms", "300000").at_least(0).since("4.0");
    /// Who chooses partitions; null is the producer itself.
    partitioner_class: Option<Partitioner> = class("partitioner.class").since("0.9");
    /// Whether keys do not matter for the choice.
    partitioner_ignore_keys: bool = boolean("partitioner.ignore.keys", "false").since("3.3");
    /// Whether records without key go more often to brokers that answer quickly (KIP-794).
    partitioner_adaptive_partitioning_enable: bool =
        boolean("partitioner.adaptive.partitioning.enable", "true").since("3.3");
    /// After how long without progress a broker's partitions are passed over; 0 for never.
    partitioner_availability_timeout: Duration =
        long("partitioner.availability.timeout.ms", "0").at_least(0).since("3.3");
    /// The size of the socket's receive buffer.
    receive_buffer_bytes: Limit<u64> = int("receive.buffer.bytes", "32768").at_least(-1).ignored();
    /// The size of the socket's send buffer.
    send_buffer_bytes: Limit<u64> = int("send.buffer.bytes", "131072").at_least(-1).ignored();
    /// How long to wait before connecting again after the first failure.
    reconnect_backoff: Duration = long("reconnect.backoff.ms", "50").at_least(0);
    /// How long that wait may grow.
    reconnect_backoff_max: Duration =
        long("reconnect.backoff.max.ms", "1000").at_least(0).since("0.11");
    /// How long the producer waits for an answer.
    request_timeout: Duration = int("request.timeout.ms", "30000").at_least(0);
    /// How often a batch is sent again.
    retries: u32 = int("retries", "2147483647").between(0, 2_147_483_647);
    /// How long to wait before asking again after the first failure.
    retry_backoff: Duration = long("retry.backoff.ms", "100").at_least(0);
    /// How long that wait may grow.
    retry_backoff_max: Duration = long("retry.backoff.max.ms", "1000").at_least(0).since("3.7");
    /// How long the first attempt to connect may take.
    socket_connection_setup_timeout: Duration =
        long("socket.connection.setup.timeout.ms", "10000").since("2.7");
    /// How long later attempts may take.
    socket_connection_setup_timeout_max: Duration =
        long("socket.connection.setup.timeout.max.ms", "30000").since("2.7");
    /// After how long the coordinator aborts a transaction.
    transaction_timeout: Duration = int("transaction.timeout.ms", "60000").since("0.11").ignored();
    /// The name under which transactions survive the producer.
    transactional_id: Option<Name> = string("transactional.id").non_empty().since("0.11").only(&[]);
    /// Whether somebody else decides about a transaction (KIP-939).
    transaction_two_phase_commit_enable: bool =
        boolean("transaction.two.phase.commit.enable", "false").since("4.1").only(&[]);
}
}

impl ProducerConfig {
    /// Kafka's defaults with what `overrides` sets. What was set and what was not makes a
    /// difference: idempotence that nobody asked for gives way silently.
    ///
    /// # Errors
    /// Values that do not go together, in Kafka's words.
    pub fn new(overrides: &Overrides) -> Result<Self, Vec<ConfigError>> {
        let mut config = Self::default();
        let mut errors = config.apply(overrides);
        if errors.is_empty() {
            let backoff = config.reconnect_backoff;
            overrides.settle_reconnect_backoff(backoff, &mut config.reconnect_backoff_max);
            let mut refuse = |names, rule: String| {
                errors.push(ConfigError::Conflict { names, rule });
            };
            config.settle_idempotence(overrides, &mut refuse);
            config.settle_delivery_timeout(overrides, &mut refuse);
        }
        if errors.is_empty() { Ok(config) } else { Err(errors) }
    }

    /// `ProducerConfig.postProcessAndValidateIdempotenceConfigs`.
    fn settle_idempotence(
        &mut self,
        overrides: &Overrides,
        refuse: &mut impl FnMut(&'static [&'static str], String),
    ) {
        let asked_for = overrides.contains("enable.idempotence");
        if self.enable_idempotence {
            if self.max_in_flight_requests_per_connection > 5 {
                refuse(
                    &["max.in.flight.requests.per.connection", "enable.idempotence"],
                    format!(
                        "To use the idempotent producer, max.in.flight.requests.per.connection \
                         must be set to at most 5. Current value is {}.",
                        self.max_in_flight_requests_per_connection
                    ),
                );
            }
            if self.retries == 0 {
                if asked_for {
                    refuse(
                        &["retries", "enable.idempotence"],
                        "Must set retries to non-zero when using the idempotent producer.".into(),
                    );
                }
                self.enable_idempotence = false;
            }
            if self.acks != Acks::All {
                if asked_for {
                    refuse(
                        &["acks", "enable.idempotence"],
                        "Must set acks to all in order to use the idempotent producer. Otherwise \
                         we cannot guarantee idempotence."
                            .into(),
                    );
                }
                self.enable_idempotence = false;
            }
        }
        if !self.enable_idempotence && self.transactional_id.is_some() {
            refuse(
                &["transactional.id", "enable.idempotence"],
                "Cannot set a transactional.id without also enabling idempotence.".into(),
            );
        }
    }

    /// `KafkaProducer.configureDeliveryTimeout`.
    fn settle_delivery_timeout(
        &mut self,
        overrides: &Overrides,
        refuse: &mut impl FnMut(&'static [&'static str], String),
    ) {
        let least = self.linger + self.request_timeout;
        if self.delivery_timeout < least {
            if overrides.contains("delivery.timeout.ms") {
                refuse(
                    &["delivery.timeout.ms", "request.timeout.ms", "linger.ms"],
                    "delivery.timeout.ms should be equal to or larger than linger.ms + \
                     request.timeout.ms"
                        .into(),
                );
            }
            self.delivery_timeout = least;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Domain;
    use crate::protocol::{self, Codec};

    fn producer(settings: &[(&str, &str)]) -> Result<ProducerConfig, Vec<ConfigError>> {
        let mut overrides = Overrides::default();
        for (name, text) in settings {
            overrides.set(Domain::Producer, name, text).map_err(|error| vec![error])?;
        }
        ProducerConfig::new(&overrides)
    }

    fn refusal(settings: &[(&str, &str)]) -> String {
        let errors = producer(settings).unwrap_err();
        errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn idempotence_that_nobody_asked_for_gives_way() {
        assert!(producer(&[]).unwrap().enable_idempotence);
        assert!(!producer(&[("acks", "1")]).unwrap().enable_idempotence);
        assert!(!producer(&[("retries", "0")]).unwrap().enable_idempotence);
    }

    #[test]
    fn idempotence_that_was_asked_for_does_not() {
        insta::assert_snapshot!(refusal(&[("acks", "0"), ("retries", "0"), ("enable.idempotence", "true")]), @r"
        Must set retries to non-zero when using the idempotent producer.
        Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee idempotence.
        ");
        insta::assert_snapshot!(refusal(&[("max.in.flight.requests.per.connection", "6")]), @"To use the idempotent producer, max.in.flight.requests.per.connection must be set to at most 5. Current value is 6.");
    }

    #[test]
    fn the_delivery_timeout_covers_linger_and_one_request() {
        insta::assert_snapshot!(refusal(&[("delivery.timeout.ms", "30s")]), @"delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms");
        let config = producer(&[("request.timeout.ms", "5m")]).unwrap();
        assert_eq!(config.delivery_timeout, Duration::from_millis(300_005));
    }

    #[test]
    fn what_cannot_be_simulated_is_refused_as_such() {
        insta::assert_snapshot!(refusal(&[("transaction.two.phase.commit.enable", "true")]), @"Kafka knows `transaction.two.phase.commit.enable=true`, the simulator does not model it (yet)");
        insta::assert_snapshot!(refusal(&[("transactional.id", "t")]), @"Kafka knows `transactional.id=t`, the simulator does not model it (yet)");
        insta::assert_snapshot!(refusal(&[("interceptor.classes", "X")]), @"Kafka knows `interceptor.classes`, the simulator does not model it (yet)");
    }

    #[test]
    fn codecs_and_their_levels_are_read() {
        insta::assert_snapshot!(refusal(&[("compression.type", "brotli")]), @"Invalid value brotli for configuration compression.type: String must be one of: none, gzip, snappy, lz4, zstd");
        insta::assert_snapshot!(refusal(&[("compression.gzip.level", "0")]), @"Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1");
        assert_eq!(producer(&[("compression.type", "none")]), producer(&[]));
        let config = producer(&[("compression.type", "gzip"), ("compression.gzip.level", "9")]);
        let codec =
            config.map(|config| config.compression_type.codec(config.compression_gzip_level));
        let nine = Codec { gzip_level: Some(9), ..protocol::Compression::Gzip.into() };
        assert_eq!(codec, Ok(nine));
    }
}
