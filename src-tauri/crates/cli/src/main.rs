//! `backstay`, the command line: arguments in, text or JSON out, one exit code per class of failure.

use std::process::ExitCode;

use backstay_api::Cancel;
use clap::{Parser, error::ErrorKind as ClapKind};
use tracing_subscriber::EnvFilter;

use crate::{args::Cli, errors::CliError, output::Output, session::Exit};

mod args;
mod ask;
mod demo;
mod errors;
mod file;
mod only;
mod output;
mod password;
mod print;
mod progress;
mod secrets;
mod session;
mod signals;
mod time;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return ExitCode::from(usage(&error).0),
    };
    log(cli.global.verbose);
    let output = Output::new(cli.global.json, cli.global.quiet);
    let cancel = Cancel::default();
    if !matches!(cli.command, args::Command::DemoWriter(_)) {
        signals::listen(&cancel);
    }
    let exit = match args::run(&cli, &output, &cancel) {
        Ok(exit) => exit,
        Err(error) => {
            error.show(&output);
            Exit::of(error.kind())
        }
    };
    ExitCode::from(exit.0)
}

/// Wrong usage, or a call for help. Scripts get the error as JSON, like every other.
fn usage(error: &clap::Error) -> Exit {
    let shown = matches!(error.kind(), ClapKind::DisplayHelp | ClapKind::DisplayVersion);
    if !shown && std::env::args_os().any(|arg| arg == "--json") {
        let text = error.render().to_string();
        // The first paragraph says what is wrong; the others are about usage in general.
        let message = text
            .trim_start_matches("error: ")
            .split("\n\n")
            .next()
            .unwrap_or_default()
            .trim_end();
        let output = Output::new(true, true);
        CliError::Usage {
            message: message.to_owned(),
            hint: "`backstay --help` lists the commands.".to_owned(),
        }
        .show(&output);
        return Exit(2);
    }
    // When the text cannot be written nobody is left to tell.
    let _ = error.print();
    Exit(if shown { 0 } else { 2 })
}

/// What happens inside goes to standard error, as far as it was asked for.
fn log(verbose: u8) {
    let level = match verbose {
        0 => "warn",
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    let filter = EnvFilter::try_from_env("BACKSTAY_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let format = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(filter)
        .without_time()
        .with_target(verbose > 1);
    format.with_ansi(false).init();
}
