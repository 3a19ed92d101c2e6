//! All logs of a broker, from its start to its end.

use std::sync::Arc;

use kafkascope::ids::{BrokerEpoch, Name, Offset, PartitionIndex, Timestamp, TopicPartition, Uuid};
use kafkascope::log::{AppendOrigin, Disk, LogConfig, LogId, LogManager};
use kafkascope::node::Outbox;

use crate::{EPOCH, one, outbox};

struct Broker {
    disk: Disk,
    logs: LogManager,
    out: Outbox,
}

impl Broker {
    fn new() -> Self {
        let mut broker = Self { disk: Disk::default(), logs: manager(), out: outbox() };
        broker.start();
        broker
    }

    fn start(&mut self) {
        self.logs = manager();
        self.logs.load(&mut self.disk, |_| LogConfig::default(), &mut self.out);
    }

    fn log(&mut self, partition: i32) -> LogId {
        self.logs.get_or_create(&tp(partition), Uuid(1), LogConfig::default, self.out.wall)
    }

    fn append(&mut self, id: LogId) {
        let Self { disk, logs, out } = self;
        let batch = Arc::new(one(out.wall));
        logs.update(id, |log| {
            log.append_as_leader(disk, &[batch], EPOCH, AppendOrigin::Client, out)
        })
        .expect("it is valid");
    }

    fn text(&mut self, path: &str) -> Option<String> {
        let bytes = self.disk.read_path(path)?;
        Some(String::from_utf8(bytes.to_vec()).expect("it is text"))
    }
}

fn manager() -> LogManager {
    LogManager::new(vec![Name::from("d")], 86_400_000, 60_000)
}

fn tp(partition: i32) -> TopicPartition {
    TopicPartition { topic: Name::from("orders"), partition: PartitionIndex(partition) }
}

#[test]
fn a_proper_end_makes_a_quick_start() {
    let mut broker = Broker::new();
    let (written, _empty) = (broker.log(0), broker.log(1));
    broker.append(written);
    broker.logs.shutdown(&mut broker.disk, Some(BrokerEpoch(17)), broker.out.wall);
    assert_eq!(
        broker.text("d/.kafka_cleanshutdown").as_deref(),
        Some("{\"version\":0,\"brokerEpoch\":17}")
    );
    assert_eq!(
        broker.text("d/recovery-point-offset-checkpoint").as_deref(),
        Some("0\n2\norders 0 1\norders 1 0\n")
    );
    assert_eq!(broker.logs.clean_shutdown_epoch(&mut broker.disk), Some(BrokerEpoch(17)));
    broker.start();
    let ends: Vec<_> = broker.logs.iter().map(|(_, log)| log.log_end_offset()).collect();
    assert_eq!(ends, [Offset(1), Offset(0)]);
    assert_eq!(broker.text("d/.kafka_cleanshutdown"), None, "any other end is unclean");
}

#[test]
fn logs_without_records_come_back_without_files() {
    let mut broker = Broker::new();
    for partition in 0..10 {
        broker.log(partition);
    }
    broker.logs.shutdown(&mut broker.disk, None, broker.out.wall);
    assert_eq!(broker.disk.list("d/orders-7").len(), 5);
    broker.start();
    assert_eq!(broker.logs.iter().count(), 10);
    assert!(broker.disk.list("d/orders-7").is_empty());
    assert_eq!(broker.logs.find(&tp(7)).map(|id| broker.logs.log(id).topic_id()), Some(Uuid(1)));
}

#[test]
fn a_deleted_log_stays_on_the_disk_for_a_minute() {
    let mut broker = Broker::new();
    let id = broker.log(0);
    broker.append(id);
    let now = broker.out.wall;
    broker.logs.delete(&mut broker.disk, id, [0xab; 16], now);
    assert_eq!(broker.logs.find(&tp(0)), None);
    let deleted = "d/orders-0.abababababababababababababababab-delete";
    assert_eq!(broker.disk.list(deleted).len(), 5);
    let due = broker.logs.next_task().expect("the files are to be removed");
    assert_eq!(due, Timestamp(now.0 + 60_000));
    broker.logs.run_tasks(&mut broker.disk, due);
    assert!(broker.disk.list(deleted).is_empty());
    assert_eq!(broker.logs.next_task(), None);
    assert_eq!(broker.log(0), id, "the place is used again");
}

#[test]
fn what_was_being_deleted_is_removed_after_a_restart() {
    let mut broker = Broker::new();
    let id = broker.log(0);
    broker.append(id);
    broker.logs.delete(&mut broker.disk, id, [1; 16], broker.out.wall);
    broker.out.wall.0 += 59_000;
    broker.start();
    let due = Timestamp(broker.out.wall.0 + 60_000);
    assert_eq!(broker.logs.next_task(), Some(due), "a minute again");
    broker.logs.run_tasks(&mut broker.disk, due);
    let left: Vec<_> = broker.disk.list("d").into_iter().map(|(name, _)| name).collect();
    assert!(left.iter().all(|name| !name.contains('/')), "{left:?}");
}

#[test]
fn settings_change_for_all_partitions_at_once() {
    let mut broker = Broker::new();
    let ids = [broker.log(0), broker.log(1)];
    let config = LogConfig { retention_ms: 5, ..LogConfig::default() };
    broker.logs.update_config("orders", &config);
    assert!(ids.iter().all(|id| broker.logs.log(*id).config().retention_ms == 5));
    let new = broker.log(2);
    assert_eq!(broker.logs.log(new).config().retention_ms, 5);
}

#[test]
fn high_watermarks_are_remembered() {
    let mut broker = Broker::new();
    let id = broker.log(0);
    broker.append(id);
    broker.logs.update(id, |log| log.maybe_increment_high_watermark(Offset(1)));
    broker.logs.checkpoint_high_watermarks(&mut broker.disk);
    assert_eq!(broker.logs.read_high_watermarks(&mut broker.disk)[&tp(0)], Offset(1));
}
