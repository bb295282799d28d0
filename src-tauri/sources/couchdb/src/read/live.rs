//! The live documents, as records: the same as a backup run would make of them.

use std::{
    cell::{OnceCell, RefCell},
    collections::{BTreeSet, HashMap},
    io::{Read, Seek as _},
    sync::Arc,
};

use backstay_model::{AssetRef, Collection, ContentHash, ErrorKind, Record};
use backstay_source::{Cancel, RecordView, Result, SourceError, Weighed};

use super::{
    aside,
    database::collection,
    feed, lookup,
    row::Row,
    sorted::{List, Sorter},
};
use crate::{
    client::{Database, DocQuery, Seq, Server, Stub},
    config::CouchConfig,
    convert::{self, Document, Names, Part},
    error::CouchError,
    list,
    write::{Scales, WriteOptions},
};

/// Records read at once while a collection is gone through.
const AT_ONCE: usize = 200;

/// Lists of ids and hashes by database and part.
type Lists = HashMap<(String, Part), Arc<List>>;

/// The live records of a source, or of a place where its databases go by other names. A view is of one moment as far as lists of
/// ids go: they are made once. Records are always read anew.
pub(crate) struct LiveView {
    server: Server,
    config: CouchConfig,
    names: Names,
    options: WriteOptions,
    /// Databases that are not chosen are there as well when they are asked for.
    target: bool,
    /// Databases at the place, and what they are called in a backup.
    databases: OnceCell<Vec<(String, String)>>,
    /// Whether databases that were asked for are there, by their names there.
    there: RefCell<HashMap<String, bool>>,
    /// The one database of the backup that goes by the place's name.
    one: RefCell<Option<String>>,
    lists: RefCell<Lists>,
    /// Scales by database: they remember what they asked.
    scales: RefCell<HashMap<String, Arc<Scales>>>,
}

impl LiveView {
    /// A view of the databases of `config`, which go by `names`, whose calls end when `cancel` is set.
    pub(crate) fn new(
        server: &Server,
        config: &CouchConfig,
        names: &Names,
        options: WriteOptions,
        target: bool,
        cancel: &Cancel,
    ) -> Self {
        Self {
            server: server.with_cancel(cancel),
            config: config.clone(),
            names: names.clone(),
            options,
            target,
            databases: OnceCell::new(),
            there: RefCell::default(),
            one: RefCell::default(),
            lists: RefCell::default(),
            scales: RefCell::default(),
        }
    }

    /// The databases here and there, without looking whether they exist where the settings name them.
    fn databases(&self) -> Result<&[(String, String)]> {
        if let Some(known) = self.databases.get() {
            return Ok(known);
        }
        let pairs = match &self.names {
            Names::Same => list::databases(&self.server, &self.config.chosen)?
                .into_iter()
                .map(|name| (name.clone(), name))
                .collect(),
            // Which of the source's databases it stands for is known where there is one only.
            Names::One(there) => {
                let mut named = self.config.chosen.named();
                let here = named.next().filter(|_| named.next().is_none()).unwrap_or(there);
                vec![(here.to_owned(), there.clone())]
            }
            Names::Around(..) => {
                let all = self.server.all_dbs()?;
                all.into_iter()
                    .filter_map(|there| Some((self.names.here(&there)?.to_owned(), there)))
                    .collect()
            }
        };
        let mut found: Vec<(String, String)> = Vec::with_capacity(pairs.len());
        for (here, there) in pairs {
            if self.is_there(&there)? {
                found.push((here, there));
            }
        }
        Ok(self.databases.get_or_init(|| found))
    }

    fn is_there(&self, there: &str) -> Result<bool> {
        if let Some(known) = self.there.borrow().get(there) {
            return Ok(*known);
        }
        let found = self.server.database(there).exists()?;
        self.there.borrow_mut().insert(there.to_owned(), found);
        Ok(found)
    }

    /// The database at the place, and the part of it, that a collection of the backup is.
    ///
    /// # Errors
    /// When there is none of that name.
    fn find(&self, collection: &str) -> Result<(Database, Part)> {
        self.look(collection)?
            .ok_or_else(|| SourceError::new(ErrorKind::NotFound, collection, "is no database of this server"))
    }

    fn look(&self, collection: &str) -> Result<Option<(Database, Part)>> {
        let (name, part) = Part::split(collection);
        if !convert::is_database(name) {
            return Ok(None);
        }
        if let Names::One(place) = &self.names {
            let mut one = self.one.borrow_mut();
            let first = one.get_or_insert_with(|| name.to_owned());
            if first != name {
                let message = format!("cannot go to the database {place} as well: {first} goes there");
                return Err(SourceError::new(ErrorKind::Usage, name.to_owned(), message)
                    .hint("Choose one database, or give a place such as copy-* in which * stands for each name."));
            }
        }
        let there = self.names.there(name);
        let ours = self.target || self.config.chosen.takes(name);
        Ok((ours && self.is_there(&there)?).then(|| (self.server.database(&there), part)))
    }

    /// What weighs records against a database, which need not exist.
    fn scales(&self, collection: &str) -> (Arc<Scales>, Part) {
        let (name, part) = Part::split(collection);
        let there = self.names.there(name);
        let mut scales = self.scales.borrow_mut();
        let found = scales
            .entry(there.to_string())
            .or_insert_with(|| Arc::new(Scales::new(&self.server.database(&there), self.options)));
        (Arc::clone(found), part)
    }

    /// Ids and hashes of a collection.
    fn list(&self, collection: &str) -> Result<Arc<List>> {
        let (database, part) = self.find(collection)?;
        let key = (database.name().to_owned(), part);
        if let Some(known) = self.lists.borrow().get(&key) {
            return Ok(Arc::clone(known));
        }
        match part {
            Part::Documents | Part::Design => self.follow(&database)?,
            Part::Local => {
                let list = locals(&database)?;
                self.lists.borrow_mut().insert(key.clone(), Arc::new(list));
            }
            Part::Settings => {
                let list = settings(&database)?;
                self.lists.borrow_mut().insert(key.clone(), Arc::new(list));
            }
        }
        let lists = self.lists.borrow();
        lists
            .get(&key)
            .map(Arc::clone)
            .ok_or_else(|| SourceError::new(ErrorKind::Internal, collection, "has no list"))
    }

    /// Makes the lists of documents and design documents, which come in one feed.
    fn follow(&self, database: &Database) -> Result<()> {
        let (mut documents, mut designs) = (Sorter::default(), Sorter::default());
        let tombstones = self.config.deleted;
        feed::to_the_end(database, &Seq::zero(), self.server.cancel(), &mut |row| {
            let sorter = if Part::of_id(&row.id) == Part::Design {
                &mut designs
            } else {
                &mut documents
            };
            let row = Row {
                id: row.id,
                revs: row.revs,
                deleted: row.deleted,
            };
            let hash = if row.deleted && !tombstones {
                Vec::new()
            } else {
                row.hash().0.to_vec()
            };
            sorter.push(row.id, hash).map_err(|error| CouchError::Taker(temporary(error)))
        })?;
        for (part, sorter) in [(Part::Documents, documents), (Part::Design, designs)] {
            let list = sorter.finish(|_, hash| !hash.is_empty()).map_err(temporary)?;
            self.lists
                .borrow_mut()
                .insert((database.name().to_owned(), part), Arc::new(list));
        }
        Ok(())
    }

    fn many(&self, database: &Database, part: Part, ids: &[&str]) -> Result<Vec<Option<Record>>> {
        match part {
            Part::Documents | Part::Design => {
                let ours: BTreeSet<&str> = ids.iter().copied().filter(|id| Part::of_id(id) == part).collect();
                let ours: Vec<&str> = ours.into_iter().collect();
                let found = lookup::documents(database, &ours, self.config.deleted)?;
                Ok(ids.iter().map(|id| found.get(*id).cloned()).collect())
            }
            Part::Local => ids
                .iter()
                .map(|id| {
                    if Part::of_id(id) != Part::Local {
                        return Ok(None);
                    }
                    let text = database.get(id, DocQuery::default())?;
                    let record = text.map(convert::local_record).transpose();
                    record.map_err(|error| SourceError::new(error.kind(), database.part(id), error.to_string()))
                })
                .collect(),
            Part::Settings => {
                let mut found = HashMap::new();
                for (name, setting) in aside::all_settings(database) {
                    if ids.contains(&name)
                        && let Some(record) = setting?
                    {
                        found.insert(name, record);
                    }
                }
                Ok(ids.iter().map(|id| found.get(*id).cloned()).collect())
            }
        }
    }
}

fn temporary(error: std::io::Error) -> SourceError {
    SourceError::io("A temporary file", error)
}

fn hash_of(value: &[u8]) -> ContentHash {
    ContentHash(value.try_into().unwrap_or_default())
}

/// `_local` documents; none where the server does not list them.
fn locals(database: &Database) -> Result<List> {
    let mut sorter = Sorter::default();
    let mut after: Option<String> = None;
    loop {
        let page = match aside::local_page(database, after.as_deref()) {
            Ok(page) => page,
            Err(error) if after.is_none() && aside::is_unknown(&error) => break,
            Err(error) => return Err(error.into()),
        };
        let Some(last) = page.last().map(|row| row.id.clone()) else {
            break;
        };
        for row in page {
            if let Some(record) = aside::local_record(database, &row)? {
                sorter.push(record.id, record.hash.0.to_vec()).map_err(temporary)?;
            }
        }
        after = Some(last);
    }
    sorter.finish(|_, _| true).map_err(temporary)
}

/// Settings; those that may not be seen are left out here and are an error when they are asked for.
fn settings(database: &Database) -> Result<List> {
    let mut sorter = Sorter::default();
    for (_, setting) in aside::all_settings(database) {
        match setting {
            Ok(Some(record)) => sorter.push(record.id, record.hash.0.to_vec()).map_err(temporary)?,
            Ok(None) => {}
            Err(error) if error.kind() == ErrorKind::Auth => {}
            Err(error) => return Err(error.into()),
        }
    }
    sorter.finish(|_, _| true).map_err(temporary)
}

impl RecordView for LiveView {
    fn collections(&self) -> Result<Vec<Collection>> {
        let mut all = Vec::new();
        for (here, _) in self.databases()? {
            let parts = Part::ALL.into_iter().filter(|part| *part != Part::Local || self.config.local);
            all.extend(parts.map(|part| collection(here, part, None)));
        }
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    fn has(&self, collection: &str) -> Result<bool> {
        let (_, part) = Part::split(collection);
        let wanted = part != Part::Local || self.config.local || self.target;
        Ok(wanted && self.look(collection)?.is_some())
    }

    fn count(&self, collection: &str) -> Result<u64> {
        Ok(self.list(collection)?.len() as u64)
    }

    fn get(&self, collection: &str, id: &str) -> Result<Option<Record>> {
        let found = self.get_many(collection, &[id])?;
        Ok(found.into_iter().next().flatten())
    }

    fn page(&self, collection: &str, offset: u64, limit: u64) -> Result<Vec<Record>> {
        let list = self.list(collection)?;
        let (Ok(offset), Ok(limit)) = (usize::try_from(offset), usize::try_from(limit)) else {
            return Ok(Vec::new());
        };
        let ids: Vec<String> = list
            .from(offset)
            .take(limit)
            .map(|entry| entry.map(|(id, _)| id))
            .collect::<std::io::Result<_>>()
            .map_err(temporary)?;
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        Ok(self.get_many(collection, &ids)?.into_iter().flatten().collect())
    }

    fn scan<'a>(&'a self, collection: &str, after: Option<&str>) -> Result<Box<dyn Iterator<Item = Result<Record>> + 'a>> {
        Ok(Box::new(Scan {
            view: self,
            list: self.list(collection)?,
            collection: collection.to_owned(),
            after: after.map(str::to_owned),
            ready: Vec::new().into_iter(),
        }))
    }

    fn keys<'a>(&'a self, collection: &str) -> Result<Box<dyn Iterator<Item = Result<(String, ContentHash)>> + 'a>> {
        Ok(Box::new(Keys {
            list: self.list(collection)?,
            at: 0,
            ready: Vec::new().into_iter(),
        }))
    }

    fn get_many(&self, collection: &str, ids: &[&str]) -> Result<Vec<Option<Record>>> {
        let (database, part) = self.find(collection)?;
        let mut all = Vec::with_capacity(ids.len());
        for ids in ids.chunks(AT_ONCE) {
            all.extend(self.many(&database, part, ids)?);
        }
        Ok(all)
    }

    fn open_asset(&self, collection: &str, record: &Record, asset: &AssetRef) -> Result<(u64, Box<dyn Read + Send>)> {
        let (database, _) = self.find(collection)?;
        let subject = format!("{}: {}", database.part(&record.id), asset.name);
        // The same name may stand there for several leaves: it is this very one that is wanted.
        let at = record.assets.iter().position(|one| std::ptr::eq(one, asset));
        let at = at.or_else(|| record.assets.iter().position(|one| one == asset));
        let document =
            Document::of(record).map_err(|error| SourceError::new(error.kind(), subject.clone(), error.to_string()))?;
        let found = at.and_then(|at| document.attachments().nth(at));
        let Some((leaf, attachment)) = found else {
            return Err(SourceError::new(
                ErrorKind::NotFound,
                subject,
                "is no attachment of this document",
            ));
        };
        let stub = Stub {
            content_type: attachment.media_type.clone(),
            length: attachment.length,
            digest: attachment.digest.clone(),
            ..Stub::default()
        };
        let rev = leaf.rev.as_ref().map(ToString::to_string);
        let mut content = database.attachment(&record.id, rev.as_deref(), &attachment.name, &stub)?;
        match attachment.length.or(content.length) {
            Some(length) => Ok((length, Box::new(content))),
            None => {
                let mut file = tempfile::tempfile().map_err(temporary)?;
                let length = std::io::copy(&mut content, &mut file).map_err(|error| SourceError::io(&subject, error))?;
                file.rewind().map_err(temporary)?;
                Ok((length, Box::new(file)))
            }
        }
    }

    fn weigh(&self, collection: &str, backup: &Record, live: Option<&Record>) -> Result<Weighed> {
        let (scales, part) = self.scales(collection);
        scales.weigh(part, backup, live)
    }

    fn differs(&self, collection: &str, backup: &Record, live: &Record) -> Result<Option<String>> {
        let (scales, part) = self.scales(collection);
        scales.differs(part, backup, live)
    }
}

/// Records in order, read in batches; those that vanished since the list was made are not there.
struct Scan<'a> {
    view: &'a LiveView,
    list: Arc<List>,
    collection: String,
    after: Option<String>,
    ready: std::vec::IntoIter<Record>,
}

impl Scan<'_> {
    fn more(&mut self) -> Result<bool> {
        let entries = match &self.after {
            Some(after) => self.list.behind(after),
            None => self.list.from(0),
        };
        let ids: Vec<String> = entries
            .take(AT_ONCE)
            .map(|entry| entry.map(|(id, _)| id))
            .collect::<std::io::Result<_>>()
            .map_err(temporary)?;
        let Some(last) = ids.last().cloned() else { return Ok(false) };
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let found = self.view.get_many(&self.collection, &ids)?;
        self.ready = found.into_iter().flatten().collect::<Vec<_>>().into_iter();
        self.after = Some(last);
        Ok(true)
    }
}

impl Iterator for Scan<'_> {
    type Item = Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(record) = self.ready.next() {
                return Some(Ok(record));
            }
            match self.more() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => {
                    // Nothing comes behind an error.
                    self.list = Arc::new(List::Memory(Vec::new()));
                    return Some(Err(error));
                }
            }
        }
    }
}

/// Ids and hashes in order.
struct Keys {
    list: Arc<List>,
    at: usize,
    ready: std::vec::IntoIter<(String, Vec<u8>)>,
}

impl Keys {
    /// Ids read from a list at once.
    const PIECE: usize = 1_024;
}

impl Iterator for Keys {
    type Item = Result<(String, ContentHash)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ready.len() == 0 {
            let piece: std::io::Result<Vec<_>> = self.list.from(self.at).take(Self::PIECE).collect();
            match piece {
                Ok(piece) => {
                    self.at += piece.len();
                    self.ready = piece.into_iter();
                }
                Err(error) => {
                    self.at = usize::MAX;
                    return Some(Err(temporary(error)));
                }
            }
        }
        let (id, value) = self.ready.next()?;
        Some(Ok((id, hash_of(&value))))
    }
}
