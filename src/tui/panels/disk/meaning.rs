//! What the fields of Kafka's files are for, in one sentence each.

use crate::explain::Lang;

/// Field, English, Chinese.
const MEANINGS: &[(&str, &str, &str)] = &[
    (
        "baseOffset",
        "The offset of the first record. The leader writes it in when it appends; the CRC leaves it out, so the rest \
         stays as the producer sent it.",
        "首条记录的 offset。leader 追加时填入；CRC 不覆盖它，所以其余字节仍是生产者发来的原样。",
    ),
    (
        "batchLength",
        "How many bytes follow this field. A scan jumps from batch to batch with it, without looking at the records.",
        "这个字段之后还有多少字节。顺序扫描靠它从一个 batch 跳到下一个，不必看记录。",
    ),
    (
        "partitionLeaderEpoch",
        "The epoch of the leader that appended the batch. Followers compare it to find where logs diverge. Outside the CRC \
         too.",
        "追加这个 batch 的 leader 的 epoch。follower 用它找出日志在哪里分叉。同样不在 CRC 之内。",
    ),
    (
        "magic",
        "The format of the batch: 2 since Kafka 0.11. 0 and 1 were older formats.",
        "batch 的格式：0.11 起是 2；0 和 1 是更早的格式。",
    ),
    (
        "crc",
        "CRC-32C of everything from attributes to the end. Broker and consumer compute it anew and compare.",
        "从 attributes 到结尾的 CRC-32C。broker 和消费者都会重新计算并比较。",
    ),
    (
        "attributes",
        "Bits: 0-2 compression, 3 whose timestamps, 4 transactional, 5 control batch, 6 delete horizon.",
        "按位：0-2 压缩方式，3 时间戳由谁给，4 事务，5 控制 batch，6 删除时限。",
    ),
    (
        "lastOffsetDelta",
        "The last offset, counted from baseOffset: so the next batch's offset is known without reading the records.",
        "最后一个 offset 减去 baseOffset：不读记录就知道下一个 batch 从哪里开始。",
    ),
    (
        "baseTimestamp",
        "What the timestamps of the records count from, in milliseconds since 1970.",
        "各记录时间戳的起点，1970 年以来的毫秒数。",
    ),
    (
        "maxTimestamp",
        "The largest timestamp in the batch: the time index and retention go by it.",
        "batch 里最大的时间戳：时间索引和按时间删除都看它。",
    ),
    (
        "producerId",
        "The id of the idempotent producer; -1 for one that is not. With epoch and sequence it makes duplicates known.",
        "幂等生产者的 id，不是幂等则为 -1。它与 epoch、序号一起用来识别重复。",
    ),
    (
        "producerEpoch",
        "The epoch of that producer: an older one is refused (a zombie).",
        "该生产者的 epoch：更旧的会被拒绝（僵尸）。",
    ),
    (
        "baseSequence",
        "The sequence number of the first record. The leader accepts only the one that follows.",
        "首条记录的序号。leader 只接受紧接着的那一个。",
    ),
    ("recordsCount", "How many records follow.", "后面有多少条记录。"),
    (
        "records",
        "All records, compressed as a whole: none of them has a place of its own in the file. Unless the topic wants another \
         codec, the broker keeps these bytes as they came, and so do followers; consumers decompress them.",
        "整体压缩的全部记录：单条记录在文件里没有自己的位置。除非 topic 要求别的压缩方式，broker 原样保留这些字节，follower 也一样；由消费者解压。",
    ),
    (
        "length",
        "How long the record is, as a varint: 7 bits per byte, zigzag, so 0..63 take one byte.",
        "这条记录的长度，varint：每字节 7 位，zigzag 编码，0..63 只占一字节。",
    ),
    ("recordAttributes", "Not used so far.", "至今没有用到。"),
    (
        "timestampDelta",
        "Milliseconds since baseTimestamp: small numbers take few bytes.",
        "与 baseTimestamp 相差的毫秒数：数小，字节就少。",
    ),
    (
        "offsetDelta",
        "The record's offset is baseOffset plus this. So a leader need not touch the records when it assigns offsets.",
        "这条记录的 offset = baseOffset + 它。所以 leader 分配 offset 时不必改动记录。",
    ),
    ("keyLength", "The length of the key; -1 for none.", "key 的长度，没有则为 -1。"),
    (
        "key",
        "The key: the producer chose the partition by its hash.",
        "key：生产者按它的哈希选分区。",
    ),
    (
        "valueLength",
        "The length of the value; -1 for none (a tombstone, if there is a key).",
        "值的长度，没有则为 -1（有 key 时即墓碑）。",
    ),
    ("value", "The value: bytes that Kafka never looks into.", "值：Kafka 从不解读的字节。"),
    ("headersCount", "How many headers follow.", "后面有多少个 header。"),
    ("headerKeyLength", "The length of a header's name.", "header 名字的长度。"),
    ("headerKey", "A header's name.", "header 的名字。"),
    ("headerValueLength", "The length of a header's value.", "header 值的长度。"),
    ("headerValue", "A header's value.", "header 的值。"),
    (
        "relativeOffset",
        "An offset, counted from the segment's base offset in its name: four bytes are enough.",
        "相对于文件名里起始 offset 的差：四字节就够。",
    ),
    (
        "position",
        "At which byte of the .log the batch begins whose last offset this entry names.",
        "这一项所指 batch 在 .log 里从第几个字节开始。",
    ),
    (
        "timestamp",
        "The largest timestamp up to the offset beside it.",
        "到旁边那个 offset 为止最大的时间戳。",
    ),
    ("producerEntries", "How many producers follow.", "后面有多少个生产者。"),
    (
        "lastSequence",
        "The last sequence number that was appended: a batch that comes again is recognised by it.",
        "最后追加的序号：同一个 batch 再来一次，靠它认出。",
    ),
    ("lastOffset", "The offset that the last batch ends with.", "最后一个 batch 的末尾 offset。"),
    (
        "offsetDelta",
        "How many records the last batch had, less one.",
        "最后一个 batch 的记录数减一。",
    ),
    (
        "coordinatorEpoch",
        "The epoch of the transaction coordinator; -1 without transactions.",
        "事务协调者的 epoch，没有事务则为 -1。",
    ),
    (
        "currentTxnFirstOffset",
        "Where the open transaction begins; -1 for none. The LSO cannot pass it.",
        "未结束事务的起点，没有则为 -1。LSO 不能越过它。",
    ),
    ("version", "The version of the file's format.", "文件格式的版本。"),
    (
        "entryCount",
        "How many lines follow: a file with fewer was not written to its end.",
        "后面有多少行：不够就说明没有写完。",
    ),
    (
        "invalid bytes",
        "A write was torn: recovery cuts the file here.",
        "写到一半断了：恢复时从这里截掉。",
    ),
];

/// What a field is for.
pub(super) fn of(name: &str, lang: Lang) -> Option<&'static str> {
    let found = MEANINGS.iter().find(|(field, ..)| *field == name);
    found.map(|(_, en, zh)| lang.pick(*en, *zh))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_explained_in_both_languages() {
        for (name, en, zh) in MEANINGS {
            assert!(!en.is_empty() && !zh.is_ascii(), "{name}");
        }
        assert!(of("crc", Lang::En).expect("it is a field").starts_with("CRC-32C"));
    }
}
