//! Which files make a LiveStore: one event log, and state databases derived from it, of which one is current.
//!
//! A store's directory holds `eventlog@N.db` and `state{hash}@N.db`, N being the version of LiveStore's storage format and
//! the hash (which may be negative) that of the schema. A change of schema leaves the older state file behind.

use std::collections::BTreeMap;

use rusqlite::Connection;

/// What a file is to a LiveStore, by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// `eventlog@N.db`: the truth.
    Eventlog {
        /// N
        version: String,
    },
    /// `state{hash}@N.db`: derived from the event log.
    State {
        /// N
        version: String,
    },
}

/// The files of one store, as indices into the list it was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// Version of the storage format.
    pub version: String,
    /// The event log.
    pub eventlog: usize,
    /// All state files, current or not.
    pub states: Vec<usize>,
}

/// The role of a file, by its path below the source.
pub fn role(rel: &str) -> Option<Role> {
    let name = rel.rsplit('/').next()?;
    let (base, version) = name.strip_suffix(".db")?.split_once('@')?;
    if version.is_empty() || !version.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let version = version.to_owned();
    if base == "eventlog" {
        return Some(Role::Eventlog { version });
    }
    let hash = base.strip_prefix("state")?;
    let digits = hash.strip_prefix('-').unwrap_or(hash);
    let is_hash = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    (is_hash || hash == "fixed").then_some(Role::State { version })
}

/// Groups files into stores. State files without an event log beside them are databases like any other.
pub fn stores(rels: &[&str]) -> Vec<Store> {
    let mut groups: BTreeMap<(String, String), (Option<usize>, Vec<usize>)> = BTreeMap::new();
    for (at, rel) in rels.iter().enumerate() {
        let dir = rel.rsplit_once('/').map_or("", |(dir, _)| dir).to_owned();
        match role(rel) {
            Some(Role::Eventlog { version }) => groups.entry((dir, version)).or_default().0 = Some(at),
            Some(Role::State { version }) => groups.entry((dir, version)).or_default().1.push(at),
            None => {}
        }
    }
    let whole = groups.into_iter().filter_map(|((_, version), (eventlog, states))| {
        Some(Store {
            version,
            eventlog: eventlog?,
            states,
        })
    });
    whole.collect()
}

/// How far a state database has come: the newest event it has seen, then when its tables were made.
pub fn progress(conn: &Connection) -> (i64, String) {
    let number = |sql: &str| conn.query_row(sql, [], |r| r.get::<_, Option<i64>>(0)).ok().flatten();
    // Newer builds keep a head; all keep the changesets of events that may still be rolled back.
    let head = number("SELECT max(seqNumGlobal) FROM __livestore_state_head");
    let seen = number("SELECT max(seqNumGlobal) FROM __livestore_session_changeset");
    let made = conn.query_row("SELECT max(updatedAt) FROM __livestore_schema", [], |r| {
        r.get::<_, Option<String>>(0)
    });
    (head.max(seen).unwrap_or(-1), made.ok().flatten().unwrap_or_default())
}

/// The current one of several state databases, by how far each has come; those that cannot be opened count least.
pub fn newest_state<E>(states: &[usize], mut progress: impl FnMut(usize) -> Result<(i64, String), E>) -> Option<usize> {
    if let [only] = states {
        return Some(*only);
    }
    let ranked = states.iter().map(|at| (progress(*at).unwrap_or((-2, String::new())), *at));
    ranked.max().map(|(_, at)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_role() {
        let version = "6".to_owned();
        assert_eq!(
            role("a/eventlog@6.db"),
            Some(Role::Eventlog {
                version: version.clone()
            })
        );
        for name in ["state-1146461791@6.db", "x/y/state13296854969@6.db", "statefixed@6.db"] {
            assert_eq!(
                role(name),
                Some(Role::State {
                    version: version.clone()
                }),
                "{name}"
            );
        }
        for name in [
            "eventlog.db",
            "state@6.db",
            "statement@6.db",
            "state12@x.db",
            "eventlog@.db",
            "livestore.db",
        ] {
            assert_eq!(role(name), None, "{name}");
        }
    }

    #[test]
    fn a_store_needs_its_eventlog() {
        let rels = ["a/eventlog@6.db", "a/state-1@6.db", "a/state2@6.db", "b/state3@6.db", "c.db"];
        let found = stores(&rels);
        assert_eq!(
            found,
            [Store {
                version: "6".into(),
                eventlog: 0,
                states: vec![1, 2]
            }]
        );
    }
}
