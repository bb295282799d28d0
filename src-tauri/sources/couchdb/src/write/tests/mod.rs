//! Writing against servers: the stand-in, and PouchDB Server where it can.

mod attachments;
mod faults;
mod kit;
mod refusals;
mod restore;
mod undo;
