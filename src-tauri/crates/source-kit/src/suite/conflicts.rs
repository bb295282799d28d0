//! Versions in conflict: found, shown, settled, and never settled behind somebody's back.

use backstay_model::{ContentHash, ErrorKind};
use backstay_source::{Cancel, Conflicts};

use super::{Bench, Check, Checked, Detail, Failure, Seed, records::live, writes::items};

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("conflicts: without any, there are none", none),
    ("conflicts: found, shown, settled", settled),
];

fn conflicts<'a>(bench: &'a Bench<'_>) -> Result<&'a dyn Conflicts, Failure> {
    let found = bench.source.conflicts();
    found.ok_or_else(|| bench.fail(Detail::Breach("says it has conflicts and cannot show them".to_owned())))
}

fn none(bench: &Bench<'_>) -> Checked {
    bench.ok(bench.harness.seed(&Seed::usual()))?;
    let name = items(bench, &*live(bench)?)?;
    let page = bench.ok(conflicts(bench)?.list(&name, None, 10, &Cancel::default()))?;
    bench.same(&0, &page.found.len())?;
    bench.same(&None, &page.next)
}

fn settled(bench: &Bench<'_>) -> Checked {
    bench.ok(bench.harness.seed(&Seed::usual()))?;
    let view = live(bench)?;
    let name = items(bench, &*view)?;
    let ids: Vec<String> = bench.ok(view.page(&name, 10, 3))?.into_iter().map(|r| r.id).collect();
    for id in &ids {
        if !bench.ok(bench.harness.conflict(&name, id, "another title"))? {
            return Ok(());
        }
    }
    let (conflicts, cancel) = (conflicts(bench)?, Cancel::default());
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = bench.ok(conflicts.list(&name, after.as_deref(), 2, &cancel))?;
        bench.holds("a page has no more than asked for", page.found.len() <= 2)?;
        found.extend(page.found.into_iter().map(|(record, versions)| (record.id, versions)));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    bench.same(&ids.iter().map(|id| (id.clone(), 2)).collect(), &found)?;
    let versions = bench.ok(conflicts.versions(&name, &ids[0]))?;
    bench.same(&2, &versions.len())?;
    let kept = &versions[1];
    let from = kept.rev.clone().unwrap_or_default();
    let other = ContentHash::of(b"something else");
    let refused = conflicts.settle(&name, &ids[0], &kept.data, &from, other);
    bench.same(&Err(ErrorKind::Changed), &refused.map(|_| ()).map_err(|e| e.kind))?;
    let now = bench.ok(live(bench)?.get(&name, &ids[0]))?;
    let now = now.ok_or_else(|| bench.fail(Detail::Breach("a record in conflict is gone".to_owned())))?;
    let written = bench.ok(conflicts.settle(&name, &ids[0], &kept.data, &from, now.hash))?;
    let after = bench.ok(live(bench)?.get(&name, &ids[0]))?;
    bench.same(&after.map(|record| record.hash), &written.hash)?;
    bench.same(&1, &bench.ok(conflicts.versions(&name, &ids[0]))?.len())?;
    let left = bench.ok(conflicts.list(&name, None, 10, &cancel))?;
    bench.same(
        &ids[1..].to_vec(),
        &left.found.into_iter().map(|(record, _)| record.id).collect(),
    )
}
