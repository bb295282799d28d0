//! What people read: whole outputs as snapshots, with ids, times, sizes and durations masked.

use crate::{
    bench::{Bench, PASSWORD, Ran},
    data::{self, execute},
};

fn check(name: &str, ran: &Ran, bench: &Bench) {
    let text = format!("exit {}\n--- out\n{}--- err\n{}", ran.code, ran.out, ran.err)
        .replace(&bench.text(""), "DIR/")
        .replace(bench.text("").trim_end_matches('/'), "DIR");
    insta::with_settings!({ filters => vec![
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "RUN-ID"),
        (r"\b[0-9a-f]{8}-[0-9a-f]{1,4}\b", "RUN"),
        (r"\b[0-9a-f]{64}\b", "FULL-ID"),
        (r"\b[0-9a-f]{8}\b", "IDIDIDID"),
        (r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?", "YYYY-MM-DD hh:mm:ss"),
        (r"\b\d+\.\d s\b", "N.N s"),
        (r" *\b[\d.,]+ (B|KiB|MiB)\b", " SIZE"),
        (r"Host: +\S+", "Host:        HOST"),
        (r"sha256:[0-9a-f…]+", "sha256:HASH"),
        (r"SQLite 3\.[\d.]+", "SQLite 3"),
    ], omit_expression => true }, { insta::assert_snapshot!(name, text) });
}

#[test]
fn the_first_hour() {
    let bench = Bench::new();
    let show = |name: &str, args: &[&str]| check(name, &bench.run(args), &bench);
    show("vault_list_empty", &["vault", "list"]);
    show("source_list_empty", &["source", "list"]);
    check(
        "vault_create",
        &bench.given(PASSWORD, &["vault", "create", "safe", "--path", &bench.text("vault")]),
        &bench,
    );
    show("vault_list", &["vault", "list"]);
    drop(data::tasks(&bench.path("app.db"), "delete", 12));
    show(
        "source_add",
        &["source", "add", "sqlite", "app", "--path", &bench.text("app.db")],
    );
    show("source_list", &["source", "list"]);
    show("source_probe", &["source", "probe", "app"]);
    show("backup", &["backup", "app"]);
    show("snapshots", &["snapshots"]);
    show("show", &["show", "latest"]);
    show("ls", &["ls", "latest"]);
    show("ls_tasks", &["ls", "latest", "tasks", "--limit", "3"]);
    show("get", &["get", "latest", "tasks", "3"]);
    execute(
        &bench.path("app.db"),
        "UPDATE tasks SET title = 'renamed', done = NULL WHERE id = 3; DELETE FROM tags WHERE task = 4",
    );
    show("diff", &["diff", "app@latest", "live"]);
    show("diff_summary", &["diff", "app@latest", "live", "--summary"]);
    let restore = [
        "restore",
        "app@latest",
        "--only",
        "tasks/3,tags",
        "--in-place",
        "--on-conflict",
        "remote",
    ];
    show("restore_dry_run", &[&restore[..], &["--dry-run"]].concat());
    show("restore_refused", &restore);
    show("restore", &[&restore[..], &["--yes"]].concat());
    show("runs", &["runs"]);
    show("verify", &["verify", "safe", "--read-data"]);
    show("forget_dry_run", &["forget", "app", "--keep-last", "1", "--dry-run"]);
    show("audit_verify", &["audit", "verify"]);
}

#[test]
fn errors_name_the_thing_and_the_next_step() {
    let bench = Bench::with_vault();
    data::folder(&bench.path("docs"));
    bench.add_folder("docs", &bench.path("docs"));
    bench.back_up("docs");
    let show = |name: &str, args: &[&str]| check(name, &bench.run(args), &bench);
    show("error_no_source", &["backup", "nobody"]);
    show("error_no_snapshot", &["show", "0000"]);
    show("error_no_target", &["restore", "latest"]);
    show("error_no_file", &["cat", "latest", "nothing.txt"]);
    show("error_usage", &["snapshots", "--at", "soon"]);
    check("error_password", &bench.given("wrong", &["vault", "info", "safe"]), &bench);
    std::fs::rename(bench.path("vault"), bench.path("away")).unwrap();
    show("error_no_vault", &["backup", "docs"]);
}

#[test]
fn bundles() {
    let bench = Bench::with_vault();
    drop(data::tasks(&bench.path("app.db"), "delete", 12));
    bench.add_sqlite("app", &bench.path("app.db"));
    bench.back_up("app");
    let show = |name: &str, args: &[&str]| check(name, &bench.run(args), &bench);
    let file = bench.text("app.backstay.zip");
    show("bundle_export", &["export", "app@latest", &file]);
    show(
        "bundle_export_some",
        &[
            "export",
            "app@latest",
            "./rows",
            "--format",
            "directory",
            "--only",
            "tasks/3,tags",
        ],
    );
    show("error_bundle_exists", &["export", "app@latest", &file]);
    show("bundle_check", &["import", &file, "--check"]);
    show("bundle_check_some", &["import", "./rows", "--check"]);
    show("bundle_import", &["import", &file]);
    show("bundle_show", &["show", &file]);
    execute(&bench.path("app.db"), "UPDATE tasks SET title = 'renamed' WHERE id = 3");
    let restore = ["restore", &file, "--only", "tasks/3", "--in-place", "--on-conflict", "remote"];
    show("bundle_restore_dry_run", &[&restore[..], &["--dry-run"]].concat());
    show("bundle_restore", &[&restore[..], &["--yes"]].concat());
    show("error_no_bundle", &["restore", "./nothing.zip", "--to", "x"]);
    std::fs::write(bench.path("rows/databases/tasks.ndjson"), "{}\n").unwrap();
    show("error_bundle_checksum", &["ls", "./rows"]);
    show("bundle_check_damaged", &["import", "./rows", "--check"]);
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    show("error_bundle_cut", &["import", &file]);
    show("error_no_archive", &["import", "app.db"]);
}

#[test]
fn help() {
    let bench = Bench::new();
    let mut commands: Vec<Vec<&str>> = vec![
        vec![],
        vec!["vault"],
        vec!["source"],
        vec!["source", "add"],
        vec!["audit"],
        vec!["vault", "key"],
    ];
    for command in [
        "backup",
        "snapshots",
        "show",
        "ls",
        "get",
        "cat",
        "search",
        "history",
        "diff",
        "restore",
        "undo",
        "resume",
        "verify",
        "forget",
        "prune",
        "repair",
        "runs",
        "export",
        "import",
        "demo",
        "completions",
        "man",
    ] {
        commands.push(vec![command]);
    }
    commands.extend([
        vec!["source", "add", "sqlite"],
        vec!["source", "add", "folder"],
        vec!["vault", "create"],
        vec!["vault", "recovery-kit"],
    ]);
    for command in commands {
        let name = ["help", &command.join("_")].join("_");
        let ran = bench.ok(&[&command[..], &["--help"]].concat());
        assert!(
            ran.out.lines().all(|line| line.chars().count() <= 80),
            "{name} does not fit 80 columns:\n{}",
            ran.out
        );
        check(&name, &ran, &bench);
    }
}

#[test]
fn completions_and_manual_pages() {
    let bench = Bench::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(bench.ok(&["completions", shell]).out.contains("recovery-kit"), "{shell}");
    }
    assert!(bench.ok(&["man"]).out.contains(".TH backstay"));
    bench.ok(&["man", "--output-dir", &bench.text("man")]);
    let pages = std::fs::read_dir(bench.path("man")).unwrap().count();
    assert!(pages > 30, "{pages} pages");
    assert!(
        std::fs::read_to_string(bench.path("man/backstay-restore.1"))
            .unwrap()
            .contains("in\\-place")
    );
    assert!(!bench.path("home").exists(), "neither needs any state");
}
