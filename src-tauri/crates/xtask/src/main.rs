//! `cargo xtask`: chores for developers.
#![allow(clippy::print_stdout, clippy::print_stderr)] // what it prints is all it is for

use std::process::ExitCode;

use anyhow::{Context, Result};

const USAGE: &str = "\
usage: cargo xtask tidy                                     check layers, sizes, left-overs and links in documents
       cargo xtask bench [--scale PERCENT] [--only NAME]…   compare with restic and borg; NAME is a workload (sqlite,
                                                            records, files) or a program (backstay, restic, borg)
       cargo xtask bench couchdb [--scale PERCENT]          compare with couchbackup at a stand-in of CouchDB";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["tidy"] => tidy(),
        ["bench", "couchdb"] => couchdb("100"),
        ["bench", "couchdb", "--scale", scale] => couchdb(scale),
        ["bench", ref options @ ..] => bench(options),
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

fn couchdb(scale: &str) -> Result<ExitCode> {
    let scale = scale.parse().context("--scale takes a percentage")?;
    println!("{}", xtask::couchdb(&xtask::root(), scale, &mut |line| eprintln!("{line}"))?);
    Ok(ExitCode::SUCCESS)
}

fn bench(options: &[&str]) -> Result<ExitCode> {
    let options = xtask::Options::parse(options)?;
    println!("{}", xtask::bench(&xtask::root(), &options, &mut |line| eprintln!("{line}"))?);
    Ok(ExitCode::SUCCESS)
}
