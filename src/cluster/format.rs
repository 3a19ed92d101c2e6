//! What `kafka-storage format` leaves on a server's disk before its first start.
//!
//! In Kafka: `Formatter`, `MetaPropertiesEnsemble`, `BootstrapDirectory`. Left out: formatting again
//! draws a new `directory.id` there, here a disk that was replaced gets the id of the one before.

use kafka_protocol::messages::{SnapshotFooterRecord, SnapshotHeaderRecord};

use crate::controller::kraft::Bootstrap;
use crate::ids::{BrokerId, LeaderEpoch, Name, Offset, Timestamp, Uuid};
use crate::log::{BOOTSTRAP_CHECKPOINT, Disk, META_PROPERTIES, meta_properties_text};
use crate::protocol::{Batch, BatchBuilder, ControlRecord};

/// What the disk of a server is formatted with.
#[derive(Clone, Debug)]
pub struct Format {
    /// The cluster's id.
    pub cluster: Name,
    /// The id of the log directory.
    pub directory: Uuid,
    /// What the metadata log of a new cluster begins with.
    pub bootstrap: Bootstrap,
}

impl Format {
    /// Formats the disk of server `id`, which is empty. It takes no time: nobody waits for it.
    pub(super) fn write(&self, id: BrokerId, now: Timestamp, disk: &mut Disk) {
        let meta = meta_properties_text(&java_date(now), id.0, self.directory, &self.cluster);
        disk.restore(META_PROPERTIES, meta);
        disk.restore(BOOTSTRAP_CHECKPOINT, self.checkpoint(now));
    }

    /// The bytes of `bootstrap.checkpoint`: between a header and a footer the records, as one batch.
    fn checkpoint(&self, now: Timestamp) -> Vec<u8> {
        let epoch = LeaderEpoch(0);
        let header = ControlRecord::SnapshotHeader(SnapshotHeaderRecord::default());
        let header = header.batch(Offset(0), epoch, now);
        let mut batch = BatchBuilder::new().place(header.next_offset(), Some(epoch));
        let mut bytes = Vec::new();
        for record in &self.bootstrap.records().records {
            bytes.clear();
            record.encode(record.version_at(self.bootstrap.metadata_version), &mut bytes);
            batch.append(now, None, Some(&bytes), &[]);
        }
        let batch = batch.build().expect("there is a metadata.version at least");
        let footer = ControlRecord::SnapshotFooter(SnapshotFooterRecord::default());
        let footer = footer.batch(batch.next_offset(), epoch, now);
        [header, batch, footer].iter().flat_map(Batch::to_bytes).collect()
    }
}

/// A moment as `java.util.Date` prints it in UTC, like `Fri Nov 20 03:52:20 UTC 2026`.
fn java_date(at: Timestamp) -> String {
    let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let months =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let seconds = at.0.div_euclid(1_000);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let weekday = weekdays[days.rem_euclid(7) as usize];
    // Years are counted from March on: the odd day is the last of its year.
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = (month + 2) % 12;
    let year = era * 400 + year + i64::from(month < 2);
    format!(
        "{weekday} {} {day:02} {:02}:{:02}:{:02} UTC {year}",
        months[month as usize],
        second / 3_600,
        second / 60 % 60,
        second % 60,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_java() {
        let dates = [
            (1_795_144_940_000, "Fri Nov 20 03:22:20 UTC 2026"),
            (1_767_225_600_000, "Thu Jan 01 00:00:00 UTC 2026"),
            (1_709_251_199_999, "Thu Feb 29 23:59:59 UTC 2024"),
            (951_868_800_000, "Wed Mar 01 00:00:00 UTC 2000"),
            (-1_000, "Wed Dec 31 23:59:59 UTC 1969"),
        ];
        for (at, text) in dates {
            assert_eq!(java_date(Timestamp(at)), text);
        }
    }

    #[test]
    fn the_files_are_as_long_as_those_that_kafka_writes() {
        let format = Format {
            cluster: "b3JhY2xlLTI5MjkwLS0tLQ".into(),
            directory: Uuid::parse("HNfLgF5gt52OSi3YvOrZlA").expect("an id"),
            bootstrap: Bootstrap::default(),
        };
        let mut disk = Disk::default();
        format.write(BrokerId(1), Timestamp(1_795_148_790_000), &mut disk);
        let files: Vec<_> =
            disk.list("").into_iter().map(|(name, len)| (name.to_string(), len)).collect();
        let wanted = [(BOOTSTRAP_CHECKPOINT, 355), (META_PROPERTIES, 122)];
        assert_eq!(files, wanted.map(|(name, len)| (name.to_owned(), len)));
    }
}
