//! The server's own replication: `_replicate`, the documents of `_replicator`, and what is told of both.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::error::ApiError;
use crate::http::auth::server_admin;
use crate::http::reply::{Outcome, json};
use crate::http::request::Request;
use crate::server::Server;

/// Replications that run or ran.
#[derive(Default)]
pub(crate) struct Replications {
    news: Notify,
}

impl Replications {
    /// The documents of `_replicator` changed.
    pub(crate) fn wake(&self) {
        self.news.notify_one();
    }

    pub(crate) fn active_tasks(&self) -> String {
        "[]".to_owned()
    }
}

/// `POST /_replicate`.
pub(crate) async fn replicate(_server: &Arc<Server>, _request: Request) -> Outcome {
    Err(ApiError::new(501, "not_implemented", "this feature is not yet implemented"))
}

/// `/_scheduler/…`.
pub(crate) fn scheduler(_server: &Arc<Server>, request: &Request) -> Outcome {
    server_admin(request)?;
    Ok(json(200, "{\"total_rows\":0,\"offset\":0,\"docs\":[]}".to_owned()))
}

/// Runs what the documents of `_replicator` ask for.
pub(crate) async fn watch_replicator(_server: Arc<Server>) {}
