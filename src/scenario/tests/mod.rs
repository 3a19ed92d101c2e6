//! Files as people write them, and what they mean.

mod codecs;
mod comparing;
mod doing;
mod feeding;
mod mistakes;
mod per_run;
mod runs;
mod wire;

use super::*;
use crate::config::Limit;
use crate::ids::BrokerId;
use crate::sim::{Duration, Instant};

fn source(text: &str) -> Source {
    Source { name: "x.toml".to_owned(), text: text.to_owned() }
}

const HEAD: &str = "format = 1\ntitle = \"t\"\n";

/// What is wrong with a file that has the usual head.
fn wrong(body: &str) -> String {
    let source = source(&format!("{HEAD}{body}"));
    let lines: Vec<_> = load(&source).diagnostics.iter().map(|one| one.one_line(&source)).collect();
    lines.join("\n")
}

/// The scenario of a file that has the usual head and is right.
fn right(body: &str) -> Scenario {
    let source = source(&format!("{HEAD}{body}"));
    let mut loaded = load(&source);
    assert_eq!(render(&source, &loaded.diagnostics, false), "");
    loaded.runs.remove(0).scenario
}

#[test]
fn the_starter_is_right() {
    let source = source(STARTER);
    let loaded = load(&source);
    assert_eq!(render(&source, &loaded.diagnostics, false), "");
    assert_eq!(loaded.runs.len(), 1);
}

#[test]
fn what_is_not_said_has_a_default() {
    let scenario = right("[topics.kq]\n[groups.g]\ntopics = \"kq\"");
    assert_eq!(scenario.duration, Duration::from_secs(60));
    assert_eq!(scenario.seed, 1);
    assert_eq!(scenario.clock.0, 1_767_225_600_000);
    assert_eq!(scenario.cluster.brokers.len(), 3);
    assert_eq!(scenario.cluster.controllers, [BrokerId(101)]);
    assert_eq!(scenario.promise, Promise::Newest);
    assert_eq!((scenario.topics[0].partitions, scenario.topics[0].replication_factor), (1, 1));
    assert_eq!(&*scenario.groups[0].members[0].name, "c1");
    assert!(scenario.groups[0].config.enable_auto_commit);
    assert_eq!(scenario.names.topics["__consumer_offsets"], 50);
}

#[test]
fn settings_reach_every_place_they_should() {
    let scenario = right(
        r#"
        kafka = "4.1"
        levels = { elr = "off" }
        [cluster]
        brokers = 4
        controllers = 1
        combined = true
        racks = ["a", "b"]
        config = { "log.retention.hours" = 1, num.partitions = 6 }
        [brokers.2]
        rack = "z"
        config = { "log.retention.hours" = 2 }
        [network]
        latency = "1ms"
        bandwidth = "100Mbit/s"
        racks = "regions"
        [topics.kq]
        replicas = [[1, 2], [2, 3]]
        config."retention.ms" = "7d"
        [topics.other]
        [producers.web]
        topics = ["kq", "other"]
        rate = "1/10s"
        keys = "user-{0..2}"
        value-size = "1KiB"
        [groups.g]
        topics = ["kq"]
        instance-ids = ["a", "b"]
        [groups.h]
        topics = ["kq"]
        members = ["x", { name = "y", start = "5s", config = { client.id = "b" } }]
        "#,
    );
    let racks: Vec<_> =
        scenario.cluster.brokers.iter().map(|broker| broker.rack.as_deref().unwrap()).collect();
    assert_eq!(racks, ["a", "z", "a", "b"]);
    let hours = |id| scenario.broker(BrokerId(id)).unwrap().config.log_retention();
    assert_eq!(hours(1), Limit::At(Duration::from_secs(3_600)));
    assert_eq!(hours(2), Limit::At(Duration::from_secs(7_200)));
    assert_eq!(scenario.cluster.controllers, [BrokerId(1)]);
    assert_eq!(scenario.promise, Promise::Level);
    assert_eq!(scenario.network.near.bandwidth, 12_500_000);
    assert_eq!(scenario.network.far.latency, Duration::from_millis(30));
    assert_eq!((scenario.topics[0].partitions, scenario.topics[0].replication_factor), (2, 2));
    assert_eq!(scenario.topics[0].overrides.get("retention.ms").unwrap(), &"604800000".into());
    assert_eq!(scenario.topics[1].partitions, 6);
    assert_eq!(scenario.producers[0].keys.len(), 3);
    assert_eq!(scenario.producers[0].value_size, 1_024);
    let instances: Vec<_> = scenario.groups[0]
        .members
        .iter()
        .map(|member| member.config.group_instance_id.as_deref().unwrap())
        .collect();
    assert_eq!(instances, ["a", "b"]);
    assert_eq!(scenario.groups[1].members[1].start, Duration::from_secs(5));
    assert_eq!(&*scenario.groups[1].members[1].config.client_id, "b");
}

#[test]
fn goals_labs_costs_and_networks_are_read() {
    let scenario = right(
        r#"
        promise = "newest"
        clock = "2020-02-02T02:02:02Z"
        [network]
        jitter = "0s"
        racks = { latency = "5ms" }
        [costs]
        fsync = "2ms"
        disk = "100MiB/s"
        [topics.kq]
        [topics.not-yet]
        create = false
        [[goals]]
        say = { en = "Lose nothing.", zh = "一条不丢。" }
        expect = "always acked-lost == 0"
        hints = ["acks"]
        [[labs]]
        say = "Try acks."
        edit = ["producers.web.config.acks"]
        "#,
    );
    assert_eq!(scenario.network.far.latency, Duration::from_millis(5));
    assert_eq!(scenario.network.far.jitter, Duration::ZERO);
    assert_eq!(scenario.costs.disk.fsync, Duration::from_millis(2));
    assert_eq!(scenario.costs.disk.medium_ps_per_byte, 1_000_000_000_000 / (100 << 20));
    assert_eq!(scenario.costs.disk.medium, None);
    assert_eq!(&*scenario.goals[0].expect[0].text, "always acked-lost == 0");
    assert_eq!(&*scenario.goals[0].say.zh, "一条不丢。");
    assert_eq!(scenario.labs[0].edit.len(), 1);
    assert!(!scenario.topics[1].create);
    assert_eq!(scenario.clock.0, 1_580_608_922_000);
}

#[test]
fn a_group_of_one_may_say_its_instance_id_as_kafka_does() {
    let scenario = right(
        r#"
        [topics.kq]
        [groups.g]
        topics = ["kq"]
        consumers = 1
        config = { "group.instance.id" = "one" }
        "#,
    );
    let member = &scenario.groups[0].members[0];
    assert_eq!(member.config.group_instance_id.as_deref(), Some("one"));
}

#[test]
fn partitions_keep_their_names_when_a_topic_is_created_that_is_there() {
    let scenario = right(
        r#"
        [topics.kq]
        partitions = 3
        [[steps]]
        at = "10s"
        do = "create topic kq partitions 1"
        [[steps]]
        at = "20s"
        do = "kill leader(kq-2)"
        "#,
    );
    assert_eq!(scenario.steps.len(), 2);
}

#[test]
fn steps_see_the_names_of_their_time() {
    let scenario = right(
        r#"
        [topics.kq]
        replication-factor = 2
        [producers.web]
        topic = "late"
        [groups.g]
        topics = ["kq"]
        [[steps]]
        at = "30s"
        do = "start victim"
        expect = "within 10s isr(kq-0) includes victim"
        [[steps]]
        at = "10s"
        do = ["kill leader(kq-0)", "add broker", "add consumer to g"]
        as = "victim"
        for = "5s"
        [[steps]]
        when = "state(g) == Stable"
        do = ["kill broker-4", "stop c2", "create topic late partitions 2"]
        "#
        .replace("for = \"5s\"\n", "")
        .as_str(),
    );
    assert_eq!(scenario.steps[1].label.as_deref(), Some("victim"));
    assert_eq!(scenario.steps[0].when, When::At(Instant::ZERO + Duration::from_secs(30)));
    assert!(matches!(scenario.steps[2].when, When::Holds { .. }));
}

#[test]
fn a_run_of_a_comparison_is_called_by_what_differs() {
    let body = "[topics.kq]\n[producers.web]\ntopic = \"kq\"\n[producers.pay]\ntopic = \"kq\"\n[compare]\n";
    let labels = |compare: &str| -> Vec<String> {
        let loaded = load(&source(&format!("{HEAD}{body}{compare}")));
        assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
        let labels = loaded.runs.iter().map(|run| run.label.as_ref().expect("it has one"));
        labels.map(ToString::to_string).collect()
    };
    let idempotence = "vary = \"producers.web.config.enable.idempotence\"\nvalues = [true, false]";
    let expected = ["enable.idempotence = true", "enable.idempotence = false"];
    assert_eq!(labels(idempotence), expected);
    let both = "vary = [\"producers.web.config.acks\", \"producers.pay.config.acks\", \"seed\"]\n\
                values = [[0, 1, 2]]";
    assert_eq!(labels(both), ["web acks = 0, pay acks = 1, seed = 2"]);
}

#[test]
fn schema_is_json_and_knows_every_key() {
    let schema: serde_json::Value = serde_json::from_str(&schema()).expect("it is JSON");
    let steps = &schema["properties"]["steps"]["items"]["properties"];
    assert_eq!(steps["at"]["description"], "When: a moment of the run.");
    assert_eq!(schema["required"], serde_json::json!(["format", "title"]));
    let config = &schema["properties"]["topics"]["additionalProperties"]["properties"]["config"];
    assert!(config["properties"]["retention.ms"].is_object());
}

#[test]
fn what_was_done_live_is_appended_and_read_back() {
    let recorded = [
        Recorded { at: Instant::from_nanos(12_345_678_901), line: "kill leader(kq-0)".into() },
        Recorded { at: Instant::from_nanos(15_000_000_001), line: "produce \"it's\" to kq".into() },
    ];
    let saved = save(STARTER, &recorded);
    insta::assert_snapshot!(saved.strip_prefix(STARTER).expect("the file stays as it is"), @r#"

    # Done live.
    [[steps]]
    at = "12.345678901s"
    do = 'kill leader(kq-0)'

    [[steps]]
    at = "15.000000001s"
    do = "produce \"it's\" to kq"
    "#);
    let load_one = |text: &str| load(&source(text)).runs.remove(0).scenario;
    let (before, after) = (load_one(STARTER), load_one(&saved));
    assert_eq!(before.steps[..], after.steps[..2]);
    let times: Vec<_> = after.steps[2..].iter().map(|step| step.when.clone()).collect();
    assert_eq!(times, recorded.clone().map(|one| When::At(one.at)));
    let lines: Vec<_> =
        after.steps[2..].iter().map(|step| step.instructions[0].line.clone()).collect();
    assert_eq!(lines, recorded.map(|one| one.line));
    assert_eq!(Scenario { steps: before.steps.clone(), ..after }, before);
    assert_eq!(save(STARTER, &[]), STARTER);
}

#[test]
fn steps_in_one_line_become_tables_when_more_are_appended() {
    let text = format!(
        "{HEAD}steps = [{{ at = \"1s\", do = \"kill broker-1\" }}, {{ at = \"2s\", pause = true }}]\nseed = 5\n[topics.kq]\n"
    );
    let saved = save(&text, &[Recorded { at: Instant::from_nanos(3), line: "heal".into() }]);
    insta::assert_snapshot!(saved, @r#"
    format = 1
    title = "t"
    seed = 5
    [topics.kq]

    [[steps]]
    at = "1s"
    do = "kill broker-1"

    [[steps]]
    at = "2s"
    pause = true

    # Done live.
    [[steps]]
    at = "0.000000003s"
    do = 'heal'
    "#);
    let loaded = load(&source(&saved));
    assert_eq!(render(&source(&saved), &loaded.diagnostics, false), "");
    assert_eq!(loaded.runs[0].scenario.steps.len(), 3);
    assert_eq!(loaded.runs[0].scenario.seed, 5);
}
