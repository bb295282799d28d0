//! Does one maintenance job on a vault, to be measured from outside: `bench_maintain JOB VAULT KEYFILE`.
//!
//! Jobs: `check`, `read-all`, `preview` (of forgetting all snapshots but the last), `forget`, `prune`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr
)]

use std::sync::Arc;
use std::time::Instant;

use backstay_vault::maintain::check::{CheckOptions, check};
use backstay_vault::maintain::forget::{forget, preview_forget};
use backstay_vault::maintain::prune::{PruneOptions, prune};
use backstay_vault::maintain::report::Depth;
use backstay_vault::{Id, LocalPlace, MasterKey, Unlock, Vault};
use chrono::Utc;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let key = MasterKey::from_secret_text(&std::fs::read_to_string(&args[3]).unwrap()).unwrap();
    let vault = Vault::open(Arc::new(LocalPlace::new(&args[2])), &Unlock::MasterKey(key)).unwrap();
    let all: Vec<Id> = vault.snapshots().unwrap().good.iter().map(|s| s.id).collect();
    let old = &all[..all.len().saturating_sub(1)];
    let options = PruneOptions {
        max_unused_percent: 0.0,
        ..PruneOptions::default()
    };
    let start = Instant::now();
    match args[1].as_str() {
        "check" | "read-all" => {
            let depth = if args[1] == "check" {
                Depth::Structural
            } else {
                Depth::ReadAll
            };
            let report = check(
                &vault,
                &CheckOptions {
                    depth,
                    paths_per_snapshot: 100,
                    now: Utc::now(),
                },
                &(),
            )
            .unwrap();
            println!(
                "{} packs, {} trees, {} bytes read, {:?}",
                report.packs, report.trees, report.bytes_read, report.worst
            );
        }
        "preview" => println!("{} bytes", preview_forget(&vault, old, options, &()).unwrap().freed_bytes),
        "forget" => println!("{} removed", forget(&vault, old, &()).unwrap().removed.len()),
        _ => println!("{} bytes freed", prune(&vault, options, None, &()).unwrap().freed_bytes),
    }
    println!("{:.2} s", start.elapsed().as_secs_f64());
}
