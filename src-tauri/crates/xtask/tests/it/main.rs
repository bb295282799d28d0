//! The workspace is tidy, and each rule finds what breaks it.
#![allow(clippy::unwrap_used, missing_docs)]

mod bench;
mod rules;

#[test]
fn the_workspace_is_tidy() {
    let report = xtask::tidy(&xtask::root()).unwrap();
    assert!(report.is_tidy(), "\n{report}\n");
}
