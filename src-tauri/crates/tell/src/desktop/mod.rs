//! Notifications of the desktop.

#[cfg_attr(not(all(unix, not(target_os = "macos"))), path = "plain.rs")]
mod system;

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
    time::Duration,
};

use notify_rust::Notification;
use tokio::sync::oneshot;

use crate::{Message, Result, TellError, text};

/// How long the desktop may take to answer.
const LIMIT: Duration = Duration::from_secs(5);
/// Causes remembered at once; beyond that, the oldest is told anew instead of replaced.
const MOST_CAUSES: usize = 200;
const LONGEST_TITLE: usize = 200;
const LONGEST_BODY: usize = 1000;

/// A button on a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// What [`Shown::wait`] answers. `default` is a click on the notification itself.
    pub id: String,
    /// What the person reads.
    pub label: String,
}

/// A notification on the screen. Dropping it leaves it there and forgets its buttons; while it is kept and has buttons, it costs a
/// thread and a connection, so keep a few at most.
#[derive(Debug)]
pub struct Shown {
    /// Says which button was pressed, and hangs up when none will be.
    clicks: mpsc::Receiver<String>,
    /// Ends the wait when dropped.
    _listens: oneshot::Sender<()>,
}

impl Shown {
    /// Waits for a click: the id of the action, or `None` when the time is over, the notification is gone, or a later one of
    /// the same cause took its place.
    #[must_use]
    pub fn wait(&self, timeout: Duration) -> Option<String> {
        self.clicks.recv_timeout(timeout).ok()
    }
}

/// What is on the screen for a cause.
struct Seen {
    id: u32,
    order: u64,
    /// Ends the wait for it when dropped.
    _replaced: oneshot::Sender<()>,
}

static SEEN: LazyLock<Mutex<HashMap<String, Seen>>> = LazyLock::new(Mutex::default);

fn seen() -> MutexGuard<'static, HashMap<String, Seen>> {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Shows a message, in place of an earlier one of the same cause that this process showed.
///
/// # Errors
/// When no notification service answers.
pub fn show(message: &Message, actions: &[Action]) -> Result<Shown> {
    let (say, answer) = mpsc::channel();
    let (click, clicks) = mpsc::channel();
    let (listens, dropped) = oneshot::channel();
    let (replaced, later) = oneshot::channel();
    let message = message.clone();
    let cause = message.cause.clone();
    let earlier = seen().get(&cause).map(|seen| seen.id);
    let actions = actions.to_vec();
    // A desktop that hangs keeps this thread, not the caller.
    thread::Builder::new()
        .name("notification".to_owned())
        .spawn(move || {
            let ends = async {
                tokio::select! { _ = dropped => {}, _ = later => {} }
            };
            system::show(&message, &actions, earlier, &say, &click, ends);
        })
        .map_err(|error| TellError::NoResources {
            reason: error.to_string(),
        })?;
    let id = match answer.recv_timeout(LIMIT) {
        Ok(result) => result.map_err(|reason| TellError::NoDesktop { reason })?,
        Err(mpsc::RecvTimeoutError::Timeout) => {
            return Err(TellError::TimedOut {
                place: "the desktop".to_owned(),
                after: LIMIT,
            });
        }
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            return Err(TellError::NoDesktop {
                reason: "it hung up".to_owned(),
            });
        }
    };
    remember(cause, id, replaced);
    Ok(Shown {
        clicks,
        _listens: listens,
    })
}

fn remember(cause: String, id: u32, replaced: oneshot::Sender<()>) {
    let mut seen = seen();
    let order = seen.values().map(|seen| seen.order).max().unwrap_or_default() + 1;
    // Dropping what was there ends the wait for it.
    seen.insert(
        cause,
        Seen {
            id,
            order,
            _replaced: replaced,
        },
    );
    if seen.len() > MOST_CAUSES {
        let oldest = seen.iter().min_by_key(|(_, seen)| seen.order).map(|(cause, _)| cause.clone());
        oldest.and_then(|cause| seen.remove(&cause));
    }
}

/// What every system shows.
fn notification(message: &Message) -> Notification {
    let mut notification = Notification::new();
    notification
        .appname("Backstay")
        .summary(&text::line(&message.title, LONGEST_TITLE))
        .body(&text::clipped(message.body.trim(), LONGEST_BODY));
    notification
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The one test of this binary that touches what was seen.
    #[test]
    fn causes_are_remembered_within_bounds() {
        let mut waits = Vec::new();
        for number in 0..MOST_CAUSES + 50 {
            let (replaced, later) = oneshot::channel();
            remember(format!("cause {number}"), 7, replaced);
            waits.push(later);
        }
        assert_eq!(seen().len(), MOST_CAUSES);
        assert!(seen().contains_key(&format!("cause {}", MOST_CAUSES + 49)));
        assert!(!seen().contains_key("cause 0"));
        let over = waits.iter_mut().filter_map(|wait| wait.try_recv().err());
        let over = over.filter(|error| *error == oneshot::error::TryRecvError::Closed);
        assert_eq!(over.count(), 50);
    }
}
