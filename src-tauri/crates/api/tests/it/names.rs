//! What people call snapshots: by id, by its beginning, `latest`, `SOURCE@TIME`, in one vault or in all.

use backstay_model::ErrorKind;
use serde_json::json;

use crate::bench::{Bench, put};

#[test]
fn ids_beginnings_latest_and_times() {
    let bench = Bench::ready();
    bench.vault("second");
    put(&bench.source(), "1", "1");
    let first = bench.backup(&["disk"]);
    put(&bench.source(), "1", "2");
    let second = bench.backup(&["second"]);
    let show = |name: &str| bench.call("snapshot.show", json!({"snapshot": name}));
    let id = |name: &str| {
        show(name).unwrap_or_else(|e| panic!("{name}: {e:?}"))["snapshot"]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(id(&first), first);
    assert_eq!(id(&first[..12]), first);
    assert_eq!(id(&first[..12].to_uppercase()), first);
    assert_eq!(id("latest"), second, "of all vaults");
    assert_eq!(id("notes@latest"), second);
    let reply = bench.ok("snapshot.show", json!({"snapshot": "latest", "vault": "disk"}));
    assert_eq!(reply["snapshot"]["id"], first.as_str());
    let time = reply["snapshot"]["time"].as_str().unwrap().to_owned();
    assert_eq!(id(&format!("notes@{time}")), first);
    let code = |name: &str| show(name).unwrap_err().code;
    assert_eq!(code("notes@2001-01-01T00:00:00Z"), ErrorKind::NotFound);
    assert_eq!(code("notes@yesterday"), ErrorKind::Usage);
    assert_eq!(code("nobody@latest"), ErrorKind::NotFound);
    assert_eq!(code(""), ErrorKind::NotFound);
    assert_eq!(code("zzzz"), ErrorKind::NotFound);
    let error = bench.err("snapshot.show", json!({"snapshot": first, "vault": "nowhere"}));
    assert_eq!(error.code, ErrorKind::NotFound);
}

#[test]
fn a_beginning_that_fits_several_is_refused_wherever_they_lie() {
    let bench = Bench::ready();
    bench.vault("second");
    let mut of_disk = Vec::new();
    // Sixteen first digits: of seventeen snapshots two share one.
    for n in 0..17 {
        put(&bench.source(), "1", &n.to_string());
        of_disk.push(bench.backup(&["disk"]));
    }
    let first = |id: &String| id[..1].to_owned();
    of_disk.sort();
    let shared = of_disk.windows(2).find(|pair| first(&pair[0]) == first(&pair[1])).unwrap();
    let error = bench.err("snapshot.show", json!({"snapshot": first(&shared[0])}));
    assert_eq!(error.code, ErrorKind::Usage, "{error:?}");
    assert!(error.hint.unwrap().contains("more digits"));
    // One hit in another vault does not make it clear which one is meant.
    for n in 0..200 {
        put(&bench.source(), "1", &format!("{}", 100 + n));
        if first(&bench.backup(&["second"])) == first(&shared[0]) {
            let error = bench.err("snapshot.show", json!({"snapshot": first(&shared[0])}));
            assert_eq!(error.code, ErrorKind::Usage, "{error:?}");
            return;
        }
    }
    panic!("no snapshot of that digit in 200");
}

#[test]
fn a_vault_that_is_gone_does_not_hide_what_another_has() {
    let bench = Bench::ready();
    bench.vault("second");
    put(&bench.source(), "1", "1");
    let first = bench.backup(&["disk"]);
    std::fs::rename(bench.path("second"), bench.path("elsewhere")).unwrap();
    let reply = bench.ok("snapshot.show", json!({"snapshot": first}));
    assert_eq!(reply["snapshot"]["id"], first.as_str());
    let error = bench.err("snapshot.show", json!({"snapshot": "ffff0000ffff"}));
    assert_ne!(
        error.code,
        ErrorKind::NotFound,
        "it may lie in the vault that is gone: {error:?}"
    );
}
