//! What is on the screen and why: the run, and the state of everything that looks at it.

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::action::Action;
use super::asks::Asks;
use super::beside::Beside;
use super::charset::Charset;
use super::keymap;
use super::layer::Layer;
use super::panels::lesson::Said;
use super::places::{
    Causes, Compare, Control, Folder, Gantt, Lines, Matrix, Sequence, Strips, Table, Window,
};
use super::playback::Playback;
use super::screens::{Pane, Screen, has_story};
use super::{Look, Theme, Tone};
use crate::explain::Lang;
use crate::explain::why::Chain;
use crate::scenario::language::{Command, Names, Value};
use crate::scenario::runner::Speech;
use crate::scenario::timeline::{Breakpoint, FutureId, Timeline};
use crate::scenario::{Comparison, Loaded, Recorded, Run, Source};
use crate::sim::Instant;

/// The viewer: a run and how it is looked at.
#[derive(Clone, Debug)]
pub struct App {
    /// The run.
    pub timeline: Timeline,
    /// The state of the screen.
    pub ui: Ui,
    /// Colours and signs.
    pub theme: Theme,
    /// The messages of the last moments, while they are looked at.
    pub(super) window: Window,
    /// The chain of causes that was asked for last.
    pub chain: Option<Chain>,
    /// What the present was compared with last.
    pub(super) beside: Option<Beside>,
    /// The picture that is kept while the display is frozen.
    pub(super) frozen: Option<Buffer>,
    /// The file.
    pub(super) source: Source,
    /// The runs that it describes.
    pub(super) runs: Vec<Run>,
    /// What the runs are compared by.
    pub(super) comparison: Option<Comparison>,
    /// What was measured of each run; empty until somebody looks.
    pub(super) measured: Vec<Option<Value>>,
    /// Another seed than the file's.
    pub(super) seed: Option<u64>,
    /// What the driver is to do.
    pub(super) effects: Vec<Effect>,
    /// How often something visible changed.
    revision: u64,
}

/// The state of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ui {
    /// The terminal's size.
    pub area: Rect,
    /// The language.
    pub lang: Lang,
    /// The colours.
    pub tone: Tone,
    /// What the terminal can show.
    pub charset: Charset,
    /// The terminal has 256 colours only.
    pub few_colours: bool,
    /// The mouse works here; otherwise it selects text.
    pub mouse: bool,
    /// Which of the file's runs.
    pub run: usize,
    /// The screen.
    pub screen: Screen,
    /// The pane that has the focus on the cluster screen.
    pub home: Pane,
    /// The focused pane is alone on the screen.
    pub zoomed: bool,
    /// One pane is shown in large signs.
    pub presenting: bool,
    /// Nothing is shown until the next key.
    pub blank: bool,
    /// The groups are durians.
    pub durian: bool,
    /// Time that runs by itself.
    pub playback: Playback,
    /// The matrix.
    pub cluster: Matrix,
    /// The groups.
    pub groups: Table,
    /// The producers.
    pub producers: Table,
    /// The partition that is looked at.
    pub partition: Strips,
    /// The group that is looked at.
    pub group: Gantt,
    /// The disk that is looked at.
    pub disk: Folder,
    /// The chart that is selected.
    pub chart: usize,
    /// The screen of the controller.
    pub control: Control,
    /// What is compared.
    pub compare: Compare,
    /// The messages.
    pub messages: Sequence,
    /// The story.
    pub story: Lines,
    /// The chain of causes.
    pub why: Causes,
    /// What lies on top of the screen, the uppermost last.
    pub layers: Vec<Layer>,
    /// What was answered to the scenario's questions.
    pub asks: Asks,
    /// What was said last; gone with the next key.
    pub message: Option<Message>,
    /// The lines that were typed, the oldest first.
    pub typed: Vec<String>,
}

/// Something that is said at the bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A command that was given.
    Command(String),
    /// What there is to know.
    Note(String),
    /// What went wrong.
    Error(String),
}

/// What only the driver can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Leave.
    Quit,
    /// Go to the background.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// Take the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Put a text into the terminal's clipboard.
    Copy(String),
    /// Another scenario was opened: the file is not watched any more.
    Opened,
    /// Write a file; [`App::saved`] is told how it went.
    Save {
        /// Where.
        path: String,
        /// What.
        text: String,
    },
}

/// How the viewer begins.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The terminal's size.
    pub size: (u16, u16),
    /// The language.
    pub lang: Lang,
    /// The colours.
    pub tone: Tone,
    /// What the terminal can show.
    pub charset: Charset,
    /// The terminal has 256 colours only.
    pub few_colours: bool,
    /// Another seed than the file's.
    pub seed: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        let (lang, tone, charset) = (Lang::En, Tone::Dark, Charset::Unicode);
        Self { size: (80, 24), lang, tone, charset, few_colours: false, seed: None }
    }
}

impl App {
    /// The viewer of a file that can be read, at the beginning of its first run.
    ///
    /// # Panics
    /// When the file has no run: [`Loaded::is_wrong`] is asked before.
    pub fn new(source: Source, loaded: Loaded, options: Options) -> Self {
        let Options { size, lang, tone, charset, few_colours, seed } = options;
        let timeline = begin(&loaded.runs, 0, seed);
        let mut app = Self {
            timeline,
            ui: Ui {
                area: Rect::new(0, 0, size.0, size.1),
                lang,
                tone,
                charset,
                few_colours,
                mouse: true,
                run: 0,
                screen: Screen::Cluster,
                home: Pane::Cluster,
                zoomed: false,
                presenting: false,
                blank: false,
                durian: false,
                playback: Playback::default(),
                cluster: Matrix::default(),
                groups: Table::default(),
                producers: Table::default(),
                partition: Strips::default(),
                group: Gantt::default(),
                chart: 0,
                disk: Folder::default(),
                control: Control::default(),
                compare: Compare::default(),
                messages: Sequence::default(),
                story: Lines::default(),
                why: Causes::default(),
                layers: Vec::new(),
                asks: Asks::default(),
                message: None,
                typed: Vec::new(),
            },
            theme: Theme::new(tone, charset.is_plain()),
            window: Window::default(),
            chain: None,
            beside: None,
            frozen: None,
            source,
            runs: loaded.runs,
            comparison: loaded.comparison,
            measured: Vec::new(),
            seed,
            effects: Vec::new(),
            revision: 1,
        };
        app.settle();
        app
    }

    /// The pane that has the focus.
    pub fn focus(&self) -> Pane {
        match self.ui.screen {
            Screen::Cluster => self.ui.home,
            Screen::Partition if self.ui.partition.in_story => Pane::Story,
            Screen::Partition => Pane::Partition,
            Screen::Group if self.ui.group.in_story => Pane::Story,
            Screen::Group => Pane::Group,
            Screen::Messages => Pane::Messages,
            Screen::Disk if self.ui.disk.in_file => Pane::File,
            Screen::Disk => Pane::Tree,
            Screen::Charts => Pane::Charts,
            Screen::Control => self.control_pane(),
            Screen::Why => Pane::Why,
            Screen::Compare => Pane::Compare,
        }
    }

    /// The pane that has the focus on the screen of the controller: the story only where it is shown.
    fn control_pane(&self) -> Pane {
        match self.ui.control.pane {
            Pane::Story if !has_story(self.ui.area) => Pane::Records,
            pane => pane,
        }
    }

    /// How a pane is drawn.
    pub fn look(&self, pane: Pane) -> Look<'_> {
        let focused = self.ui.layers.is_empty() && self.focus() == pane;
        Look::new(&self.theme, self.ui.lang).focus(focused)
    }

    /// The scenario's title.
    pub fn title(&self) -> String {
        self.runs[self.ui.run].scenario.title.told_in(self.ui.lang).to_owned()
    }

    /// Which of the file's runs this is, if it has several: `acks = 1`.
    pub fn run_label(&self) -> Option<&str> {
        self.runs[self.ui.run].label.as_deref()
    }

    /// Shows another run of the file, at the same moment.
    pub fn choose_run(&mut self, index: usize) {
        self.noting(|app| {
            app.ui.run = index.min(app.runs.len() - 1);
            app.restart(app.timeline.at());
        });
    }

    /// What can be named now.
    pub fn names(&self) -> &Names {
        self.timeline.runner().names()
    }

    /// What the scenario said last; before that, what to look at, and where to read what it is about.
    pub fn narration(&self) -> Option<String> {
        let (lang, runner) = (self.ui.lang, self.timeline.runner());
        if let Some(last) = runner.spoken().last() {
            let said = Said::of(&last.speech, lang);
            return Some(match last.speech {
                Speech::Say(_) => said.text,
                _ => format!("{}{}{}", said.kind, lang.pick(": ", "："), said.line()),
            });
        }
        let scenario = runner.scenario();
        let more = scenario.about.as_ref().map(|_| {
            let key = keymap::row(Action::Lesson).keys[0];
            lang.pick(format!("{key}: what this is about"), format!("{key}：这个场景讲什么"))
        });
        let watch = scenario.watch.as_ref().map(|watch| watch.told_in(lang).to_owned());
        let parts: Vec<_> = watch.into_iter().chain(more).collect();
        (!parts.is_empty()).then(|| parts.join(" · "))
    }

    /// How often something visible changed: what was drawn at another count is stale.
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// What only the driver can do, in order.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Goes to an instant.
    pub fn go_to(&mut self, at: Instant) {
        self.noting(|app| app.moved(|app| app.visit(at)));
    }

    /// The terminal has another size.
    pub fn resize(&mut self, width: u16, height: u16) {
        self.noting(|app| {
            app.ui.area = Rect::new(0, 0, width, height);
            app.frozen = None;
        });
    }

    /// The terminal can show other letters than was thought.
    pub fn set_charset(&mut self, charset: Charset) {
        self.noting(|app| {
            app.ui.charset = charset;
            app.theme = Theme::new(app.ui.tone, charset.is_plain());
        });
    }

    /// Tells how a file was written.
    pub fn saved(&mut self, path: &str, done: Result<(), String>) {
        self.noting(|app| {
            app.ui.message = Some(match done {
                Ok(()) => Message::Note(app.ui.lang.pick(
                    format!("saved: kafkascope play {path} does it again"),
                    format!("已保存：kafkascope play {path} 可重现"),
                )),
                Err(problem) => Message::Error(format!("{path}: {problem}")),
            });
        });
    }

    /// Says what went wrong outside of the run.
    pub fn failed(&mut self, problem: &str) {
        self.noting(|app| app.complain(problem));
    }

    /// Takes the file as it is now, at the same moment. What was done live is done again, in a future
    /// of its own; what cannot be is said.
    pub fn reload(&mut self, source: Source, loaded: Loaded) {
        self.noting(|app| {
            if loaded.is_wrong() {
                app.ui.layers.retain(|layer| !matches!(layer, Layer::Mistakes { .. }));
                app.ui.layers.push(Layer::mistakes(&source, &loaded.diagnostics));
                return;
            }
            app.ui.layers.retain(|layer| !matches!(layer, Layer::Mistakes { .. }));
            let at = app.timeline.at();
            app.source = source;
            (app.runs, app.comparison) = (loaded.runs, loaded.comparison);
            app.measured.clear();
            app.ui.run = app.ui.run.min(app.runs.len() - 1);
            let before = app.timeline.runner().scenario();
            app.ui.asks.carry_over(before, &app.runs[app.ui.run].scenario);
            let live = app.timeline.done_live();
            let breaks = app.timeline.breakpoints().to_vec();
            app.restart(at);
            let left = app.do_again(&live, &breaks, at);
            let lang = app.ui.lang;
            app.ui.message = Some(if !left.is_empty() {
                let left = left.join(", ");
                Message::Error(lang.pick(
                    format!("the file has changed; this can be done no more: {left}"),
                    format!("文件已修改；以下操作无法重做：{left}"),
                ))
            } else if live.is_empty() {
                let told =
                    lang.pick("the file has changed: it was read again", "文件已修改，重新读取");
                Message::Note(told.to_owned())
            } else {
                let told = lang.pick(
                    "the file has changed: it was read again, and what you did was done again",
                    "文件已修改，已重新读取，现场操作也已重做",
                );
                Message::Note(told.to_owned())
            });
        });
    }

    /// Does again what was done live before the file changed, and sets the breakpoints again. Returns
    /// the lines that can be done no more.
    pub(super) fn do_again(
        &mut self,
        live: &[Vec<Recorded>],
        breaks: &[Breakpoint],
        at: Instant,
    ) -> Vec<String> {
        let mut left = Vec::new();
        for lines in live {
            left.extend(self.timeline.do_again(lines).into_iter().map(|one| one.line.to_string()));
        }
        self.timeline.go_to(at);
        for breakpoint in breaks.iter().filter(|one| !one.text.is_empty()) {
            let line = format!("break {}", breakpoint.text);
            match self.names().read(&line).map(|read| read.command) {
                Ok(Command::Break(condition)) => {
                    self.timeline.add_breakpoint(condition, breakpoint.text.clone());
                }
                _ => left.push(line),
            }
        }
        self.ui.playback.clock = self.timeline.at();
        let mut said = BTreeSet::new();
        left.retain(|line| said.insert(line.clone()));
        left
    }

    /// Takes another file, from its beginning.
    pub(super) fn open(&mut self, source: Source, loaded: Loaded) {
        self.source = source;
        (self.runs, self.comparison) = (loaded.runs, loaded.comparison);
        self.measured.clear();
        self.ui.run = 0;
        self.ui.asks = Asks::default();
        self.restart(Instant::ZERO);
        self.ui.playback.playing = false;
        (self.ui.cluster, self.ui.story) = (Matrix::default(), Lines::default());
        (self.ui.groups, self.ui.producers) = (Table::default(), Table::default());
        (self.ui.partition, self.ui.group) = (Strips::default(), Gantt::default());
        self.ui.disk = Folder::default();
        (self.ui.control, self.ui.compare) = (Control::default(), Compare::default());
    }

    /// Begins the run anew; nothing has happened.
    pub(super) fn begin_again(&mut self) {
        self.timeline = begin(&self.runs, self.ui.run, self.seed);
    }

    /// Begins the run anew and goes to `at`.
    pub(super) fn restart(&mut self, at: Instant) {
        self.begin_again();
        self.timeline.go_to(at);
        self.ui.playback.clock = self.timeline.at();
        self.ui.screen = Screen::Cluster;
        (self.chain, self.frozen, self.beside) = (None, None, None);
    }

    /// Does something and counts it if anything visible is different then.
    pub(super) fn noting(&mut self, work: impl FnOnce(&mut Self)) {
        let (before, moment) = (self.ui.clone(), self.moment());
        let was_frozen = self.frozen.is_some();
        work(self);
        let moved = moment != self.moment();
        if moved {
            self.reveal();
        }
        if moved || before != self.ui || was_frozen != self.frozen.is_some() {
            self.settle();
            // While time runs its clock goes on though nothing happens.
            let clock = before.playback.clock;
            let mut now = self.ui.clone();
            now.playback.clock = clock;
            if moved || before != now || was_frozen != self.frozen.is_some() {
                self.revision += 1;
            }
        }
    }

    /// Where the run is.
    fn moment(&self) -> (Instant, u32, FutureId, usize, usize) {
        let timeline = &self.timeline;
        let (at, event) = (timeline.at(), timeline.event());
        (at, event, timeline.current(), timeline.futures(), timeline.breakpoints().len())
    }
}

fn begin(runs: &[Run], index: usize, seed: Option<u64>) -> Timeline {
    Timeline::new(runs[index].seeded(seed))
}
