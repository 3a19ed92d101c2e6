//! What can be wrong with a file, and what is said of it.

use super::{HEAD, source, wrong};
use crate::scenario::*;

#[test]
fn mistakes_are_told_all_at_once() {
    insta::assert_snapshot!(wrong(r#"
duration = "20"
[cluster]
brokers = 0
[topics.kq]
partition = 3
[producers.web]
topic = "kp"
rate = "often"
[[steps]]
at = "5s"
do = "kill broker-9"
"#), @r#"
    x.toml:4:12: error: `20` is not a span of time like "500ms", "20s" or "5m"
    x.toml:6:11: error: 0 is out of range: 1 to 1000
    x.toml:8:1: error: unknown key `partition` in [topics.X]; did you mean `partitions`?
    x.toml:10:9: error: unknown topic `kp`; did you mean `kq`?
    x.toml:11:8: error: `often` is not a rate like "20/s"
    x.toml:14:12: error: unknown process `broker-9`; there are broker-1 to broker-3
    "#);
}

#[test]
fn the_head_of_a_file_is_checked() {
    insta::assert_snapshot!(wrong(r#"
kafka = "2.0"
duration = "0s"
seed = -1
clock = "tomorrow"
promise = "newset"
titel = "x"
boot = 5
about = { en = "x", fr = "y" }
levels = { truncation = "hw", elr = "of", ellr = "on" }
expect = "allways true"
"#), @r#"
    x.toml:4:9: error: no release `2.0` to simulate; rules changed within 2.0: say 2.0.0 or 2.0.1
    x.toml:5:12: error: a run lasts some time
    x.toml:6:8: error: -1 is out of range: 0 or more
    x.toml:7:9: error: `tomorrow` is not a moment in UTC like "2026-01-01T00:00:00Z"
    x.toml:8:11: error: unknown word `newset`; did you mean `newest`?
    x.toml:9:1: error: unknown key `titel` in the scenario; did you mean `title`?
    x.toml:10:8: error: `5` is not a span of time like "500ms", "20s" or "5m"
    x.toml:11:21: error: unknown language `fr`; there are en and zh
    x.toml:12:25: error: `truncation = hw` cannot be simulated yet
    x.toml:12:37: error: the level `elr` has no value `of`; one of off, on
    x.toml:12:43: error: unknown protocol level `ellr`; did you mean `elr`?
    x.toml:13:11: error: expected `always`, `never`, `at-end`, `within`, `at`, `when` or `breaks`, found `allways`; did you mean `always`?
    "#);
    insta::assert_snapshot!(wrong("kafka = \"2.8\""), @"x.toml:3:9: error: Kafka 2.8 cannot be simulated yet; Kafka 4.1 can");
    insta::assert_snapshot!(wrong("kafka = 4.1"), @r#"x.toml:3:9: error: expected a string, found a number with a fraction; put it between quotes: "4.1""#);
    let source = source("duration = \"5s\"");
    let lines: Vec<_> = load(&source).diagnostics.iter().map(|one| one.one_line(&source)).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    x.toml: error: `format` is missing in the scenario
    x.toml: error: `title` is missing in the scenario
    ");
    let other = Source { text: "format = 2\ntitle = \"t\"".to_owned(), ..source };
    insta::assert_snapshot!(load(&other).diagnostics[0].one_line(&other), @"x.toml:1:10: error: this program reads format 1, not 2");
}

#[test]
fn clusters_and_topics_are_checked() {
    insta::assert_snapshot!(wrong(r#"
[cluster]
brokers = 3
controllers = 2
metadata = "zookeeper"
config = { "broker.session.timeout.ms" = "soon", "replica.lag.time.max.ms" = "100ms", "acks" = 1, "listeners" = "x", "num.network.threads" = 4 }
raks = ["a"]
[brokers.7]
rack = "a"
[brokers.x]
[topics.kq]
partitions = 3
replication-factor = 4
[topics."a b"]
[topics.leader]
[topics.__consumer_offsets]
[topics.orders_a]
[topics."orders.a"]
[topics.pinned]
partitions = 3
replicas = [[1, 2], [2], [9, 9]]
[topics.strict]
replication-factor = 2
topic-id = "short"
config = { "min.insync.replicas" = 3, "retention.ms" = -5, "cleanup.policy" = "shred", "retention.msec" = 1, retention = { bytes = [] } }
retention.ms = 5
"#), @r#"
    x.toml:6:15: error: 2 controllers: an even number gains nothing; 1, 3 or 5
    x.toml:7:12: error: a cluster with ZooKeeper cannot be simulated yet; kraft can
    x.toml:8:42: error: Invalid value soon for configuration broker.session.timeout.ms: Not a number of type INT
    x.toml:8:78: error: replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms to prevent frequent changes in ISR
    x.toml:8:87: error: unknown broker setting `acks`; Kafka has it as a producer setting
    x.toml:8:99: error: Kafka knows `listeners`, the simulator does not model it (yet)
    x.toml:8:118: warning: nothing in the simulation depends on `num.network.threads` yet
    x.toml:9:1: error: unknown key `raks` in [cluster]; did you mean `racks`?
    x.toml:10:10: error: unknown broker `7`; there are 1 to 3
    x.toml:12:10: error: unknown broker `x`; there are 1 to 3
    x.toml:15:22: error: 4 replicas cannot be on 3 brokers
    x.toml:16:9: error: `a b` is no name for a topic that commands could use; letters, digits, `.`, `_` and `-`, beginning with a letter, a digit or `_`
    x.toml:17:9: error: `leader` means something else in commands; choose another name for a topic
    x.toml:18:9: error: `__consumer_offsets` is Kafka's own topic
    x.toml:20:9: error: Topic 'orders.a' collides with existing topic: orders_a
    x.toml:23:21: error: partition 1 has 1 replicas, not 2
    x.toml:23:27: error: unknown broker `9`
    x.toml:23:30: error: unknown broker `9`
    x.toml:23:30: error: broker 9 is there twice
    x.toml:26:12: error: `short` is not a 22-character topic id
    x.toml:27:36: warning: min.insync.replicas is 3, and there are 2 replicas: acks=all is never taken
    x.toml:27:56: error: Invalid value -5 for configuration retention.ms: Value must be at least -1
    x.toml:27:79: error: Invalid value shred for configuration cleanup.policy: String must be one of: compact, delete
    x.toml:27:88: error: unknown topic setting `retention.msec`; did you mean `retention.ms`?
    x.toml:27:132: error: Invalid value  for configuration retention.bytes: Not a number of type LONG
    x.toml:28:1: error: unknown key `retention.ms` in [topics.X]; settings of Kafka go into `config`: config = { "retention.ms" = … }
    "#);
    insta::assert_snapshot!(wrong(r#"
[cluster]
brokers = 2
[brokers.1]
config = { "replica.fetch.wait.max.ms" = "40s" }
[topics.kq]
[groups.g]
topics = ["kq"]
"#), @r#"
    x.toml:5:11: warning: no group can work: `__consumer_offsets` needs 3 replicas, and there are 2 brokers; config = { "offsets.topic.replication.factor" = 2 }
    x.toml:7:42: error: replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms to prevent unnecessary socket timeouts
    x.toml:7:42: error: replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms to prevent frequent changes in ISR
    "#);
}

#[test]
fn clients_are_checked() {
    insta::assert_snapshot!(wrong(r#"
[topics.kq]
[producers.web]
topic = "kq"
topics = ["kq"]
client = "librdkafka"
config = { acks = 1, "enable.idempotence" = true, "compression.type" = "gzip" }
[producers.silent]
[producers.broker-5]
topic = "kq"
[producers.fast]
topic = "kq"
rate = "1000000/ms"
[producers.large]
topic = "kq"
value-size = "1GiB"
keys = "k-{3..1}"
key-choice = "zipf"
[groups.g]
topics = ["kq", "oders"]
consumers = 3
members = ["a", "a"]
config = { "group.id" = "h", "session.timeout.ms" = "1s", "heartbeat.interval.ms" = "500ms", "group.protocol" = "consumer" }
[groups.empty]
[groups.static]
topics = ["kq"]
instance-ids = ["a", "a"]
[groups.dozing]
topics = ["kq"]
consumers = 2
config = { "heartbeat.interval.ms" = "60s", "group.instance.id" = "one" }
"#), @r#"
    x.toml:6:9: error: `topic` and `topics`: one of them is enough
    x.toml:8:10: error: the client `librdkafka` cannot be simulated yet; java, sarama and kq can
    x.toml:9:19: error: Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee idempotence.
    x.toml:10:1: error: where does `silent` send to? `topic` is missing
    x.toml:11:12: error: `broker-5` means something else in commands; choose another name for a producer
    x.toml:15:8: error: 60000000000 records are more than 100000000
    x.toml:19:8: error: `k-{3..1}` is no pattern of keys like "user-{0..9}"; 100000 keys in all, at most
    x.toml:20:14: error: unknown word `zipf`; one of in-turn, random
    x.toml:22:17: error: unknown topic `oders`; declare it as [topics.oders]
    x.toml:23:13: error: 3 consumers, and 2 members
    x.toml:24:17: error: two consumers are called `a`
    x.toml:25:25: error: a group's id is the name of its table
    x.toml:25:53: warning: no member can join: session.timeout.ms is 1s, and brokers take 6s to 30m; group.min.session.timeout.ms and group.max.session.timeout.ms say so
    x.toml:25:113: error: Kafka knows `group.protocol=consumer`, the simulator does not model it (yet); what can be simulated: classic
    x.toml:26:1: error: what does `empty` read? `topics` is missing
    x.toml:29:22: error: two consumers have the group.instance.id `a`
    x.toml:33:38: error: Heartbeat must be set lower than the session timeout
    x.toml:33:67: error: two consumers cannot have one group.instance.id; give each consumer its own: instance-ids = ["a", "b"]
    "#);
}

#[test]
fn steps_are_checked() {
    insta::assert_snapshot!(wrong(r#"
[topics.kq]
replication-factor = 2
[groups.g]
topics = ["kq"]
[[steps]]
do = "kill broker-1"
[[steps]]
at = "5s"
when = "online(kq-0)"
do = "kill broker-1"
[[steps]]
at = "5s"
[[steps]]
at = "2m"
do = "kill leader(kp-0)"
[[steps]]
at = "5s"
do = "start victim"
[[steps]]
at = "10s"
do = "kill leader(kq-0) for 5s"
as = "victim"
for = "3s"
[[steps]]
at = "11s"
do = "add consumer to g"
for = "3s"
[[steps]]
at = "12s"
do = "set topic kq retention.ms 1m"
as = "setting"
[[steps]]
at = "13s"
do = "kill broker-1"
as = "victim"
[[steps]]
at = "14s"
do = 'produce "a\"b" ot kq'
[[steps]]
at = "15s"
do = "produce \"a\" ot kq"
[[steps]]
at = "16s"
do = ["break online(kq-0)", "goto 5s"]
[[steps]]
at = "17s"
ask = { answer = "leader(kq-0) at 2m" }
expect = ["at 2m online(kq-0)", "never lag(g)"]
[[steps]]
when = "lag(g)"
say = 5
"#), @r#"
    x.toml:8:1: error: when is this step? `at` is missing; at = "10s", or when = "state(checkout) == Stable"
    x.toml:11:6: error: `at` and `when`: one of them is enough
    x.toml:14:1: error: nothing happens in this step; give it `do`, `say`, `ask`, `expect` or `pause`
    x.toml:17:6: error: this is after the end of the run, 1m; `duration` says how long the run lasts
    x.toml:18:19: error: unknown topic `kp`; did you mean `kq`?
    x.toml:21:13: error: `victim` is named by a later step only
    x.toml:26:7: error: `for` is in the command already
    x.toml:30:7: error: `add consumer to g` cannot be undone
    x.toml:34:6: error: this step acts on nothing that could be named
    x.toml:38:6: error: an earlier step is called `victim` already
    x.toml:41:22: error: expected `key` or `to`, found `ot`; did you mean `to`?
    x.toml:44:6: error: expected `key` or `to`, found `ot`; did you mean `to`?
    x.toml:47:7: error: this is for the prompt, not for a step
    x.toml:47:29: error: this is for the prompt, not for a step
    x.toml:50:7: error: what is the question? `en` or `zh` is missing
    x.toml:50:18: error: this is after the end of the run, 1m
    x.toml:51:11: error: this is after the end of the run, 1m
    x.toml:51:40: error: `lag(g)` is a number, no condition; compare it with something: ==, !=, <, <=, >, >=, includes, in
    x.toml:53:9: error: `lag(g)` is a number, no condition; compare it with something: ==, !=, <, <=, >, >=, includes, in
    x.toml:54:7: error: expected a string, or { en = "…", zh = "…" }, found a number
    "#);
}

#[test]
fn comparisons_are_checked() {
    let body = "[topics.kq]\n[producers.web]\ntopic = \"kq\"\n[compare]\n";
    let compare = |compare: &str| wrong(&format!("{body}{compare}"));
    insta::assert_snapshot!(compare("vary = \"producers.web.config.acks\"\nvalues = [0, 7]"), @"x.toml:8:14: error: Invalid value 7 for configuration acks: String must be one of: all, -1, 0, 1");
    insta::assert_snapshot!(compare("vary = \"producers.wep.config.acks\"\nvalues = [0]"), @"x.toml:7:8: error: there is no `wep` to vary; did you mean `web`?");
    insta::assert_snapshot!(compare("vary = \"title.x\"\nvalues = [0]"), @"x.toml:7:8: error: `x` cannot be varied: it is in no table");
    insta::assert_snapshot!(compare("vary = \"seed\""), @r#"x.toml:6:1: error: `vary` and `values` belong together; vary = "producers.web.config.acks" and values = [0, 1, "all"]"#);
    insta::assert_snapshot!(compare("vary = [\"seed\", \"boot\"]\nvalues = [[1, \"1s\"], 2]"), @"x.toml:8:22: error: a list of 2 values, one for each key");
    insta::assert_snapshot!(compare("vary = \"seed\"\nvalues = [1, 2]\nexpect = [[\"at-end online(kq-0)\"]]"), @"x.toml:6:1: error: 2 values, and expectations for 1; give each run a list, [] for nothing");
    insta::assert_snapshot!(compare("vary = \"seed\"\nvalues = [1, 2]\nexpect = [\"at-end online(kq-1)\", []]"), @"x.toml:9:26: error: `kq` has no partition `kq-1`; there is only kq-0");
    let source = source(&format!(
        "{HEAD}{body}vary = [\"seed\", \"producers.web.config.enable.idempotence\"]\nvalues = [[1, true], [2, false]]"
    ));
    let runs = load(&source).runs;
    let labels: Vec<_> = runs.iter().filter_map(|run| run.label.as_deref()).collect();
    assert_eq!(
        labels,
        ["seed = 1, enable.idempotence = true", "seed = 2, enable.idempotence = false"]
    );
    assert_eq!(runs[1].scenario.seed, 2);
    assert!(!runs[1].scenario.producers[0].config.enable_idempotence);
}

#[test]
fn what_is_no_toml_is_shown_where_it_ends_being_it() {
    insta::assert_snapshot!(wrong("[topics.kq\npartitions = \nreplicas = [1,"), @"
    x.toml:3:11: error: unclosed table, expected `]`
    x.toml:5:15: error: unclosed array, expected `]`
    ");
    insta::assert_snapshot!(wrong("title = \"twice\""), @"x.toml:3:1: error: duplicate key");
    insta::assert_snapshot!(wrong(&format!("x = {}", "[".repeat(500))).lines().next().unwrap(), @"x.toml:3:85: error: cannot recurse further; max recursion depth met");
    insta::assert_snapshot!(wrong(&format!("{} = 1", "a.".repeat(5_000) + "a")).lines().next().unwrap(), @"x.toml:1:1: error: nested too deeply");
}

#[test]
fn what_is_no_text_is_refused() {
    let refused = |bytes: &[u8]| {
        let diagnostic = Source::new("x.toml", bytes.to_vec()).unwrap_err();
        diagnostic.one_line(&source(""))
    };
    insta::assert_snapshot!(refused(b""), @"x.toml: error: the file is empty; `kafkascope new` writes a scenario to begin with");
    insta::assert_snapshot!(refused(b" \n"), @"x.toml: error: the file is empty; `kafkascope new` writes a scenario to begin with");
    insta::assert_snapshot!(refused(b"format\0"), @"x.toml: error: this is a binary file, no scenario");
    insta::assert_snapshot!(refused(b"title = \"\xff\""), @"x.toml: error: the file is not UTF-8: byte 9 is not part of a letter");
    insta::assert_snapshot!(refused(&vec![b'#'; limits::FILE_BYTES + 1]), @"x.toml: error: the file is longer than 16 MiB");
    let marked = Source::new("x.toml", "\u{feff}format = 1".into()).unwrap();
    assert_eq!(marked.text, "format = 1");
}

#[test]
fn limits_are_kept_before_anything_is_made() {
    insta::assert_snapshot!(wrong("[cluster]\nbrokers = 1001"), @"x.toml:4:11: error: 1001 is out of range: 1 to 1000");
    insta::assert_snapshot!(wrong("[topics.a]\npartitions = 150000\n[topics.b]\npartitions = 150000"), @"x.toml:5:9: error: more than 200000 partitions or 600000 replicas in all");
    insta::assert_snapshot!(wrong("[topics.a]\n[groups.g]\ntopics = \"a\"\nconsumers = 9000\n[groups.h]\ntopics = \"a\"\nconsumers = 9000"), @"x.toml: error: 18000 producers and consumers are more than 10000");
    insta::assert_snapshot!(wrong("duration = \"11000d\""), @"x.toml:3:12: error: a run lasts ten years at most");
    let steps = "[[steps]]\nat = \"1s\"\npause = true\n".repeat(limits::STEPS + 1);
    insta::assert_snapshot!(wrong(&steps), @"x.toml: error: 10001 steps are more than 10000");
    let values: Vec<_> = (0..=limits::RUNS).map(|value| value.to_string()).collect();
    insta::assert_snapshot!(wrong(&format!("[compare]\nvary = \"seed\"\nvalues = [{}]", values.join(","))), @"x.toml:5:97: error: more than 32 runs");
}

#[test]
fn what_kq_does_not_do_is_said_in_its_own_words() {
    insta::assert_snapshot!(wrong(r#"
[topics.kq]
[topics.other]
[producers.web]
client = "kq"
topics = ["kq", "other"]
sends = "sync"
config = { "acks" = "all", "WithFlushInterval" = "2s" }
[groups.g]
client = "kq"
topics = ["kq", "other"]
commit = "after"
marks = "even"
instance-ids = ["one"]
slow = { every = 10 }
config = { Conns = 3, Offset = "earliest", "session.timeout.ms" = "10s", MinBytes = 20000000 }
[groups.java]
topics = ["kq"]
fails = "odd"
slow = { every = 10, process = "1s" }
"#), @r#"
    x.toml:8:11: error: a pusher of kq has one topic; write a producer for each topic
    x.toml:10:12: error: unknown kq pusher setting `acks`; Kafka has it as a producer setting
    x.toml:10:50: error: `WithFlushInterval` has no use with WithSyncPush (sends = "sync"); sends = "async"
    x.toml:13:17: error: a queue of kq has one topic; write a group for each topic
    x.toml:14:10: error: a queue of kq commits what its handlers are done with; leave `commit` away; ForceCommit says what becomes of failures
    x.toml:15:9: error: only a handler of sarama marks records
    x.toml:16:17: error: kafka-go has no static members
    x.toml:17:8: error: which records are slow, and how slow?; slow = { every = 10, process = "5s" }
    x.toml:18:20: error: a queue with 3 Conns is 3 members of the group in one process; each is a consumer here: consumers = 3
    x.toml:18:32: error: Invalid value earliest for configuration Offset: one of first, last (not earliest)
    x.toml:18:44: error: unknown kq queue setting `session.timeout.ms`; Kafka has it as a consumer setting
    x.toml:18:85: error: minimum batch size greater than the maximum (min = 20000000, max = 10485760); MinBytes is at most MaxBytes
    x.toml:21:9: error: only a queue of kq goes on after a handler failed; client = "kq"
    x.toml:22:8: error: only in a queue of kq do other records go on beside a slow one; client = "kq"
    "#);
}
