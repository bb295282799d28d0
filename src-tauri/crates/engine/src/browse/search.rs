//! Searching what was ever saved: the newest state as a whole, then backwards only what changed from one state to the next.

use std::{
    collections::{HashMap, HashSet},
    ops::Deref,
};

use backstay_model::{ChangeKind, CollectionKind, FileKind, Record};
use backstay_source::Cancel;
use chrono::{DateTime, Utc};

use super::{
    fold::Needle,
    folder::file_name,
    row::{Row, fields_of, title_of},
};
use crate::{EngineError, FILES, Result, State};

/// What is looked for.
pub struct Ask<'a> {
    /// The text.
    pub needle: &'a Needle,
    /// Also in earlier states.
    pub earlier: bool,
    /// Only what is there no more.
    pub only_gone: bool,
    /// At most so many hits.
    pub limit: usize,
    /// Stops it.
    pub cancel: &'a Cancel,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Collection, or `files`.
    pub collection: String,
    /// Record or path.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// The text around the match.
    pub excerpt: String,
    /// Which of the points in time it is from.
    pub point: usize,
    /// What became of it afterwards; `None` when it still is as it was found.
    pub fate: Option<ChangeKind>,
}

/// The points in time of one source.
pub trait Points {
    /// An opened state.
    type Opened: Deref<Target = State>;
    /// How opening fails.
    type Error: From<EngineError>;

    /// Opens the state of a point.
    ///
    /// # Errors
    /// When it cannot be read.
    fn open(&self, point: usize) -> std::result::Result<Self::Opened, Self::Error>;

    /// Whether the file or folder at `path` (below the snapshot's root) is certainly the same in both.
    fn same(&self, a: usize, b: usize, path: &str) -> bool;

    /// Notes that something could not be searched.
    fn problem(&mut self, point: usize, error: Self::Error);

    /// Notes that a point was searched.
    fn looked_into(&mut self, point: usize);
}

/// Hits so far.
#[derive(Default)]
pub struct Found {
    /// In the order they were met.
    pub hits: Vec<Hit>,
    /// There are more.
    pub more: bool,
    seen: HashMap<(String, String), usize>,
}

/// Searches one source. `chains` are its points, newest first, those of one vault together; the first of the first is the
/// newest of all. `times` tells when each point is.
///
/// # Errors
/// When the job is cancelled; what cannot be read is a problem of its own.
pub fn search_source<P: Points>(
    points: &mut P,
    chains: &[Vec<usize>],
    times: &[DateTime<Utc>],
    ask: &Ask<'_>,
) -> std::result::Result<Found, P::Error> {
    let mut found = Found::default();
    let Some((newest_point, newest)) = open_newest(points, chains, times) else {
        return Ok(found);
    };
    let mut pass = Pass {
        ask,
        newest: &newest,
        times,
        titles: HashMap::new(),
        found: &mut found,
    };
    if !ask.only_gone {
        pass.present(points, newest_point)?;
    }
    points.looked_into(newest_point);
    if !ask.earlier && !ask.only_gone {
        return Ok(found);
    }
    for chain in chains {
        let mut later = newest_point;
        for point in chain.iter().copied().filter(|point| *point != newest_point) {
            if times[point] > times[newest_point] {
                // It could not be opened before.
                continue;
            }
            if pass.found.more {
                return Ok(found);
            }
            match pass.earlier(points, point, later) {
                Ok(()) => {
                    points.looked_into(point);
                    later = point;
                }
                Err(error) => {
                    ask.cancel.check().map_err(EngineError::from)?;
                    points.problem(point, error);
                }
            }
        }
    }
    Ok(found)
}

/// The newest state that can be opened stands for the present.
fn open_newest<P: Points>(points: &mut P, chains: &[Vec<usize>], times: &[DateTime<Utc>]) -> Option<(usize, P::Opened)> {
    let mut order: Vec<usize> = chains.iter().flatten().copied().collect();
    order.sort_by_key(|point| std::cmp::Reverse(times[*point]));
    for point in order {
        match points.open(point) {
            Ok(state) => return Some((point, state)),
            Err(error) => points.problem(point, error),
        }
    }
    None
}

struct Pass<'a> {
    ask: &'a Ask<'a>,
    newest: &'a State,
    times: &'a [DateTime<Utc>],
    titles: HashMap<String, Option<String>>,
    found: &'a mut Found,
}

impl Pass<'_> {
    /// Searches the newest state as a whole.
    fn present<P: Points>(&mut self, points: &mut P, point: usize) -> std::result::Result<(), P::Error> {
        let newest = self.newest;
        for name in searchable(newest)? {
            match self.scan(newest, &name, point, true) {
                Ok(()) => {}
                Err(error) => {
                    self.ask.cancel.check().map_err(EngineError::from)?;
                    points.problem(point, error.into());
                }
            }
            if self.found.more {
                return Ok(());
            }
        }
        Ok(self.names(newest, point, true)?)
    }

    /// Searches what an earlier state has that the one after it has not.
    fn earlier<P: Points>(&mut self, points: &P, point: usize, later: usize) -> std::result::Result<(), P::Error> {
        if points.same(point, later, "") {
            return Ok(());
        }
        let state = points.open(point)?;
        let after = points.open(later)?;
        for name in searchable(&state)? {
            if let (Some(before), Some(after)) = (state.runs(&name), after.runs(&name)) {
                let mut changed = Vec::new();
                before.diff(after, &name, &mut |change, id| {
                    self.ask.cancel.check()?;
                    if change != ChangeKind::Added {
                        changed.push(id.to_owned());
                    }
                    // Read in pieces, so that a changed million does not lie in memory.
                    if changed.len() >= 1024 {
                        self.records(&state, &name, &std::mem::take(&mut changed), point)?;
                    }
                    Ok(())
                })?;
                self.records(&state, &name, &changed, point)?;
            } else if !file_of(&state, &name)?.is_some_and(|file| points.same(point, later, &format!("files/{file}"))) {
                self.scan(&state, &name, point, false)?;
            }
            if self.found.more {
                return Ok(());
            }
        }
        if !points.same(point, later, "files") {
            self.names(&state, point, false)?;
        }
        Ok(())
    }

    fn records(&mut self, state: &State, name: &str, ids: &[String], point: usize) -> Result<()> {
        for id in ids {
            if let Some(record) = state.record(name, id)?
                && self.ask.needle.is_in_record(&record)
            {
                self.hit(state, name, &record, point, false)?;
            }
        }
        Ok(())
    }

    fn scan(&mut self, state: &State, name: &str, point: usize, present: bool) -> Result<()> {
        for (number, record) in state.view(name)?.scan(name, None)?.enumerate() {
            if number % 64 == 0 {
                self.ask.cancel.check()?;
            }
            let record = record?;
            if self.ask.needle.is_in_record(&record) {
                self.hit(state, name, &record, point, present)?;
                if self.found.more {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// A record of an earlier state counts unless its newest version contains the text as well.
    fn hit(&mut self, state: &State, name: &str, record: &Record, point: usize, present: bool) -> Result<()> {
        let fate = if present {
            None
        } else {
            match self.newest.record(name, &record.id)? {
                Some(now) if self.ask.needle.is_in_record(&now) => return Ok(()),
                Some(_) => Some(ChangeKind::Changed),
                None => Some(ChangeKind::Removed),
            }
        };
        let title = self.title(state, name, record)?;
        let excerpt = self.ask.needle.excerpt_of(record).unwrap_or_default();
        self.add(Hit {
            collection: name.to_owned(),
            id: record.id.clone(),
            title,
            excerpt,
            point,
            fate,
        });
        Ok(())
    }

    fn title(&mut self, state: &State, name: &str, record: &Record) -> Result<String> {
        if !self.titles.contains_key(name) {
            let collection = state.collection(name)?;
            let first = state.view(name)?.page(name, 0, 20)?;
            let title = title_of(&collection, &fields_of(&collection, &first), &first);
            self.titles.insert(name.to_owned(), title);
        }
        let field = self.titles.get(name).and_then(Option::as_ref);
        let value = field.and_then(|field| Row::of(record, std::slice::from_ref(field)).values.remove(field));
        Ok(match value {
            Some(serde_json::Value::String(text)) if !text.trim().is_empty() => text,
            Some(value @ serde_json::Value::Number(_)) => value.to_string(),
            _ => record.id.clone(),
        })
    }

    /// Searches the names of files.
    fn names(&mut self, state: &State, point: usize, present: bool) -> Result<()> {
        let Some(files) = &state.files else { return Ok(()) };
        for entry in files.walk(None)? {
            self.ask.cancel.check()?;
            let entry = entry?;
            let name = file_name(&entry.path);
            if entry.kind == FileKind::Directory || !self.ask.needle.is_in(&name) {
                continue;
            }
            let now = self
                .newest
                .files
                .as_ref()
                .map(|files| files.stat(&entry.path))
                .transpose()?
                .flatten();
            if !present && now.is_some() {
                continue;
            }
            self.add(Hit {
                collection: FILES.to_owned(),
                excerpt: entry.path.clone(),
                id: entry.path,
                title: name,
                point,
                fate: (!present).then_some(ChangeKind::Removed),
            });
            if self.found.more {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Counts one hit for a record: that of its newest version.
    fn add(&mut self, hit: Hit) {
        if self.ask.only_gone && hit.fate != Some(ChangeKind::Removed) {
            return;
        }
        let name = (hit.collection.clone(), hit.id.clone());
        if let Some(known) = self.found.seen.get(&name).and_then(|at| self.found.hits.get_mut(*at)) {
            if self.times[hit.point] > self.times[known.point] {
                *known = hit;
            }
            return;
        }
        if self.found.hits.len() >= self.ask.limit {
            self.found.more = true;
            return;
        }
        self.found.seen.insert(name, self.found.hits.len());
        self.found.hits.push(hit);
    }
}

/// Collections that are searched: those that hold data of their own.
fn searchable(state: &State) -> Result<Vec<String>> {
    let tables = state.collections()?.into_iter().filter(|c| c.kind == CollectionKind::Table);
    let names: HashSet<String> = tables.map(|c| c.name).collect();
    let mut names: Vec<String> = names.into_iter().collect();
    names.sort();
    Ok(names)
}

/// The stored file a collection is read from, where its description names one.
fn file_of(state: &State, name: &str) -> Result<Option<String>> {
    let raw = state.collection(name)?.raw.and_then(|raw| raw.value().ok());
    let file = raw
        .as_ref()
        .and_then(|raw| raw.get("file"))
        .and_then(serde_json::Value::as_str);
    Ok(file.map(ToOwned::to_owned))
}
