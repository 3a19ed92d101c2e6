//! What was found, as a scenario.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Found, FoundTopic, Remark, remark};
use crate::config::TopicConfig;
use crate::explain::Lang;
use crate::ids::{Name, TopicId};
use crate::metadata::topic_name::is_kafkas_own;
use crate::scenario::diagnostic::Source;
use crate::scenario::load::load;
use crate::scenario::save::in_double_quotes;

/// The topic of committed offsets, which the brokers make themselves.
const OFFSETS: &str = "__consumer_offsets";

/// How many partitions it has unless somebody says otherwise.
const OFFSETS_PARTITIONS: u32 = 50;

/// The scenario.
pub(super) fn scenario(mut found: Found, lang: Lang) -> String {
    let (ids, count) = numbered(&mut found);
    let mut page = Page { lang, text: String::new() };
    let Found { kind, topics, remarks, .. } = found;
    if let Some(kind) = &kind {
        page.remark(kind);
    }
    page.line("format   = 1");
    page.line("title    = { en = \"An imported cluster\", zh = \"导入的集群\" }");
    page.line("kafka    = \"4.1\"");
    page.line("duration = \"30s\"");
    page.line("");
    for one in &remarks {
        page.remark(one);
    }
    page.line("[cluster]");
    page.line(&format!("brokers = {count}"));
    let mut config = Vec::new();
    if let Some(offsets) = topics.get(OFFSETS) {
        page.offsets(offsets, count, &mut config);
    } else if count < 3 {
        config.push(format!("\"offsets.topic.replication.factor\" = {count}"));
    }
    if !config.is_empty() {
        page.line(&format!("config  = {{ {} }}", config.join(", ")));
    }
    for (name, topic) in &topics {
        if &**name != OFFSETS {
            page.line("");
            page.topic(name, topic, &ids, count);
        }
    }
    page.text
}

/// The brokers as they are numbered here: as there, if those numbers are small, otherwise from 1 on. And
/// how many there are.
fn numbered(found: &mut Found) -> (BTreeMap<u32, u32>, u32) {
    let known = found.brokers.len() as u32;
    let last = found.brokers.last().copied().unwrap_or(0);
    let factors = found.topics.values().filter_map(|topic| topic.factor);
    let least = factors.max().unwrap_or(1).max(1);
    let keeps = found.brokers.first().is_none_or(|first| *first > 0) && last <= 2 * known + 2;
    let mut ids: BTreeMap<u32, u32> = BTreeMap::new();
    for (place, id) in found.brokers.iter().enumerate() {
        ids.insert(*id, if keeps { *id } else { place as u32 + 1 });
    }
    let count = ids.values().copied().max().unwrap_or(0).max(least);
    for id in 1..=count {
        if !ids.values().any(|known| *known == id) {
            found.remarks.push(remark(
                format!(
                    "broker {id} is not named: it has none of these replicas, or there is none"
                ),
                format!("没有提到 broker {id}：它没有这些副本，或者并不存在"),
            ));
        }
    }
    for (there, here) in ids.iter().filter(|(there, here)| there != here) {
        found.remarks.push(remark(
            format!("broker {there} there is broker {here} here"),
            format!("那里的 broker {there} 在这里是 broker {here}"),
        ));
    }
    (ids, count)
}

/// True if a scenario can set this for a topic.
fn can_be_set(key: &str, value: &str) -> bool {
    let known = TopicConfig::DEFINITIONS.iter().any(|definition| definition.name == key);
    let text = format!(
        "format = 1\ntitle = \"t\"\n[topics.t]\nconfig = {{ {} = {} }}\n",
        in_double_quotes(key),
        in_double_quotes(value)
    );
    known && !load(&Source { name: String::new(), text }).is_wrong()
}

/// The text that is being written.
struct Page {
    lang: Lang,
    text: String,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn remark(&mut self, remark: &Remark) {
        let told = self.lang.pick(&remark.en, &remark.zh);
        let plain: String = told.chars().filter(|letter| !letter.is_control()).collect();
        writeln!(self.text, "# {plain}").expect("strings take everything");
    }

    /// What is known of the topic of committed offsets, which the brokers make when it is needed.
    fn offsets(&mut self, topic: &FoundTopic, brokers: u32, config: &mut Vec<String>) {
        for one in &topic.remarks {
            self.remark(one);
        }
        self.remark(&remark(
            format!(
                "{OFFSETS} is made when the first group needs it, and placed by the controller"
            ),
            format!("{OFFSETS} 在第一个组需要时自动创建，由 controller 放置"),
        ));
        let count = topic.count();
        // A listing may have been cut; a description is whole.
        if topic.partitions.is_some() && count != OFFSETS_PARTITIONS || count > OFFSETS_PARTITIONS {
            config.push(format!("\"offsets.topic.num.partitions\" = {count}"));
        }
        let factor = factor(topic).min(brokers);
        config.push(format!("\"offsets.topic.replication.factor\" = {factor}"));
    }

    fn topic(&mut self, name: &Name, topic: &FoundTopic, ids: &BTreeMap<u32, u32>, brokers: u32) {
        if is_kafkas_own(name) {
            self.remark(&remark(
                format!("{name} is Kafka's own, and is left out"),
                format!("{name} 是 Kafka 自己的主题，略去"),
            ));
            return;
        }
        for one in states(topic).iter().chain(&topic.remarks) {
            self.remark(one);
        }
        let (count, factor) = (topic.count(), factor(topic).min(brokers));
        let missing: Vec<String> = (0..count)
            .filter(|number| !topic.replicas.contains_key(number))
            .map(|number| number.to_string())
            .collect();
        let uneven = topic.replicas.values().any(|replicas| replicas.len() != factor as usize);
        if !missing.is_empty() && !topic.replicas.is_empty() {
            let shown = listed(&missing, String::clone);
            self.remark(&remark(
                format!("nothing is said of partitions {shown}: the controller places all of them"),
                format!("没有提到分区 {shown}：全部由 controller 放置"),
            ));
        }
        if missing.is_empty() && uneven {
            self.remark(&remark(
                format!("not all partitions have as many replicas there; here each has {factor}"),
                format!("那里各分区的副本数不同；这里都是 {factor} 个"),
            ));
        }
        self.line(&format!("[topics.{}]", in_double_quotes(name)));
        self.line(&format!("partitions         = {count}"));
        self.line(&format!("replication-factor = {factor}"));
        if missing.is_empty() {
            let rows = topic.replicas.values().map(|replicas| {
                let here = replicas.iter().take(factor as usize).map(|id| ids[id].to_string());
                format!("[{}]", here.collect::<Vec<_>>().join(", "))
            });
            self.line(&format!("replicas           = [{}]", rows.collect::<Vec<_>>().join(", ")));
        }
        if let Some(id) = topic.id.as_ref().filter(|id| TopicId::parse(id).is_some()) {
            self.line(&format!("topic-id           = {}", in_double_quotes(id)));
        }
        let (set, left): (Vec<_>, Vec<_>) =
            topic.config.iter().partition(|(key, value)| can_be_set(key, value));
        if !set.is_empty() {
            let set = set.iter().map(|(key, value)| {
                format!("{} = {}", in_double_quotes(key), in_double_quotes(value))
            });
            let set = set.collect::<Vec<_>>().join(", ");
            self.line(&format!("config             = {{ {set} }}"));
        }
        for (key, value) in left {
            self.remark(&remark(
                format!("not taken over: {key} = {value}"),
                format!("未采用：{key} = {value}"),
            ));
        }
    }
}

/// How many replicas each partition has: as many as the one that has the fewest, where they differ.
fn factor(topic: &FoundTopic) -> u32 {
    let fewest = topic.replicas.values().map(Vec::len).min();
    fewest.map_or(topic.factor.unwrap_or(1), |fewest| fewest as u32).max(1)
}

/// So many partitions are named.
const NAMED: usize = 12;

/// `0, 1, …`
fn listed<T>(all: &[T], tell: impl Fn(&T) -> String) -> String {
    let mut told: Vec<String> = all.iter().take(NAMED).map(tell).collect();
    if all.len() > NAMED {
        told.push("…".to_owned());
    }
    told.join(", ")
}

/// What was of a topic's partitions, and is not at the beginning of a run.
fn states(topic: &FoundTopic) -> Vec<Remark> {
    let plain = |number: &u32| number.to_string();
    let mut states = Vec::new();
    let mut say = |all: String, en: &str, zh: &str| {
        if !all.is_empty() {
            states.push(remark(format!("{en} {all}"), format!("{zh} {all}")));
        }
    };
    say(
        listed(&topic.leaderless, plain),
        "without a leader there, while here all brokers begin alive: partitions",
        "那里没有 leader，而这里所有 broker 开始时都活着；分区",
    );
    say(
        listed(&topic.led_by, |(number, leader)| format!("{number} (broker {leader})")),
        "led by another than the first replica there: partitions",
        "那里由第一个副本以外的 broker 领导；分区",
    );
    say(
        listed(&topic.out_of_sync, |(number, out)| {
            format!("{number} (brokers {})", out.iter().map(plain).collect::<Vec<_>>().join(" "))
        }),
        "with replicas out of the ISR there, while here all begin in it: partitions",
        "那里有副本不在 ISR 中，而这里开始时全部同步；分区",
    );
    say(
        listed(&topic.moving, plain),
        "being reassigned there, and done with it here: partitions",
        "那里正在重分配，这里视为已完成；分区",
    );
    states
}
