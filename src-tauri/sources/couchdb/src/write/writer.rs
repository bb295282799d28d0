//! Writes records into databases: the batches the engine gives are looked up, decided and sent, and told apart again.

use std::collections::HashMap;

use backstay_model::{Collection, ErrorKind, RawJson, Record};
use backstay_source::{Expect, Planned, RecordView, RecordWriter, Result, SourceError, WriteStep, Written};

use super::{batch::Batch, options::WriteOptions, place::Place, small};
use crate::{
    client::{Database, Server},
    convert::{Names, Part},
};

/// Steps that are looked up together.
const CHUNK: usize = 500;
/// Steps of which nothing has to be looked up.
const UNSEEN: usize = 4_000;

/// Writes into the databases of a server.
pub(crate) struct Writer {
    server: Server,
    names: Names,
    options: WriteOptions,
    /// What the backup recorded about its databases, by name.
    recorded: HashMap<String, RawJson>,
    places: HashMap<String, Place>,
    undoing: bool,
}

impl Writer {
    /// A writer into the databases that `names` tells. `schema`: the view the records come from.
    ///
    /// # Errors
    /// When that view cannot be read.
    pub(crate) fn open(server: &Server, names: &Names, options: WriteOptions, schema: &dyn RecordView) -> Result<Self> {
        let mut recorded = HashMap::new();
        for Collection { name, raw, .. } in schema.collections()? {
            if let (Some(raw), (database, Part::Documents)) = (raw, Part::split(&name)) {
                recorded.insert(database.to_owned(), raw);
            }
        }
        Ok(Self {
            server: server.clone(),
            names: names.clone(),
            options,
            recorded,
            places: HashMap::new(),
            undoing: false,
        })
    }

    /// The database that stands for `database` of the backup, made when something is to be put into it.
    fn place(&mut self, database: &str, puts: bool) -> Result<Option<&mut Place>> {
        if !self.places.contains_key(database) {
            let there: Database = self.server.database(&self.names.there(database));
            let place = match puts {
                true => Some(Place::make(&there, self.recorded.get(database))?),
                false => Place::enter(&there)?,
            };
            let Some(place) = place else { return Ok(None) };
            self.places.insert(database.to_owned(), place);
        }
        Ok(self.places.get_mut(database))
    }

    /// Steps of one collection, in order.
    fn steps(&mut self, collection: &str, steps: &[Planned<'_>], content: &dyn RecordView) -> Vec<Result<Written>> {
        let (database, part) = Part::split(collection);
        let puts = steps.iter().any(|planned| !matches!(planned.step, WriteStep::Delete(_)));
        let (options, undoing, cancel) = (self.options, self.undoing, self.server.cancel().clone());
        let place = match self.place(database, puts) {
            Ok(Some(place)) => place,
            Ok(None) => return each(steps, &gone(collection)),
            Err(error) if stops(&error) => return vec![Err(error)],
            Err(error) => return each(steps, &error),
        };
        if !matches!(part, Part::Documents | Part::Design) {
            return small::write(&place.database, part, steps, &cancel);
        }
        let mut results = Vec::with_capacity(steps.len());
        let together = if place.fresh { UNSEEN } else { CHUNK };
        for chunk in steps.chunks(together) {
            let batch = Batch {
                place,
                options,
                undoing,
                content,
            };
            let mut written = batch.write(chunk);
            let over = written.len() < chunk.len() || written.last().is_some_and(|last| last.as_ref().is_err_and(stops));
            results.append(&mut written);
            if over {
                break;
            }
            if let Err(stop) = cancel.check() {
                if results.len() < steps.len() {
                    results.push(Err(stop));
                }
                break;
            }
        }
        results
    }
}

/// Whether nothing more is worth writing after an error.
fn stops(error: &SourceError) -> bool {
    matches!(error.kind, ErrorKind::Unreachable | ErrorKind::Cancelled)
}

/// The same error for every step.
fn each(steps: &[Planned<'_>], error: &SourceError) -> Vec<Result<Written>> {
    let again = |_| {
        let mut again = SourceError::new(error.kind, error.subject.clone(), error.message.clone());
        again.hint.clone_from(&error.hint);
        Err(again)
    };
    steps.iter().map(again).collect()
}

fn gone(collection: &str) -> SourceError {
    SourceError::new(
        ErrorKind::Changed,
        collection,
        "is not there any more, so nothing was removed from it",
    )
}

impl RecordWriter for Writer {
    fn write(&mut self, collection: &str, step: &WriteStep, expect: Expect) -> Result<Written> {
        let planned = [Planned {
            collection,
            step,
            expect,
        }];
        let written = self.write_many(&planned, &NoContent).pop();
        written.unwrap_or_else(|| Err(SourceError::new(ErrorKind::Internal, collection, "gave no result")))
    }

    fn undoes(&mut self) {
        self.undoing = true;
    }

    fn write_many(&mut self, steps: &[Planned<'_>], content: &dyn RecordView) -> Vec<Result<Written>> {
        let mut results = Vec::with_capacity(steps.len());
        for group in steps.chunk_by(|a, b| a.collection == b.collection) {
            let mut written = self.steps(group[0].collection, group, content);
            let over = written.len() < group.len() || written.last().is_some_and(|last| last.as_ref().is_err_and(stops));
            results.append(&mut written);
            if over {
                break;
            }
        }
        results
    }

    fn commit(&mut self) -> Result<()> {
        Ok(())
    }
}

/// Where records come from that are written one by one, without the attachments that only batches bring.
struct NoContent;

fn nothing<T>(collection: &str) -> Result<T> {
    Err(SourceError::new(ErrorKind::NotFound, collection, "is not here"))
}

impl RecordView for NoContent {
    fn collections(&self) -> Result<Vec<Collection>> {
        Ok(Vec::new())
    }
    fn count(&self, collection: &str) -> Result<u64> {
        nothing(collection)
    }
    fn get(&self, collection: &str, _: &str) -> Result<Option<Record>> {
        nothing(collection)
    }
    fn page(&self, collection: &str, _: u64, _: u64) -> Result<Vec<Record>> {
        nothing(collection)
    }
    fn scan<'a>(&'a self, collection: &str, _: Option<&str>) -> Result<Box<dyn Iterator<Item = Result<Record>> + 'a>> {
        nothing(collection)
    }
}
