//! Moving the focus, opening things, and asking about them.

use crate::explain::why::{self, rule_of};
use crate::explain::{StoryLine, Words};
use crate::ids::{BrokerId, TopicPartition};
use crate::sim::Instant;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::editor::Editor;
use crate::tui::layer::{Card, Layer};
use crate::tui::panels::story::{self, StoryView};
use crate::tui::panels::{
    self, Changed, Thing, cluster, control, group, groups, metadata_log, partition, producers,
};
use crate::tui::places::{Causes, Gantt, Strips};
use crate::tui::screens::{Pane, Screen, areas, has_story};
use crate::view::MetadataEntry;

impl App {
    pub(super) fn look_at(&mut self, action: Action) {
        match action {
            Action::Why if self.focus() == Pane::Records => self.ask_why_record(),
            Action::Why if self.focus() == Pane::Compare => self.ask_why_compared(),
            Action::Why => self.ask_why(self.selected_line()),
            Action::WhyThis => self.ask_why(self.line_of_focus()),
            Action::Card => self.show_card(),
            Action::Open => self.open_it(),
            Action::Show(Screen::Why) if self.chain.is_none() => self.ask_why(self.selected_line()),
            Action::Show(Screen::Partition) => self.show_partition(),
            Action::Show(Screen::Group) => self.show_group(),
            Action::Show(Screen::Disk) => self.show_disk(),
            Action::Show(screen) => self.ui.screen = screen,
            Action::NextPane => self.cycle(1),
            Action::PreviousPane => self.cycle(-1),
            Action::Up => self.step(-1),
            Action::Down => self.step(1),
            Action::PageUp => self.step(-self.page()),
            Action::PageDown => self.step(self.page()),
            Action::Left => self.sideways(-1),
            Action::Right => self.sideways(1),
            Action::Zoom => self.ui.zoomed = !self.ui.zoomed,
            Action::Filter => {
                match self.ui.screen {
                    Screen::Messages => {}
                    Screen::Partition => self.ui.partition.in_story = true,
                    Screen::Group => self.ui.group.in_story = true,
                    Screen::Control if has_story(self.ui.area) => {
                        self.ui.control.pane = Pane::Story;
                    }
                    _ => (self.ui.screen, self.ui.home) = (Screen::Cluster, Pane::Story),
                }
                let before = self.filter().clone();
                self.ui.layers.push(Layer::Filter { editor: Editor::new(before.clone()), before });
            }
            Action::Find => self.ask_offset(),
            Action::Internal => self.ui.cluster.internal = !self.ui.cluster.internal,
            Action::Close => self.close(),
            other => unreachable!("{other:?} is no look"),
        }
    }

    /// What has the focus.
    pub fn focused(&self) -> Option<Thing> {
        let (changed, lens) = (Changed::default(), self.lens());
        match self.focus() {
            Pane::Cluster => {
                let (row, column) = self.ui.cluster.selected;
                cluster::at(lens, &self.cluster_view(&changed), row, column)
            }
            Pane::Groups => groups::at(lens, self.ui.groups.selected),
            Pane::Producers => producers::at(lens, self.ui.producers.selected),
            Pane::Story => self.selected_line().map(Thing::Line),
            Pane::Partition => {
                partition::at(lens, &self.strips_view(&changed), self.ui.partition.selected)
            }
            Pane::Group => {
                group::at(&self.timeline, &self.group_view(&changed), self.ui.group.selected)
            }
            Pane::Tree | Pane::File => self.focused_on_disk(),
            Pane::Control => control::at(lens, self.ui.control.table.selected),
            Pane::Records | Pane::Charts | Pane::Why | Pane::Messages | Pane::Compare => None,
        }
    }

    /// The selected line of the story: the newest that is shown, unless another one is.
    pub(in crate::tui) fn selected_line(&self) -> Option<usize> {
        self.ui.story.selected.or_else(|| self.line_near(usize::MAX, 0))
    }

    /// The line shown that is so many lines after `from`.
    fn line_near(&self, from: usize, lines: isize) -> Option<usize> {
        let (look, story) = (self.look(Pane::Story), self.timeline.story());
        let from = from.min(story.len().checked_sub(1)?);
        story::moved(&look, story, self.lens(), &self.story_view(), from, lines)
    }

    fn cycle(&mut self, by: isize) {
        match self.ui.screen {
            Screen::Cluster => {}
            Screen::Partition => {
                self.ui.partition.in_story ^= true;
                return;
            }
            Screen::Group => {
                self.ui.group.in_story ^= true;
                return;
            }
            Screen::Disk => {
                let folder = &mut self.ui.disk;
                folder.in_file = folder.file.is_some() && !folder.in_file;
                return;
            }
            Screen::Control => {
                let panes: Vec<Pane> = areas(self).panes.iter().map(|(pane, _)| *pane).collect();
                let all = [Pane::Control, Pane::Records, Pane::Story];
                let panes = if self.ui.zoomed { &all[..2] } else { &panes[..] };
                let at = panes.iter().position(|pane| *pane == self.focus()).unwrap_or_default();
                let to = (at as isize + by).rem_euclid(panes.len() as isize) as usize;
                self.ui.control.pane = panes[to];
                return;
            }
            Screen::Messages | Screen::Charts | Screen::Why | Screen::Compare => return,
        }
        let home = &Pane::ALL[..4];
        let at = home.iter().position(|pane| *pane == self.ui.home).unwrap_or_default();
        self.ui.home = home[(at as isize + by).rem_euclid(home.len() as isize) as usize];
    }

    fn sideways(&mut self, by: isize) {
        match self.focus() {
            Pane::Cluster => {
                let (row, column) = self.ui.cluster.selected;
                self.ui.cluster.selected = (row, column.saturating_add_signed(by));
            }
            Pane::Partition => self.beside(by),
            Pane::Group => self.group_beside(by),
            Pane::Tree | Pane::File => self.beside_on_disk(by),
            Pane::Compare => self.compare_with(by),
            _ => self.cycle(by),
        }
    }

    /// Moves the selection of the focused pane by so many rows.
    pub(in crate::tui) fn step(&mut self, by: isize) {
        match self.focus() {
            Pane::Cluster => {
                let (row, column) = self.ui.cluster.selected;
                self.ui.cluster.selected = (row.saturating_add_signed(by), column);
            }
            Pane::Groups => {
                let table = &mut self.ui.groups;
                table.selected = table.selected.saturating_add_signed(by);
            }
            Pane::Producers => {
                let table = &mut self.ui.producers;
                table.selected = table.selected.saturating_add_signed(by);
            }
            Pane::Story => {
                let Some(last) = self.line_near(usize::MAX, 0) else { return };
                let from = self.ui.story.selected.unwrap_or(last);
                let to = self.line_near(from, by).unwrap_or(from);
                // Whoever goes to the end follows it again.
                self.ui.story.selected = (to < last).then_some(to);
            }
            Pane::Partition => {
                let strips = &mut self.ui.partition;
                strips.selected = strips.selected.saturating_add_signed(by);
            }
            Pane::Group => {
                let gantt = &mut self.ui.group;
                gantt.selected = gantt.selected.saturating_add_signed(by);
            }
            Pane::Tree | Pane::File => self.step_on_disk(by),
            Pane::Charts => self.ui.chart = self.ui.chart.saturating_add_signed(by),
            Pane::Control => {
                let table = &mut self.ui.control.table;
                table.selected = table.selected.saturating_add_signed(by);
            }
            Pane::Records => {
                let selected = self.ui.control.records.selected;
                self.ui.control.records.selected = metadata_log::moved(self.lens(), selected, by);
            }
            Pane::Compare => {
                let rows = self.aligned().map_or(0, |aligned| aligned.pairs.len());
                let Some(last) = rows.checked_sub(1) else { return };
                let from = self.ui.compare.view.selected.unwrap_or(last);
                let to = from.saturating_add_signed(by).min(last);
                // Whoever goes to the end follows it again.
                self.ui.compare.view.selected = (to < last).then_some(to);
            }
            Pane::Messages => self.step_in_messages(by),
            Pane::Why => {
                self.ui.why.selected = self.ui.why.selected.saturating_add_signed(by);
            }
        }
    }

    /// How many rows a page of the focused pane has.
    fn page(&self) -> isize {
        let area = areas(self).of(self.focus()).unwrap_or_default();
        isize::try_from(area.height.saturating_sub(3).max(1)).unwrap_or(1)
    }

    fn open_it(&mut self) {
        match self.focus() {
            Pane::Story => {
                let story = self.timeline.story();
                let line = self.selected_line().and_then(|place| story.get(place));
                if let Some(event) = line.map(|line| line.first.event) {
                    self.moved(|app| app.timeline.go_to_event(event));
                }
            }
            Pane::Why => {
                let link = self.ui.why.selected;
                let event =
                    self.chain.as_ref().and_then(|chain| panels::why::event_at(chain, link));
                if let Some(event) = event {
                    self.moved(|app| app.timeline.go_to_event(event));
                    self.ui.screen = Screen::Cluster;
                }
            }
            Pane::Cluster if self.partition_of_focus().is_some() => {
                self.show_partition();
            }
            Pane::Partition => self.ui.partition.close ^= true,
            Pane::Groups => self.show_group(),
            Pane::Records => {
                let entry = metadata_log::entry(self.lens(), &self.records_view());
                if let Some(entry) = entry {
                    self.ui.layers.push(Layer::Record { offset: entry.offset, top: 0 });
                }
            }
            Pane::Compare => {
                let at = self.compared_line().map(|(place, at)| {
                    let story = self.timeline.story();
                    (place.and_then(|place| story.get(place)).map(|line| line.first.event), at)
                });
                match at {
                    Some((Some(event), _)) => self.moved(|app| app.timeline.go_to_event(event)),
                    Some((None, at)) => self.moved(|app| app.visit(at)),
                    None => {}
                }
            }
            Pane::Group | Pane::Control => match self.focused() {
                Some(Thing::Partition(tp)) => {
                    self.ui.partition = Strips { tp: Some(tp), ..Strips::default() };
                    self.ui.screen = Screen::Partition;
                }
                _ if self.focus() == Pane::Group => self.ui.group.close ^= true,
                _ => self.show_card(),
            },
            Pane::Tree | Pane::File => self.open_on_disk(),
            Pane::Charts => self.ui.zoomed = !self.ui.zoomed,
            Pane::Messages => self.open_message(),
            Pane::Cluster | Pane::Producers => self.show_card(),
        }
    }

    /// Shows the partition that is selected in the matrix, or the one that was shown last.
    fn show_partition(&mut self) {
        let selected = self.partition_of_focus();
        if self.ui.screen == Screen::Cluster && selected.is_some() {
            self.ui.partition = Strips { tp: selected, ..Strips::default() };
        }
        if self.ui.partition.tp.is_none() {
            self.ui.partition.tp = partition::first(self.lens());
        }
        self.ui.screen = Screen::Partition;
    }

    /// Shows the group that is selected in the table of groups, or the one that was shown last.
    fn show_group(&mut self) {
        if let Some(Thing::Group(group) | Thing::Member { group, .. }) = self.focused()
            && self.ui.screen == Screen::Cluster
        {
            self.ui.group = Gantt { group: Some(group), ..Gantt::default() };
        }
        if self.ui.group.group.is_none() {
            self.ui.group.group = group::first(self.lens());
        }
        self.ui.screen = Screen::Group;
    }

    /// Shows the group so many places further on.
    fn group_beside(&mut self, by: isize) {
        let lens = self.lens();
        let from = self.ui.group.group.clone().or_else(|| group::first(lens));
        let to = from.and_then(|from| group::beside(lens, &from, by));
        let gantt = &mut self.ui.group;
        gantt.group = to.or(gantt.group.take());
    }

    /// The partition of the selected row of the matrix, or that the selected line is about.
    pub(super) fn partition_of_focus(&self) -> Option<TopicPartition> {
        match self.focus() {
            Pane::Cluster => {
                let changed = Changed::default();
                let (row, _) = self.ui.cluster.selected;
                let thing = cluster::at(self.lens(), &self.cluster_view(&changed), row, 0)?;
                thing.partition().cloned()
            }
            Pane::Story => {
                let line = self.timeline.story().get(self.ui.story.selected?)?;
                partition_of(&line.latest.words).cloned()
            }
            _ => None,
        }
    }

    /// Shows the partition so many places further on.
    fn beside(&mut self, by: isize) {
        let lens = self.lens();
        let from = self.ui.partition.tp.clone().or_else(|| partition::first(lens));
        let internal = self.ui.cluster.internal;
        let to = from.and_then(|from| partition::beside(lens, &from, by, internal));
        let strips = &mut self.ui.partition;
        strips.tp = to.or(strips.tp.take());
    }

    fn close(&mut self) {
        let ui = &mut self.ui;
        if ui.screen == Screen::Disk && ui.disk.in_file {
            // Back to the tree.
            (ui.disk.in_file, ui.disk.file) = (false, None);
        } else if ui.zoomed && !matches!(ui.screen, Screen::Cluster | Screen::Why | Screen::Compare)
        {
            ui.zoomed = false;
        } else if ui.screen == Screen::Messages && !ui.messages.filter.is_empty() {
            ui.messages.filter.clear();
        } else if ui.screen != Screen::Cluster {
            ui.screen = Screen::Cluster;
        } else if ui.durian {
            self.peel();
        } else if ui.zoomed {
            ui.zoomed = false;
        } else if ui.story.selected.is_some() {
            ui.story.selected = None;
        } else if !ui.story.filter.is_empty() {
            ui.story.filter.clear();
        } else if self.frozen.take().is_some() {
            // The present is shown again.
        } else {
            self.note(self.ui.lang.pick("q leaves", "q 退出"));
        }
    }

    /// Why the line at `place` of the story came about.
    fn ask_why(&mut self, place: Option<usize>) {
        let lang = self.ui.lang;
        let line = place.and_then(|place| self.timeline.story().get(place));
        let Some((event, number)) = line.map(|line| (line.first.event, line.first.number)) else {
            return self.note(lang.pick("the story tells nothing of it", "故事里没有它的事"));
        };
        let chain = why::chain(&self.timeline, &self.lens(), event, Some(number));
        let Some(chain) = chain else { return };
        self.show_why(chain, event);
    }

    /// The selected row of the comparison: its line in the story of the present, if it has one, and
    /// when it was.
    fn compared_line(&self) -> Option<(Option<usize>, Instant)> {
        let aligned = self.aligned()?;
        let last = aligned.pairs.len().checked_sub(1)?;
        let pair = aligned.pairs[self.ui.compare.view.selected.unwrap_or(last)];
        let left = pair.left().map(|it| &aligned.left[it]);
        let right = pair.right().map(|it| &aligned.right[it]);
        let at = left.or(right)?.at;
        Some((left.map(|heard| heard.place), at))
    }

    fn ask_why_compared(&mut self) {
        if let Some((Some(place), _)) = self.compared_line() {
            return self.ask_why(Some(place));
        }
        let lang = self.ui.lang;
        self.note(lang.pick(
            "it happened on the other side only: go there first (u futures, O runs)",
            "这只发生在另一边：先切换过去（u 时间线，O 各次运行）",
        ));
    }

    /// Why the selected record of the metadata log was written.
    fn ask_why_record(&mut self) {
        let entry = metadata_log::entry(self.lens(), &self.records_view());
        if let Some(entry) = entry {
            self.ask_why_written(&entry);
        }
    }

    /// Why a record of the metadata log was written.
    pub(in crate::tui) fn ask_why_written(&mut self, entry: &MetadataEntry) {
        let lang = self.ui.lang;
        let Some((event, line)) = self.timeline.writer_of(entry) else {
            return self.note(lang.pick("it is not known who wrote it", "不知道是谁写的"));
        };
        let chain = why::chain(&self.timeline, &self.lens(), event, line);
        let Some(chain) = chain else { return };
        self.show_why(chain, event);
    }

    fn show_why(&mut self, chain: why::Chain, event: u32) {
        self.chain = Some(chain);
        self.ui.why = Causes { event, selected: 0, top: 0 };
        self.ui.screen = Screen::Why;
        self.ui.playback.playing = false;
    }

    /// The last line of the story about what has the focus.
    fn line_of_focus(&self) -> Option<usize> {
        let thing = match self.focused()? {
            Thing::Line(place) => return Some(place),
            thing => thing,
        };
        let (look, story, lens) = (self.look(Pane::Story), self.timeline.story(), self.lens());
        let view = StoryView { filter: "", ..self.story_view() };
        let view = StoryView { selected: None, top: None, ..view };
        (0..story.len()).rev().find(|place| {
            story.get(*place).is_some_and(|line| self.is_about(line.latest, &thing))
                && story::is_shown(&look, story, lens, &view, *place)
        })
    }

    /// True if a line tells of a thing.
    fn is_about(&self, line: &StoryLine, thing: &Thing) -> bool {
        let lens = self.lens();
        let of_server = |id: BrokerId| lens.node_of(id) == Some(line.node);
        match thing {
            Thing::Broker(id) => of_server(*id) || names_broker(&line.words, *id),
            Thing::Controller(id) | Thing::File { server: id, .. } => of_server(*id),
            Thing::Partition(tp) => partition_of(&line.words) == Some(tp),
            Thing::Replica { tp, broker } => {
                partition_of(&line.words) == Some(tp)
                    || partition_of(&line.words).is_none() && names_broker(&line.words, *broker)
            }
            Thing::Topic(topic) => partition_of(&line.words).is_some_and(|tp| tp.topic == *topic),
            Thing::Group(group) => {
                line.channel == crate::explain::Channel::Group && self.told(line).contains(&**group)
            }
            Thing::Member { member: name, .. } | Thing::Producer(name) => {
                lens.find(name) == Some(line.node) || self.told(line).contains(&**name)
            }
            Thing::Line(_) => false,
        }
    }

    fn told(&self, line: &StoryLine) -> String {
        crate::explain::Narrator::new(self.ui.lang).line(line, &self.lens())
    }

    fn show_card(&mut self) {
        let card = match self.focused() {
            Some(Thing::Line(place)) => {
                let line = self.timeline.story().get(place);
                line.and_then(|line| rule_of(&line.latest.words)).map(Card::Rule)
            }
            Some(thing) => Some(Card::Term(thing.term(self.lens()))),
            None if self.focus() == Pane::Charts => {
                panels::charts::term(self.ui.chart).map(Card::Term)
            }
            None if self.focus() == Pane::Records => {
                let entry = metadata_log::entry(self.lens(), &self.records_view());
                entry.map(|entry| Card::Term(metadata_log::term(&entry)))
            }
            None if self.focus() == Pane::Messages => Some(self.card_of_message()),
            None => {
                let chain = self.chain.as_ref();
                let link = chain.and_then(|chain| chain.links.get(self.ui.why.selected));
                link.and_then(|link| link.rule).map(Card::Rule)
            }
        };
        if let Some(card) = card {
            self.ui.layers.push(Layer::card(card));
        } else {
            let lang = self.ui.lang;
            self.note(lang.pick("there is no card for this", "这里没有卡片"));
        }
    }
}

fn partition_of(words: &Words) -> Option<&TopicPartition> {
    match words {
        Words::Partition { step } => Some(&step.tp),
        Words::Fact { fact } | Words::Repeated { fact, .. } => fact.partition(),
        _ => None,
    }
}

/// True for the controller's lines about a broker.
fn names_broker(words: &Words, id: BrokerId) -> bool {
    use crate::fact::Fact;
    let Words::Fact { fact } = words else { return false };
    match &**fact {
        Fact::BrokerFenced { broker, .. }
        | Fact::BrokerUnfenced { broker, .. }
        | Fact::BrokerRegistered { broker, .. }
        | Fact::ControlledShutdownStarted { broker, .. } => *broker == id,
        _ => false,
    }
}
