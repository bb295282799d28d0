//! What a source is filled with for a check.

use std::collections::BTreeMap;

/// A state of a source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seed {
    /// Records by collection. The order of collections and records means nothing.
    pub collections: BTreeMap<String, Vec<SeedRecord>>,
    /// Content of files by path; directories are made as needed.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// A record: a source that gives its own ids may keep `id` as a field, the rest must come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedRecord {
    /// Id, unique in its collection.
    pub id: String,
    /// Any text.
    pub title: String,
    /// Any number.
    pub amount: i64,
    /// Attachments, by their names; left out by sources that have none.
    pub attachments: BTreeMap<String, Vec<u8>>,
}

const TITLES: [&str; 5] = [
    "plain",
    "Grüße, 世界 👩‍👩‍👧",
    "quote \" and \\ slash",
    "line\nbreak\ttab",
    "  edges  ",
];

impl Seed {
    /// Two collections (one large enough for several pages, one small) and some files.
    pub(super) fn usual() -> Self {
        let mut seed = Self::default();
        for (name, count) in [("items", 1_234), ("things", 3)] {
            seed.collections.insert(name.to_owned(), (0..count).map(record).collect());
        }
        for n in 0..40_usize {
            let content = TITLES[n % TITLES.len()].repeat(n).into_bytes();
            seed.files.insert(format!("d{}/e{}/file {n}.txt", n % 3, n % 2), content);
        }
        seed.files.insert(
            "ünïcode/世界.bin".to_owned(),
            (0..70_000_u32).flat_map(u32::to_le_bytes).collect(),
        );
        seed.files.insert("empty".to_owned(), Vec::new());
        seed
    }

    /// The same after a day of work: one record changed, one gone, one new; the like for files.
    pub(super) fn changed() -> Self {
        let mut seed = Self::usual();
        if let Some(items) = seed.collections.get_mut("items") {
            items[500].title = "changed".to_owned();
            items.remove(700);
            items.push(record(5_000));
            items[35].attachments.insert(CHANGED.to_owned(), b"other content".to_vec());
        }
        seed.files.insert("empty".to_owned(), b"no longer".to_vec());
        seed.files.remove("d0/e0/file 6.txt");
        seed.files.insert("d1/new".to_owned(), b"new".to_vec());
        seed
    }
}

fn record(n: usize) -> SeedRecord {
    SeedRecord {
        id: format!("{:08x}-{n}", n.wrapping_mul(2_654_435_761) & 0xffff_ffff),
        title: format!("{} {n}", TITLES[n % TITLES.len()]),
        amount: i64::try_from(n).unwrap_or(0) - 600,
        attachments: attachments(n),
    }
}

/// The attachment of `Seed::changed` that differs from `Seed::usual`.
pub(super) const CHANGED: &str = "pïcture.PNG";

/// Few records have attachments: an empty one, a large one, and one that several have.
fn attachments(n: usize) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    if n.is_multiple_of(35) && n < 200 {
        all.insert(CHANGED.to_owned(), format!("content {n}").repeat(n).into_bytes());
    }
    if n.is_multiple_of(70) && n < 200 {
        all.insert("the same.txt".to_owned(), b"the same".to_vec());
    }
    if n == 140 {
        all.insert("large".to_owned(), (0..300_000_u32).flat_map(u32::to_le_bytes).collect());
    }
    all
}
