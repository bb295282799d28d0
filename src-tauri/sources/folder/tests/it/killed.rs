//! A restore that is killed leaves whole files only, and can be done again.

use std::{
    collections::BTreeMap,
    env, fs, io,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use backstay_model::{ContentHash, FileKind};
use backstay_source::{Expect, FileWriter, Result};

use crate::kit::{Scratch, entry, file_entry, live, open, walked, writer};

/// Names the folder to restore into; set only for the process that is going to be killed.
const VICTIM: &str = "BACKSTAY_TEST_RESTORE_INTO";
const FILES: usize = 400;
const KILLS: usize = 40;
/// New files (odd numbers) in the order in which they are restored.
const MARKS: [usize; 8] = [5, 205, 11, 301, 7, 193, 153, 249];

fn new_content(n: usize) -> Vec<u8> {
    format!("new {n} ").repeat(n * 40 + 1).into_bytes()
}

fn old_content(n: usize) -> Vec<u8> {
    format!("old {n}").into_bytes()
}

fn path(n: usize) -> String {
    format!("d{}/f{n}", n % 5)
}

/// Every second file replaces an old one.
fn restore(writer: &mut dyn FileWriter, redo: bool) -> Result<()> {
    for d in 0..5 {
        let directory = entry(&format!("d{d}"), FileKind::Directory, 0);
        writer.put(&directory, &mut io::empty(), Expect::Content(ContentHash::of(b"")))?;
        for n in (0..FILES).filter(|n| n % 5 == d) {
            let content = new_content(n);
            let expect = if n % 2 == 0 {
                Expect::Content(ContentHash::of(&old_content(n)))
            } else {
                Expect::Absent
            };
            let result = writer.put(&file_entry(&path(n), &content), &mut content.as_slice(), expect);
            // Done before the kill.
            if !redo || result.as_ref().is_ok() {
                result?;
            }
        }
    }
    writer.finish()
}

/// Does nothing by itself: the body of the process that the test below starts and kills.
#[test]
fn victim() {
    let Ok(root) = env::var(VICTIM) else { return };
    let source = open(Path::new(&root), serde_json::json!({})).unwrap();
    restore(&mut *writer(&*source), false).unwrap();
}

fn fill(scratch: &Scratch) {
    for n in 0..FILES {
        let full = scratch.root().join(path(n));
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        if n % 2 == 0 {
            fs::write(full, old_content(n)).unwrap();
        }
    }
}

#[test]
fn only_whole_files_after_a_kill_and_all_after_doing_it_again() {
    let mut stages = BTreeMap::new();
    for kill in 0..KILLS {
        let scratch = Scratch::in_memory();
        fill(&scratch);
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["killed::victim", "--exact"])
            .env(VICTIM, scratch.root())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // Each time a little further: when a certain new file has appeared, or the restore is over.
        let mark = scratch.root().join(path(MARKS[kill % MARKS.len()]));
        let deadline = Instant::now() + Duration::from_secs(10);
        while !mark.exists() && Instant::now() < deadline && child.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_micros(50));
        }
        thread::sleep(Duration::from_micros(37 * kill as u64));
        let _ = child.kill();
        child.wait().unwrap();

        let done = (0..FILES).filter(|n| match fs::read(scratch.root().join(path(*n))) {
            Ok(bytes) if bytes == new_content(*n) => true,
            Ok(bytes) => {
                assert!(n % 2 == 0 && bytes == old_content(*n), "half a file after kill {kill}: {n}");
                false
            }
            Err(_) => {
                assert!(n % 2 == 1, "a file is gone after kill {kill}: {n}");
                false
            }
        });
        *stages.entry(done.count() * 4 / FILES).or_insert(0) += 1;

        let source = scratch.plain();
        restore(&mut *writer(&*source), true).unwrap();
        let view = live(&*source);
        assert_eq!(walked(&*view, None).len(), FILES + 5, "no leftovers after kill {kill}");
        for n in 0..FILES {
            assert_eq!(view.hash(&path(n)).unwrap(), ContentHash::of(&new_content(n)), "{n}");
        }
    }
    assert!(stages.len() > 1, "the kills came at different stages: {stages:?}");
}
