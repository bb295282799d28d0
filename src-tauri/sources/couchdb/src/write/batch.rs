//! One batch of documents for one database: look at what is there, decide, send, and tell what became of each step.

use backstay_model::{ErrorKind, Record};
use backstay_source::{Expect, Planned, RecordView, Result, SourceError, WriteStep, Written};

use super::{
    beside,
    carry::{Carried, Carry, Content, WITHIN, stream, tombstone},
    decide::{self, Decision, Way, What, Write},
    look::{Live, look},
    meet::Meeting,
    options::WriteOptions,
    place::Place,
    send::{Landed, Outgoing, Post, again_when_in_doubt, ends_all, send},
    tree::{Branch, Tree},
};
use crate::{
    convert::{ConvertError, Leaf},
    error::CouchError,
};

/// What a batch is written with.
pub(super) struct Batch<'a> {
    pub place: &'a mut Place,
    pub options: WriteOptions,
    pub undoing: bool,
    pub content: &'a dyn RecordView,
}

/// A step on its way.
struct Task<'a> {
    planned: &'a Planned<'a>,
    /// The id it is written under.
    id: String,
    new_id: Option<String>,
    record: Option<&'a Record>,
    leaves: Vec<Leaf>,
    live: Live,
    writes: Vec<Write>,
    /// Where each write stands in the tree, once it is sent.
    paths: Vec<Option<Vec<String>>>,
    /// Writes whose end is not known.
    open: usize,
    after: Tree,
    failed: Option<SourceError>,
}

impl Task<'_> {
    fn fail(&mut self, error: SourceError) {
        self.failed.get_or_insert(error);
    }

    /// Whether a write goes in the given round: edits first, because the server may refuse them.
    fn goes(&self, number: usize, edits: bool) -> bool {
        self.failed.is_none() && matches!(self.writes[number].way, Way::Edit(_)) == edits
    }

    /// Notes that a write is done.
    fn landed(&mut self, number: usize, rev: Option<String>) {
        self.open = self.open.saturating_sub(1);
        let deleted = match self.writes[number].what {
            What::Leaf(at) => self.leaves[at].deleted,
            What::Tombstone => true,
        };
        let Some(mut path) = self.paths[number].take() else { return };
        if matches!(self.writes[number].way, Way::Edit(_)) {
            let Some(rev) = rev else { return };
            path.insert(0, rev);
        }
        self.after = self.after.with(&Branch { path, deleted });
    }

    fn written(self) -> Result<Written> {
        match self.failed {
            Some(error) => Err(error),
            None => Ok(Written {
                new_id: self.new_id,
                hash: self.after.lives().then(|| self.after.hash()),
            }),
        }
    }
}

fn damaged(planned: &Planned<'_>, id: &str, error: &ConvertError) -> SourceError {
    SourceError::new(error.kind(), format!("{}/{id}", planned.collection), error.to_string())
}

fn id_of(step: &WriteStep) -> &str {
    match step {
        WriteStep::Create(record) | WriteStep::Update(record) | WriteStep::KeepBoth(record) => &record.id,
        WriteStep::Delete(id) => id,
    }
}

impl<'a> Batch<'a> {
    /// Writes the steps; as many results, unless the last one says that the server is out of reach.
    pub(super) fn write(mut self, steps: &'a [Planned<'a>]) -> Vec<Result<Written>> {
        let ids: Vec<&str> = steps.iter().map(|planned| id_of(planned.step)).collect();
        let found = match self.place.fresh {
            true => Ok(ids.iter().map(|_| Ok(Live::default())).collect()),
            false => look(&self.place.database, &ids),
        };
        let found: Vec<Result<Live, CouchError>> = match found {
            Ok(found) => found,
            Err(error) => return vec![Err(error.into())],
        };
        let mut tasks: Vec<Task<'a>> = steps
            .iter()
            .zip(found)
            .map(|(planned, live)| self.task(planned, live))
            .collect();
        if let Err(error) = self.streams(steps) {
            return vec![Err(error.into())];
        }
        let mut ended = None;
        for edits in [true, false] {
            if ended.is_none() {
                ended = self.round(&mut tasks, edits);
            }
        }
        finish(tasks, ended)
    }

    /// Finds out whether attachments can be streamed, when there are large ones.
    fn streams(&mut self, steps: &[Planned<'_>]) -> Result<(), CouchError> {
        let large = |planned: &Planned<'_>| match planned.step {
            WriteStep::Create(record) | WriteStep::Update(record) | WriteStep::KeepBoth(record) => {
                record.assets.iter().filter_map(|asset| asset.size).sum::<u64>() > WITHIN
            }
            WriteStep::Delete(_) => false,
        };
        if self.place.streams.is_none() && steps.iter().any(large) {
            self.place.streams()?;
        }
        Ok(())
    }

    /// What is to be done for a step.
    fn task(&self, planned: &'a Planned<'a>, live: Result<Live, CouchError>) -> Task<'a> {
        let id = id_of(planned.step);
        let mut task = Task {
            planned,
            id: id.to_owned(),
            new_id: None,
            record: None,
            leaves: Vec::new(),
            live: Live::default(),
            writes: Vec::new(),
            paths: Vec::new(),
            open: 0,
            after: Tree::default(),
            failed: None,
        };
        match live {
            Ok(live) => task.live = live,
            Err(error) => {
                task.fail(error.into());
                return task;
            }
        }
        if let Err(error) = self.decide(&mut task) {
            task.fail(error);
        }
        task.paths = vec![None; task.writes.len()];
        task.open = task.writes.len();
        task.after = task.live.tree.clone();
        task
    }

    fn decide(&self, task: &mut Task<'a>) -> Result<()> {
        let id = task.id.clone();
        let as_expected = match task.planned.expect {
            Expect::Absent => !task.live.tree.lives(),
            Expect::Content(hash) => task.live.tree.hash() == hash,
        };
        if !as_expected {
            let subject = format!("{}/{id}", task.planned.collection);
            let problem = "was changed since the plan was made, so it was not written";
            return Err(SourceError::new(ErrorKind::Changed, subject, problem));
        }
        let record = match task.planned.step {
            WriteStep::Delete(_) => {
                task.writes = decide::delete(&task.live.tree).writes;
                return Ok(());
            }
            WriteStep::KeepBoth(record) => {
                let leaf = beside::only(record).map_err(|error| damaged(task.planned, &id, &error))?;
                let found = beside::place(&self.place.database, &leaf)?;
                task.new_id = Some(found.id.clone());
                task.id = found.id;
                task.writes = found.writes;
                task.live = found.live;
                task.leaves = vec![leaf];
                task.record = Some(record);
                return Ok(());
            }
            WriteStep::Create(record) | WriteStep::Update(record) => record,
        };
        let met = Meeting::of(record, &task.live, self.options, self.undoing);
        let Meeting {
            leaves,
            decision,
            unfounded,
        } = met.map_err(|error| damaged(task.planned, &id, &error))?;
        let Decision { writes, refusal, .. } = decision;
        if let Some(refusal) = refusal {
            let subject = format!("{}/{id}", task.planned.collection);
            return Err(SourceError::new(
                ErrorKind::Unsupported,
                subject,
                format!("cannot come back. {refusal}"),
            ));
        }
        if let Some(name) = unfounded {
            let problem = format!("cannot get the attachment {name} as a field: restore the whole document");
            return Err(SourceError::new(
                ErrorKind::Unsupported,
                format!("{}/{id}", task.planned.collection),
                problem,
            ));
        }
        (task.leaves, task.writes, task.record) = (leaves, writes, Some(record));
        Ok(())
    }

    /// Sends what goes in this round; gives the error that ends everything.
    fn round(&self, tasks: &mut [Task<'a>], edits: bool) -> Option<SourceError> {
        let expected: usize = tasks
            .iter()
            .map(|task| (0..task.writes.len()).filter(|at| task.goes(*at, edits)).count())
            .sum();
        if expected == 0 {
            return None;
        }
        let mut streamed: Vec<Landed> = Vec::new();
        let mut landed = send(&self.place.database, edits, expected, |post| {
            for (index, task) in tasks.iter_mut().enumerate() {
                for number in 0..task.writes.len() {
                    if !task.goes(number, edits) {
                        continue;
                    }
                    let outgoing = match self.pack(task, number) {
                        Ok((carried, parent)) => {
                            task.paths[number] = Some(carried.path.clone());
                            (carried, parent)
                        }
                        Err(error) => {
                            task.fail(error);
                            break;
                        }
                    };
                    if !self.dispatch(task, (index, number), outgoing, post, &mut streamed) {
                        return;
                    }
                }
            }
        });
        landed.append(&mut streamed);
        settle(tasks, landed)
    }

    fn dispatch(
        &self,
        task: &Task<'_>,
        key: (usize, usize),
        (carried, parent): (Carried, Option<String>),
        post: &mut Post<'_>,
        streamed: &mut Vec<Landed>,
    ) -> bool {
        if carried.streams.is_empty() {
            return post.push(Outgoing {
                key,
                id: task.id.clone(),
                doc: carried.doc,
                parent,
            });
        }
        let Some(content) = self.content_of(task) else { return true };
        let edits = matches!(task.writes[key.1].way, Way::Edit(_));
        let database = &self.place.database;
        let result = again_when_in_doubt(database, &task.id, &carried.doc, parent.as_deref(), edits, || {
            stream(database, &task.id, &carried, content, edits)
        });
        let over = result.as_ref().is_err_and(ends_all);
        streamed.push((key, result.map(Some)));
        !over
    }

    fn content_of<'t>(&'t self, task: &Task<'t>) -> Option<Content<'t>> {
        Some(Content {
            view: self.content,
            collection: task.planned.collection,
            record: task.record?,
        })
    }

    /// The document of a write, and the leaf it edits.
    fn pack(&self, task: &Task<'_>, number: usize) -> Result<(Carried, Option<String>)> {
        let write = &task.writes[number];
        let of = match &write.way {
            Way::Edit(of) => of.clone(),
            _ => None,
        };
        let before = of.as_deref().map_or(task.live.tree.winner(), |of| task.live.tree.leaf(of));
        let path = before.map(|before| before.path.clone()).unwrap_or_default();
        let (What::Leaf(at), Some(content)) = (write.what, self.content_of(task)) else {
            let doc = tombstone(&task.id, of.as_deref().unwrap_or_default());
            let streams = Vec::new();
            return Ok((Carried { doc, path, streams }, of));
        };
        let carry = Carry {
            leaf: &task.leaves[at],
            way: &write.way,
            id: &task.id,
            parent: of.as_deref().and_then(|of| task.live.leaf(of)),
            streams: self.place.streams == Some(true),
        };
        let mut carried = carry.pack(content)?;
        if matches!(write.way, Way::Edit(_)) {
            carried.path = path;
        }
        Ok((carried, of))
    }
}

/// Puts what became of the documents down with their steps; gives the error that ends everything.
fn settle(tasks: &mut [Task<'_>], landed: Vec<Landed>) -> Option<SourceError> {
    let mut ended: Option<SourceError> = None;
    for ((index, number), result) in landed {
        match result {
            Ok(rev) => tasks[index].landed(number, rev),
            Err(error) if ends_all(&error) => {
                ended.get_or_insert(error.into());
            }
            Err(error) => tasks[index].fail(error.into()),
        }
    }
    ended
}

/// The results in order, up to the first step of which nobody knows.
fn finish(tasks: Vec<Task<'_>>, ended: Option<SourceError>) -> Vec<Result<Written>> {
    let mut results = Vec::with_capacity(tasks.len());
    for task in tasks {
        if task.failed.is_none() && task.open > 0 {
            let lost = || SourceError::new(ErrorKind::Unreachable, task.id.clone(), "was sent, and no answer came");
            results.push(Err(ended.unwrap_or_else(lost)));
            return results;
        }
        results.push(task.written());
    }
    results
}
