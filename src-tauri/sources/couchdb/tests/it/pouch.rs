//! What PouchDB Server does otherwise must make no difference to a backup.

use backstay_source::FeedMode;
use backstay_test_services::PouchServer;
use serde_json::json;

use crate::kit::{Server, is_live, open, revision, run, view};

#[test]
fn leaves_tombstones_and_local_documents() {
    let pouch = PouchServer::start().unwrap();
    let server = Server::new(&pouch.url(), None);
    server.make("a");
    let leaves = json!([
        revision("doc", &["2-b", "1-a"], json!({ "side": "b" })),
        revision("doc", &["2-c", "1-a"], json!({ "side": "c" })),
        revision("doc", &["3-d", "2-x", "1-a"], json!({ "_deleted": true })),
        revision("gone", &["2-z", "1-y"], json!({ "_deleted": true })),
        revision("plain", &["1-p"], json!({ "n": 1 })),
    ]);
    server.exactly("a", &leaves);
    let source = open(&pouch.url(), "", json!({ "database": ["a"] }));
    let first = run(&source, None).no_gaps();
    assert_eq!(first.ids("a"), ["doc", "plain"]);
    let data = first.data("a", "doc");
    assert_eq!((&data["side"], &data["_conflicts"][0]["side"]), (&json!("c"), &json!("b")));
    is_live(&source, &first);
    // Several at once and one alone give the same, deleted leaves in the hash too.
    let live = view(&source);
    let many = live.get_many("a", &["plain", "doc"]).unwrap();
    assert_eq!(many[1], live.get("a", "doc").unwrap());
    assert_eq!(many[1].as_ref().unwrap().hash, first.record("a", "doc").hash);

    let with = open(&pouch.url(), "", json!({ "database": ["a"], "deleted": true }));
    let all = run(&with, None).no_gaps();
    assert_eq!(all.ids("a"), ["doc", "gone", "plain"]);
    assert_eq!(all.data("a", "doc")["_deleted_conflicts"][0]["_rev"], "3-d");

    let quiet = run(&source, Some(&first)).no_gaps();
    assert_eq!((quiet.mode("a"), quiet.given("a")), (FeedMode::Delta, 0));
    server.put("a", json!({ "_id": "plain", "n": 2 }));
    server.put("a", json!({ "_id": "new" }));
    let second = run(&source, Some(&quiet)).no_gaps();
    assert_eq!((second.mode("a"), second.given("a")), (FeedMode::Delta, 2));
    server.delete("a", "new");
    let third = run(&source, Some(&second)).no_gaps();
    assert_eq!((third.mode("a"), third.ids("a")), (FeedMode::Delta, vec!["doc", "plain"]));
    is_live(&source, &third);
}
