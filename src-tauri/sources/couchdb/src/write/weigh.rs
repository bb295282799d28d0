//! What bringing a record back would mean, told before anything is written; and whether what was written is right, told after.

use std::{io::Read, sync::OnceLock};

use backstay_model::Record;
use backstay_source::{Result, SourceError, Weighed};
use sha2::{Digest as _, Sha256};

use super::{
    decide::{Decision, Refusal, Revisions, Way, What},
    look::{Live, look},
    meet::{Meeting, is_missing, missing},
    options::WriteOptions,
    small,
};
use crate::{
    client::{Database, Stub},
    convert::{Attachment, ConvertError, Document, Leaf, Part, same_body},
    error::Refusal as No,
};

/// Judges records of a backup against a database of the target. One for each database, kept as long as the view.
#[derive(Debug)]
pub(crate) struct Scales {
    database: Database,
    options: WriteOptions,
    partitioned: OnceLock<bool>,
}

impl Scales {
    /// Scales for a database, which need not exist.
    pub(crate) fn new(database: &Database, options: WriteOptions) -> Self {
        Self {
            database: database.clone(),
            options,
            partitioned: OnceLock::new(),
        }
    }

    fn damaged(&self, record: &Record, error: &ConvertError) -> SourceError {
        SourceError::new(error.kind(), self.database.part(&record.id), error.to_string())
    }

    fn is_partitioned(&self) -> Result<bool> {
        if let Some(known) = self.partitioned.get() {
            return Ok(*known);
        }
        let found = match self.database.info() {
            Ok(info) => info.props.partitioned,
            Err(error) if error.refusal() == Some(No::NoDatabase) => false,
            Err(error) => return Err(error.into()),
        };
        Ok(*self.partitioned.get_or_init(|| found))
    }

    /// What bringing `backup` back would mean where `live` is ([`backstay_source::RecordView::weigh`]).
    ///
    /// # Errors
    /// When the target cannot be read, or a record is no document.
    pub(crate) fn weigh(&self, part: Part, backup: &Record, live: Option<&Record>) -> Result<Weighed> {
        if matches!(part, Part::Local | Part::Settings) {
            return Ok(Weighed {
                same: live.is_some_and(|live| {
                    live.hash == backup.hash || (part == Part::Settings && small::same(&live.data, &backup.data))
                }),
                ..Weighed::default()
            });
        }
        let there = self.there(backup, live)?;
        let met = Meeting::of(backup, &there, self.options, false).map_err(|error| self.damaged(backup, &error))?;
        let Decision { writes, notes, refusal } = &met.decision;
        if *refusal == Some(Refusal::Deletion) && live.is_none() {
            return Ok(Weighed {
                same: true,
                ..Weighed::default()
            });
        }
        let mut weighed = Weighed {
            same: refusal.is_none() && writes.is_empty(),
            impossible: refusal.as_ref().map(ToString::to_string),
            notes: notes.iter().map(ToString::to_string).collect(),
        };
        if weighed.same || weighed.impossible.is_some() {
            weighed.notes.clear();
            return Ok(weighed);
        }
        if part == Part::Documents && !partition(&backup.id) && self.is_partitioned()? {
            weighed.impossible = Some("The target database is partitioned: ids there have the form partition:id.".to_owned());
            return Ok(weighed);
        }
        weighed.notes.extend(attached(&met, &there, live.is_some()));
        Ok(weighed)
    }

    /// What is known of the document at the target. A deletion matters only where the same revision is to come back: what was deleted is
    /// then asked for, one by one.
    fn there(&self, backup: &Record, live: Option<&Record>) -> Result<Live> {
        if let Some(live) = live {
            let leaves = Document::of(live).map_err(|error| self.damaged(live, &error))?.into_leaves();
            return Ok(Live::new(leaves));
        }
        if self.options.revisions != Revisions::Same {
            return Ok(Live::default());
        }
        match look(&self.database, &[&backup.id]) {
            Ok(mut found) => Ok(found.pop().unwrap_or_else(|| Ok(Live::default()))?),
            Err(error) if error.refusal() == Some(No::NoDatabase) => Ok(Live::default()),
            Err(error) => Err(error.into()),
        }
    }

    /// How what is there differs from what a restore was to bring about ([`backstay_source::RecordView::differs`]).
    ///
    /// # Errors
    /// When the target cannot be read, or a record is no document.
    pub(crate) fn differs(&self, part: Part, backup: &Record, live: &Record) -> Result<Option<String>> {
        if matches!(part, Part::Local | Part::Settings) {
            let same = live.hash == backup.hash || (part == Part::Settings && small::same(&live.data, &backup.data));
            return Ok((!same).then(|| "has other content than the backup".to_owned()));
        }
        let leaves = |record: &Record| -> Result<Vec<Leaf>> {
            let document = Document::of(record).map_err(|error| self.damaged(record, &error))?;
            Ok(document.into_leaves())
        };
        let (wanted, found) = (leaves(backup)?, leaves(live)?);
        for (number, leaf) in wanted.iter().enumerate() {
            if leaf.deleted && !self.options.tombstones {
                continue;
            }
            let same_rev = |there: &&Leaf| there.rev == leaf.rev;
            let there = match (found.iter().find(same_rev), number) {
                (Some(there), _) => there,
                (None, 0) => match found.first() {
                    Some(there) => there,
                    None => return Ok(Some("is not there".to_owned())),
                },
                // Conflicts may have been settled, or come back under other revisions.
                (None, _) => match found.iter().find(|there| same_body(leaf, there).unwrap_or(false)) {
                    Some(there) => there,
                    None => continue,
                },
            };
            if let Some(problem) = self.leaf_differs(&backup.id, leaf, there)? {
                return Ok(Some(problem));
            }
        }
        Ok(None)
    }

    fn leaf_differs(&self, id: &str, leaf: &Leaf, there: &Leaf) -> Result<Option<String>> {
        let damaged = |error: ConvertError| SourceError::new(error.kind(), self.database.part(id), error.to_string());
        if !same_body(leaf, there).map_err(damaged)? {
            return Ok(Some("has other content than the backup".to_owned()));
        }
        for one in &leaf.attachments {
            let name = &one.name;
            let Some(found) = there.attachments.iter().find(|found| found.name == *name) else {
                let why = if is_missing(one) {
                    ", which is missing from the backup"
                } else {
                    ""
                };
                return Ok(Some(format!("lacks the attachment {name}{why}")));
            };
            if found.media_type != one.media_type {
                return Ok(Some(format!("has the attachment {name} with another media type")));
            }
            if !is_missing(one) && !self.same_content(id, there, one, found)? {
                return Ok(Some(format!("has the attachment {name} with other content")));
            }
        }
        let more = there
            .attachments
            .iter()
            .find(|found| !leaf.attachments.iter().any(|one| one.name == found.name));
        Ok(more.map(|more| format!("has the attachment {}, which the backup has not", more.name)))
    }

    /// Whether two attachments have the same content: by digest, or, where servers digest different forms of it, by reading it.
    fn same_content(&self, id: &str, there: &Leaf, one: &Attachment, found: &Attachment) -> Result<bool> {
        if one.digest.is_some() && one.digest == found.digest {
            return Ok(true);
        }
        let size = one.asset.as_ref().and_then(|asset| asset.size).or(one.length);
        if let (Some(a), Some(b)) = (size, found.length)
            && a != b
        {
            return Ok(false);
        }
        let Some(sha256) = one.asset.as_ref().and_then(|asset| asset.sha256.as_deref()) else {
            return Ok(true);
        };
        let stub = Stub {
            length: found.length,
            ..Stub::default()
        };
        let rev = there.rev.as_ref().map(ToString::to_string);
        let mut reader = self.database.attachment(id, rev.as_deref(), &found.name, &stub)?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let got = reader
                .read(&mut buffer)
                .map_err(|error| SourceError::io(self.database.part(id), error))?;
            if got == 0 {
                return Ok(hex::encode(hash.finalize()) == sha256);
            }
            hash.update(&buffer[..got]);
        }
    }
}

/// Whether an id is one of a partitioned database.
fn partition(id: &str) -> bool {
    id.split_once(':')
        .is_some_and(|(partition, rest)| !partition.is_empty() && !partition.starts_with('_') && !rest.is_empty())
}

/// What to know about the attachments that come back.
fn attached(met: &Meeting, there: &Live, was_there: bool) -> Vec<String> {
    let mut notes = Vec::new();
    let (mut count, mut bytes) = (0_u64, 0_u64);
    for write in &met.decision.writes {
        let What::Leaf(at) = write.what else { continue };
        let leaf = &met.leaves[at];
        for name in missing(leaf) {
            notes.push(format!(
                "The attachment {name} is missing from the backup: the document comes back without it, as another revision."
            ));
        }
        let parent = match &write.way {
            Way::Edit(Some(of)) => there.leaf(of),
            _ => None,
        };
        let kept = |one: &&Attachment| {
            let same = |there: &Attachment| there.name == one.name && there.digest.is_some() && there.digest == one.digest;
            parent.is_some_and(|parent| parent.attachments.iter().any(same))
        };
        for one in leaf.attachments.iter().filter(|one| !is_missing(one) && !kept(one)) {
            count += 1;
            bytes += one.asset.as_ref().and_then(|asset| asset.size).or(one.length).unwrap_or(0);
        }
    }
    if was_there && count > 0 {
        let what = if count == 1 {
            "1 attachment is".to_owned()
        } else {
            format!("{count} attachments are")
        };
        notes.push(format!("{what} sent again, {}.", size(bytes)));
    }
    notes
}

fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..10_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}
