//! `backstay-desktop`, the program people open with a double click. Reads arguments and environment; the library does the rest.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

use backstay_desktop::{Surroundings, Wish, launch, texts};

const HELP: &str = "\
The Backstay window.

Usage: backstay-desktop [OPTIONS] [FILE]...

A FILE is a bundle, a SQLite database or a folder: the window opens with what can be done with it.

Options:
      --hidden   start in the tray, without a window
  -h, --help     print this help
  -V, --version  print the version

The command line program is `backstay`.";

fn main() -> ExitCode {
    let here = std::env::current_dir().unwrap_or_default();
    let launch = match launch::read(std::env::args_os().skip(1), &here) {
        Wish::Start(launch) => launch,
        Wish::Help => return say(HELP, 0),
        Wish::Version => return say(concat!("backstay-desktop ", env!("CARGO_PKG_VERSION")), 0),
        Wish::Unknown(option) => {
            complain(&format!("error: there is no option {option:?}. See backstay-desktop --help."));
            return ExitCode::from(2);
        }
    };
    let surroundings = match Surroundings::read() {
        Ok(surroundings) => surroundings,
        Err(error) => {
            complain(&format!("error: {error}"));
            return ExitCode::from(2);
        }
    };
    if !surroundings.display {
        let texts = texts::of(&surroundings.language);
        complain(&texts.text("noDisplay", &[]));
        return ExitCode::from(2);
    }
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("BACKSTAY_LOG")
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn")),
        )
        .without_time()
        .with_ansi(false)
        .init();
    match backstay_desktop::run(launch, surroundings) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            complain(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

#[allow(clippy::print_stdout)]
fn say(text: &str, code: u8) -> ExitCode {
    println!("{text}");
    ExitCode::from(code)
}

#[allow(clippy::print_stderr)]
fn complain(text: &str) {
    eprintln!("{text}");
}
