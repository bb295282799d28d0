//! Search over everything that was ever saved.

use backstay_engine::{
    backup,
    browse::{Ask, Needle, Points, search_source},
};
use backstay_journal::Source as SourceRecord;
use backstay_model::ErrorKind;
use backstay_vault::Node;

use super::Command;
use crate::{
    ApiError, App, Context, Result,
    desk::cache::View,
    names::{self, Found},
    types::{SearchHit, SearchReply, SearchRequest},
    vaults,
};

/// Hits in one reply.
const MOST: u64 = 1000;

/// Searches.
pub struct Search;

/// Snapshots of one source in all vaults.
struct History<'a> {
    app: &'a App,
    points: Vec<Found>,
    problems: &'a mut Vec<String>,
    looked_into: u64,
}

impl History<'_> {
    fn node(&self, point: usize, path: &str) -> Option<Node> {
        let found = self.points.get(point)?;
        let reader = self.app.opened().reader(&found.vault).ok()?;
        reader.find(&found.snapshot, backstay_model::FileEntry::unescape(path)).ok()?
    }
}

impl<'a> Points for History<'a> {
    type Opened = View<'a>;
    type Error = ApiError;

    fn open(&self, point: usize) -> Result<View<'a>> {
        let found = self.points.get(point).cloned();
        View::of(
            self.app,
            found.ok_or_else(|| ApiError::new(ErrorKind::Internal, "no such point"))?,
        )
    }

    fn same(&self, a: usize, b: usize, path: &str) -> bool {
        match (self.node(a, path), self.node(b, path)) {
            (Some(a), Some(b)) => a.content == b.content && a.subtree == b.subtree && a.kind == b.kind,
            (None, None) => true,
            _ => false,
        }
    }

    fn problem(&mut self, point: usize, error: ApiError) {
        if let Some(found) = self.points.get(point) {
            let text = format!(
                "snapshot {} in {}: {}",
                found.snapshot.id.short(),
                found.record.name,
                error.message
            );
            if !self.problems.contains(&text) {
                self.problems.push(text);
            }
        }
    }

    fn looked_into(&mut self, _: usize) {
        self.looked_into += 1;
    }
}

/// Opens all vaults; those that cannot be are named.
fn open_vaults(
    app: &App,
    context: &Context<'_>,
    problems: &mut Vec<String>,
) -> Result<Vec<(backstay_journal::Vault, backstay_vault::Vault)>> {
    let mut open = Vec::new();
    let mut first = None;
    for record in names::vault_records(app, None)? {
        match vaults::open(app, context, &record) {
            Ok(vault) => open.push((record, vault)),
            Err(error) => {
                problems.push(format!("vault {}: {}", record.name, error.message));
                first.get_or_insert(error);
            }
        }
    }
    match first {
        // Nothing can be searched: that is no empty answer.
        Some(error) if open.is_empty() => Err(error),
        _ => Ok(open),
    }
}

/// The snapshots of a source, newest first.
fn points(
    app: &App,
    source: &SourceRecord,
    open: &[(backstay_journal::Vault, backstay_vault::Vault)],
    problems: &mut Vec<String>,
) -> Vec<Found> {
    let mut points = Vec::new();
    for (record, vault) in open {
        match app.opened().snapshots(vault) {
            Ok(all) => {
                let mine = backup::snapshots_of(&all, &source.id).cloned();
                points.extend(mine.map(|snapshot| Found {
                    record: record.clone(),
                    vault: vault.clone(),
                    snapshot,
                }));
            }
            Err(error) => problems.push(format!("vault {}: {}", record.name, error.message)),
        }
    }
    points.sort_by_key(|found| std::cmp::Reverse(found.snapshot.time));
    points
}

/// Numbers of points by vault, that of the newest first.
fn chains(points: &[Found]) -> Vec<Vec<usize>> {
    let mut chains: Vec<(&str, Vec<usize>)> = Vec::new();
    for (number, found) in points.iter().enumerate() {
        let name = found.record.name.as_str();
        match chains.iter_mut().find(|(known, _)| *known == name) {
            Some((_, chain)) => chain.push(number),
            None => chains.push((name, vec![number])),
        }
    }
    chains.into_iter().map(|(_, chain)| chain).collect()
}

impl Command for Search {
    const NAME: &'static str = "search";
    type Request = SearchRequest;
    type Reply = SearchReply;
    fn run(app: &App, context: &Context<'_>, request: SearchRequest) -> Result<SearchReply> {
        let needle = Needle::new(&request.text);
        if needle.is_empty() {
            return Err(ApiError::new(ErrorKind::Usage, "there is nothing to search for"));
        }
        let sources = match &request.source {
            Some(name) => vec![app.journal().sources().get(name)?],
            None => app.journal().sources().list()?,
        };
        let mut reply = SearchReply::default();
        let limit = usize::try_from(request.limit.min(MOST)).unwrap_or(usize::MAX);
        let open = open_vaults(app, context, &mut reply.problems)?;
        for source in sources {
            let left = limit.saturating_sub(reply.hits.len());
            if left == 0 {
                reply.more = true;
                break;
            }
            let points = points(app, &source, &open, &mut reply.problems);
            if points.is_empty() {
                continue;
            }
            let ask = Ask {
                needle: &needle,
                earlier: request.earlier,
                only_gone: request.only_gone,
                limit: left,
                cancel: context.cancel,
            };
            search_one(app, &source, points, &ask, &mut reply)?;
        }
        reply.hits.sort_by_key(|hit| std::cmp::Reverse(hit.time));
        Ok(reply)
    }
}

fn search_one(app: &App, source: &SourceRecord, points: Vec<Found>, ask: &Ask<'_>, reply: &mut SearchReply) -> Result<()> {
    let times: Vec<_> = points.iter().map(|found| found.snapshot.time).collect();
    let chains = chains(&points);
    let mut history = History {
        app,
        points,
        problems: &mut reply.problems,
        looked_into: 0,
    };
    let found = search_source(&mut history, &chains, &times, ask)?;
    let History { points, looked_into, .. } = history;
    reply.snapshots += looked_into;
    reply.more |= found.more;
    for hit in found.hits {
        let Some(from) = points.get(hit.point) else { continue };
        reply.hits.push(SearchHit {
            source: source.name.clone(),
            collection: hit.collection,
            id: hit.id,
            title: hit.title,
            excerpt: hit.excerpt,
            snapshot: from.snapshot.id.to_hex(),
            vault: from.record.name.clone(),
            time: from.snapshot.time,
            now: hit.fate.is_none(),
            fate: hit.fate,
        });
    }
    Ok(())
}
