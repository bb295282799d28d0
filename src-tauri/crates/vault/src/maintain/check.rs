//! Checks a vault at three depths. Bounded memory: the table of blobs, one tree, and a window of a pack for each thread.

mod packs;

use std::collections::{BTreeMap, HashMap, HashSet};

use super::access::{Access, TreeReader};
use super::loss::Losses;
use super::report::{CheckReport, Depth, Findings, Flaw, LostPath, Problem, Severity, SnapshotLoss};
use super::stock::{Headers, Stock};
use super::table::{Marks, Table};
use super::walk::{Obstacle, Walk};
use super::{Steps, Watch, lock_to_read};
use crate::config::Config;
use crate::keyfile::KeyFile;
use crate::place::FileKind;
use crate::{Result, Vault, VaultError};
use backstay_model::Stage;
use chrono::{DateTime, Utc};

/// How to check.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CheckOptions {
    /// How much to read.
    pub depth: Depth,
    /// Lost paths listed for each snapshot; all are counted.
    pub paths_per_snapshot: usize,
    /// The time, to tell stale locks from living ones.
    pub now: DateTime<Utc>,
}

/// Checks a vault under a shared lock: backups may go on meanwhile, a prune may not.
///
/// # Errors
/// When the vault is locked exclusively or the place as a whole fails. Damage is no error, but in the report.
pub fn check(vault: &Vault, options: &CheckOptions, watch: &dyn Watch) -> Result<CheckReport> {
    let _lock = lock_to_read(vault)?;
    Ok(Access::new(vault).inspect(options, watch)?.report)
}

/// Everything a check learned, for repairs to build on.
pub(crate) struct Inspection {
    pub(crate) stock: Stock,
    /// Copies that cannot be read, by row.
    pub(crate) bad_rows: HashMap<usize, Flaw>,
    /// Packs (rows) that no index file names, but that hold the only good copies of so many needed blobs.
    pub(crate) unlisted: BTreeMap<u32, u64>,
    /// Packs whose bytes, size or header are wrong, by row.
    pub(crate) bad_packs: Vec<u32>,
    /// Blobs, by first row, that turned out to be readable after all, where a pack's own header says they lie.
    pub(crate) recovered: HashSet<usize>,
    pub(crate) report: CheckReport,
}

impl Inspection {
    /// Whether no copy of a blob, by its first row, can be read as far as is known.
    pub(crate) fn is_lost(&self, first: usize) -> bool {
        !self.recovered.contains(&first) && is_lost(&self.stock.table, &self.bad_rows, first)
    }
}

fn is_lost(table: &Table, bad: &HashMap<usize, Flaw>, first: usize) -> bool {
    table
        .copies(first)
        .all(|row| bad.contains_key(&row) || !table.is_there(&table.blobs[row]))
}

/// Snapshot and index files that cannot be read.
fn unreadable(stock: &Stock, findings: &mut Findings) {
    for (snapshot, flaw) in &stock.bad_snapshots {
        findings.add(Problem::SnapshotDamaged {
            snapshot: *snapshot,
            flaw: flaw.clone(),
        });
    }
    for (index, flaw) in &stock.bad_indexes {
        findings.add(Problem::IndexDamaged {
            index: *index,
            flaw: flaw.clone(),
        });
    }
}

impl Access {
    /// Looks at everything `options` asks for.
    pub(crate) fn inspect(&self, options: &CheckOptions, watch: &dyn Watch) -> Result<Inspection> {
        let mut findings = Findings::default();
        let steps = Steps::new(watch, Stage::Verifying);
        self.small_files(options.now, &mut findings)?;
        let stock = self.stock(Headers::Read)?;
        unreadable(&stock, &mut findings);
        let read = self.packs(&stock.table, options.depth, &steps)?;
        let mut bad_rows: HashMap<usize, Flaw> = read.bad_rows;
        let trees = TreeReader::new(self, &stock.table)?;
        let mut obstacles = Findings::default();
        let (used, walked) = self.walk(&stock, &trees, &steps, &mut obstacles)?;
        for (row, flaw) in trees.take_bad() {
            bad_rows.entry(row).or_insert(flaw);
        }
        let unlisted = unlisted(&stock.table, &used, &bad_rows);
        // Nobody will ever read a pack that is neither indexed nor needed: what is wrong inside it is no damage.
        let idle = |pack: u32| !stock.table.packs[pack as usize].indexed && !unlisted.contains_key(&pack);
        let counts = |(pack, problem): &(u32, Problem)| !(idle(*pack) && problem.severity() == Severity::Damage);
        read.findings
            .into_iter()
            .filter(counts)
            .for_each(|(_, problem)| findings.add(problem));
        for (pack, blobs) in &unlisted {
            findings.add(Problem::PackNotIndexed {
                pack: stock.table.packs[*pack as usize].id,
                blobs: *blobs,
            });
        }
        findings.absorb(obstacles);
        damaged_blobs(&stock.table, &bad_rows, &idle, &mut findings);
        duplicates(&stock.table, &mut findings);
        let lost = |first| is_lost(&stock.table, &bad_rows, first);
        let losses = self.losses(&stock, &lost, &trees, options.paths_per_snapshot);
        drop(trees);
        let report = CheckReport {
            depth: read.depth,
            snapshots: stock.snapshots.len() as u64,
            packs: stock.table.packs.iter().filter(|p| p.found.is_some()).count() as u64,
            packs_read: read.packs,
            bytes_read: read.bytes,
            trees: walked,
            problems: findings.problems,
            omitted: findings.omitted,
            worst: findings.worst,
            losses,
        };
        Ok(Inspection {
            stock,
            bad_rows,
            unlisted,
            bad_packs: read.bad_packs,
            recovered: HashSet::new(),
            report,
        })
    }

    /// Config, keys, locks, and files that do not belong.
    fn small_files(&self, now: DateTime<Utc>, findings: &mut Findings) -> Result<()> {
        match Config::load(self.place.as_ref(), &self.key) {
            Ok(_) => {}
            Err(VaultError::NoRepository { .. }) => findings.add(Problem::ConfigDamaged { flaw: Flaw::Absent }),
            Err(e) => findings.add(Problem::ConfigDamaged { flaw: Flaw::of(&e) }),
        }
        let mut keys = self.place.list(FileKind::Key)?;
        keys.sort_unstable();
        for (key, _) in keys {
            match KeyFile::load(self.place.as_ref(), key) {
                Ok(_) => {}
                Err(VaultError::Place(e)) if e.is_not_found() => {}
                Err(e) => findings.add(Problem::KeyDamaged { key, flaw: Flaw::of(&e) }),
            }
        }
        for lock in self.locks.list()? {
            if lock.info.map_or(true, |info| info.is_stale(now, &self.locks.host)) {
                findings.add(Problem::StaleLock { lock: lock.id });
            }
        }
        for stray in self.place.strays()? {
            findings.add(Problem::StrayFile {
                path: stray.path,
                bytes: stray.bytes,
            });
        }
        Ok(())
    }

    /// Walks all snapshots; what they need, and how many trees there were.
    fn walk(&self, stock: &Stock, trees: &TreeReader<'_>, steps: &Steps<'_>, met: &mut Findings) -> Result<(Marks, u64)> {
        let mut walk = Walk::new(&stock.table, trees);
        for (_, head) in &stock.snapshots {
            let mut obstacle = |obstacle| met.add_obstacle(obstacle);
            if !walk.mark(head.tree, &mut obstacle, &|| steps.go_on()) {
                return Err(VaultError::Cancelled);
            }
        }
        Ok((walk.used, walk.read))
    }

    /// The snapshots that lost something, and what.
    pub(crate) fn losses(
        &self,
        stock: &Stock,
        lost: &dyn Fn(usize) -> bool,
        trees: &TreeReader<'_>,
        cap: usize,
    ) -> Vec<SnapshotLoss> {
        let mut losses = Losses::new(&stock.table, trees, lost);
        let mut found = Vec::new();
        for (snapshot, head) in &stock.snapshots {
            let mut loss = SnapshotLoss {
                snapshot: *snapshot,
                count: 0,
                paths: Vec::new(),
            };
            losses.paths(head.tree, &mut |path: LostPath| {
                loss.count += 1;
                if loss.paths.len() < cap {
                    loss.paths.push(path);
                }
            });
            if loss.count > 0 {
                found.push(loss);
            }
        }
        found
    }
}

impl Findings {
    fn add_obstacle(&mut self, obstacle: Obstacle) {
        match obstacle {
            Obstacle::Missing { blob, kind } => self.add(Problem::BlobMissing { blob, kind }),
            Obstacle::NotUnderstood { tree } => self.add(Problem::TreeNotUnderstood { tree }),
            Obstacle::FileSize {
                tree,
                name,
                stated,
                stored,
            } => {
                self.add(Problem::FileSize {
                    tree,
                    name,
                    stated,
                    stored,
                });
            }
            // Its copies are listed one by one, as damaged blobs or missing packs.
            Obstacle::Unreadable { .. } => {}
        }
    }
}

fn damaged_blobs(table: &Table, bad: &HashMap<usize, Flaw>, idle: &dyn Fn(u32) -> bool, findings: &mut Findings) {
    let mut rows: Vec<(&usize, &Flaw)> = bad.iter().collect();
    rows.sort_by_key(|(row, _)| **row);
    for (row, flaw) in rows {
        let blob = &table.blobs[*row];
        if idle(blob.pack) {
            continue;
        }
        let pack = table.packs[blob.pack as usize].id;
        findings.add(Problem::BlobDamaged {
            blob: blob.blob.id,
            kind: blob.blob.kind,
            pack,
            flaw: flaw.clone(),
        });
    }
}

/// Packs that no index file names, but that hold the only good copy of something needed; and of how much.
fn unlisted(table: &Table, used: &Marks, bad: &HashMap<usize, Flaw>) -> BTreeMap<u32, u64> {
    let mut needed: BTreeMap<u32, u64> = BTreeMap::new();
    let mut first = 0;
    while first < table.blobs.len() {
        let copies = table.copies(first);
        if used.has(first) {
            let good = |row: &usize| !bad.contains_key(row) && table.is_there(&table.blobs[*row]);
            let indexed = |row: &usize| table.packs[table.blobs[*row].pack as usize].indexed;
            let mut good: Vec<usize> = copies.clone().filter(good).collect();
            if !good.iter().any(indexed) {
                good.drain(..)
                    .for_each(|row| *needed.entry(table.blobs[row].pack).or_default() += 1);
            }
        }
        first = copies.end;
    }
    needed
}

fn duplicates(table: &Table, findings: &mut Findings) {
    let (mut blobs, mut bytes, mut row) = (0, 0, 0);
    while row < table.blobs.len() {
        let copies = table.copies(row);
        blobs += copies.len() as u64 - 1;
        bytes += table.blobs[copies.start + 1..copies.end]
            .iter()
            .map(|b| b.stored())
            .sum::<u64>();
        row = copies.end;
    }
    if blobs > 0 {
        findings.add(Problem::Duplicates { blobs, bytes });
    }
}
