//! Files that are gone: two trees of the vault side by side, directories that are the same passed over unread.

use std::vec::IntoIter;

use backstay_vault::{Node, NodeKind, Reader};

use super::{SnapshotView, gaps::Gaps, pairs::Taken};
use crate::{Job, Result, snapshot::files::escape};

/// A directory of before on the way, with what it has become.
struct Open {
    path: Vec<u8>,
    was: IntoIter<Node>,
    /// Sorted by name; empty when the directory is gone.
    is: Vec<Node>,
}

/// Paths of files of `before` at which `now` has none, depth first; what a gap explains is left out. What a partial `before`
/// lacks is taken from the complete snapshot before it, behind the rest.
pub(super) fn gone_files(before: &SnapshotView, now: &SnapshotView, job: &Job<'_>, found: Taken<'_>) -> Result<()> {
    let gaps = Gaps::of(&now.meta.gaps);
    if !walk(before, now.files.as_ref(), &gaps, job, found)? {
        return Ok(());
    }
    for (path, node) in lost_before(before)? {
        let gone = |path: &str| Ok::<_, crate::EngineError>(!gaps.cover(path) && before.file(path)?.is_none());
        for below in below(&before.reader, &path, &node)? {
            job.cancel.check()?;
            let below = below?;
            if gone(&below)? && now.file(&below)?.is_none_or(|node| node.is_directory()) && !found(&below)? {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Files of before that were lost in its gaps: their number.
pub(super) fn count_lost_before(before: &SnapshotView) -> Result<u64> {
    let mut count = 0;
    for (path, node) in lost_before(before)? {
        for below in below(&before.reader, &path, &node)? {
            count += u64::from(before.file(&below?)?.is_none());
        }
    }
    Ok(count)
}

/// What the complete snapshot has where `before` has gaps.
fn lost_before(before: &SnapshotView) -> Result<Vec<(String, Node)>> {
    let Some(whole) = before.whole.as_deref() else {
        return Ok(Vec::new());
    };
    let mut subjects: Vec<&str> = before.meta.gaps.iter().map(|gap| gap.subject.trim_end_matches('/')).collect();
    subjects.sort_unstable();
    subjects.dedup();
    let all = Gaps::of(&before.meta.gaps);
    // A gap within another is met with the outer one.
    subjects.retain(|subject| !subject.is_empty() && subject.rfind('/').is_none_or(|at| !all.cover(&subject[..at])));
    let mut out = Vec::new();
    for subject in subjects {
        out.extend(whole.file(subject)?.map(|node| (subject.to_owned(), node)));
    }
    Ok(out)
}

/// The file `node` at `path`, or all files below it.
fn below<'a>(reader: &Reader, path: &'a str, node: &Node) -> Result<Box<dyn Iterator<Item = Result<String>> + 'a>> {
    if !node.is_directory() {
        return Ok(Box::new(node.is_file().then(|| Ok(path.to_owned())).into_iter()));
    }
    Ok(Box::new(reader.walk_below(node).filter_map(move |entry| match entry.error {
        Some(error) => Some(Err(error.into())),
        None => entry.node.is_file().then(|| Ok(format!("{path}/{}", escape(&entry.path)))),
    })))
}

/// Whether something lies at a path that may be what the file became.
fn stands_for(node: &Node) -> bool {
    matches!(node.kind, NodeKind::File | NodeKind::Symlink { .. })
}

fn listing(reader: &Reader, node: Option<&Node>) -> Result<Vec<Node>> {
    match node.filter(|node| node.is_directory()) {
        Some(node) => Ok(reader.list(node)?),
        None => Ok(Vec::new()),
    }
}

fn walk(before: &SnapshotView, now: Option<&Node>, gaps: &Gaps, job: &Job<'_>, found: Taken<'_>) -> Result<bool> {
    let Some(was) = &before.files else { return Ok(true) };
    if now.is_some_and(|now| now.subtree == was.subtree) {
        return Ok(true);
    }
    let mut open = vec![Open {
        path: Vec::new(),
        was: listing(&before.reader, Some(was))?.into_iter(),
        is: listing(&before.reader, now)?,
    }];
    while let Some(directory) = open.last_mut() {
        let Some(node) = directory.was.next() else {
            open.pop();
            continue;
        };
        job.cancel.check()?;
        let is = directory.is.binary_search_by(|other| other.name.cmp(&node.name));
        let is = is.ok().map(|at| directory.is[at].clone());
        let mut path = directory.path.clone();
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(&node.name);
        if node.is_directory() {
            let same = is.as_ref().is_some_and(|is| is.is_directory() && is.subtree == node.subtree);
            let explained = is.is_none() && gaps.cover(&escape(&path));
            if !same && !explained {
                open.push(Open {
                    was: listing(&before.reader, Some(&node))?.into_iter(),
                    is: listing(&before.reader, is.as_ref())?,
                    path,
                });
            }
            continue;
        }
        let gone = node.is_file() && !is.as_ref().is_some_and(stands_for);
        if gone {
            let path = escape(&path);
            if !gaps.cover(&path) && !found(&path)? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Directory of a path; empty for one at the top.
pub(super) fn directory_of(path: &str) -> &str {
    path.rfind('/').map_or("", |at| &path[..at])
}
