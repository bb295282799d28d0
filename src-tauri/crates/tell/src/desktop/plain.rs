//! Notifications where the system's way has neither buttons nor replacement through this library.

use std::{future::Future, sync::mpsc};

use super::{Action, notification};
use crate::Message;

/// Shows a message.
pub(super) fn show(
    message: &Message,
    _: &[Action],
    _: Option<u32>,
    say: &mpsc::Sender<Result<u32, String>>,
    _: &mpsc::Sender<String>,
    _: impl Future<Output = ()>,
) {
    let shown = notification(message).show();
    let _ = say.send(shown.map(|_| 0).map_err(|error| error.to_string()));
}
