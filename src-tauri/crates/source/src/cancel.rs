//! Cancelling a job from outside: one flag that everything long looks at.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use backstay_model::ErrorKind;

use crate::SourceError;

/// A flag shared by a job and whoever may stop it. Clones are the same flag.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks the job to stop at the next safe point.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the job was asked to stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The flag itself, for code that knows nothing of connectors.
    #[must_use]
    pub fn flag(&self) -> Arc<AtomicBool> {
        self.0.clone()
    }

    /// Fails when the job was asked to stop.
    ///
    /// # Errors
    /// [`ErrorKind::Cancelled`].
    pub fn check(&self) -> crate::Result<()> {
        if self.is_cancelled() {
            return Err(SourceError::new(ErrorKind::Cancelled, "the job", "stopped on request"));
        }
        Ok(())
    }
}
