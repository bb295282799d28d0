//! Scripted faults: what goes wrong, at which request, how often; and how often it did.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

/// Which requests a fault is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Matching {
    /// The method; any when empty. HEAD counts as GET.
    pub method: String,
    /// The decoded path, `*` for anything; any path when empty.
    pub path: String,
    /// What the query has in it; any when empty.
    pub query: String,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Act {
    /// This answer instead of the right one. Nothing is done.
    #[serde(rename_all = "camelCase")]
    Answer {
        /// The status.
        status: u16,
        /// Headers, such as `Retry-After`.
        #[serde(default)]
        headers: Vec<(String, String)>,
        /// The body.
        #[serde(default)]
        body: String,
    },
    /// The answer comes late.
    #[serde(rename_all = "camelCase")]
    Delay {
        /// Milliseconds.
        milliseconds: u64,
    },
    /// The connection breaks after so many bytes of the body.
    #[serde(rename_all = "camelCase")]
    CutBody {
        /// Bytes that still come.
        after: u64,
    },
    /// The body ends after so many bytes as if it were whole (a proxy that gave up politely).
    #[serde(rename_all = "camelCase")]
    EndBody {
        /// Bytes that still come.
        after: u64,
    },
    /// The body comes in small pieces with pauses between them.
    #[serde(rename_all = "camelCase")]
    SlowBody {
        /// Bytes of a piece.
        bytes: usize,
        /// Milliseconds before each.
        pause: u64,
    },
    /// The connection breaks and nothing is done.
    DropBefore,
    /// Everything is done and the connection breaks before the answer.
    DropAfter,
    /// The server starts anew: every connection breaks, what is stored stays, sessions end.
    Restart,
    /// The changes feed begins earlier than it was asked to.
    #[serde(rename_all = "camelCase")]
    RewindChanges {
        /// By how many sequences.
        by: u64,
    },
    /// Every row of the changes feed comes twice.
    RepeatChanges,
    /// The database vanishes before the request is looked at.
    #[serde(rename_all = "camelCase")]
    DeleteDatabase {
        /// Its name.
        name: String,
    },
    /// The database is deleted and made anew, empty, before the request is looked at.
    #[serde(rename_all = "camelCase")]
    RecreateDatabase {
        /// Its name.
        name: String,
    },
    /// A page of a proxy, in HTML with status 200, instead of JSON. Nothing is done.
    NotJson,
    /// One document of the answer is broken JSON.
    #[serde(rename_all = "camelCase")]
    BreakDocument {
        /// Its id; the first one when empty.
        #[serde(default)]
        id: String,
    },
    /// One document of the answer is no object (but JSON).
    #[serde(rename_all = "camelCase")]
    MangleDocument {
        /// Its id; the first one when empty.
        #[serde(default)]
        id: String,
    },
}

/// One scripted fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fault {
    /// Which requests.
    #[serde(default)]
    pub on: Matching,
    /// So many matching requests pass first.
    #[serde(default)]
    pub skip: u32,
    /// How often it happens then; 0 is always.
    #[serde(default = "once")]
    pub times: u32,
    /// What happens.
    pub act: Act,
}

fn once() -> u32 {
    1
}

impl Fault {
    /// Happens once, at the first request with this method and path (`*` for anything).
    #[must_use]
    pub fn on(method: &str, path: &str, act: Act) -> Self {
        Self {
            on: Matching {
                method: method.to_owned(),
                path: path.to_owned(),
                query: String::new(),
            },
            skip: 0,
            times: 1,
            act,
        }
    }

    /// Lets `count` matching requests pass first.
    #[must_use]
    pub fn after(mut self, count: u32) -> Self {
        self.skip = count;
        self
    }

    /// Happens `count` times; 0 is always.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        self.times = count;
        self
    }

    /// Only when the query has `part` in it.
    #[must_use]
    pub fn query(mut self, part: &str) -> Self {
        part.clone_into(&mut self.on.query);
        self
    }
}

/// A fault that was set, to ask how often it happened.
#[derive(Debug, Clone)]
pub struct FaultHandle {
    pub(crate) set: Arc<SetFault>,
}

impl FaultHandle {
    /// How often it happened.
    #[must_use]
    pub fn fired(&self) -> u32 {
        self.set.fired.load(Ordering::SeqCst)
    }

    /// The number it has at the control address.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.set.id
    }
}

/// A fault that waits for its request.
#[derive(Debug)]
pub(crate) struct SetFault {
    pub(crate) id: u64,
    pub(crate) fault: Fault,
    seen: AtomicU32,
    pub(crate) fired: AtomicU32,
}

/// All faults that are set.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    set: Mutex<Vec<Arc<SetFault>>>,
    next: AtomicU64,
}

impl Faults {
    pub(crate) fn set(&self, fault: Fault) -> FaultHandle {
        let set = Arc::new(SetFault {
            id: self.next.fetch_add(1, Ordering::SeqCst) + 1,
            fault,
            seen: AtomicU32::new(0),
            fired: AtomicU32::new(0),
        });
        self.set.lock().push(Arc::clone(&set));
        FaultHandle { set }
    }

    pub(crate) fn all(&self) -> Vec<Arc<SetFault>> {
        self.set.lock().clone()
    }

    /// Takes one fault away, or all.
    pub(crate) fn clear(&self, id: Option<u64>) {
        self.set.lock().retain(|one| id.is_some_and(|id| one.id != id));
    }

    /// What goes wrong with this request.
    pub(crate) fn firing(&self, method: &str, path: &str, query: &str) -> Vec<Act> {
        let mut acts = Vec::new();
        for one in self.set.lock().iter() {
            let on = &one.fault.on;
            let meant = (on.method.is_empty() || on.method.eq_ignore_ascii_case(method))
                && (on.path.is_empty() || glob(on.path.as_bytes(), path.as_bytes()))
                && (on.query.is_empty() || query.contains(&on.query));
            if !meant {
                continue;
            }
            let seen = one.seen.fetch_add(1, Ordering::SeqCst);
            let due = seen >= one.fault.skip && (one.fault.times == 0 || seen - one.fault.skip < one.fault.times);
            if due {
                one.fired.fetch_add(1, Ordering::SeqCst);
                acts.push(one.fault.act.clone());
            }
        }
        acts
    }
}

/// Whether `text` fits `pattern`, in which `*` is anything.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut from) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while from < text.len() {
        if at < pattern.len() && pattern[at] == b'*' {
            star = Some((at, from));
            at += 1;
        } else if at < pattern.len() && pattern[at] == text[from] {
            at += 1;
            from += 1;
        } else if let Some((starred, taken)) = star {
            at = starred + 1;
            from = taken + 1;
            star = Some((starred, taken + 1));
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

/// What faults make of an answer while it is made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Twist {
    pub(crate) rewind: u64,
    pub(crate) repeat: bool,
    /// The document to break (the first when empty) and with what in place of it.
    pub(crate) broken: Option<(String, &'static str)>,
}

impl Twist {
    /// Whether this document is the one to break; it is broken once.
    pub(crate) fn breaks(&mut self, id: &str) -> Option<&'static str> {
        match &self.broken {
            Some((wanted, with)) if wanted.is_empty() || wanted == id => {
                let with = *with;
                self.broken = None;
                Some(with)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_match_anything() {
        assert!(glob(b"/db/*", b"/db/a/b"));
        assert!(glob(b"*/_changes", b"/db/_changes"));
        assert!(glob(b"/db", b"/db"));
        assert!(!glob(b"/db", b"/db2"));
        assert!(!glob(b"*/_bulk*x", b"/db/_bulk_get"));
    }

    #[test]
    fn a_fault_waits_its_turn_and_counts() {
        let faults = Faults::default();
        let handle = faults.set(Fault::on("GET", "/a", Act::DropBefore).after(1).times(2));
        let fired: Vec<usize> = (0..5).map(|_| faults.firing("GET", "/a", "").len()).collect();
        assert_eq!(fired, [0, 1, 1, 0, 0]);
        assert_eq!(handle.fired(), 2);
        assert!(faults.firing("PUT", "/a", "").is_empty());
    }
}
