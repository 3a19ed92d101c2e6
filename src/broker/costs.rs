//! What work costs a broker: how long a handler thread is busy with it.
//!
//! No part of Kafka: a small model of a quiet machine. With `sendfile` Kafka hands what it read from the
//! page cache to the socket without touching it (`FileRecords.writeTo`, `TransferableChannel`); where it
//! cannot (TLS, records that are converted), it copies them into its own memory and back.

use crate::sim::Duration;

/// What work costs a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Costs {
    /// Any request.
    pub request: Duration,
    /// A partition of a produce or fetch request.
    pub partition: Duration,
    /// A record that is checked.
    pub record: Duration,
    /// A KiB of records that are checked.
    pub kibibyte: Duration,
    /// A KiB of records that go to a reader through the broker's memory; none where sendfile spares it.
    pub copy: Option<Duration>,
}

impl Default for Costs {
    /// 20 µs for a request, 2 µs for a partition, 100 ns for a record; records are sent by sendfile.
    fn default() -> Self {
        Self {
            request: Duration::from_micros(20),
            partition: Duration::from_micros(2),
            record: Duration::from_nanos(100),
            kibibyte: Duration::ZERO,
            copy: None,
        }
    }
}

impl Costs {
    /// What checking so many records of so many bytes takes.
    pub(super) fn checking(&self, records: u64, bytes: u64) -> Duration {
        self.record * records + self.kibibyte.per_kibibyte(bytes)
    }

    /// What copying so many bytes takes on their way to a reader, if they are copied.
    pub(super) fn copying(&self, bytes: u64) -> Option<Duration> {
        self.copy.map(|kibibyte| kibibyte.per_kibibyte(bytes))
    }
}
