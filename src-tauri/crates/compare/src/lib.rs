//! Pure comparison: fields, words, three-way, and the restore planner.
//!
//! Nothing here reads, writes, or asks the time; everything is a function of its arguments and costs time in proportion to
//! the size of what it is given, however unlike the two sides are.
//!
//! **When are two values the same?** Everywhere in this crate by [`equal`]: the order of keys does not count, the order of
//! array elements does, texts are compared by code point, and numbers by their exact decimal value. `1.0`, `1.00` and `1e0`
//! are one number; `1` and `1.0` are two, because SQLite and typed services tell whole numbers from fractions, and a restore
//! brings back what was there.

mod arrays;
mod canonical;
mod equal;
mod fields;
mod merge;
mod moves;
mod number;
mod plan;
mod plan_file;
mod pointer;
mod rule;
mod words;

pub use canonical::{IgnorePatterns, PatternError, canonical, content_hash};
pub use equal::equal;
pub use fields::diff_fields;
pub use merge::{Choice, FieldConflict, Merge, merge_records, merge_with, merge3};
pub use moves::{Move, moves};
pub use plan::{Outcome, RecordSide, RecordSides, plan_record};
pub use plan_file::{FileSide, FileSides, plan_file};
pub use rule::{Reason, Rules, Surplus};
pub use words::{WordRun, diff_words};

/// Objects and arrays nested deeper than this are compared and merged as a whole, not field by field. Parsed JSON never
/// reaches it twice: `serde_json` refuses text nested deeper than 128.
pub const MAX_DEPTH: usize = 100;
