//! Signs of life, absences, and the look from outside.

use backstay_journal::{Beat, Journal};

use crate::{Place, at};

fn beat(pid: u32, second: i64) -> Beat {
    Beat {
        at: at(second),
        boot: "boot-1".to_owned(),
        awake_micros: 1_000_000 * second.unsigned_abs(),
        since_boot_micros: 2_000_000 * second.unsigned_abs(),
        program: "agent 1.0".to_owned(),
        pid,
    }
}

#[test]
fn the_last_beat_is_the_one_written_last() {
    let place = Place::make();
    let watch = place.journal.watch();
    assert_eq!(watch.last_beat().unwrap(), None);
    watch.beat(&beat(1, 100)).unwrap();
    watch.beat(&beat(2, 200)).unwrap();
    // The clock was set back.
    watch.beat(&beat(1, 50)).unwrap();
    assert_eq!(watch.last_beat().unwrap(), Some(beat(1, 50)));
    let other = Beat {
        boot: "boot-2".to_owned(),
        ..beat(1, 60)
    };
    watch.beat(&other).unwrap();
    assert_eq!(
        Journal::open(&place.home).unwrap().watch().last_beat().unwrap(),
        Some(other.clone())
    );
    // One row a process, however long it lives.
    for second in 0..50 {
        watch.beat(&beat(2, 300 + second)).unwrap();
    }
    let db = rusqlite::Connection::open(place.home.database()).unwrap();
    let rows = |db: &rusqlite::Connection| -> i64 { db.query_row("SELECT count(*) FROM beats", [], |row| row.get(0)).unwrap() };
    assert_eq!(rows(&db), 3);
    watch.prune(at(9_999)).unwrap();
    assert_eq!(
        (rows(&db), watch.last_beat().unwrap()),
        (1, Some(beat(2, 349))),
        "the last one stays"
    );
}

#[test]
fn absences_and_the_last_look() {
    let place = Place::make();
    let watch = place.journal.watch();
    watch.absence(at(10), at(20), "asleep").unwrap();
    watch.absence(at(40), at(50), "notRunning").unwrap();
    // Two programs started after it and both noticed.
    watch.absence(at(10), at(25), "off").unwrap();
    watch.absence(at(10), at(15), "asleep").unwrap();
    let told = |since| -> Vec<_> {
        let absences = watch.absences(at(since)).unwrap();
        absences
            .into_iter()
            .map(|absence| (absence.from, absence.to, absence.why))
            .collect()
    };
    let (first, second) = ((at(10), at(25), "off".to_owned()), (at(40), at(50), "notRunning".to_owned()));
    assert_eq!(told(0), [first.clone(), second.clone()]);
    assert_eq!(told(25), [first, second.clone()]);
    assert_eq!(told(26), std::slice::from_ref(&second));
    watch.prune(at(30)).unwrap();
    assert_eq!(told(0), [second]);

    assert_eq!(watch.last_look().unwrap(), None);
    watch.looked(at(60), "well").unwrap();
    watch.looked(at(55), "notRunning").unwrap();
    assert_eq!(watch.last_look().unwrap(), Some((at(55), "notRunning".to_owned())));
}
