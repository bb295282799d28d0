//! The crate through its public surface: a real keychain, the encrypted file, and that nothing leaks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs
)]

mod file;
mod keychain;
mod leak;

use backstay_secrets::{Secret, SecretName};

/// A value that is found again wherever it leaks.
pub const VALUE: &str = "correct-horse-battery-staple-7f3a";

pub fn name(text: &str) -> SecretName {
    SecretName::new(text).unwrap()
}

pub fn secret(text: &str) -> Secret {
    Secret::from_text(text.to_owned())
}

/// Runs one test function of this program as a process of its own, with its case in the environment.
pub fn child(test: &str, case: &str) -> std::process::Command {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env("BACKSTAY_TEST_CASE", case);
    command
}

/// The case this process was started for, if it was started by [`child`].
pub fn case() -> Option<String> {
    std::env::var("BACKSTAY_TEST_CASE").ok()
}
