//! The program: its first line is its address.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::client::{answer, plain};

#[test]
fn the_program_says_where_it_is_and_has_what_its_flags_ask_for() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_couchdb-standin"))
        .args(["--admin", "me:mine", "--load", "notes:25:300", "--document-limit", "100"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.trim();
    let ask = |method: &str, path: &str| {
        plain()
            .request(method.parse().unwrap(), format!("{url}{path}"))
            .basic_auth("me", Some("mine"))
    };
    let info = answer(ask("GET", "/notes"));
    let large = answer(ask("PUT", "/notes/x").body(format!("{{\"v\":\"{}\"}}", "x".repeat(100))));
    let odd = Command::new(env!("CARGO_BIN_EXE_couchdb-standin"))
        .args(["--odd", "1"])
        .output()
        .unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!((info.json()["doc_count"].as_u64(), large.status), (Some(25), 413));
    assert_eq!(odd.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&odd.stderr).contains("--odd is not known"));
}
