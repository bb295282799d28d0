//! Hears a replication and tells a job's audience of it.

use std::sync::Mutex;

use backstay_engine::Reporter;
use backstay_model::{Gap, Progress, Stage};
use backstay_source::{Cancel, ReplicationProgress, ReplicationWatch};

/// Passes a replication's progress on, and keeps what could not be replicated.
pub(crate) struct Watching<'a> {
    cancel: &'a Cancel,
    reporter: &'a dyn Reporter,
    heard: Mutex<(ReplicationProgress, Vec<Gap>)>,
}

impl<'a> Watching<'a> {
    pub(crate) fn new(cancel: &'a Cancel, reporter: &'a dyn Reporter) -> Self {
        Self {
            cancel,
            reporter,
            heard: Mutex::default(),
        }
    }

    /// How far it got when last heard of, and what could not be replicated.
    pub(crate) fn into_heard(self) -> (ReplicationProgress, Vec<Gap>) {
        self.heard.into_inner().unwrap_or_default()
    }
}

impl ReplicationWatch for Watching<'_> {
    fn progress(&self, progress: &ReplicationProgress) {
        if let Ok(mut heard) = self.heard.lock() {
            heard.0 = progress.clone();
        }
        self.reporter.progress(&Progress {
            stage: Some(Stage::Writing),
            current: words(progress),
            items: progress.checked,
            // What is pending counts changes, not versions: it is told in words and makes no total.
            items_total: None,
            bytes: progress.bytes,
            bytes_total: None,
        });
    }

    fn gap(&self, gap: Gap) {
        self.reporter.gap(&gap);
        if let Ok(mut heard) = self.heard.lock() {
            heard.1.push(gap);
        }
    }

    fn cancel(&self) -> &Cancel {
        self.cancel
    }
}

fn words(progress: &ReplicationProgress) -> String {
    let mut text = format!("{} written", progress.written);
    if progress.failed > 0 {
        text.push_str(&format!(", {} refused", progress.failed));
    }
    match progress.pending {
        _ if progress.idle => text.push_str(", waiting for changes"),
        Some(pending) if pending > 0 => text.push_str(&format!(", {pending} changes to go")),
        _ => {}
    }
    text
}
