//! Revision trees: whatever the order revisions come in, the tree, its leaves and its winner are the same.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::client::Db;

/// A tree as a list: of every node but the first, the number of its parent; which are deleted.
#[derive(Debug, Clone)]
struct Tree {
    parents: Vec<usize>,
    deleted: Vec<bool>,
}

fn trees() -> impl Strategy<Value = Tree> {
    (1usize..12).prop_flat_map(|size| {
        let parents: Vec<_> = (1..size).map(|at| 0..at).collect();
        (parents, proptest::collection::vec(any::<bool>(), size)).prop_map(|(parents, deleted)| Tree { parents, deleted })
    })
}

impl Tree {
    fn path(&self, node: usize) -> Vec<usize> {
        let mut path = vec![node];
        let mut at = node;
        while at > 0 {
            at = self.parents[at - 1];
            path.push(at);
        }
        path
    }

    fn is_leaf(&self, node: usize) -> bool {
        !self.parents.contains(&node)
    }

    fn name(node: usize) -> String {
        // Texts that do not sort as the numbers do.
        format!("{:02}{node}", (node * 37 + 11) % 100)
    }

    /// The revision with all its ancestors.
    fn doc(&self, node: usize) -> Value {
        let path = self.path(node);
        let ids: Vec<String> = path.iter().map(|at| Self::name(*at)).collect();
        let mut doc = json!({"_id": "a", "v": node, "_revisions": {"start": path.len(), "ids": ids}});
        if self.is_leaf(node) && self.deleted[node] {
            doc["_deleted"] = json!(true);
        }
        doc
    }

    fn rev(&self, node: usize) -> (bool, usize, String) {
        let live = !(self.is_leaf(node) && self.deleted[node]);
        (live, self.path(node).len(), Self::name(node))
    }
}

fn shown(db: &Db, name: &str) -> (Value, Value) {
    let changes = db.get(&format!("/{name}/_changes?style=all_docs")).json();
    let mut leaves = db.get(&format!("/{name}/a?open_revs=all&revs=true")).json();
    let key = |leaf: &Value| leaf["ok"]["_rev"].as_str().unwrap().to_owned();
    leaves.as_array_mut().unwrap().sort_by_key(key);
    (changes["results"][0]["changes"].clone(), leaves)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn any_order_gives_one_tree(tree in trees(), seed in any::<u64>()) {
        let db = Db::new();
        let size = tree.deleted.len();
        let mut order: Vec<usize> = (0..size).collect();
        for (name, by) in [("one", 0), ("two", seed | 1)] {
            db.put(&format!("/{name}"), Value::Null);
            order.sort_by_key(|at| (*at as u64 + 1).wrapping_mul(by.wrapping_mul(0x9e37_79b9_7f4a_7c15)) >> 7);
            for node in &order {
                let answer = db.post(&format!("/{name}/_bulk_docs"), json!({"new_edits": false, "docs": [tree.doc(*node)]}));
                prop_assert_eq!(answer.json(), json!([]));
            }
        }
        prop_assert_eq!(shown(&db, "one"), shown(&db, "two"));

        let mut leaves: Vec<_> = (0..size).filter(|node| tree.is_leaf(*node)).map(|node| tree.rev(node)).collect();
        leaves.sort_by(|a, b| b.cmp(a));
        let expected: Vec<Value> = leaves.iter().map(|(_, pos, id)| json!({"rev": format!("{pos}-{id}")})).collect();
        prop_assert_eq!(shown(&db, "one").0, Value::Array(expected));

        // Everything again: nothing changes, no new place in the feed.
        let before = db.get("/one").json()["update_seq"].clone();
        let all: Vec<Value> = (0..size).map(|node| tree.doc(node)).collect();
        db.post("/one/_bulk_docs", json!({"new_edits": false, "docs": all}));
        prop_assert_eq!(db.get("/one").json()["update_seq"].clone(), before);
    }
}

#[test]
fn the_same_edit_gives_the_same_revision_everywhere() {
    let (one, two) = (Db::new(), Db::new());
    for db in [&one, &two] {
        db.put("/d", Value::Null);
        db.put("/d/a", json!({"b": 1, "a": [1.50, 12345678901234567890u64]}));
    }
    assert_eq!(one.get("/d/a").text, two.get("/d/a").text);
    assert!(one.get("/d/a").text.contains("\"b\":1,\"a\":[1.5,12345678901234567890]"));
}

#[test]
fn a_deleted_document_comes_back_on_top_of_its_tombstone() {
    let db = Db::new();
    db.put("/d", Value::Null);
    let first = db.put("/d/a", json!({})).json()["rev"].as_str().unwrap().to_owned();
    let gone = db.delete(&format!("/d/a?rev={first}")).json()["rev"]
        .as_str()
        .unwrap()
        .to_owned();
    // Naming the tombstone is a conflict, leaving it out is not.
    assert_eq!(db.put(&format!("/d/a?rev={gone}"), json!({"v": 2})).status, 409);
    let back = db.put("/d/a", json!({"v": 2}));
    assert!(back.json()["rev"].as_str().unwrap().starts_with("3-"), "{back:?}");
    let revisions = db.get("/d/a?revs=true").json()["_revisions"].clone();
    assert_eq!(revisions["ids"].as_array().unwrap().len(), 3);
}

#[test]
fn missing_revisions_are_told_with_possible_ancestors() {
    let db = Db::new();
    db.put("/d", Value::Null);
    db.post(
        "/d/_bulk_docs",
        json!({"new_edits": false, "docs": [{"_id": "a", "_revisions": {"start": 2, "ids": ["b", "a"]}}]}),
    );
    let diff = db
        .post("/d/_revs_diff", json!({"a": ["2-b", "3-c", "1-a"], "n": ["1-x"], "b": []}))
        .json();
    assert_eq!(
        diff,
        json!({"a": {"missing": ["3-c"], "possible_ancestors": ["2-b"]}, "n": {"missing": ["1-x"]}})
    );
    let missing = db.post("/d/_missing_revs", json!({"a": ["2-b", "3-c"]})).json();
    assert_eq!(missing, json!({"missing_revs": {"a": ["3-c"]}}));
}

#[test]
fn edits_stand_on_leaves_only() {
    let db = Db::new();
    db.put("/d", Value::Null);
    db.post(
        "/d/_bulk_docs",
        json!({"new_edits": false, "docs": [
            {"_id": "a", "_revisions": {"start": 2, "ids": ["b", "a"]}},
            {"_id": "a", "_revisions": {"start": 2, "ids": ["c", "a"]}},
        ]}),
    );
    assert_eq!(db.put("/d/a?rev=1-a", json!({})).status, 409);
    assert_eq!(db.put("/d/a", json!({})).status, 409);
    assert_eq!(db.put("/d/new?rev=1-a", json!({})).status, 409);
    // A conflict is settled by deleting the loser.
    assert_eq!(db.delete("/d/a?rev=2-b").status, 200);
    assert_eq!(db.get("/d/a?conflicts=true").json().get("_conflicts"), None);
    let bulk = db
        .post("/d/_bulk_docs", json!({"docs": [{"_id": "x"}, {"_id": "x"}, {"_id": "a"}]}))
        .json();
    assert_eq!(
        (bulk[0]["ok"].as_bool(), bulk[1]["error"].as_str(), bulk[2]["error"].as_str()),
        (Some(true), Some("conflict"), Some("conflict"))
    );
    let copied = crate::client::answer(db.request("COPY", "/d/x").header("destination", "y"));
    assert_eq!((copied.status, db.get("/d/y").status), (201, 200));
    for (body, error) in [
        ("[1]", "bad_request"),
        ("{\"_odd\":1}", "doc_validation"),
        ("{", "bad_request"),
    ] {
        let refused = crate::client::answer(db.request("PUT", "/d/z").body(body));
        assert_eq!(
            (refused.status, refused.json()["error"].as_str()),
            (400, Some(error)),
            "{body}"
        );
    }
    assert_eq!(db.put("/d/_odd", json!({})).json()["error"], "illegal_docid");
}
