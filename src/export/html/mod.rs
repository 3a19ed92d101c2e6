//! A story as one page to step through: every line with the screen at its moment, questions with their
//! answers, both languages.
//!
//! The page is one file and asks for nothing elsewhere; its policy forbids it to. Who has no script reads
//! the story as a list; who cannot see the screen hears its text.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use super::strokes::HEIGHT;
use super::tale::{Entry, Kind, Tale};
use super::{escaped, svg};
use crate::explain::{Lang, clock};
use crate::scenario::timeline::Timeline;
use crate::sim::Instant;
use crate::tui::{Theme, Tone, View, picture, text};

/// What the page looks like.
pub const STYLE: &str = include_str!("page.css");

/// What steps through it.
pub const SCRIPT: &str = include_str!("page.js");

/// The digests by which the page's policy knows both: SHA-256 as base64.
pub const STYLE_DIGEST: &str = "iY762xOibRMAPBjb9Qah6Gygc2+2Ewb6fKYedpWWSLI=";
/// That of the script.
pub const SCRIPT_DIGEST: &str = "+mrbooKcaR/vgMeUjGi9loAAIXoe0ZTbkZ8drl0BBNc=";

/// So wide are the screens, in cells.
const WIDTH: u16 = 110;

/// How the page is made.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The language that it begins in.
    pub lang: Lang,
    /// Light on dark, or dark on light.
    pub tone: Tone,
}

/// What the script works with.
#[derive(Serialize)]
struct Data<'a> {
    lang: &'static str,
    count: usize,
    /// How high a cell is.
    cell: u16,
    /// How large a screen is.
    size: (u32, u32),
    paper: String,
    fonts: &'static str,
    words: BTreeMap<&'static str, Words>,
    en: &'a Pages,
    zh: &'a Pages,
}

/// The story in one language, with its screens.
#[derive(Serialize)]
struct Pages {
    title: String,
    watch: Option<String>,
    about: Vec<String>,
    entries: Vec<Shown>,
    /// The rows of the screens: each is there once.
    rows: Vec<String>,
    /// The same as text.
    texts: Vec<String>,
    /// The rows of the screen of each entry.
    frames: Vec<Vec<usize>>,
}

/// An entry as it is shown.
#[derive(Serialize)]
struct Shown {
    at: String,
    kind: Kind,
    who: String,
    text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    choices: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<usize>,
}

/// What stands on buttons.
#[derive(Serialize)]
struct Words {
    previous: &'static str,
    next: &'static str,
    language: &'static str,
    range: &'static str,
    summary: &'static str,
    hint: &'static str,
    reveal: &'static str,
    yours: &'static str,
}

impl Words {
    fn of(lang: Lang) -> Self {
        Self {
            previous: lang.pick("← Back", "← 上一步"),
            next: lang.pick("Next →", "下一步 →"),
            language: lang.pick("中文", "English"),
            range: lang.pick("Place in the story", "故事进度"),
            summary: lang.pick("What this is about", "这个场景讲什么"),
            hint: lang.pick("Hint", "提示"),
            reveal: lang.pick("The answer of the run", "运行给出的答案"),
            yours: lang.pick("You said: ", "你的回答："),
        }
    }
}

/// The page of the story up to `until`. `timeline` travels there, and through every line.
pub fn document(timeline: &mut Timeline, until: Instant, options: Options) -> String {
    timeline.go_to(until);
    let theme = Theme::new(options.tone, false);
    let tales =
        [Lang::En, Lang::Zh].map(|lang| Tale::of(timeline.story(), timeline.runner(), lang));
    let moments: Vec<(u32, Instant)> =
        tales[0].entries.iter().map(|entry| (entry.event, entry.at)).collect();
    let mut both = tales.map(Pages::of);
    timeline.go_to(Instant::ZERO);
    let mut size = (0, 0);
    for (event, at) in moments {
        // What is said before anything happened is said at the beginning.
        if event > 0 {
            timeline.go_to_event(event);
        } else {
            timeline.go_to(at);
        }
        for (lang, pages) in [Lang::En, Lang::Zh].into_iter().zip(&mut both) {
            let shown = picture(&View::Cluster, timeline, &theme, lang, WIDTH);
            let own = svg::size(&shown);
            size = (size.0.max(own.0), size.1.max(own.1));
            pages.add(svg::rows(&shown, &theme), text(&shown).lines());
        }
    }
    let [en, zh] = &both;
    let data = Data {
        lang: options.lang.pick("en", "zh"),
        count: en.entries.len(),
        cell: HEIGHT,
        size,
        paper: svg::inks(&theme).paper.to_string(),
        fonts: svg::FONTS,
        words: [("en", Words::of(Lang::En)), ("zh", Words::of(Lang::Zh))].into(),
        en,
        zh,
    };
    page(&data, timeline, options)
}

impl Pages {
    fn of(tale: Tale) -> Self {
        let shown = |entry: Entry| Shown {
            at: clock(entry.at),
            kind: entry.kind,
            who: entry.who,
            text: entry.text,
            choices: entry.choices,
            hint: entry.hint,
            answer: entry.answer,
        };
        Self {
            title: tale.title,
            watch: tale.watch,
            about: tale.about,
            entries: tale.entries.into_iter().map(shown).collect(),
            rows: Vec::new(),
            texts: Vec::new(),
            frames: Vec::new(),
        }
    }

    /// Adds a screen.
    fn add<'a>(&mut self, rows: Vec<String>, texts: impl Iterator<Item = &'a str>) {
        let mut frame = Vec::with_capacity(rows.len());
        for (row, text) in rows.into_iter().zip(texts) {
            // Most rows are as in the screen before: those are the last.
            let known = self.rows.iter().rposition(|known| *known == row);
            frame.push(known.unwrap_or_else(|| {
                self.rows.push(row);
                self.texts.push(text.to_owned());
                self.rows.len() - 1
            }));
        }
        self.frames.push(frame);
    }
}

/// Data inside of a page: no `<` ends it.
fn inside(data: &Data<'_>) -> String {
    serde_json::to_string(data).expect("it is made of plain data").replace('<', "\\u003c")
}

fn page(data: &Data<'_>, timeline: &Timeline, options: Options) -> String {
    let Options { lang, tone } = options;
    let pages = lang.pick(data.en, data.zh);
    let scenario = timeline.runner().scenario();
    let words = Words::of(lang);
    let tone = if tone == Tone::Light { "light" } else { "dark" };
    let mut about = String::new();
    for paragraph in &pages.about {
        write!(about, "<p>{}</p>", escaped(paragraph)).expect("strings take everything");
    }
    let mut lines = String::new();
    for entry in &pages.entries {
        lines.push_str(&line(entry, &words, pages));
    }
    let seed = lang.pick("seed", "种子");
    format!(
        "<!doctype html>\n<html lang=\"{html_lang}\" data-tone=\"{tone}\">\n<head>\n\
         <meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         script-src 'sha256-{SCRIPT_DIGEST}'; style-src 'sha256-{STYLE_DIGEST}'; base-uri 'none'; \
         form-action 'none'\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"generator\" content=\"kafkascope\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<h1 id=\"title\">{title}</h1>\n\
         <p class=\"facts\">Kafka {release} · {seed} {number}</p>\n\
         <p class=\"watch\" id=\"watch\">{watch}</p>\n\
         <details><summary id=\"summary\">{summary}</summary><div id=\"about\">{about}</div></details>\n\
         </header>\n<main>\n\
         <figure><div id=\"screen\"></div><div class=\"twin\" id=\"twin\"></div></figure>\n\
         <nav id=\"bar\" hidden><button type=\"button\" id=\"previous\"></button>\
         <button type=\"button\" id=\"next\"></button>\
         <input type=\"range\" id=\"range\" min=\"0\" max=\"{last}\" value=\"0\">\
         <span id=\"place\"></span><button type=\"button\" id=\"language\"></button></nav>\n\
         <p class=\"twin\" id=\"heard\" aria-live=\"polite\"></p>\n\
         <ol id=\"lines\">\n{lines}</ol>\n</main>\n\
         <script type=\"application/json\" id=\"story\">{story}</script>\n\
         <script>{SCRIPT}</script>\n</body>\n</html>\n",
        html_lang = lang.pick("en", "zh-CN"),
        title = escaped(&pages.title),
        release = scenario.release,
        number = scenario.seed,
        watch = escaped(pages.watch.as_deref().unwrap_or_default()),
        summary = words.summary,
        last = data.count.saturating_sub(1),
        story = inside(data),
    )
}

/// A line for those who have no script.
fn line(entry: &Shown, words: &Words, pages: &Pages) -> String {
    let kind: &str = entry.kind.into();
    let mut line = format!(
        "<li data-kind=\"{kind}\"><span class=\"at\">{}</span> <span class=\"who\">{}</span> \
         <span class=\"text\">{}</span>",
        entry.at,
        escaped(&entry.who),
        escaped(&entry.text)
    );
    let mut more = String::new();
    for choice in &entry.choices {
        write!(more, "<p>{}</p>", escaped(choice)).expect("strings take everything");
    }
    let answer = entry.answer.map(|place| (words.reveal, &pages.entries[place].text));
    let hint = entry.hint.as_ref().map(|hint| (words.hint, hint));
    for (name, text) in hint.into_iter().chain(answer) {
        write!(more, "<details><summary>{name}</summary><p>{}</p></details>", escaped(text))
            .expect("strings take everything");
    }
    if !more.is_empty() {
        write!(line, "<div class=\"more\">{more}</div>").expect("strings take everything");
    }
    line.push_str("</li>\n");
    line
}
