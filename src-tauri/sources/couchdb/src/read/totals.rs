//! How much there is to do in all databases, said as soon as all of them know.

use backstay_source::Sink;
use parking_lot::Mutex;

/// Adds up what the databases of a run have to do.
pub(super) struct Totals {
    /// Databases that do not know yet, and the sum of the others.
    state: Mutex<(usize, u64)>,
}

impl Totals {
    pub(super) fn of(databases: usize) -> Self {
        Self {
            state: Mutex::new((databases, 0)),
        }
    }

    /// A database knows: so many documents, or none because it cannot be read.
    pub(super) fn known(&self, documents: u64, sink: &dyn Sink) {
        let mut state = self.state.lock();
        state.0 = state.0.saturating_sub(1);
        state.1 += documents;
        if state.0 == 0 {
            sink.total(Some(state.1), None);
        }
    }
}
