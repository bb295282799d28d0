//! Vaults no program should write, built piece by piece to be checked, pruned and repaired.

use std::sync::Arc;

use chrono::Utc;
use serde_json::json;

use super::access::Access;
use super::check::{CheckOptions, check};
use super::packer::{IndexChange, NewPack, Packer};
use super::prune::{PruneOptions, plan_prune, prune};
use super::repair::{RepairOptions, plan_repair, repair};
use super::report::{CheckReport, Depth, Flaw, Problem};
use super::stock::Headers;
use crate::pack::BlobKind;
use crate::place::{FileKind, MemoryPlace};
use crate::{CreateOptions, Damage, Host, Id, KeyCost, Vault, VaultError, file};

struct Craft {
    place: Arc<MemoryPlace>,
    vault: Vault,
    access: Access,
}

impl Craft {
    fn new() -> Self {
        let place = Arc::new(MemoryPlace::default());
        let options = CreateOptions {
            host: Host::current(),
            cost: KeyCost::Cheap,
        };
        let vault = Vault::create(place.clone(), "x", &options).unwrap();
        let access = Access::new(&vault);
        Self { place, vault, access }
    }

    /// Writes blobs into a pack of their own.
    fn pack(&self, kind: BlobKind, contents: &[&[u8]]) -> NewPack {
        let mut packer = Packer::new(&self.access, kind);
        contents.iter().for_each(|content| {
            packer.add(content).unwrap();
        });
        packer.finish().unwrap().remove(0)
    }

    fn index(&self, packs: &[&NewPack]) {
        let stock = self.access.stock(Headers::PassOver).unwrap();
        let added = packs.iter().map(|pack| (*pack).clone()).collect();
        self.access
            .write_index(
                &stock,
                IndexChange {
                    added,
                    ..Default::default()
                },
            )
            .unwrap();
    }

    fn snapshot(&self, tree: Id) -> Id {
        let json = json!({"time": "2026-01-01T00:00:00Z", "tree": tree, "paths": ["/"], "hostname": "h", "username": "u"});
        let json = serde_json::to_vec(&json).unwrap();
        file::write(&*self.place, self.vault.master_key(), 2, FileKind::Snapshot, &json).unwrap()
    }

    fn check(&self) -> CheckReport {
        let options = CheckOptions {
            depth: Depth::ReadAll,
            paths_per_snapshot: 9,
            now: Utc::now(),
        };
        check(&self.vault, &options, &()).unwrap()
    }

    fn flip(&self, pack: &NewPack) {
        self.place.tamper(FileKind::Pack, &pack.0, |mut content| {
            content[20] ^= 1;
            Some(content)
        });
    }
}

fn tree(name: &str, size: u64, content: &[&[u8]]) -> Vec<u8> {
    let content: Vec<Id> = content.iter().map(|c| file::hash(c)).collect();
    format!(
        "{}\n",
        json!({"nodes": [{"name": name, "type": "file", "size": size, "content": content}]})
    )
    .into_bytes()
}

fn options() -> RepairOptions {
    RepairOptions {
        depth: Depth::ReadAll,
        replace_snapshots: true,
        paths_per_snapshot: 9,
        now: Utc::now(),
    }
}

const PRUNE: PruneOptions = PruneOptions {
    max_unused_percent: 0.0,
    merge_small: false,
};

#[test]
fn a_file_of_another_size_than_stated_is_damage() {
    let craft = Craft::new();
    let listing = tree("a", 0, &[b"content"]);
    craft.index(&[
        &craft.pack(BlobKind::Data, &[b"content"]),
        &craft.pack(BlobKind::Tree, &[&listing]),
    ]);
    craft.snapshot(file::hash(&listing));
    let report = craft.check();
    let expected = Problem::FileSize {
        tree: file::hash(&listing),
        name: "a".into(),
        stated: 0,
        stored: 7,
    };
    assert_eq!(
        (report.problems.as_slice(), report.is_sound()),
        ([expected].as_slice(), false)
    );
}

#[test]
fn a_tree_that_is_none_is_damage_and_its_path_is_lost() {
    let craft = Craft::new();
    let rubbish = br#"{"nodes":[{"name":5}]}"#;
    let top = format!(
        "{}\n",
        json!({"nodes": [{"name": "d", "type": "dir", "subtree": file::hash(rubbish)}]})
    )
    .into_bytes();
    craft.index(&[&craft.pack(BlobKind::Tree, &[rubbish, &top])]);
    craft.snapshot(file::hash(&top));
    let report = craft.check();
    assert_eq!(
        report.problems,
        [Problem::TreeNotUnderstood {
            tree: file::hash(rubbish)
        }]
    );
    assert_eq!(
        (report.losses[0].paths[0].path.as_str(), report.losses[0].paths[0].directory),
        ("d", true)
    );
    let error = prune(&craft.vault, PRUNE, None, &()).unwrap_err();
    assert!(matches!(error, VaultError::Unsound { .. }), "{error}");
    repair(&craft.vault, options(), None, &()).unwrap();
    let left = craft.vault.snapshots().unwrap().good;
    assert_eq!(left.len(), 1, "the original is replaced");
    assert!(craft.check().is_sound());
}

#[test]
fn a_second_good_copy_saves_everything() {
    let craft = Craft::new();
    let listing = tree("a", 7, &[b"content"]);
    let bad = craft.pack(BlobKind::Data, &[b"content"]);
    let good = craft.pack(BlobKind::Data, &[b"content", b"more"]);
    craft.index(&[&bad, &good, &craft.pack(BlobKind::Tree, &[&listing])]);
    craft.snapshot(file::hash(&listing));
    craft.flip(&bad);
    let report = craft.check();
    assert!(!report.is_sound() && report.losses.is_empty(), "{report:?}");
    let damaged = Problem::BlobDamaged {
        blob: file::hash(b"content"),
        kind: BlobKind::Data,
        pack: bad.0,
        flaw: Flaw::Damaged(Damage::Seal),
    };
    assert!(report.problems.contains(&damaged), "{report:?}");
    repair(&craft.vault, options(), None, &()).unwrap();
    let report = craft.check();
    assert!(report.is_sound(), "{report:?}");
    assert_eq!(
        craft.vault.snapshots().unwrap().good.len(),
        1,
        "the snapshot needed no rewriting"
    );
    assert!(plan_repair(&craft.vault, options(), &()).unwrap().is_empty());
}

#[test]
fn prune_does_not_keep_a_rotten_copy_and_drop_the_good_one() {
    for rotten in [0, 1] {
        let craft = Craft::new();
        let listing = tree("a", 11, &[b"content", b"more"]);
        // The larger pack holds more that is needed, so that its copies would stay.
        let packs = [
            craft.pack(BlobKind::Data, &[b"content"]),
            craft.pack(BlobKind::Data, &[b"content", b"more"]),
        ];
        craft.index(&[&packs[0], &packs[1], &craft.pack(BlobKind::Tree, &[&listing])]);
        craft.snapshot(file::hash(&listing));
        let plan = plan_prune(&craft.vault, PRUNE, &()).unwrap();
        assert_eq!(plan.unused, [packs[0].0]);
        craft.flip(&packs[rotten]);
        let done = prune(&craft.vault, PRUNE, None, &());
        assert_eq!(done.is_ok(), rotten == 0, "{done:?}");
        let left = craft.vault.place().size(FileKind::Pack, &packs[0].0).unwrap();
        assert_eq!(left.is_some(), rotten == 1);
    }
}

#[test]
fn an_index_that_lies_about_offsets_is_found_and_mended() {
    let craft = Craft::new();
    let listing = tree("a", 11, &[b"content", b"more"]);
    let mut pack = craft.pack(BlobKind::Data, &[b"content", b"more"]);
    pack.1[1].offset -= 3;
    craft.index(&[&pack, &craft.pack(BlobKind::Tree, &[&listing])]);
    craft.snapshot(file::hash(&listing));
    let report = craft.check();
    assert!(
        report.problems.contains(&Problem::PackHeaderDiffers { pack: pack.0 }),
        "{report:?}"
    );
    let done = repair(&craft.vault, options(), None, &()).unwrap();
    assert!(!done.plan.is_empty(), "{:?}", done.plan.steps);
    let report = craft.check();
    assert!(report.is_sound() && report.losses.is_empty(), "{report:?}");
    let snapshot = &craft.vault.snapshots().unwrap().good[0];
    assert_eq!(done.rewritten, [], "the pack's own header knew better");
    let node = craft.vault.reader().unwrap().find(snapshot, "a").unwrap().unwrap();
    let mut content = [0; 11];
    craft.vault.reader().unwrap().read_at(&node, 0, &mut content).unwrap();
    assert_eq!(&content, b"contentmore");
}
