//! What is no document with revisions: settings of a database, and `_local` documents.

use backstay_model::{ContentHash, ErrorKind, RawJson, Record};
use backstay_source::{Cancel, Expect, Planned, Result, SourceError, WriteStep, Written};

use crate::{
    client::{Database, DocQuery, Limit},
    convert::{LIMITS, Part, local_record, members, same_value, setting_record, without_rev},
    error::{CouchError, Refusal},
};

/// The record of who may use a database.
const SECURITY: &str = "_security";
/// Limits by the names they have in records.
const KINDS: [Limit; 3] = [Limit::Revisions, Limit::Purges, Limit::AutoPurge];

/// Writes settings or `_local` documents, one by one: they are few.
pub(super) fn write(database: &Database, part: Part, steps: &[Planned<'_>], cancel: &Cancel) -> Vec<Result<Written>> {
    let mut results = Vec::with_capacity(steps.len());
    for planned in steps {
        let result = cancel.check().and_then(|()| match part {
            Part::Settings => setting(database, planned),
            _ => local(database, planned),
        });
        let over = matches!(&result, Err(error) if matches!(error.kind, ErrorKind::Unreachable | ErrorKind::Cancelled));
        results.push(result);
        if over {
            break;
        }
    }
    results
}

fn refused(planned: &Planned<'_>, id: &str, problem: &str) -> SourceError {
    SourceError::new(ErrorKind::Unsupported, format!("{}/{id}", planned.collection), problem)
}

fn moved(planned: &Planned<'_>, id: &str) -> SourceError {
    let problem = "was changed since the plan was made, so it was not written";
    SourceError::new(ErrorKind::Changed, format!("{}/{id}", planned.collection), problem)
}

/// The record of a setting as it is; `None` when the server has no such setting.
///
/// # Errors
/// When it may not be seen.
pub(crate) fn current(database: &Database, id: &str) -> Result<Option<Record>, CouchError> {
    if id == SECURITY {
        return match database.security() {
            Ok(text) => Ok(Some(setting_record(id, text))),
            Err(error) if matches!(error.refusal(), Some(Refusal::Missing | Refusal::Unknown)) => Ok(None),
            Err(error) => Err(error),
        };
    }
    let mut all = serde_json::Map::new();
    for (name, kind) in LIMITS.into_iter().zip(KINDS) {
        if let Some(value) = database.limit(kind)?.and_then(|raw| raw.value().ok()) {
            all.insert(name.to_owned(), value);
        }
    }
    let text = RawJson::trusted(serde_json::Value::Object(all).to_string().into_bytes().into());
    Ok(Some(setting_record(id, text)))
}

/// Whether two settings say the same.
pub(crate) fn same(a: &RawJson, b: &RawJson) -> bool {
    match (a.value(), b.value()) {
        (Ok(a), Ok(b)) => same_value(&a, &b),
        _ => false,
    }
}

fn setting(database: &Database, planned: &Planned<'_>) -> Result<Written> {
    let record = match planned.step {
        WriteStep::Create(record) | WriteStep::Update(record) => record,
        WriteStep::KeepBoth(record) => return Err(refused(planned, &record.id, "is a setting, of which there is one")),
        WriteStep::Delete(id) => return Err(refused(planned, id, "is a setting, which can be changed and not removed")),
    };
    let now = current(database, &record.id)?;
    if let Some(now) = &now
        && same(&now.data, &record.data)
    {
        return Ok(done(record.hash));
    }
    // A setting that is not there has the server's own value.
    if let (Expect::Content(hash), Some(now)) = (planned.expect, &now)
        && now.hash != hash
    {
        return Err(moved(planned, &record.id));
    }
    if record.id == SECURITY {
        database.set_security(&record.data)?;
        return Ok(done(record.hash));
    }
    let known = now.as_ref().and_then(|now| now.data.value().ok()).unwrap_or_default();
    let damaged = |error: crate::convert::ConvertError| refused(planned, &record.id, &error.to_string());
    for (name, value) in members(record.data.as_bytes()).map_err(damaged)? {
        let Some(at) = LIMITS.iter().position(|limit| *limit == name) else {
            continue;
        };
        let wanted: serde_json::Value = serde_json::from_str(value.get()).unwrap_or_default();
        if known.get(LIMITS[at]).is_some_and(|now| same_value(now, &wanted)) {
            continue;
        }
        let raw = RawJson::trusted(value.get().as_bytes().to_vec().into());
        database.set_limit(KINDS[at], &raw)?;
    }
    let after = current(database, &record.id)?.map_or(record.hash, |after| after.hash);
    Ok(done(after))
}

fn done(hash: ContentHash) -> Written {
    Written {
        new_id: None,
        hash: Some(hash),
    }
}

fn local(database: &Database, planned: &Planned<'_>) -> Result<Written> {
    let id = match planned.step {
        WriteStep::Create(record) | WriteStep::Update(record) => record.id.clone(),
        WriteStep::KeepBoth(record) => return Err(refused(planned, &record.id, "is a _local document, which is kept once")),
        WriteStep::Delete(id) => id.clone(),
    };
    let damaged = |error: crate::convert::ConvertError| SourceError::new(error.kind(), database.part(&id), error.to_string());
    let now = database.get(&id, DocQuery::default())?;
    let now = now.map(local_record).transpose().map_err(damaged)?;
    let as_expected = match planned.expect {
        Expect::Absent => now.is_none(),
        Expect::Content(hash) => now.as_ref().is_some_and(|now| now.hash == hash),
    };
    let record = match planned.step {
        WriteStep::Create(record) | WriteStep::Update(record) => record,
        _ => {
            if !as_expected {
                return Err(moved(planned, &id));
            }
            if let Some(rev) = now.and_then(|now| now.rev) {
                database.remove(&id, &rev)?;
            }
            return Ok(Written::default());
        }
    };
    if now.as_ref().is_some_and(|now| now.hash == record.hash) {
        return Ok(done(record.hash));
    }
    if !as_expected {
        return Err(moved(planned, &id));
    }
    let bare = without_rev(&record.data).map_err(damaged)?;
    let doc = match now.and_then(|now| now.rev) {
        None => bare,
        Some(rev) => {
            let mut text = bare.as_bytes().to_vec();
            text.pop();
            let comma = if text.len() > 1 { "," } else { "" };
            text.extend_from_slice(format!("{comma}\"_rev\":{}}}", serde_json::Value::from(rev)).as_bytes());
            RawJson::trusted(text.into())
        }
    };
    database.put(&id, &doc, true)?;
    Ok(done(record.hash))
}
