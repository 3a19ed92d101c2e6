//! What the present is compared with: another run of the file, or another future of this one, at the
//! same simulated time.

use super::app::App;
use super::panels::compare::Aligned;
use crate::explain::Lang;
use crate::scenario::timeline::{FutureId, Timeline};
use crate::sim::Instant;

/// What can be compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    /// Another future of the present run.
    Future(FutureId),
    /// Another run of the file, by its place.
    Run(usize),
}

/// What is compared with, as far as the cursor.
#[derive(Clone, Debug)]
pub(super) struct Beside {
    against: Against,
    timeline: Timeline,
    /// The present's future when it was taken.
    of: FutureId,
    /// Up to where both were put side by side, and for whom.
    key: (Instant, u32, FutureId, Lang, bool),
    aligned: Aligned,
}

impl App {
    /// What the present can be compared with: the future that it left first, then other futures, then
    /// other runs.
    pub(super) fn comparable(&self) -> Vec<Against> {
        let current = self.timeline.current();
        let left = self.timeline.left().map(|(id, _)| id).filter(|id| *id != current);
        let others = (0..self.timeline.futures()).rev().map(FutureId);
        let others = others.filter(|id| *id != current && Some(*id) != left);
        let futures = left.into_iter().chain(others).map(Against::Future);
        let runs = (1..self.runs.len()).map(|by| (self.ui.run + by) % self.runs.len());
        futures.chain(runs.map(Against::Run)).collect()
    }

    /// What is compared, if there is something to compare with.
    pub(super) fn aligned(&self) -> Option<&Aligned> {
        self.beside.as_ref().map(|beside| &beside.aligned)
    }

    /// Compares with another one: the next, or the one before.
    pub(super) fn compare_with(&mut self, by: isize) {
        let all = self.comparable();
        let at = all.iter().position(|one| Some(*one) == self.ui.compare.against);
        let Some(count) = isize::try_from(all.len()).ok().filter(|count| *count > 0) else {
            return;
        };
        let next = (at.map_or(0, |at| at as isize + by)).rem_euclid(count);
        self.ui.compare.against = all.get(next as usize).copied();
    }

    /// Brings what is compared with to the present moment.
    pub(super) fn keep_beside(&mut self) {
        let all = self.comparable();
        let wanted = self.ui.compare.against.filter(|one| all.contains(one));
        let wanted = wanted.or_else(|| all.first().copied());
        self.ui.compare.against = wanted;
        let Some(against) = wanted else {
            self.beside = None;
            return;
        };
        let current = self.timeline.current();
        let kept = self.beside.take().filter(|one| one.against == against && one.of == current);
        let mut beside = kept.unwrap_or_else(|| {
            let timeline = match against {
                Against::Run(index) => Timeline::new(self.runs[index].seeded(self.seed)),
                Against::Future(id) => {
                    let mut timeline = self.timeline.clone();
                    timeline.switch(id);
                    timeline
                }
            };
            let key = (Instant::ZERO, u32::MAX, current, self.ui.lang, false);
            Beside { against, timeline, of: current, key, aligned: Aligned::default() }
        });
        let at = self.timeline.at().max(self.ui.playback.clock);
        beside.timeline.go_to(at);
        let key = (at, self.timeline.event(), current, self.ui.lang, self.ui.charset.is_plain());
        if beside.key != key {
            let look = self.look(super::Pane::Compare);
            let names = [self.name_of_present(), self.name_of(against)];
            beside.aligned = Aligned::of(&look, names, [&self.timeline, &beside.timeline]);
            beside.key = key;
        }
        self.beside = Some(beside);
    }

    fn name_of_present(&self) -> String {
        let run = self.runs[self.ui.run].label.as_ref().map(ToString::to_string);
        let future =
            (self.timeline.futures() > 1).then(|| self.future_name(self.timeline.current()));
        let parts: Vec<String> = run.into_iter().chain(future).collect();
        let lang = self.ui.lang;
        if parts.is_empty() { lang.pick("now", "当前").to_owned() } else { parts.join(", ") }
    }

    fn name_of(&self, against: Against) -> String {
        match against {
            Against::Future(id) => self.future_name(id),
            Against::Run(index) => {
                let label = self.runs[index].label.as_ref();
                label.map_or_else(|| (index + 1).to_string(), ToString::to_string)
            }
        }
    }

    /// A future: its number, and what was done last in it.
    fn future_name(&self, id: FutureId) -> String {
        let (lang, (typed, _)) = (self.ui.lang, self.timeline.future_of(id));
        let number = id.0 + 1;
        let name = lang.pick(format!("future {number}"), format!("时间线 {number}"));
        let did = typed.last().map(|last| last.recorded.line.to_string());
        let did = did.unwrap_or_else(|| lang.pick("the scenario alone", "场景本身").to_owned());
        lang.pick(format!("{name}: {did}"), format!("{name}：{did}"))
    }
}
