//! A table over a million records: made once, then any page of it at once.
//!
//! Stored records page by number as they are. Rows of a database do not: their listing keeps every 256th id to jump by. What
//! is sorted, filtered or searched is read through once, and the rows as the table shows them are kept on disk. Of a live
//! source only ids are kept: its content is read when it is shown, and what vanished meanwhile is marked.

use backstay_model::{Field, Record};
use backstay_source::{Cancel, RecordView, SourceError};
use backstay_vault::MasterKey;
use serde::{Deserialize, Serialize};

use super::{
    query::Query,
    row::{Row, fields_of, title_of},
    select,
    sheaf::{Sheaf, SheafWriter},
    store::Store,
};
use crate::{EngineError, Result, State};

/// Rows between two ids that are kept to jump by.
const STRIDE: u64 = 256;
/// Records looked at for fields and title.
const SAMPLE: u64 = 50;
/// Version of the files; others are made again.
pub const VERSION: u32 = 1;

/// What the file of a listing holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shape {
    /// The rows themselves.
    Rows,
    /// The id of every row.
    Ids,
    /// The id of every so many-th row (its last one first: number `n - 1`).
    Marks(u64),
}

/// What a listing says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// What the file holds; `None`: there is no file, the records page by number.
    pub shape: Option<Shape>,
    /// Collection.
    pub collection: String,
    /// Rows.
    pub total: u64,
    /// Records of the collection.
    pub of: u64,
    /// Its fields.
    pub fields: Vec<Field>,
    /// The field that names a record.
    pub title: Option<String>,
}

/// A table of records, ready to be read by page.
pub struct Listing {
    about: About,
    sheaf: Option<Sheaf<About>>,
}

/// What a listing is made from and where it is kept.
pub struct ListingInput<'a> {
    /// Collection.
    pub collection: &'a str,
    /// What it shows.
    pub query: &'a Query,
    /// Name of its file; `None` for what changes or lies in no vault: its listing ends with the process.
    pub name: Option<&'a str>,
    /// It is of a live source.
    pub live: bool,
    /// Where files lie.
    pub store: &'a Store,
    /// Seals them.
    pub key: &'a MasterKey,
    /// Stops it.
    pub cancel: &'a Cancel,
}

impl Listing {
    /// The listing as it was made earlier; `None` when there is none, or its file is of no use.
    #[must_use]
    pub fn cached(input: &ListingInput<'_>) -> Option<Self> {
        let path = input.store.path(input.name?);
        let sheaf: Sheaf<About> = Sheaf::open(&path, input.key).ok().flatten()?;
        input.store.touch(&path);
        Some(Self {
            about: sheaf.about().clone(),
            sheaf: Some(sheaf),
        })
    }

    /// Makes the listing.
    ///
    /// # Errors
    /// When there is no such collection, it cannot be read, its file cannot be written, or the job is cancelled.
    pub fn make(state: &State, input: &ListingInput<'_>) -> Result<Self> {
        let collection = state.collection(input.collection)?;
        let view = state.view(input.collection)?;
        let first = view.page(input.collection, 0, SAMPLE)?;
        let fields = fields_of(&collection, &first);
        let mut about = About {
            shape: None,
            collection: input.collection.to_owned(),
            total: 0,
            of: 0,
            title: title_of(&collection, &fields, &first),
            fields,
        };
        drop(first);
        if !input.query.is_plain() {
            return Self::select(view, input, about);
        }
        if state.runs(input.collection).is_some() && !input.live {
            about.of = view.count(input.collection)?;
            about.total = about.of;
            return Ok(Self { about, sheaf: None });
        }
        Self::mark(view, input, about)
    }

    /// Keeps ids to jump by: of a live source all of them.
    fn mark(view: &dyn RecordView, input: &ListingInput<'_>, mut about: About) -> Result<Self> {
        let stride = if input.live { 1 } else { STRIDE };
        about.shape = Some(if stride == 1 { Shape::Ids } else { Shape::Marks(stride) });
        let mut writer = SheafWriter::new(input.store.begin()?, input.key, input.store.limit())?;
        let mut failed = None;
        let counted = view.marks(input.collection, stride, &mut |id| {
            input.cancel.check()?;
            writer.push(id, id.as_bytes()).map_err(|error| {
                let stop = SourceError::new(error.kind(), "the cache", "cannot be written");
                failed = Some(error);
                stop
            })
        });
        match (counted, failed) {
            (_, Some(error)) => return Err(error.into()),
            (counted, None) => about.of = counted?,
        }
        about.total = about.of;
        Self::keep(writer, input, about)
    }

    /// Reads all records once and keeps the rows that fit, in their order.
    fn select(view: &dyn RecordView, input: &ListingInput<'_>, mut about: About) -> Result<Self> {
        let writer = SheafWriter::new(input.store.begin()?, input.key, input.store.limit())?;
        about.shape = Some(if input.live { Shape::Ids } else { Shape::Rows });
        let (writer, of) = select::select(view, input, writer, !input.live)?;
        about.of = of;
        about.total = writer.len();
        Self::keep(writer, input, about)
    }

    fn keep(writer: SheafWriter<'_>, input: &ListingInput<'_>, about: About) -> Result<Self> {
        let path = input.name.map(|name| input.store.path(name));
        let sheaf = writer.finish(about.clone(), path.as_deref())?;
        if let Some(path) = path {
            input.store.trim(&path);
        }
        Ok(Self {
            about,
            sheaf: Some(sheaf),
        })
    }

    /// What it says about itself.
    #[must_use]
    pub fn about(&self) -> &About {
        &self.about
    }

    /// Whether rows are read from its own file, without the state.
    #[must_use]
    pub fn is_self_contained(&self) -> bool {
        self.about.shape == Some(Shape::Rows)
    }

    fn texts(&self, sheaf: &Sheaf<About>, range: std::ops::Range<u64>) -> Result<Vec<String>> {
        let text = |bytes| String::from_utf8(bytes).map_err(|_| sheaf.damaged().into());
        sheaf.items(range)?.into_iter().map(text).collect()
    }

    /// Rows from its own file.
    fn own_rows(&self, sheaf: &Sheaf<About>, offset: u64, limit: u64, fields: &[String]) -> Result<Vec<Row>> {
        let row = |bytes: Vec<u8>| -> Result<Row> {
            let mut row: Row = serde_json::from_slice(&bytes).map_err(|_| sheaf.damaged())?;
            if !fields.is_empty() {
                row.values.retain(|name, _| fields.contains(name));
            }
            Ok(row)
        };
        sheaf
            .items(offset..offset.saturating_add(limit))?
            .into_iter()
            .map(row)
            .collect()
    }

    /// Up to `limit` rows from number `offset` on. `state` is asked for only when it is needed.
    ///
    /// # Errors
    /// When rows cannot be read.
    pub fn rows(&self, state: Option<&State>, offset: u64, limit: u64, fields: &[String]) -> Result<Vec<Row>> {
        if let (Some(Shape::Rows), Some(sheaf)) = (self.about.shape, &self.sheaf) {
            return self.own_rows(sheaf, offset, limit, fields);
        }
        let name = &self.about.collection;
        let view = need(state, name)?;
        let limit = limit.min(self.about.total.saturating_sub(offset));
        let row = |record: &Record| Row::of(record, fields);
        match (self.about.shape, &self.sheaf) {
            (Some(Shape::Marks(stride)), Some(sheaf)) => {
                let after = match offset / stride {
                    0 => None,
                    block => self.texts(sheaf, block - 1..block)?.pop(),
                };
                let skip = usize::try_from(offset % stride).unwrap_or(usize::MAX);
                let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
                let records = view.scan(name, after.as_deref())?.skip(skip).take(wanted);
                records.map(|record| Ok(row(&record?))).collect()
            }
            (Some(_), Some(sheaf)) => {
                let ids = self.texts(sheaf, offset..offset.saturating_add(limit))?;
                let live = |id: String| match view.get(name, &id)? {
                    Some(record) => Ok(row(&record)),
                    None => Ok(Row::gone(id)),
                };
                ids.into_iter().map(live).collect()
            }
            _ => Ok(view.page(name, offset, limit)?.iter().map(row).collect()),
        }
    }

    /// The number of the row that shows the record `id`.
    ///
    /// # Errors
    /// When ids cannot be read.
    pub fn locate(&self, state: Option<&State>, id: &str) -> Result<Option<u64>> {
        match (self.about.shape, &self.sheaf) {
            (Some(Shape::Marks(stride)), Some(sheaf)) => {
                self.locate_by_marks(need(state, &self.about.collection)?, sheaf, stride, id)
            }
            (Some(shape), Some(sheaf)) => {
                for number in sheaf.named(id)? {
                    let found = match shape {
                        Shape::Rows => self.own_rows(sheaf, number, 1, &[])?.pop().map(|row| row.id),
                        _ => self.texts(sheaf, number..number + 1)?.pop(),
                    };
                    if found.as_deref() == Some(id) {
                        return Ok(Some(number));
                    }
                }
                Ok(None)
            }
            _ => {
                let name = &self.about.collection;
                if need(state, name)?.get(name, id)?.is_none() {
                    return Ok(None);
                }
                let reader = state.and_then(|state| state.runs(name)).and_then(|runs| runs.reader(name));
                Ok(reader.map(|reader| reader.rank(id)).transpose()?)
            }
        }
    }

    fn locate_by_marks(&self, view: &dyn RecordView, sheaf: &Sheaf<About>, stride: u64, id: &str) -> Result<Option<u64>> {
        let name = &self.about.collection;
        if view.get(name, id)?.is_none() {
            return Ok(None);
        }
        // The first mark that is not before it ends the rows among which it is.
        let (mut low, mut high) = (0, sheaf.len());
        while low < high {
            let middle = low.midpoint(high);
            let before = match self.texts(sheaf, middle..middle + 1)?.pop() {
                Some(mark) => view.compare_ids(name, &mark, id).is_lt(),
                None => false,
            };
            if before { low = middle + 1 } else { high = middle }
        }
        let after = match low {
            0 => None,
            block => self.texts(sheaf, block - 1..block)?.pop(),
        };
        let rows = view
            .scan(name, after.as_deref())?
            .take(usize::try_from(stride).unwrap_or(usize::MAX));
        for (number, record) in (low * stride..).zip(rows) {
            if record?.id == id {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }
}

fn need<'a>(state: Option<&'a State>, collection: &str) -> Result<&'a dyn RecordView> {
    match state {
        Some(state) => state.view(collection),
        None => Err(EngineError::NoCollection {
            name: collection.to_owned(),
            known: Vec::new(),
        }),
    }
}
