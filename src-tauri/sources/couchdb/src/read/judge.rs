//! Whether what came of a document is what the feed said of it.

use backstay_model::ErrorKind;

use crate::{
    client,
    convert::{Document, Leaf, Rev},
    error::{CouchError, Refusal, Result},
};

/// What an answer means.
#[derive(Debug)]
pub(super) enum Judged {
    /// The document. Revisions that should be there and could not be had are named with the server's reason.
    Whole {
        /// With all leaves that came.
        document: Document,
        /// What is missing.
        lost: Vec<(String, String)>,
    },
    /// Something is missing that another question may bring.
    Ask(Vec<Leaf>),
    /// It is there no more.
    Gone,
    /// It cannot be understood.
    Broken {
        /// The class.
        kind: ErrorKind,
        /// Why.
        reason: String,
    },
}

/// Judges an answer about the document `id`, of which the feed named the leaves `revs`, together with the leaves `before` that came
/// earlier. `last`: nothing more is asked.
pub(super) fn judge(id: &str, revs: &[String], before: Vec<Leaf>, answer: Result<Vec<client::Leaf>>, last: bool) -> Judged {
    let (mut leaves, mut reasons) = (before, Vec::new());
    match answer {
        Ok(found) => {
            for leaf in found {
                match leaf {
                    client::Leaf::Doc(text) => match Leaf::parse(text) {
                        Ok(leaf) if leaf.id == id => leaves.push(leaf),
                        Ok(leaf) => return broken(format!("The server answered with the document {}", leaf.id)),
                        Err(error) => return broken(format!("The document {error}")),
                    },
                    client::Leaf::Missing { rev, reason } => reasons.push((rev, reason)),
                }
            }
        }
        Err(error) => match error.refusal() {
            Some(Refusal::Missing | Refusal::Deleted) => reasons.push((None, "missing".to_owned())),
            _ => return refused(&error),
        },
    }
    let leaves = only_leaves(leaves);
    if leaves.is_empty() {
        return match reasons.iter().find(|(_, reason)| !is_absence(reason)) {
            _ if !last => Judged::Ask(leaves),
            None => Judged::Gone,
            Some((_, reason)) => broken(format!("The server does not give the document: {reason}")),
        };
    }
    let missing: Vec<&String> = revs.iter().filter(|rev| !is_told(rev, &leaves)).collect();
    if !missing.is_empty() && !last {
        return Judged::Ask(leaves);
    }
    let lost = missing
        .into_iter()
        .map(|rev| {
            let reason = reasons.iter().find(|(of, _)| of.as_ref().is_none_or(|of| of == rev));
            let reason = reason.map_or("it was not in the answer", |(_, reason)| reason);
            (rev.clone(), reason.to_owned())
        })
        .collect();
    match Document::new(leaves) {
        Ok(document) => Judged::Whole { document, lost },
        Err(error) => broken(format!("The document {error}")),
    }
}

/// Whether the server's words mean that there is nothing, and not that something is wrong. PouchDB Server says nothing at all.
fn is_absence(reason: &str) -> bool {
    matches!(reason, "" | "missing" | "deleted" | "not_found")
}

fn broken(reason: String) -> Judged {
    Judged::Broken {
        kind: ErrorKind::Damaged,
        reason,
    }
}

fn refused(error: &CouchError) -> Judged {
    Judged::Broken {
        kind: error.kind(),
        reason: error.to_string(),
    }
}

/// Without those that others of them came after: answers of two moments were put together.
fn only_leaves(leaves: Vec<Leaf>) -> Vec<Leaf> {
    if leaves.len() < 2 {
        return leaves;
    }
    let led_on = |leaf: &Leaf| {
        leaves.iter().any(|other| {
            other.rev != leaf.rev
                && match (&other.revisions, &leaf.rev) {
                    (Some(history), Some(rev)) => history.has(rev),
                    _ => false,
                }
        })
    };
    let keep: Vec<bool> = leaves.iter().map(|leaf| !led_on(leaf)).collect();
    leaves
        .into_iter()
        .zip(keep)
        .filter_map(|(leaf, keep)| keep.then_some(leaf))
        .collect()
}

/// Whether a revision is one of the leaves, or led to one.
fn is_told(rev: &str, leaves: &[Leaf]) -> bool {
    let Ok(rev) = rev.parse::<Rev>() else { return false };
    leaves
        .iter()
        .any(|leaf| leaf.rev.as_ref() == Some(&rev) || leaf.revisions.as_ref().is_some_and(|history| history.has(&rev)))
}

#[cfg(test)]
mod tests {
    use backstay_model::RawJson;

    use super::*;

    fn doc(rev: &str, before: &[&str]) -> client::Leaf {
        let rev: Rev = rev.parse().unwrap();
        let ids: Vec<&str> = std::iter::once(rev.name.as_str()).chain(before.iter().copied()).collect();
        let ids = serde_json::to_string(&ids).unwrap();
        let text = format!(
            r#"{{"_id":"a","_rev":"{rev}","_revisions":{{"start":{},"ids":{ids}}}}}"#,
            rev.generation
        );
        client::Leaf::Doc(RawJson::parse(text.as_bytes()).unwrap())
    }

    fn missing(rev: &str, reason: &str) -> client::Leaf {
        client::Leaf::Missing {
            rev: Some(rev.to_owned()),
            reason: reason.to_owned(),
        }
    }

    fn revs(revs: &[&str]) -> Vec<String> {
        revs.iter().map(|rev| (*rev).to_owned()).collect()
    }

    /// The leaves of the document, and what is lost.
    fn whole(judged: Judged) -> (Vec<String>, Vec<String>) {
        match judged {
            Judged::Whole { document, lost } => (
                document
                    .leaves()
                    .iter()
                    .map(|leaf| leaf.rev.as_ref().unwrap().to_string())
                    .collect(),
                lost.into_iter().map(|(rev, _)| rev).collect(),
            ),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_answer_with_all_leaves_is_whole() {
        let answer = vec![doc("2-b", &["a"]), doc("2-c", &["a"])];
        let judged = judge("a", &revs(&["2-b", "2-c"]), Vec::new(), Ok(answer), false);
        assert_eq!(whole(judged), (revs(&["2-c", "2-b"]), Vec::new()));
    }

    #[test]
    fn a_leaf_that_was_changed_meanwhile_is_told_by_what_came_after_it() {
        let judged = judge("a", &revs(&["2-b"]), Vec::new(), Ok(vec![doc("3-c", &["b", "a"])]), false);
        assert_eq!(whole(judged), (revs(&["3-c"]), Vec::new()));
    }

    #[test]
    fn what_is_missing_is_asked_for_again_and_then_named() {
        let answer = || Ok(vec![doc("2-b", &["a"]), missing("2-c", "missing")]);
        let wanted = revs(&["2-b", "2-c"]);
        let Judged::Ask(leaves) = judge("a", &wanted, Vec::new(), answer(), false) else {
            panic!("not asked for again")
        };
        let (found, lost) = whole(judge("a", &wanted, leaves, answer(), true));
        assert_eq!((found, lost), (revs(&["2-b"]), revs(&["2-c"])));
    }

    #[test]
    fn answers_of_two_moments_leave_the_newer_leaf() {
        let Judged::Ask(leaves) = judge("a", &revs(&["2-b", "2-c"]), Vec::new(), Ok(vec![doc("2-b", &["a"])]), false) else {
            panic!("not asked for again")
        };
        let later = Ok(vec![doc("3-d", &["b", "a"]), doc("2-c", &["a"])]);
        let judged = judge("a", &revs(&["2-b", "2-c"]), leaves, later, true);
        assert_eq!(whole(judged), (revs(&["3-d", "2-c"]), Vec::new()));
    }

    #[test]
    fn only_what_is_missing_twice_is_gone() {
        let answer = |reason: &str| Ok(vec![missing("1-a", reason)]);
        assert!(matches!(
            judge("a", &revs(&["1-a"]), Vec::new(), answer("missing"), false),
            Judged::Ask(_)
        ));
        assert!(matches!(
            judge("a", &revs(&["1-a"]), Vec::new(), answer("missing"), true),
            Judged::Gone
        ));
        let broken = judge("a", &revs(&["1-a"]), Vec::new(), answer("badmatch"), true);
        assert!(matches!(broken, Judged::Broken { .. }), "{broken:?}");
    }

    #[test]
    fn another_document_is_no_answer() {
        let judged = judge("b", &revs(&["2-b"]), Vec::new(), Ok(vec![doc("2-b", &["a"])]), false);
        assert!(matches!(judged, Judged::Broken { .. }), "{judged:?}");
    }
}
