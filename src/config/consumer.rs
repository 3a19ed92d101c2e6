//! Settings of a consumer.
//!
//! In Kafka: `ConsumerConfig`, and what the classic consumer makes of it when it starts.

use super::table::settings;
use super::{
    Assignor, ConfigError, GroupProtocol, IsolationLevel, Limit, MetadataRecovery, OffsetReset,
    Overrides,
};
use crate::ids::Name;
use crate::sim::Duration;

settings! {
/// What a consumer is configured with.
ConsumerConfig for Consumer {
    /// Whether asking for an unknown topic may create it.
    allow_auto_create_topics: bool = boolean("allow.auto.create.topics", "true").since("2.3");
    /// How often positions are committed by themselves.
    auto_commit_interval: Duration = int("auto.commit.interval.ms", "5000").at_least(0);
    /// Where to begin without a committed offset.
    auto_offset_reset: OffsetReset =
        string("auto.offset.reset", "latest").only(&["earliest", "none"]);
    /// Whether the checksums of fetched batches are checked.
    check_crcs: bool = boolean("check.crcs", "true").since("0.9");
    /// The name the consumer gives itself.
    client_id: Name = string("client.id", "");
    /// The rack the consumer stands in (KIP-392).
    client_rack: Name = string("client.rack", "").since("2.3");
    /// After how long without traffic the consumer closes a connection.
    connections_max_idle: Limit<Duration> = long("connections.max.idle.ms", "540000").since("0.9");
    /// How long a call may take if it does not say.
    default_api_timeout: Duration = int("default.api.timeout.ms", "60000").at_least(0).since("2");
    /// Whether positions are committed by themselves.
    enable_auto_commit: bool = boolean("enable.auto.commit", "true");
    /// Whether patterns leave Kafka's own topics out.
    exclude_internal_topics: bool =
        boolean("exclude.internal.topics", "true").since("0.10").ignored();
    /// How much must be there before a fetch is answered early.
    fetch_min_bytes: u64 = int("fetch.min.bytes", "1").at_least(0);
    /// The most that one fetch may bring.
    fetch_max_bytes: u64 = int("fetch.max.bytes", "52428800").at_least(0).since("0.10.1");
    /// How long a broker may hold a fetch when there is nothing new.
    fetch_max_wait: Duration = int("fetch.max.wait.ms", "500").at_least(0);
    /// The group the consumer is a member of.
    group_id: Option<Name> = string("group.id");
    /// The name under which a member keeps its place over a restart (KIP-345).
    group_instance_id: Option<Name> = string("group.instance.id").non_empty().since("2.3");
    /// How the consumer is a member: classic or consumer (KIP-848).
    group_protocol: GroupProtocol =
        string("group.protocol", "classic")
            .one_of_ignoring_case(&["CONSUMER", "CLASSIC"]).since("3.7").only(&[]);
    /// Which of the coordinator's assignors is asked for.
    group_remote_assignor: Option<Name> = string("group.remote.assignor").since("3.7").only(&[]);
    /// How often a member tells its coordinator that it lives.
    heartbeat_interval: Duration = int("heartbeat.interval.ms", "3000").since("0.9");
    /// Whether a consumer that closes leaves its group.
    internal_leave_group_on_close: bool =
        boolean("internal.leave.group.on.close", "true").since("0.11");
    /// Which records of transactions are seen.
    isolation_level: IsolationLevel =
        string("isolation.level", "read_uncommitted")
            .one_of(&["read_committed", "read_uncommitted"]).since("0.11").only(&[]);
    /// How much a fetch asks for per partition.
    max_partition_fetch_bytes: u64 =
        int("max.partition.fetch.bytes", "1048576").at_least(0).since("0.9");
    /// How long the application may stay away from `poll`.
    max_poll_interval: Duration = int("max.poll.interval.ms", "300000").at_least(1).since("0.10.1");
    /// The most records that one `poll` hands out.
    max_poll_records: u32 = int("max.poll.records", "500").at_least(1).since("0.10");
    /// After how long metadata is asked for anew though nothing failed.
    metadata_max_age: Duration = long("metadata.max.age.ms", "300000").at_least(0).since("0.9");
    /// What the consumer does when no broker it knows answers (KIP-899).
    metadata_recovery_strategy: MetadataRecovery =
        string("metadata.recovery.strategy", "rebootstrap")
            .one_of_ignoring_case(&["REBOOTSTRAP", "NONE"]).since("3.8");
    /// After how long without metadata it begins again with the bootstrap servers.
    metadata_recovery_rebootstrap_trigger: Duration =
        long("metadata.recovery.rebootstrap.trigger.ms", "300000")
            .at_least(0).since("4.0");
    /// The ways of dividing partitions that the member supports, best first.
    partition_assignment_strategy: Vec<Assignor> =
        list("partition.assignment.strategy", "range,cooperative-sticky");
    /// The size of the socket's receive buffer.
    receive_buffer_bytes: Limit<u64> =
        int("receive.buffer.bytes", "65536").at_least(-1).since("0.9").ignored();
    /// The size of the socket's send buffer.
    send_buffer_bytes: Limit<u64> =
        int("send.buffer.bytes", "131072").at_least(-1).since("0.9").ignored();
    /// How long to wait before connecting again after the first failure.
    reconnect_backoff: Duration = long("reconnect.backoff.ms", "50").at_least(0);
    /// How long that wait may grow.
    reconnect_backoff_max: Duration =
        long("reconnect.backoff.max.ms", "1000").at_least(0).since("0.11");
    /// How long the consumer waits for an answer.
    request_timeout: Duration = int("request.timeout.ms", "30000").at_least(0).since("0.9");
    /// How long to wait before asking again after the first failure.
    retry_backoff: Duration = long("retry.backoff.ms", "100").at_least(0).since("0.9");
    /// How long that wait may grow.
    retry_backoff_max: Duration = long("retry.backoff.max.ms", "1000").at_least(0).since("3.7");
    /// After how long without heartbeat the coordinator takes the member for dead.
    session_timeout: Duration = int("session.timeout.ms", "45000");
    /// How long the first attempt to connect may take.
    socket_connection_setup_timeout: Duration =
        long("socket.connection.setup.timeout.ms", "10000").since("2.7");
    /// How long later attempts may take.
    socket_connection_setup_timeout_max: Duration =
        long("socket.connection.setup.timeout.max.ms", "30000").since("2.7");
}
}

impl ConsumerConfig {
    /// Kafka's defaults with what `overrides` sets.
    ///
    /// # Errors
    /// Values that do not go together, in Kafka's words.
    pub fn new(overrides: &Overrides) -> Result<Self, Vec<ConfigError>> {
        let mut config = Self::default();
        let mut errors = config.apply(overrides);
        if errors.is_empty() {
            let backoff = config.reconnect_backoff;
            overrides.settle_reconnect_backoff(backoff, &mut config.reconnect_backoff_max);
            errors.extend(config.settle_group(overrides));
        }
        if errors.is_empty() { Ok(config) } else { Err(errors) }
    }

    /// What depends on whether there is a group, and on its protocol.
    fn settle_group(&mut self, overrides: &Overrides) -> Vec<ConfigError> {
        let mut errors = Vec::new();
        let mut refuse = |names, rule: &str| {
            errors.push(ConfigError::Conflict { names, rule: rule.to_owned() });
        };
        if self.group_id.is_none() {
            if overrides.contains("enable.auto.commit") && self.enable_auto_commit {
                refuse(
                    &["enable.auto.commit", "group.id"],
                    "enable.auto.commit cannot be set to true when default group id (null) is used.",
                );
            }
            self.enable_auto_commit = false;
        } else if self.group_protocol == GroupProtocol::Classic
            && self.heartbeat_interval >= self.session_timeout
        {
            refuse(
                &["heartbeat.interval.ms", "session.timeout.ms"],
                "Heartbeat must be set lower than the session timeout",
            );
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Domain;

    fn consumer(settings: &[(&str, &str)]) -> Result<ConsumerConfig, Vec<ConfigError>> {
        let mut overrides = Overrides::default();
        for (name, text) in settings {
            overrides.set(Domain::Consumer, name, text).map_err(|error| vec![error])?;
        }
        ConsumerConfig::new(&overrides)
    }

    #[test]
    fn assignors_are_named_shortly_or_by_class() {
        let named = |text| consumer(&[("partition.assignment.strategy", text)]);
        assert_eq!(
            ConsumerConfig::default().partition_assignment_strategy,
            [Assignor::Range, Assignor::CooperativeSticky]
        );
        let both = named("sticky, org.apache.kafka.clients.consumer.RoundRobinAssignor").unwrap();
        assert_eq!(both.partition_assignment_strategy, [Assignor::Sticky, Assignor::RoundRobin]);
        insta::assert_snapshot!(named("fair").unwrap_err()[0], @"Invalid value fair for configuration partition.assignment.strategy: Class fair could not be found.");
    }

    #[test]
    fn a_consumer_without_group_commits_nothing_by_itself() {
        assert!(!consumer(&[]).unwrap().enable_auto_commit);
        assert!(consumer(&[("group.id", "g")]).unwrap().enable_auto_commit);
        insta::assert_snapshot!(consumer(&[("enable.auto.commit", "true")]).unwrap_err()[0], @"enable.auto.commit cannot be set to true when default group id (null) is used.");
    }

    #[test]
    fn heartbeats_come_faster_than_the_session_ends() {
        let slow = [("group.id", "g"), ("heartbeat.interval.ms", "45s")];
        insta::assert_snapshot!(consumer(&slow).unwrap_err()[0], @"Heartbeat must be set lower than the session timeout");
    }

    #[test]
    fn the_new_group_protocol_is_known_but_not_simulated_yet() {
        insta::assert_snapshot!(consumer(&[("group.protocol", "CONSUMER")]).unwrap_err()[0], @"Kafka knows `group.protocol=CONSUMER`, the simulator does not model it (yet)");
        assert!(consumer(&[("group.protocol", "Classic")]).is_ok());
    }
}
