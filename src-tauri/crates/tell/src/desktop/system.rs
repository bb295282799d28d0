//! Notifications by the desktop's own service (Desktop Notifications Specification 1.3), with buttons.

use std::{future::Future, sync::mpsc};

use notify_rust::{Hint, Notification, NotificationResponse, Urgency};
use tokio::runtime;

use super::{Action, notification};
use crate::{Event, Message, text};

/// Shows a message and says its id; then waits for a click until `ends`.
pub(super) fn show(
    message: &Message,
    actions: &[Action],
    earlier: Option<u32>,
    say: &mpsc::Sender<Result<u32, String>>,
    click: &mpsc::Sender<String>,
    ends: impl Future<Output = ()>,
) {
    let runtime = match runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = say.send(Err(error.to_string()));
            return;
        }
    };
    let notification = build(message, actions, earlier);
    runtime.block_on(async {
        let handle = match notification.show_async().await {
            Ok(handle) => handle,
            Err(error) => {
                let _ = say.send(Err(text::line(&error.to_string(), 200)));
                return;
            }
        };
        // Nobody waits any more when the desktop was too slow.
        if say.send(Ok(handle.id())).is_err() || actions.is_empty() {
            return;
        }
        let clicked = handle.wait_for_action_async(|response: &NotificationResponse| {
            let _ = match response {
                NotificationResponse::Default => click.send("default".to_owned()),
                NotificationResponse::Action(id) => click.send(id.clone()),
                _ => Ok(()),
            };
        });
        tokio::select! {
            // Some desktops leave it there after a click, others take it away themselves.
            () = clicked => handle.close_async().await,
            () = ends => {}
        }
    });
}

fn build(message: &Message, actions: &[Action], earlier: Option<u32>) -> Notification {
    let mut notification = notification(message);
    notification
        .icon("backstay-desktop")
        .hint(Hint::DesktopEntry("app.backstay.Backstay".to_owned()))
        .urgency(match message.event {
            // It stays until somebody has seen it.
            Event::Guard | Event::Failed => Urgency::Critical,
            Event::Complete => Urgency::Low,
            _ => Urgency::Normal,
        });
    if let Some(id) = earlier {
        notification.id(id);
    }
    for action in actions {
        notification.action(&action.id, &text::line(&action.label, 60));
    }
    // Where a body may have markup, a name with an angle bracket is none.
    if notify_rust::get_capabilities().is_ok_and(|all| all.iter().any(|one| one == "body-markup")) {
        let body = notification
            .body
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        notification.body(&body);
    }
    notification
}
