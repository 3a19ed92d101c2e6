//! What stands above a story: what is run, what its file changes of Kafka's defaults, what is done.

use std::io::{self, Write};

use super::story::{Page, WIDTH};
use crate::config::{self, Domain, Overrides};
use crate::explain::{Lang, Narrator};
use crate::ids::Name;
use crate::scenario::{Library, Scenario, Step};
use crate::tui::wrap;

impl Page<'_> {
    /// Seed, level, cluster, clients and what is done to them.
    pub(super) fn header(&self, scenario: &Scenario, out: &mut dyn Write) -> io::Result<()> {
        let lang = self.lang;
        writeln!(out, "{}", scenario.title.told_in(lang))?;
        let duration = if scenario.duration_is_default {
            let unsaid = lang.pick("(no duration in the file)", "（文件未写 duration）");
            format!("{} {unsaid}", scenario.duration)
        } else {
            scenario.duration.to_string()
        };
        let seed = lang.pick("seed", "种子");
        writeln!(out, "Kafka {} · {seed} {} · {duration}", scenario.release, scenario.seed)?;
        writeln!(out, "{}", self.cluster(scenario))?;
        if let Some(changed) = self.changed() {
            writeln!(out, "{}{changed}", lang.pick("changed: ", "改了的配置："))?;
        }
        let compared = self.compared();
        if !compared.is_empty() {
            let compares = lang.pick("compares: ", "对比：");
            writeln!(out, "{compares}{}", compared.join(" | "))?;
        }
        super::lab::task(scenario, lang, out)?;
        if let Some(watch) = &scenario.watch {
            writeln!(out, "{}{}", lang.pick("watch: ", "看点："), watch.told_in(lang))?;
        }
        let called = |step: &Step| match &step.label {
            Some(label) => lang.pick(format!(" (called {label})"), format!("（称为 {label}）")),
            None => String::new(),
        };
        let faults: Vec<String> = scenario
            .steps
            .iter()
            .filter_map(|step| {
                let lines: Vec<&str> = step.instructions.iter().map(|one| &*one.line).collect();
                (!lines.is_empty()).then(|| format!("{}{}", lines.join(" · "), called(step)))
            })
            .collect();
        if !faults.is_empty() {
            writeln!(out, "{}{}", lang.pick("steps: ", "步骤："), faults.join(" · "))?;
        }
        if let Some(about) = &scenario.about {
            for paragraph in wrap::paragraphs(about.told_in(lang)) {
                writeln!(out)?;
                for row in wrap::rows(&paragraph, WIDTH) {
                    writeln!(out, "{row}")?;
                }
            }
        }
        writeln!(out)
    }

    fn cluster(&self, scenario: &Scenario) -> String {
        let lang = self.lang;
        let cluster = &scenario.cluster;
        let (brokers, controllers) = (cluster.brokers.len(), cluster.controllers.len());
        let mut parts = vec![match lang {
            Lang::En if brokers == 1 => "1 broker".to_owned(),
            Lang::En => format!("{brokers} brokers"),
            Lang::Zh => format!("{brokers} 个 broker"),
        }];
        if cluster.combined {
            parts.push(lang.pick("combined mode", "combined 模式").to_owned());
        } else {
            parts.push(match lang {
                Lang::En if controllers == 1 => "1 controller".to_owned(),
                Lang::En => format!("{controllers} controllers"),
                Lang::Zh => format!("{controllers} 个 controller"),
            });
        }
        for topic in &scenario.topics {
            let (count, factor) = (topic.partitions, topic.replication_factor);
            parts.push(match lang {
                Lang::En => format!("{}: {count} × RF {factor}", topic.name),
                Lang::Zh => format!("{}：{count} 分区 × {factor} 副本", topic.name),
            });
        }
        for producer in &scenario.producers {
            let rate = producer.rate.filter(|_| producer.count != Some(1));
            let rate = rate.map_or_else(String::new, |rate| format!(" {rate}"));
            let count = match (lang, producer.count) {
                (_, None) => String::new(),
                (Lang::En, Some(1)) => " 1 record".to_owned(),
                (Lang::En, Some(count)) => format!(" ({count} records in all)"),
                (Lang::Zh, Some(count)) => format!("（共 {count} 条）"),
            };
            // What the runs differ in is said elsewhere.
            let acks = if self.compared().is_empty() {
                format!(" acks={}", producer.config.acks.word())
            } else {
                String::new()
            };
            parts.push(format!("{}{rate}{count}{acks}", producer.name));
        }
        for group in &scenario.groups {
            parts.push(match lang {
                Lang::En if group.members.len() == 1 => format!("{}: 1 consumer", group.name),
                Lang::En => format!("{}: {} consumers", group.name, group.members.len()),
                Lang::Zh => format!("{}：{} 个消费者", group.name, group.members.len()),
            });
        }
        parts.join(" · ")
    }

    /// What is different between the runs of the file; nothing if there is one.
    fn compared(&self) -> Vec<&str> {
        self.runs.iter().filter_map(|run| run.label.as_deref()).collect()
    }

    /// The settings that are other than Kafka's defaults in all runs of the file; none if there are none.
    fn changed(&self) -> Option<String> {
        let shows_acks = self.compared().is_empty();
        let mut runs = self.runs.iter().map(|run| self.changes(&run.scenario, shows_acks));
        let mut common = runs.next()?;
        for other in runs {
            common.retain(|change| other.contains(change));
        }
        let mut owners: Vec<(Name, Vec<String>)> = Vec::new();
        for (owner, change) in common {
            match owners.last_mut() {
                Some((known, changes)) if *known == owner => changes.push(change),
                _ => owners.push((owner, vec![change])),
            }
        }
        let told = owners.iter().map(|(owner, changes)| {
            let changes = changes.join(", ");
            self.lang.pick(format!("{owner}: {changes}"), format!("{owner}：{changes}"))
        });
        let told: Vec<String> = told.collect();
        (!told.is_empty()).then(|| told.join(" · "))
    }

    /// What one run changes, by whose it is. Where `shows_acks` the clients' line has `acks` already.
    fn changes(&self, scenario: &Scenario, shows_acks: bool) -> Vec<(Name, String)> {
        let narrator = Narrator::new(self.lang);
        let mut changes = Vec::new();
        let mut add = |owner: &str, domain: Domain, own: &Overrides, known: &Overrides| {
            for (key, value) in own.iter() {
                let default = config::setting(domain, key).and_then(|setting| setting.default);
                let told = known.get(key) == Some(value) || default == Some(&**value);
                // The first of them the file does not say: it is the name of the group.
                let goes_without = ["group.id", "client.id", "group.instance.id"].contains(&&**key)
                    || shows_acks && &**key == "acks";
                if !told && !goes_without {
                    let value = narrator.setting(key, value);
                    changes.push((owner.into(), format!("{key} = {value}")));
                }
            }
        };
        let (none, cluster) = (Overrides::default(), &scenario.cluster);
        add(self.lang.pick("brokers", "broker"), Domain::Broker, &cluster.overrides, &none);
        for broker in &cluster.brokers {
            let name = format!("broker-{}", broker.id);
            add(&name, Domain::Broker, &broker.overrides, &cluster.overrides);
        }
        for topic in &scenario.topics {
            add(&topic.name, Domain::Topic, &topic.overrides, &none);
        }
        for producer in &scenario.producers {
            let domain = match producer.client {
                Library::Sarama => Domain::SaramaProducer,
                _ => Domain::Producer,
            };
            add(&producer.name, domain, &producer.overrides, &none);
        }
        for group in &scenario.groups {
            let domain = match group.client {
                Library::Sarama => Domain::SaramaConsumer,
                _ => Domain::Consumer,
            };
            add(&group.name, domain, &group.overrides, &none);
            for member in &group.members {
                add(&member.name, domain, &member.overrides, &group.overrides);
            }
        }
        changes
    }
}
