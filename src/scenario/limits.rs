//! How large a scenario may be. What exceeds a limit is refused before anything is made of it.

/// The longest file, in bytes.
pub const FILE_BYTES: usize = 16 << 20;
/// Tables within tables, arrays within arrays.
pub const DEPTH: usize = 32;
/// Brokers.
pub const BROKERS: u32 = 1_000;
/// Partitions, all topics taken together.
pub const PARTITIONS: u32 = 200_000;
/// Replicas, all partitions taken together.
pub const REPLICAS: u64 = 600_000;
/// Consumers and producers taken together.
pub const CLIENTS: u32 = 10_000;
/// Records that producers are asked to send, taken together.
pub const RECORDS: u64 = 100_000_000;
/// Bytes of such a record.
pub const RECORD_BYTES: u64 = 16 << 20;
/// Different keys of records, all producers taken together.
pub const KEYS: usize = 100_000;
/// Steps.
pub const STEPS: usize = 10_000;
/// Runs of a comparison.
pub const RUNS: usize = 32;
/// Seconds that a run may last: ten years.
pub const SECONDS: u64 = 10 * 366 * 86_400;
