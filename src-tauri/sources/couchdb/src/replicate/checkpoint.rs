//! How far a replication got, noted on both ends (`_local/<id>`) in the form of CouchDB's replication log, version 3.

use backstay_model::RawJson;
use backstay_source::Replication;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::end::End;
use crate::{
    client::{Database, Seq},
    error::{CouchError, Refusal, Result},
};

/// Sessions that are remembered, as CouchDB does it.
const SESSIONS: usize = 50;
/// How often a log that somebody else changed meanwhile is read again.
const TRIES: u32 = 3;
/// Version of the log's form.
const VERSION: u32 = 3;

/// The id of a replication: the same ends and the same filter go on from the same checkpoint, once or continuously.
pub(super) fn id(from: &End, to: &End, what: &Replication) -> String {
    let mut ids = what.ids.clone();
    ids.sort();
    ids.dedup();
    let facts = serde_json::json!(["backstay", VERSION, from.url(), to.url(), ids, what.selector]);
    let digest = Sha256::digest(facts.to_string().as_bytes());
    format!("backstay-{}", hex::encode(&digest[..16]))
}

/// A replication log.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Log {
    #[serde(rename = "_rev", skip_serializing_if = "Option::is_none")]
    rev: Option<String>,
    history: Vec<Entry>,
    replication_id_version: u32,
    session_id: String,
    source_last_seq: Option<Seq>,
}

/// What one session did.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Entry {
    pub(super) session_id: String,
    pub(super) start_time: String,
    pub(super) end_time: String,
    pub(super) start_last_seq: Option<Seq>,
    pub(super) end_last_seq: Option<Seq>,
    pub(super) recorded_seq: Option<Seq>,
    pub(super) missing_checked: u64,
    pub(super) missing_found: u64,
    pub(super) docs_read: u64,
    pub(super) docs_written: u64,
    pub(super) doc_write_failures: u64,
}

/// A time as the log has it (RFC 5322).
pub(super) fn time(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

impl Log {
    /// The log a database holds; an empty one when it holds none, or one that cannot be understood.
    fn read(database: &Database, id: &str) -> Result<Self> {
        let found = database.get(&format!("_local/{id}"), crate::client::DocQuery::default())?;
        let Some(found) = found else { return Ok(Self::default()) };
        let understood = serde_json::from_slice::<Self>(found.as_bytes());
        Ok(understood.unwrap_or_else(|_| Self {
            rev: found.value().ok().and_then(|log| Some(log.get("_rev")?.as_str()?.to_owned())),
            ..Self::default()
        }))
    }

    /// Where both logs agree last: the position of the newest session both know.
    fn common(&self, other: &Self) -> Option<Seq> {
        if !self.session_id.is_empty() && self.session_id == other.session_id && self.source_last_seq.is_some() {
            return self.source_last_seq.clone();
        }
        self.history.iter().find_map(|entry| {
            let both = other.history.iter().any(|known| known.session_id == entry.session_id);
            entry.recorded_seq.clone().filter(|_| both && !entry.session_id.is_empty())
        })
    }

    /// The same log with this session on top.
    fn with(&self, entry: &Entry) -> Self {
        let mut history = vec![entry.clone()];
        let others = self.history.iter().filter(|known| known.session_id != entry.session_id);
        history.extend(others.take(SESSIONS - 1).cloned());
        Self {
            rev: self.rev.clone(),
            history,
            replication_id_version: VERSION,
            session_id: entry.session_id.clone(),
            source_last_seq: entry.recorded_seq.clone(),
        }
    }

    fn write(&mut self, database: &Database, id: &str, entry: &Entry) -> Result<()> {
        let path = format!("_local/{id}");
        for left in (0..TRIES).rev() {
            let next = self.with(entry);
            let json = RawJson::from_value(&next).map_err(|error| CouchError::BadAnswer {
                subject: database.part(&path),
                reason: error.to_string(),
            })?;
            match database.put(&path, &json, true) {
                Ok(rev) => {
                    *self = Self { rev: Some(rev), ..next };
                    return Ok(());
                }
                Err(error) if error.refusal() == Some(Refusal::Conflict) && left > 0 => {
                    self.rev = Self::read(database, id)?.rev;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// The logs of both ends.
pub(super) struct Checkpoints {
    id: String,
    from: Log,
    to: Log,
    /// The source does not let this user note anything: the next session compares revisions from the beginning.
    from_is_closed: bool,
}

impl Checkpoints {
    /// Reads both logs.
    ///
    /// # Errors
    /// When an end cannot be read.
    pub(super) fn read(from: &Database, to: &Database, id: String) -> Result<Self> {
        Ok(Self {
            from: Log::read(from, &id)?,
            to: Log::read(to, &id)?,
            from_is_closed: false,
            id,
        })
    }

    /// Where to go on; `None`: at the beginning.
    pub(super) fn start(&self) -> Option<Seq> {
        self.to.common(&self.from)
    }

    /// Notes a session on both ends, at the target first: a source that is ahead would lose what lies between.
    ///
    /// # Errors
    /// When the target cannot be written; or the source, other than for want of permission.
    pub(super) fn write(&mut self, from: &Database, to: &Database, entry: &Entry) -> Result<()> {
        self.to.write(to, &self.id, entry)?;
        if self.from_is_closed {
            return Ok(());
        }
        match self.from.write(from, &self.id, entry) {
            Err(error) if matches!(error.refusal(), Some(Refusal::Unauthorized | Refusal::Forbidden)) => {
                self.from_is_closed = true;
                Ok(())
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(session: &str, seq: &str) -> Entry {
        Entry {
            session_id: session.to_owned(),
            recorded_seq: Some(Seq::noted(seq)),
            ..Entry::default()
        }
    }

    fn log(sessions: &[(&str, &str)]) -> Log {
        sessions
            .iter()
            .rev()
            .fold(Log::default(), |log, (session, seq)| log.with(&entry(session, seq)))
    }

    #[test]
    fn the_newest_session_both_know_is_where_it_goes_on() {
        let seq = |text: &str| Some(Seq::noted(text));
        let ours = log(&[("c", "30"), ("b", "20"), ("a", "10")]);
        assert_eq!(ours.common(&ours), seq("30"));
        // The source missed the last note: power went between the two writes.
        assert_eq!(ours.common(&log(&[("b", "20"), ("a", "10")])), seq("20"));
        assert_eq!(ours.common(&log(&[("x", "99"), ("a", "10")])), seq("10"));
        assert_eq!(
            ours.common(&log(&[("x", "99")])),
            None,
            "a target that was put back from elsewhere"
        );
        assert_eq!(ours.common(&Log::default()), None);
        assert_eq!(Log::default().common(&Log::default()), None);
    }

    #[test]
    fn a_session_is_noted_once_and_old_ones_are_forgotten() {
        let mut long = Log::default();
        for number in 0..80 {
            long = long.with(&entry(&format!("s{number}"), &number.to_string()));
        }
        long = long.with(&entry("s79", "79-later"));
        assert_eq!(long.history.len(), SESSIONS);
        assert_eq!(long.history[0].recorded_seq, Some(Seq::noted("79-later")));
        assert_eq!(long.history[1].session_id, "s78");
    }

    #[test]
    fn times_are_rfc_5322() {
        let at = DateTime::parse_from_rfc3339("2026-11-20T15:04:05Z").unwrap();
        assert_eq!(time(at.to_utc()), "Fri, 20 Nov 2026 15:04:05 GMT");
    }
}
