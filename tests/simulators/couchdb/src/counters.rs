//! Requests and bytes by endpoint, so that tests and benchmarks can tell what a client asked for.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

/// What went through one endpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Count {
    /// Requests.
    pub requests: u64,
    /// Bytes of bodies that came in.
    pub received: u64,
    /// Bytes of bodies that went out.
    pub sent: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Cell {
    requests: AtomicU64,
    received: AtomicU64,
    sent: AtomicU64,
}

impl Cell {
    pub(crate) fn sent(&self, bytes: u64) {
        self.sent.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn received(&self, bytes: u64) {
        self.received.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// All counts.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    cells: Mutex<BTreeMap<String, Arc<Cell>>>,
}

impl Counters {
    /// Counts a request; bytes are added as they pass.
    pub(crate) fn request(&self, endpoint: String) -> Arc<Cell> {
        let cell = Arc::clone(self.cells.lock().entry(endpoint).or_default());
        cell.requests.fetch_add(1, Ordering::Relaxed);
        cell
    }

    pub(crate) fn all(&self) -> BTreeMap<String, Count> {
        let cells = self.cells.lock();
        let count = |cell: &Cell| Count {
            requests: cell.requests.load(Ordering::Relaxed),
            received: cell.received.load(Ordering::Relaxed),
            sent: cell.sent.load(Ordering::Relaxed),
        };
        cells.iter().map(|(name, cell)| (name.clone(), count(cell))).collect()
    }

    pub(crate) fn reset(&self) {
        self.cells.lock().clear();
    }
}

/// The endpoint of a request: names of databases, documents and attachments are left out.
pub(crate) fn endpoint(method: &str, segments: &[String]) -> String {
    let Some(first) = segments.first() else {
        return format!("{method} /");
    };
    if first.starts_with('_') && !crate::store::id::SYSTEM.contains(&first.as_str()) {
        return format!("{method} /{first}");
    }
    let rest = match segments.get(1).map(String::as_str) {
        None => "",
        Some("_design") if segments.len() > 3 => "/_design/{doc}/{attachment}",
        Some("_design") => "/_design/{doc}",
        Some("_local") => "/_local/{doc}",
        Some(name) if name.starts_with('_') && !name.starts_with("_design/") && !name.starts_with("_local/") => {
            return format!("{method} /{{db}}/{name}");
        }
        Some(_) if segments.len() > 2 => "/{doc}/{attachment}",
        Some(_) => "/{doc}",
    };
    format!("{method} /{{db}}{rest}")
}
