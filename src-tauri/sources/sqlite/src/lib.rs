//! SQLite files and LiveStore workspaces as a source.
