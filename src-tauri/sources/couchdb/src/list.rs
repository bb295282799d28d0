//! Which databases a source has.
