//! What a place promises, for every place there is.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use backstay_model::ErrorKind;
use backstay_vault::Id;
use backstay_vault::place::{FileKind, LocalPlace, MemoryPlace, Place, PlaceError};

fn places() -> (tempfile::TempDir, Vec<Arc<dyn Place>>) {
    let dir = tempfile::tempdir().unwrap();
    let local: Arc<dyn Place> = Arc::new(LocalPlace::new(dir.path().join("a/b/vault")));
    (dir, vec![local, Arc::new(MemoryPlace::default())])
}

#[test]
fn files_are_written_once_and_read_in_pieces() {
    let (_dir, places) = places();
    for place in places {
        place.create().unwrap();
        for kind in FileKind::ALL {
            let id = if kind == FileKind::Config { Id::CONFIG } else { Id([7; 32]) };
            assert_eq!(place.list(kind).unwrap(), [], "{kind}");
            assert_eq!(place.size(kind, &id).unwrap(), None);
            assert!(place.read(kind, &id).unwrap_err().is_not_found());
            place.write(kind, &id, b"0123456789").unwrap();
            place.write(kind, &id, b"0123456789").unwrap();
            let other = place.write(kind, &id, b"something else").unwrap_err();
            assert!(matches!(other, PlaceError::Occupied { .. }), "{other}");
            assert_eq!(&place.read(kind, &id).unwrap()[..], b"0123456789");
            assert_eq!(
                (place.list(kind).unwrap(), place.size(kind, &id).unwrap()),
                (vec![(id, 10)], Some(10))
            );
            let mut buffer = b"left over".to_vec();
            place.read_range(kind, &id, 3, 4, &mut buffer).unwrap();
            assert_eq!(buffer, b"3456");
            let short = place.read_range(kind, &id, 8, 3, &mut buffer).unwrap_err();
            assert!(matches!(short, PlaceError::TooShort { end: 11, .. }), "{short}");
            place.remove(kind, &id).unwrap();
            place.remove(kind, &id).unwrap();
            assert_eq!(place.size(kind, &id).unwrap(), None);
        }
    }
}

#[test]
fn a_local_vault_is_private_and_laid_out_as_restics() {
    let dir = tempfile::tempdir().unwrap();
    let place = LocalPlace::new(dir.path().join("vault"));
    place.create().unwrap();
    let id = Id([0xab; 32]);
    fs::remove_dir_all(dir.path().join("vault/data/ab")).unwrap();
    place.write(FileKind::Pack, &id, b"x").unwrap();
    let path = dir.path().join("vault/data/ab").join(id.to_hex());
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(&path), mode(path.parent().unwrap()), mode(place.root())),
        (0o600, 0o700, 0o700)
    );
    assert_eq!(place.leftovers().unwrap().len(), 0);
}

#[test]
fn trouble_with_the_disk_is_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let place = LocalPlace::new(dir.path().join("vault"));
    place.create().unwrap();
    fs::rename(place.root(), dir.path().join("unplugged")).unwrap();
    let errors = [
        place.list(FileKind::Pack).map(|_| ()).unwrap_err(),
        place.read(FileKind::Key, &Id([1; 32])).map(|_| ()).unwrap_err(),
        place.size(FileKind::Key, &Id([1; 32])).map(|_| ()).unwrap_err(),
        place.write(FileKind::Pack, &Id([1; 32]), b"x").unwrap_err(),
        place.remove(FileKind::Pack, &Id([1; 32])).unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::Unreachable, "{error}");
    }
    assert!(
        !place.root().exists(),
        "a vanished disk must not be replaced by a folder of that name"
    );
    // Unmounted: the mount point is there and empty.
    fs::create_dir(place.root()).unwrap();
    for kind in [FileKind::Pack, FileKind::Index, FileKind::Snapshot, FileKind::Lock] {
        let error = place.write(kind, &Id([1; 32]), b"x").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unreachable, "{error}");
    }
    assert_eq!(
        fs::read_dir(place.root()).unwrap().count(),
        0,
        "nothing is made on the wrong disk"
    );
    fs::remove_dir(place.root()).unwrap();
    // A file where a folder should be; root may write anywhere, so that permissions cannot be tried here.
    fs::write(place.root(), b"").unwrap();
    assert!(place.write(FileKind::Pack, &Id([1; 32]), b"x").is_err());
}
