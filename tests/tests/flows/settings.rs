//! Settings, sources and vaults taken to another machine, on the command line.

use std::fs;

use crate::{
    bench::{Bench, PASSWORD},
    data,
};

#[test]
fn another_machine_goes_on_with_the_history() {
    let old = Bench::with_vault();
    data::folder(&old.path("docs"));
    old.add_folder("docs", &old.path("docs"));
    old.back_up("docs");
    let file = old.text("settings.json");
    old.ok(&["settings", "export", &file]);
    let text = fs::read_to_string(&file).unwrap();
    assert!(!text.contains(PASSWORD), "a secret in {text}");
    old.run(&["settings", "export", &file]).expect(4);

    let new = Bench::new();
    let shown = new.json(&["settings", "import", &file, "--dry-run"]);
    assert_eq!(shown["sources"], serde_json::json!(["docs"]));
    assert_eq!(new.json(&["source", "list"])["sources"], serde_json::json!([]));
    new.ok(&["settings", "import", &file]);
    let given = new.given(PASSWORD, &["snapshots", "--source", "docs", "--json"]).expect(0);
    assert_eq!(given.json()["snapshots"].as_array().unwrap().len(), 1, "{given:#?}");
    let again = new.json(&["settings", "import", &file]);
    assert_eq!(again["sources"], serde_json::json!([]), "twice is no harm: {again}");
    assert_eq!(again["kept"].as_array().unwrap().len(), 2, "{again}");
}

#[test]
fn what_is_no_settings_file_is_refused_and_changes_nothing() {
    let bench = Bench::new();
    for (text, code) in [
        ("{}", 1),
        ("not json", 1),
        ("{\"backstaySettings\": 99}", 1),
        ("{\"backstaySettings\": 1}", 1),
    ] {
        fs::write(bench.path("x.json"), text).unwrap();
        let ran = bench.run(&["settings", "import", &bench.text("x.json")]).expect(code);
        assert!(ran.err.contains("nothing was changed"), "{text}: {ran:#?}");
    }
    bench.run(&["settings", "import", &bench.text("missing.json")]).expect(5);
}
