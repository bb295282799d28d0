//! The other process of the demo: an app that keeps writing while Backstay reads.

use std::{
    io::Read,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use clap::Args;

use super::{failed, sample};
use crate::{errors::Result, session::Exit};

/// Arguments of the hidden `demo-writer`.
#[derive(Debug, Args)]
pub struct DemoWriter {
    /// Database to write to
    file: PathBuf,
}

/// Writes until standard input ends: the writer never outlives the demo, however that ends.
///
/// # Errors
/// When the database cannot be written.
pub fn run(args: &DemoWriter) -> Result<Exit> {
    let ended = Arc::new(AtomicBool::new(false));
    let end = ended.clone();
    std::thread::spawn(move || {
        // Anything but more input, errors too, means that the demo is gone.
        while matches!(std::io::stdin().read(&mut [0; 64]), Ok(n) if n > 0) {}
        end.store(true, Ordering::Relaxed);
    });
    let mut db = sample::open(&args.file).map_err(failed("writing to the sample"))?;
    while !ended.load(Ordering::Relaxed) {
        sample::visit(&mut db).map_err(failed("writing to the sample"))?;
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(Exit::DONE)
}
