//! P15: from a key to the last byte of the picture that it changes, through a pseudo-terminal, less what
//! `cat` takes to give a letter back.

use super::Options;

#[cfg(any(target_os = "linux", target_os = "macos"))]
pub(crate) use unix::rows;

/// There is no such terminal here.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub(crate) fn rows(_: &Options) -> Vec<super::row::Row> {
    println!("P15 needs the pseudo-terminals of Linux or macOS");
    Vec::new()
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
mod unix {
    use std::fs::{File, OpenOptions};
    use std::io::{self, Read, Write};
    use std::process::{Child, Command};
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{Winsize, tcsetwinsize};

    use super::super::clock::Wall;
    use super::super::row::{Goal, Row, median};
    use super::Options;

    const PROGRAM: &str = env!("CARGO_BIN_EXE_kafkascope");
    const LESSON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/kafkascope/lesson.toml");

    /// So long nothing comes any more when a picture is whole.
    const QUIET: Duration = Duration::from_millis(30);

    /// So long the first byte may take.
    const START: Duration = Duration::from_secs(1);

    /// A program on a terminal.
    struct Session {
        master: File,
        child: Child,
    }

    impl Session {
        /// Starts a program on a terminal of 200x60, and waits until it is quiet.
        fn new(mut command: Command) -> io::Result<Self> {
            let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
            grantpt(&master)?;
            unlockpt(&master)?;
            let size = Winsize { ws_row: 60, ws_col: 200, ws_xpixel: 0, ws_ypixel: 0 };
            let name = ptsname(&master, Vec::new())?.into_string().map_err(io::Error::other)?;
            let terminal = OpenOptions::new().read(true).write(true).open(name)?;
            tcsetwinsize(&terminal, size)?;
            command.env("TERM", "xterm-256color").env("COLORTERM", "truecolor");
            command.env("LANG", "C.UTF-8").env_remove("LC_ALL").env_remove("NO_COLOR");
            command.stdin(terminal.try_clone()?).stdout(terminal.try_clone()?).stderr(terminal);
            let child = command.spawn()?;
            let mut session = Self { master: File::from(master), child };
            session.last_byte(START)?;
            // What it draws when it knows its terminal.
            session.last_byte(START)?;
            Ok(session)
        }

        /// Reads until nothing has come for a while, the first byte within `first`: when the last byte came,
        /// and how many there were.
        fn last_byte(&mut self, first: Duration) -> io::Result<(Wall, usize)> {
            let (mut last, mut bytes) = (Wall::now(), 0);
            let mut buffer = vec![0; 1 << 16];
            let mut patience = first;
            loop {
                let timeout = Timespec {
                    tv_sec: patience.as_secs() as i64,
                    tv_nsec: i64::from(patience.subsec_nanos()),
                };
                if poll(&mut [PollFd::new(&self.master, PollFlags::IN)], Some(&timeout))? == 0 {
                    return Ok((last, bytes));
                }
                let read = self.master.read(&mut buffer)?;
                if read == 0 {
                    return Ok((last, bytes));
                }
                (last, bytes) = (Wall::now(), bytes + read);
                // A terminal says where its cursor is when it is asked.
                if buffer[..read].windows(4).any(|asked| asked == b"\x1b[6n") {
                    self.master.write_all(b"\x1b[1;1R")?;
                }
                patience = QUIET;
            }
        }

        /// Presses a key: milliseconds to the last byte of what it changed, and how many bytes that took.
        fn press(&mut self, key: &[u8]) -> io::Result<(f64, usize)> {
            let pressed = Wall::now();
            self.master.write_all(key)?;
            let (last, bytes) = self.last_byte(START)?;
            assert!(bytes > 0, "the key did something");
            Ok((last.duration_since(pressed).as_secs_f64() * 1e3, bytes))
        }

        /// The medians over `rounds` presses.
        fn presses(&mut self, key: &[u8], rounds: usize) -> io::Result<(f64, usize)> {
            let mut all = Vec::with_capacity(rounds);
            let mut bytes = 0;
            for _ in 0..rounds {
                let (millis, more) = self.press(key)?;
                all.push(millis);
                bytes += more;
            }
            Ok((median(all), bytes / rounds))
        }

        fn end(mut self, key: &[u8]) -> io::Result<()> {
            self.master.write_all(key)?;
            // A terminal that was left cannot be read.
            let _ = self.last_byte(START);
            drop(self.master);
            self.child.wait().map(drop)
        }
    }

    /// The viewer of the lesson, a step of the run with every key.
    pub(crate) fn rows(options: &Options) -> Vec<Row> {
        match measure(options) {
            Ok(row) => vec![row],
            Err(error) => {
                println!("P15 needs a pseudo-terminal, and there is none: {error}");
                Vec::new()
            }
        }
    }

    fn measure(options: &Options) -> io::Result<Row> {
        let rounds = options.rounds(101);
        let mut cat = Command::new("sh");
        cat.args(["-c", "stty raw -echo; exec cat"]);
        let mut cat = Session::new(cat)?;
        let mut viewer = Command::new(PROGRAM);
        viewer.args(["play", LESSON, "--at", "8s", "--lang", "en"]);
        let mut viewer = Session::new(viewer)?;
        let (floor, _) = cat.presses(b"x", rounds)?;
        let (ours, bytes) = viewer.presses(b"\x1b[C", rounds)?;
        viewer.end(b"q")?;
        cat.child.kill()?;
        cat.child.wait()?;
        let note = format!(
            "200x60, 3 brokers: {ours:.2} ms less cat's {floor:.2} ms; {bytes} bytes each, a step included"
        );
        let name = "P15 key to last byte, bare pty".to_owned();
        Ok(Row::absolute(name, Goal::AtMost(1.5, 1.0), (ours - floor, "ms"), note))
    }
}
