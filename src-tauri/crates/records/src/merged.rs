//! Several runs seen as one: entries in order of their ids, the newest run wins.

use std::sync::Arc;

use crate::run::{Run, RunCursor};
use crate::{Result, ShortHash};

/// Where a record's line lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Index of the run in the collection's list.
    pub run: usize,
    /// Position counted from the beginning of the run's first shard.
    pub start: u64,
    /// Length in bytes with the line break.
    pub len: u64,
}

/// A cursor over the merged entries of some runs.
pub(crate) struct Merged {
    /// Oldest first.
    cursors: Vec<RunCursor>,
    /// Cursor of the current entry.
    current: Option<usize>,
    /// Older cursors that stand on the same id.
    hidden: Vec<usize>,
    /// Cursor with the smallest id beyond the current one; the current cursor leads as long as it stays below.
    next: Option<usize>,
    started: bool,
}

impl Merged {
    /// Before the first entry with an id not below `from`.
    pub(crate) fn open(runs: &[Arc<Run>], from: &str, remember: bool) -> Result<Self> {
        let cursors = runs
            .iter()
            .map(|run| RunCursor::open(Arc::clone(run), from, remember))
            .collect::<Result<_>>()?;
        Ok(Self {
            cursors,
            current: None,
            hidden: Vec::new(),
            next: None,
            started: false,
        })
    }

    /// Moves to the next entry, tombstones included; false at the end.
    pub(crate) fn step(&mut self) -> Result<bool> {
        if self.started
            && let Some(current) = self.current
        {
            let others = !self.hidden.is_empty();
            self.cursors[current].advance()?;
            for i in std::mem::take(&mut self.hidden) {
                self.cursors[i].advance()?;
            }
            if !others && self.still_leads(current) {
                return Ok(true);
            }
        }
        self.started = true;
        self.choose();
        Ok(self.current.is_some())
    }

    /// Moves to the next entry that is a record; false at the end.
    pub(crate) fn step_live(&mut self) -> Result<bool> {
        while self.step()? {
            if self.is_live() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Stands on the first entry with an id not below `id` (never moves back); false at the end.
    pub(crate) fn seek(&mut self, id: &str) -> Result<bool> {
        if self.started && self.id().is_none_or(|current| current >= id) {
            return Ok(self.current.is_some());
        }
        for cursor in &mut self.cursors {
            cursor.seek(id)?;
        }
        self.started = true;
        self.choose();
        Ok(self.current.is_some())
    }

    fn still_leads(&self, current: usize) -> bool {
        let Some(id) = self.cursors[current].id() else { return false };
        self.next
            .is_none_or(|next| self.cursors[next].id().is_none_or(|other| id < other))
    }

    fn choose(&mut self) {
        self.hidden.clear();
        (self.current, self.next) = (None, None);
        for i in (0..self.cursors.len()).rev() {
            let Some(id) = self.cursors[i].id() else { continue };
            let Some(best) = self.current.and_then(|best| self.cursors[best].id()) else {
                self.current = Some(i);
                continue;
            };
            match id.cmp(best) {
                std::cmp::Ordering::Equal => self.hidden.push(i),
                std::cmp::Ordering::Less => {
                    // All that stood on the former smallest id stand on the second smallest now.
                    self.hidden.clear();
                    self.next = self.current.replace(i);
                }
                std::cmp::Ordering::Greater => {
                    let second = self.next.and_then(|next| self.cursors[next].id());
                    if second.is_none_or(|second| id < second) {
                        self.next = Some(i);
                    }
                }
            }
        }
    }

    fn cursor(&self) -> Option<&RunCursor> {
        self.current.map(|i| &self.cursors[i])
    }

    /// Id of the current entry; none at the end.
    pub(crate) fn id(&self) -> Option<&str> {
        self.cursor()?.id()
    }

    pub(crate) fn hash(&self) -> ShortHash {
        self.cursor().map_or_else(ShortHash::default, RunCursor::hash)
    }

    /// Whether the current entry is a record and no tombstone.
    pub(crate) fn is_live(&self) -> bool {
        self.cursor().is_some_and(|cursor| cursor.line().1 > 0)
    }

    pub(crate) fn place(&self) -> Place {
        let (start, len) = self.cursor().map_or((0, 0), RunCursor::line);
        Place {
            run: self.current.unwrap_or(0),
            start,
            len,
        }
    }
}
