//! Reading a server: a backup run, and its live state.
