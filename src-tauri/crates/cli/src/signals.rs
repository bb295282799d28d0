//! Ctrl-C and SIGTERM: the first stops the job at the next safe point, the second ends the process at once.

use backstay_api::Cancel;
use backstay_model::ErrorKind;

/// Connects signals with `cancel`.
pub fn listen(cancel: &Cancel) {
    let cancel = cancel.clone();
    let connected = ctrlc::set_handler(move || {
        if cancel.is_cancelled() {
            std::process::exit(i32::from(ErrorKind::Cancelled.exit_code()));
        }
        cancel.cancel();
        tracing::warn!("stopping at the next safe point; once more to stop at once");
    });
    if let Err(error) = connected {
        tracing::debug!(%error, "signals cannot be caught; Ctrl-C ends the process at once");
    }
}
