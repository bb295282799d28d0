//! What drills cost: memory does not grow with what is brought back. `BACKSTAY_SOAK=1` takes a gibibyte and a million rows.

use std::time::Instant;

use backstay_engine::drill::{DrillRequest, DrillScope, drill};
use backstay_model::Verdict;

use crate::{
    disk::{Disk, connector},
    guard_cost::memory,
};

/// Drills the newest backup; gives MiB of memory it took beyond what the process had.
fn drilled(disk: &Disk, kind: &str, rel: &str) -> u64 {
    let snapshot = disk.backup(kind, rel).snapshot;
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let (start, _) = memory();
    let begun = Instant::now();
    let request = DrillRequest {
        scope: DrillScope::Everything,
        scratch: disk.path("scratch"),
        limit_bytes: None,
    };
    let done = drill(&disk.vault, &snapshot, &connector(kind).unwrap(), &request, &disk.job()).unwrap();
    assert_eq!((done.verdict, done.score), (Verdict::Complete, 100.0), "{:?}", done.differing);
    let more = memory().1.saturating_sub(start) >> 10;
    let (files, records, mib) = (done.files, done.records, done.bytes >> 20);
    println!(
        "{kind}: {files} files, {records} records, {mib} MiB drilled in {:?}, {more} MiB more",
        begun.elapsed()
    );
    more
}

fn soak() -> bool {
    std::env::var_os("BACKSTAY_SOAK").is_some()
}

#[test]
fn files_pass_through() {
    let (many, large) = if soak() { (20_000_u32, 1_u64 << 30) } else { (300, 16 << 20) };
    let disk = Disk::new();
    for n in 0..many {
        disk.write(&format!("docs/{}/{n}", n % 50), &n.to_le_bytes().repeat(500));
    }
    // Content that does not compress and is nowhere the same.
    let mut state = 1_u64;
    let mut out = std::io::BufWriter::new(std::fs::File::create(disk.path("docs/large")).unwrap());
    for _ in 0..large / 8 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        std::io::Write::write_all(&mut out, &state.to_be_bytes()).unwrap();
    }
    drop(out);
    let more = drilled(&disk, "folder", "docs");
    assert!(more < 160, "{more} MiB");
}

#[test]
fn rows_pass_through() {
    let rows = if soak() { 1_000_000 } else { 20_000 };
    let disk = Disk::new();
    disk.sql(
        "data/many.db",
        &format!(
            "create table rows(id integer primary key, title text, text text);
             with recursive n(i) as (select 0 union all select i + 1 from n where i < {rows} - 1)
                insert into rows select i, 'Record ' || i, 'made up to be of a usual length, more or less' from n;"
        ),
    );
    let more = drilled(&disk, "sqlite", "data");
    assert!(more < 160, "{more} MiB");
}
