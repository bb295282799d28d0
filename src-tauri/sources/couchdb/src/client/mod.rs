//! Typed calls to a server.
