//! A medium beneath the page cache that does one thing after another, and has to go where it is done.
//!
//! A model of the simulator's own, for those who want to see what seeks, the page cache and its limit
//! cost. What is written waits in memory and is brought to the medium file by file: what waits for one
//! file goes there in one piece. It decides how long things take, never what survives a power cut.

use std::collections::BTreeMap;

use super::FileId;
use crate::sim::{Duration, Instant};

/// What such a medium is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediumModel {
    /// To go to another place than the one it is at: a seek and half a turn.
    pub seek: Duration,
    /// Every write goes to a place of its own, and every read comes from one; otherwise files lie in one
    /// piece.
    pub random: bool,
    /// What was written can be read from memory; otherwise every read waits for the medium.
    pub cached: bool,
    /// So far behind what was written it may be before whoever writes waits.
    pub behind: Duration,
}

impl Default for MediumModel {
    /// A medium without seeks, half a second behind at most.
    fn default() -> Self {
        Self {
            seek: Duration::ZERO,
            random: false,
            cached: true,
            behind: Duration::from_millis(500),
        }
    }
}

/// What waits in memory for a file.
#[derive(Clone, Copy, Debug, Default)]
struct Dirty {
    bytes: u64,
    writes: u64,
}

/// The medium, and what waits for it.
#[derive(Clone, Debug)]
pub(super) struct Medium {
    pub(super) model: MediumModel,
    ps_per_byte: u64,
    /// It is busy until then.
    free_at: Instant,
    /// The file that it is at.
    at: Option<FileId>,
    dirty: BTreeMap<FileId, Dirty>,
    /// When the first of what waits came.
    since: Instant,
    seeks: u64,
    /// What was asked of it since time was last taken.
    asked: Vec<Asked>,
}

/// Something that is asked of the medium.
#[derive(Clone, Copy, Debug)]
enum Asked {
    Write(FileId, u64),
    Read(FileId, u64),
    /// An fsync, which takes so many picoseconds itself.
    Sync(FileId, u64),
}

impl Medium {
    pub(super) const fn new(model: MediumModel, ps_per_byte: u64) -> Self {
        Self {
            model,
            ps_per_byte,
            free_at: Instant::ZERO,
            at: None,
            dirty: BTreeMap::new(),
            since: Instant::ZERO,
            seeks: 0,
            asked: Vec::new(),
        }
    }

    /// The file that it is at.
    pub(super) const fn head(&self) -> Option<FileId> {
        self.at
    }

    pub(super) const fn seeks(&self) -> u64 {
        self.seeks
    }

    pub(super) fn write(&mut self, file: FileId, bytes: u64) {
        if bytes > 0 {
            self.asked.push(Asked::Write(file, bytes));
        }
    }

    pub(super) fn read(&mut self, file: FileId, bytes: u64) {
        if bytes > 0 && !self.model.cached {
            self.asked.push(Asked::Read(file, bytes));
        }
    }

    pub(super) fn sync(&mut self, file: FileId, ps: u64) {
        self.asked.push(Asked::Sync(file, ps));
    }

    /// A file is gone: nothing of it has to be written any more.
    pub(super) fn forget(&mut self, file: FileId) {
        self.dirty.remove(&file);
        self.asked.retain(|asked| match asked {
            Asked::Write(of, _) | Asked::Read(of, _) => *of != file,
            Asked::Sync(..) => true,
        });
    }

    /// How long whoever asked at `now` waits; everything takes `slowdown` times as long.
    pub(super) fn wait(&mut self, now: Instant, slowdown: u64) -> Duration {
        if self.asked.is_empty() {
            return Duration::ZERO;
        }
        self.work_until(now, slowdown);
        let mut done = now;
        for asked in std::mem::take(&mut self.asked) {
            match asked {
                Asked::Write(file, bytes) => {
                    if self.dirty.is_empty() {
                        self.since = now;
                    }
                    let dirty = self.dirty.entry(file).or_default();
                    dirty.bytes += bytes;
                    dirty.writes += 1;
                }
                Asked::Read(file, bytes) => {
                    let takes = self.go_to(file, 1) + self.moving(bytes);
                    done = self.busy(now, takes * slowdown);
                }
                Asked::Sync(file, ps) => {
                    let dirty = self.dirty.remove(&file).unwrap_or_default();
                    let takes = self.bring(file, dirty) + Duration::from_nanos(ps / 1_000);
                    done = self.busy(now, takes * slowdown);
                }
            }
        }
        let waiting = self.backlog(slowdown);
        let behind = self.free_at.max(now) + waiting;
        let throttled = behind.since(now).saturating_sub(self.model.behind);
        done.since(now).max(throttled)
    }

    /// Brings what waits to the medium, as far as there was time before `now`.
    fn work_until(&mut self, now: Instant, slowdown: u64) {
        while !self.dirty.is_empty() && self.free_at.max(self.since) < now {
            // The next file from where it is, then from the beginning, as an elevator goes.
            let next = self.at.and_then(|at| self.dirty.range(at..).next());
            let (file, dirty) = next.or_else(|| self.dirty.iter().next()).expect("some wait");
            let (file, dirty) = (*file, *dirty);
            self.dirty.remove(&file);
            let takes = self.bring(file, dirty) * slowdown;
            self.free_at = self.free_at.max(self.since) + takes;
        }
    }

    /// It is busy for so long, once it has done what it does. Returns until when.
    fn busy(&mut self, now: Instant, takes: Duration) -> Instant {
        self.free_at = self.free_at.max(now) + takes;
        self.free_at
    }

    /// Brings a file's bytes there: all in one piece, or each write to its own place.
    fn bring(&mut self, file: FileId, dirty: Dirty) -> Duration {
        if dirty.writes == 0 {
            return Duration::ZERO;
        }
        self.go_to(file, dirty.writes) + self.moving(dirty.bytes)
    }

    /// Goes to a file for so many accesses.
    fn go_to(&mut self, file: FileId, accesses: u64) -> Duration {
        let seeks = self.seeks_to(file, accesses);
        self.at = Some(file);
        self.seeks += seeks;
        self.model.seek * seeks
    }

    fn seeks_to(&self, file: FileId, accesses: u64) -> u64 {
        if self.model.random { accesses } else { u64::from(self.at != Some(file)) }
    }

    fn moving(&self, bytes: u64) -> Duration {
        Duration::from_nanos(bytes * self.ps_per_byte / 1_000)
    }

    /// How long it takes to bring all that waits there.
    fn backlog(&self, slowdown: u64) -> Duration {
        let all = self.dirty.iter().map(|(file, dirty)| {
            self.model.seek * self.seeks_to(*file, dirty.writes) + self.moving(dirty.bytes)
        });
        all.fold(Duration::ZERO, |sum, one| sum + one) * slowdown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEEK: Duration = Duration::from_millis(8);
    const LOG: FileId = FileId(0);
    const OTHER: FileId = FileId(1);

    fn medium(random: bool, cached: bool) -> Medium {
        let model = MediumModel { seek: SEEK, random, cached, behind: Duration::from_millis(50) };
        // 1 GB/s.
        Medium::new(model, 1_000)
    }

    fn millis(millis: u64) -> Instant {
        Instant::ZERO + Duration::from_millis(millis)
    }

    /// Writes 1 MB to a file every millisecond, and says how long the writer waited in all.
    fn write(medium: &mut Medium, writes: u64, slowdown: u64) -> Duration {
        let (mut now, mut waited) = (Instant::ZERO, Duration::ZERO);
        for _ in 0..writes {
            medium.write(LOG, 100_000);
            let wait = medium.wait(now, slowdown);
            waited += wait;
            now = now + wait + Duration::from_millis(1);
        }
        waited
    }

    #[test]
    fn who_writes_one_file_seeks_once_and_does_not_wait() {
        let mut medium = medium(false, true);
        assert_eq!(write(&mut medium, 100, 1), Duration::ZERO);
        assert_eq!(medium.seeks(), 1);
    }

    #[test]
    fn who_writes_to_random_places_seeks_each_time_and_waits_once_the_medium_is_behind() {
        let mut medium = medium(true, true);
        let waited = write(&mut medium, 100, 1);
        // 100 seeks and 10 ms of bytes, less the 100 ms that the writer took and what may be behind.
        assert!(waited >= Duration::from_millis(650), "{waited}");
        assert!(waited <= Duration::from_millis(810), "{waited}");
        assert!(medium.seeks() >= 90);
    }

    #[test]
    fn an_fsync_waits_for_what_was_written_and_for_its_turn() {
        let mut medium = medium(false, true);
        medium.write(LOG, 1_000_000);
        medium.sync(LOG, 2_000_000_000);
        assert_eq!(medium.wait(millis(5), 1), Duration::from_millis(8 + 1 + 2));
        medium.sync(OTHER, 2_000_000_000);
        assert_eq!(medium.wait(millis(6), 1), Duration::from_millis(10 + 2));
    }

    #[test]
    fn without_a_page_cache_reads_wait_for_the_medium() {
        let mut cached = medium(false, true);
        cached.read(LOG, 1_000_000);
        assert_eq!(cached.wait(millis(1), 1), Duration::ZERO);
        let mut bare = medium(false, false);
        bare.read(LOG, 1_000_000);
        assert_eq!(bare.wait(millis(1), 1), Duration::from_millis(9));
        bare.read(LOG, 1_000_000);
        assert_eq!(bare.wait(millis(100), 3), Duration::from_millis(3));
        assert_eq!(bare.seeks(), 1);
    }
}
