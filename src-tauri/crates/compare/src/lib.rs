//! Pure comparison: fields, words, three-way, and the restore planner.
