//! Looks at every pack: size, header, and as far as asked every byte. Two threads, each with a window of one pack.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use rand::Rng as _;
use sha2::{Digest as _, Sha256};

use super::super::Steps;
use super::super::access::{Access, Opener};
use super::super::report::{Depth, Flaw, Problem, Severity};
use super::super::stock::ends_all;
use super::super::table::Table;
use crate::pack::{self, PackBlob};
use crate::place::FileKind;
use crate::{Damage, Id, Result, VaultError, file};

/// Bytes of a pack read at once; a larger blob is read whole.
const WINDOW: u64 = 4 << 20;
/// More do not help: two saturate the disks and connections people have, and leave the machine usable.
const THREADS: usize = 2;

/// What was read.
pub(super) struct Read {
    pub(super) depth: Depth,
    pub(super) packs: u64,
    pub(super) bytes: u64,
    /// By pack (row), in order.
    pub(super) findings: Vec<(u32, Problem)>,
    pub(super) bad_rows: HashMap<usize, Flaw>,
    pub(super) bad_packs: Vec<u32>,
}

/// What the threads share.
#[derive(Default)]
struct Shared {
    findings: Vec<(u32, Problem)>,
    bad_rows: HashMap<usize, Flaw>,
    packs: u64,
    bytes: u64,
    failed: Option<VaultError>,
}

impl Access {
    /// Looks at all packs; findings come in the order of the packs, whatever the threads did.
    pub(super) fn packs(&self, table: &Table, depth: Depth, steps: &Steps<'_>) -> Result<Read> {
        let (depth, chosen) = choose(table, depth);
        let shared = Mutex::new(Shared::default());
        let next = AtomicUsize::new(0);
        steps.begin(table.packs.len() as u64);
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    if let Err(e) = self.work(table, &chosen, &next, steps, &shared) {
                        next.store(table.packs.len(), Ordering::Relaxed);
                        shared.lock().failed.get_or_insert(e);
                    }
                });
            }
        });
        let mut shared = shared.into_inner();
        if let Some(e) = shared.failed {
            return Err(e);
        }
        shared.findings.sort_by_key(|(row, _)| *row);
        let mut bad_packs: Vec<u32> = shared
            .findings
            .iter()
            .filter(|(_, p)| is_damage(p))
            .map(|(row, _)| *row)
            .collect();
        bad_packs.extend(shared.bad_rows.keys().map(|row| table.blobs[*row].pack));
        bad_packs.sort_unstable();
        bad_packs.dedup();
        Ok(Read {
            depth,
            packs: shared.packs,
            bytes: shared.bytes,
            findings: shared.findings,
            bad_rows: shared.bad_rows,
            bad_packs,
        })
    }

    fn work(
        &self,
        table: &Table,
        chosen: &HashSet<u32>,
        next: &AtomicUsize,
        steps: &Steps<'_>,
        shared: &Mutex<Shared>,
    ) -> Result<()> {
        let mut opener = Opener::new(&self.key)?;
        let mut buffers = (Vec::new(), Vec::new());
        loop {
            let row = next.fetch_add(1, Ordering::Relaxed);
            let Some(pack) = table.packs.get(row) else { return Ok(()) };
            if !steps.go_on() {
                return Err(VaultError::Cancelled);
            }
            let number = u32::try_from(row).unwrap_or(u32::MAX);
            let mut problems = self.outside(table, number)?;
            // What looks wrong from outside is read in any case, to tell what can be saved.
            let read = pack.found.is_some() && (chosen.contains(&number) || problems.iter().any(is_damage));
            if read {
                let mut bad = Vec::new();
                let flaw = self.inside(table, number, &mut opener, &mut buffers, &mut bad)?;
                problems.extend(flaw.map(|flaw| Problem::PackDamaged { pack: pack.id, flaw }));
                let mut shared = shared.lock();
                shared.bad_rows.extend(bad);
                shared.packs += 1;
                shared.bytes += pack.found.unwrap_or(0);
            }
            shared.lock().findings.extend(problems.into_iter().map(|p| (number, p)));
            steps.done(1, if read { pack.found.unwrap_or(0) } else { 0 });
        }
    }

    /// Presence, size and header of a pack.
    fn outside(&self, table: &Table, number: u32) -> Result<Vec<Problem>> {
        let row = &table.packs[number as usize];
        let pack = row.id;
        let Some(found) = row.found else {
            return Ok(vec![Problem::PackMissing {
                pack,
                blobs: table.rows_of(number).len() as u64,
            }]);
        };
        if !row.indexed {
            // Whether anything in it is needed shows when the trees are walked.
            return Ok(vec![Problem::PackUnreferenced { pack, bytes: found }]);
        }
        let expected = table.expected(number);
        let mut problems = Vec::new();
        if found != expected {
            problems.push(Problem::PackSize { pack, expected, found });
        }
        match pack::read_header(self.place.as_ref(), &self.key, &pack, found) {
            Ok(header) if found == expected && !same(table, number, &header) => {
                problems.push(Problem::PackHeaderDiffers { pack });
            }
            Ok(_) => {}
            Err(e) if ends_all(&e) => return Err(e),
            Err(e) => problems.push(Problem::PackHeaderDamaged {
                pack,
                flaw: Flaw::of(&e),
            }),
        }
        Ok(problems)
    }

    /// Every byte of a pack: each blob is opened, and the whole hashed.
    fn inside(
        &self,
        table: &Table,
        number: u32,
        opener: &mut Opener,
        (window, plain): &mut (Vec<u8>, Vec<u8>),
        bad: &mut Vec<(usize, Flaw)>,
    ) -> Result<Option<Flaw>> {
        let pack = &table.packs[number as usize];
        let size = pack.found.unwrap_or(0);
        let (rows, odd) = in_order(table, number, size);
        bad.extend(odd.iter().map(|row| (*row as usize, Flaw::Damaged(Damage::Structure))));
        let mut hasher = Sha256::new();
        let mut unread = None;
        for cut in cuts(table, &rows, size) {
            let length = usize::try_from(cut.end - cut.start).unwrap_or(usize::MAX);
            match self.place.read_range(FileKind::Pack, &pack.id, cut.start, length, window) {
                Ok(()) => {}
                Err(e) => {
                    let e = e.into();
                    if ends_all(&e) {
                        return Err(e);
                    }
                    bad.extend(cut.rows.iter().map(|row| (*row as usize, Flaw::of(&e))));
                    unread = Some(Flaw::of(&e));
                    continue;
                }
            }
            hasher.update(&window);
            for row in cut.rows {
                let blob = &table.blobs[*row as usize].blob;
                let start = usize::try_from(u64::from(blob.offset) - cut.start).unwrap_or(usize::MAX);
                let sealed = &mut window[start..start + blob.length as usize];
                if let Err(damage) = opener.open(blob, sealed, plain) {
                    bad.push((*row as usize, Flaw::Damaged(damage)));
                }
            }
        }
        let digest = Id(hasher.finalize().into());
        Ok(unread.or_else(|| (digest != pack.id).then_some(Flaw::Damaged(Damage::Hash))))
    }
}

fn is_damage(problem: &Problem) -> bool {
    problem.severity() == Severity::Damage
}

/// A range of a pack that is read at once, with the blobs that lie in it.
struct Cut<'a> {
    start: u64,
    end: u64,
    rows: &'a [u32],
}

fn span(table: &Table, row: u32) -> (u64, u64) {
    let blob = &table.blobs[row as usize].blob;
    (u64::from(blob.offset), u64::from(blob.offset) + u64::from(blob.length))
}

/// Parts a pack's rows: those one behind another within its size, and the others, which no sound index has.
fn in_order(table: &Table, number: u32, size: u64) -> (Vec<u32>, Vec<u32>) {
    let mut filled = 0;
    table.rows_of(number).iter().partition(|row| {
        let (start, end) = span(table, **row);
        let fits = start >= filled && end <= size;
        if fits {
            filled = end;
        }
        fits
    })
}

/// Cuts a pack of `size` bytes into windows that begin and end between blobs.
fn cuts<'a>(table: &Table, rows: &'a [u32], size: u64) -> Vec<Cut<'a>> {
    let (mut cuts, mut at, mut next) = (Vec::new(), 0, 0);
    while at < size {
        let (first, mut end) = (next, (at + WINDOW).min(size));
        while let Some((start, stop)) = rows.get(next).map(|row| span(table, *row)).filter(|(start, _)| *start < end) {
            if stop > end && start > at {
                end = start;
                break;
            }
            // A blob larger than the window makes a window of its own.
            end = end.max(stop);
            next += 1;
        }
        cuts.push(Cut {
            start: at,
            end,
            rows: &rows[first..next],
        });
        at = end;
    }
    cuts
}

fn same(table: &Table, number: u32, header: &[PackBlob]) -> bool {
    table.blobs_of(number).count() == header.len() && table.blobs_of(number).zip(header).all(|(a, b)| a == b)
}

/// The packs to read in full, and the depth with its seed filled in.
fn choose(table: &Table, depth: Depth) -> (Depth, HashSet<u32>) {
    let numbers = 0..u32::try_from(table.packs.len()).unwrap_or(u32::MAX);
    let mut packs: Vec<u32> = numbers.filter(|n| table.packs[*n as usize].found.is_some()).collect();
    match depth {
        Depth::Structural => (depth, HashSet::new()),
        Depth::ReadAll => (depth, packs.into_iter().collect()),
        Depth::Sample { percent, seed } => {
            let seed = seed.unwrap_or_else(|| rand::rng().next_u64());
            let share = (packs.len() as f64 * (percent / 100.0).clamp(0.0, 1.0)).ceil();
            // A hash of seed and name: the choice depends on nothing else, on no order and no library's version.
            packs.sort_by_cached_key(|n| {
                Reverse(file::hash(
                    &[&seed.to_le_bytes(), table.packs[*n as usize].id.0.as_slice()].concat(),
                ))
            });
            packs.truncate((share as usize).max(1));
            (
                Depth::Sample {
                    percent,
                    seed: Some(seed),
                },
                packs.into_iter().collect(),
            )
        }
    }
}
