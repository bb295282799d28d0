//! Secrets lie in the secret store and nowhere else.

use std::path::Path;

use serde_json::json;

use crate::bench::{Bench, PASSWORD, TOKEN, put};

/// Files below `dir` that hold `needle`.
fn holding(dir: &Path, needle: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, needle));
        } else if memchr(&std::fs::read(&path).unwrap(), needle.as_bytes()) {
            found.push(path.display().to_string());
        }
    }
    found
}

fn memchr(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn passwords_and_tokens_are_in_no_file_of_ours() {
    let bench = Bench::new();
    bench.vault("disk");
    let options = json!({"path": "notes", "token": TOKEN});
    let added = bench.ok("source.add", json!({"kind": "memory", "name": "notes", "options": options}));
    assert_eq!(added["options"], json!({"path": "notes"}));
    put(&bench.source(), "1", "\"seen in plans\"");
    let first = bench.backup(&[]);
    put(&bench.source(), "1", "\"changed\"");
    let plan = bench.plan(&first, &[], "remote");
    let done = bench.ok("restore.run", json!({"path": plan["path"]}));
    bench.ok("restore.undo", json!({"run": done["run"], "policy": "skip"}));
    let shown = [
        bench.ok("source.show", json!({"name": "notes"})),
        bench.ok("audit.list", json!({"after": 0, "limit": 100})),
        bench.ok("run.list", json!({"limit": 100})),
        bench.ok("vault.list", json!({})),
    ];
    for secret in [PASSWORD, TOKEN, "opens the file of secrets"] {
        assert_eq!(holding(bench.dir.path(), secret), [""; 0], "{secret}");
        assert!(shown.iter().all(|reply| !reply.to_string().contains(secret)));
    }
    assert!(
        !holding(&bench.path("home"), "seen in plans").is_empty(),
        "the search finds what is there"
    );
    assert!(bench.path("home/secrets.age").exists());
}
