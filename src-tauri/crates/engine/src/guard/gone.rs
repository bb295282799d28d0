//! The list of what went, a page at a time.

use backstay_model::Record;
use serde::{Deserialize, Serialize};

use super::{
    SnapshotView,
    files::gone_files,
    gaps::Gaps,
    pairs::{Pair, pairs},
};
use crate::{
    EngineError, FILES, Job, Result,
    browse::{Row, fields_of, file_name, title_of},
};

/// Records looked at to find the field that names one.
const FIRST: u64 = 20;

/// Something that went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct GoneItem {
    /// Its collection; [`FILES`] for a file.
    pub collection: String,
    /// Its id, or the path of a file.
    pub id: String,
    /// What people call it, where that can be told.
    pub title: Option<String>,
}

/// A page of what went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct GonePage {
    /// In the collection's order.
    pub items: Vec<GoneItem>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<u64>,
}

/// Counts what is passed over and collects a page of the rest.
struct Page {
    skip: u64,
    limit: usize,
    ids: Vec<String>,
    more: bool,
}

impl Page {
    fn take(&mut self, id: &str) -> bool {
        if self.skip > 0 {
            self.skip -= 1;
        } else if self.ids.len() == self.limit {
            self.more = true;
        } else {
            self.ids.push(id.to_owned());
        }
        !self.more
    }
}

/// What went of one collection: its name, [`FILES`], or the name of a lost database (all its tables) as a trip gives it; up to
/// `limit` items from number `from` on. Both snapshots stay as they are, and so does the list.
///
/// # Errors
/// [`EngineError::NoCollection`] when the snapshot before had nothing of that name; when one cannot be read, or the job is cancelled.
pub fn gone(
    before: &SnapshotView,
    now: &SnapshotView,
    name: &str,
    from: Option<u64>,
    limit: usize,
    job: &Job<'_>,
) -> Result<GonePage> {
    let from = from.unwrap_or(0);
    let mut page = Page {
        skip: from,
        limit,
        ids: Vec::new(),
        more: false,
    };
    let gaps = Gaps::of(&now.meta.gaps);
    let mut pairs = pairs(before, now, &gaps)?;
    let is_named = |pair: &Pair<'_>| pair.name() == name;
    let named = pairs.iter().any(is_named);
    if !named && name == FILES {
        gone_files(before, now, job, &mut |path| Ok(page.take(path)))?;
        let file = |path: String| GoneItem {
            collection: FILES.to_owned(),
            title: Some(file_name(&path)),
            id: path,
        };
        let next = next_of(&page, from);
        let items = page.ids.into_iter().map(file).collect();
        return Ok(GonePage { items, next });
    }
    let known: Vec<String> = pairs.iter().map(|pair| pair.name().to_owned()).collect();
    pairs.retain(|pair| {
        if named {
            is_named(pair)
        } else {
            pair.was.file.as_deref() == Some(name)
        }
    });
    let is_database = before.meta.workspaces.iter().any(|workspace| workspace.path == name);
    if pairs.is_empty() && !is_database {
        return Err(EngineError::NoCollection {
            name: name.to_owned(),
            known,
        });
    }
    let mut items = Vec::new();
    let mut taken = 0;
    for pair in &pairs {
        pair.gone(job, &mut |id| Ok(page.take(id)))?;
        items.extend(titled(pair, &page.ids[taken..])?);
        taken = page.ids.len();
        if page.more {
            break;
        }
    }
    Ok(GonePage {
        next: next_of(&page, from),
        items,
    })
}

fn next_of(page: &Page, from: u64) -> Option<u64> {
    page.more.then(|| from + page.ids.len() as u64)
}

/// The items with what they were called.
fn titled(pair: &Pair<'_>, ids: &[String]) -> Result<Vec<GoneItem>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (view, name) = (pair.old()?, pair.name());
    let first = view.page(name, 0, FIRST)?;
    let title = title_of(&pair.was.about, &fields_of(&pair.was.about, &first), &first);
    let mut items = Vec::with_capacity(ids.len());
    for id in ids {
        let record = view.get(name, id)?;
        let title = title.as_ref().zip(record).and_then(|(field, record)| shown(&record, field));
        items.push(GoneItem {
            collection: name.to_owned(),
            id: id.clone(),
            title,
        });
    }
    Ok(items)
}

/// A field's value as lists show it.
fn shown(record: &Record, field: &str) -> Option<String> {
    match Row::of(record, &[field.to_owned()]).values.shift_remove(field)? {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}
