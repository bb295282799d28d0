//! Comparing revisions (`_revs_diff`, `_missing_revs`) and purging them.

use std::sync::Arc;

use hyper::Method;

use super::reply::{Outcome, json};
use super::request::Request;
use crate::error::ApiError;
use crate::json as text;
use crate::json::Members;
use crate::store::database::{Database, State};
use crate::store::purge;
use crate::store::rev::Rev;

/// Ids and the revisions named for each.
type Named = Vec<(String, Vec<Rev>)>;

async fn named(request: &mut Request) -> Result<Named, ApiError> {
    if request.method != Method::POST {
        return Err(ApiError::method("POST"));
    }
    request.wants_json()?;
    let body = request.text().await?;
    let members = Members::parse(body.as_str())?;
    let mut all = Vec::with_capacity(members.0.len());
    for (id, value) in &members.0 {
        let revs: Vec<String> =
            serde_json::from_str(value.get()).map_err(|_| ApiError::bad_request("Invalid list of revisions"))?;
        let revs: Result<Vec<Rev>, ApiError> = revs.iter().map(|rev| Rev::parse(rev)).collect();
        all.push((id.clone().into_owned(), revs?));
    }
    Ok(all)
}

/// The revisions that are not there, and leaves that may be their ancestors.
fn absent(state: &State, id: &str, revs: &[Rev]) -> (Vec<Rev>, Vec<Rev>) {
    let Some(doc) = state.docs.get(id) else {
        return (revs.to_vec(), Vec::new());
    };
    let missing: Vec<Rev> = revs.iter().filter(|rev| doc.tree.find(rev).is_none()).cloned().collect();
    let Some(newest) = missing.iter().map(|rev| rev.pos).max() else {
        return (missing, Vec::new());
    };
    let leaves = doc.tree.leaves().into_iter().map(|leaf| &doc.tree.node(leaf).rev);
    let ancestors = leaves.filter(|leaf| leaf.pos < newest).cloned().collect();
    (missing, ancestors)
}

fn list(revs: &[Rev]) -> String {
    let revs: Vec<String> = revs.iter().map(|rev| text::string(&rev.to_string())).collect();
    format!("[{}]", revs.join(","))
}

/// `POST /{db}/_revs_diff`.
pub(crate) async fn diff(database: &Arc<Database>, mut request: Request) -> Outcome {
    let named = named(&mut request).await?;
    Ok(json(
        200,
        database.read(|state| {
            let mut out = String::from("{");
            for (id, revs) in &named {
                let (missing, ancestors) = absent(state, id, revs);
                if missing.is_empty() {
                    continue;
                }
                text::push_name(&mut out, id);
                out.push_str(&format!("{{\"missing\":{}", list(&missing)));
                if !ancestors.is_empty() {
                    out.push_str(&format!(",\"possible_ancestors\":{}", list(&ancestors)));
                }
                out.push('}');
            }
            out.push('}');
            out
        }),
    ))
}

/// `POST /{db}/_missing_revs`.
pub(crate) async fn missing(database: &Arc<Database>, mut request: Request) -> Outcome {
    let named = named(&mut request).await?;
    Ok(json(
        200,
        database.read(|state| {
            let mut out = String::from("{\"missing_revs\":{");
            for (id, revs) in &named {
                let (missing, _) = absent(state, id, revs);
                if !missing.is_empty() {
                    text::push_name(&mut out, id);
                    out.push_str(&list(&missing));
                }
            }
            out.push_str("}}");
            out
        }),
    ))
}

/// `POST /{db}/_purge`.
pub(crate) async fn purge(database: &Arc<Database>, mut request: Request) -> Outcome {
    let named = named(&mut request).await?;
    Ok(json(
        201,
        database.write(|state| {
            let mut out = String::from("{\"purge_seq\":null,\"purged\":{");
            for (id, revs) in &named {
                let gone = purge::purge(state, id, revs);
                text::push_name(&mut out, id);
                out.push_str(&list(&gone));
            }
            out.push_str("}}");
            out
        }),
    ))
}

/// `GET /{db}/_purged_infos`.
pub(crate) fn purged_infos(database: &Database, request: &Request) -> Outcome {
    if request.method != Method::GET {
        return Err(ApiError::method("GET"));
    }
    Ok(json(
        200,
        database.read(|state| {
            let infos = state.purged.iter();
            let infos: Vec<String> = infos
                .map(|(id, revs)| format!("{{\"id\":{},\"revs\":{}}}", text::string(id), list(revs)))
                .collect();
            format!("{{\"purged_infos\":[{}]}}", infos.join(","))
        }),
    ))
}
