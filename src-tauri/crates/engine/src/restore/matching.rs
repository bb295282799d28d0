//! Records chosen by what they are like: the beginning of their ids, or a question in the language of their kind of source.

use std::{collections::BTreeSet, fmt, sync::Arc};

use backstay_model::{ErrorKind, Record, RecordMatch};
use backstay_source::{Cancel, Connector, RecordView, Selector, SourceError};

use crate::Result;

/// Records read at once.
const BATCH: usize = 500;
/// Bytes of records read at once, as far as their sizes are known.
const BATCH_BYTES: u64 = 8 << 20;

/// What the records chosen from a collection are like.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Matching {
    /// These by their ids, whatever they are like.
    ids: BTreeSet<String>,
    like: Vec<Like>,
}

/// One way to be chosen.
#[derive(Clone)]
struct Like {
    prefix: Option<String>,
    /// The question as it was asked, and understood.
    selector: Option<(String, Arc<dyn Selector>)>,
}

impl fmt::Debug for Like {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.selector.as_ref().map(|(text, _)| text);
        f.debug_struct("Like")
            .field("prefix", &self.prefix)
            .field("selector", &text)
            .finish()
    }
}

impl PartialEq for Like {
    fn eq(&self, other: &Self) -> bool {
        let text = |like: &Self| like.selector.as_ref().map(|(text, _)| text.clone());
        self.prefix == other.prefix && text(self) == text(other)
    }
}

impl Eq for Like {}

/// What an id alone tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ById {
    /// It is chosen.
    Chosen,
    /// It is not.
    Left,
    /// Its content decides.
    Content,
}

impl Matching {
    /// These records by their ids.
    pub(super) fn of(ids: Vec<String>) -> Self {
        Self {
            ids: ids.into_iter().collect(),
            like: Vec::new(),
        }
    }

    /// Adds one record by its id.
    pub(super) fn take(&mut self, id: &str) {
        self.ids.insert(id.to_owned());
    }

    /// Adds a way to be chosen. `connector` understands questions of the kind of source.
    ///
    /// # Errors
    /// When a question cannot be understood, or there is nobody to understand it.
    pub(super) fn add(&mut self, wanted: &RecordMatch, connector: Option<&dyn Connector>) -> Result<()> {
        let selector = match (&wanted.selector, connector) {
            (None, _) => None,
            (Some(text), Some(connector)) => Some((text.clone(), Arc::from(connector.selector(text)?))),
            (Some(_), None) => {
                let message = "has no language to choose records with";
                return Err(SourceError::new(ErrorKind::Unsupported, &wanted.collection, message).into());
            }
        };
        self.like.push(Like {
            prefix: wanted.prefix.clone(),
            selector,
        });
        Ok(())
    }

    /// What the id of a record tells.
    pub(super) fn by_id(&self, id: &str) -> ById {
        if self.ids.contains(id) {
            return ById::Chosen;
        }
        let mut like = self.like.iter().filter(|like| like.begins(id)).peekable();
        if like.peek().is_none() {
            return ById::Left;
        }
        if like.any(|like| like.selector.is_none()) {
            ById::Chosen
        } else {
            ById::Content
        }
    }

    /// Whether a record is one of those asked for.
    ///
    /// # Errors
    /// When its data cannot be understood.
    pub fn holds(&self, record: &Record) -> Result<bool> {
        if self.ids.contains(&record.id) {
            return Ok(true);
        }
        for like in self.like.iter().filter(|like| like.begins(&record.id)) {
            match &like.selector {
                Some((_, selector)) if !selector.matches(record)? => {}
                _ => return Ok(true),
            }
        }
        Ok(false)
    }

    /// Gives the records of a view that are asked for, in its order, reading few at a time.
    ///
    /// # Errors
    /// When the view cannot be read, `found` fails, or the job is cancelled.
    pub fn each(
        &self,
        view: &dyn RecordView,
        name: &str,
        cancel: &Cancel,
        found: &mut dyn FnMut(Record) -> Result<()>,
    ) -> Result<()> {
        let (mut ids, mut bytes) = (Vec::new(), 0);
        for print in view.prints(name)? {
            let print = print?;
            if self.by_id(&print.id) == ById::Left {
                continue;
            }
            cancel.check()?;
            ids.push(print.id);
            bytes += print.bytes.unwrap_or(0);
            if ids.len() >= BATCH || bytes >= BATCH_BYTES {
                self.some(view, name, &ids, found)?;
                ids.clear();
                bytes = 0;
            }
        }
        self.some(view, name, &ids, found)
    }

    fn some(&self, view: &dyn RecordView, name: &str, ids: &[String], found: &mut dyn FnMut(Record) -> Result<()>) -> Result<()> {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        for record in view.get_many(name, &ids)?.into_iter().flatten() {
            if self.holds(&record)? {
                found(record)?;
            }
        }
        Ok(())
    }
}

impl Like {
    fn begins(&self, id: &str) -> bool {
        self.prefix.as_deref().is_none_or(|prefix| id.starts_with(prefix))
    }
}
