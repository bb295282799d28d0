//! Plain folders of files as a source.
