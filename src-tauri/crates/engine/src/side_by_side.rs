//! Two collections in one order, key by key: what guards count and drills compare.

use std::{
    cmp::Ordering,
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek, Write},
};

use backstay_model::{ContentHash, ErrorKind};
use backstay_source::{Cancel, RecordView, SourceError};

use crate::{EngineError, Result};

/// Keys between two looks at the cancel button.
const BETWEEN_LOOKS: u64 = 4096;

/// A collection of a view.
#[derive(Clone, Copy)]
pub(crate) struct Side<'a> {
    /// Where its records are.
    pub view: &'a dyn RecordView,
    /// What it is called there.
    pub name: &'a str,
}

/// An id, and the hash it has on each side that has it.
pub(crate) struct Met<'a> {
    pub id: &'a str,
    pub left: Option<ContentHash>,
    pub right: Option<ContentHash>,
}

/// Walks both sides in the order of the left one, which both must have, until `found` wants no more.
///
/// # Errors
/// When a side cannot be read, `found` fails, or the job is cancelled.
pub(crate) fn side_by_side(
    left: Side<'_>,
    right: Side<'_>,
    cancel: &Cancel,
    found: &mut dyn FnMut(&Met<'_>) -> Result<bool>,
) -> Result<()> {
    let (mut lefts, mut rights) = (left.view.keys(left.name)?, right.view.keys(right.name)?);
    let (mut a, mut b) = (lefts.next().transpose()?, rights.next().transpose()?);
    for seen in 1_u64.. {
        if seen.is_multiple_of(BETWEEN_LOOKS) {
            cancel.check()?;
        }
        let order = match (&a, &b) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((a, _)), Some((b, _))) => left.view.compare_ids(left.name, a, b),
        };
        let (on_left, on_right) = (
            a.as_ref().filter(|_| order != Ordering::Greater),
            b.as_ref().filter(|_| order != Ordering::Less),
        );
        let Some((id, _)) = on_left.or(on_right) else { break };
        let met = Met {
            id,
            left: on_left.map(|(_, hash)| *hash),
            right: on_right.map(|(_, hash)| *hash),
        };
        if !found(&met)? {
            break;
        }
        if order != Ordering::Greater {
            a = lefts.next().transpose()?;
        }
        if order != Ordering::Less {
            b = rights.next().transpose()?;
        }
    }
    Ok(())
}

/// Ids that only the left side has, in the order both must have. Reads ids alone, those of the left side into a temporary file
/// without a name: a view tells ids at its own pace, so that two cannot be read in step.
///
/// # Errors
/// When a side or the temporary file cannot be read, or the job is cancelled.
pub(crate) fn only_left(left: Side<'_>, right: Side<'_>, cancel: &Cancel, found: &mut dyn FnMut(&str)) -> Result<()> {
    let mut seen = 0_u64;
    let mut look = || {
        seen += 1;
        if seen.is_multiple_of(BETWEEN_LOOKS) {
            cancel.check()
        } else {
            Ok(())
        }
    };
    let mut out = BufWriter::new(tempfile::tempfile().map_err(EngineError::Temp)?);
    left.view.marks(left.name, 1, &mut |id| {
        look()?;
        let length = u32::try_from(id.len()).map_err(|_| too_long(left.name))?;
        let written = out
            .write_all(&length.to_le_bytes())
            .and_then(|()| out.write_all(id.as_bytes()));
        written.map_err(|error| SourceError::io("a temporary file", error))
    })?;
    let mut lefts = Ids::of(out).map_err(EngineError::Temp)?;
    let step = |lefts: &mut Ids| lefts.step().map_err(|error| SourceError::io("a temporary file", error));
    step(&mut lefts)?;
    right.view.marks(right.name, 1, &mut |id| {
        look()?;
        while let Some(next) = lefts.next() {
            match left.view.compare_ids(left.name, next, id) {
                Ordering::Less => found(next),
                Ordering::Equal => {}
                Ordering::Greater => break,
            }
            step(&mut lefts)?;
        }
        Ok(())
    })?;
    while let Some(next) = lefts.next() {
        found(next);
        step(&mut lefts)?;
    }
    Ok(())
}

fn too_long(name: &str) -> SourceError {
    SourceError::new(ErrorKind::Limit, name, "has an id of more than 4 GiB")
}

/// Ids in a temporary file, one after the other.
struct Ids {
    file: BufReader<File>,
    id: String,
    ended: bool,
}

impl Ids {
    fn of(out: BufWriter<File>) -> io::Result<Self> {
        let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(Self {
            file: BufReader::new(file),
            id: String::new(),
            ended: false,
        })
    }

    /// The id at hand.
    fn next(&self) -> Option<&str> {
        (!self.ended).then_some(self.id.as_str())
    }

    fn step(&mut self) -> io::Result<()> {
        let mut length = [0; 4];
        match self.file.read_exact(&mut length) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                self.ended = true;
                return Ok(());
            }
            other => other?,
        }
        self.id.clear();
        let length = u64::from(u32::from_le_bytes(length));
        self.file.by_ref().take(length).read_to_string(&mut self.id)?;
        Ok(())
    }
}
