//! What a table is: its columns, its key, how it can be read.

use backstay_model::{Collection, CollectionKind, Field, RawJson, Schema};

use super::value::Collation;

/// A table, view, virtual or shadow table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// `CREATE …` as the schema has it.
    pub sql: Option<String>,
    /// Columns a SELECT gives, in order.
    pub columns: Vec<Column>,
    /// `CREATE INDEX …` of its indexes.
    pub indexes: Vec<String>,
    /// Names of its triggers.
    pub triggers: Vec<String>,
    /// How its rows are addressed; `None` when they have no stable address and are numbered.
    pub key: Option<Key>,
    /// Why it cannot be read or addressed as one would expect.
    pub note: Option<String>,
    /// It can be read at all.
    pub readable: bool,
}

/// What a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A table of rows.
    Table,
    /// A view.
    View,
    /// A virtual table.
    Virtual,
    /// SQLite's own, or belonging to a virtual table.
    Internal,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its declared type.
    pub declared: String,
    /// SQLite computes it.
    pub generated: bool,
    /// NULL is refused.
    pub not_null: bool,
}

/// How rows are addressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// By rowid.
    Rowid {
        /// What the rowid is called in SQL.
        name: String,
        /// The column that is the rowid, if one is.
        column: Option<usize>,
    },
    /// By the columns of the primary key.
    Columns(Vec<KeyColumn>),
}

/// A column of a primary key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyColumn {
    /// Index into [`Table::columns`].
    pub column: usize,
    /// Its collation in the key.
    pub collation: Collation,
    /// The key is in descending order.
    pub descending: bool,
    /// Its affinity.
    pub affinity: Affinity,
}

/// Affinity of a column (<https://sqlite.org/datatype3.html#determination_of_column_affinity>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Affinity {
    Text,
    Numeric,
    Integer,
    Real,
    Blob,
}

impl Affinity {
    /// The affinity of a declared type.
    pub fn of(declared: &str) -> Self {
        let upper = declared.to_ascii_uppercase();
        let has = |words: &[&str]| words.iter().any(|w| upper.contains(w));
        if has(&["INT"]) {
            Self::Integer
        } else if has(&["CHAR", "CLOB", "TEXT"]) {
            Self::Text
        } else if upper.is_empty() || has(&["BLOB"]) || upper == "ANY" {
            // ANY takes values as they are in STRICT tables; elsewhere it is NUMERIC, and the longer form of ids does no harm.
            Self::Blob
        } else if has(&["REAL", "FLOA", "DOUB"]) {
            Self::Real
        } else {
            Self::Numeric
        }
    }
}

impl Table {
    /// The table of the database file `file` as a collection called `name`. Its `raw` is what a new place needs to make it.
    pub fn collection(&self, name: String, file: &str) -> Collection {
        let fields = self.columns.iter().map(|c| Field {
            name: c.name.clone(),
            kind: c.declared.clone(),
            computed: c.generated,
        });
        let key = match &self.key {
            Some(Key::Rowid { column: Some(at), .. }) => vec![self.columns[*at].name.clone()],
            Some(Key::Columns(columns)) => columns.iter().map(|c| self.columns[c.column].name.clone()).collect(),
            _ => Vec::new(),
        };
        let mut raw = serde_json::Map::new();
        raw.insert("file".into(), file.into());
        raw.insert("table".into(), self.name.clone().into());
        let by_rowid = matches!(self.key, Some(Key::Rowid { .. }));
        raw.insert("byRowid".into(), by_rowid.into());
        if !self.indexes.is_empty() {
            raw.insert("indexes".into(), self.indexes.clone().into());
        }
        if !self.triggers.is_empty() {
            raw.insert("triggers".into(), self.triggers.clone().into());
        }
        if let Some(sql) = &self.sql {
            raw.insert("sql".into(), sql.clone().into());
        }
        if let Some(note) = &self.note {
            raw.insert("note".into(), note.clone().into());
        }
        Collection {
            name,
            title: None,
            kind: match self.kind {
                Kind::Table if self.readable && self.key.is_some() => CollectionKind::Table,
                // Rows without an address, and rows only a module of the application can write, are for reading.
                Kind::Table | Kind::View | Kind::Virtual => CollectionKind::View,
                Kind::Internal => CollectionKind::Internal,
            },
            schema: Schema {
                fields: fields.collect(),
                key,
            },
            records: None,
            raw: RawJson::from_value(&raw).ok(),
        }
    }

    /// The names a row's object has as members: one each, also for a view with two columns of one name.
    pub fn member_names(&self) -> Vec<String> {
        self.columns.iter().map(|c| c.name.clone()).collect()
    }
}

/// A name in SQL.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
