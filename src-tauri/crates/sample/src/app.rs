//! The notes app: projects, tasks, people, notes and tags in a LiveStore workspace, about two thousand rows.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, Transaction, params};
use serde_json::json;

use crate::{
    Result, Sample,
    chance::Chance,
    folder,
    texts::{Texts, texts},
};

const TASKS: usize = 640;
const NOTES: usize = 240;
const PEOPLE: usize = 48;

const STATE: &str = "\
CREATE TABLE projects (id TEXT PRIMARY KEY, name TEXT NOT NULL, colour TEXT NOT NULL, created TEXT NOT NULL, archived INTEGER NOT NULL DEFAULT 0);
CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT, email TEXT, phone TEXT);
CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE tasks (id TEXT PRIMARY KEY, project TEXT NOT NULL REFERENCES projects (id), title TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0,
  due TEXT, hours REAL, person TEXT REFERENCES people (id), changed TEXT NOT NULL);
CREATE INDEX tasks_by_project ON tasks (project);
CREATE TABLE notes (id TEXT PRIMARY KEY, project TEXT REFERENCES projects (id), title TEXT NOT NULL, body TEXT NOT NULL, changed TEXT NOT NULL);
CREATE TABLE task_tags (task TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE, tag INTEGER NOT NULL REFERENCES tags (id), PRIMARY KEY (task, tag)) WITHOUT ROWID;
CREATE TABLE __livestore_schema (tableName TEXT PRIMARY KEY, schemaHash INTEGER NOT NULL, updatedAt TEXT NOT NULL) STRICT;";

const EVENTS: &str = "\
CREATE TABLE eventlog (seqNumGlobal INTEGER NOT NULL, seqNumClient INTEGER NOT NULL, name TEXT NOT NULL, argsJson TEXT NOT NULL,
  PRIMARY KEY (seqNumGlobal, seqNumClient)) STRICT;
CREATE TABLE __livestore_sync_status (head INTEGER PRIMARY KEY, backendId TEXT) STRICT;
INSERT INTO __livestore_sync_status VALUES (0, NULL);";

const COLOURS: &[&str] = &["#2f6f4f", "#8a4fff", "#c2571a", "#1d6fa5", "#b03060", "#6b705c"];

pub(crate) fn make(sample: &Sample) -> Result<()> {
    let database = sample.database();
    if let Some(parent) = database.parent() {
        folder(parent)?;
    }
    let mut state = Connection::open(&database)?;
    state.execute_batch("PRAGMA page_size = 8192; PRAGMA journal_mode = DELETE; PRAGMA foreign_keys = ON;")?;
    state.execute_batch(STATE)?;
    let fill = state.transaction()?;
    let maker = Maker {
        texts: texts(sample.language),
        today: sample.today,
        fill: &fill,
    };
    maker.all()?;
    fill.commit()?;
    let events = Connection::open(database.with_file_name("eventlog@6.db"))?;
    events.execute_batch("PRAGMA page_size = 8192;")?;
    events.execute_batch(EVENTS)?;
    event(&events, "v1.WorkspaceCreated", &json!({ "name": "Notes" }))
}

fn event(events: &Connection, name: &str, args: &serde_json::Value) -> Result<()> {
    events.execute(
        "INSERT INTO eventlog VALUES ((SELECT coalesce(max(seqNumGlobal), 0) + 1 FROM eventlog), 0, ?1, ?2)",
        (name, args.to_string()),
    )?;
    Ok(())
}

struct Maker<'a> {
    texts: &'static Texts,
    today: DateTime<Utc>,
    fill: &'a Transaction<'a>,
}

impl Maker<'_> {
    fn all(&self) -> Result<()> {
        let mut chance = Chance::new(7);
        for (at, name) in self.texts.projects.iter().enumerate() {
            let colour = COLOURS.get(at % COLOURS.len()).copied().unwrap_or_default();
            let created = self.day(-400 + 25 * at as i64);
            self.fill.execute(
                "INSERT INTO projects VALUES (?1, ?2, ?3, ?4, ?5)",
                params![project_id(at), name, colour, created, at % 6 == 5],
            )?;
        }
        for at in 0..PEOPLE {
            let (first, last) = (chance.one(self.texts.first), chance.one(self.texts.last));
            let email = format!("{}.{at}@example.org", first.to_lowercase());
            let phone = format!("+49 30 55{:02} {:03}", at, chance.below(1000));
            self.fill.execute(
                "INSERT INTO people VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    person_id(at),
                    format!("{first} {last}"),
                    chance.one(self.texts.roles),
                    email,
                    phone
                ],
            )?;
        }
        for (at, tag) in self.texts.tags.iter().enumerate() {
            self.fill
                .execute("INSERT INTO tags VALUES (?1, ?2)", params![at as i64 + 1, tag])?;
        }
        (0..TASKS).try_for_each(|at| self.task(&mut chance, at))?;
        (0..NOTES).try_for_each(|at| self.note(&mut chance, at))
    }

    fn task(&self, chance: &mut Chance, at: usize) -> Result<()> {
        let days = chance.below(240) as i64 - 180;
        let done = days < 0 && !chance.in_hundred(20);
        let due = chance.in_hundred(70).then(|| self.day(days));
        let hours = chance.in_hundred(40).then(|| (chance.below(16) + 1) as f64 / 2.0);
        let person = chance.in_hundred(50).then(|| person_id(chance.below(PEOPLE)));
        let project = project_id(chance.below(self.texts.projects.len()));
        let changed = self.time(days.min(0), chance);
        self.fill.execute(
            "INSERT INTO tasks VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![task_id(at), project, self.title(chance), done, due, hours, person, changed],
        )?;
        for _ in 0..chance.below(4) {
            let tag = chance.below(self.texts.tags.len()) as i64 + 1;
            self.fill
                .execute("INSERT OR IGNORE INTO task_tags VALUES (?1, ?2)", params![task_id(at), tag])?;
        }
        Ok(())
    }

    fn title(&self, chance: &mut Chance) -> String {
        let (verb, thing) = (chance.one(self.texts.verbs), chance.one(self.texts.things));
        self.texts.task.replace("{v}", verb).replace("{t}", thing)
    }

    fn note(&self, chance: &mut Chance, at: usize) -> Result<()> {
        let days = -(chance.below(380) as i64);
        let title = format!("{} {}", chance.one(self.texts.topics), self.day(days));
        let project = chance
            .in_hundred(80)
            .then(|| project_id(chance.below(self.texts.projects.len())));
        let body = body(self.texts, chance);
        self.fill.execute(
            "INSERT INTO notes VALUES (?1, ?2, ?3, ?4, ?5)",
            params![note_id(at), project, title, body, self.time(days, chance)],
        )?;
        Ok(())
    }

    fn day(&self, days: i64) -> String {
        (self.today + TimeDelta::days(days)).format("%Y-%m-%d").to_string()
    }

    fn time(&self, days: i64, chance: &mut Chance) -> String {
        let minute = TimeDelta::minutes(chance.below(840) as i64);
        (self.today + TimeDelta::days(days) - minute)
            .format("%Y-%m-%dT%H:%M:00Z")
            .to_string()
    }
}

/// Some paragraphs; every tenth text is a long one.
fn body(texts: &Texts, chance: &mut Chance) -> String {
    let paragraphs = if chance.in_hundred(10) {
        12 + chance.below(12)
    } else {
        1 + chance.below(4)
    };
    let mut out = String::new();
    for _ in 0..paragraphs {
        for _ in 0..2 + chance.below(4) {
            out.push_str(chance.one(texts.sentences));
            out.push(' ');
        }
        out.pop();
        out.push_str("\n\n");
    }
    out.truncate(out.trim_end().len());
    out
}

fn project_id(at: usize) -> String {
    format!("project-{:02}", at + 1)
}

fn person_id(at: usize) -> String {
    format!("person-{:03}", at + 1)
}

fn task_id(at: usize) -> String {
    format!("task-{:04}", at + 1)
}

fn note_id(at: usize) -> String {
    format!("note-{:04}", at + 1)
}

fn open(sample: &Sample) -> Result<Connection> {
    let state = Connection::open(sample.database())?;
    state.busy_timeout(std::time::Duration::from_secs(10))?;
    state.execute_batch("PRAGMA foreign_keys = ON;")?;
    Ok(state)
}

pub(crate) fn work(sample: &Sample, day: u32) -> Result<()> {
    let mut state = open(sample)?;
    let fill = state.transaction()?;
    let mut chance = Chance::new(1000 + u64::from(day));
    let maker = Maker {
        texts: texts(sample.language),
        today: sample.today,
        fill: &fill,
    };
    let first = TASKS + 20 * day as usize;
    (first..first + 8).try_for_each(|at| maker.task(&mut chance, at))?;
    maker.note(&mut chance, NOTES + day as usize)?;
    let now = maker.time(0, &mut chance);
    for _ in 0..14 {
        let task = task_id(chance.below(TASKS));
        fill.execute(
            "UPDATE tasks SET done = 1 - done, changed = ?2 WHERE id = ?1",
            params![task, now],
        )?;
    }
    for _ in 0..3 {
        let more = chance.one(maker.texts.sentences);
        let note = note_id(chance.below(NOTES));
        fill.execute(
            "UPDATE notes SET body = body || char(10) || char(10) || ?2, changed = ?3 WHERE id = ?1",
            params![note, more, now],
        )?;
    }
    fill.commit()?;
    let events = Connection::open(sample.database().with_file_name("eventlog@6.db"))?;
    event(&events, "v1.DayEnded", &json!({ "day": day }))
}

pub(crate) fn mishap(sample: &Sample) -> Result<Vec<String>> {
    let texts = texts(sample.language);
    let mut state = open(sample)?;
    let fill = state.transaction()?;
    let (project, name): (String, String) = fill.query_row(
        "SELECT p.id, p.name FROM projects AS p JOIN tasks ON project = p.id GROUP BY p.id ORDER BY count(*) DESC, p.id LIMIT 1",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let gone = fill.execute("DELETE FROM tasks WHERE project = ?1", [&project])?;
    let (note, title): (String, String) = fill.query_row(
        "SELECT id, title FROM notes ORDER BY length(body) DESC, id LIMIT 1",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    fill.execute(
        "UPDATE notes SET body = 'asdf jklö asdf jklö ###', changed = ?2 WHERE id = ?1",
        (note, sample.today.to_rfc3339()),
    )?;
    fill.commit()?;
    Ok(vec![
        texts.deleted.replace("{n}", &gone.to_string()).replace("{p}", &name),
        texts.garbled.replace("{p}", &title),
    ])
}
