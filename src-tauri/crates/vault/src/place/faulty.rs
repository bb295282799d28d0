//! A place that fails on a script, and tells whether each fault struck.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::Bytes;
use parking_lot::Mutex;

use super::{FileKind, Place, PlaceError, PlaceResult};
use crate::Id;

/// The operation a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// [`Place::read`] and [`Place::read_range`].
    Read,
    /// [`Place::write`].
    Write,
    /// [`Place::list`] and [`Place::size`].
    List,
    /// [`Place::remove`].
    Remove,
}

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Fails: no space left.
    Full,
    /// Fails: permission denied.
    Denied,
    /// Fails: input/output error.
    Io,
    /// Fails: the whole place is gone.
    Unreachable,
    /// A write claims success but stores this many bytes only.
    CutTo(usize),
    /// A read or write delivers or stores the content with the lowest bit of this byte flipped (counted modulo length).
    Flip(usize),
    /// A write claims success but stores nothing; a read does not find the file.
    Vanish,
}

struct Scripted {
    op: Op,
    kind: Option<FileKind>,
    /// Strikes when this many matching operations have passed.
    after: u64,
    /// Keeps striking from then on.
    lasting: bool,
    fault: Fault,
    seen: AtomicU64,
    fired: Arc<AtomicBool>,
}

/// Wraps a place; faults are added while it is in use.
pub struct FaultyPlace {
    inner: Arc<dyn Place>,
    script: Mutex<Vec<Scripted>>,
}

impl std::fmt::Debug for FaultyPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FaultyPlace({:?})", self.inner)
    }
}

/// Tells whether its fault has struck.
#[derive(Debug, Clone)]
pub struct Fired(Arc<AtomicBool>);

impl Fired {
    /// Whether the fault has struck at least once.
    #[must_use]
    pub fn get(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

impl FaultyPlace {
    /// Wraps `inner`, without faults.
    #[must_use]
    pub fn new(inner: Arc<dyn Place>) -> Arc<Self> {
        Arc::new(Self {
            inner,
            script: Mutex::default(),
        })
    }

    /// The `n`th (from 1) operation `op` on files of `kind` (any if `None`), counted from now, meets `fault`.
    pub fn on_nth(&self, n: u64, op: Op, kind: Option<FileKind>, fault: Fault) -> Fired {
        self.add(n, op, kind, fault, false)
    }

    /// The `n`th and every later one meets `fault`.
    pub fn from_nth(&self, n: u64, op: Op, kind: Option<FileKind>, fault: Fault) -> Fired {
        self.add(n, op, kind, fault, true)
    }

    /// Forgets all faults.
    pub fn heal(&self) {
        self.script.lock().clear();
    }

    fn add(&self, n: u64, op: Op, kind: Option<FileKind>, fault: Fault, lasting: bool) -> Fired {
        let fired = Arc::new(AtomicBool::new(false));
        let seen = AtomicU64::new(0);
        let after = n.saturating_sub(1);
        self.script.lock().push(Scripted {
            op,
            kind,
            after,
            lasting,
            fault,
            seen,
            fired: fired.clone(),
        });
        Fired(fired)
    }

    fn strike(&self, op: Op, kind: FileKind) -> Option<Fault> {
        let mut struck = None;
        for fault in self.script.lock().iter() {
            if fault.op != op || fault.kind.is_some_and(|k| k != kind) {
                continue;
            }
            let seen = fault.seen.fetch_add(1, Ordering::SeqCst);
            if seen == fault.after || (fault.lasting && seen > fault.after) {
                fault.fired.store(true, Ordering::SeqCst);
                struck = struck.or(Some(fault.fault));
            }
        }
        struck
    }

    fn fail(&self, fault: Fault, kind: FileKind, id: &Id) -> PlaceError {
        let place = self.location();
        match fault {
            Fault::Full => PlaceError::Full {
                place,
                source: io::ErrorKind::StorageFull.into(),
            },
            Fault::Denied => PlaceError::Denied {
                place,
                source: io::ErrorKind::PermissionDenied.into(),
            },
            Fault::Unreachable => PlaceError::Unreachable {
                place,
                source: io::ErrorKind::NotFound.into(),
            },
            Fault::Vanish => PlaceError::NotFound { kind, id: *id },
            _ => PlaceError::Io {
                place,
                source: io::Error::other("scripted fault"),
            },
        }
    }
}

fn damage(content: &[u8], fault: Fault) -> Option<Vec<u8>> {
    let mut content = content.to_vec();
    match fault {
        Fault::CutTo(length) => content.truncate(length),
        Fault::Flip(at) if !content.is_empty() => {
            let at = at % content.len();
            content[at] ^= 1;
        }
        _ => return None,
    }
    Some(content)
}

impl Place for FaultyPlace {
    fn location(&self) -> String {
        self.inner.location()
    }

    fn create(&self) -> PlaceResult<()> {
        self.inner.create()
    }

    fn list(&self, kind: FileKind) -> PlaceResult<Vec<(Id, u64)>> {
        match self.strike(Op::List, kind) {
            Some(fault) => Err(self.fail(fault, kind, &Id::CONFIG)),
            None => self.inner.list(kind),
        }
    }

    fn read(&self, kind: FileKind, id: &Id) -> PlaceResult<Bytes> {
        let Some(fault) = self.strike(Op::Read, kind) else {
            return self.inner.read(kind, id);
        };
        let content = self.inner.read(kind, id)?;
        damage(&content, fault)
            .map(Bytes::from)
            .ok_or_else(|| self.fail(fault, kind, id))
    }

    fn read_range(&self, kind: FileKind, id: &Id, offset: u64, length: usize, buffer: &mut Vec<u8>) -> PlaceResult<()> {
        let fault = self.strike(Op::Read, kind);
        self.inner.read_range(kind, id, offset, length, buffer)?;
        let Some(fault) = fault else { return Ok(()) };
        *buffer = damage(buffer, fault).ok_or_else(|| self.fail(fault, kind, id))?;
        let end = offset + length as u64;
        if buffer.len() == length {
            Ok(())
        } else {
            Err(PlaceError::TooShort { kind, id: *id, end })
        }
    }

    fn size(&self, kind: FileKind, id: &Id) -> PlaceResult<Option<u64>> {
        match self.strike(Op::List, kind) {
            Some(Fault::Vanish) => Ok(None),
            Some(fault) => Err(self.fail(fault, kind, id)),
            None => self.inner.size(kind, id),
        }
    }

    fn write(&self, kind: FileKind, id: &Id, content: &[u8]) -> PlaceResult<()> {
        match self.strike(Op::Write, kind) {
            None => self.inner.write(kind, id, content),
            Some(Fault::Vanish) => Ok(()),
            Some(fault) => match damage(content, fault) {
                Some(wrong) => self.inner.write(kind, id, &wrong),
                None => Err(self.fail(fault, kind, id)),
            },
        }
    }

    fn remove(&self, kind: FileKind, id: &Id) -> PlaceResult<()> {
        match self.strike(Op::Remove, kind) {
            Some(fault) => Err(self.fail(fault, kind, id)),
            None => self.inner.remove(kind, id),
        }
    }
}
