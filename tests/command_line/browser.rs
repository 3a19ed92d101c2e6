//! The page of a story in a real browser, where there is one.

use std::fs;
use std::process::Command;

use crate::exporting::scratch;
use crate::program::call;

#[path = "../oracle/sha256.rs"]
mod sha256;

/// The browser, or why there is none.
fn browser() -> Option<&'static str> {
    let names = ["chromium", "chromium-browser", "google-chrome", "chrome"];
    names.into_iter().find(|name| Command::new(name).arg("--version").output().is_ok())
}

/// The page after its script has run, and what the browser complained of.
fn opened(browser: &str, page: &str, place: &str) -> (String, Vec<String>) {
    let profile = scratch("browser-profile");
    let output = Command::new(browser)
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"])
        .args(["--virtual-time-budget=4000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("file://{page}{place}"))
        .output()
        .expect("it starts");
    let complaints = String::from_utf8_lossy(&output.stderr);
    let complaints = complaints.lines().filter(|line| line.contains("CONSOLE")).map(str::to_owned);
    (String::from_utf8_lossy(&output.stdout).into_owned(), complaints.collect())
}

/// The line that is shown.
fn current(dom: &str) -> &str {
    let (_, rest) = dom.split_once("aria-current=\"step\"").expect("a line is shown");
    rest.split("</li>").next().expect("a line ends")
}

#[test]
fn a_page_steps_through_its_story() {
    let Some(browser) = browser() else {
        println!("skipped: there is no Chromium on this machine");
        return;
    };
    let path = scratch("broker-down.html");
    let page = path.to_str().expect("a path");
    let called = call(&["export", "html", "broker-down", "--until", "27s", "-o", page]);
    assert_eq!(called.code, 0, "{}", called.err);

    let (first, complaints) = opened(browser, page, "");
    assert_eq!(complaints, [""; 0]);
    assert!(first.contains("<svg"), "the screen is drawn: {first}");
    assert!(first.contains("1 / "), "{first}");
    let (killed, _) = opened(browser, page, "#9");
    assert!(killed.contains("9 / "), "the address says where");
    assert!(current(&killed) != current(&first));
    assert_eq!(
        killed.matches(" hidden=\"\"").count() + 9,
        first.matches(" hidden=\"\"").count() + 1
    );

    // Keys, the other language, and a guess.
    let text = fs::read_to_string(&path).expect("it was written");
    let (before, rest) = text.split_once("<meta http-equiv").expect("there is a policy");
    let (_, rest) = rest.split_once(">\n").expect("it ends");
    let press = "for (const key of ['ArrowRight', 'n', 'PageDown', 'ArrowLeft', 'g']) \
                 dispatchEvent(new KeyboardEvent('keydown', { key }));";
    let tried =
        format!("{before}{}", rest.replace("</body>", &format!("<script>{press}</script></body>")));
    let tried_path = scratch("broker-down-tried.html");
    fs::write(&tried_path, tried).expect("it can be written");
    let (dom, complaints) = opened(browser, tried_path.to_str().expect("a path"), "");
    assert_eq!(complaints, [""; 0]);
    assert!(dom.contains("<html lang=\"zh-CN\""), "{dom}");
    assert!(dom.contains("3 / ") && dom.contains("宕机"), "three on, one back");
}

#[test]
fn the_policy_of_a_page_knows_its_style_and_its_script() {
    use kafkascope::export::html;
    let digest = |text: &str| {
        let hex = sha256::sha256(text.as_bytes());
        let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("two digits");
        base64(&(0..hex.len()).step_by(2).map(byte).collect::<Vec<_>>())
    };
    assert_eq!(digest(html::STYLE), html::STYLE_DIGEST);
    assert_eq!(digest(html::SCRIPT), html::SCRIPT_DIGEST);
}

fn base64(bytes: &[u8]) -> String {
    let letters: Vec<char> =
        ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let group = three.iter().fold(0usize, |group, byte| group << 8 | usize::from(*byte));
        let group = group << (8 * (3 - three.len()));
        for place in 0..4 {
            let digit = group >> (18 - 6 * place) & 63;
            text.push(if place <= three.len() { letters[digit] } else { '=' });
        }
    }
    text
}
