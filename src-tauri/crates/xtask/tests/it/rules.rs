//! Samples that break a rule, beside ones that just keep it.

use std::path::Path;

use xtask::{CrateDependencies, check_layers, check_leftovers, check_links, check_rust_file};

fn one(name: &str, normal: &[&str], dev: &[&str]) -> Vec<String> {
    let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let found = check_layers(&[CrateDependencies {
        name: name.to_owned(),
        normal: own(normal),
        dev: own(dev),
    }]);
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn arrows_that_turn_round() {
    assert_eq!(
        one("vault", &["model", "engine", "serde"], &[]),
        ["`vault` may depend on: `model`. Found `engine`. See src-tauri/ARCHITECTURE.md, \"Layers\"."]
    );
    assert_eq!(one("model", &["source"], &[]).len(), 1);
    assert!(one("model", &["source"], &[])[0].starts_with("`model` may depend on: nothing of the workspace."));
    assert_eq!(
        one("engine", &["sqlite"], &[]).len(),
        1,
        "the engine knows no connector by name"
    );
    assert_eq!(
        one("cli", &["engine"], &[]).len(),
        1,
        "the command line calls api and nothing below it"
    );
    assert_eq!(one("sqlite", &["vault"], &[]).len(), 1, "no connector sees a vault");
    assert_eq!(one("registry", &["source", "sqlite", "folder"], &[]), [""; 0]);
}

#[test]
fn crates_from_outside_that_belong_to_one_crate() {
    assert_eq!(one("vault", &["rustic_core", "rustic_backend"], &["rustic_core"]), [""; 0]);
    let found = one("engine", &["rustic_core"], &[]);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("only `vault` may depend on `rustic_core`. Found in `engine`."),
        "{}",
        found[0]
    );
    assert_eq!(one("tests", &[], &["rustic_core"]).len(), 1, "also in tests");
    assert_eq!(one("journal", &["anyhow"], &[]).len(), 1);
}

#[test]
fn dependencies_of_tests() {
    assert_eq!(one("engine", &[], &["source-kit", "api"]), [""; 0]);
    assert_eq!(one("engine", &[], &["sqlite"]).len(), 1);
    assert_eq!(one("api", &[], &["cli"]).len(), 1);
    assert_eq!(one("registry", &[], &["sqlite"]), [""; 0]);
}

#[test]
fn a_crate_without_a_place() {
    assert!(one("helpers", &[], &[])[0].starts_with("`helpers` has no place in the layers"));
}

fn rust(file: &str, text: &str) -> Vec<String> {
    check_rust_file(Path::new(file), text)
        .1
        .iter()
        .map(ToString::to_string)
        .collect()
}

fn function(lines: usize) -> String {
    format!("fn long() {{\n{}}}\n", "    f();\n".repeat(lines - 2))
}

#[test]
fn files_say_why_they_exist() {
    assert_eq!(rust("a.rs", "//! Why.\nfn f() {}\n"), [""; 0]);
    assert_eq!(rust("a.rs", "\n//! Why.\n"), [""; 0]);
    for text in ["", "use std::fs;\n//! late", "// a comment\n", "/// of an item\nfn f() {}\n"] {
        assert!(rust("a.rs", text)[0].starts_with("a.rs:1: has to open with"), "{text:?}");
    }
}

#[test]
fn long_files() {
    let file = |lines: usize| format!("//! Why.\n{}", "const A: u8 = 0;\n".repeat(lines - 1));
    assert_eq!(rust("a.rs", &file(600)), [""; 0]);
    assert_eq!(
        rust("a.rs", &file(601)),
        ["a.rs: 601 lines without its tests; at most 600. Split it by what it is about."]
    );
    let with_tests = format!(
        "{}#[cfg(test)]\nmod tests {{\n{}}}\n",
        file(600),
        "    const A: u8 = 0;\n".repeat(300)
    );
    assert_eq!(rust("a.rs", &with_tests), [""; 0], "inline tests do not count");
    assert_eq!(check_rust_file(Path::new("a.rs"), &with_tests).0.lines, 600);
}

#[test]
fn long_functions() {
    let of = |function: &str| format!("//! Why.\n{function}");
    assert_eq!(rust("a.rs", &of(&function(60))), [""; 0]);
    assert_eq!(
        rust("a.rs", &of(&function(61))),
        ["a.rs:2: `long` has 61 lines; a function has at most 60."]
    );
    assert_eq!(
        rust("a.rs", &of(&format!("/// Doc.\n{}", function(60)))),
        [""; 0],
        "its documentation does not count"
    );
    assert_eq!(rust("a.rs", &of(&format!("impl A {{\n{}}}\n", function(61)))).len(), 1);
    assert_eq!(rust("a.rs", &of(&format!("trait A {{\n{}}}\n", function(61)))).len(), 1);
    assert_eq!(rust("a.rs", &of(&format!("mod m {{\n{}}}\n", function(61)))).len(), 1);
    assert_eq!(
        rust("a.rs", &of(&format!("fn outer() {{\n{}}}\n", function(61)))).len(),
        2,
        "the inner and the outer one"
    );
    assert_eq!(rust("a.rs", &of(&format!("#[test]\n{}", function(61)))), [""; 0]);
    assert_eq!(
        rust("a.rs", &of(&format!("#[cfg(test)]\nmod tests {{\n{}}}\n", function(61)))),
        [""; 0]
    );
    assert_eq!(rust("crates/a/tests/it/a.rs", &of(&function(61))), [""; 0]);
}

#[test]
fn files_that_do_not_parse() {
    assert!(rust("a.rs", "//! Why.\nfn f( {}\n")[0].starts_with("a.rs:2: is not Rust"));
}

#[test]
fn left_overs() {
    let found = |text: &str| check_leftovers(Path::new("a.rs"), text).len();
    let marks = [
        "TO DO",
        "FIX ME",
        "XX X",
        "HA CK",
        "todo !()",
        "unimpl emented!()",
        "db g!(x)",
        "#[ign ore]",
        "#[ign ore = 1]",
    ];
    for mark in marks.map(|mark| mark.replace(' ', "")) {
        assert_eq!(found(&format!("fine\n// {mark}: later\n")), 1, "{mark}");
        assert_eq!(
            found(&format!("a{mark}")),
            usize::from(mark.starts_with('#')),
            "{mark} inside a word"
        );
    }
    assert_eq!(found("create table todos (id); -- the TODOS\n#[must_use]"), 0);
}

#[test]
fn links_that_lead_nowhere() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("docs")).unwrap();
    std::fs::write(root.path().join("docs/a.md"), "").unwrap();
    let found = |text: &str| {
        check_links(root.path(), Path::new("docs/b.md"), text)
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    let fine =
        "[a](a.md) [a](a.md#part) [up](../docs/a.md) [web](https://example.org/x) [here](#part) <mailto:a@b.c> `[code](no.md)`";
    assert_eq!(found(fine), [""; 0]);
    assert_eq!(
        found("\n[a](b.md \"title\")\n"),
        ["docs/b.md:2: the link leads nowhere: there is no `b.md`."]
    );
    assert_eq!(found("![image](no.png)").len(), 1);
    assert_eq!(found("| a |\n|---|\n| [t](no.md) |\n").len(), 1);
    assert_eq!(found("[r][x]\n\n[x]: no.md\n").len(), 1);
    assert_eq!(found("```\n[a](no.md)\n```\n"), [""; 0]);
}
