//! How a long job is shown while it runs: bars on a terminal, a line now and then elsewhere, events for scripts.

use std::{
    io::IsTerminal,
    sync::Mutex,
    time::{Duration, Instant},
};

use backstay_api::Reporter;
use backstay_model::{Gap, Progress, Stage};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use crate::{output::Output, print};

/// Events for scripts come at most this often (and at every change of stage).
const EVENT_EVERY: Duration = Duration::from_millis(250);
/// Lines in a log file come at most this often (and at every change of stage that takes long enough to matter).
const LINE_EVERY: Duration = Duration::from_secs(10);

/// The reporter that suits this call.
#[must_use]
pub fn reporter(output: &Output) -> Box<dyn Reporter + '_> {
    if output.json {
        return Box::new(Events {
            output,
            last: Mutex::new((Instant::now(), None)),
        });
    }
    if !output.quiet && std::io::stderr().is_terminal() {
        return Box::new(Bar::new(output));
    }
    Box::new(Lines {
        output,
        last: Mutex::new(Instant::now()),
    })
}

/// NDJSON on standard output.
struct Events<'a> {
    output: &'a Output,
    last: Mutex<(Instant, Option<Stage>)>,
}

impl Reporter for Events<'_> {
    fn progress(&self, progress: &Progress) {
        let Ok(mut last) = self.last.lock() else { return };
        if self.output.quiet || (last.1 == progress.stage && last.0.elapsed() < EVENT_EVERY) {
            return;
        }
        *last = (Instant::now(), progress.stage);
        // A reader that went away or a full disk must not stop the backup.
        let _ = self.output.event("progress", progress);
    }

    fn gap(&self, gap: &Gap) {
        if !self.output.quiet {
            let _ = self.output.event("gap", gap);
        }
    }

    fn note(&self, text: &str) {
        if !self.output.quiet {
            let _ = self.output.event("note", &json!({ "text": text }));
        }
    }
}

/// A line now and then on standard error.
struct Lines<'a> {
    output: &'a Output,
    last: Mutex<Instant>,
}

impl Reporter for Lines<'_> {
    fn progress(&self, progress: &Progress) {
        let Ok(mut last) = self.last.lock() else { return };
        if last.elapsed() >= LINE_EVERY {
            *last = Instant::now();
            self.output.note(&line(progress));
        }
    }

    // The report at the end names every gap; naming them twice helps nobody.
    fn gap(&self, _: &Gap) {}

    fn note(&self, text: &str) {
        self.output.note(text);
    }
}

/// A bar with rate and time left, as far as they are known.
struct Bar<'a> {
    output: &'a Output,
    bar: ProgressBar,
    stage: Mutex<Option<Stage>>,
}

/// The bar on the terminal, if there is one. A process has one terminal.
static SHOWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Takes the bar off the terminal while a question is asked there.
pub fn aside<T>(question: impl FnOnce() -> T) -> T {
    let bar = SHOWN.lock().ok().and_then(|shown| shown.clone());
    match bar {
        Some(bar) => bar.suspend(question),
        None => question(),
    }
}

impl<'a> Bar<'a> {
    fn new(output: &'a Output) -> Self {
        // Nothing is drawn before there is something to say: a password may be asked for first.
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        Self {
            output,
            bar,
            stage: Mutex::new(None),
        }
    }

    fn show(&self) {
        self.bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(8));
        self.bar.enable_steady_tick(Duration::from_millis(250));
        if let Ok(mut shown) = SHOWN.lock() {
            *shown = Some(self.bar.clone());
        }
    }

    fn begin(&self, stage: Option<Stage>, progress: &Progress) {
        let template = match (progress.bytes_total, progress.items_total) {
            (Some(_), _) => "{prefix:10} {wide_bar:.dim} {bytes}/{total_bytes} {bytes_per_sec} {eta} left",
            (None, Some(_)) => "{prefix:10} {wide_bar:.dim} {human_pos}/{human_len} {per_sec} {eta} left",
            _ => "{prefix:10} {spinner} {wide_msg} {elapsed}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
        self.bar.set_prefix(stage.map_or("", stage_name));
        self.bar.reset();
    }
}

impl Reporter for Bar<'_> {
    fn progress(&self, progress: &Progress) {
        let Ok(mut stage) = self.stage.lock() else { return };
        if stage.is_none() && progress.stage.is_some() {
            self.show();
        }
        let total = progress.bytes_total.or(progress.items_total);
        if *stage != progress.stage || self.bar.length() != total {
            *stage = progress.stage;
            self.begin(progress.stage, progress);
            if let Some(total) = total {
                self.bar.set_length(total);
            }
        }
        self.bar.set_position(if progress.bytes_total.is_some() {
            progress.bytes
        } else {
            progress.items
        });
        self.bar.set_message(counted(progress));
    }

    fn gap(&self, _: &Gap) {}

    fn note(&self, text: &str) {
        self.bar.suspend(|| self.output.complain(text));
    }
}

impl Drop for Bar<'_> {
    fn drop(&mut self) {
        if let Ok(mut shown) = SHOWN.lock() {
            *shown = None;
        }
        self.bar.finish_and_clear();
    }
}

fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Preparing => "Preparing",
        Stage::Reading => "Reading",
        Stage::Comparing => "Comparing",
        Stage::Saving => "Saving",
        Stage::Writing => "Writing",
        Stage::Verifying => "Verifying",
        Stage::Finishing => "Finishing",
    }
}

fn counted(progress: &Progress) -> String {
    let mut text = format!("{} items, {}", print::count(progress.items), print::bytes(progress.bytes));
    if !progress.current.is_empty() {
        text.push_str("  ");
        text.push_str(&progress.current);
    }
    text
}

fn line(progress: &Progress) -> String {
    format!("{}: {}", progress.stage.map_or("Working", stage_name), counted(progress))
}
