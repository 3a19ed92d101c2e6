//! The disk: its tree, its files, and how an offset is found.

use kafkascope::cluster::ProcessState;
use kafkascope::explain::Lang;
use kafkascope::ids::{BrokerId, Offset, TopicPartition};
use kafkascope::scenario::timeline::Timeline;
use kafkascope::tui::panels::disk::walk::{self, Walk};
use kafkascope::tui::{OnDisk, View, twin};
use kafkascope::view::disk::{DirectoryView, Step, Verdict};

use crate::run::{at, lens, snapshot};

const SCENARIO: &str = "find-an-offset-on-disk";
const KQ: &str = "kq-0/00000000000000000000.log";

fn told(timeline: &Timeline, what: OnDisk) -> String {
    twin(&View::Disk(Some(BrokerId(1)), what), timeline, Lang::En, 100)
}

#[test]
fn files_look_as_they_did() {
    let timeline = at(SCENARIO, "30s");
    let files = [
        ("log", OnDisk::File(KQ.to_owned())),
        ("bytes", OnDisk::Bytes(KQ.to_owned(), 700)),
        ("index", OnDisk::File(KQ.replace(".log", ".index"))),
        ("index-bytes", OnDisk::Bytes(KQ.replace(".log", ".index"), 0)),
        ("timeindex", OnDisk::File(KQ.replace(".log", ".timeindex"))),
        ("epochs", OnDisk::File("kq-0/leader-epoch-checkpoint".to_owned())),
        ("meta", OnDisk::File("meta.properties".to_owned())),
        ("metadata-log", OnDisk::File(KQ.replace("kq-0", "__cluster_metadata-0"))),
    ];
    for (name, what) in files {
        snapshot(&format!("disk-{name}"), told(&timeline, what));
    }
}

#[test]
fn every_way_to_an_offset_is_the_brokers_own() {
    let timeline = at(SCENARIO, "60s");
    let (lens, tp) = (lens(&timeline), TopicPartition::new("kq", 0));
    let log = lens.log(&tp, BrokerId(1)).expect("it runs");
    let disk = lens.disk_of(BrokerId(1), Some(&tp)).expect("it has one");
    let mut probes = 0;
    for offset in 0..log.log_end_offset().0 {
        let find = lens.find_offset(BrokerId(1), &tp, Offset(offset)).expect("there is a log");
        let (at, batch) = find.found().expect("every offset is there");
        let known = log.offset_metadata(&disk, Offset(offset)).expect("every offset is there");
        assert_eq!(at, known.position, "{offset}");
        assert_eq!(find.segments[find.segment.expect("one")], known.segment_base_offset);
        let begin = find.steps.iter().find_map(|step| match step {
            Step::Position { position, .. } => Some(*position),
            _ => None,
        });
        assert!(begin.unwrap_or(0) <= at, "the scan begins before the batch: {offset}");
        assert!(batch.base_offset().0 <= offset && offset < batch.next_offset().0);
        let skipped = find.steps.iter().find_map(|step| match step {
            Step::Record { skipped, .. } => Some(*skipped as u64),
            _ => None,
        });
        assert_eq!(skipped, Some(offset - batch.base_offset().0));
        assert!(
            !find.steps.iter().any(|step| matches!(step, Step::Scan { verdict: Verdict::Gap, .. }))
        );
        probes += find.steps.iter().filter(|step| matches!(step, Step::Probe { .. })).count();
    }
    assert!(probes > 400, "the index is halved: {probes}");
}

#[test]
fn an_offset_that_is_not_there_says_so() {
    let timeline = at(SCENARIO, "60s");
    let (lens, tp) = (lens(&timeline), TopicPartition::new("kq", 0));
    let steps =
        |offset| lens.find_offset(BrokerId(1), &tp, Offset(offset)).expect("there is a log").steps;
    assert_eq!(steps(401), [Step::OutOfRange { start: Offset(0), end: Offset(400) }]);
    assert_eq!(steps(400), [Step::Segment, Step::End]);
    assert!(lens.find_offset(BrokerId(1), &TopicPartition::new("no", 0), Offset(0)).is_none());
}

#[test]
fn what_a_segment_holds_is_what_its_bytes_say() {
    let timeline = at(SCENARIO, "60s");
    let contents = lens(&timeline).file(BrokerId(1), KQ).expect("it is there");
    let mut end = 0;
    for page in 0..contents.pages() {
        for part in contents.parts(page) {
            assert_eq!(part.at.start, end, "{part:?}: fields follow each other without gaps");
            assert_eq!(contents.bytes(page, &part).len() as u64, part.at.end - part.at.start);
            end = part.at.end;
        }
    }
    assert_eq!(end, contents.entry.written);
    for row in 0..contents.rows() {
        assert_eq!(contents.row_at(contents.start_of(row)), row);
    }
}

#[test]
fn the_way_is_told_step_by_step() {
    let timeline = at(SCENARIO, "50s");
    let tp = TopicPartition::new("kq", 0);
    for (lang, name) in [(Lang::En, "en"), (Lang::Zh, "zh")] {
        let view = View::Disk(Some(BrokerId(1)), OnDisk::Find(tp.clone(), Offset(253)));
        snapshot(&format!("disk-find-{name}"), twin(&view, &timeline, lang, 100));
    }
    let walk = Walk { server: BrokerId(1), tp, target: Offset(253), step: 0 };
    assert!(walk::steps(lens(&timeline), &walk) > 6);
}

/// The directories of a topic's partitions on a broker's disk.
fn directories_of(timeline: &Timeline, broker: i32, topic: &str) -> Vec<DirectoryView> {
    let all = lens(timeline).log_directory(BrokerId(broker)).expect("it has a disk");
    let of = |one: &DirectoryView| one.name.rsplit_once('-').is_some_and(|(name, _)| name == topic);
    all.into_iter().filter(of).collect()
}

/// The files beside the directories.
fn files_beside(timeline: &Timeline, broker: i32) -> Vec<String> {
    let all = lens(timeline).log_directory(BrokerId(broker)).expect("it has a disk");
    let root = all.last().expect("the log directory itself comes last");
    root.files.iter().map(|file| file.name.clone()).collect()
}

/// As Kafka 4.1.0 has them while a broker runs.
const BESIDE: [&str; 7] = [
    ".lock",
    "bootstrap.checkpoint",
    "cleaner-offset-checkpoint",
    "log-start-offset-checkpoint",
    "meta.properties",
    "recovery-point-offset-checkpoint",
    "replication-offset-checkpoint",
];

#[test]
fn a_disk_has_a_directory_for_every_replica_written_to_or_not() {
    // All run; one was killed; it is back.
    for (name, moment) in [("broker-down", "9s"), ("broker-down", "15s"), ("broker-down", "39s")] {
        let timeline = at(name, moment);
        for broker in 1..=3 {
            let offsets = directories_of(&timeline, broker, "__consumer_offsets");
            assert_eq!(offsets.len(), 50, "{name} at {moment}: broker-{broker}");
            let mut unwritten = 0;
            for directory in offsets {
                let files: Vec<_> =
                    directory.files.iter().map(|file| (&*file.name, file.len)).collect();
                let epochs = files.iter().find(|(name, _)| *name == "leader-epoch-checkpoint");
                let epochs = epochs.expect("every log has one").1;
                if directory.files[1].len > 0 {
                    continue;
                }
                unwritten += 1;
                let expected = [
                    ("00000000000000000000.index", 10_485_760),
                    ("00000000000000000000.log", 0),
                    ("00000000000000000000.timeindex", 10_485_756),
                    ("leader-epoch-checkpoint", epochs),
                    ("partition.metadata", 43),
                ];
                assert_eq!(files, expected, "{}", directory.name);
                assert!([0, 8, 13].contains(&epochs), "{}: {epochs}", directory.name);
            }
            assert_eq!(unwritten, 49, "one group, one partition of its offsets");
            assert_eq!(files_beside(&timeline, broker), BESIDE, "{moment}: broker-{broker}");
        }
    }
}

#[test]
fn a_clean_shutdown_leaves_its_mark_and_no_lock() {
    let timeline = at("controlled-shutdown", "20s");
    let down = |broker: &i32| {
        let node = lens(&timeline).node_of(BrokerId(*broker)).expect("it is declared");
        lens(&timeline).process_state(node) == ProcessState::Down
    };
    let broker = (1..=3).find(down).expect("one was stopped");
    let mut beside = BESIDE;
    beside[0] = ".kafka_cleanshutdown";
    assert_eq!(files_beside(&timeline, broker), beside);
    let offsets = directories_of(&timeline, broker, "__consumer_offsets");
    assert_eq!(offsets.len(), 50);
    // Closed indexes end where what was written ends.
    let unwritten = offsets.iter().filter(|one| one.files[1].len == 0);
    assert!(unwritten.clone().all(|one| one.files[0].len == 0 && one.files[2].len == 0));
    assert_eq!(unwritten.count(), 49);
}

#[test]
fn what_nobody_wrote_to_can_be_opened() {
    let timeline = at("broker-down", "9s");
    let file = |path: &str| lens(&timeline).file(BrokerId(1), path).expect("it is there");
    let unwritten = directories_of(&timeline, 1, "__consumer_offsets");
    let unwritten = unwritten.iter().find(|one| one.files[1].len == 0).expect("49 are");
    let metadata = file(&format!("{}/partition.metadata", unwritten.name));
    assert_eq!((metadata.line(0), metadata.rows()), ("version: 0".to_owned(), 2));
    assert_eq!(file(&format!("{}/00000000000000000000.log", unwritten.name)).rows(), 0);
    let bootstrap = file("bootstrap.checkpoint");
    let lines: Vec<String> = (0..bootstrap.rows()).map(|row| bootstrap.line(row)).collect();
    assert!(lines[1].contains("SnapshotHeader"), "{lines:#?}");
    assert!(lines[3].contains("FEATURE_LEVEL_RECORD"), "{lines:#?}");
    assert!(lines[3].contains("metadata.version"), "{lines:#?}");
    let meta = file("meta.properties");
    assert_eq!(meta.line(1), "#Thu Jan 01 00:00:00 UTC 2026");
    assert_eq!(meta.line(2), "node.id=1");
}
