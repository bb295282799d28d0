//! Time limits and tries. Every call gets an event loop of its own, so that its limit holds whatever it hangs in.

use std::{future::Future, thread, time::Duration};

use backon::{ExponentialBuilder, Retryable as _};
use backstay_model::Retry;
use tokio::{runtime, time};

use crate::{Delivered, Limits, Result, TellError};

/// Runs a future to its end on an event loop and a thread of its own: callers may be inside an event loop themselves.
pub(crate) fn block<T, F>(make: impl FnOnce() -> F + Send) -> Result<T>
where
    T: Send,
    F: Future<Output = Result<T>>,
{
    thread::scope(|scope| {
        thread::Builder::new()
            .name("tell".to_owned())
            .spawn_scoped(scope, || {
                let runtime = runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .map_err(|error| short(&error.to_string()))?;
                let result = runtime.block_on(make());
                // A name that is still being looked up holds nobody up.
                runtime.shutdown_background();
                result
            })
            .map_err(|error| short(&error.to_string()))?
            .join()
            .unwrap_or_else(|_| Err(short("a thread ended early")))
    })
}

fn short(reason: &str) -> TellError {
    TellError::NoResources {
        reason: reason.to_owned(),
    }
}

/// Tries until it works, cannot work, or the limits are reached. Gives the receiver's answer and the tries it took.
pub(crate) async fn tries<F>(limits: &Limits, place: &str, mut attempt: impl FnMut() -> F) -> Result<Delivered>
where
    F: Future<Output = Result<u16>>,
{
    let start = time::Instant::now();
    let end = start + limits.total;
    let each = limits.each.min(limits.total);
    let late = |after: Duration| TellError::TimedOut {
        place: place.to_owned(),
        after,
    };
    let mut tries = 0;
    let once = || {
        tries += 1;
        let attempt = attempt();
        let late = late(each);
        async move { time::timeout(each, attempt).await.unwrap_or(Err(late)) }
    };
    let pauses = ExponentialBuilder::new()
        .with_min_delay(limits.pause)
        .with_max_delay(limits.total)
        .with_factor(2.0)
        .with_jitter()
        .with_max_times(limits.tries.saturating_sub(1) as usize);
    let retried = once
        .retry(pauses)
        .sleep(time::sleep)
        .when(|error: &TellError| error.retry() != Retry::Final)
        .adjust(|error, pause| {
            let pause = match error.retry() {
                Retry::After(Some(asked)) => pause?.max(Duration::from_millis(asked)),
                _ => pause?,
            };
            // A pause beyond the end would turn a known reason into a mere time-out.
            (time::Instant::now() + pause < end).then_some(pause)
        });
    let answer = time::timeout_at(end, retried).await;
    let status = answer.unwrap_or_else(|_| Err(late(limits.total)))?;
    Ok(Delivered { status, tries })
}
