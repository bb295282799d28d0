//! Chores for developers. `tidy` holds up the rules the compiler does not know; `bench` measures against other programs.
//!
//! The checks of `tidy` also run as a test (`tests/it`), so that `make test` fails where `cargo xtask tidy` does.

mod bench;
mod layers;
mod leftovers;
mod links;
mod report;
mod rust_file;
mod walk;

use std::path::{Path, PathBuf};

use anyhow::Result;

pub use bench::{Options, bench, couchdb};
pub use layers::{CrateDependencies, check_layers, workspace_crates};
pub use leftovers::check_leftovers;
pub use links::check_links;
pub use report::{Finding, Report};
pub use rust_file::{FileSize, check_rust_file};

/// The root of the workspace this program was built from.
#[must_use]
pub fn root() -> PathBuf {
    // Two folders above src-tauri/crates/xtask's parent; CARGO_MANIFEST_DIR is set at build time.
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

/// Runs all checks over the workspace at `root`.
///
/// # Errors
/// When the workspace cannot be read.
pub fn tidy(root: &Path) -> Result<Report> {
    let mut report = Report::default();
    report.extend(check_layers(&workspace_crates(root)?));
    for file in walk::files(root)? {
        let text = match std::fs::read_to_string(root.join(&file)) {
            Ok(text) => text,
            // Fixtures may be any bytes.
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => continue,
            Err(error) => return Err(error.into()),
        };
        report.extend(check_leftovers(&file, &text));
        match file.extension().and_then(|e| e.to_str()) {
            Some("rs") => {
                let (size, findings) = check_rust_file(&file, &text);
                report.count(size);
                report.extend(findings);
            }
            Some("md") => report.extend(check_links(root, &file, &text)),
            _ => {}
        }
    }
    Ok(report)
}
