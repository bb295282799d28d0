//! `backstay demo`: the whole story on a built-in sample, through the same commands a person uses, each step proved.

use std::{
    fmt::Display,
    fs,
    path::{Path, PathBuf},
};

use backstay_api::Cancel;
use backstay_model::ErrorKind;
use clap::Args;
use serde_json::json;

use crate::{
    errors::{CliError, Result},
    file,
    output::Output,
    session::Exit,
};

mod back;
mod child;
mod sample;
mod stage;
mod steps;
mod story;
pub mod writer;

use stage::Stage;
use story::Story;

/// Arguments of `demo`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstay demo
  backstay demo --keep --dir ./backstay-demo

Exit code 1 when any proof fails. Nothing outside the scratch folder is touched.")]
pub struct Demo {
    /// Work in this new folder instead of one below the system's temporary directory
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Leave the folder in place to try more by hand
    #[arg(long)]
    keep: bool,
}

/// An error of the demo's own work, as a step of the story that could not be done.
pub(crate) fn failed<E: Display>(step: &'static str) -> impl Fn(E) -> CliError {
    move |error| CliError::Demo {
        step: step.to_owned(),
        reason: error.to_string(),
    }
}

/// Tells the story.
///
/// # Errors
/// When a step cannot be done at all.
pub fn run(args: &Demo, output: &Output, cancel: &Cancel) -> Result<Exit> {
    let dir = scratch(args)?;
    let mut story = Story::new(output);
    let told = Stage::set(&dir, cancel).and_then(|stage| steps::tell(&stage, &mut story).map(|()| stage.by_hand()));
    let clean = told.is_ok() && story.failed.is_empty();
    let stopped = matches!(&told, Err(error) if error.kind() == ErrorKind::Cancelled);
    let kept = args.keep || !(clean || stopped);
    if !kept {
        // What cannot be removed is said below by naming the folder; it holds only the sample.
        let _ = fs::remove_dir_all(&dir);
    }
    if kept && told.is_err() {
        output.note(&format!("The scratch folder is kept to look at: {}", dir.display()));
    }
    let by_hand = told?;
    end(&story, &dir, kept, &by_hand, output)?;
    Ok(if clean { Exit::DONE } else { Exit(1) })
}

fn scratch(args: &Demo) -> Result<PathBuf> {
    let written = |path: &Path| {
        let path = path.to_owned();
        move |error| CliError::File {
            path,
            verb: "written",
            error,
        }
    };
    if let Some(dir) = &args.dir {
        file::must_not_exist(dir)?;
        fs::create_dir_all(dir).map_err(written(dir))?;
        return std::path::absolute(dir).map_err(written(dir));
    }
    let parent = std::env::temp_dir();
    let dir = tempfile::Builder::new()
        .prefix("backstay-demo-")
        .tempdir_in(&parent)
        .map_err(written(&parent))?;
    Ok(dir.keep())
}

fn end(story: &Story<'_>, dir: &Path, kept: bool, by_hand: &[String], output: &Output) -> Result<()> {
    if output.json {
        let folder = kept.then_some(dir);
        return output.event(
            "result",
            &json!({ "passed": story.failed.is_empty(), "proofs": story.held, "failed": story.failed, "dir": folder, "tryByHand": by_hand }),
        );
    }
    let all = story.held + story.failed.len() as u32;
    output.line(&format!("\n{} of {all} proofs hold.", story.held))?;
    for proof in &story.failed {
        output.line(&format!("  FAILED  {}: {}", proof.claim, proof.evidence))?;
    }
    if kept {
        output.line(&format!("The scratch folder is {}. Try by hand:", dir.display()))?;
    } else {
        output.line("The scratch folder was removed. Keep it with `backstay demo --keep --dir DIR`, and try by hand:")?;
    }
    for command in by_hand {
        output.line(&format!("  {command}"))?;
    }
    Ok(())
}
