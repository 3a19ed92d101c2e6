//! The terminal loop: the one place that touches the terminal, files and the wall clock.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufWriter, Stdout, Write, stdout};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration as Span;

use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::crossterm::{cursor, execute, style};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGTSTP};
use signal_hook::low_level::{emulate_default_handler, raise};

use super::app::{App, Effect};
use super::draw::draw;
use super::key::{Code, Key};
use super::notes_file::NotesFile;
use super::watch::Watch;
use crate::scenario::{Loaded, Source, load, share};
use crate::sim::Duration;

#[expect(clippy::disallowed_types, reason = "the terminal loop reads the wall clock")]
type Clock = std::time::Instant;

/// How long a frame is on the screen while time runs.
const FRAME: Span = Span::from_micros(16_667);
/// So much of it may go into the run.
const BUDGET: Span = Span::from_millis(10);
/// How often files and signals are looked at while nothing moves.
const IDLE: Span = Span::from_millis(200);
/// So long it may take to end after a signal.
const GRACE: Span = Span::from_secs(1);
/// More real time than this does not go by at once: the program was asleep.
const MOST: Span = Span::from_millis(100);

/// The terminal, taken over. It is given back when this is dropped, in whatever way.
pub struct Terminal {
    inner: ratatui::Terminal<CrosstermBackend<BufWriter<Stdout>>>,
    mouse: bool,
}

impl Terminal {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// When there is none.
    pub fn open(mouse: bool) -> io::Result<Self> {
        let backend = CrosstermBackend::new(BufWriter::with_capacity(1 << 16, stdout()));
        let mut terminal = Self { inner: ratatui::Terminal::new(backend)?, mouse };
        terminal.take()?;
        Ok(terminal)
    }

    /// Its width and height.
    ///
    /// # Errors
    /// When it is gone.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.inner.size()?;
        Ok((size.width, size.height))
    }

    fn take(&mut self) -> io::Result<()> {
        enable_raw_mode()?;
        execute!(stdout(), EnterAlternateScreen, event::EnableBracketedPaste, cursor::Hide)?;
        self.set_mouse(self.mouse)?;
        self.inner.clear()
    }

    fn set_mouse(&mut self, on: bool) -> io::Result<()> {
        self.mouse = on;
        if on { execute!(stdout(), event::EnableMouseCapture) } else { leave_mouse() }
    }

    /// True if signs like ★ take two cells here, as on many Chinese terminals.
    ///
    /// # Errors
    /// When the terminal does not answer.
    pub fn has_wide_signs(&mut self) -> io::Result<bool> {
        execute!(stdout(), cursor::MoveTo(0, 0), style::Print("★"))?;
        let (column, _) = cursor::position()?;
        self.inner.clear()?;
        Ok(column > 1)
    }
}

fn leave_mouse() -> io::Result<()> {
    execute!(stdout(), event::DisableMouseCapture)
}

fn give_back() -> io::Result<()> {
    // Each is tried, whatever becomes of the others.
    let mouse = leave_mouse();
    let screen =
        execute!(stdout(), event::DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
    disable_raw_mode().and(mouse).and(screen)
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Nothing can be done about a terminal that is gone.
        let _ = give_back();
    }
}

/// Signals that end the program.
struct Signals {
    ends: Vec<(i32, Arc<AtomicBool>)>,
}

impl Signals {
    fn new() -> io::Result<Self> {
        let mut ends = Vec::new();
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            let flag = Arc::new(AtomicBool::new(false));
            signal_hook::flag::register(signal, Arc::clone(&flag))?;
            ends.push((signal, flag));
        }
        Ok(Self { ends })
    }

    fn came(&self) -> Option<i32> {
        self.ends.iter().find(|(_, flag)| flag.load(Ordering::Relaxed)).map(|(signal, _)| *signal)
    }
}

/// Ends the program should it not end by itself after a signal: when a terminal is closed, reading from
/// it may never return.
#[expect(clippy::disallowed_methods, reason = "somebody must be awake while the terminal is read")]
fn make_sure_of_the_end() -> io::Result<()> {
    let mut signals = signal_hook::iterator::Signals::new([SIGHUP, SIGTERM])?;
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            std::thread::sleep(GRACE);
            // There is nobody to tell that it cannot be done.
            let _ = emulate_default_handler(signal);
        }
    });
    Ok(())
}

/// Shows `app` on `terminal` until the viewer leaves.
///
/// # Errors
/// When the terminal is gone.
pub fn run(
    app: &mut App,
    mut terminal: Terminal,
    mut watch: Option<Watch>,
    mut notes: Option<NotesFile>,
) -> io::Result<()> {
    let signals = Signals::new()?;
    make_sure_of_the_end()?;
    // The files that were saved from here: those may be written over.
    let mut saved = BTreeSet::new();
    let mut drawn = 0;
    let mut last = Clock::now();
    let mut looked = last;
    loop {
        if let Some(signal) = signals.came() {
            drop(terminal);
            return emulate_default_handler(signal);
        }
        let elapsed = last.elapsed().min(MOST);
        last = Clock::now();
        if app.ui.playback.playing {
            let elapsed = u64::try_from(elapsed.as_nanos()).expect("it is no more than a frame");
            app.play(Duration::from_nanos(elapsed), || last.elapsed() < BUDGET);
        }
        if let Some(watch) = watch.as_mut()
            && looked.elapsed() >= IDLE
        {
            looked = Clock::now();
            if watch.has_changed() {
                reload(app, watch);
            }
        }
        if drawn != app.revision() {
            drawn = app.revision();
            terminal.inner.draw(|frame| draw(app, frame))?;
            if let Some(problem) = notes.as_mut().and_then(|notes| notes.update(app).err()) {
                // The lesson goes on without them.
                notes = None;
                app.failed(&problem.to_string());
            }
        }
        let wait =
            if app.ui.playback.playing { FRAME.saturating_sub(last.elapsed()) } else { IDLE };
        // Keys that came together are one picture.
        let mut ready = event::poll(wait)?;
        while ready {
            take(app, &event::read()?);
            ready = event::poll(Span::ZERO)?;
        }
        if !app.ui.playback.playing {
            last = Clock::now();
        }
        for effect in app.take_effects() {
            match effect {
                Effect::Quit => return Ok(()),
                Effect::Suspend => {
                    give_back()?;
                    raise(SIGTSTP)?;
                    terminal.take()?;
                    drawn = 0;
                }
                Effect::Redraw => {
                    terminal.inner.clear()?;
                    drawn = 0;
                }
                Effect::Mouse(on) => terminal.set_mouse(on)?,
                Effect::Copy(text) => {
                    let base64 = share::base64(&text);
                    execute!(stdout(), style::Print(format!("\x1b]52;c;{base64}\x07")))?;
                }
                Effect::Opened => watch = None,
                Effect::Save { path, text } => {
                    let done = write(&path, &text, saved.contains(&path));
                    let done = done.map_err(|error| {
                        if error.kind() == io::ErrorKind::AlreadyExists {
                            let lang = app.ui.lang;
                            let taken = lang.pick(
                                "there is a file of that name; save under another",
                                "已有同名文件，请换个名字",
                            );
                            return taken.to_owned();
                        }
                        error.to_string()
                    });
                    if done.is_ok() {
                        saved.insert(path.clone());
                    }
                    app.saved(&path, done);
                }
            }
        }
    }
}

/// Writes a file, but not over one that somebody else wrote.
fn write(path: &str, text: &str, is_ours: bool) -> io::Result<()> {
    let mut file = if is_ours { fs::File::create(path)? } else { fs::File::create_new(path)? };
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn reload(app: &mut App, watch: &Watch) {
    let name = watch.path().display().to_string();
    let Ok(bytes) = fs::read(watch.path()) else { return };
    match Source::new(name.clone(), bytes) {
        Ok(source) => {
            let loaded = load(&source);
            app.reload(source, loaded);
        }
        Err(wrong) => {
            let source = Source { name, text: String::new() };
            app.reload(source, Loaded { diagnostics: vec![wrong], ..Loaded::default() });
        }
    }
}

fn take(app: &mut App, event: &Event) {
    match event {
        Event::Key(key) => {
            if let Some(key) = key_of(key) {
                app.key(key);
            }
        }
        Event::Mouse(MouseEvent { kind, column, row, .. }) => match kind {
            MouseEventKind::Down(MouseButton::Left) | MouseEventKind::Drag(MouseButton::Left) => {
                app.click(*column, *row);
            }
            MouseEventKind::ScrollUp => app.wheel(*column, *row, -1),
            MouseEventKind::ScrollDown => app.wheel(*column, *row, 1),
            _ => {}
        },
        Event::Resize(width, height) => app.resize(*width, *height),
        Event::Paste(text) => app.paste(text),
        Event::FocusGained | Event::FocusLost => {}
    }
}

fn key_of(event: &KeyEvent) -> Option<Key> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let code = match event.code {
        KeyCode::Char(letter) => Code::Char(letter),
        KeyCode::F(number) => Code::F(number),
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        KeyCode::Enter => Code::Enter,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => Code::BackTab,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Esc => Code::Esc,
        _ => return None,
    };
    if event.modifiers.intersects(KeyModifiers::ALT | KeyModifiers::SUPER | KeyModifiers::META) {
        return None;
    }
    let shift = event.modifiers.contains(KeyModifiers::SHIFT)
        && !matches!(code, Code::Char(_) | Code::BackTab);
    Some(Key { code, ctrl: event.modifiers.contains(KeyModifiers::CONTROL), shift })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::library;
    use crate::tui::{Options, Pane};

    fn app() -> App {
        let source = library::find("broker-down").expect("it is built in");
        let loaded = load(&source);
        App::new(source, loaded, Options::default())
    }

    fn mouse(kind: MouseEventKind, column: u16, row: u16) -> Event {
        Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })
    }

    #[test]
    fn the_left_button_and_the_wheel_do_something() {
        let mut app = app();
        app.go_to(crate::sim::Instant::ZERO + Duration::from_secs(20));
        take(&mut app, &mouse(MouseEventKind::Down(MouseButton::Left), 30, 20));
        assert_eq!(app.focus(), Pane::Story);
        take(&mut app, &mouse(MouseEventKind::ScrollDown, 3, 12));
        assert_eq!(app.focus(), Pane::Groups);
        take(&mut app, &mouse(MouseEventKind::ScrollUp, 45, 12));
        assert_eq!(app.focus(), Pane::Producers);
        let revision = app.revision();
        for kind in [
            MouseEventKind::Down(MouseButton::Right),
            MouseEventKind::Up(MouseButton::Left),
            MouseEventKind::Moved,
            MouseEventKind::ScrollLeft,
        ] {
            take(&mut app, &mouse(kind, 30, 4));
        }
        assert_eq!(app.revision(), revision, "other buttons are the terminal's");
    }

    #[test]
    fn the_cursor_can_be_dragged_along_the_bar() {
        let mut app = app();
        app.go_to(crate::sim::Instant::ZERO + Duration::from_secs(30));
        let drag = |column| mouse(MouseEventKind::Drag(MouseButton::Left), column, 0);
        let mut before = app.timeline.at();
        for column in (60..=68).rev() {
            take(&mut app, &drag(column));
            assert!(app.timeline.at() < before, "{column}");
            before = app.timeline.at();
        }
    }

    #[test]
    fn keys_come_through_once() {
        let mut app = app();
        let key = |kind| {
            Event::Key(KeyEvent::new_with_kind(KeyCode::Char('z'), KeyModifiers::NONE, kind))
        };
        take(&mut app, &key(KeyEventKind::Press));
        take(&mut app, &key(KeyEventKind::Release));
        assert!(app.ui.zoomed, "letting go is no key");
        take(&mut app, &Event::Key(KeyEvent::new(KeyCode::Char('z'), KeyModifiers::ALT)));
        assert!(app.ui.zoomed, "Alt is the terminal's");
        take(&mut app, &Event::Resize(100, 30));
        assert_eq!((app.ui.area.width, app.ui.area.height), (100, 30));
    }
}
