//! Notifications of the desktop.

use std::time::Duration;

use crate::{Message, Result, TellError};

/// A button on a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// What [`Shown::wait`] answers. `default` is a click on the notification itself.
    pub id: String,
    /// What the person reads.
    pub label: String,
}

/// A notification on the screen. Dropping it leaves it there and forgets its buttons.
#[derive(Debug)]
pub struct Shown {}

impl Shown {
    /// Waits for a click: the id of the action, or `None` when the time is over, the notification is gone, or a later one of
    /// the same cause took its place.
    #[must_use]
    pub fn wait(&self, timeout: Duration) -> Option<String> {
        let _ = timeout;
        None
    }
}

/// Shows a message, in place of an earlier one of the same cause that this process showed.
///
/// # Errors
/// When no notification service answers.
pub fn show(message: &Message, actions: &[Action]) -> Result<Shown> {
    let _ = (message, actions);
    Err(TellError::NoDesktop {
        reason: "not there yet".to_owned(),
    })
}
