//! The services start, answer, and are gone afterwards.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs
)]

use std::net::TcpStream;

use backstay_test_services::{PouchServer, couchbackup, node_script};

#[test]
fn pouchdb_server_answers_in_memory_and_on_disk_and_ends() {
    for server in [PouchServer::start().unwrap(), PouchServer::start_on_disk().unwrap()] {
        let url = server.url();
        let script = "
            const nano = require('nano')(process.argv[2]);
            await nano.db.create('t');
            await nano.use('t').insert({}, 'a');
            console.log((await nano.use('t').info()).doc_count);
        ";
        let ran = node_script(script, &[&url]).unwrap();
        assert_eq!((ran.code, ran.out.trim()), (Some(0), "1"), "{ran:?}");
        drop(server);
        assert!(TcpStream::connect(url.trim_start_matches("http://")).is_err());
    }
}

#[test]
fn a_script_that_fails_is_told() {
    let ran = node_script("throw new Error('broken on purpose')", &[]).unwrap();
    assert!(!ran.ok() && ran.err.contains("broken on purpose"));
    let none = couchbackup("http://127.0.0.1:9", "x", std::path::Path::new("/nowhere/x"), &[]).unwrap();
    assert!(!none.ok() && !none.err.is_empty());
}
