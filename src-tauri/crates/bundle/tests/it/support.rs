//! A small bundle to work with.

use std::path::{Path, PathBuf};

use backstay_bundle::{
    BUNDLE_FORMAT, BundleFacts, BundleWriter, EntryOptions, Finished, Format, MANIFEST, ManifestWriter, Target,
};
use backstay_model::{FileEntry, FileKind, FileMeta, SnapshotMeta, Verdict};
use chrono::{DateTime, Utc};

pub fn moment() -> DateTime<Utc> {
    "2026-11-20T08:15:30Z".parse().unwrap()
}

pub fn meta() -> SnapshotMeta {
    let mut meta = SnapshotMeta {
        format_version: 1,
        program: "backstay test".to_owned(),
        source_id: "s1".to_owned(),
        source_name: "notes".to_owned(),
        source_kind: "folder".to_owned(),
        connector_version: 1,
        api_version: None,
        started: moment(),
        finished: moment(),
        verdict: Verdict::Complete,
        gaps: Vec::new(),
        collections: Vec::new(),
        files: 0,
        file_bytes: 0,
        assets: 0,
        workspaces: Vec::new(),
        cursor: None,
        audit_head: None,
        extra: std::collections::BTreeMap::new(),
    };
    let facts = BundleFacts {
        format: BUNDLE_FORMAT,
        snapshot: None,
        selection: Vec::new(),
    };
    facts.put(&mut meta).unwrap();
    meta
}

pub fn target(path: &Path, format: Format) -> Target {
    Target {
        path: path.to_owned(),
        format,
        overwrite: false,
    }
}

/// Files as a walk gives them: directories end in `/`.
pub fn write(path: &Path, format: Format, files: &[(&str, &[u8])]) -> Finished {
    let mut out = BundleWriter::create(target(path, format)).unwrap();
    let mut list = ManifestWriter::new().unwrap();
    for (name, content) in files {
        let directory = name.ends_with('/');
        let entry = FileEntry {
            path: name.trim_end_matches('/').to_owned(),
            kind: if directory { FileKind::Directory } else { FileKind::File },
            size: content.len() as u64,
            meta: FileMeta {
                modified: Some(moment()),
                mode: Some(0o640),
                ..FileMeta::default()
            },
        };
        let place = list.place(&entry.path);
        let options = EntryOptions {
            size: entry.size,
            modified: Some(moment()),
            mode: Some(0o640),
            sparse: false,
        };
        if directory {
            out.directory(&place.path(), &options).unwrap();
        } else {
            out.file(&place.path(), &options, &mut || Ok(Box::new(*content))).unwrap();
        }
        list.add(&entry, &place).unwrap();
    }
    let list = list.finish().unwrap();
    let options = EntryOptions {
        size: list.size(),
        ..EntryOptions::default()
    };
    out.file(MANIFEST, &options, &mut || Ok(Box::new(list.clone()))).unwrap();
    out.finish(&meta()).unwrap()
}

/// Everything below a directory, sorted.
pub fn tree(dir: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            out.extend(tree(&path));
        }
        out.push(path);
    }
    out.sort();
    out
}
