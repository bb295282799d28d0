//! Sends documents: cut into requests of a bounded size, several under way at once, and cut again where the server does not take one
//! as a whole, until the document that stands in the way is known by name.

use std::sync::atomic::{AtomicBool, Ordering};

use backstay_model::{ErrorKind, RawJson};
use backstay_source::SourceError;
use crossbeam_channel::{Receiver, Sender, bounded};
use parking_lot::Mutex;

use super::look::{Live, look};
use crate::{
    client::{Database, DocAnswer},
    convert::{Leaf, same_body},
    error::{CouchError, Refusal, Result},
};

/// Bytes of a request.
const BYTES: usize = 4 << 20;
/// Documents of a request, at most.
const MOST: usize = 500;
/// Documents of a request, where that lets several be under way.
const FEW: usize = 100;
/// Requests under way.
const AT_ONCE: usize = 4;
/// How often edits are sent again of which nobody knows whether they arrived.
const DOUBTS: u32 = 4;
/// Single documents a server may fail on before it is the server that fails.
const FAILURES: u32 = 3;

/// A document on its way.
#[derive(Debug)]
pub(super) struct Outgoing {
    /// Whose it is: the step's number, and the number of its write.
    pub key: (usize, usize),
    /// The document's id.
    pub id: String,
    /// What is sent.
    pub doc: RawJson,
    /// The leaf it edits.
    pub parent: Option<String>,
}

/// What became of a document: its new revision, where the server named it.
pub(super) type Landed = ((usize, usize), Result<Option<String>>);

/// Takes documents and sends them when there are enough.
pub(super) struct Post<'a> {
    out: Sender<Vec<Outgoing>>,
    waiting: Vec<Outgoing>,
    bytes: usize,
    most: usize,
    broken: &'a AtomicBool,
}

impl Post<'_> {
    /// Takes a document. `false`: the server is out of reach, and nothing more is sent.
    pub(super) fn push(&mut self, outgoing: Outgoing) -> bool {
        let size = outgoing.doc.as_bytes().len();
        if !self.waiting.is_empty() && (self.bytes + size > BYTES || self.waiting.len() >= self.most) {
            self.flush();
        }
        self.bytes += size;
        self.waiting.push(outgoing);
        !self.broken.load(Ordering::Relaxed)
    }

    fn flush(&mut self) {
        self.bytes = 0;
        let parcel = std::mem::take(&mut self.waiting);
        if !parcel.is_empty() {
            // The other end is there for as long as this one.
            let _ = self.out.send(parcel);
        }
    }
}

/// Sends what `feed` gives, about `expected` documents, as edits or under their own revisions, and tells what became of each. A document
/// that is missing in the answer was not sent, because an error that ends everything stands there.
pub(super) fn send(database: &Database, new_edits: bool, expected: usize, feed: impl FnOnce(&mut Post<'_>)) -> Vec<Landed> {
    let broken = AtomicBool::new(false);
    let landed = Mutex::new(Vec::with_capacity(expected));
    std::thread::scope(|scope| {
        let (out, parcels) = bounded::<Vec<Outgoing>>(1);
        let most = expected.div_ceil(AT_ONCE).clamp(FEW, MOST);
        for _ in 0..expected.div_ceil(most).clamp(1, AT_ONCE) {
            let (parcels, landed, broken) = (parcels.clone(), &landed, &broken);
            scope.spawn(move || carry(database, new_edits, &parcels, landed, broken));
        }
        drop(parcels);
        let mut post = Post {
            out,
            waiting: Vec::new(),
            bytes: 0,
            most,
            broken: &broken,
        };
        feed(&mut post);
        post.flush();
    });
    landed.into_inner()
}

fn carry(
    database: &Database,
    new_edits: bool,
    parcels: &Receiver<Vec<Outgoing>>,
    landed: &Mutex<Vec<Landed>>,
    broken: &AtomicBool,
) {
    for parcel in parcels {
        if broken.load(Ordering::Relaxed) {
            continue;
        }
        let mut delivery = Delivery {
            database,
            new_edits,
            landed: Vec::with_capacity(parcel.len()),
            failures: 0,
        };
        if delivery.deliver(parcel, 0).is_err() {
            broken.store(true, Ordering::Relaxed);
        }
        landed.lock().append(&mut delivery.landed);
    }
}

/// Whether an error is of the whole target, so that nothing more is worth sending.
pub(super) fn ends_all(error: &CouchError) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Cancelled | ErrorKind::Full | ErrorKind::Unreachable | ErrorKind::Locked
    )
}

/// Everything is over; the reason stands with the documents it came to.
struct Over;

struct Delivery<'a> {
    database: &'a Database,
    new_edits: bool,
    landed: Vec<Landed>,
    failures: u32,
}

impl Delivery<'_> {
    fn deliver(&mut self, parcel: Vec<Outgoing>, doubts: u32) -> std::result::Result<(), Over> {
        let docs: Vec<RawJson> = parcel.iter().map(|outgoing| outgoing.doc.clone()).collect();
        let error = match self.database.bulk_docs(&docs, self.new_edits) {
            Ok(answers) => {
                self.answered(parcel, answers);
                return Ok(());
            }
            Err(error) => error,
        };
        let refusal = error.refusal();
        let in_doubt = error.is_temporary() && refusal != Some(Refusal::Busy);
        let one_of_them = matches!(
            refusal,
            Some(Refusal::TooLarge | Refusal::MissingStub | Refusal::BadRequest | Refusal::BadName | Refusal::Conflict)
        );
        let failed = refusal == Some(Refusal::Failed);
        if self.new_edits && in_doubt && doubts < DOUBTS {
            return self.after_doubt(parcel, doubts);
        }
        if (one_of_them || failed) && parcel.len() > 1 {
            return self.halve(parcel, doubts);
        }
        if failed {
            self.failures += 1;
        }
        let alone = one_of_them || (failed && self.failures < FAILURES);
        if !alone && ends_all(&error) {
            return self.over(parcel, error);
        }
        // It is the document and not the server that fails.
        let error = match failed {
            true => CouchError::Taker(SourceError::new(
                ErrorKind::Io,
                String::new(),
                SourceError::from(error).message,
            )),
            false => error,
        };
        self.refused(parcel, error);
        Ok(())
    }

    /// Whoever stands in the way is in one of the halves.
    fn halve(&mut self, mut parcel: Vec<Outgoing>, doubts: u32) -> std::result::Result<(), Over> {
        let rest = parcel.split_off(parcel.len() / 2);
        self.deliver(parcel, doubts)?;
        self.deliver(rest, doubts)
    }

    fn over(&mut self, parcel: Vec<Outgoing>, error: CouchError) -> std::result::Result<(), Over> {
        // The first one has the reason; of the others nobody knows.
        if let Some(first) = parcel.into_iter().next() {
            self.landed.push((first.key, Err(error)));
        }
        Err(Over)
    }

    fn refused(&mut self, parcel: Vec<Outgoing>, error: CouchError) {
        let mut error = Some(error);
        for outgoing in parcel {
            let subject = self.database.part(&outgoing.id);
            let told = match error.take() {
                Some(first) => named(subject, first, &mut error),
                None => continue,
            };
            self.landed.push((outgoing.key, Err(told)));
        }
    }

    fn answered(&mut self, parcel: Vec<Outgoing>, answers: Vec<DocAnswer>) {
        if self.new_edits && answers.len() == parcel.len() {
            for (outgoing, answer) in parcel.into_iter().zip(answers) {
                let result = match answer.error {
                    Some(error) => Err(error),
                    None => Ok(answer.rev),
                };
                self.landed.push((outgoing.key, result));
            }
            return;
        }
        // Only refused ones are told, by their ids.
        let mut errors: std::collections::HashMap<String, CouchError> = answers
            .into_iter()
            .filter_map(|answer| Some((answer.id?, answer.error?)))
            .collect();
        for outgoing in parcel {
            let result = match errors.remove(&outgoing.id) {
                Some(error) => Err(error),
                None if self.new_edits => Err(CouchError::BadAnswer {
                    subject: self.database.part(&outgoing.id),
                    reason: "the server does not say what became of it".to_owned(),
                }),
                None => Ok(None),
            };
            self.landed.push((outgoing.key, result));
        }
    }

    /// Nobody knows whether the edits arrived: what is there now tells.
    fn after_doubt(&mut self, parcel: Vec<Outgoing>, doubts: u32) -> std::result::Result<(), Over> {
        let ids: Vec<&str> = parcel.iter().map(|outgoing| outgoing.id.as_str()).collect();
        let found = match look(self.database, &ids) {
            Ok(found) => found,
            Err(error) => return self.over(parcel, error),
        };
        let mut again = Vec::new();
        for (outgoing, live) in parcel.into_iter().zip(found) {
            match live.map(|live| arrived(&outgoing.doc, outgoing.parent.as_deref(), &live)) {
                Ok(Arrived::Not) => again.push(outgoing),
                Ok(Arrived::As(rev)) => self.landed.push((outgoing.key, Ok(Some(rev)))),
                Ok(Arrived::Other) => {
                    let subject = self.database.part(&outgoing.id);
                    let moved = SourceError::new(ErrorKind::Changed, subject, "was changed meanwhile");
                    self.landed.push((outgoing.key, Err(CouchError::Taker(moved))));
                }
                Err(error) => self.landed.push((outgoing.key, Err(error))),
            }
        }
        if again.is_empty() {
            Ok(())
        } else {
            self.deliver(again, doubts + 1)
        }
    }
}

/// What became of an edit that may have arrived.
enum Arrived {
    /// The leaf it edits is still one.
    Not,
    /// It is there, with this revision.
    As(String),
    /// Something else is there.
    Other,
}

fn arrived(doc: &RawJson, parent: Option<&str>, live: &Live) -> Arrived {
    let open = match parent {
        Some(parent) => live.tree.leaf(parent).is_some(),
        None => !live.tree.lives(),
    };
    if open {
        return Arrived::Not;
    }
    let Ok(sent) = Leaf::parse(doc.clone()) else {
        return Arrived::Other;
    };
    let made = live.tree.leaves().iter().find(|leaf| {
        let after = parent.is_none_or(|parent| leaf.path.get(1).is_some_and(|before| before == parent));
        after
            && live
                .leaf(leaf.rev())
                .is_some_and(|there| same_body(&sent, there).unwrap_or(false))
    });
    made.map_or(Arrived::Other, |made| Arrived::As(made.rev().to_owned()))
}

/// Sends one document by `send`, again when it is an edit of which nobody knows whether it arrived and it did not.
///
/// # Errors
/// The last one of `send`, or of looking.
pub(super) fn again_when_in_doubt(
    database: &Database,
    id: &str,
    doc: &RawJson,
    parent: Option<&str>,
    edits: bool,
    mut send: impl FnMut() -> Result<String>,
) -> Result<String> {
    for _ in 0..DOUBTS {
        let error = match send() {
            Err(error) if edits && error.is_temporary() => error,
            done => return done,
        };
        let found = look(database, &[id])?.pop().unwrap_or_else(|| Ok(Live::default()))?;
        match arrived(doc, parent, &found) {
            Arrived::Not => {}
            Arrived::As(rev) => return Ok(rev),
            Arrived::Other => return Err(error),
        }
    }
    send()
}

/// The error of a whole request for one of its documents, and one of the same kind for the next.
fn named(subject: String, error: CouchError, next: &mut Option<CouchError>) -> CouchError {
    match error {
        CouchError::Refused {
            refusal, status, reason, ..
        } => {
            let again = |subject: String| CouchError::Refused {
                subject,
                refusal,
                status,
                reason: reason.clone(),
                http: None,
            };
            *next = Some(again(String::new()));
            again(subject)
        }
        other => {
            let told = SourceError::from(other);
            let again = |subject: String| {
                let mut again = SourceError::new(told.kind, subject, told.message.clone());
                again.hint.clone_from(&told.hint);
                CouchError::Taker(again)
            };
            *next = Some(again(String::new()));
            again(subject)
        }
    }
}
