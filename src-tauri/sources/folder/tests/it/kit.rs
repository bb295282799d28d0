//! What the tests share: a scratch folder, a source over it, runs of it.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use backstay_folder::FolderConnector;
use backstay_model::{FileEntry, FileKind, FileMeta, TargetSpec};
use backstay_source::{Cancel, Connector as _, FileView, FileWriter, Result, Source, SourceConfig};
use backstay_source_kit::{DirSink, NoSecrets, Taken};
use serde_json::{Value, json};

/// A scratch directory with a folder `src` to protect and room beside it.
pub struct Scratch {
    pub dir: tempfile::TempDir,
}

impl Scratch {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("src")).unwrap();
        Self { dir }
    }

    /// The same in memory, where there is such a disk: for tests that synchronise often.
    pub fn in_memory() -> Self {
        let Ok(dir) = tempfile::tempdir_in("/dev/shm") else {
            return Self::new();
        };
        fs::create_dir(dir.path().join("src")).unwrap();
        Self { dir }
    }

    pub fn root(&self) -> PathBuf {
        self.dir.path().join("src")
    }

    pub fn beside(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file below the folder, with the directories it needs.
    pub fn file(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let full = self.root().join(path);
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        fs::write(&full, content).unwrap();
        full
    }

    pub fn source(&self, options: Value) -> Arc<dyn Source> {
        open(&self.root(), options).unwrap()
    }

    pub fn plain(&self) -> Arc<dyn Source> {
        self.source(json!({}))
    }

    pub fn run(&self, options: Value) -> Taken {
        run(&*self.source(options))
    }

    pub fn new_place(&self, name: &str) -> Arc<dyn Source> {
        let target = TargetSpec::New(self.beside(name).to_str().unwrap().to_owned());
        self.plain().at(&target).unwrap()
    }
}

pub fn open(root: &Path, mut options: Value) -> Result<Arc<dyn Source>> {
    if options.get("path").is_none() {
        options["path"] = json!(root.to_str().unwrap());
    }
    let config = SourceConfig {
        id: "id".to_owned(),
        name: "name".to_owned(),
        options,
    };
    FolderConnector.open(&config, &NoSecrets)
}

/// A run that must hold to the contract.
pub fn run(source: &dyn Source) -> Taken {
    let taken = try_run(source, DirSink::new()).unwrap();
    assert_eq!(taken.breaches, Vec::<String>::new());
    taken
}

pub fn try_run(source: &dyn Source, sink: DirSink) -> Result<Taken> {
    source.changes(None, &sink)?;
    Ok(sink.finish())
}

pub fn live(source: &dyn Source) -> Arc<dyn FileView> {
    source.live_files(&Cancel::default()).unwrap().unwrap()
}

pub fn writer(source: &dyn Source) -> Box<dyn FileWriter> {
    source.file_writer(&Cancel::default()).unwrap()
}

pub fn walked(view: &dyn FileView, below: Option<&str>) -> Vec<String> {
    view.walk(below).unwrap().map(|e| e.unwrap().path).collect()
}

pub fn entry(path: &str, kind: FileKind, size: u64) -> FileEntry {
    FileEntry {
        path: path.to_owned(),
        kind,
        size,
        meta: FileMeta {
            mode: Some(0o644),
            ..FileMeta::default()
        },
    }
}

pub fn file_entry(path: &str, content: &[u8]) -> FileEntry {
    entry(path, FileKind::File, content.len() as u64)
}

pub fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

/// All names below a directory, to see that nothing was left behind.
pub fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
