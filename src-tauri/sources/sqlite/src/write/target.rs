//! Which database and table a collection's rows go into; databases and tables that are not there yet.

use std::{
    fs,
    path::{Path, PathBuf},
};

use backstay_model::{Collection, CollectionKind};
use backstay_source::Cancel;
use rusqlite::{config::DbConfig, ffi};
use tempfile::TempPath;

use super::{foreign, place};
use crate::{
    client::{Live, open_plain, retry, side},
    config::Config,
    convert::{Kind, Table},
    error::{Error, Fact, Result},
    read::rows::find_table,
};

/// A database that is being written to, in one transaction.
pub struct Target {
    /// The connection.
    pub live: Live,
    /// Where it lies in the end.
    pub path: PathBuf,
    /// It is new: written under another name until it is complete.
    fresh: Option<TempPath>,
}

/// What a collection says about where it comes from.
pub struct Origin {
    /// Path of the database below the source.
    pub file: String,
    /// Table in it.
    pub table: String,
    sql: Option<String>,
    indexes: Vec<String>,
    kind: CollectionKind,
    by_rowid: bool,
    /// Columns the source computes.
    pub computed: Vec<String>,
}

impl Origin {
    /// Reads it from the collection's description.
    pub fn of(collection: &Collection) -> Option<Self> {
        let raw = collection.raw.as_ref()?.value().ok()?;
        let text = |name: &str| raw.get(name).and_then(|v| v.as_str()).map(str::to_owned);
        let indexes = raw.get("indexes").and_then(|v| v.as_array());
        let indexes = indexes.into_iter().flatten().filter_map(|v| v.as_str());
        let computed = collection.schema.fields.iter().filter(|f| f.computed);
        Some(Self {
            file: text("file")?,
            table: text("table")?,
            sql: text("sql"),
            by_rowid: raw.get("byRowid").and_then(serde_json::Value::as_bool).unwrap_or(false),
            indexes: indexes.map(str::to_owned).collect(),
            kind: collection.kind,
            computed: computed.map(|f| f.name.clone()).collect(),
        })
    }
}

impl Target {
    /// Opens the database at `path` for writing and begins the transaction; makes a new one if there is none.
    ///
    /// # Errors
    /// When it is locked or cannot be written.
    pub fn open(path: &Path, config: &Config, cancel: &Cancel) -> Result<Self> {
        let fresh = if path.exists() { None } else { Some(fresh_name(path)?) };
        let name: &Path = fresh.as_deref().unwrap_or(path);
        let live = open_plain(name, fresh.is_some())?;
        let sql = |e| Error::sql(path.display().to_string(), e);
        // Rows come back as they were: what triggers once did is in the backup already. Foreign keys are counted, and have to be
        // right at the end, in whatever order rows come. A new database holds an excerpt, which may refer to what is not in it.
        live.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)
            .map_err(sql)?;
        live.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, fresh.is_none())
            .map_err(sql)?;
        retry(path, config.wait, cancel, || live.execute_batch("BEGIN IMMEDIATE"))?;
        live.execute_batch("PRAGMA defer_foreign_keys=1; PRAGMA cache_size=-8192;")
            .map_err(sql)?;
        Ok(Self {
            live,
            path: path.to_owned(),
            fresh,
        })
    }

    /// The table rows of `origin` go into; made in a new database.
    ///
    /// # Errors
    /// When there is none, or it takes no rows.
    pub fn table(&self, origin: &Origin) -> Result<Table> {
        let subject = || format!("{}: {}", self.path.display(), origin.table);
        let sql = |e| Error::sql(subject(), e);
        let mut table = find_table(&self.live, &origin.table, origin.by_rowid).map_err(sql)?;
        if table.is_none() && self.fresh.is_some() {
            self.create(origin)?;
            table = find_table(&self.live, &origin.table, origin.by_rowid).map_err(sql)?;
        }
        let refused = |why: &str| Err(Fact::Unsupported { why: why.to_owned() }.on(subject()));
        match table {
            None => {
                refused("is not there: the table was dropped since the backup; restore the whole file to a new place instead")
            }
            Some(t) if t.kind == Kind::View => refused("is a view: it has no rows of its own"),
            Some(t) if t.kind != Kind::Table => refused("is kept by SQLite itself: its rows come back with the whole file only"),
            Some(t) if !t.readable || t.key.is_none() => {
                refused(&t.note.unwrap_or_else(|| "has rows that cannot be told apart".to_owned()))
            }
            Some(t) => Ok(t),
        }
    }

    fn create(&self, origin: &Origin) -> Result<()> {
        let subject = format!("{}: {}", self.path.display(), origin.table);
        let (Some(sql), CollectionKind::Table) = (&origin.sql, origin.kind) else {
            let why = "cannot be made anew: it is no table of rows".to_owned();
            return Err(Fact::Unsupported { why }.on(subject));
        };
        for statement in [sql].into_iter().chain(&origin.indexes) {
            self.live
                .execute_batch(statement)
                .map_err(|e| Error::sql(subject.clone(), e))?;
        }
        Ok(())
    }

    /// Commits, and gives a new database its name.
    ///
    /// # Errors
    /// When it cannot be committed; then nothing was written.
    pub fn commit(self) -> Result<()> {
        let Self { live, path, fresh } = self;
        let sql = |e| Error::sql(path.display().to_string(), e);
        match live.execute_batch("COMMIT") {
            // Only now SQLite says that rows refer to rows that are not there. Going away takes everything back.
            Err(e)
                if e.sqlite_error()
                    .is_some_and(|e| e.extended_code == ffi::SQLITE_CONSTRAINT_FOREIGNKEY) =>
            {
                let rows = foreign::dangling(&live);
                return Err(Fact::ForeignKeys { rows }.at(&path));
            }
            other => other.map_err(sql)?,
        }
        drop(live);
        let Some(fresh) = fresh else { return Ok(()) };
        let io = |e| Error::io(path.display().to_string(), e);
        fs::File::open(&fresh).and_then(|f| f.sync_all()).map_err(io)?;
        // Never over something that came there meanwhile.
        fresh.persist_noclobber(&path).map_err(|e| match e.error.kind() {
            std::io::ErrorKind::AlreadyExists => Fact::Exists.at(&path),
            _ => io(e.error),
        })?;
        place::sync_folder(place::folder(&path))
    }
}

/// A name for a database in the making, beside its place.
fn fresh_name(path: &Path) -> Result<TempPath> {
    let folder = place::folder(path);
    let io = |e| Error::io(path.display().to_string(), e);
    fs::create_dir_all(folder).map_err(io)?;
    if ["-wal", "-journal"].iter().any(|s| side(path, s).exists()) {
        let why = "is not there, but a log or journal of it is: move that away first".to_owned();
        return Err(Fact::Refused { why }.at(path));
    }
    let file = tempfile::Builder::new()
        .prefix(&format!(".backstay-restore-{}-", std::process::id()))
        .suffix(".tmp")
        .tempfile_in(folder)
        .map_err(io)?;
    Ok(file.into_temp_path())
}
