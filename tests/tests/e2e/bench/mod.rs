//! The bench of the window tests.
//!
//! A [`Desk`] is a small desktop: display, window manager, message bus, tray, home. [`Desk::window`] starts Backstay on it and
//! gives a [`Window`] to drive through WebDriver; [`Desk::launch`] starts it plainly. Everything ends with the desk. What fails
//! leaves a screenshot and the program's log in `target/e2e/`.

mod desk;
mod drag;
mod ground;
mod hand;
mod notices;
mod page;
mod programs;
mod running;
mod tour;
mod tray;
mod window;

pub use desk::{Desk, Options};
pub use drag::drag_onto;
pub use ground::PASSWORD;
pub use hand::keys;
pub use programs::{Guarded, beside, desktop_program, python, top};
pub use running::Running;
pub use tour::lay_out;
pub use tray::Tray;
pub use window::{Found, Window};

use std::{
    thread,
    time::{Duration, Instant},
};

/// How long a person would wait before calling it broken.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Tries until there is an answer, or patience is at its end.
pub fn eventually<T>(mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    within(PATIENCE, &mut ask)
}

/// Tries until there is an answer, at most `patience`.
pub fn within<T>(patience: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + patience;
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if Instant::now() > end {
            return None;
        }
        thread::sleep(Duration::from_millis(50));
    }
}
