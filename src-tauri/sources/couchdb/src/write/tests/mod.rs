//! Writing against servers: the stand-in, and PouchDB Server where it can.

mod attachments;
mod faults;
mod refusals;
mod restore;
mod undo;
