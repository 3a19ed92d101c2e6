//! The language as people meet it: what lines mean, what is wrong with them, what could follow.

mod properties;
mod values;

use std::fmt::Write;

use super::*;
use crate::ids::{BrokerId, Name};

/// Three brokers and a controller, `kq` with three partitions, `web`, and `checkout` with two
/// consumers.
pub(crate) fn names() -> Names {
    Names {
        brokers: (1..=3).map(BrokerId).collect(),
        controllers: 1,
        topics: [("kq".into(), 3), ("orders".into(), 1)].into(),
        producers: [Name::from("web")].into(),
        groups: [("checkout".into(), vec!["c1".into(), "c2".into()])].into(),
        labels: [("victim".into(), Function::Leader.row().result)].into(),
        later: [Name::from("newcomer")].into(),
    }
}

fn wrong(line: &str, error: &LineError) -> String {
    let carets = line[error.span.clone()].chars().count().max(1);
    let indent = " ".repeat(line[..error.span.start].chars().count());
    let mut text = format!("{line}\n{indent}{} {}", "^".repeat(carets), error.message);
    if let Some(hint) = &error.hint {
        write!(text, "; {hint}").expect("strings take everything");
    }
    text
}

/// What a line means, or what is wrong with it.
fn meaning(line: &str) -> String {
    match names().read(line) {
        Ok(instruction) => {
            let lasting = instruction.lasting.map(|span| format!(" for {span}"));
            format!("{:?}{}", instruction.command, lasting.unwrap_or_default())
        }
        Err(error) => wrong(line, &error),
    }
}

fn condition(text: &str) -> String {
    match names().read_condition(text) {
        Ok(condition) => format!("{condition:?}"),
        Err(error) => wrong(text, &error),
    }
}

/// All of them, one under the other.
fn all(lines: &[&str], what: impl Fn(&str) -> String) -> String {
    let answers: Vec<_> = lines.iter().map(|line| what(line)).collect();
    answers.join("\n")
}

fn all_with_input(lines: &[&str], what: impl Fn(&str) -> String) -> String {
    let answers: Vec<_> = lines.iter().map(|line| format!("{line}▏ {}", what(line))).collect();
    answers.join("\n")
}

fn completions(line: &str) -> String {
    let found = complete(line, line.len(), &names());
    found.iter().map(|one| one.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// A line for every row of the grammar.
const EXAMPLES: [&str; 44] = [
    "kill leader(kq-0)",
    "kill {broker-1, c1, web} for 20s",
    "stop controller",
    "start victim",
    "power-off broker-1",
    "wipe broker-2",
    "pause broker-3 for 1m",
    "resume broker-3",
    "remove c2",
    "add broker",
    "add consumer to checkout",
    "add partitions 2 to kq",
    "partition broker-1 | {broker-2, broker-3} for 20s",
    "partition broker-1 -> controller",
    "heal",
    "heal broker-1 | broker-2",
    "hold broker-1 -> broker-2",
    "release broker-1 -> broker-2",
    "reset web -> leader(kq-0)",
    "delay broker-1 -> brokers by 50ms",
    "drop next FetchResponse broker-1 -> broker-2",
    "slow disk of broker-2 by 10x",
    "slow cpu of c1 by 3",
    "produce \"hello\" key \"user-42\" to kq",
    "produce 'hello' to kq-1",
    "rate web 50/s",
    "seek checkout kq-0 to earliest",
    "seek c1 kq-0 to 17",
    "set topic kq retention.ms 1m",
    "set topic kq cleanup.policy [compact, delete]",
    "set topic kq retention.ms default",
    "set broker 1 min.insync.replicas 2",
    "set broker all min.insync.replicas 2",
    "set level all elr off",
    "create topic new partitions 6 replication-factor 2 retention.ms 1h",
    "delete topic orders",
    "elect preferred kq-0",
    "elect unclean kq/0",
    "reassign kq-0 to [2, 3]",
    "break isr(kq-1) < 2",
    "goto 25s",
    "step 3",
    "save \"mine.toml\"",
    "kafka-topics.sh --describe --topic 'kq'",
];

#[test]
fn every_row_of_the_grammar_has_an_example() {
    let mut verbs: Vec<Verb> = Vec::new();
    let mut meanings = String::new();
    for line in EXAMPLES {
        if let Ok(Line::Command { production, .. }) = parse(line) {
            verbs.push(production.verb);
        }
        writeln!(meanings, "{line}\n    {}", meaning(line)).expect("strings take everything");
    }
    let without: Vec<_> = PRODUCTIONS.iter().filter(|row| !verbs.contains(&row.verb)).collect();
    // Settings of groups are known to Kafka only, so far.
    assert_eq!(without.iter().map(|row| row.verb).collect::<Vec<_>>(), [Verb::SetGroup]);
    insta::assert_snapshot!(meanings, @r#"
    kill leader(kq-0)
        Kill([Call(Leader, [Value(Partition(kq-0))])])
    kill {broker-1, c1, web} for 20s
        Kill([Value(Broker(BrokerId(1))), Value(Consumer { group: "checkout", member: "c1" }), Value(Producer("web"))]) for 20s
    stop controller
        Stop([Call(Controller, [])])
    start victim
        Start([Label("victim")])
    power-off broker-1
        PowerOff([Value(Broker(BrokerId(1)))])
    wipe broker-2
        Wipe([Value(Broker(BrokerId(2)))])
    pause broker-3 for 1m
        Pause([Value(Broker(BrokerId(3)))]) for 1m
    resume broker-3
        Resume([Value(Broker(BrokerId(3)))])
    remove c2
        Remove(Value(Consumer { group: "checkout", member: "c2" }))
    add broker
        AddBroker
    add consumer to checkout
        AddConsumer { group: "checkout" }
    add partitions 2 to kq
        AddPartitions { topic: "kq", count: 2 }
    partition broker-1 | {broker-2, broker-3} for 20s
        Partition(Link { from: [Value(Broker(BrokerId(1)))], to: [Value(Broker(BrokerId(2))), Value(Broker(BrokerId(3)))], both_ways: true }) for 20s
    partition broker-1 -> controller
        Partition(Link { from: [Value(Broker(BrokerId(1)))], to: [Call(Controller, [])], both_ways: false })
    heal
        Heal(None)
    heal broker-1 | broker-2
        Heal(Some(Link { from: [Value(Broker(BrokerId(1)))], to: [Value(Broker(BrokerId(2)))], both_ways: true }))
    hold broker-1 -> broker-2
        Hold(Link { from: [Value(Broker(BrokerId(1)))], to: [Value(Broker(BrokerId(2)))], both_ways: false })
    release broker-1 -> broker-2
        Release(Link { from: [Value(Broker(BrokerId(1)))], to: [Value(Broker(BrokerId(2)))], both_ways: false })
    reset web -> leader(kq-0)
        Reset(Link { from: [Value(Producer("web"))], to: [Call(Leader, [Value(Partition(kq-0))])], both_ways: false })
    delay broker-1 -> brokers by 50ms
        Delay { link: Link { from: [Value(Broker(BrokerId(1)))], to: [Call(Brokers, [])], both_ways: false }, by: Duration(50000000) }
    drop next FetchResponse broker-1 -> broker-2
        DropNext { message: Message { api: Fetch, response: true }, link: Link { from: [Value(Broker(BrokerId(1)))], to: [Value(Broker(BrokerId(2)))], both_ways: false } }
    slow disk of broker-2 by 10x
        SlowDisk { of: [Value(Broker(BrokerId(2)))], factor: 10 }
    slow cpu of c1 by 3
        SlowCpu { of: [Value(Consumer { group: "checkout", member: "c1" })], factor: 3 }
    produce "hello" key "user-42" to kq
        Produce { value: "hello", key: Some("user-42"), to: Topic("kq") }
    produce 'hello' to kq-1
        Produce { value: "hello", key: None, to: Partition(kq-1) }
    rate web 50/s
        Rate { producer: Value(Producer("web")), rate: Rate { count: 50, per: Duration(1000000000) } }
    seek checkout kq-0 to earliest
        Seek { who: Value(Group("checkout")), partition: kq-0, to: Earliest }
    seek c1 kq-0 to 17
        Seek { who: Value(Consumer { group: "checkout", member: "c1" }), partition: kq-0, to: Offset(17) }
    set topic kq retention.ms 1m
        SetTopic { topic: "kq", name: "retention.ms", value: Some("60000") }
    set topic kq cleanup.policy [compact, delete]
        SetTopic { topic: "kq", name: "cleanup.policy", value: Some("compact,delete") }
    set topic kq retention.ms default
        SetTopic { topic: "kq", name: "retention.ms", value: None }
    set broker 1 min.insync.replicas 2
        SetBroker { broker: Some(BrokerId(1)), name: "min.insync.replicas", value: Some("2") }
    set broker all min.insync.replicas 2
        SetBroker { broker: None, name: "min.insync.replicas", value: Some("2") }
    set level all elr off
        SetLevel { broker: None, level: "elr", word: "off" }
    create topic new partitions 6 replication-factor 2 retention.ms 1h
        CreateTopic(NewTopic { name: "new", partitions: Some(6), replication_factor: Some(2), config: Overrides({"retention.ms": "3600000"}) })
    delete topic orders
        DeleteTopic { topic: "orders" }
    elect preferred kq-0
        Elect { partition: kq-0, unclean: false }
    elect unclean kq/0
        Elect { partition: kq-0, unclean: true }
    reassign kq-0 to [2, 3]
        Reassign { partition: kq-0, to: [BrokerId(2), BrokerId(3)] }
    break isr(kq-1) < 2
        Break(Compare(Call(Isr, [Value(Partition(kq-1))]), Less, Value(Number(2))))
    goto 25s
        Goto(Instant(25000000000))
    step 3
        Step(3)
    save "mine.toml"
        Save("mine.toml")
    kafka-topics.sh --describe --topic 'kq'
        Foreign(["kafka-topics", "--describe", "--topic", "kq"])
    "#);
}

#[test]
fn wrong_lines_are_answered_with_the_right_word() {
    let lines = [
        "kil broker-1",
        "at 30s",
        "kill broker-9",
        "kill",
        "kill kq",
        "kill leader(kp-0)",
        "kill leader(kq-3)",
        "kill leader(kq)",
        "kill leder(kq-0)",
        "kill leader",
        "kill leader(kq-0, 1)",
        "kill newcomer",
        "wipe owner(kq-0, checkout)",
        "kill broker-1 broker-2",
        "kill broker-1 for 20",
        "start broker-1 for 20s",
        "add consumer checkout",
        "add consumer to chekout",
        "produce hello to kq",
        "produce \"hello\" ot kq",
        "slow disk of broker-1 by ten",
        "set topic kq retention.msec 5",
        "set topic kq retention.ms soon",
        "set broker 1 broker.session.timeout.ms 5s",
        "set group checkout consumer.session.timeout.ms 5s",
        "set level all truncation hw",
        "set level all truncaton hw",
        "drop next Ferch broker-1 -> broker-2",
        "reassign kq-0 to [2, 2]",
        "reassign kq-0 to [2, 7]",
        "kafka-topic --list",
        "kill broker-1 & broker-2",
        "",
    ];
    insta::assert_snapshot!(all(&lines, meaning), @r#"
    kil broker-1
    ^^^ unknown command `kil`; did you mean `kill`?
    at 30s
    ^^ unknown command `at`; `goto 25s` moves to a moment, `step 2` to a step
    kill broker-9
         ^^^^^^^^ unknown process `broker-9`; there are broker-1 to broker-3
    kill
        ^ the line ends where a process like `broker-1` or `leader(kq-0)` is expected
    kill kq
         ^^ `kq` is a topic; a process is wanted here
    kill leader(kp-0)
                ^^^^ unknown topic `kp`; did you mean `kq`?
    kill leader(kq-3)
                ^^^^ `kq` has no partition `kq-3`; there are kq-0 to kq-2
    kill leader(kq)
                ^^ `kq` is a topic; a partition is wanted here
    kill leder(kq-0)
         ^^^^^ unknown function `leder`; did you mean `leader`?
    kill leader
         ^^^^^^ `leader` needs more arguments; write it as `leader(partition)`
    kill leader(kq-0, 1)
                      ^ `leader` takes fewer arguments; write it as `leader(partition)`
    kill newcomer
         ^^^^^^^^ `newcomer` is named by a later step only
    wipe owner(kq-0, checkout)
         ^^^^^^^^^^^^^^^^^^^^^ `owner(kq-0, checkout)` is a consumer; a server is wanted here
    kill broker-1 broker-2
                  ^^^^^^^^ expected `for` or the end, found `broker-2`
    kill broker-1 for 20
                      ^^ expected a span of time like 20s, found `20`
    start broker-1 for 20s
                   ^^^ expected the end, found `for`
    add consumer checkout
                 ^^^^^^^^ expected `to`, found `checkout`
    add consumer to chekout
                    ^^^^^^^ unknown group `chekout`; did you mean `checkout`?
    produce hello to kq
            ^^^^^ expected a text between quotes, found `hello`
    produce "hello" ot kq
                    ^^ expected `key` or `to`, found `ot`; did you mean `to`?
    slow disk of broker-1 by ten
                             ^^^ expected a factor like 10x, found `ten`
    set topic kq retention.msec 5
                 ^^^^^^^^^^^^^^ unknown topic setting `retention.msec`; did you mean `retention.ms`?
    set topic kq retention.ms soon
                              ^^^^ Invalid value soon for configuration retention.ms: Not a number of type LONG
    set broker 1 broker.session.timeout.ms 5s
                 ^^^^^^^^^^^^^^^^^^^^^^^^^ a broker reads `broker.session.timeout.ms` only when it starts; set it under [cluster] or [brokers.N]
    set group checkout consumer.session.timeout.ms 5s
                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^ Kafka knows `consumer.session.timeout.ms`, the simulator does not model it (yet)
    set level all truncation hw
                             ^^ `truncation = hw` cannot be simulated yet
    set level all truncaton hw
                  ^^^^^^^^^ unknown protocol level `truncaton`; did you mean `truncation`?
    drop next Ferch broker-1 -> broker-2
              ^^^^^ unknown kind of message `Ferch`; did you mean `Fetch`?
    reassign kq-0 to [2, 2]
                         ^ broker 2 is there twice
    reassign kq-0 to [2, 7]
                         ^ unknown broker `7`; there are broker-1 to broker-3
    kafka-topic --list
    ^^^^^^^^^^^ unknown command `kafka-topic`; did you mean `kafka-topics`?
    kill broker-1 & broker-2
                  ^ `&` means nothing here; write several as {one, another}, and conditions with `and`

    ^ a command is expected, like `kill broker-1`
    "#);
}

#[test]
fn conditions_are_checked_by_type() {
    let lines = [
        "isr(kq-1) < 2 and not online(kq-0) or state(checkout) == Stable",
        "leader(kq-0) == 2",
        "leader(kq-0) == none",
        "isr(kq-0) includes victim",
        "isr(kq-0) == [1, broker-2]",
        "3 in isr(kq-0)",
        "state(checkout) in [Stable, Empty]",
        "unavailable(kq-0) <= 10s",
        "errors(web, NOT_ENOUGH_REPLICAS) > 0",
        "kq-0 in assigned(c1)",
        "isr(kq-0) < 5s",
        "lag(checkout)",
        "state(checkout) == Stabel",
        "state(broker-1) == Stable",
        "leader(kq-0) == kq",
        "leader(kq-0) == broker-7",
        "errors(web, NOT_ENOUGH) > 0",
        "isr(kq-0) = 2",
        "alive(isr(kq-0))",
        "acked > sent or",
        "Stable == Stable",
    ];
    insta::assert_snapshot!(all(&lines, condition), @r#"
    Or([And([Compare(Call(Isr, [Value(Partition(kq-1))]), Less, Value(Number(2))), Not(Holds(Call(Online, [Value(Partition(kq-0))])))]), Compare(Call(State, [Value(Group("checkout"))]), Equal, Value(State("Stable")))])
    Compare(Call(Leader, [Value(Partition(kq-0))]), Equal, Value(Broker(BrokerId(2))))
    Compare(Call(Leader, [Value(Partition(kq-0))]), Equal, Value(None))
    Compare(Call(Isr, [Value(Partition(kq-0))]), Includes, Label("victim"))
    Compare(Call(Isr, [Value(Partition(kq-0))]), Equal, List([Value(Broker(BrokerId(1))), Value(Broker(BrokerId(2)))]))
    Compare(Value(Broker(BrokerId(3))), In, Call(Isr, [Value(Partition(kq-0))]))
    Compare(Call(State, [Value(Group("checkout"))]), In, List([Value(State("Stable")), Value(State("Empty"))]))
    Compare(Call(Unavailable, [Value(Partition(kq-0))]), LessOrEqual, Value(Span(Duration(10000000000))))
    Compare(Call(Errors, [Value(Producer("web")), Value(Error("NOT_ENOUGH_REPLICAS"))]), Greater, Value(Number(0)))
    Compare(Value(Partition(kq-0)), In, Call(Assigned, [Value(Consumer { group: "checkout", member: "c1" })]))
    isr(kq-0) < 5s
    ^^^^^^^^^^^^^^ `<` does not compare a list of brokers with a span of time
    lag(checkout)
    ^^^^^^^^^^^^^ `lag(checkout)` is a number, no condition; compare it with something: ==, !=, <, <=, >, >=, includes, in
    state(checkout) == Stabel
                       ^^^^^^ unknown state `Stabel`; did you mean `Stable`?
    state(broker-1) == Stable
                       ^^^^^^ unknown state `Stable`; there are NotRunning, Starting, Recovery, Running, PendingControlledShutdown, ShuttingDown
    leader(kq-0) == kq
    ^^^^^^^^^^^^^^^^^^ `==` does not compare a broker with a topic
    leader(kq-0) == broker-7
                    ^^^^^^^^ unknown broker `broker-7`; there are broker-1 to broker-3
    errors(web, NOT_ENOUGH) > 0
                ^^^^^^^^^^ unknown error `NOT_ENOUGH`
    isr(kq-0) = 2
              ^ `=` means nothing here; did you mean `==`?
    alive(isr(kq-0))
          ^^^^^^^^^ `isr(kq-0)` is a list of brokers; `alive` takes one
    acked > sent or
                   ^ the line ends where `not` or a value is expected
    Stable == Stable
    ^^^^^^ unknown name `Stable`
    "#);
}

#[test]
fn nesting_has_an_end() {
    let deep = "(".repeat(1_000);
    assert_eq!(parse_condition(&deep).unwrap_err().message, "nested too deeply");
    let calls = format!("kill {}", "leader(".repeat(1_000));
    assert_eq!(parse(&calls).unwrap_err().message, "nested too deeply");
}

#[test]
fn a_name_that_can_mean_two_things_is_asked_about() {
    let mut names = names();
    names.topics.insert("kq-0".into(), 1);
    names.groups.insert("audit".into(), vec!["c1".into()]);
    let ask = |line: &str| {
        let parsed = parse(line).expect("it parses");
        names
            .instruction(&parsed)
            .map_or_else(|error| wrong(line, &error), |i| format!("{:?}", i.command))
    };
    let lines = [
        "produce \"x\" to kq-0",
        "produce \"x\" to kq/0",
        "elect preferred kq-0",
        "elect preferred kq-0-0",
        "kill c1",
        "kill audit/c1",
        "kill audit/c2",
    ];
    insta::assert_snapshot!(all(&lines, ask), @r#"
    produce "x" to kq-0
                   ^^^^ `kq-0` can mean several things; write the topic `kq-0` or `kq/0` for the partition
    Produce { value: "x", key: None, to: Partition(kq-0) }
    Elect { partition: kq-0, unclean: false }
    Elect { partition: kq-0-0, unclean: false }
    kill c1
         ^^ `c1` can mean several things; write `audit/c1` or `checkout/c1`
    Kill([Value(Consumer { group: "audit", member: "c1" })])
    kill audit/c2
         ^^^^^^^^ unknown process `audit/c2`; there are only audit/c1
    "#);
}

#[test]
fn completion_follows_the_grammar() {
    let lines = [
        "k",
        "kill ",
        "kill lea",
        "kill leader(k",
        "kill broker-1 ",
        "add ",
        "add consumer to ",
        "set topic kq ret",
        "set topic kq cleanup.policy ",
        "set level all truncation ",
        "break state(checkout) == ",
        "break state(c",
        "break isr(kq-0) i",
        "seek checkout kq-0 to ",
        "kafka-t",
    ];
    insta::assert_snapshot!(all_with_input(&lines, completions), @"
    k▏ kill kafka-console-consumer kafka-consumer-groups kafka-get-offsets kafka-leader-election kafka-topics
    kill ▏ broker-1 broker-2 broker-3 controller-1 web c1 c2 victim leader( any-follower( followers( replicas( isr( elr( controller brokers members( coordinator( owner(
    kill lea▏ leader(
    kill leader(k▏ kq-0 kq-1 kq-2
    kill broker-1 ▏ for
    add ▏ broker consumer partitions
    add consumer to ▏ checkout
    set topic kq ret▏ retention.bytes retention.ms
    set topic kq cleanup.policy ▏ compact delete default
    set level all truncation ▏ hw epoch epoch_pair on_fetch
    break state(checkout) == ▏ Empty PreparingRebalance CompletingRebalance Stable Dead NotRunning Starting Recovery Running PendingControlledShutdown ShuttingDown Unjoined
    break state(c▏ c1 c2 checkout coordinator(
    break isr(kq-0) i▏ includes in
    seek checkout kq-0 to ▏ earliest latest
    kafka-t▏ kafka-topics
    ");
    assert_eq!(completions("produce \"open "), "");
}

#[test]
fn help_lists_commands_and_functions() {
    let lines: Vec<_> = help().iter().map(|line| format!("{} — {}", line.usage, line.en)).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    kill PROCESSES [for TIME] — processes die without a word (kill -9)
    stop PROCESSES [for TIME] — processes shut down properly: a broker hands over, a consumer leaves
    start PROCESSES — processes that do not run start on the disk they left
    power-off SERVERS [for TIME] — machines lose power: what was not flushed is gone
    wipe SERVERS — disks are replaced by empty ones; the processes die
    pause PROCESSES [for TIME] — processes freeze; the world goes on (SIGSTOP)
    resume PROCESSES — frozen processes go on
    remove NAME — a consumer or producer closes and is gone
    add broker — a new broker with the next id joins the cluster
    add consumer to GROUP — a new consumer joins the group
    add partitions COUNT to TOPIC — the topic gets that many more partitions
    partition PROCESSES (| ¦ ->) PROCESSES [for TIME] — nothing gets from one side to the other, nor back; with -> only that way is cut
    heal [PROCESSES (| ¦ ->) PROCESSES] — what was cut, held or delayed gets through again; without sides, everywhere
    hold PROCESSES -> PROCESSES [for TIME] — messages wait on their way, in order
    release PROCESSES -> PROCESSES — held messages arrive
    reset PROCESSES -> PROCESSES — connections end, with what was in flight
    delay PROCESSES -> PROCESSES by TIME [for TIME] — everything takes that much longer
    drop next MESSAGE PROCESSES -> PROCESSES — the connection resets as the next such message would arrive
    slow disk of SERVERS by FACTOR [for TIME] — disks take that many times as long
    slow cpu of PROCESSES by FACTOR [for TIME] — work takes that many times as long
    produce "TEXT" [key "TEXT"] to NAME — one record is sent
    rate PRODUCER RATE — the producer sends that many records from now on
    seek NAME PARTITION to OFFSET — consumption goes on at another offset
    set topic TOPIC SETTING VALUE — a topic's setting changes
    set broker BROKER SETTING VALUE — a broker's setting changes, or everybody's default
    set group GROUP SETTING VALUE — a group's setting at the coordinator changes
    set level BROKER LEVEL WORD — a protocol level changes, as in a rolling upgrade
    create topic NAME {SETTING VALUE} — a topic is created
    delete topic TOPIC — a topic is deleted
    elect (preferred ¦ unclean) PARTITION — the preferred replica takes over, or one that is out of sync
    reassign PARTITION to [BROKER, …] — the partition moves to these brokers
    break CONDITION — the run pauses when the condition begins to hold
    goto MOMENT — the view moves to that moment
    step COUNT — the view moves to that step of the scenario, where it asks or was just done
    save FILE — the scenario is written to a file, with all that was done live
    leader(partition) — the broker that leads the partition
    any-follower(partition) — one of the partition's live followers: the first in replica order
    followers(partition) — the partition's replicas that do not lead
    replicas(partition) — the brokers that the partition is assigned to
    isr(partition) — the in-sync replicas, leader included
    elr(partition) — the eligible leader replicas (KIP-966)
    leader-epoch(partition) — raised with every change of leader
    partition-epoch(partition) — raised with every change of the partition's state
    hw(partition) — the leader's high watermark: what comes before is committed
    leo(partition, [broker]) — the log end offset on the leader, or on the broker named
    log-start(partition, [broker]) — the first offset on the leader, or on the broker named
    segments(partition, [broker]) — how many .log files the leader, or the broker named, has of the partition
    index-entries(partition, [broker]) — how many entries their .index files have in all
    online(partition) — whether the partition has a leader that lives
    in-sync(partition) — whether all replicas are in the ISR
    unavailable(partition) — how long in all nobody led the partition
    partitions(topic) — how many partitions the topic has
    under-replicated — how many partitions have replicas outside their ISR
    offline — how many partitions have no leader
    controller — the active controller
    brokers — all brokers
    alive(process) — whether the process runs
    seeks(broker) — how often the broker's disk went to another place (seek, of the costs)
    copied(broker) — how many bytes the broker copied on their way to readers, for want of sendfile
    fenced(broker) — whether the controller has fenced the broker
    elections — how many leaders were elected after a topic's creation, internal topics aside
    unclean-elections — how many leaders were elected uncleanly
    unclean-election — whether there was an unclean one
    state(broker, consumer or group) — the state of a group, a broker or a consumer
    generation(group) — how many rebalances the group has completed
    rebalances(group) — how many rebalances the group has begun
    members(group) — the group's members, as its coordinator has them
    coordinator(group) — the broker that coordinates the group
    owner(partition, group) — the member that consumes the partition
    assigned(consumer) — the partitions that the consumer has
    lag(group, [topic or partition]) — records committed to the log and not yet committed by the group; none where it committed nothing
    committed(group, partition) — the offset that the group has committed; -1 for none
    position(consumer, partition) — the offset that the consumer reads next; -1 for none
    consumed(group) — how many records the group's applications processed
    took(group) — how long from the first record that was sent to the last that the group's applications processed
    duplicated([group]) — how many of them a group had processed before
    skipped(group) — how many records the group's committed offsets have passed that nobody processed
    sent([producer]) — how many records applications handed to their producers
    acked([producer]) — how many of them were acknowledged; with acks=0, sent
    failed([producer]) — how many of them were given up
    errors([producer], [error]) — how many answers said an error
    acked-lost([producer]) — how many of the records in acked no consumer can read any more
    lost([producer]) — how many sent records were neither failed nor can be read
    kafka-console-consumer --topic TOPIC [--from-beginning | --partition P --offset O] [--max-messages N] [--property print.key=true] — prints the records of a topic
    kafka-consumer-groups --list | --describe --group GROUP [--members | --state] [--verbose] — lists and describes groups: offsets, members, state
    kafka-get-offsets [--topic TOPIC] [--time earliest | latest | MILLIS] — says where logs begin and end
    kafka-leader-election --election-type preferred | unclean --topic TOPIC --partition P — elects leaders, and does so in the run
    kafka-topics --list | --describe [--topic TOPIC] [--under-replicated-partitions] — lists and describes topics
    "#);
}

#[test]
fn expectations_and_answers_read_as_they_print() {
    for text in [
        "always acked-lost == 0",
        "never unclean-election",
        "at-end lag(checkout) < 200",
        "within 20s isr(kq-0) includes victim",
        "at 12.5s leader(kq-0) == broker-2",
        "when not online(kq-0) then within 10s online(kq-0)",
        "when leader(kq-0) == none then state(checkout) == Stable",
        "breaks R6",
    ] {
        let parsed = parse_expectation(text).expect(text);
        assert_eq!(parsed.to_string(), text);
        names().expectation(&parsed).expect(text);
    }
    let answer = parse_answer("leader(kq-0) at 25s").expect("an answer");
    assert_eq!(answer.to_string(), "leader(kq-0) at 25s");
    let error = parse_expectation("allways acked-lost == 0").unwrap_err();
    insta::assert_snapshot!(wrong("allways acked-lost == 0", &error), @"
    allways acked-lost == 0
    ^^^^^^^ expected `always`, `never`, `at-end`, `within`, `at`, `when` or `breaks`, found `allways`; did you mean `always`?
    ");
}
