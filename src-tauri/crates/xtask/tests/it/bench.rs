//! What `cargo xtask bench` understands.

use xtask::Options;

#[test]
fn options() {
    let options = Options::parse(&["--scale", "5", "--only", "restic", "--only", "files"]).unwrap();
    assert_eq!(
        (options.scale, options.workloads, options.programs),
        (5, vec!["files".to_owned()], vec!["restic".to_owned()])
    );
    assert_eq!(Options::parse(&[]).unwrap().scale, 100);
    for wrong in [&["--scale"][..], &["--scale", "much"], &["--only", "tar"], &["files", "x"]] {
        assert!(Options::parse(wrong).is_err(), "{wrong:?}");
    }
}
