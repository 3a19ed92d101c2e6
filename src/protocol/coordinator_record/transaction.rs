//! A transactional id's state (KIP-98, KIP-890).

use crate::ids::Name;
use crate::protocol::schema::schema;

schema! {
    /// Key of a transactional id.
    pub struct TransactionLogKey(0) {
        /// The transactional id.
        transactional_id: Name, 0..;
    }

    /// A transactional id's state.
    pub struct TransactionLogValue(1, flexible 1) {
        /// The producer id.
        producer_id: i64, 0..;
        /// The producer id of the last committed transaction, -1 for none.
        previous_producer_id: i64 = -1, 1.., tag 0;
        /// The producer id handed out last, -1 for none.
        next_producer_id: i64 = -1, 1.., tag 1;
        /// The producer epoch.
        producer_epoch: i16, 0..;
        /// The producer epoch handed out last, -1 for none.
        next_producer_epoch: i16 = -1, 1.., tag 3;
        /// `transaction.timeout.ms`.
        transaction_timeout_ms: i32, 0..;
        /// 0 empty, 1 ongoing, 2 prepare commit, 3 prepare abort, 4 complete commit, 5 complete
        /// abort, 6 dead, 7 prepare epoch fence.
        transaction_status: i8, 0..;
        /// The partitions of the transaction.
        transaction_partitions: Option<Vec<PartitionsSchema>> = Some(Vec::new()), 0..;
        /// When it was changed last, in milliseconds since 1970.
        transaction_last_update_timestamp_ms: i64, 0..;
        /// When the transaction began, in milliseconds since 1970.
        transaction_start_timestamp_ms: i64, 0..;
        /// The version of the protocol that the client uses.
        client_transaction_version: i16, 1.., tag 2;
    }

    /// Partitions of a topic.
    pub struct PartitionsSchema(1, flexible 1) {
        /// The topic.
        topic: Name, 0..;
        /// The partitions.
        partition_ids: Vec<i32>, 0..;
    }
}
