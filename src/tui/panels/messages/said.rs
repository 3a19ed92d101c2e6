//! What is said of a message.

use ratatui::style::Style;

use crate::explain::Lang;
use crate::sim::{Duration, Instant};
use crate::tui::Look;
use crate::view::Lens;
use crate::view::message::{Fate, MessageView};

/// What the filter looks through, in small letters.
pub(super) fn searched(lens: Lens<'_>, message: &MessageView) -> String {
    let (from, to) = (lens.name(message.from), lens.name(message.to));
    let api = message.api.map_or("reset", crate::protocol::Api::name);
    let fate = match message.fate {
        Fate::Lost => "lost",
        Fate::OnItsWay => "on its way",
        Fate::Arrived(_) => "",
    };
    let idle = if message.is_idle { "idle" } else { "" };
    let kind = if message.is_response { "answer" } else { "request" };
    format!("{from} {to} {api} {kind} {fate} {idle}").to_lowercase()
}

/// A message in a few words.
pub(super) fn short(look: &Look<'_>, message: &MessageView) -> String {
    let lang = look.lang();
    let id = message.correlation_id.map_or_else(String::new, |id| format!(" #{id}"));
    match message.api {
        None => lang.pick("connection reset", "连接重置").to_owned(),
        Some(api) if message.is_response => {
            lang.pick(format!("{} answer{id}", api.name()), format!("{} 应答{id}", api.name()))
        }
        Some(api) => format!("{}{id}", api.name()),
    }
}

/// How long it was on its way, or what became of it: at most seven cells.
pub(super) fn fate(look: &Look<'_>, message: &MessageView) -> String {
    match message.fate {
        Fate::Arrived(at) => span(at.since(message.left)),
        Fate::OnItsWay => look.lang().pick("on way", "在路上").to_owned(),
        Fate::Lost => look.lang().pick("lost", "丢失").to_owned(),
    }
}

/// What is told of the selected message.
pub(super) fn told(
    look: &Look<'_>,
    lens: Lens<'_>,
    messages: &[MessageView],
    place: usize,
) -> Vec<(Style, String)> {
    let Some(message) = messages.get(place) else { return Vec::new() };
    let (theme, lang) = (look.theme, look.lang());
    let mut told = vec![(theme.note, sentence(lens, message, lang))];
    let other = message.other.and_then(|other| messages.get(other));
    if let Some(other) = other {
        let (request, answer) =
            if message.is_response { (other, message) } else { (message, other) };
        let waited = span(answer.left.since(request.left));
        told.push((
            theme.label,
            lang.pick(
                format!("From the request's leaving to its answer's: {waited}."),
                format!("从请求发出到应答发出：{waited}。"),
            ),
        ));
    } else if message.is_one_way {
        let none = lang.pick(
            "acks=0: the producer wants no answer, and the broker sends none.",
            "acks=0：生产者不要应答，broker 也不发。",
        );
        told.push((theme.label, none.to_owned()));
    } else if !message.is_response && message.api.is_some() {
        let none = if message.fate == Fate::Lost {
            lang.pick("So it gets no answer.", "所以它得不到应答。")
        } else {
            lang.pick("No answer so far.", "还没有应答。")
        };
        told.push((theme.label, none.to_owned()));
    }
    let cone = lang.pick(
        "Bright: what this rests on, and what came of it. Enter opens it: its fields and bytes.",
        "亮的：它的来由，以及它引起的。回车打开：字段与字节。",
    );
    told.push((theme.label, cone.to_owned()));
    told
}

/// A message in a sentence.
pub(super) fn sentence(lens: Lens<'_>, message: &MessageView, lang: Lang) -> String {
    let (from, to) = (lens.name(message.from), lens.name(message.to));
    let left = seconds(message.left);
    let Some(api) = message.api else {
        return lang.pick(
            format!("{left}: the connection between {from} and {to} is reset; what was on its way is lost."),
            format!("{left}：{from} 与 {to} 的连接被重置，路上的消息都丢了。"),
        );
    };
    let api = api.name();
    let version = message.api_version.map_or_else(String::new, |version| format!(" v{version}"));
    let id = message.correlation_id.unwrap_or_default();
    let what = if message.is_response {
        lang.pick(
            format!("{left}: {from} answers {to}'s {api}{version}, correlation id {id}."),
            format!("{left}：{from} 应答 {to} 的 {api}{version}，correlation id {id}。"),
        )
    } else {
        lang.pick(
            format!("{left}: {from} asks {to}: {api}{version}, correlation id {id}."),
            format!("{left}：{from} 向 {to} 发出 {api}{version}，correlation id {id}。"),
        )
    };
    let fate = match message.fate {
        Fate::Arrived(at) => {
            let took = span(at.since(message.left));
            lang.pick(format!("It arrived after {took}."), format!("{took} 后到达。"))
        }
        Fate::OnItsWay => lang.pick("It is on its way.".into(), "还在路上。".into()),
        Fate::Lost => lang.pick(
            "It is lost: its connection ended, or nobody was there to take it.".into(),
            "它丢了：连接已断，或对面没有人接收。".into(),
        ),
    };
    format!("{what}{}{fate}", lang.pick(" ", ""))
}

/// A span as people say it.
fn span(span: Duration) -> String {
    let micros = span.as_nanos() / 1_000;
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..10_000 => format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100),
        10_000..10_000_000 => format!("{} ms", micros / 1_000),
        _ => format!("{} s", micros / 1_000_000),
    }
}

fn seconds(at: Instant) -> String {
    let nanos = at.as_nanos();
    format!("{}.{:04} s", nanos / 1_000_000_000, nanos % 1_000_000_000 / 100_000)
}
