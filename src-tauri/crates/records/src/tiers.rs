//! Which runs to merge, so that their number stays logarithmic and rewriting is amortised.

use crate::description::RunRef;

/// Runs of one size class before they are merged; also the ratio between classes.
const FAN: usize = 4;
/// Runs up to this weight are of the lowest class.
const SMALLEST: u64 = 1 << 20;
/// Most runs of a collection, whatever their sizes.
const MOST: usize = 16;
/// What an entry weighs besides its record.
const ENTRY: u64 = 32;

/// Size class of a run.
fn tier(run: &RunRef) -> u32 {
    let weight = run.bytes.saturating_add(run.entries.saturating_mul(ENTRY));
    let (mut tier, mut limit) = (0, SMALLEST);
    while weight > limit {
        tier += 1;
        limit = limit.saturating_mul(FAN as u64);
        if limit == u64::MAX {
            break;
        }
    }
    tier
}

/// How many of the newest of `runs` (oldest first) to merge into one; 0 for none.
///
/// Everything is merged when more than half of all stored records are superseded. Otherwise the newest runs are merged up to
/// the largest class of which four have gathered: each record is rewritten once per class, of which there are few.
pub(crate) fn to_merge(runs: &[RunRef]) -> usize {
    let sum = |of: fn(&RunRef) -> u64| runs.iter().fold(0_u64, |sum, run| sum.saturating_add(of(run)));
    let records = sum(|run| run.entries.saturating_sub(run.tombstones));
    let visible = sum(|run| run.visible);
    if runs.len() > 1 && records > visible.saturating_mul(2) {
        return runs.len();
    }
    let highest = runs.iter().map(tier).max().unwrap_or(0);
    for class in (0..=highest).rev() {
        let tail = runs.iter().rev().take_while(|run| tier(run) <= class);
        let (mut count, mut like) = (0, 0);
        for run in tail {
            count += 1;
            like += usize::from(tier(run) == class);
        }
        if like >= FAN {
            return count;
        }
    }
    if runs.len() > MOST { runs.len() - 1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(bytes: u64) -> RunRef {
        RunRef {
            name: "1".into(),
            entries: 10,
            tombstones: 0,
            visible: 10,
            bytes,
            seal: String::new(),
        }
    }

    #[test]
    fn like_runs_are_merged_and_the_base_is_left_alone() {
        let runs = |sizes: &[u64]| sizes.iter().map(|mib| run(mib << 20)).collect::<Vec<_>>();
        assert_eq!(to_merge(&runs(&[1000, 10, 10, 10])), 0);
        assert_eq!(to_merge(&runs(&[1000, 10, 10, 10, 10])), 4);
        assert_eq!(to_merge(&runs(&[1000, 60, 10, 3])), 0);
        assert_eq!(to_merge(&runs(&[1000, 60, 0, 0, 0, 0])), 4);
        assert_eq!(to_merge(&runs(&[1000, 0, 0, 10, 10, 10, 10])), 6);
        assert_eq!(to_merge(&runs(&[10; 4])), 4);
    }

    #[test]
    fn mostly_superseded_runs_are_all_merged() {
        let mut base = run(1 << 30);
        base.visible = 2;
        assert_eq!(to_merge(&[base.clone(), run(10)]), 0);
        base.visible = 0;
        base.entries = 30;
        assert_eq!(to_merge(&[base, run(10)]), 2);
    }

    #[test]
    fn the_number_of_runs_stays_small_and_so_does_the_rewriting() {
        let (mut runs, mut written) = (vec![run(1000 << 20)], 0);
        for _ in 0..1000 {
            let count = to_merge(&runs);
            let tail = runs.split_off(runs.len() - count);
            if !tail.is_empty() {
                let bytes = tail.iter().map(|run| run.bytes).sum();
                written += bytes;
                runs.push(run(bytes));
            }
            runs.push(run(10 << 20));
            assert!(runs.len() <= MOST + 1, "{}", runs.len());
        }
        assert!(written < (6 * 11_000) << 20, "{}", written >> 20);
    }
}
