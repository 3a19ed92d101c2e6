//! `poll`: group, positions, fetches, in Java's order; it is gone through again at every event that
//! may bring it further, until there are records to return.
//!
//! In Kafka: `ClassicKafkaConsumer.poll`, `updateAssignmentMetadataIfNeeded`,
//! `updateFetchPositions`, `pollForFetches`.

use super::Consumer;
use super::collector::Fetch;
use super::coordinator::Progress;
use super::exception::Thrown;
use super::positions::OffsetFetcher;
use crate::node::Outbox;

impl Consumer {
    /// Goes on with the application's call. None while it waits; else what it returns, which may be
    /// nothing.
    pub(super) fn poll(&mut self, out: &mut Outbox) -> Result<Option<Fetch>, Thrown> {
        loop {
            if self.ends_session(out) {
                return Ok(None);
            }
            let progress = self.update_assignment_metadata_if_needed(out)?;
            if progress != Progress::Blocked {
                self.app.call_ends_at = None;
            }
            let is_waiting = match progress {
                Progress::Done | Progress::NotYet => false,
                Progress::Blocked => !self.app.call_has_ended(&self.core.spec, out.now),
                Progress::Stuck => true,
            };
            if is_waiting {
                return Ok(None);
            }
            let fetch = self.poll_for_fetches(out)?;
            if !fetch.is_empty() {
                // The next fetches travel while the application works on these records.
                self.send_fetches(out);
                return Ok(Some(fetch));
            }
            if progress != Progress::Blocked {
                let has_all = self.core.subscriptions.has_all_fetch_positions();
                if progress == Progress::Done && self.had_all_fetch_positions && !has_all {
                    // An answer said that a position is out of range: the call goes round at once.
                    continue;
                }
                // A position is looked for: the call does not block until something else comes.
                self.retry_soon |= !self.had_all_fetch_positions;
                return Ok(None);
            }
            // The call ends without records, and the application calls again.
            self.begin_poll(out);
        }
    }

    /// The application calls `poll`.
    pub(super) fn begin_poll(&mut self, out: &mut Outbox) {
        self.app.begin_call(out.now);
        if let Some(coordinator) = &mut self.coordinator {
            coordinator.begin_call(&mut self.core.step(out));
        }
    }

    fn update_assignment_metadata_if_needed(
        &mut self,
        out: &mut Outbox,
    ) -> Result<Progress, Thrown> {
        let step = &mut self.core.step(out);
        if let Some(coordinator) = &mut self.coordinator
            && !self.app.awaits_positions
        {
            let progress = coordinator.poll(step)?;
            self.retry_soon |= progress == Progress::NotYet && !coordinator.is_joining();
            if progress != Progress::Done {
                return Ok(progress);
            }
        }
        self.update_fetch_positions(out)
    }

    fn update_fetch_positions(&mut self, out: &mut Outbox) -> Result<Progress, Thrown> {
        let step = &mut self.core.step(out);
        self.retry_soon |= self.positions.validate_positions_if_needed(step)?;
        self.had_all_fetch_positions = step.subscriptions.has_all_fetch_positions();
        if self.had_all_fetch_positions {
            return Ok(Progress::Done);
        }
        if let Some(coordinator) = &mut self.coordinator {
            let is_done = coordinator.init_with_committed_offsets_if_needed(step);
            self.app.awaits_positions = is_done == Ok(false);
            if !is_done? {
                return Ok(Progress::Blocked);
            }
        }
        OffsetFetcher::reset_initializing_positions(step)?;
        self.retry_soon |= OffsetFetcher::reset_positions_if_needed(step);
        Ok(Progress::Done)
    }

    fn poll_for_fetches(&mut self, out: &mut Outbox) -> Result<Fetch, Thrown> {
        let fetch = self.fetcher.collect(&mut self.core.step(out))?;
        if fetch.is_empty() {
            self.send_fetches(out);
        }
        Ok(fetch)
    }

    fn send_fetches(&mut self, out: &mut Outbox) {
        let step = &mut self.core.step(out);
        self.positions.validate_positions_on_metadata_change(step);
        self.retry_soon |= self.fetcher.send_fetches(step);
    }
}
