//! Why something is as it is at a moment: the chain of causes, as text.

use std::io::{self, Write};

use super::story::pad;
use crate::explain::why::chain;
use crate::explain::{Importance, Lang, Narrator, World};
use crate::scenario::timeline::Timeline;
use crate::sim::Instant;

/// Prints what led to the last thing of note that had happened by `at` and the event `event`.
/// `timeline` travels there.
pub(super) fn print(
    timeline: &mut Timeline,
    at: Instant,
    event: u32,
    lang: Lang,
    out: &mut dyn Write,
) -> io::Result<()> {
    timeline.go_to(at);
    let timeline = &*timeline;
    let story = timeline.story();
    let of_note = |wanted: Importance| {
        let mut lines = story.before(event + 1);
        lines.find(|line| line.amends.is_none() && line.importance >= wanted)
    };
    // What was broken in an event that has a line of its own was broken by it.
    let own = story.of_event(event).iter().find(|line| line.importance > Importance::Aside);
    let Some(line) =
        own.or_else(|| of_note(Importance::Turn)).or_else(|| of_note(Importance::Note))
    else {
        return Ok(());
    };
    let lens = timeline.runner().lens();
    let Some(chain) = chain(timeline, &lens, line.event, Some(line.number)) else {
        return Ok(());
    };
    let narrator = Narrator::new(lang);
    let world: &dyn World = &lens;
    for (index, link) in chain.links.iter().enumerate() {
        if let Some(tie) =
            index.checked_sub(1).and_then(|before| narrator.tie(link, &chain.links[before], world))
        {
            writeln!(out, "    {} ↑ {tie}", pad("", 11))?;
        }
        let (who, what) = (narrator.link_speaker(link, world), narrator.link(link, world));
        writeln!(out, "    {:>11}  {} {what}", link.event.at.to_string(), pad(&who, 12))?;
    }
    Ok(())
}
