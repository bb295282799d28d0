//! Documents with their leaf revisions ⇄ records.
