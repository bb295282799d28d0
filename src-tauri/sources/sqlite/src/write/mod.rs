//! Writing: whole files put in place of living ones, rows put into living databases.

mod beside;
mod exclusive;
mod file;
mod foreign;
mod holders;
mod incoming;
mod place;
mod row;
mod rows;
mod target;

pub use file::Files;
pub use rows::RowWriter;
