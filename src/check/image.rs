//! C7: an image of the metadata is what its log says, on every node.
//!
//! The log is replayed here from its bytes, record by record and beside all nodes. At the time of a
//! judgement that replay, one that begins with a snapshot of the image as of the last judgement, and the
//! images in nodes' memories have to be equal.

use super::Id;
use super::violation::{Report, Subject, Text, text};
use super::world::partition::Partition;
use crate::ids::Offset;
use crate::metadata::{ClusterImage, MetadataDelta};
use crate::protocol::MetadataRecord;
use crate::view::Lens;

/// The metadata log, replayed.
#[derive(Clone, Debug, Default)]
pub(super) struct Images {
    replayed: ClusterImage,
    /// All before was replayed.
    next: Offset,
    /// Empty records come after, and nothing else.
    changed: Offset,
    /// An image up to here was compared.
    judged: Offset,
}

/// Larger clusters are compared with a snapshot at the end only.
const SMALL: usize = 2_000;

impl Images {
    /// C7: judges all images, if something changed.
    pub(super) fn judge(&mut self, lens: Lens<'_>, log: &Partition, report: &mut Report) {
        let mut controllers = lens.nodes().filter_map(|node| {
            let committed = lens.committed_on(node)?;
            Some((lens.server_of(node)?, committed))
        });
        // Without a controller nothing new is committed.
        let Some((controller, committed)) = controllers.next() else { return };
        let subject = || Subject::Server(controller);
        let tail: Result<Vec<MetadataRecord>, Text> = self.read(lens, log, controller);
        let tail = match tail {
            Ok(tail) => tail,
            Err(problem) => {
                let found = text!("the metadata log cannot be read", "元数据日志无法读取");
                return report.judge(Id::C7, false, || (subject(), found, problem));
            }
        };
        if self.changed == self.judged {
            return;
        }
        self.judged = self.changed;
        let before = self.replayed.clone();
        let mut delta = MetadataDelta::default();
        self.replayed.apply_all(&tail, &mut delta);
        if self.replayed.in_transaction() || before.in_transaction() {
            return;
        }
        if before.all_partitions().take(SMALL).count() < SMALL {
            let mut restored = ClusterImage::default();
            restored.apply_all(&before.to_records(), &mut delta);
            restored.apply_all(&tail, &mut delta);
            report.judge(Id::C7, restored == self.replayed, || {
                let found = text!(
                    "the image from a snapshot and {} records is another one",
                    "由快照加 {} 条记录得到的镜像不同",
                    tail.len()
                );
                let against = text!("than that of the whole log", "与整个日志重放的结果不同");
                (subject(), found, against)
            });
        }
        let differs =
            |image: &ClusterImage| (*image != self.replayed).then(|| self.difference(image));
        let wrong = differs(committed);
        report.judge(Id::C7, wrong.is_none(), || {
            let (found, against) = wrong.unwrap_or_default();
            (subject(), found, against)
        });
        for (broker, image, offset) in lens.broker_images() {
            if offset.is_none_or(|offset| offset.next() < self.changed) {
                continue;
            }
            let wrong = differs(image);
            report.judge(Id::C7, wrong.is_none(), || {
                let (found, against) = wrong.unwrap_or_default();
                (Subject::Server(broker), found, against)
            });
        }
    }

    /// The records of the log that were not replayed yet.
    fn read(
        &mut self,
        lens: Lens<'_>,
        log: &Partition,
        controller: crate::ids::BrokerId,
    ) -> Result<Vec<MetadataRecord>, Text> {
        let mut tail = Vec::new();
        let batches = lens.batches(&log.tp, controller, self.next).into_iter().flatten();
        for batch in batches.filter(|batch| !batch.is_control()) {
            for record in batch.iter() {
                let record = record.map_err(|error| text!("{}", "{}", error))?;
                let value = record.value.unwrap_or_default();
                let (_, decoded) =
                    MetadataRecord::decode(value).map_err(|error| text!("{}", "{}", error))?;
                if !matches!(decoded, MetadataRecord::NoOp(_)) {
                    tail.push(decoded);
                    self.changed = record.offset.next();
                }
            }
            self.next = batch.next_offset();
        }
        Ok(tail)
    }

    /// Where an image is another one than the log says.
    fn difference(&self, image: &ClusterImage) -> (Text, Text) {
        let ours = self.replayed.to_records();
        let theirs = image.to_records();
        let other = |one: &[MetadataRecord], all: &[MetadataRecord]| {
            one.iter().find(|record| !all.contains(record)).cloned()
        };
        let found = text!("a node's image says {:?}", "节点的镜像为 {:?}", other(&theirs, &ours));
        let against = text!("its log says {:?}", "其日志为 {:?}", other(&ours, &theirs));
        (found, against)
    }
}
