//! The tables of two snapshots, side by side: which stayed, which are the same unread, which ids are gone.

use std::collections::HashMap;

use backstay_model::{ChangeKind, Collection};
use backstay_source::RecordView;

use super::{SnapshotView, gaps::Gaps, view::Known};
use crate::{
    EngineError, Job, Result,
    side_by_side::{Side, only_left, side_by_side},
};

/// Items between two looks at the cancel button.
const BETWEEN_LOOKS: u64 = 4096;

/// Gets one id after the other; `false` when it wants no more.
pub(crate) type Taken<'a> = &'a mut dyn FnMut(&str) -> Result<bool>;

/// A table of before, and what became of it.
pub(crate) struct Pair<'a> {
    /// The snapshot that tells how it was.
    base: &'a SnapshotView,
    now: &'a SnapshotView,
    gaps: &'a Gaps,
    /// How it was.
    pub was: Known,
    /// How it is; `None` when it is not there.
    pub is: Option<Known>,
    /// A gap of the new snapshot says that it could not be read.
    pub explained: bool,
    /// Nothing in it changed; told without reading it.
    pub same: bool,
}

/// All tables of before. What a partial snapshot lacks is taken from the complete one before it.
pub(crate) fn pairs<'a>(before: &'a SnapshotView, now: &'a SnapshotView, gaps: &'a Gaps) -> Result<Vec<Pair<'a>>> {
    let mut was: Vec<(&SnapshotView, Known)> = before.tables()?.into_iter().map(|known| (before, known)).collect();
    if let Some(whole) = before.whole.as_deref() {
        let lost = Gaps::of(&before.meta.gaps);
        let there: Vec<String> = was.iter().map(|(_, known)| known.about.name.clone()).collect();
        let missing = whole.tables()?.into_iter().filter(|known| {
            there.binary_search(&known.about.name).is_err()
                && (lost.cover(&known.about.name) || known.file.as_deref().is_some_and(|file| lost.cover(file)))
        });
        was.extend(missing.map(|known| (whole, known)));
    }
    // Views too: a table that lost its key is still there.
    let mut is: HashMap<String, Known> = HashMap::new();
    let mut places: HashMap<(String, String), String> = HashMap::new();
    for known in now.known()? {
        places.extend(known.place().map(|place| (place, known.about.name.clone())));
        is.insert(known.about.name.clone(), known);
    }
    let mut out = Vec::new();
    for (base, was) in was {
        let explained = gaps.cover(&was.about.name) || was.file.as_deref().is_some_and(|file| gaps.cover(file));
        // The name of a database's tables may change with its neighbours; its place does not.
        let name = match is.contains_key(&was.about.name) {
            true => Some(was.about.name.clone()),
            false => was.place().and_then(|place| places.get(&place).cloned()),
        };
        let is = name.and_then(|name| is.remove(&name));
        let same = match &is {
            Some(is) => is_same(base, &was, now, is)?,
            None => false,
        };
        out.push(Pair {
            base,
            now,
            gaps,
            was,
            is,
            explained,
            same,
        });
    }
    out.sort_by(|a, b| a.was.about.name.cmp(&b.was.about.name));
    Ok(out)
}

/// Whether a table is the same, as far as that can be told without reading it.
fn is_same(base: &SnapshotView, was: &Known, now: &SnapshotView, is: &Known) -> Result<bool> {
    if let (Some(before), Some(after)) = (base.state.runs(&was.about.name), now.state.runs(&is.about.name)) {
        let (before, after) = (before.reader(&was.about.name), after.reader(&is.about.name));
        return Ok(matches!((before, after), (Some(a), Some(b)) if a.checksum() == b.checksum() && a.count() == b.count()));
    }
    let (Some(before), Some(after)) = (&was.file, &is.file) else {
        return Ok(false);
    };
    Ok(match (base.file(before)?, now.file(after)?) {
        (Some(a), Some(b)) => a.size == b.size && a.content == b.content,
        _ => false,
    })
}

impl Pair<'_> {
    /// Name of the table, as it is known from before.
    pub(crate) fn name(&self) -> &str {
        &self.was.about.name
    }

    /// Records before.
    pub(crate) fn before(&self) -> Result<u64> {
        Ok(self.base.state.view(self.name())?.count(self.name())?)
    }

    /// Records now; 0 when it is not there.
    pub(crate) fn now(&self) -> Result<u64> {
        match &self.is {
            Some(is) => Ok(self.now.state.view(&is.about.name)?.count(&is.about.name)?),
            None => Ok(0),
        }
    }

    /// The records of before.
    pub(crate) fn old(&self) -> Result<&dyn RecordView> {
        self.base.state.view(self.name())
    }

    /// Ids of before that are there no more and that no gap explains, in order.
    pub(crate) fn gone(&self, job: &Job<'_>, found: Taken<'_>) -> Result<()> {
        if self.same || self.explained {
            return Ok(());
        }
        let mut found = |id: &str| if self.explains(id) { Ok(true) } else { found(id) };
        let Some(is) = &self.is else {
            return each_key(self.old()?, self.name(), job, &mut found);
        };
        let (before, after) = (self.base.state.runs(self.name()), self.now.state.runs(&is.about.name));
        let (before, after) = (
            before.and_then(|runs| runs.reader(self.name())),
            after.and_then(|runs| runs.reader(&is.about.name)),
        );
        if let (Some(before), Some(after)) = (before, after) {
            for (seen, difference) in (1_u64..).zip(before.diff(after)?) {
                look(seen, job)?;
                let difference = difference?;
                if difference.change == ChangeKind::Removed && !found(&difference.id)? {
                    break;
                }
            }
            return Ok(());
        }
        if let Some((left, right)) = self.sides()? {
            return side_by_side(left, right, job.cancel, &mut |met| match (met.left, met.right) {
                (Some(_), None) => found(met.id),
                _ => Ok(true),
            });
        }
        let now = self.now.state.view(&is.about.name)?;
        // Ids of another kind or order: each is looked up.
        each_key(self.old()?, self.name(), job, &mut |id| match now.get(&is.about.name, id) {
            Ok(Some(_)) => Ok(true),
            Ok(None) => found(id),
            Err(error) if error.kind == backstay_model::ErrorKind::NotFound => found(id),
            Err(error) => Err(EngineError::from(error)),
        })
    }

    /// Both sides, where they are read from files and have one order.
    fn sides(&self) -> Result<Option<(Side<'_>, Side<'_>)>> {
        let Some(is) = &self.is else { return Ok(None) };
        let (name, now_name) = (self.name(), is.about.name.as_str());
        let stored = self.base.state.runs(name).is_some() || self.now.state.runs(now_name).is_some();
        if stored || !same_key(&self.was.about, &is.about) {
            return Ok(None);
        }
        let left = Side { view: self.old()?, name };
        let right = Side {
            view: self.now.state.view(now_name)?,
            name: now_name,
        };
        Ok(Some((left, right)))
    }

    /// Whether a gap names this record.
    fn explains(&self, id: &str) -> bool {
        !self.gaps.is_empty() && self.gaps.cover(&format!("{}/{id}", self.name()))
    }

    /// How many are gone.
    pub(crate) fn count_gone(&self, job: &Job<'_>) -> Result<u64> {
        if self.same || self.explained {
            return Ok(0);
        }
        if self.is.is_none() && self.gaps.is_empty() {
            return self.before();
        }
        let mut gone = 0;
        match self.sides()? {
            // All ids are wanted: read without the records, which costs a fraction.
            Some((left, right)) => only_left(left, right, job.cancel, &mut |id| gone += u64::from(!self.explains(id)))?,
            None => self.gone(job, &mut |_| {
                gone += 1;
                Ok(true)
            })?,
        }
        Ok(gone)
    }
}

fn look(seen: u64, job: &Job<'_>) -> Result<()> {
    if seen.is_multiple_of(BETWEEN_LOOKS) {
        job.cancel.check()?;
    }
    Ok(())
}

fn each_key(view: &dyn RecordView, name: &str, job: &Job<'_>, found: Taken<'_>) -> Result<()> {
    for (seen, key) in (1_u64..).zip(view.prints(name)?) {
        look(seen, job)?;
        if !found(&key?.id)? {
            break;
        }
    }
    Ok(())
}

/// Whether ids of both mean the same and have the same order.
fn same_key(a: &Collection, b: &Collection) -> bool {
    let kinds = |about: &Collection| -> Vec<Option<String>> {
        let kind = |name: &String| about.schema.fields.iter().find(|f| f.name == *name).map(|f| f.kind.clone());
        about.schema.key.iter().map(kind).collect()
    };
    let by_number = |about: &Collection| about.raw.as_ref().and_then(|raw| raw.value().ok()?.get("byRowid")?.as_bool());
    a.schema.key == b.schema.key && kinds(a) == kinds(b) && by_number(a) == by_number(b)
}
