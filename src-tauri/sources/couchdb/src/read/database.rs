//! One database in a backup run.

use std::{cell::Cell, collections::BTreeSet};

use backstay_model::{Collection, CollectionKind, ErrorKind, RawJson, Schema};
use backstay_source::{FeedMode, Sink, SourceError};

use super::{
    again::Again,
    aside,
    cursor::{At, made, moved},
    decide::{Way, Why, decide},
    documents::{Keeping, Reading},
    failure::Failure,
    feed,
    row::Row,
    sorted::{List, Sorter},
    totals::Totals,
};
use crate::{
    client::{Database, DatabaseInfo, Seq, ServerInfo},
    config::CouchConfig,
    convert::Part,
    error::{CouchError, Refusal},
};

/// How often the feed is followed again because the database changed meanwhile.
const ROUNDS: u32 = 5;
/// Changes of which going through all documents is never less work.
const FEW: usize = 1_000;

/// What is to be done with one database.
pub(super) struct Job<'a> {
    pub database: Database,
    pub server: &'a ServerInfo,
    pub config: &'a CouchConfig,
    pub before: Option<&'a At>,
    pub sink: &'a dyn Sink,
    pub totals: &'a Totals,
    /// Threads that ask for documents.
    pub workers: usize,
}

/// Which collections were begun.
#[derive(Default)]
struct Begun {
    documents: Cell<bool>,
    local: Cell<bool>,
    settings: Cell<bool>,
}

/// How it ended.
pub(super) struct Ended {
    /// Its collections were begun.
    pub begun: bool,
    pub result: Result<At, Failure>,
}

/// What the feed told, up to its end.
struct Told {
    list: List,
    seq: Seq,
    /// Documents that are not deleted, as far as the feed tells (in a full run).
    live: u64,
    /// Documents the server counts, when nobody wrote meanwhile.
    counted: Option<u64>,
}

impl Job<'_> {
    /// Reads the database.
    pub(super) fn run(&self) -> Ended {
        let begun = Begun::default();
        let known = Cell::new(false);
        let result = self.read(&begun, &known);
        if !known.get() {
            self.totals.known(0, self.sink);
        }
        self.ended(&begun, result)
    }

    /// Does not read it, because the server is gone.
    pub(super) fn left_out(&self, error: SourceError) -> Ended {
        self.totals.known(0, self.sink);
        self.ended(&Begun::default(), Err(Failure::Database(error)))
    }

    /// What the snapshot before has stays there when the database cannot be read: collections that are begun and never ended.
    fn ended(&self, begun: &Begun, result: Result<At, Failure>) -> Ended {
        let failed = matches!(result, Err(Failure::Database(_)));
        let stays = match failed && (self.before.is_some() || begun.documents.get()) {
            true => self.stays(begun),
            false => Ok(()),
        };
        Ended {
            begun: begun.documents.get(),
            result: stays.and(result),
        }
    }

    fn stays(&self, begun: &Begun) -> Result<(), Failure> {
        let parts = [
            (Part::Documents, &begun.documents, true),
            (Part::Design, &begun.documents, true),
            (Part::Local, &begun.local, self.config.local),
            (Part::Settings, &begun.settings, true),
        ];
        let missing: Vec<Part> = parts
            .iter()
            .filter(|(_, begun, wanted)| *wanted && !begun.get())
            .map(|(part, ..)| *part)
            .collect();
        for part in missing {
            let about = collection(self.database.name(), part, None);
            self.sink.begin_collection(&about, FeedMode::Delta)?;
        }
        begun.documents.set(true);
        Ok(())
    }

    fn read(&self, begun: &Begun, known: &Cell<bool>) -> Result<At, Failure> {
        let info = self.database.info()?;
        let made = made(self.server, &info);
        let way = decide(self.before, &info, made.as_deref(), self.config.deleted);
        let (way, told) = self.listen(way, &info)?;
        tracing::debug!(
            database = self.database.name(),
            ?way,
            rows = told.list.len(),
            "changes are known"
        );
        let todo = match &way {
            Way::Full(_) if !self.config.deleted => told.live,
            _ => told.list.len() as u64,
        };
        self.totals.known(todo, self.sink);
        known.set(true);
        let (mode, keeping) = match &way {
            // Rows that come again although nothing changed cost no document.
            Way::Since(_) => (FeedMode::Delta, self.keeping(None)),
            Way::Full(why) => (FeedMode::Full, self.keeping(Some(*why))),
        };
        // Before the reading: what the run adds to the snapshot is not what the feed is compared with.
        let docs = match (&way, told.counted) {
            (_, Some(counted)) => Some(counted),
            (Way::Full(_), None) => Some(told.live),
            (Way::Since(_), None) => self.expected(&told.list)?,
        };
        begun.documents.set(true);
        self.begin(mode, &info)?;
        let again = Again::default();
        Reading::new(self, mode, keeping, &again, &info).all(&told.list)?;
        self.end(begun, &info, made.as_deref())?;
        let (again, all_again) = again.done();
        Ok(At {
            docs,
            seq: told.seq,
            purge_seq: info.purge_seq,
            made,
            deleted: self.config.deleted,
            again,
            all_again,
        })
    }

    fn keeping(&self, why: Option<Why>) -> Keeping {
        if why == Some(Why::Missing) {
            return Keeping::Nothing;
        }
        match self.before {
            Some(at) if at.deleted == self.config.deleted => Keeping::But(at.again.iter().cloned().collect()),
            Some(at) => Keeping::Plain(at.again.iter().cloned().collect()),
            None => Keeping::Plain(BTreeSet::new()),
        }
    }

    /// Follows the feed, and decides for everything where it cannot be trusted.
    fn listen(&self, mut way: Way, info: &DatabaseInfo) -> Result<(Way, Told), Failure> {
        if let Way::Since(since) = &way {
            match self.follow(since, info) {
                Ok(told) => match self.doubt(&told)? {
                    None => return Ok((way, told)),
                    Some(why) => way = Way::Full(why),
                },
                Err(error) if does_not_know(&error) => way = Way::Full(Why::Unknown),
                Err(error) => return Err(error.into()),
            }
        }
        let mut told = self.follow(&Seq::zero(), info)?;
        if told.counted.is_some_and(|counted| told.live < counted) {
            told = self.follow(&Seq::zero(), info)?;
        }
        if let Some(counted) = told.counted.filter(|counted| told.live < *counted) {
            self.sink.gap(backstay_model::Gap {
                subject: self.database.name().to_owned(),
                kind: ErrorKind::Damaged,
                message: format!(
                    "The server counts {counted} documents, its changes feed tells of {}: the others cannot be found.",
                    told.live
                ),
            });
        }
        Ok((way, told))
    }

    fn follow(&self, since: &Seq, info: &DatabaseInfo) -> Result<Told, CouchError> {
        let taker = |error| CouchError::Taker(SourceError::io("A temporary file", error));
        let mut sorter = Sorter::default();
        for id in self.before.iter().flat_map(|at| &at.again).filter(|_| *since != Seq::zero()) {
            let row = Row::unknown(id);
            sorter.push(row.id, vec![0]).map_err(taker)?;
        }
        let mut seq = since.clone();
        let mut from = info.update_seq.clone();
        let mut counted = None;
        for _ in 0..ROUNDS {
            seq = feed::to_the_end(&self.database, &seq, self.sink.cancel(), &mut |row| {
                let packed = Row::packed(&row);
                sorter.push(row.id, packed).map_err(taker)
            })?;
            let now = self.database.info()?;
            if !moved(&from, &now.update_seq) {
                counted = Some(now.doc_count);
                break;
            }
            from = now.update_seq;
        }
        let mut live = 0;
        let list = sorter
            .finish(|_, packed| {
                live += u64::from(packed.first() == Some(&0));
                true
            })
            .map_err(taker)?;
        Ok(Told {
            list,
            seq,
            live,
            counted,
        })
    }

    /// Why what the feed told cannot be all.
    fn doubt(&self, told: &Told) -> Result<Option<Why>, Failure> {
        let documents = told.counted.or(self.before.and_then(|at| at.docs)).unwrap_or(0);
        if told.list.len() > FEW && told.list.len() as u64 > documents / 2 {
            return Ok(Some(Why::Rewound));
        }
        let Some(counted) = told.counted else { return Ok(None) };
        Ok((self.expected(&told.list)? != Some(counted)).then_some(Why::Count))
    }

    /// How many documents there must be by what was there before and what the feed told since.
    fn expected(&self, list: &List) -> Result<Option<u64>, Failure> {
        let Some(mut count) = self.before.and_then(|at| at.docs) else {
            return Ok(None);
        };
        for entry in list.from(0) {
            let (id, packed) = entry.map_err(Failure::temporary)?;
            let row = Row::unpack(&id, &packed);
            if row.revs.is_empty() {
                continue;
            }
            let collection = Part::of_id(&id).collection(self.database.name());
            let had = self.sink.had(&collection, &id)? && !self.was_tombstone(&collection, &id)?;
            match (had, row.deleted) {
                (false, false) => count += 1,
                (true, true) => count = count.saturating_sub(1),
                _ => {}
            }
        }
        Ok(Some(count))
    }

    /// With tombstones, a record may be all that is left of a document.
    fn was_tombstone(&self, collection: &str, id: &str) -> Result<bool, Failure> {
        if !self.config.deleted {
            return Ok(false);
        }
        let before = self.sink.previous(collection, id)?;
        let document = before.and_then(|record| crate::convert::Document::of(&record).ok());
        Ok(document.is_some_and(|document| document.winner().deleted))
    }

    fn begin(&self, mode: FeedMode, info: &DatabaseInfo) -> Result<(), Failure> {
        let name = self.database.name();
        let raw = Some(self.raw(info)?);
        self.sink.begin_collection(&collection(name, Part::Documents, raw), mode)?;
        self.sink.begin_collection(&collection(name, Part::Design, None), mode)?;
        Ok(())
    }

    fn raw(&self, info: &DatabaseInfo) -> Result<RawJson, Failure> {
        about(self.server, info).map_err(|error| {
            Failure::Run(SourceError::new(ErrorKind::Internal, self.database.name(), "cannot be described").caused_by(error))
        })
    }

    /// What is beside the documents; and that it is still the database it was.
    fn end(&self, begun: &Begun, info: &DatabaseInfo, made_then: Option<&str>) -> Result<(), Failure> {
        if self.config.local {
            aside::local(&self.database, self.sink, &begun.local)?;
        }
        aside::settings(&self.database, self.sink, &begun.settings)?;
        let now = self.database.info()?;
        let made_now = made(self.server, &now);
        let other = matches!((made_then, made_now.as_deref()), (Some(then), Some(now)) if then != now);
        let back = matches!((info.update_seq.rough(), now.update_seq.rough()), (Some(then), Some(now)) if now < then);
        if other || back {
            let message = "was deleted and made anew while it was read";
            let error = SourceError::new(ErrorKind::Changed, self.database.subject(), message);
            return Err(Failure::Database(error));
        }
        for part in [Part::Documents, Part::Design] {
            self.sink.end_collection(&part.collection(self.database.name()))?;
        }
        Ok(())
    }
}

/// A collection of a database.
pub(super) fn collection(database: &str, part: Part, raw: Option<RawJson>) -> Collection {
    let title = match part {
        Part::Documents => None,
        Part::Design => Some(format!("{database}: design documents")),
        Part::Local => Some(format!("{database}: local documents")),
        Part::Settings => Some(format!("{database}: settings")),
    };
    Collection {
        name: part.collection(database),
        title,
        kind: match part {
            Part::Local => CollectionKind::Aside,
            _ => CollectionKind::Table,
        },
        schema: Schema::default(),
        records: None,
        raw,
    }
}

/// What a database is besides its content: how it was made, and by whom it is kept. Nothing that counts or moves.
fn about(server: &ServerInfo, info: &DatabaseInfo) -> Result<RawJson, serde_json::Error> {
    let given: serde_json::Value = match &info.raw {
        Some(raw) => raw.value()?,
        None => serde_json::Value::Null,
    };
    let mut about = serde_json::Map::new();
    for name in ["db_name", "cluster", "props", "disk_format_version"] {
        if let Some(value) = given.get(name) {
            about.insert(name.to_owned(), value.clone());
        }
    }
    about.insert("server".to_owned(), server.title().into());
    RawJson::from_value(&about)
}

/// Whether the server refused a position it once gave.
fn does_not_know(error: &CouchError) -> bool {
    matches!(
        error.refusal(),
        Some(Refusal::BadRequest | Refusal::Unknown | Refusal::Missing | Refusal::Failed)
    )
}
