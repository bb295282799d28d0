//! Prepares the desktop program: checks that the window's files are there and hands the configuration to Tauri.

use std::{fs, path::Path, process::ExitCode};

use tauri_build::{AppManifest, Attributes};

/// The window's files, as `frontendDist` in tauri.conf.json names them.
const PAGE: &str = "ui/dist/index.html";

fn main() -> ExitCode {
    // Cargo watches these as they are: a new build of the window is embedded without a word of the person.
    for path in [
        "ui/dist",
        "src-tauri/capabilities",
        "src-tauri/permissions",
        "tauri.conf.json",
        "icons",
    ] {
        println!("cargo:rerun-if-changed={path}");
    }
    let embedded = std::env::var_os("CARGO_FEATURE_EMBEDDED").is_some();
    if embedded && !Path::new(PAGE).exists() {
        println!("cargo::error=the window is not built ({PAGE} is missing): run `npm ci && npm run build` in ui/ first");
        return ExitCode::FAILURE;
    }
    let attributes = Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/*.json")
        .app_manifest(AppManifest::new().permissions_path_pattern("./src-tauri/permissions/*.toml"));
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error={error:#}");
        return ExitCode::FAILURE;
    }
    // Schemas for editors, which Tauri always writes to the top level.
    if Path::new("gen").exists() {
        let _ = fs::remove_dir_all("src-tauri/gen");
        let _ = fs::rename("gen", "src-tauri/gen");
    }
    ExitCode::SUCCESS
}
