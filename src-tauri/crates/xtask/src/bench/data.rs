//! The data that is backed up: a database, records and small files, in four states each.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::text::{Numbers, Words};

/// The file the records lie in.
pub(crate) const RECORDS_FILE: &str = "records.ndjson";
const RECORDS: u64 = 1_500_000;
const ROWS: u64 = 1_400_000;
const FILES: u64 = 100_000;

/// What is backed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Workload {
    /// One SQLite database of 1 GiB.
    Sqlite,
    /// 1.5 million records with random ids, 1 GiB of NDJSON.
    Records,
    /// 100,000 files of 1 KiB.
    Files,
}

impl Workload {
    pub(crate) const ALL: [Self; 3] = [Self::Sqlite, Self::Records, Self::Files];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Records => "records",
            Self::Files => "files",
        }
    }

    pub(crate) fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|workload| workload.name() == name)
    }
}

/// The states the data goes through; each backup sees the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(crate) enum State {
    First,
    Unchanged,
    /// 1 % is added at the end.
    End,
    /// Beyond that, 1 % is changed all over.
    Scattered,
}

impl State {
    pub(crate) const ALL: [Self; 4] = [Self::First, Self::Unchanged, Self::End, Self::Scattered];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::First => "first backup",
            Self::Unchanged => "unchanged",
            Self::End => "1 % at the end",
            Self::Scattered => "1 % scattered",
        }
    }
}

/// Brings the data in `folder` from the state before to `state`.
pub(crate) fn make(workload: Workload, state: State, folder: &Path, scale: u64) -> Result<()> {
    fs::create_dir_all(folder)?;
    match workload {
        _ if state == State::Unchanged => Ok(()),
        Workload::Sqlite => sqlite(&folder.join("app.db"), state, ROWS * scale / 100),
        Workload::Records => records(&folder.join(RECORDS_FILE), state, RECORDS * scale / 100),
        Workload::Files => files(folder, state, FILES * scale / 100),
    }
}

/// Whether the item is among the 1 % that change all over.
fn is_scattered(item: u64) -> bool {
    Numbers::new(item ^ 0x5ca7).next().is_multiple_of(100)
}

fn sqlite(path: &Path, state: State, rows: u64) -> Result<()> {
    let mut program = Command::new("sqlite3")
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()
        .context("starting sqlite3")?;
    {
        let mut sql = BufWriter::new(program.stdin.take().context("a pipe to sqlite3")?);
        let words = Words::new();
        sql.write_all(b"PRAGMA synchronous = off; BEGIN;\n")?;
        match state {
            State::First => {
                sql.write_all(b"CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT, body TEXT, changed INTEGER);\n")?;
                (0..rows).try_for_each(|row| insert(&mut sql, &words, row))?;
            }
            State::Unchanged => {}
            State::End => (rows..rows + rows / 100).try_for_each(|row| insert(&mut sql, &words, row))?,
            State::Scattered => {
                for row in (0..rows).filter(|row| is_scattered(*row)) {
                    writeln!(sql, "UPDATE notes SET body = '{}' WHERE id = {row};", body(&words, row, 1))?;
                }
            }
        }
        sql.write_all(b"COMMIT;\n")?;
        sql.flush()?;
    }
    ensure!(program.wait()?.success(), "sqlite3 failed");
    Ok(())
}

fn insert(sql: &mut impl Write, words: &Words, row: u64) -> std::io::Result<()> {
    let text = body(words, row, 0);
    writeln!(
        sql,
        "INSERT INTO notes VALUES ({row}, '{}', '{text}', {row});",
        &text[..text.len().min(24)]
    )
}

/// About 700 bytes that depend on the item and its version.
fn body(words: &Words, item: u64, version: u64) -> String {
    let mut text = String::with_capacity(720);
    words.write(&mut Numbers::new(item * 2 + version), 690, &mut text);
    text
}

/// An export as other tools make it: one record a line, sorted by id.
fn records(path: &Path, state: State, count: u64) -> Result<()> {
    let mut items: Vec<(u64, u64)> = (0..count).map(|item| (Numbers::new(item).next(), item)).collect();
    items.sort_unstable();
    let added = if state >= State::End { count / 100 } else { 0 };
    // New ids that sort last.
    items.extend((0..added).map(|more| (u64::MAX - added + more, count + more)));
    let words = Words::new();
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    for (id, item) in items {
        let version = u64::from(state == State::Scattered && item < count && is_scattered(item));
        let text = body(&words, item, version);
        let tail = Numbers::new(id).next();
        writeln!(
            out,
            r#"{{"id":"{id:016x}{tail:016x}","data":{{"title":"{}","text":"{text}","n":{item}}}}}"#,
            &text[..24]
        )?;
    }
    Ok(out.flush()?)
}

fn files(folder: &Path, state: State, count: u64) -> Result<()> {
    let words = Words::new();
    let (items, version): (Box<dyn Iterator<Item = u64>>, u64) = match state {
        State::First => (Box::new(0..count), 0),
        State::Unchanged => return Ok(()),
        State::End => (Box::new(count..count + count / 100), 0),
        State::Scattered => (Box::new((0..count).filter(|file| is_scattered(*file))), 1),
    };
    for file in items {
        let below = folder.join(format!("{:03}", file / 1000));
        fs::create_dir_all(&below)?;
        let mut text = String::with_capacity(1100);
        words.write(&mut Numbers::new(file * 2 + version), 1024, &mut text);
        text.truncate(1024);
        fs::write(below.join(format!("{file}.txt")), text)?;
    }
    Ok(())
}
