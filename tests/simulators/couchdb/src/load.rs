//! Fills a database with made-up documents without going through HTTP: benchmarks begin with it.

use serde::{Deserialize, Serialize};

use crate::error::ApiError;
use crate::json;
use crate::server::Server;
use crate::store::database::Options;
use crate::store::edit::{Mode, Writer, update};
use crate::store::incoming::Incoming;

/// How many documents of what kind. The same ones every time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Load {
    /// The database; it is made when it is not there.
    pub database: String,
    /// How many documents.
    pub documents: u64,
    /// About how many bytes of JSON each has.
    #[serde(default = "kibibyte")]
    pub bytes: usize,
    /// The number of the first; ids are `doc-000000042`.
    #[serde(default)]
    pub first: u64,
    /// Differs from run to run to change documents that are there: they get a new revision.
    #[serde(default)]
    pub round: u64,
}

fn kibibyte() -> usize {
    1024
}

impl Load {
    /// So many documents of 1 KiB.
    #[must_use]
    pub fn new(database: &str, documents: u64) -> Self {
        Self {
            database: database.to_owned(),
            documents,
            bytes: kibibyte(),
            first: 0,
            round: 0,
        }
    }
}

/// Words of made-up texts.
const WORDS: &[&str] = &[
    "harbour", "lantern", "granite", "willow", "copper", "meadow", "compass", "thunder", "velvet", "orchard", "marble", "signal",
    "ember", "canvas", "ripple", "beacon",
];

/// Stores them.
pub(crate) fn load(server: &Server, load: &Load) -> Result<(), ApiError> {
    let database = match server.database(&load.database) {
        Ok(database) => database,
        Err(_) => server.create(&load.database, Options::default())?,
    };
    let writer = Writer { no_admin: None };
    for chunk in 0..load.documents.div_ceil(1000) {
        let from = load.first + chunk * 1000;
        let to = (from + 1000).min(load.first + load.documents);
        database.write(|state| {
            for number in from..to {
                let id = format!("doc-{number:09}");
                let rev = state.docs.get(id.as_str()).and_then(|doc| {
                    let live = !doc.tree.is_deleted();
                    doc.winning_rev().filter(|_| live).cloned()
                });
                let mut doc = Incoming {
                    members: members(number, load),
                    id,
                    ..Incoming::default()
                };
                doc.set_rev(rev);
                update(state, database.options, doc, Mode::Edit, &writer)?;
            }
            Ok::<(), ApiError>(())
        })?;
    }
    Ok(())
}

/// Members like those of a real document: a few fields and a text that fills it up.
fn members(number: u64, load: &Load) -> String {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(load.round) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut out = format!(
        "\"type\":\"note\",\"number\":{number},\"round\":{},\"score\":{},\"done\":{},\"tags\":[\"{}\",\"{}\"],\"text\":",
        load.round,
        next() % 10_000,
        next() % 2 == 0,
        WORDS[(next() % 16) as usize],
        WORDS[(next() % 16) as usize],
    );
    let mut text = String::new();
    // Id and revision take about 80 bytes of what the client sees.
    while out.len() + text.len() + 84 < load.bytes {
        text.push_str(WORDS[(next() % 16) as usize]);
        text.push_str(&format!(" {:x} ", next() & 0xffff));
    }
    json::push_string(&mut out, text.trim_end());
    out
}
