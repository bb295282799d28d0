//! Flipped bits, cut files and exchanged files of every class of a vault, read through the engine: everything a reader gets
//! is an error or the truth, `verify` finds what hurts, and nothing panics.

mod world;

use std::collections::BTreeMap;

use backstay_model::ErrorKind;
use backstay_vault::{Id, place::MemoryPlace};

use crate::dice::{Dice, rounds};
use world::{Got, kind_of};
pub use world::{World, back_up, connector, empty_vault, noon};

/// How often a harm was noticed by a reader, found by the check only, or changed nothing.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    refused: usize,
    found_only: usize,
    harmless: usize,
}

/// Harms a file: a flipped bit, a cut, or, seldom, other bytes.
fn harm(bytes: &[u8], dice: &mut Dice) -> (String, Vec<u8>) {
    let mut bad = bytes.to_vec();
    let at = dice.below(bytes.len());
    match dice.below(8) {
        0 | 1 => {
            bad.truncate(at);
            (format!("cut at {at} of {}", bytes.len()), bad)
        }
        2 => {
            let end = (at + 1 + dice.below(64)).min(bad.len());
            bad[at..end].fill(0);
            (format!("zeroed {at}..{end} of {}", bytes.len()), bad)
        }
        _ => {
            let bit = dice.below(8);
            bad[at] ^= 1 << bit;
            (format!("bit {bit} of byte {at} of {}", bytes.len()), bad)
        }
    }
}

fn content(place: &MemoryPlace, class: &str, id: &Id) -> Vec<u8> {
    use backstay_vault::place::Place as _;
    place.read(kind_of(class), id).unwrap().to_vec()
}

/// What a reader may say about damage. Anything else would blame the person, the network or ourselves.
const HONEST: [ErrorKind; 4] = [
    ErrorKind::Damaged,
    ErrorKind::Auth,
    ErrorKind::NotFound,
    ErrorKind::Unsupported,
];

/// Nothing wrong was read; what is missing was refused by name; what was refused is found by the check.
fn judge(world: &World, got: &Got, what: &str, tally: &mut Tally) {
    for (name, fact) in &got.facts {
        assert_eq!(Some(fact), world.whole.get(name), "{what}: wrong content of {name}");
    }
    for (kind, message) in &got.refused {
        assert!(HONEST.contains(kind), "{what}: {kind:?} {message}");
    }
    let missing = world.whole.len() - got.facts.len();
    assert!(
        missing == 0 || !got.refused.is_empty(),
        "{what}: {missing} facts are missing and nobody says so"
    );
    let checked = world.check();
    let sound = checked
        .as_ref()
        .is_ok_and(backstay_vault::maintain::report::CheckReport::is_sound);
    let clean = checked
        .as_ref()
        .is_ok_and(backstay_vault::maintain::report::CheckReport::is_clean);
    if got.refused.is_empty() {
        tally.found_only += usize::from(!clean);
        tally.harmless += usize::from(clean);
    } else {
        assert!(
            !sound,
            "{what}: refused {:?}, and the check finds nothing: {checked:?}",
            got.refused
        );
        tally.refused += 1;
    }
}

fn distort(world: &World, class: &'static str, times: usize, dice: &mut Dice, tallies: &mut BTreeMap<&'static str, Tally>) {
    let files = world.files(class);
    assert!(!files.is_empty(), "there are {class}");
    let tally = tallies.entry(class).or_default();
    for _ in 0..times {
        let id = files[dice.below(files.len())];
        let good = content(&world.place, class, &id);
        let (how, bad) = harm(&good, dice);
        let same = bad == good;
        world.place.tamper(kind_of(class), &id, |_| Some(bad));
        let what = format!("{class} {id:?}: {how}");
        judge(world, &world.read(class == "keys"), &what, tally);
        assert!(!same || tally.refused + tally.found_only + tally.harmless > 0);
        world.place.tamper(kind_of(class), &id, |_| Some(good));
    }
}

fn all_classes(test: &str, world: &World, times: usize) -> BTreeMap<&'static str, Tally> {
    let mut dice = Dice::new(test);
    let mut tallies = BTreeMap::new();
    for class in ["config", "keys", "snapshots", "index", "tree packs", "data packs"] {
        distort(world, class, rounds(times), &mut dice, &mut tallies);
    }
    let after = world.read(true);
    assert!(
        after.refused.is_empty() && after.facts == world.whole,
        "put back, all is as before"
    );
    println!("{test}: {tallies:#?}");
    tallies
}

#[test]
fn records_and_files() {
    let world = World::of_records_and_files();
    let tallies = all_classes("records_and_files", &world, 250);
    for (class, tally) in tallies {
        // A config is not used for reading; a key file has fields nobody relies on; an index is gone around.
        if class != "index" && class != "keys" {
            assert!(tally.harmless < 40, "{class}: {tally:?}");
        }
        assert!(tally.refused + tally.found_only > 100, "{class}: {tally:?}");
    }
}

#[test]
fn rows_of_a_stored_database() {
    let world = World::of_a_database();
    let tallies = all_classes("rows_of_a_stored_database", &world, 120);
    assert!(tallies["data packs"].refused > 60, "{tallies:?}");
}

/// Whole files under each other's names: sealed with the right key, and yet not what they claim to be.
#[test]
fn exchanged_files() {
    let world = World::of_records_and_files();
    let mut tally = Tally::default();
    for class in ["snapshots", "index", "tree packs", "data packs"] {
        let files = world.files(class);
        for a in &files {
            for b in files.iter().filter(|b| *b != a) {
                let good = content(&world.place, class, a);
                let other = content(&world.place, class, b);
                world.place.tamper(kind_of(class), a, |_| Some(other));
                judge(
                    &world,
                    &world.read(false),
                    &format!("{class}: {b:?} in place of {a:?}"),
                    &mut tally,
                );
                world.place.tamper(kind_of(class), a, |_| Some(good));
            }
        }
    }
    println!("exchanged: {tally:?}");
    assert!(tally.refused > 10 && tally.harmless == 0, "{tally:?}");
}

/// A lock that cannot be read may forbid anything: nobody writes past it, everybody may read.
#[test]
fn locks() {
    let world = World::of_records_and_files();
    let vault = world.open(false).unwrap();
    let foreign = backstay_vault::lock::LockInfo {
        time: chrono::Utc::now(),
        exclusive: true,
        hostname: "elsewhere".to_owned(),
        username: "somebody".to_owned(),
        pid: 4711,
        uid: 1,
        gid: 1,
        machine: None,
    };
    let id = vault.plant_lock(&foreign).unwrap();
    let good = content(&world.place, "locks", &id);
    let mut dice = Dice::new("locks");
    let mut passed = Vec::new();
    for _ in 0..rounds(200) {
        let (how, bad) = harm(&good, &mut dice);
        world.place.tamper(kind_of("locks"), &id, |_| Some(bad));
        match (vault.lock_shared(), vault.lock_exclusive()) {
            (Err(a), Err(b)) => assert_eq!((a.kind(), b.kind()), (ErrorKind::Locked, ErrorKind::Locked), "{how}"),
            _ => passed.push(how),
        }
    }
    assert!(passed.is_empty(), "written past a damaged lock: {passed:?}");
    let got = world.read(false);
    assert!(got.refused.is_empty() && got.facts == world.whole, "reading goes on");
    world.place.tamper(kind_of("locks"), &id, |_| None);
    drop(vault.lock_exclusive().unwrap());
}
