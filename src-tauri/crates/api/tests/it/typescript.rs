//! The types the window is checked against are those this crate has.

use backstay_api::typescript::TypeScript;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../ui/src/api/generated.ts");

#[test]
fn the_windows_types_are_current() {
    let about = "Made from the Rust types of crate `api`. Do not edit: UPDATE_TYPESCRIPT=1 cargo test -p backstay-api typescript";
    let wanted = TypeScript::of_api().render(about, "Commands");
    if std::env::var_os("UPDATE_TYPESCRIPT").is_some() {
        std::fs::write(FILE, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(FILE).unwrap_or_default();
    assert!(
        found == wanted,
        "ui/src/api/generated.ts is out of date: UPDATE_TYPESCRIPT=1 cargo test -p backstay-api typescript"
    );
}
