//! A story, or the messages around a moment, as a sequence diagram for Mermaid.

use std::fmt::Write;

use super::messages::{Message, between};
use super::tale::{Kind, Tale};
use crate::explain::{Lang, Narrator, World, clock};
use crate::scenario::timeline::Timeline;
use crate::sim::{Duration, Instant};

/// So many messages are drawn at most.
const MOST: usize = 200;

/// The story up to the cursor: a note for every line, over who tells it.
pub fn story(timeline: &Timeline, lang: Lang) -> String {
    let tale = Tale::of(timeline.story(), timeline.runner(), lang);
    let mut diagram = Diagram::new(&tale.title);
    for entry in &tale.entries {
        let at = clock(entry.at);
        match entry.kind {
            Kind::Line | Kind::Turn => {
                let who = diagram.participant(&entry.who);
                diagram.line(&format!("Note over {who}: {at} {}", plain(&entry.text)));
            }
            Kind::Say | Kind::Ask | Kind::Answer => {
                // It is about all of them.
                let text = plain(&format!("{at} {}: {}", entry.who, entry.text));
                diagram.over_all(&text);
            }
        }
    }
    diagram.text()
}

/// The messages that arrived around `at`, at most `window` before and after it. The timeline has been
/// there.
pub fn messages(timeline: &Timeline, at: Instant, window: Duration, lang: Lang) -> String {
    let world = timeline.runner().lens();
    let first = Instant::from_nanos(at.as_nanos().saturating_sub(window.as_nanos()));
    let all = between(timeline, first, at + window);
    let title = timeline.runner().scenario().title.told_in(lang);
    let narrator = Narrator::new(lang);
    let mut diagram = Diagram::new(&format!("{title}, {}", clock(at)));
    for message in all.iter().take(MOST) {
        let Message { sent, arrived, from, to, api, is_response } = *message;
        let [from, to] = [from, to].map(|node| diagram.participant(world.node(node)));
        let arrow = if is_response { "-->>" } else { "->>" };
        let spent = narrator.span(arrived.since(sent));
        diagram.line(&format!("{from}{arrow}{to}: {} {}, {spent}", clock(arrived), api.name()));
    }
    if all.is_empty() {
        let none = lang.pick("no messages but idle polls", "除空轮询外没有消息");
        diagram.participant("-");
        diagram.over_all(none);
    } else if all.len() > MOST {
        let left = all.len() - MOST;
        let told = lang.pick(format!("and {left} more"), format!("另有 {left} 条"));
        diagram.over_all(&told);
    }
    diagram.text()
}

/// A text in which nothing means anything to Mermaid.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '#' => plain.push_str("#35;"),
            ';' => plain.push_str("#59;"),
            '<' => plain.push_str("#lt;"),
            '>' => plain.push_str("#gt;"),
            '%' => plain.push_str("#37;"),
            control if control.is_control() => plain.push(' '),
            other => plain.push(other),
        }
    }
    plain
}

/// What stands over all participants, once they are known.
const ALL: &str = "\0";

/// A sequence diagram that is being written.
struct Diagram {
    title: String,
    participants: Vec<String>,
    lines: Vec<String>,
}

impl Diagram {
    fn new(title: &str) -> Self {
        Self { title: plain(title), participants: Vec::new(), lines: Vec::new() }
    }

    /// The id of a participant; they stand in the order in which they are first named.
    fn participant(&mut self, name: &str) -> String {
        let place = self.participants.iter().position(|known| known == name);
        let place = place.unwrap_or_else(|| {
            self.participants.push(name.to_owned());
            self.participants.len() - 1
        });
        format!("p{place}")
    }

    fn line(&mut self, line: &str) {
        self.lines.push(line.to_owned());
    }

    fn over_all(&mut self, text: &str) {
        self.lines.push(format!("Note over {ALL}: {text}"));
    }

    fn text(mut self) -> String {
        if self.participants.is_empty() {
            self.participant("-");
        }
        let mut text = format!("---\ntitle: {:?}\n---\nsequenceDiagram\n", self.title);
        for (place, name) in self.participants.iter().enumerate() {
            writeln!(text, "    participant p{place} as {}", plain(name))
                .expect("strings take all");
        }
        let all = match self.participants.len() {
            1 => "p0".to_owned(),
            count => format!("p0,p{}", count - 1),
        };
        for line in &self.lines {
            writeln!(text, "    {}", line.replace(ALL, &all)).expect("strings take everything");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_told_ends_a_statement() {
        assert_eq!(plain("a; b #1 <c>\n50%"), "a#59; b #35;1 #lt;c#gt; 50#37;");
    }

    #[test]
    fn participants_stand_in_the_order_in_which_they_appear() {
        let mut diagram = Diagram::new("t");
        diagram.over_all("all");
        let [a, b] = ["web", "broker-1"].map(|name| diagram.participant(name));
        diagram.line(&format!("{a}->>{b}: Produce"));
        insta::assert_snapshot!(diagram.text(), @r#"
        ---
        title: "t"
        ---
        sequenceDiagram
            participant p0 as web
            participant p1 as broker-1
            Note over p0,p1: all
            p0->>p1: Produce
        "#);
    }
}
