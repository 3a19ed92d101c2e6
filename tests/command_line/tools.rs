//! Kafka's own tools, asked at a moment of a run.

use crate::program::{Called, call, call_with, scenario};

fn ask(at: &str, line: &str) -> Called {
    call(&["run", "broker-down", "--at", at, "--do", line])
}

#[test]
fn topics_are_described_as_a_living_broker_knows_them() {
    let before =
        ask("8s", "kafka-topics.sh --bootstrap-server localhost:9092 --describe --topic kq");
    assert_eq!((before.code, before.err.as_str()), (0, ""));
    let lines: Vec<&str> = before.out.lines().collect();
    assert_eq!(lines.len(), 4, "{}", before.out);
    assert!(lines[0].starts_with("Topic: kq\tTopicId: "), "{}", lines[0]);
    let ends = "\tPartitionCount: 3\tReplicationFactor: 2\tConfigs: min.insync.replicas=1";
    assert!(lines[0].ends_with(ends), "{}", lines[0]);
    assert_eq!(
        lines[1],
        "\tTopic: kq\tPartition: 0\tLeader: 3\tReplicas: 3,1\tIsr: 3,1\tElr: \tLastKnownElr: "
    );
    // It is dead, and nobody knows.
    let dead = ask("15s", "kafka-topics --describe --topic kq");
    assert_eq!(dead.out, before.out);
    let fenced = ask("20s", "kafka-topics --describe --under-replicated-partitions --topic kq");
    assert_eq!(
        fenced.out,
        "\tTopic: kq\tPartition: 0\tLeader: 1\tReplicas: 3,1\tIsr: 1\tElr: \tLastKnownElr: \n\
         \tTopic: kq\tPartition: 2\tLeader: 2\tReplicas: 2,3\tIsr: 2\tElr: \tLastKnownElr: \n"
    );
    let list = ask("20s", "kafka-topics --list");
    assert_eq!(list.out, "__consumer_offsets\nkq\n");
}

#[test]
fn groups_offsets_and_records_are_what_clients_see() {
    let groups = ask("20s", "kafka-consumer-groups --describe --group checkout");
    assert_eq!(groups.code, 0, "{}", groups.err);
    let header = "\nGROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID";
    assert!(groups.out.starts_with(header), "{}", groups.out);
    assert_eq!(groups.out.lines().filter(|line| line.starts_with("checkout        kq")).count(), 3);
    let nobody = ask("20s", "kafka-consumer-groups --describe --group nobody");
    assert_eq!(nobody.code, 0, "what is wrong with a group is no failure of the tool");
    assert_eq!(
        nobody.out,
        "\nError: Executing consumer group command failed due to \
         org.apache.kafka.common.errors.GroupIdNotFoundException: Group nobody not found.\n"
    );
    let offsets = ask("20s", "kafka-get-offsets --topic kq --time earliest");
    assert_eq!(offsets.out, "kq:0:0\nkq:1:0\nkq:2:0\n");
    let line = "kafka-console-consumer --topic kq --partition 0 --offset 3 --max-messages 2 --property \
                print.key=true --property print.offset=true";
    let records = ask("20s", line);
    assert_eq!(records.err, "Processed a total of 2 messages\n");
    assert!(records.out.starts_with("Offset:3\tuser-"), "{}", records.out);
    assert_eq!(records.out.lines().count(), 2);
}

#[test]
fn who_cannot_be_asked_gives_kafkas_error() {
    let text =
        scenario("") + "[[steps]]\nat = \"10s\"\ndo = \"kill {broker-1, broker-2, broker-3}\"\n";
    let ask = |line: &str| call_with(&["run", "-", "--at", "15s", "--do", line], text.as_bytes());
    let topics = ask("kafka-topics --list");
    assert_eq!(topics.code, 1);
    assert_eq!(
        topics.out,
        "Error while executing topic command : Timed out waiting for a node assignment. Call: \
         listTopics\n"
    );
    let offline = ask("kafka-get-offsets --topic kq");
    assert!(offline.err.starts_with("Error occurred: org.apache.kafka.common.errors.Timeout"));
}

#[test]
fn an_election_is_carried_out_and_told() {
    let both = call(&[
        "run",
        "broker-down-and-back",
        "--at",
        "59s",
        "--do",
        "kafka-leader-election --election-type preferred --all-topic-partitions",
        "--do",
        "kafka-leader-election --election-type preferred --topic kq --partition 9",
    ]);
    assert_eq!(both.code, 1, "{}{}", both.out, both.err);
    let done = "Successfully completed leader election (PREFERRED) for partitions ";
    let done = both.out.lines().find(|line| line.starts_with(done)).expect("leaders were elected");
    assert!(done.contains("kq-0") && done.contains("__consumer_offsets-"), "{done}");
    let unknown = "Error completing leader election (PREFERRED) for partition: kq-9: \
                   org.apache.kafka.common.errors.UnknownTopicOrPartitionException: No such \
                   partition as kq-9\n";
    assert!(both.out.ends_with(unknown), "{}", both.out);
    assert!(both.err.starts_with("1 replica(s) could not be elected\n"), "{}", both.err);
}

#[test]
fn mistakes_get_kafkas_error_and_a_suggestion() {
    let wrong = ask("20s", "kafka-topics --describe --topik kq");
    assert_eq!(wrong.code, 1);
    assert_eq!(
        wrong.err,
        "topik is not a recognized option\njoptsimple.UnrecognizedOptionException: topik is not a \
         recognized option\n\nkafkascope: did you mean --topic?\n"
    );
    let create = ask("20s", "kafka-topics --create --topic orders --partitions 2");
    assert!(create.err.contains("create topic orders partitions 2"), "{}", create.err);
    let other = ask("20s", "kafka-dump-log --files 0.log");
    assert!(other.err.contains("kafka-dump-log is not answered here"), "{}", other.err);
    let none = ask("20s", "kill broker-1");
    assert_eq!(none.code, 2);
    assert!(none.err.contains("kafka-topics"), "{}", none.err);
    assert_eq!(ask("20s", "kafka-topic --list").code, 2);
    assert_eq!(call(&["run", "broker-down", "--at", "20s"]).code, 2, "nothing is asked");
}
