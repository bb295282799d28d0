//! One database: its documents by id and by place in the changes feed, and its settings.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::RwLock;
use tokio::sync::watch;

use super::document::Document;
use super::edit::Validator;
use super::local::LocalDoc;
use super::rev::Rev;
use super::sequence;

/// What a database is created with and keeps for its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) q: u32,
    pub(crate) n: u32,
    pub(crate) partitioned: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            q: 2,
            n: 1,
            partitioned: false,
        }
    }
}

/// One database.
pub(crate) struct Database {
    pub(crate) name: Arc<str>,
    pub(crate) options: Options,
    /// Seconds since 1970 of its creation, as `instance_start_time` tells.
    pub(crate) created: i64,
    /// Differs for every database that is ever made: sequences of another one mean nothing here.
    pub(crate) token: u32,
    state: RwLock<State>,
    /// The newest sequence, for those who wait.
    news: watch::Sender<u64>,
    gone: AtomicBool,
}

/// What changes in a database.
pub(crate) struct State {
    pub(crate) docs: BTreeMap<Arc<str>, Document>,
    pub(crate) by_seq: BTreeMap<u64, Arc<str>>,
    pub(crate) seq: u64,
    pub(crate) purge_seq: u64,
    pub(crate) live: u64,
    pub(crate) dead: u64,
    /// Bytes of the bodies of leaves, roughly.
    pub(crate) active_bytes: u64,
    pub(crate) local: BTreeMap<String, LocalDoc>,
    pub(crate) security: Option<String>,
    pub(crate) revs_limit: usize,
    pub(crate) purged_infos_limit: u64,
    pub(crate) purged: VecDeque<(String, Vec<Rev>)>,
    pub(crate) auto_purge: String,
    pub(crate) validators: Vec<(Arc<str>, Validator)>,
    /// Indexes of `_find` are design documents; their names are looked up there.
    pub(crate) compactions: u64,
}

impl Database {
    pub(crate) fn new(name: &str, options: Options, created: i64, token: u32) -> Self {
        Self {
            name: name.into(),
            options,
            created,
            token,
            state: RwLock::new(State {
                docs: BTreeMap::new(),
                by_seq: BTreeMap::new(),
                seq: 0,
                purge_seq: 0,
                live: 0,
                dead: 0,
                active_bytes: 0,
                local: BTreeMap::new(),
                security: None,
                revs_limit: 1000,
                purged_infos_limit: 1000,
                purged: VecDeque::new(),
                auto_purge: "{}".to_owned(),
                validators: Vec::new(),
                compactions: 0,
            }),
            news: watch::channel(0).0,
            gone: AtomicBool::new(false),
        }
    }

    /// Looks at the state; others may look at the same time.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.state.read())
    }

    /// Changes the state and tells those who wait for changes.
    pub(crate) fn write<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let (result, before, after) = {
            let mut state = self.state.write();
            let before = state.seq;
            let result = change(&mut state);
            (result, before, state.seq)
        };
        if after != before {
            self.news.send_replace(after);
        }
        result
    }

    /// Wakes whoever follows the feed.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    /// Ends every feed on it: the database was deleted.
    pub(crate) fn close(&self) {
        self.gone.store(true, Ordering::SeqCst);
        self.news.send_modify(|_| {});
    }

    pub(crate) fn is_gone(&self) -> bool {
        self.gone.load(Ordering::SeqCst)
    }

    /// The text of a sequence.
    pub(crate) fn seq_text(&self, seq: u64) -> String {
        sequence::write(seq, self.token)
    }
}

impl State {
    /// Puts a changed document at the end of the feed. Its tree has changed already.
    pub(crate) fn moved(&mut self, id: &Arc<str>, was: Option<bool>) {
        self.seq += 1;
        let seq = self.seq;
        let Some(doc) = self.docs.get_mut(id) else { return };
        if doc.seq != 0 {
            self.by_seq.remove(&doc.seq);
        }
        doc.seq = seq;
        let deleted = doc.tree.is_deleted();
        self.by_seq.insert(seq, Arc::clone(&doc.id));
        self.recount(was, Some(deleted));
    }

    /// Keeps the counts of live and deleted documents; `None` is no document.
    pub(crate) fn recount(&mut self, was: Option<bool>, is: Option<bool>) {
        match was {
            Some(true) => self.dead -= 1,
            Some(false) => self.live -= 1,
            None => {}
        }
        match is {
            Some(true) => self.dead += 1,
            Some(false) => self.live += 1,
            None => {}
        }
    }
}
