//! Texts as real clusters show them, and the scenarios that become of them.

use super::*;
use crate::scenario::{Source, load};
use crate::view::Lens;

/// As a 4.1 with a killed broker printed it.
const DESCRIBED: &str = "\
Topic: strict\tTopicId: SPj89b6rS3G5tmwSQgHGuw\tPartitionCount: 3\tReplicationFactor: 3\tConfigs: \
min.insync.replicas=2,retention.ms=-1,cleanup.policy=compact,delete,leader.replication.throttled.replicas=0:2,0:3
\tTopic: strict\tPartition: 0\tLeader: 1\tReplicas: 1,2,3\tIsr: 1,3\tElr: \tLastKnownElr: 
\tTopic: strict\tPartition: 1\tLeader: 3\tReplicas: 2,3,1\tIsr: 3,1\tElr: \tLastKnownElr: 
\tTopic: strict\tPartition: 2\tLeader: 3\tReplicas: 3,1,2\tIsr: 3,1\tElr: \tLastKnownElr: 
Topic: pair\tTopicId: Pt2r03UkROm_YCYcAOqFNA\tPartitionCount: 2\tReplicationFactor: 2\tConfigs: 
\tTopic: pair\tPartition: 0\tLeader: none\tReplicas: 2,3\tIsr: \tElr: 2,3\tLastKnownElr: 3
\tTopic: pair\tPartition: 1\tLeader: 3\tReplicas: 3,2\tIsr: 3\tElr: 2\tLastKnownElr: 
";

/// Reads a text, and checks that what becomes of it is a scenario.
fn imported(text: &str) -> String {
    let scenario = import(text, Lang::En).expect("it can be read");
    let source = Source { name: "x.toml".to_owned(), text: scenario.clone() };
    let loaded = load(&source);
    assert!(
        !loaded.is_wrong(),
        "{}\n{scenario}",
        super::super::render(&source, &loaded.diagnostics, false)
    );
    let zh = import(text, Lang::Zh).expect("it can be read");
    assert!(!zh.is_ascii() && zh.lines().count() == scenario.lines().count());
    scenario
}

fn refused(text: &str) -> String {
    import(text, Lang::En).expect_err("it is refused").to_string()
}

#[test]
fn what_describe_says_is_taken_over_and_what_differs_is_said() {
    insta::assert_snapshot!(imported(DESCRIBED), @r#"
    # From kafka-topics --describe. It tells nothing of records, offsets, groups, clients and the settings of brokers; what else differs here stands behind #.
    format   = 1
    title    = { en = "An imported cluster", zh = "导入的集群" }
    kafka    = "4.1"
    duration = "30s"

    [cluster]
    brokers = 3

    # without a leader there, while here all brokers begin alive: partitions 0
    # with replicas out of the ISR there, while here all begin in it: partitions 0 (brokers 2 3), 1 (brokers 2)
    [topics."pair"]
    partitions         = 2
    replication-factor = 2
    replicas           = [[2, 3], [3, 2]]
    topic-id           = "Pt2r03UkROm_YCYcAOqFNA"

    # led by another than the first replica there: partitions 1 (broker 3)
    # with replicas out of the ISR there, while here all begin in it: partitions 0 (brokers 2), 1 (brokers 2), 2 (brokers 2)
    [topics."strict"]
    partitions         = 3
    replication-factor = 3
    replicas           = [[1, 2, 3], [2, 3, 1], [3, 1, 2]]
    topic-id           = "SPj89b6rS3G5tmwSQgHGuw"
    config             = { "min.insync.replicas" = "2", "retention.ms" = "-1", "cleanup.policy" = "compact,delete", "leader.replication.throttled.replicas" = "0:2,0:3" }
    "#);
}

#[test]
fn old_releases_leave_no_blanks_and_count_brokers_from_0() {
    let old = "Topic:kq\tPartitionCount:2\tReplicationFactor:2\tConfigs:retention.ms=60000\n\
        \tTopic: kq\tPartition: 0\tLeader: 0\tReplicas: 0,2\tIsr: 0,2\n\
        \tTopic: kq\tPartition: 1\tLeader: -1\tReplicas: 2,0\tIsr: 2\n";
    insta::assert_snapshot!(imported(old), @r#"
    # From kafka-topics --describe. It tells nothing of records, offsets, groups, clients and the settings of brokers; what else differs here stands behind #.
    format   = 1
    title    = { en = "An imported cluster", zh = "导入的集群" }
    kafka    = "4.1"
    duration = "30s"

    # broker 0 there is broker 1 here
    [cluster]
    brokers = 2
    config  = { "offsets.topic.replication.factor" = 2 }

    # without a leader there, while here all brokers begin alive: partitions 1
    # with replicas out of the ISR there, while here all begin in it: partitions 1 (brokers 0)
    [topics."kq"]
    partitions         = 2
    replication-factor = 2
    replicas           = [[1, 2], [2, 1]]
    config             = { "retention.ms" = "60000" }
    "#);
}

#[test]
fn a_listing_that_was_cut_is_recognised() {
    let mut names: Vec<String> =
        (0..50).map(|number| format!("__consumer_offsets-{number}")).collect();
    names.sort();
    let tree: Vec<String> = names[..34].iter().map(|name| format!("├── {name}")).collect();
    let text = format!("/tmp/kafka-logs\n├── cleaner-offset-checkpoint\n{}\n", tree.join("\n"));
    insta::assert_snapshot!(imported(&text), @r#"
    # From a listing of log directories. It tells nothing of leaders (they are dealt out in turn), of settings, groups and clients; what else differs here stands behind #.
    format   = 1
    title    = { en = "An imported cluster", zh = "导入的集群" }
    kafka    = "4.1"
    duration = "30s"

    # broker 1: tmp/kafka-logs
    # one log directory is listed: replicas on other brokers are not known, and if a broker has several log directories, neither are those
    [cluster]
    brokers = 1
    # 34 partitions of __consumer_offsets are listed: just the first of 50 in the order of their names, as `head` cuts them; 50 is Kafka's default (offsets.topic.num.partitions)
    # __consumer_offsets is made when the first group needs it, and placed by the controller
    config  = { "offsets.topic.replication.factor" = 1 }
    "#);
}

#[test]
fn the_trees_of_two_brokers_show_which_has_what() {
    let tree = "\
broker-1/data
├── kq-0
│   ├── 00000000000000000000.index
│   ├── 00000000000000000000.log
│   ├── 00000000000000000000.timeindex
│   └── leader-epoch-checkpoint
├── kq-1
│   └── 00000000000000000000.log
├── kq-2
│   └── 00000000000000000000.log
├── meta.properties
└── recovery-point-offset-checkpoint

3 directories, 8 files
broker-2/data
|-- kq-0
|   `-- 00000000000000000000.log
|-- kq-1
|   `-- 00000000000000000000.log
|-- kq-2
|   `-- 00000000000000000000.log
`-- meta.properties
";
    insta::assert_snapshot!(imported(tree), @r#"
    # From a listing of log directories. It tells nothing of leaders (they are dealt out in turn), of settings, groups and clients; what else differs here stands behind #.
    format   = 1
    title    = { en = "An imported cluster", zh = "导入的集群" }
    kafka    = "4.1"
    duration = "30s"

    # broker 1: broker-1/data
    # broker 2: broker-2/data
    # each log directory is taken for a broker of its own; a listing does not say whether one has several
    [cluster]
    brokers = 2
    config  = { "offsets.topic.replication.factor" = 2 }

    [topics."kq"]
    partitions         = 3
    replication-factor = 2
    replicas           = [[1, 2], [2, 1], [1, 2]]
    "#);
}

#[test]
fn ls_and_find_come_to_the_same_as_tree() {
    let ls = "\
node-1:
kq-0  kq-2  meta.properties

node-1/kq-0:
00000000000000000000.index  00000000000000000000.log

node-1/kq-2:
00000000000000000000.log

node-2:
total 8
drwxr-xr-x 2 kafka kafka 4096 Jan  1 00:00 kq-0
drwxr-xr-x 2 kafka kafka 4096 Jan  1 00:00 kq-1
-rw-r--r-- 1 kafka kafka   88 Jan  1 00:00 meta.properties

node-3:
kq-1/
kq-2/
";
    let find = "node-1/kq-0/00000000000000000000.log\nnode-1/kq-2/\nnode-2/kq-0\nnode-2/kq-1\n\
        ./node-3/kq-1\n./node-3/kq-2/leader-epoch-checkpoint\n";
    let scenario = imported(ls);
    assert_eq!(imported(find), scenario);
    assert!(scenario.contains("replicas           = [[1, 2], [3, 2], [1, 3]]"), "{scenario}");
}

#[test]
fn a_log_directory_may_be_called_like_a_replica() {
    let tree = ".\n├── kafka-logs-1\n│   ├── kq-0\n│   └── kq-1\n└── kafka-logs-2\n    ├── kq-0\n    └── kq-1\n";
    let scenario = imported(tree);
    assert!(scenario.contains("replicas           = [[1, 2], [2, 1]]"), "{scenario}");
    assert!(!scenario.contains("[topics.\"kafka-logs\"]"), "{scenario}");
}

#[test]
fn partitions_that_are_not_listed_are_said() {
    let scenario =
        imported("logs:\nkq-0 kq-3 kq-7-delete audit-0.9f3c-delete __cluster_metadata-0\n");
    assert!(
        scenario.contains("# nothing is said of partitions 1, 2: the controller"),
        "{scenario}"
    );
    assert!(scenario.contains("partitions         = 4"), "{scenario}");
    assert!(!scenario.contains("replicas           ="), "{scenario}");
    assert!(scenario.contains("2 directories that are being deleted"), "{scenario}");
}

#[test]
fn what_cannot_be_read_is_told_with_its_line() {
    insta::assert_snapshot!(refused(" \n"), @"there is nothing to import: the text is empty");
    insta::assert_snapshot!(refused("\nhello world\n"), @"line 2: `hello world` is neither a line of kafka-topics --describe (Topic: … PartitionCount: …) nor a listing of log directories (tree, ls -R: kq-0, kq-1, …)");
    insta::assert_snapshot!(refused("logs:\nmeta.properties\n"), @"this listing names no directory of a partition, like kq-0; only directories are looked at, and their names end in the number of the partition");
    let line =
        |line: &str| refused(&format!("Topic: kq\tPartitionCount: 1\n\tTopic: kq\t{line}\n"));
    insta::assert_snapshot!(line("Partition: 0\tLeader: 1\tReplicas: \tIsr: "), @"line 2: the partition has no `Replicas:`");
    insta::assert_snapshot!(line("Partition: x\tLeader: 1\tReplicas: 1\tIsr: 1"), @"line 2: `Partition: x` is no number");
    insta::assert_snapshot!(line("Partition: 0\tLeader: 1\tReplicas: 1,b\tIsr: 1"), @"line 2: `b` behind `Replicas:` is no id of a broker");
    insta::assert_snapshot!(line("Partition: 0\tLeader: 1\tReplicas: 1\tIsr: 2"), @"line 2: broker 2 is in the ISR and has no replica");
    insta::assert_snapshot!(refused("Topic: kq\tPartitionCount: 900000\n"), @"this cluster is too large for a scenario: 900000 partitions");
}

/// Who has which replica, and who leads.
fn placement(lens: Lens<'_>) -> Vec<(String, Vec<u32>)> {
    let all = lens.partitions().filter(|partition| !partition.tp.topic.starts_with("__"));
    all.map(|partition| {
        let brokers = partition.replicas.iter().map(|replica| replica.broker.0 as u32).collect();
        (partition.tp.to_string(), brokers)
    })
    .collect()
}

#[test]
fn what_runs_is_placed_as_the_text_says() {
    let text = imported(DESCRIBED);
    let loaded = load(&Source { name: "x.toml".to_owned(), text });
    let mut runner = crate::scenario::runner::Runner::new(loaded.runs[0].seeded(None), false);
    runner.run_until(crate::sim::Instant::from_nanos(8_000_000_000));
    let expected = [
        ("pair-0", vec![2, 3]),
        ("pair-1", vec![3, 2]),
        ("strict-0", vec![1, 2, 3]),
        ("strict-1", vec![2, 3, 1]),
        ("strict-2", vec![3, 1, 2]),
    ];
    assert_eq!(placement(runner.lens()), expected.map(|(tp, on)| (tp.to_owned(), on)));
}
