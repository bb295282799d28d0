//! Rows as records: of living databases and of stored ones, with the same code.

mod database;
mod rank;
mod schema;
pub mod sql;
mod vfs;
mod view;

pub use database::Database;
pub use schema::find_table;
pub use vfs::Opener;
pub use view::{Place, Rows};
