//! Creating and opening vaults, and their keys.

use std::fs;
use std::sync::Arc;
use std::time::Instant;

use backstay_model::ErrorKind;
use backstay_vault::place::{FileKind, LocalPlace, MemoryPlace, Place as _};
use backstay_vault::{CreateOptions, Damage, Id, MasterKey, Unlock, Vault, VaultError};

use crate::support::{PASSWORD, Scratch, cheap, draft, restic};

fn by_password(s: &Scratch, password: &str) -> Result<Vault, VaultError> {
    Vault::open(Arc::new(s.place()), &Unlock::Password(password.to_owned()))
}

#[test]
fn opens_by_password_and_by_key_and_tells_errors_apart() {
    let s = Scratch::new();
    assert_eq!(by_password(&s, PASSWORD).unwrap().id(), s.vault.id());
    let wrong = by_password(&s, "wrong").unwrap_err();
    assert!(matches!(wrong, VaultError::WrongPassword), "{wrong}");
    assert_eq!(wrong.kind(), ErrorKind::Auth);
    let key = MasterKey::from_secret_text(&s.vault.master_key().to_secret_text()).unwrap();
    assert_eq!(
        Vault::open(Arc::new(s.place()), &Unlock::MasterKey(key)).unwrap().id(),
        s.vault.id()
    );
    let foreign = Vault::open(Arc::new(s.place()), &Unlock::MasterKey(MasterKey::random())).unwrap_err();
    assert!(matches!(foreign, VaultError::WrongMasterKey), "{foreign}");

    let empty = s.dir.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let nothing = Vault::open(Arc::new(LocalPlace::new(&empty)), &Unlock::Password("x".into())).unwrap_err();
    assert!(matches!(nothing, VaultError::NoRepository { .. }), "{nothing}");
    assert_eq!(nothing.kind(), ErrorKind::NotFound);
    let gone = Vault::open(Arc::new(LocalPlace::new(empty.join("gone"))), &Unlock::Password("x".into())).unwrap_err();
    assert_eq!(
        gone.kind(),
        ErrorKind::Unreachable,
        "an unplugged disk is not an empty one: {gone}"
    );
    let twice = Vault::create(Arc::new(s.place()), "other", &cheap()).unwrap_err();
    assert!(matches!(twice, VaultError::AlreadyExists { .. }), "{twice}");
    by_password(&s, PASSWORD).unwrap();
}

#[test]
fn a_damaged_configuration_is_named() {
    let s = Scratch::new();
    let path = s.path().join("config");
    let good = fs::read(&path).unwrap();
    for (bytes, damage) in [(vec![], Damage::Truncated), (good[..good.len() - 1].to_vec(), Damage::Seal)] {
        fs::remove_file(&path).unwrap();
        fs::write(&path, bytes).unwrap();
        let error = by_password(&s, PASSWORD).unwrap_err();
        assert!(
            matches!(error, VaultError::ConfigDamaged { damage: d } if d == damage),
            "{error}"
        );
        assert_eq!(error.kind(), ErrorKind::Damaged);
    }
}

#[test]
fn the_master_key_costs_no_key_derivation() {
    let place = Arc::new(MemoryPlace::default());
    let start = Instant::now();
    let vault = Vault::create(place.clone(), PASSWORD, &CreateOptions::default()).unwrap();
    let create = start.elapsed();
    let start = Instant::now();
    Vault::open(place.clone(), &Unlock::MasterKey(vault.master_key().clone())).unwrap();
    let open = start.elapsed();
    assert!(open * 10 < create, "{open:?} against {create:?}");
    // Not even the key files are needed.
    for (id, _) in place.list(FileKind::Key).unwrap() {
        place.remove(FileKind::Key, &id).unwrap();
    }
    Vault::open(place, &Unlock::MasterKey(vault.master_key().clone())).unwrap();
}

#[test]
fn keys_are_added_changed_and_removed_and_restic_agrees() {
    let s = Scratch::new();
    let vault = by_password(&s, PASSWORD).unwrap();
    let first = vault.keys().unwrap().0[0].clone();
    assert!(first.current && first.created.is_some());
    assert!(matches!(vault.remove_key(&first.id, true), Err(VaultError::LastKey { .. })));
    let second = vault.add_key("second", &cheap()).unwrap();
    assert_eq!(vault.keys().unwrap().0.len(), 2);
    assert!(matches!(vault.remove_key(&first.id, false), Err(VaultError::KeyInUse { .. })));
    assert!(matches!(
        vault.remove_key(&Id([1; 32]), false),
        Err(VaultError::KeyNotFound { .. })
    ));
    let listed = s.restic_ok(&["key", "list", "--json"]);
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&listed)
            .unwrap()
            .as_array()
            .unwrap()
            .len(),
        2
    );
    vault.remove_key(&second, false).unwrap();
    assert!(matches!(by_password(&s, "second"), Err(VaultError::WrongPassword)));

    assert!(matches!(
        vault.change_password("wrong", "new", &cheap()),
        Err(VaultError::WrongPassword)
    ));
    vault.change_password(PASSWORD, "new", &cheap()).unwrap();
    assert!(matches!(by_password(&s, PASSWORD), Err(VaultError::WrongPassword)));
    by_password(&s, "new").unwrap();
    assert!(
        !restic(&s.path(), &["snapshots"]).status.success(),
        "the old password no longer opens it for restic"
    );
}

#[test]
fn a_damaged_key_file_does_not_lock_out_the_others() {
    let s = Scratch::new();
    for n in 0..3 {
        s.vault.add_key(&format!("p{n}"), &cheap()).unwrap();
    }
    let first = s.vault.keys().unwrap().0[0].id;
    let path = s.place().path(FileKind::Key, &first);
    let mut bytes = fs::read(&path).unwrap();
    // A bit in the middle: the sealed key itself.
    let at = bytes.len() / 2;
    bytes[at] ^= 2;
    fs::remove_file(&path).unwrap();
    fs::write(&path, bytes).unwrap();
    for n in 0..3 {
        by_password(&s, &format!("p{n}")).unwrap();
    }
    let error = by_password(&s, PASSWORD).unwrap_err();
    assert!(
        matches!(&error, VaultError::KeysDamaged { damaged } if damaged == &[first]),
        "{error}"
    );
    assert_eq!(s.vault.keys().unwrap().1, [first]);
}

#[test]
fn restics_own_vault_opens() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("theirs");
    for version in ["1", "2"] {
        let path = path.with_extension(version);
        assert!(restic(&path, &["init", "--repository-version", version]).status.success());
        let place = Arc::new(LocalPlace::new(&path));
        let vault = Vault::open(place, &Unlock::Password(PASSWORD.to_owned())).unwrap();
        assert_eq!(vault.config().version.to_string(), version);
        let writer = vault.writer(Default::default()).unwrap();
        writer
            .put_bytes("f", &Default::default(), &[7; 5000], backstay_vault::Chunking::Whole)
            .unwrap();
        let written = writer.commit(draft(0)).unwrap();
        assert_eq!(
            written.stats.bytes_stored < 1000,
            version == "2",
            "version 1 knows no compression"
        );
        let check = restic(&path, &["check", "--read-data"]);
        assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
        let key = vault.master_key();
        assert_eq!(vault.snapshots().unwrap().good.len(), 1);
        Vault::open(Arc::new(LocalPlace::new(&path)), &Unlock::MasterKey(key.clone())).unwrap();
    }
}

#[test]
fn snapshots_are_found_by_name_and_a_damaged_one_hides_no_other() {
    let s = Scratch::new();
    let mut ids = Vec::new();
    for n in 0..20 {
        ids.push(
            s.vault
                .writer(Default::default())
                .unwrap()
                .commit(draft(n))
                .unwrap()
                .snapshot
                .id,
        );
    }
    let all = s.vault.snapshots().unwrap();
    assert_eq!(all.good.iter().map(|x| x.id).collect::<Vec<_>>(), ids);
    assert_eq!(all.resolve("latest").unwrap().id, ids[19]);
    assert_eq!(all.resolve(&ids[3].to_hex()[..16]).unwrap().id, ids[3]);
    assert!(matches!(all.resolve("zz"), Err(VaultError::SnapshotNotFound { .. })));
    assert!(matches!(all.resolve(""), Err(VaultError::SnapshotNotFound { .. })));
    // 20 ids share one of 16 first digits.
    let ambiguous = "0123456789abcdef"
        .chars()
        .filter(|c| matches!(all.resolve(&c.to_string()), Err(VaultError::SnapshotAmbiguous { .. })));
    assert!(ambiguous.count() > 0);
    let path = s.place().path(FileKind::Snapshot, &ids[7]);
    let bytes = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let some = s.vault.snapshots().unwrap();
    assert_eq!(some.good.len(), 19);
    assert_eq!(some.damaged, [(ids[7], Damage::Hash)]);
    let error = some.resolve(&ids[7].to_hex()).unwrap_err();
    assert!(
        matches!(
            error,
            VaultError::FileDamaged {
                kind: FileKind::Snapshot,
                ..
            }
        ),
        "{error}"
    );
    assert!(matches!(
        s.vault.snapshot(&Id([9; 32])),
        Err(VaultError::SnapshotNotFound { .. })
    ));
    assert_eq!(s.vault.snapshot(&ids[0]).unwrap().time, all.good[0].time);
}
