//! Kafka's tools asked at the cursor.

use super::Timeline;
use crate::foreign::{self, Answer, Elected, Election, Hint, Output, Simulated};
use crate::ids::{LeaderEpoch, Name, TopicPartition};
use crate::node::AdminRequest;
use crate::scenario::language::LineError;

impl Timeline {
    /// Answers a line for one of Kafka's tools. Only an election does anything: it is typed as
    /// commands, and the run goes on until the tool has its answer, as a shell waits for it.
    ///
    /// # Errors
    /// When a partition that is to get a leader cannot be named in a command.
    pub fn ask(&mut self, words: &[Name]) -> Result<Output, LineError> {
        match foreign::answer(words, &Simulated::new(self.runner().lens())) {
            Answer::Printed(output) => Ok(output),
            Answer::Elect(election) if election.partitions.is_empty() => Ok(election.told(&[])),
            Answer::Elect(_) if self.is_over() => {
                Ok(Output { exit: 1, hint: Some(Hint::Over), ..Output::default() })
            }
            Answer::Elect(election) => self.elect(&election),
        }
    }

    fn elect(&mut self, election: &Election) -> Result<Output, LineError> {
        let lines: Vec<String> = election.lines().collect();
        for line in &lines {
            // All or nothing.
            self.runner().names().read(line)?;
        }
        let before: Vec<Option<LeaderEpoch>> =
            election.partitions.iter().map(|tp| self.leader_epoch(tp)).collect();
        let answered = self.runner().admin_outcomes().len();
        for line in &lines {
            self.type_line(line)?;
        }
        let mut results = vec![None; lines.len()];
        let mut seen = answered;
        while results.contains(&None) && self.advance() {
            let runner = self.runner();
            for outcome in &runner.admin_outcomes()[seen..] {
                let AdminRequest::ElectLeaders { unclean, partitions } = &outcome.request else {
                    continue;
                };
                let [tp] = partitions.as_slice() else { continue };
                let place = election.partitions.iter().position(|one| one == tp);
                let Some(place) = place.filter(|_| *unclean == election.unclean) else { continue };
                results[place] = Some(match &outcome.result {
                    Err(error) => Elected::refused(error.error.name(), &error.message),
                    Ok(()) if self.leader_epoch(tp) == before[place] => Elected::NotNeeded,
                    Ok(()) => Elected::Done,
                });
            }
            seen = runner.admin_outcomes().len();
        }
        let late = || {
            let sentence = "Timed out waiting for a node assignment. Call: electLeaders";
            Elected::refused("REQUEST_TIMED_OUT", sentence)
        };
        let results: Vec<_> =
            results.into_iter().map(|result| result.unwrap_or_else(late)).collect();
        Ok(election.told(&results))
    }

    /// The leader epoch of a partition, as the controller has it.
    fn leader_epoch(&self, tp: &TopicPartition) -> Option<LeaderEpoch> {
        self.runner().lens().registration(tp).map(|state| state.leader_epoch)
    }
}
