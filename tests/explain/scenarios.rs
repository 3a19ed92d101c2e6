//! Every built-in scenario, told from beginning to end: no line whose causes end nowhere, and no
//! sentence with a hole in it.

use std::collections::{BTreeMap, BTreeSet};

use kafkascope::cluster::{EventKind, Happened, Told};
use kafkascope::explain::why::{self, Chain, History, Tie};
use kafkascope::explain::{Lang, Narrator, Story, StoryBuilder, cards};
use kafkascope::fact::Fact;
use kafkascope::node::Why;
use kafkascope::scenario::runner::Runner;
use kafkascope::view::Lens;

use crate::built_in::runs;

/// A scenario that was played to its end, with everything that happened.
struct Played {
    name: String,
    runner: Runner,
    story: Story,
    events: Vec<Happened>,
    told: Vec<Told>,
}

impl History for Played {
    fn event(&self, id: u32) -> Option<Happened> {
        self.events.get((id as usize).checked_sub(1)?).copied()
    }

    fn told(&self, event: u32) -> Vec<Told> {
        let begin = self.told.partition_point(|told| told.event < event);
        let own = self.told[begin..].iter().take_while(|told| told.event == event);
        own.cloned().collect()
    }

    fn story(&self) -> &Story {
        &self.story
    }
}

impl Played {
    fn lens(&self) -> Lens<'_> {
        self.runner.lens()
    }
}

/// All runs of all scenarios that come with the program.
fn all() -> impl Iterator<Item = Played> {
    runs().into_iter().map(|(name, scenario)| {
        let mut played = Played {
            name,
            runner: Runner::new(scenario, false),
            story: Story::default(),
            events: Vec::new(),
            told: Vec::new(),
        };
        let mut builder = StoryBuilder::default();
        let mut lines = Vec::new();
        while played.runner.step() {
            let runner = &played.runner;
            builder.push_step(runner.happened(), runner.told(), &runner.lens(), &mut lines);
            played.story.extend(lines.drain(..));
            played.events.extend_from_slice(played.runner.happened());
            played.told.extend_from_slice(played.runner.told());
        }
        played
    })
}

/// What no sentence says: the marks of something that was not filled in.
fn assert_whole(sentence: &str, played: &str) {
    for hole in ["{", "}", "None", "Some(", "NodeId", "broker--", " ? ", "  "] {
        assert!(!sentence.contains(hole), "{played}: “{hole}” in {sentence}");
    }
    assert!(!sentence.is_empty() && sentence.trim() == sentence, "{played}: “{sentence}”");
}

fn assert_whole_chain(played: &Played, chain: &Chain) {
    for lang in [Lang::En, Lang::Zh] {
        let (narrator, world) = (Narrator::new(lang), played.lens());
        for (place, link) in chain.links.iter().enumerate() {
            assert_whole(&narrator.link(link, &world), &played.name);
            assert_whole(&narrator.link_speaker(link, &world), &played.name);
            // Only a command is something that is done: no message that happened to come just before.
            let is_done = link.tie == Some(Tie::Command);
            assert!(!is_done || link.event.kind == EventKind::Command, "{}: {link:?}", played.name);
            let before = place.checked_sub(1).map(|before| &chain.links[before]);
            if let Some(tie) = before.and_then(|before| narrator.tie(link, before, &world)) {
                assert_whole(&tie, &played.name);
            }
        }
    }
}

#[test]
fn every_line_has_causes_up_to_a_root_and_says_something_whole() {
    let mut runs = 0;
    for played in all() {
        runs += 1;
        let world = played.lens();
        assert!(played.story.len() > 20, "{}", played.name);
        for line in played.story.lines() {
            for lang in [Lang::En, Lang::Zh] {
                assert_whole(&Narrator::new(lang).line(line, &world), &played.name);
                assert_whole(&Narrator::new(lang).speaker(line, &world), &played.name);
            }
            let chain = why::chain(&played, &world, line.event, Some(line.number));
            let chain = chain.expect("it happened");
            let root = chain.root().event;
            assert_eq!(root.cause, 0, "{}: {line:?}", played.name);
            assert!(matches!(root.kind, EventKind::Command | EventKind::Boot), "{root:?}");
            assert!(chain.links.len() <= 20, "{}: {line:?}", played.name);
            assert_whole_chain(&played, &chain);
            let rules = chain.links.iter().filter_map(|link| link.rule);
            for rule in rules.chain(why::rule_of(&line.words)) {
                assert!(cards::rule(rule).is_some(), "{rule}");
            }
        }
    }
    assert!(runs >= 9, "{runs} runs");
}

#[test]
fn every_fact_can_be_told() {
    for played in all() {
        let world = played.lens();
        let mut kinds = BTreeSet::new();
        for told in &played.told {
            // One of each kind, and of each error, is enough.
            let kind = (told.fact.kind(), told.node);
            if kinds.insert(kind) {
                for lang in [Lang::En, Lang::Zh] {
                    let sentence = Narrator::new(lang).fact(told.node, &told.fact, &world);
                    assert_whole(&sentence, &played.name);
                }
            }
        }
    }
}

#[test]
fn every_timer_names_its_reason() {
    let mut reasons = BTreeSet::new();
    for played in all() {
        let world = played.lens();
        for event in &played.events {
            let EventKind::Timer(timer, why) = event.kind else { continue };
            let (en, zh) = (Narrator::new(Lang::En), Narrator::new(Lang::Zh));
            let said = [en, zh].map(|narrator| narrator.why(why, event.node, &world));
            if !reasons.insert(said.clone()) {
                continue;
            }
            let [en, zh] = said;
            match why {
                Why::Config(key) => {
                    assert!(en.starts_with(&format!("{key} = ")), "{timer:?}: {en}");
                    assert!(zh.starts_with(&format!("{key} = ")), "{timer:?}: {zh}");
                }
                Why::Rule(rule) => {
                    assert_eq!(en, rule);
                    assert_ne!(zh, rule, "no Chinese for this rule");
                }
                Why::Scenario => assert_ne!(en, zh),
            }
        }
    }
    assert!(reasons.len() > 15, "{reasons:?}");
}

#[test]
fn a_coordinator_is_not_found_and_lost_in_one_event() {
    let played = all().find(|played| played.name == "isr-shrink").expect("it comes along");
    let mut known = BTreeMap::new();
    let mut losses = 0;
    for told in &played.told {
        let is_found = match told.fact {
            Fact::CoordinatorFound { .. } => true,
            Fact::CoordinatorLost { .. } => false,
            _ => continue,
        };
        if let Some((was_found, event)) = known.insert(told.node, (is_found, told.event)) {
            assert_ne!(was_found, is_found, "found and lost take turns");
            assert_ne!(event, told.event, "a commit that is refused had been on its way");
        }
        losses += usize::from(!is_found);
    }
    assert!(losses >= 5, "{losses}: each commit that is refused costs the coordinator");
}
