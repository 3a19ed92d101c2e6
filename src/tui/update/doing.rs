//! Keys that stand for commands: each makes a line of the language and gives it.

use crate::cluster::ProcessState;
use crate::ids::Name;
use crate::metadata::topic_name::is_kafkas_own;
use crate::scenario;
use crate::scenario::language::{Command, Kinds, LineError};
use crate::sim::NodeId;
use crate::tui::action::Action;
use crate::tui::app::{App, Effect, Message};
use crate::tui::layer::Layer;
use crate::tui::panels::Thing;
use crate::tui::prompt::Prompt;
use crate::tui::screens::Pane;

impl App {
    pub(super) fn do_something(&mut self, action: Action) {
        let line = match action {
            Action::Prompt => return self.ask_for(""),
            Action::Break => return self.ask_for("break "),
            Action::Save => return self.ask_for("save "),
            Action::Share => return self.share(),
            Action::Produce => {
                let line = self.produce_line();
                return self.ask_for(&line);
            }
            _ => self.command_of(action),
        };
        if let Some(line) = line {
            self.order(&line);
        } else {
            let lang = self.ui.lang;
            self.complain(lang.pick(
                "not for this: Tab and the arrows choose what it is done to",
                "此处不适用：用 Tab 和方向键选择对象",
            ));
        }
    }

    /// The command that an action stands for, given what has the focus.
    pub fn command_of(&self, action: Action) -> Option<String> {
        let lens = self.lens();
        let thing = self.focused();
        let process = || thing.as_ref()?.process(lens);
        Some(match action {
            Action::Kill => format!("kill {}", process()?),
            Action::Start => format!("start {}", process()?),
            Action::Stop => format!("stop {}", process()?),
            Action::PauseProcess => {
                let verb = if self.is_paused(thing.as_ref()?) { "resume" } else { "pause" };
                format!("{verb} {}", process()?)
            }
            Action::Isolate => self.isolate_line(thing.as_ref()?)?,
            Action::Add => match thing {
                Some(Thing::Group(group) | Thing::Member { group, .. }) => {
                    format!("add consumer to {group}")
                }
                _ if self.focus() == Pane::Cluster => "add broker".to_owned(),
                _ => return None,
            },
            Action::Remove => match thing? {
                it @ (Thing::Member { .. } | Thing::Producer(_)) => {
                    format!("remove {}", it.process(lens)?)
                }
                _ => return None,
            },
            _ => return None,
        })
    }

    /// The process that a thing is, or is on.
    fn node_of(&self, thing: &Thing) -> Option<NodeId> {
        let lens = self.lens();
        match thing {
            Thing::File { server, .. } => lens.node_of(*server),
            Thing::Broker(id) | Thing::Controller(id) | Thing::Replica { broker: id, .. } => {
                lens.node_of(*id)
            }
            Thing::Member { member: name, .. } | Thing::Producer(name) => lens.find(name),
            Thing::Partition(_) | Thing::Topic(_) | Thing::Group(_) | Thing::Line(_) => None,
        }
    }

    /// True if what has the focus is a process that runs.
    pub(in crate::tui) fn focus_runs(&self) -> bool {
        let node = self.focused().and_then(|thing| self.node_of(&thing));
        node.is_some_and(|node| self.lens().process_state(node) != ProcessState::Down)
    }

    fn is_paused(&self, thing: &Thing) -> bool {
        let state = self.node_of(thing).map(|node| self.lens().process_state(node));
        state == Some(ProcessState::Paused)
    }

    /// Cuts a process off from all other servers, or heals that.
    fn isolate_line(&self, thing: &Thing) -> Option<String> {
        let lens = self.lens();
        let process = lens.name(self.node_of(thing)?);
        let mut servers = self.names().of(Kinds::SERVER);
        servers.retain(|server| *server != **process);
        if servers.is_empty() {
            return None;
        }
        let mut cut = lens.faulty_links().into_iter().filter(|link| link.cut);
        let is_cut = cut.any(|link| link.from == *process || link.to == *process);
        let verb = if is_cut { "heal" } else { "partition" };
        Some(format!("{verb} {process} | {{{}}}", servers.join(", ")))
    }

    fn produce_line(&self) -> String {
        let topic = match self.focused() {
            Some(Thing::Partition(tp) | Thing::Replica { tp, .. }) => Some(tp.to_string()),
            Some(Thing::Topic(topic)) => Some(topic.to_string()),
            _ => None,
        };
        // Kafka's own topics take no records from clients.
        let topics = &self.names().topics;
        let first = || topics.keys().find(|topic| !is_kafkas_own(topic)).map(ToString::to_string);
        let topic = topic.or_else(first).unwrap_or_default();
        format!("produce \"hello\" to {topic}")
    }

    fn ask_for(&mut self, line: &str) {
        self.ui.layers.push(Layer::Prompt(Prompt::new(line)));
    }

    /// Gives a command, and says which.
    pub(super) fn order(&mut self, line: &str) {
        if let Err(error) = self.give(line) {
            self.complain(error.to_string());
        }
    }

    /// Reads a line and does what it says.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn give(&mut self, line: &str) -> Result<(), LineError> {
        let instruction = self.names().read(line)?;
        let told = instruction.line.to_string();
        match instruction.command {
            Command::Foreign(words) => return self.ask_tool(&words, told),
            Command::Goto(at) => self.moved(|app| app.visit(at)),
            Command::Step(number) => {
                self.jump_to_step(number);
                return Ok(());
            }
            Command::Save(path) => {
                self.save(&path);
                return Ok(());
            }
            Command::Break(condition) => {
                let text = told.strip_prefix("break ").unwrap_or(&told).to_owned();
                self.timeline.add_breakpoint(condition, text);
            }
            _ => return self.carry_out(line, told),
        }
        self.ui.message = Some(Message::Command(told));
        Ok(())
    }

    /// Gives a command to the run, and lets it be carried out.
    fn carry_out(&mut self, line: &str, told: String) -> Result<(), LineError> {
        let lang = self.ui.lang;
        if self.timeline.is_over() {
            self.complain(lang.pick(
                "the run is over: go back in time to do something",
                "运行已结束：回到过去才能动手",
            ));
            return Ok(());
        }
        // What cannot be done leaves no trace: no other future, nothing to be saved.
        if let Some(problem) = self.timeline.would_refuse(line)? {
            self.complain(format!("{told}: {problem}"));
            return Ok(());
        }
        let futures = self.timeline.futures();
        self.timeline.type_line(line)?;
        let playing = self.ui.playback.playing;
        let at = self.timeline.recorded().last().map(|recorded| recorded.at);
        self.timeline.go_to(at.unwrap_or_default());
        self.ui.playback.clock = self.timeline.at();
        self.ui.playback.playing = playing;
        (self.ui.story.selected, self.ui.story.top) = (None, None);
        self.ui.message = Some(if self.timeline.futures() > futures {
            let forked =
                lang.pick("another future begins; u lists them", "新的时间线从此开始；u 查看全部");
            Message::Command(format!("{told}    ({forked})"))
        } else {
            Message::Command(told)
        });
        Ok(())
    }

    /// Lets one of Kafka's tools answer, in a window of its own.
    fn ask_tool(&mut self, words: &[Name], line: String) -> Result<(), LineError> {
        let (at, futures) = (self.timeline.at(), self.timeline.futures());
        let output = self.timeline.ask(words)?;
        if self.timeline.at() != at {
            // It did something and had to wait: time went on meanwhile.
            let playing = self.ui.playback.playing;
            self.moved(|_| {});
            self.ui.playback.playing = playing;
            if self.timeline.futures() > futures {
                let lang = self.ui.lang;
                self.note(
                    lang.pick(
                        "another future begins; u lists them",
                        "新的时间线从此开始；u 查看全部",
                    ),
                );
            }
        }
        self.ui.layers.push(Layer::Tool { line, output, top: 0, left: 0 });
        Ok(())
    }

    /// Saves the scenario with what was done live in this future.
    fn save(&mut self, path: &str) {
        let text = scenario::save(&self.source.text, &self.timeline.recorded());
        self.effects.push(Effect::Save { path: path.to_owned(), text });
    }
}
