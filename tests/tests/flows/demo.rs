//! `backstay demo`: every proof holds, and nothing is left behind.

use std::fs;

use crate::bench::Bench;

#[test]
fn every_proof_holds() {
    let bench = Bench::new();
    let dir = bench.text("demo");
    let ran = bench.ok(&["demo", "--json", "--dir", &dir]);
    let result = ran.result();
    assert_eq!(
        (&result["passed"], &result["failed"]),
        (&true.into(), &serde_json::json!([])),
        "{ran:#?}"
    );
    let held = ran
        .events()
        .iter()
        .filter(|event| event["event"] == "proof" && event["holds"] == true)
        .count();
    assert!(held >= 20, "{held} proofs: {ran:#?}");
    assert!(!bench.path("demo").exists(), "it cleans up");
    assert!(!bench.path("home").exists(), "and touches no other state");
}

#[test]
fn it_can_be_kept_and_tried_by_hand() {
    let bench = Bench::new();
    let dir = bench.text("demo");
    let ran = bench.ok(&["demo", "--keep", "--dir", &dir]);
    assert!(ran.out.contains("Try by hand"), "{}", ran.out);
    let password = fs::read_to_string(bench.path("demo/password")).unwrap();
    let home = bench.text("demo/home");
    let listed = bench
        .given(password.trim(), &["snapshots", "--home", &home, "--json"])
        .expect(0)
        .json();
    assert_eq!(listed["snapshots"].as_array().map(Vec::len), Some(4), "{listed:#}");
    // A folder that exists is never used.
    bench.run(&["demo", "--dir", &dir]).expect(4);
}
