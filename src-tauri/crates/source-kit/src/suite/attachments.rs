//! Attachments: given once with their hashes, not read again, opened from the live side, brought back.

use std::{collections::BTreeMap, io::Read as _, sync::Arc};

use backstay_model::Record;
use backstay_source::{Cancel, Expect, Planned, RecordView, WriteStep};
use sha2::{Digest as _, Sha256};

use super::{
    Bench, Check, Checked, Detail, Failure, Seed,
    records::{live, names, scan, taken},
    state::CHANGED,
};
use crate::{DirSink, Taken};

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("attachments: a run gives each content once, with its hash", given_once),
    ("attachments: an unchanged one is not read again", not_again),
    ("attachments: a changed one is read, and no other", changed),
    ("attachments: the live view opens the same", opened),
];

pub(super) const WRITES: &[(&str, Check)] = &[("attachments: a record that is written brings its own", brought_back)];

/// Content by record title and attachment name: ids may be the source's own.
type Contents = BTreeMap<(String, String), String>;

fn hash(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}

/// What the seed attaches, as hashes.
fn seeded(seed: &Seed) -> Contents {
    let mut all = Contents::new();
    for record in seed.collections.values().flatten() {
        for (name, content) in &record.attachments {
            all.insert((record.title.clone(), name.clone()), hash(content));
        }
    }
    all
}

/// The seeded title of a record: the longest one that stands in its data.
fn title(seed: &Seed, record: &Record) -> Option<String> {
    let text = record.data.value().ok()?.to_string();
    let titles = seed.collections.values().flatten().map(|seeded| &seeded.title);
    let stands = |title: &&String| text.contains(serde_json::Value::from(title.as_str()).to_string().trim_matches('"'));
    titles.filter(stands).max_by_key(|title| title.len()).cloned()
}

/// What the records of a view attach, as hashes of the content it opens.
fn attached(bench: &Bench<'_>, seed: &Seed, view: &dyn RecordView, told: bool) -> Result<Contents, Failure> {
    let mut all = Contents::new();
    for name in names(bench, view)? {
        for record in scan(bench, view, &name, None)?.into_iter().filter(|r| !r.assets.is_empty()) {
            let title = title(seed, &record).unwrap_or_default();
            for asset in &record.assets {
                let (size, mut content) = bench.ok(view.open_asset(&name, &record, asset))?;
                let mut bytes = Vec::new();
                bench.holds("an attachment can be read", content.read_to_end(&mut bytes).is_ok())?;
                bench.same(&(bytes.len() as u64), &size)?;
                bench.holds("the size told is right", asset.size.is_none_or(|told| told == size))?;
                let hash = hash(&bytes);
                let right = asset.sha256.as_ref().map_or(!told, |told| *told == hash);
                bench.holds("the hash told is right", right)?;
                all.insert((title.clone(), asset.name.clone()), hash);
            }
        }
    }
    Ok(all)
}

fn first(bench: &Bench<'_>) -> Result<(Arc<Taken>, Option<backstay_model::RawJson>), Failure> {
    bench.ok(bench.harness.seed(&Seed::usual()))?;
    let (taken, cursor) = taken(bench, None, DirSink::new())?;
    Ok((Arc::new(taken), cursor))
}

fn given_once(bench: &Bench<'_>) -> Checked {
    let (taken, _) = first(bench)?;
    let seed = Seed::usual();
    let wanted = seeded(&seed);
    bench.same(&wanted, &attached(bench, &seed, &*taken, true)?)?;
    let all: usize = seed.collections.values().flatten().map(|r| r.attachments.len()).sum();
    bench.holds("no attachment is read twice", taken.assets_read.len() <= all)
}

fn not_again(bench: &Bench<'_>) -> Checked {
    let (first, cursor) = first(bench)?;
    let seed = Seed::usual();
    for cursor in [cursor, None] {
        let (second, _) = taken(bench, cursor.as_ref(), DirSink::after(Arc::clone(&first)))?;
        bench.same(&Vec::<String>::new(), &second.assets_read)?;
        bench.same(&seeded(&seed), &attached(bench, &seed, &second, true)?)?;
    }
    Ok(())
}

fn changed(bench: &Bench<'_>) -> Checked {
    let (first, cursor) = first(bench)?;
    let seed = Seed::changed();
    bench.ok(bench.harness.seed(&seed))?;
    let (second, _) = taken(bench, cursor.as_ref(), DirSink::after(first))?;
    bench.same(&vec![CHANGED.to_owned()], &second.assets_read)?;
    bench.same(&seeded(&seed), &attached(bench, &seed, &second, true)?)
}

fn opened(bench: &Bench<'_>) -> Checked {
    let seed = Seed::usual();
    bench.ok(bench.harness.seed(&seed))?;
    bench.same(&seeded(&seed), &attached(bench, &seed, &*live(bench)?, false)?)
}

fn brought_back(bench: &Bench<'_>) -> Checked {
    let (taken, _) = first(bench)?;
    let seed = Seed::usual();
    let before = live(bench)?;
    let mut steps = Vec::new();
    for name in names(bench, &*taken)? {
        for record in scan(bench, &*taken, &name, None)?
            .into_iter()
            .filter(|r| !r.assets.is_empty())
        {
            let there = bench.ok(before.get(&name, &record.id))?;
            let there = there.ok_or_else(|| bench.fail(Detail::Breach("a record of the run is not live".to_owned())))?;
            steps.push((name.clone(), record, there.hash));
        }
    }
    drop(before);
    for delete in [true, false] {
        let writes: Vec<(&str, WriteStep, Expect)> = steps
            .iter()
            .map(|(name, record, hash)| match delete {
                true => (name.as_str(), WriteStep::Delete(record.id.clone()), Expect::Content(*hash)),
                false => (name.as_str(), WriteStep::Create(record.clone()), Expect::Absent),
            })
            .collect();
        let planned: Vec<Planned<'_>> = writes
            .iter()
            .map(|(collection, step, expect)| Planned {
                collection,
                step,
                expect: *expect,
            })
            .collect();
        let view = live(bench)?;
        let mut writer = bench.ok(bench.source.record_writer(&*view, &Cancel::default()))?;
        drop(view);
        for collection in planned.chunk_by(|a, b| a.collection == b.collection) {
            let results = writer.write_many(collection, &*taken);
            bench.same(&collection.len(), &results.len())?;
            for result in results {
                bench.ok(result)?;
            }
        }
        bench.ok(writer.commit())?;
    }
    bench.same(&seeded(&seed), &attached(bench, &seed, &*live(bench)?, false)?)
}
