//! P15: from a key to the last byte of the picture that it changes, through a pseudo-terminal and through
//! tmux on one, with three brokers and with a thousand, less what `cat` takes to give a letter back.

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
    const THOUSAND: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/kafkascope/thousand.toml");

    /// So long nothing comes any more when a picture is whole.
    const QUIET: Duration = Duration::from_millis(30);

    /// So long the first byte may take.
    const START: Duration = Duration::from_secs(1);

    /// And so long that of a thousand brokers: they start before they are drawn.
    const LONG_START: Duration = Duration::from_secs(30);

    /// The socket of the tmux that is started here: none that somebody works with is touched.
    const SOCKET: &str = "kafkascope-bench";

    /// What is in between.
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Through {
        Nothing,
        Tmux,
    }

    impl Through {
        /// The command that runs `program` in it.
        fn command(self, program: &str, args: &[&str]) -> Command {
            let mut command = match self {
                Self::Nothing => Command::new(program),
                Self::Tmux => {
                    let mut tmux = tmux();
                    tmux.args(["-f", "/dev/null", "set", "-g", "status", "off", ";"]);
                    tmux.args(["set", "-s", "escape-time", "0", ";", "new-session", "--", program]);
                    tmux
                }
            };
            command.args(args).env_remove("TMUX");
            command
        }

        /// True if it is here.
        fn is_there(self) -> bool {
            self == Self::Nothing || tmux().arg("-V").output().is_ok()
        }

        const fn name(self) -> &'static str {
            match self {
                Self::Nothing => "bare pty",
                Self::Tmux => "tmux",
            }
        }
    }

    fn tmux() -> Command {
        let mut tmux = Command::new("tmux");
        tmux.args(["-L", SOCKET]);
        tmux
    }

    /// A program on a terminal.
    struct Session {
        master: File,
        child: Child,
    }

    impl Session {
        /// Starts a program on a terminal of 200x60, and waits until it is quiet.
        fn new(
            through: Through,
            program: &str,
            args: &[&str],
            start: Duration,
        ) -> io::Result<Self> {
            let mut command = through.command(program, args);
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
            session.last_byte(start)?;
            // What it draws when it knows its terminal; tmux has drawn before it began.
            session.last_byte(if through == Through::Tmux { start } else { START })?;
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

        /// Ends a program that no key ends.
        fn stop(mut self, through: Through) -> io::Result<()> {
            if through == Through::Tmux {
                tmux().arg("kill-server").status()?;
            }
            self.child.kill()?;
            self.child.wait().map(drop)
        }

        /// Presses the key that ends the program.
        fn end(mut self, key: &[u8]) -> io::Result<()> {
            self.master.write_all(key)?;
            // A terminal that was left cannot be read.
            let _ = self.last_byte(START);
            drop(self.master);
            self.child.wait().map(drop)
        }
    }

    /// The viewer, a step of the run with every key.
    pub(crate) fn rows(options: &Options) -> Vec<Row> {
        let mut rows = Vec::new();
        for (through, goal) in
            [(Through::Nothing, Goal::AtMost(1.5, 1.0)), (Through::Tmux, Goal::AtMost(2.5, 1.5))]
        {
            if !through.is_there() {
                println!("P15 through tmux needs tmux");
                continue;
            }
            match measure(options, through, goal) {
                Ok(more) => rows.extend(more),
                Err(error) => println!("P15 needs a pseudo-terminal, and there is none: {error}"),
            }
        }
        rows
    }

    /// The lesson, and a scenario of a thousand brokers at a moment when all have started.
    fn scenarios() -> [(u32, &'static str, &'static str, Duration); 2] {
        [(3, LESSON, "8s", START), (1_000, THOUSAND, "1s", LONG_START)]
    }

    fn measure(options: &Options, through: Through, goal: Goal) -> io::Result<Vec<Row>> {
        let rounds = options.rounds(101);
        // It says something, so that it is known when it is there.
        let cat = ["-c", "stty raw -echo; echo ready; exec cat"];
        let mut cat = Session::new(through, "sh", &cat, START)?;
        let (floor, _) = cat.presses(b"x", rounds)?;
        cat.stop(through)?;
        let mut rows = Vec::new();
        for (brokers, scenario, at, start) in scenarios() {
            let args = ["play", scenario, "--at", at, "--lang", "en"];
            let mut viewer = Session::new(through, PROGRAM, &args, start)?;
            let (ours, bytes) = viewer.presses(b"\x1b[C", rounds)?;
            viewer.end(b"q")?;
            let name = format!("P15 key to byte, {}, {brokers}", through.name());
            let note = format!(
                "200x60, {brokers} brokers: {ours:.2} ms less cat's {floor:.2} ms; {bytes} bytes each, a step included"
            );
            rows.push(Row::absolute(name, goal, (ours - floor, "ms"), note));
        }
        Ok(rows)
    }
}
