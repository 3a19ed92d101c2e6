//! Settings of an admin client.
//!
//! In Kafka: `AdminClientConfig`.

use super::table::settings;
use super::{ConfigError, Limit, Overrides};
use crate::ids::Name;
use crate::sim::Duration;

settings! {
/// What an admin client is configured with.
AdminConfig for Admin {
    /// The name the client gives itself.
    client_id: Name = string("client.id", "").since("0.9");
    /// After how long without traffic the client closes a connection.
    connections_max_idle: Limit<Duration> = long("connections.max.idle.ms", "300000").since("0.9");
    /// How long a call may take, retries included.
    default_api_timeout: Duration = int("default.api.timeout.ms", "60000").at_least(0).since("2.5");
    /// After how long metadata is asked for anew though nothing failed.
    metadata_max_age: Duration = long("metadata.max.age.ms", "300000").at_least(0).since("0.9");
    /// How long to wait before connecting again after the first failure.
    reconnect_backoff: Duration = long("reconnect.backoff.ms", "50").at_least(0).since("0.9");
    /// How long that wait may grow.
    reconnect_backoff_max: Duration =
        long("reconnect.backoff.max.ms", "1000").at_least(0).since("0.11");
    /// How long the client waits for an answer.
    request_timeout: Duration = int("request.timeout.ms", "30000").at_least(0).since("0.9");
    /// How often a request is sent again.
    retries: u32 = int("retries", "2147483647").between(0, 2_147_483_647).since("0.11");
    /// How long to wait before asking again after the first failure.
    retry_backoff: Duration = long("retry.backoff.ms", "100").at_least(0).since("0.9");
    /// How long that wait may grow.
    retry_backoff_max: Duration = long("retry.backoff.max.ms", "1000").at_least(0).since("3.7");
    /// How long the first attempt to connect may take.
    socket_connection_setup_timeout: Duration =
        long("socket.connection.setup.timeout.ms", "10000").since("2.7");
    /// How long later attempts may take.
    socket_connection_setup_timeout_max: Duration =
        long("socket.connection.setup.timeout.max.ms", "30000").since("2.7");
}
}

impl AdminConfig {
    /// Kafka's defaults with what `overrides` sets.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn new(overrides: &Overrides) -> Result<Self, Vec<ConfigError>> {
        let mut config = Self::default();
        let errors = config.apply(overrides);
        let backoff = config.reconnect_backoff;
        overrides.settle_reconnect_backoff(backoff, &mut config.reconnect_backoff_max);
        if errors.is_empty() { Ok(config) } else { Err(errors) }
    }
}
