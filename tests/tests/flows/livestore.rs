//! A workspace as the real LiveStore wrote it.

use std::path::Path;

use crate::{
    bench::Bench,
    data::{copy_dir, execute, fingerprint, value},
};

const STATE: &str = "workspace-1/state-1146461791@6.db";
const EVENTS: &str = "workspace-1/eventlog@6.db";

fn bench() -> Bench {
    let bench = Bench::with_vault();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/livestore/workspace-1");
    copy_dir(&fixture, &bench.path("data/workspace-1"));
    bench.add_sqlite("pins", &bench.path("data"));
    bench
}

#[test]
fn the_store_is_found_named_and_read() {
    let bench = bench();
    bench.back_up("pins");
    let shown = bench.json(&["show", "pins@latest"]);
    let workspaces = shown["metadata"]["workspaces"].as_array().unwrap();
    assert_eq!(workspaces.len(), 3, "{shown:#}");
    assert!(
        workspaces
            .iter()
            .all(|w| w["instanceId"] == "workspace-1" && w["version"] == "6"),
        "{shown:#}"
    );
    // The current state has the plain name; the one a schema change left behind keeps its own.
    let pins = bench.json(&["ls", "pins@latest", "workspace-1/state/pins", "--limit", "2"]);
    assert_eq!((&pins["total"], &pins["more"]), (&303.into(), &true.into()), "{pins:#}");
    assert_eq!(pins["records"][1]["data"]["title"], "東京 1");
    let events = bench.json(&["ls", "pins@latest", "workspace-1/eventlog/eventlog", "--limit", "1"]);
    assert!(events["total"].as_u64().unwrap() >= 370, "{events:#}");
}

#[test]
fn pins_come_back_by_row_and_the_pair_comes_back_as_files() {
    let bench = bench();
    let live = bench.path("data");
    let (state, events) = (fingerprint(&live.join(STATE)), fingerprint(&live.join(EVENTS)));
    bench.back_up("pins");
    execute(
        &live.join(STATE),
        "DELETE FROM pins WHERE id = 'pin-1'; UPDATE pins SET title = 'x' WHERE id = 'pin-2'",
    );

    let diff = bench.json(&["diff", "pins@latest", "live", "workspace-1/state/pins"]);
    assert_eq!(diff["collections"][0]["counts"]["removed"], 1, "{diff:#}");
    assert_eq!(diff["collections"][0]["counts"]["changed"], 1, "{diff:#}");

    let only = "workspace-1/state/pins/pin-1,workspace-1/state/pins/pin-2";
    let reply = bench.long(&[
        "restore",
        "pins@latest",
        "--only",
        only,
        "--in-place",
        "--on-conflict",
        "remote",
        "--yes",
    ]);
    assert_eq!(
        (&reply["written"], &reply["readBack"]["score"]),
        (&2.into(), &100.0.into()),
        "{reply:#}"
    );
    assert_eq!(fingerprint(&live.join(STATE)), state);

    let to = bench.path("elsewhere");
    let whole = bench.long(&["restore", "pins@latest", "--to", to.to_str().unwrap()]);
    assert_eq!(whole["verdict"], "complete", "{whole:#}");
    assert_eq!((fingerprint(&to.join(STATE)), fingerprint(&to.join(EVENTS))), (state, events));
    assert_eq!(value::<String>(&to.join(STATE), "PRAGMA integrity_check"), "ok");
}
