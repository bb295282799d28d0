//! The directories of a snapshot that are still open: their entries as finished JSON, sorted by name.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::node::{FileAttrs, TREE_END, TREE_START, encode_node};
use crate::{Id, Node, NodeKind, Result, VaultError};

/// All open directories by path; the root has the empty path.
#[derive(Debug, Default)]
pub(super) struct Directories {
    open: BTreeMap<Vec<u8>, Directory>,
}

/// An open directory.
#[derive(Debug, Default)]
struct Directory {
    attrs: Option<FileAttrs>,
    /// The entries' JSON, in the order they came.
    json: Vec<u8>,
    entries: BTreeMap<Box<[u8]>, Entry>,
}

/// An entry of an open directory.
#[derive(Debug)]
enum Entry {
    /// Finished; a directory that is finished takes nothing more.
    Done { json: Range<usize>, directory: bool },
    /// A directory that is still open.
    Open,
}

/// The last part of a path, after checking the whole path.
pub(super) fn name_of(path: &[u8]) -> Result<Vec<u8>> {
    let bad = |part: &[u8]| part.is_empty() || part == b"." || part == b".." || part.contains(&0);
    let mut name = Vec::new();
    for part in path.split(|b| *b == b'/') {
        if bad(part) {
            return Err(VaultError::BadPath { path: display(path) });
        }
        name = part.to_vec();
    }
    Ok(name)
}

fn display(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}

/// A path without its last part, and that part. The root contains itself, with an empty name.
fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|b| *b == b'/') {
        Some(at) => (&path[..at], &path[at + 1..]),
        None => (b"", path),
    }
}

impl Directories {
    /// Adds an entry whose content is stored.
    pub(super) fn put(&mut self, path: &[u8], node: &Node) -> Result<()> {
        let (parent, name) = split(path);
        let directory = self.ensure(parent, path)?;
        if directory.entries.contains_key(name) {
            return Err(VaultError::DuplicatePath { path: display(path) });
        }
        directory.add(name, node);
        Ok(())
    }

    /// Adds a directory or gives attributes to one that exists already.
    pub(super) fn put_directory(&mut self, path: &[u8], attrs: &FileAttrs) -> Result<()> {
        name_of(path)?;
        let directory = self.ensure(path, path)?;
        if directory.attrs.is_some() {
            return Err(VaultError::DuplicatePath { path: display(path) });
        }
        directory.attrs = Some(attrs.clone());
        Ok(())
    }

    /// The open directory `path`, made with all its parents if need be. `wanted` is the path to name in an error.
    fn ensure(&mut self, path: &[u8], wanted: &[u8]) -> Result<&mut Directory> {
        if !self.open.contains_key(path) && !path.is_empty() {
            let (parent, name) = split(path);
            let above = self.ensure(parent, wanted)?;
            match above.entries.get(name) {
                None => above.entries.insert(name.into(), Entry::Open),
                Some(Entry::Done { directory: true, .. }) => {
                    return Err(VaultError::DirectoryFinished { path: display(wanted) });
                }
                Some(_) => return Err(VaultError::DuplicatePath { path: display(wanted) }),
            };
        }
        Ok(self.open.entry(path.to_vec()).or_default())
    }

    /// Open directories at and below `path`, the innermost first, `path` itself last.
    pub(super) fn open_below(&mut self, path: &[u8]) -> Result<Vec<Vec<u8>>> {
        if path.is_empty() {
            self.open.entry(Vec::new()).or_default();
        } else {
            name_of(path)?;
        }
        let mut found: Vec<Vec<u8>> = self
            .open
            .range(path.to_vec()..)
            .take_while(|(other, _)| other.starts_with(path))
            .map(|(other, _)| other.clone())
            .filter(|other| path.is_empty() || other.len() == path.len() || other[path.len()] == b'/')
            .collect();
        if !self.open.contains_key(path) {
            found.clear();
        }
        // Parents sort before what is in them.
        found.reverse();
        found.sort_by_key(|path| std::cmp::Reverse(path.iter().filter(|b| **b == b'/').count() + usize::from(!path.is_empty())));
        Ok(found)
    }

    /// The listing of an open directory, whose own directories are all closed.
    pub(super) fn listing(&self, path: &[u8]) -> Result<Vec<u8>> {
        let unknown = || VaultError::NotADirectory { path: display(path) };
        let directory = self.open.get(path).ok_or_else(unknown)?;
        let mut json = Vec::with_capacity(directory.json.len() + directory.entries.len() + 16);
        json.extend_from_slice(TREE_START);
        for (n, entry) in directory.entries.values().enumerate() {
            let Entry::Done { json: range, .. } = entry else {
                return Err(unknown());
            };
            if n > 0 {
                json.push(b',');
            }
            json.extend_from_slice(&directory.json[range.clone()]);
        }
        json.extend_from_slice(TREE_END);
        Ok(json)
    }

    /// Replaces an open directory by its entry in the one above. The root just goes.
    pub(super) fn close(&mut self, path: &[u8], tree: Id) {
        let attrs = self
            .open
            .remove(path)
            .and_then(|directory| directory.attrs)
            .unwrap_or_default();
        if path.is_empty() {
            return;
        }
        let (parent, name) = split(path);
        let node = Node {
            name: name.to_vec(),
            kind: NodeKind::Directory,
            attrs,
            size: 0,
            content: [].into(),
            subtree: Some(tree),
            extra: Vec::new(),
        };
        if let Some(above) = self.open.get_mut(parent) {
            above.add(name, &node);
        }
    }
}

impl Directory {
    fn add(&mut self, name: &[u8], node: &Node) {
        let start = self.json.len();
        encode_node(&mut self.json, node);
        let entry = Entry::Done {
            json: start..self.json.len(),
            directory: node.is_directory(),
        };
        self.entries.insert(name.into(), entry);
    }
}
