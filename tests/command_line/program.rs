//! Calling the program.

use std::io::Write;
use std::process::{Command, Stdio};

/// How a call came out.
#[derive(Debug)]
pub(crate) struct Called {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Called {
    pub(crate) fn last_line(&self) -> &str {
        self.out.lines().next_back().unwrap_or("")
    }

    /// The hash in the last line of a story.
    pub(crate) fn trace_hash(&self) -> &str {
        let hash = self.last_line().strip_prefix("trace hash ").expect("the last line is the hash");
        assert_eq!(hash.len(), 32, "{hash}");
        assert!(hash.bytes().all(|digit| digit.is_ascii_hexdigit()), "{hash}");
        hash
    }
}

pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kafkascope"));
    command.env("LANG", "C").env_remove("LC_ALL").env_remove("LC_MESSAGES");
    command.current_dir(env!("CARGO_TARGET_TMPDIR"));
    command
}

/// Calls it with `args`.
pub(crate) fn call(args: &[&str]) -> Called {
    call_with(args, b"")
}

/// Calls it with `args` and something to read.
pub(crate) fn call_with(args: &[&str], input: &[u8]) -> Called {
    let mut command = command();
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    // It need not read all of it.
    let _ = stdin.write_all(input);
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    Called {
        code: output.status.code().expect("no signal ended it"),
        out: String::from_utf8(output.stdout).expect("it prints text"),
        err: String::from_utf8(output.stderr).expect("it prints text"),
    }
}

/// A small scenario with `more` in it.
pub(crate) fn scenario(more: &str) -> String {
    format!(
        "format = 1\ntitle = \"A test\"\nkafka = \"4.1\"\nseed = 1\nduration = \"20s\"\n{more}\n\
         [cluster]\nbrokers = 3\n[topics.kq]\npartitions = 1\nreplication-factor = 3\n\
         [producers.web]\ntopic = \"kq\"\nrate = \"10/s\"\n"
    )
}
