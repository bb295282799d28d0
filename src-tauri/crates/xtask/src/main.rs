//! `cargo xtask`: chores for developers.
#![allow(clippy::print_stdout, clippy::print_stderr)] // what it prints is all it is for

use std::process::ExitCode;

use anyhow::Result;

const USAGE: &str = "usage: cargo xtask tidy      check layers, sizes, left-overs and links in documents";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["tidy"] => tidy(),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("xtask: {error:#}");
        ExitCode::FAILURE
    })
}

fn tidy() -> Result<ExitCode> {
    let report = xtask::tidy(&xtask::root())?;
    println!("{report}");
    Ok(if report.is_tidy() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
