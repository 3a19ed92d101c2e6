//! What every built-in scenario tells, in both languages, with its verdicts and its trace hash; and
//! what the cluster looks like at its end.

#[path = "common/snapshots.rs"]
mod snapshots;

use std::process::Command;

use kafkascope::built_in_names;
use snapshots::snapshots;

fn print(args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kafkascope"));
    let output = command.args(args).output().expect("the program runs");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it prints text")
}

/// Moments at which the logs of a partition, or what lies on a disk, tell something.
const PARTITIONS: [(&str, &str, &str); 7] = [
    ("broker-down", "10.5s", "partition:kq-0"),
    ("broker-down", "12s", "partition:kq-2"),
    ("broker-down-and-back", "60s", "partition"),
    ("isr-shrink", "20s", "partition"),
    ("isr-shrink", "60s", "partition"),
    ("find-an-offset-on-disk", "50s", "disk:broker-1/kq-0"),
    ("find-an-offset-on-disk", "50s", "disk:broker-1/kq-0@253"),
];

#[test]
fn partitions() {
    for (name, at, view) in PARTITIONS {
        for lang in ["en", "zh"] {
            let text = print(&["run", name, "--view", view, "--at", at, "--lang", lang]);
            let of = view.replace([':', '/', '@'], "-");
            compare("views", &format!("{name}-{at}-{of}-{lang}"), &text);
        }
    }
}

fn compare(group: &str, name: &str, text: &str) {
    let mut settings = snapshots(group);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn stories() {
    let mut count = 0;
    for name in built_in_names() {
        for lang in ["en", "zh"] {
            let story = print(&["run", name, "--lang", lang]);
            compare("stories", &format!("{name}-{lang}"), &story);
            let view = print(&["run", name, "--view", "cluster", "--lang", lang]);
            compare("views", &format!("{name}-{lang}"), &view);
            count += 1;
        }
    }
    assert!(count >= 14, "seven scenarios in two languages");
}
