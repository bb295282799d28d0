//! Which other processes have a database open, as far as the system tells.

use std::path::Path;

/// Names and ids of other processes that have one of these files open. Empty where the system does not tell.
#[cfg(target_os = "linux")]
pub fn holders(paths: &[&Path]) -> Vec<String> {
    use std::{collections::HashSet, fs, os::unix::fs::MetadataExt};
    let wanted: HashSet<(u64, u64)> = paths
        .iter()
        .filter_map(|p| fs::metadata(p).ok())
        .map(|m| (m.dev(), m.ino()))
        .collect();
    let own = std::process::id();
    let Ok(processes) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for process in processes.flatten() {
        let Some(id) = process.file_name().to_str().and_then(|n| n.parse::<u32>().ok()) else {
            continue;
        };
        // Processes of other people cannot be looked into; their locks still count.
        let Ok(files) = fs::read_dir(process.path().join("fd")) else {
            continue;
        };
        let holds = |file: fs::DirEntry| fs::metadata(file.path()).is_ok_and(|m| wanted.contains(&(m.dev(), m.ino())));
        if id != own && files.flatten().any(holds) {
            let name = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            out.push(format!("{}, process {id}", name.trim()));
        }
    }
    out
}

/// Names and ids of other processes that have one of these files open. Empty where the system does not tell.
#[cfg(not(target_os = "linux"))]
pub fn holders(_: &[&Path]) -> Vec<String> {
    Vec::new()
}
