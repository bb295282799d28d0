//! A record as the columns of a table.

use backstay_model::Record;
use serde_json::Value;

use super::target::Origin;
use crate::{
    convert::{Cell, Key, Table},
    error::{Fact, Result},
};

/// Columns (as indices into the table's) and the values they get.
#[derive(Debug)]
pub struct Row {
    /// What is written.
    pub values: Vec<(usize, Cell)>,
    /// The key's values, from the record's id.
    pub key: Vec<Cell>,
}

impl Row {
    /// Takes a record apart. What SQLite computes is left out.
    ///
    /// # Errors
    /// When the table lacks columns the record has, or a value is none of ours.
    pub fn of(record: &Record, table: &Table, key: &Key, origin: &Origin, subject: &str) -> Result<Self> {
        let detail = |detail: String| Fact::BadValue { detail }.on(format!("{subject}/{}", record.id));
        let Ok(Value::Object(members)) = record.data.value() else {
            return Err(detail("it is no JSON object".into()));
        };
        let mut values = Vec::with_capacity(members.len());
        let mut missing = Vec::new();
        for (name, value) in &members {
            match table.columns.iter().position(|c| c.name == *name) {
                Some(at) if table.columns[at].generated => {}
                Some(at) => {
                    let cell = Cell::from_json(value).map_err(|fact| fact.on(format!("{subject}/{}: {name}", record.id)))?;
                    values.push((at, cell));
                }
                None if origin.computed.contains(name) => {}
                None => missing.push(name.clone()),
            }
        }
        if !missing.is_empty() {
            return Err(Fact::MissingColumns { columns: missing }.on(subject));
        }
        Ok(Self {
            values,
            key: key_of(key, &record.id, subject)?,
        })
    }
}

/// The key's values in an id.
///
/// # Errors
/// When no row of the table can have the id.
pub fn key_of(key: &Key, id: &str, subject: &str) -> Result<Vec<Cell>> {
    let detail = format!("{id:?}");
    key.parse(id).ok_or_else(|| Fact::BadId { detail }.on(subject))
}
