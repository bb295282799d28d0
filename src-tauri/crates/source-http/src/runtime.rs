//! The one event loop of the process: two small threads that move bytes for everybody.

use std::{future::Future, sync::OnceLock};

use tokio::{
    runtime::{Builder, Runtime},
    task::JoinHandle,
};

use crate::{HttpError, Result};

static RUNTIME: OnceLock<Result<Runtime, String>> = OnceLock::new();

fn runtime() -> Result<&'static Runtime> {
    let made = RUNTIME.get_or_init(|| {
        let mut builder = Builder::new_multi_thread();
        let builder = builder.worker_threads(2).thread_name("http").enable_all();
        builder.build().map_err(|error| error.to_string())
    });
    made.as_ref()
        .map_err(|reason| HttpError::NoResources { reason: reason.clone() })
}

/// Starts a future on the loop. Callers never wait inside the loop themselves, so that they may be anywhere.
pub(crate) fn spawn<F>(future: F) -> Result<JoinHandle<F::Output>>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    Ok(runtime()?.spawn(future))
}
