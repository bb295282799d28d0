//! Drives the real window over a prepared home and writes every screen, in light and dark, into `target/screenshots/`:
//! with the sample, a million rows, long names, a partial and a failed source; empty; in German; enlarged; in the smallest window.
//! Somebody has to look at them: no test sees what is ugly. `make screenshots` runs it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs
)]

#[cfg(target_os = "linux")]
#[path = "../../tests/e2e/bench/mod.rs"]
#[allow(dead_code, unused_imports)]
mod bench;
#[cfg(target_os = "linux")]
mod home;
#[cfg(target_os = "linux")]
mod screens;

#[cfg(target_os = "linux")]
fn main() {
    let dir = bench::top().join("target/screenshots");
    let _ = std::fs::remove_dir_all(&dir);
    let made = screens::all(&dir);
    println!("{made} screenshots in {}", dir.display());
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("the window can be driven on Linux only");
}
