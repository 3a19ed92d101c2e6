//! The disk: its tree, its files, and how an offset is found.

use kafkascope::explain::Lang;
use kafkascope::ids::{BrokerId, Offset, TopicPartition};
use kafkascope::scenario::timeline::Timeline;
use kafkascope::tui::panels::disk::walk::{self, Walk};
use kafkascope::tui::{OnDisk, View, twin};
use kafkascope::view::disk::{Step, Verdict};

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
    let disk = lens.disk_of(BrokerId(1)).expect("it has one");
    let mut probes = 0;
    for offset in 0..log.log_end_offset().0 {
        let find = lens.find_offset(BrokerId(1), &tp, Offset(offset)).expect("there is a log");
        let (at, batch) = find.found().expect("every offset is there");
        let known = log.offset_metadata(disk, Offset(offset)).expect("every offset is there");
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
