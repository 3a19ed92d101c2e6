//! Why things happened in a cluster that really runs.

use kafkascope::cluster::EventKind;
use kafkascope::explain::why::{self, Chain};
use kafkascope::explain::{Lang, Narrator};
use kafkascope::node::Interest;
use kafkascope::view::Lens;

use crate::cluster::Run;

fn told(run: &Run, chain: &Chain, lang: Lang) -> String {
    let (narrator, world) = (Narrator::new(lang), Lens::new(&run.cluster));
    let mut text = Vec::new();
    for (place, link) in chain.links.iter().enumerate() {
        let before = place.checked_sub(1).map(|before| &chain.links[before]);
        let tie = before.and_then(|before| narrator.tie(link, before, &world));
        text.extend(tie.map(|tie| format!("             ^ {tie}")));
        let who = narrator.link_speaker(link, &world);
        let what = narrator.link(link, &world);
        text.push(format!("{:>12}  {who:12}  {what}", link.event.at.to_string()));
    }
    text.join("\n")
}

fn why(run: &Run, text: &str, lang: Lang) -> String {
    let event = run.event_of(text);
    let chain = why::chain(run, &Lens::new(&run.cluster), event, None).expect("it happened");
    told(run, &chain, lang)
}

#[test]
fn another_leads_because_a_broker_was_killed() {
    let mut run = Run::new(Interest::Everything);
    run.until(5_000);
    run.command("kill broker-1");
    run.until(20_000);
    insta::assert_snapshot!(why(&run, "kq-1: leader 1 → 2", Lang::En), @"");
    insta::assert_snapshot!(why(&run, "kq-1: leads from offset", Lang::En), @"");
    insta::assert_snapshot!(why(&run, "broker-1 refuses connections", Lang::Zh), @"");
}

#[test]
fn a_replica_is_back_in_the_isr_because_its_broker_was_started() {
    let mut run = Run::new(Interest::Everything);
    run.until(5_000);
    run.command("kill broker-1");
    run.until(20_000);
    run.command("start broker-1");
    run.until(30_000);
    insta::assert_snapshot!(why(&run, "replica 1 has caught up", Lang::En), @"");
    insta::assert_snapshot!(why(&run, "kq-1: ISR [2] →", Lang::Zh), @"");
}

#[test]
fn leaders_move_because_a_broker_was_stopped() {
    let mut run = Run::new(Interest::Everything);
    run.until(5_000);
    run.command("stop broker-1");
    run.until(10_000);
    insta::assert_snapshot!(why(&run, "kq-1: leader 1 → 2", Lang::En), @"");
    insta::assert_snapshot!(why(&run, "broker-1 fenced", Lang::En), @"");
}

#[test]
fn every_event_has_a_chain_to_a_root() {
    let mut run = Run::new(Interest::Everything);
    run.until(5_000);
    run.command("kill broker-1");
    run.until(16_000);
    let world = Lens::new(&run.cluster);
    for lang in [Lang::En, Lang::Zh] {
        let every = if lang == Lang::En { 1 } else { 17 };
        for event in run.events().iter().step_by(every) {
            let chain = why::chain(&run, &world, event.id, None).expect("it happened");
            let root = chain.root().event;
            assert_eq!(root.cause, 0, "{event:?}");
            assert!(matches!(root.kind, EventKind::Command | EventKind::Boot), "{root:?}");
            assert!(!told(&run, &chain, lang).is_empty());
        }
    }
}
