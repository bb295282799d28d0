//! Reading a server: a backup run, its live state, and what can be reached.
//!
//! A run follows the changes feed of each database to its end and only then asks for documents, in the order of their ids and each
//! once: feeds may repeat and rewind themselves, and of an id that comes twice the last row counts. An answer that is older than
//! another of the same run can therefore never overwrite it.

mod again;
mod aside;
mod assets;
mod cursor;
mod database;
mod decide;
mod documents;
mod failure;
mod feed;
mod judge;
mod live;
mod lookup;
mod probe;
mod row;
mod run;
mod sorted;
mod totals;

pub(crate) use live::LiveView;
pub(crate) use probe::probe;
pub(crate) use run::run;
