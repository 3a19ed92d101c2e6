//! `kafkascope export`, and recordings by `run --cast`.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::program::{call, call_with, scenario};
use crate::terminal::Terminal;

/// A file that a test writes.
pub(crate) fn scratch(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn exported(args: &[&str]) -> String {
    let called = call(&[&["export"], args].concat());
    assert_eq!((called.code, &*called.err), (0, ""), "{args:?}");
    assert_eq!(called.out, call(&[&["export"], args].concat()).out, "it is the same every time");
    called.out
}

#[test]
fn a_picture_of_a_moment_has_its_text_for_those_who_cannot_see_it() {
    let svg = exported(&["svg", "broker-down", "--at", "20s"]);
    assert!(
        svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 990 "),
        "{svg}"
    );
    assert!(svg.contains("<title id=\"title\">A broker dies, 20s</title>"));
    let twin = call(&["run", "broker-down", "--view", "cluster", "--at", "20s"]).out;
    let (_, described) = svg.split_once("<desc id=\"text\">").expect("it is described");
    for row in ["DOWN", "kq-0", "checkout", "acks=all"] {
        assert!(twin.contains(row) && described.contains(row), "{row}");
    }
    assert!(svg.contains("#ffffff") && !svg.contains("#10151c"), "it is light");
    let dark =
        exported(&["svg", "broker-down", "--at", "20s", "--colours", "dark", "--view", "why"]);
    assert!(dark.contains("#10151c"), "{dark}");
    let zh = exported(&["svg", "broker-down", "--at", "20s", "--lang", "zh"]);
    assert!(zh.contains("xml:lang=\"zh-CN\"") && zh.contains("宕机"), "{zh}");
    assert_eq!(svg.matches('<').count(), svg.matches('>').count());
}

#[test]
fn a_story_is_a_sequence_diagram_and_so_are_the_messages_around_a_moment() {
    let story = exported(&["mermaid", "broker-down", "--until", "12s"]);
    assert!(story.contains("sequenceDiagram\n    participant p0 as "), "{story}");
    assert!(story.contains(" kill leader(kq-0) (broker-3)\n"), "{story}");
    assert!(story.contains("question: kq-0's leader is about to die. Who leads kq-0 at 25 s?"));
    let around = ["mermaid", "broker-down", "--at", "18.588s", "--window", "5ms"];
    let messages = exported(&around);
    assert!(messages.contains("->>p") && messages.contains(" Fetch"), "{messages}");
    let lines = messages.lines().skip(4);
    for line in lines {
        let is_known = ["    participant p", "    p", "    Note over "];
        assert!(is_known.iter().any(|begin| line.starts_with(begin)), "{line}");
    }
}

#[test]
fn graphs_show_causes_and_who_has_what() {
    let why = exported(&["dot", "broker-down", "--at", "20s"]);
    assert!(why.starts_with("digraph why {\n") && why.trim_end().ends_with('}'), "{why}");
    assert!(why.contains("kill leader(kq-0)") && why.contains(" -> "), "{why}");
    let cluster = exported(&["dot", "broker-down", "--at", "20s", "--view", "cluster"]);
    for one in ["label=\"broker-1\"", "kq-0\\nepoch 1", "label=\"offline\"", "checkout/c1"] {
        assert!(cluster.contains(one), "{one}: {cluster}");
    }
}

#[test]
fn documents_are_json() {
    let moment: Value = serde_json::from_str(&exported(&["json", "broker-down", "--at", "20s"]))
        .expect("it is JSON");
    let kq = moment["partitions"].as_array().expect("a list").iter();
    assert_eq!(kq.filter(|one| one["tp"]["topic"] == "kq").count(), 3);
    assert_eq!(moment["brokers"][2]["alive"], false);
    let story: Value = serde_json::from_str(&exported(&["json", "broker-down", "--until", "26s"]))
        .expect("it is JSON");
    let entries = story["en"]["entries"].as_array().expect("a list");
    let ask = entries.iter().find(|one| one["kind"] == "ask").expect("it asks");
    let answer = &entries[ask["answer"].as_u64().expect("it is answered") as usize];
    assert!(answer["text"].as_str().is_some_and(|text| text.starts_with("broker-1")), "{answer}");
    assert_eq!(entries.len(), story["zh"]["entries"].as_array().expect("a list").len());
    assert_eq!(story["report"]["seed"], 1);
}

#[test]
fn a_page_asks_for_nothing_elsewhere_and_escapes_everything() {
    let nasty = scenario("").replace("A test", "<script>alert(1)</script> & </script>");
    let path = scratch("nasty.html");
    let path = path.to_str().expect("a path");
    let called = call_with(&["export", "html", "-", "-o", path], nasty.as_bytes());
    assert_eq!((called.code, &*called.err), (0, ""));
    let page = fs::read_to_string(path).expect("it was written");
    assert!(page.contains("default-src 'none'"), "{page}");
    assert!(
        !page.contains("alert(1)</script>") && page.contains("&lt;script&gt;alert(1)"),
        "it is text"
    );
    assert_eq!(page.matches("</script>").count(), 2, "data and program");
    let addresses: Vec<_> = page.match_indices("http").map(|(at, _)| &page[at..at + 30]).collect();
    let harmless = |address: &&&str| {
        !address.starts_with("http://www.w3.org/2000/svg") && !address.starts_with("http-equiv")
    };
    assert_eq!(addresses.iter().filter(harmless).count(), 0, "{addresses:?}");
    for word in ["src=", "@import", "url(", "fetch(", "XMLHttp", "import("] {
        assert!(!page.contains(word), "{word}");
    }
}

#[test]
fn what_a_format_does_not_have_is_told() {
    for (args, told) in [
        (&["html", "broker-down", "--at", "3s"][..], "--until says where it ends"),
        (&["svg", "broker-down", "--until", "3s"], "--at says which"),
        (&["json", "broker-down", "--view", "why"], "only svg and dot have a --view"),
        (&["dot", "broker-down", "--view", "story"], "--view why and --view cluster"),
        (&["svg", "broker-down", "--view", "partition:nope-1"], "there is no partition `nope-1`"),
        (&["svg", "acks-matrix", "--run", "9"], "there is no run `9`; there are: 0, 1, all"),
        (&["svg", "brokr-down"], "did you mean `broker-down`?"),
        (&["png", "broker-down"], "possible values: svg, html, mermaid, dot, json"),
        (&["svg", "broker-down", "--at", "1s", "-o", "/nowhere/x.svg"], "cannot be written"),
    ] {
        let called = call(&[&["export"], args].concat());
        assert_eq!(called.code, 2, "{args:?}");
        assert!(called.err.contains(told), "{args:?}: {}", called.err);
    }
}

/// What a recording says, played to its end.
fn played(cast: &str) -> (Value, Vec<f64>, Terminal) {
    let mut lines = cast.lines();
    let header: Value = serde_json::from_str(lines.next().expect("a header")).expect("JSON");
    let side = |name: &str| header[name].as_u64().expect("a number") as usize;
    let mut terminal = Terminal::new(side("width"), side("height"));
    let mut times = Vec::new();
    for line in lines {
        let event: Value = serde_json::from_str(line).expect("every line is JSON");
        let [at, kind, data] = event.as_array().expect("a list").as_slice() else {
            panic!("{line}: time, kind, data")
        };
        assert_eq!(kind, "o");
        times.push(at.as_f64().expect("a time"));
        terminal.write(data.as_str().expect("a text"));
    }
    (header, times, terminal)
}

#[test]
fn a_recording_ends_at_the_screen_that_the_viewer_shows() {
    let path = scratch("broker-down.cast");
    let file = path.to_str().expect("a path");
    for (size, lang, speed) in [("80x24", "en", "1"), ("120x40", "zh", "2.5")] {
        let called = call(&[
            "run",
            "broker-down",
            "--until",
            "12s",
            "--lang",
            lang,
            "--cast",
            file,
            "--cast-size",
            size,
            "--cast-speed",
            speed,
        ]);
        assert_eq!(called.code, 0, "{}", called.err);
        let cast = fs::read_to_string(&path).expect("it was written");
        let (header, times, terminal) = played(&cast);
        assert_eq!(header["version"], 2);
        assert!(times.is_sorted() && times[0] == 0.0, "{times:?}");
        let last = times.last().expect("something happens");
        let most = if speed == "1" { 12.0 } else { 4.9 };
        assert!((most - 0.5..=most).contains(last), "{last}");
        let shown = call(&[
            "play",
            "broker-down",
            "--at",
            "12s",
            "--size",
            size,
            "--lang",
            lang,
            "--print",
        ]);
        assert_eq!(terminal.text(), shown.out);
        assert!(terminal.has_colours());
    }
}

#[test]
fn what_cannot_be_recorded_is_told() {
    for (args, told) in [
        (&["run", "acks-matrix", "--cast", "x.cast"][..], "this file describes"),
        (&["run", "broker-down", "--cast", "/nowhere/x.cast"], "cannot be written"),
        (&["run", "broker-down", "--cast-speed", "2"], "--cast"),
        (
            &["run", "broker-down", "--cast", "x.cast", "--cast-speed", "0"],
            "write it like 2 or 0.5",
        ),
    ] {
        let called = call(args);
        assert_eq!(called.code, 2, "{args:?}");
        assert!(called.err.contains(told), "{args:?}: {}", called.err);
    }
}
