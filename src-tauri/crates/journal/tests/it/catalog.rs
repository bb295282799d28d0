//! Sources, vaults, and which goes where.

use backstay_journal::{Home, Journal, JournalError, NewVault, SourceChange};
use backstay_model::{ErrorKind, RawJson, RunKind};

use crate::{Place, at, new_source};

fn vault(name: &str) -> NewVault {
    NewVault {
        name: name.to_owned(),
        place: format!("/mnt/{name}"),
        repository_id: "ab".repeat(32),
    }
}

fn names<T>(rows: Vec<T>, name: impl Fn(T) -> String) -> Vec<String> {
    rows.into_iter().map(name).collect()
}

#[test]
fn a_source_is_kept_as_it_was_given() {
    let place = Place::make();
    let added = place.journal.sources().add(&new_source("Notes"), at(0)).unwrap();
    let again = Journal::open(&place.home).unwrap();
    let got = again.sources().get("notes").unwrap();
    assert_eq!(got, added);
    assert_eq!(again.sources().get(&added.id).unwrap(), added);
    assert_eq!(got.config, new_source("x").config, "JSON byte by byte, big numbers too");
    assert_eq!((got.created, got.user_id.as_deref()), (at(0), Some("u")));
    assert!(!again.version().unwrap().0.to_string().is_empty());
}

#[test]
fn source_names_are_unique_in_any_case() {
    let place = Place::make();
    let sources = place.journal.sources();
    let first = sources.add(&new_source("Énergie"), at(0)).unwrap();
    let error = sources.add(&new_source("éNERGIE"), at(1)).unwrap_err();
    assert!(
        matches!(&error, JournalError::NameTaken { what: "source", name } if name == "Énergie"),
        "{error}"
    );
    assert_eq!(error.kind(), ErrorKind::Refused);
    sources.add(&new_source("b"), at(1)).unwrap();
    assert!(matches!(sources.rename("b", "énergie"), Err(JournalError::NameTaken { .. })));
    assert_eq!(
        sources.rename("énergie", "ÉNERGIE").unwrap().id,
        first.id,
        "only the case of its own name"
    );
    assert!(matches!(
        sources.add(&new_source("no/good"), at(2)),
        Err(JournalError::Name { .. })
    ));
    assert!(matches!(sources.rename("b", "-x"), Err(JournalError::Name { .. })));
    assert_eq!(names(sources.list().unwrap(), |source| source.name), ["b", "ÉNERGIE"]);
}

#[test]
fn a_source_changes_and_goes_but_its_runs_stay() {
    let place = Place::make();
    let sources = place.journal.sources();
    let source = sources.add(&new_source("Notes"), at(0)).unwrap();
    let config = RawJson::parse(b"{}").unwrap();
    let change = SourceChange {
        config: Some(config.clone()),
        instance_id: Some(Some("i".to_owned())),
        user_id: Some(None),
    };
    let changed = sources.update("Notes", &change).unwrap();
    assert_eq!(
        (&changed.config, changed.instance_id.as_deref(), changed.user_id.as_deref()),
        (&config, Some("i"), None)
    );
    assert_eq!(
        sources.update("Notes", &SourceChange::default()).unwrap(),
        changed,
        "nothing given, nothing changed"
    );
    let run = place.begin(&place.own(), RunKind::Backup, 1);
    assert_eq!(sources.remove(&source.id, at(9)).unwrap().id, source.id);
    for gone in [sources.get("Notes").unwrap_err(), sources.remove("Notes", at(9)).unwrap_err()] {
        assert_eq!(gone.kind(), ErrorKind::NotFound, "{gone}");
    }
    assert_eq!(place.journal.runs().get(&run).unwrap().source.unwrap().name, "Notes");
    // A snapshot describes the source: it comes back under its id.
    assert_eq!(sources.adopt(&source.id, &new_source("Notes"), at(3)).unwrap().id, source.id);
    assert!(matches!(
        sources.adopt(&source.id, &new_source("Other"), at(3)),
        Err(JournalError::NameTaken { .. })
    ));
}

#[test]
fn one_vault_is_the_default() {
    let place = Place::make();
    let vaults = place.journal.vaults();
    assert!(vaults.default().unwrap().is_none());
    let first = vaults.add(&vault("disk"), at(0)).unwrap();
    assert!(first.default);
    assert!(!vaults.add(&vault("cloud"), at(1)).unwrap().default);
    vaults.set_default("CLOUD").unwrap();
    assert_eq!(vaults.default().unwrap().unwrap().name, "cloud");
    assert!(!vaults.get("disk").unwrap().default);
    vaults.seen("disk", at(9)).unwrap();
    let moved = vaults.moved("disk", "/elsewhere").unwrap();
    assert_eq!((moved.last_seen, moved.place.as_str()), (Some(at(9)), "/elsewhere"));
    assert!(matches!(
        vaults.add(&vault("Disk"), at(2)),
        Err(JournalError::NameTaken { what: "vault", .. })
    ));
    assert_eq!(vaults.rename("disk", "usb").unwrap().id, first.id);
    assert_eq!(names(vaults.list().unwrap(), |vault| vault.name), ["cloud", "usb"]);
    vaults.remove("cloud").unwrap();
    assert!(
        vaults.default().unwrap().is_none(),
        "no other vault becomes the default by itself"
    );
}

#[test]
fn sources_go_where_they_are_told() {
    let place = Place::make();
    let (vaults, sources) = (place.journal.vaults(), place.journal.sources());
    for name in ["a", "b", "c"] {
        vaults.add(&vault(name), at(0)).unwrap();
    }
    sources.add(&new_source("s"), at(0)).unwrap();
    let goes = || names(vaults.destinations("s").unwrap(), |vault| vault.name);
    assert_eq!(goes(), ["a"], "the default");
    assert!(vaults.assigned("s").unwrap().is_empty());
    vaults.assign("s", &["c", "b", "c"]).unwrap();
    assert_eq!(goes(), ["c", "b"], "in the order given, each once");
    assert!(matches!(
        vaults.assign("s", &["b", "nowhere"]),
        Err(JournalError::NotFound { what: "vault", .. })
    ));
    assert_eq!(goes(), ["c", "b"], "nothing changed");
    vaults.remove("c").unwrap();
    let error = vaults.remove("b").unwrap_err();
    assert!(
        matches!(&error, JournalError::VaultInUse { sources, .. } if sources == &["s"]),
        "{error}"
    );
    assert_eq!(goes(), ["b"], "never silently to the default");
    vaults.assign("s", &[]).unwrap();
    vaults.remove("b").unwrap();
    assert_eq!(goes(), ["a"]);
    vaults.assign("s", &["a"]).unwrap();
    sources.remove("s", at(9)).unwrap();
    vaults.remove("a").unwrap();
}

#[cfg(unix)]
#[test]
fn everything_is_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let home = Home::create(dir.path().join("new/home")).unwrap();
    let _journal = Journal::open(&home).unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(home.path()), 0o700);
    for entry in std::fs::read_dir(home.path()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    assert!(
        home.path().join("state.db-wal").exists(),
        "the write-ahead log was among them"
    );
}
