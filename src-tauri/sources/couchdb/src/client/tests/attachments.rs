//! Attachments of any size, through little memory and broken connections.

use std::io::{self, Cursor, Read};

use backstay_couchdb_standin::{Act, Fault};
use backstay_model::ErrorKind;
use backstay_source::SourceError;
use base64::Engine as _;

use super::{database, raw, standin};
use crate::{
    client::{Database, DocQuery, Part, Stub},
    error::Refusal,
};

fn content(length: u64, seed: u64) -> impl Read + Clone {
    #[derive(Clone)]
    struct Content {
        at: u64,
        length: u64,
        seed: u64,
    }
    impl Read for Content {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = usize::try_from(self.length - self.at).unwrap().min(buffer.len());
            for byte in &mut buffer[..count] {
                *byte = (self.at.wrapping_mul(31).wrapping_add(self.at >> 8).wrapping_add(self.seed) % 256) as u8;
                self.at += 1;
            }
            Ok(count)
        }
    }
    Content { at: 0, length, seed }
}

fn all(mut reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn stub(database: &Database, id: &str, name: &str) -> Stub {
    let query = DocQuery {
        encodings: true,
        ..DocQuery::default()
    };
    let document = database.get(id, query).unwrap().unwrap().value().unwrap();
    serde_json::from_value(document["_attachments"][name].clone()).unwrap()
}

/// Writes a document with attachments of these lengths, named by their numbers.
fn put(database: &Database, id: &str, lengths: &[u64]) -> String {
    let attachments: Vec<String> = lengths
        .iter()
        .enumerate()
        .map(|(number, length)| format!(r#""n{number}":{{"follows":true,"content_type":"image/png","length":{length}}}"#))
        .collect();
    let document = raw(&format!(
        r#"{{"_id":"{id}","x":1,"_attachments":{{{}}}}}"#,
        attachments.join(",")
    ));
    let names: Vec<String> = (0..lengths.len()).map(|number| format!("n{number}")).collect();
    let parts = names.iter().zip(lengths).enumerate().map(|(number, (name, &length))| Part {
        name,
        media_type: "image/png",
        length,
        open: Box::new(move || Ok(Box::new(content(length, number as u64)))),
    });
    database.put_with(id, &document, parts.collect(), true).unwrap()
}

fn read(database: &Database, id: &str, name: &str) -> io::Result<Vec<u8>> {
    let stub = stub(database, id, name);
    all(database.attachment(id, None, name, &stub).unwrap())
}

#[test]
fn documents_with_attachments_are_streamed_both_ways() {
    let standin = standin();
    let database = database(&standin);
    let lengths = [3_000_000, 0, 1, 65_536, 200_000];
    let rev = put(&database, "a/ü", &lengths);
    assert!(rev.starts_with("1-"));
    for (number, &length) in lengths.iter().enumerate() {
        let name = format!("n{number}");
        let stub = stub(&database, "a/ü", &name);
        assert_eq!((stub.length, stub.content_type.as_deref()), (Some(length), Some("image/png")));
        let reader = database.attachment("a/ü", Some(&rev), &name, &stub).unwrap();
        assert_eq!(reader.length, Some(length));
        let (found, expected) = (all(reader).unwrap(), all(content(length, number as u64)).unwrap());
        assert!(found == expected, "{name}: {} bytes for {length}", found.len());
    }
    assert_eq!(put(&database, "none", &[]).split('-').next(), Some("1"));
}

#[test]
fn under_its_own_revision_a_document_with_attachments_can_be_sent_again() {
    let standin = standin();
    let database = database(&standin);
    let document = raw(
        r#"{"_id":"d","_rev":"2-b","_revisions":{"start":2,"ids":["b","a"]},"_attachments":{"f/x.txt":{"follows":true,"content_type":"text/plain","length":5}}}"#,
    );
    let fault = standin.fault(Fault::on("PUT", "/db/d", Act::DropAfter));
    let mut opened = 0;
    let part = Part {
        name: "f/x.txt",
        media_type: "text/plain",
        length: 5,
        open: Box::new(|| {
            opened += 1;
            Ok(Box::new(Cursor::new(b"hello")))
        }),
    };
    database.put_with("d", &document, vec![part], false).unwrap();
    assert_eq!((opened, fault.fired()), (2, 1));
    assert_eq!(database.revision("d").unwrap().as_deref(), Some("2-b"));
    assert_eq!(read(&database, "d", "f/x.txt").unwrap(), b"hello");
}

#[test]
fn an_attachment_shorter_than_said_is_never_written() {
    let standin = standin();
    let database = database(&standin);
    for length in [4, 6] {
        let document = raw(&format!(
            r#"{{"_attachments":{{"x":{{"follows":true,"content_type":"text/plain","length":{length}}}}}}}"#
        ));
        let part = Part {
            name: "x",
            media_type: "text/plain",
            length,
            open: Box::new(|| Ok(Box::new(Cursor::new(b"hello")))),
        };
        let error = database.put_with("short", &document, vec![part], true).unwrap_err();
        assert!(error.to_string().contains("another length"), "{error}");
    }
    assert_eq!(database.get("short", DocQuery::default()).unwrap(), None);
}

#[test]
fn a_source_that_fails_keeps_its_class() {
    let standin = standin();
    let database = database(&standin);
    let document = raw(r#"{"_attachments":{"x":{"follows":true,"content_type":"text/plain","length":5}}}"#);
    let part = Part {
        name: "x",
        media_type: "text/plain",
        length: 5,
        open: Box::new(|| {
            Err(io::Error::other(SourceError::new(
                ErrorKind::Damaged,
                "the pack",
                "is damaged",
            )))
        }),
    };
    let error = SourceError::from(database.put_with("a", &document, vec![part], true).unwrap_err());
    assert_eq!((error.kind, error.subject.as_str()), (ErrorKind::Damaged, "the pack"));
}

#[test]
fn a_connection_that_breaks_goes_on_where_it_was() {
    let standin = standin();
    let database = database(&standin);
    put(&database, "a", &[2_000_000]);
    let expected = all(content(2_000_000, 0)).unwrap();
    for after in [0, 1, 700_000, 1_999_999] {
        standin.reset_counters();
        let fault = standin.fault(Fault::on("GET", "/db/a/n0", Act::CutBody { after }));
        assert!(read(&database, "a", "n0").unwrap() == expected, "cut after {after}");
        assert_eq!(fault.fired(), 1);
        if after == 700_000 {
            let sent = standin.total().sent;
            assert!(sent < 2_500_000, "the beginning is not sent twice: {sent} bytes");
        }
    }
}

#[test]
fn a_connection_that_always_breaks_is_given_up() {
    let standin = standin();
    let database = database(&standin);
    put(&database, "a", &[100_000]);
    let fault = standin.fault(Fault::on("GET", "/db/a/n0", Act::CutBody { after: 0 }).times(0));
    // The connection may break before the head of the answer or behind it.
    let stub = stub(&database, "a", "n0");
    let error = match database.attachment("a", None, "n0", &stub) {
        Ok(reader) => SourceError::io("the attachment", all(reader).unwrap_err()),
        Err(error) => SourceError::from(error),
    };
    assert_eq!(error.kind, ErrorKind::Unreachable);
    assert!(fault.fired() > 2 && fault.fired() < 100, "{}", fault.fired());
}

#[test]
fn content_that_is_not_what_the_document_says_is_an_error_at_its_end() {
    let standin = standin();
    let database = database(&standin);
    put(&database, "a", &[10]);
    let stub = Stub {
        digest: Some("md5-AAAAAAAAAAAAAAAAAAAAAA==".to_owned()),
        ..stub(&database, "a", "n0")
    };
    let error = all(database.attachment("a", None, "n0", &stub).unwrap()).unwrap_err();
    let error = SourceError::io("the attachment", error);
    assert_eq!(error.kind, ErrorKind::Damaged);
    assert!(error.message.contains("md5-"), "{error}");
}

#[test]
fn compressed_attachments_come_as_what_they_are() {
    let standin = standin();
    let database = database(&standin);
    let text = "the same words again and again, ".repeat(5000);
    let data = base64::engine::general_purpose::STANDARD.encode(&text);
    let attachments = serde_json::json!({"t.txt": {"content_type": "text/plain", "data": data}});
    let document = raw(&serde_json::json!({"_id": "t", "_rev": "1-a", "_attachments": attachments}).to_string());
    assert!(database.bulk_docs(&[document], false).unwrap().is_empty());
    standin.reset_counters();
    let stub = stub(&database, "t", "t.txt");
    let found = all(database.attachment("t", None, "t.txt", &stub).unwrap()).unwrap();
    assert!(found == text.as_bytes());
    // Where the server stores it compressed, that is what travels.
    if stub.encoding.as_deref() == Some("gzip") {
        assert!(standin.total().sent < 20_000, "{}", standin.total().sent);
    }
}

#[test]
fn attachments_are_put_alone_too() {
    let standin = standin();
    let database = database(&standin);
    let open = || Ok(Box::new(Cursor::new(b"hello")) as Box<dyn Read>);
    let first = database
        .put_attachment("a", None, "x/y.bin", "application/x-thing", 5, open)
        .unwrap();
    let second = database
        .put_attachment("a", Some(&first), "z", "text/plain", 5, open)
        .unwrap();
    assert!(second.starts_with("2-"));
    assert_eq!(read(&database, "a", "x/y.bin").unwrap(), b"hello");
    assert_eq!(read(&database, "a", "z").unwrap(), b"hello");
    let error = database
        .put_attachment("a", Some(&first), "w", "text/plain", 5, open)
        .unwrap_err();
    assert_eq!(error.refusal(), Some(Refusal::Conflict));
    let error = database.attachment("a", None, "nope", &Stub::default()).err().unwrap();
    assert_eq!(
        (error.refusal(), error.kind()),
        (Some(Refusal::Missing), ErrorKind::NotFound),
        "{error}"
    );
}
