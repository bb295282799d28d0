//! What was compared, and what differs.

use std::collections::HashSet;

use backstay_model::{ErrorKind, Gap, Verdict};

use crate::EngineError;

/// Differences listed by name; all are counted.
const LISTED: usize = 100;

/// Counts of a comparison.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub compared: u64,
    pub same: u64,
    pub differing: Vec<Gap>,
    /// Things that differ.
    pub count: u64,
    /// Those of them that no restore can bring back.
    hopeless: u64,
    /// Something was damaged before anything could be compared.
    broke_off: bool,
    /// What is named, not to name it twice.
    named: HashSet<String>,
}

impl Tally {
    pub(super) fn same(&mut self, items: u64) {
        self.compared += items;
        self.same += items;
    }

    /// Something that was compared and is different.
    pub(super) fn differs(&mut self, subject: &str, message: &str) {
        self.compared += 1;
        self.name(Gap {
            subject: subject.to_owned(),
            kind: ErrorKind::Damaged,
            message: message.to_owned(),
        });
    }

    /// Something that could not be brought back, unless it is named already.
    pub(super) fn missing(&mut self, gap: Gap) {
        if self.named.contains(&gap.subject) {
            return;
        }
        self.compared += 1;
        self.name(gap);
    }

    /// Many things that were compared at once; what differs among them is told by [`Tally::list`].
    pub(super) fn many(&mut self, compared: u64, same: u64, hopeless: u64) {
        self.compared += compared;
        self.same += same;
        self.count += compared - same;
        self.hopeless += hopeless;
    }

    /// Names something that is counted already.
    pub(super) fn list(&mut self, gap: Gap) {
        if self.differing.len() < LISTED && self.named.insert(gap.subject.clone()) {
            self.differing.push(gap);
        }
    }

    fn name(&mut self, gap: Gap) {
        self.count += 1;
        self.hopeless += u64::from(gap.kind == ErrorKind::Unsupported);
        self.list(gap);
    }

    /// An error that is a finding of the drill; others go on. A drill that cannot reach its vault has found nothing.
    pub(super) fn finding(&mut self, subject: Option<&str>, error: EngineError) -> Result<(), EngineError> {
        let stored = matches!(
            error,
            EngineError::Source(_) | EngineError::Vault(_) | EngineError::Records(_)
        );
        let lost = stored && error.kind() == ErrorKind::NotFound;
        if error.kind() != ErrorKind::Damaged && !lost {
            return Err(error);
        }
        let own = match &error {
            EngineError::Source(error) if !error.subject.is_empty() => Some(error.subject.clone()),
            _ => None,
        };
        self.broke_off |= subject.is_none();
        self.missing(Gap {
            subject: own
                .or(subject.map(ToOwned::to_owned))
                .unwrap_or_else(|| "the snapshot".to_owned()),
            kind: error.kind(),
            message: error.to_string(),
        });
        Ok(())
    }

    pub(super) fn verdict(&self) -> Verdict {
        match (self.count, self.hopeless) {
            (0, _) => Verdict::Complete,
            (all, hopeless) if all == hopeless => Verdict::Partial,
            _ => Verdict::Failed,
        }
    }

    /// Share of what is the same in percent; nothing is when the restore broke off.
    #[allow(clippy::cast_precision_loss, reason = "a share for people")]
    pub(super) fn score(&self) -> f64 {
        match self.compared {
            _ if self.broke_off => 0.0,
            0 => 100.0,
            all => self.same as f64 * 100.0 / all as f64,
        }
    }
}
