//! Which address is answered by what, and who may ask.

use std::sync::Arc;

use hyper::Method;

use super::auth::{db_admin, db_member, server_admin};
use super::reply::Outcome;
use super::request::Request;
use super::{all_docs, attachments, bulk_docs, bulk_get, changes, databases, doc_read, doc_write, find, revs, server_info};
use super::{session, settings};
use crate::config::Profile;
use crate::error::ApiError;
use crate::server::Server;
use crate::store::database::Database;

/// Answers a request whose asker is known.
pub(crate) async fn route(server: &Arc<Server>, request: Request) -> Outcome {
    let Some(first) = request.segments.first().cloned() else {
        return server_info::welcome(server, &request);
    };
    if first.starts_with('_') && !crate::store::id::SYSTEM.contains(&first.as_str()) {
        return server_route(server, request, &first).await;
    }
    if first == "identity" && server.config.profile == Profile::Cloudant {
        return session::iam_token(server, request).await;
    }
    if first == "favicon.ico" {
        return Err(ApiError::missing());
    }
    if request.segments.len() == 1 && matches!(request.method, Method::PUT | Method::DELETE) {
        server_admin(&request)?;
        return databases::create_or_delete(server, &request, &first);
    }
    let database = server.database(&first)?;
    authorize(&request, &database)?;
    database_route(server, &database, request).await
}

async fn server_route(server: &Arc<Server>, request: Request, first: &str) -> Outcome {
    match first {
        "_up" => server_info::up(&request),
        "_session" => session::session(server, request).await,
        "_uuids" => server_info::uuids(&request),
        "_all_dbs" => server_info::all_dbs(server, &request),
        "_dbs_info" => server_info::dbs_info(server, request).await,
        "_db_updates" => server_info::db_updates(server, &request).await,
        "_active_tasks" => server_info::active_tasks(server, &request),
        "_replicate" => crate::replication::replicate(server, request).await,
        "_scheduler" => crate::replication::scheduler(server, &request),
        "_membership" => server_info::membership(&request),
        "_node" if server.config.profile == Profile::CouchDb => server_info::node(server, &request),
        _ => {
            server_admin(&request)?;
            // An address that means nothing is taken for a database's, whose name is then not allowed.
            if request.segments.len() == 1 && request.method == Method::PUT {
                return databases::create_or_delete(server, &request, first);
            }
            Err(ApiError::no_database())
        }
    }
}

/// Who may ask this of a database at all.
fn authorize(request: &Request, database: &Database) -> Result<(), ApiError> {
    let second = request.segments.get(1).map(String::as_str);
    let system = matches!(&*database.name, "_users" | "_replicator");
    match second {
        Some("_all_docs" | "_changes") if system => server_admin(request),
        Some("_compact" | "_view_cleanup") => {
            db_admin(request, database).map_err(|_| ApiError::unauthorized("You are not a server or db admin."))
        }
        Some("_purge" | "_purged_infos_limit" | "_sync_shards") => server_admin(request),
        _ => db_member(request, database),
    }
}

async fn database_route(server: &Arc<Server>, database: &Arc<Database>, request: Request) -> Outcome {
    let Some(second) = request.segments.get(1).cloned() else {
        return match request.method {
            Method::GET => databases::info(database),
            Method::POST => doc_write::post(server, database, request).await,
            _ => Err(ApiError::method("DELETE,GET,HEAD,POST")),
        };
    };
    match second.as_str() {
        "_all_docs" | "_design_docs" | "_local_docs" => all_docs::all_docs(database, request, &second).await,
        "_bulk_docs" => bulk_docs::bulk_docs(server, database, request).await,
        "_bulk_get" => bulk_get::bulk_get(server, database, request).await,
        "_changes" => changes::changes(database, request).await,
        "_revs_diff" => revs::diff(database, request).await,
        "_missing_revs" => revs::missing(database, request).await,
        "_purge" => revs::purge(database, request).await,
        "_purged_infos" => revs::purged_infos(database, &request),
        "_find" | "_explain" => find::find(database, request, second == "_explain").await,
        "_index" => find::index(server, database, request).await,
        "_security" | "_revs_limit" | "_purged_infos_limit" | "_auto_purge" => {
            settings::settings(database, request, &second).await
        }
        "_ensure_full_commit" | "_compact" | "_view_cleanup" | "_sync_shards" => {
            settings::maintenance(database, &request, &second)
        }
        "_shards" => databases::shards(database, &request),
        "_local" => local_route(server, database, request).await,
        "_design" => design_route(server, database, request).await,
        _ => document_route(server, database, request).await,
    }
}

async fn local_route(server: &Arc<Server>, database: &Arc<Database>, request: Request) -> Outcome {
    match request.segments.len() {
        2 => Err(ApiError::bad_request("Invalid _local document id.")),
        3 => {
            let id = format!("_local/{}", request.segments[2]);
            document(server, database, request, id).await
        }
        _ => Err(ApiError::bad_request("_local documents do not accept attachments.")),
    }
}

async fn design_route(server: &Arc<Server>, database: &Arc<Database>, request: Request) -> Outcome {
    match request.segments.len() {
        2 => Err(ApiError::missing()),
        3 => {
            let id = format!("_design/{}", request.segments[2]);
            document(server, database, request, id).await
        }
        _ if request.segments[3].starts_with('_') => databases::design_action(database, &request),
        _ => {
            let id = format!("_design/{}", request.segments[2]);
            let name = request.segments[3..].join("/");
            attachments::attachment(server, database, request, id, name).await
        }
    }
}

async fn document_route(server: &Arc<Server>, database: &Arc<Database>, request: Request) -> Outcome {
    let id = request.segments[1].clone();
    if request.segments.len() == 2 {
        return document(server, database, request, id).await;
    }
    let name = request.segments[2..].join("/");
    attachments::attachment(server, database, request, id, name).await
}

async fn document(server: &Arc<Server>, database: &Arc<Database>, request: Request, id: String) -> Outcome {
    match request.method.as_str() {
        "GET" => doc_read::read(database, &request, &id),
        "PUT" => doc_write::put(server, database, request, id).await,
        "DELETE" => doc_write::delete(server, database, &request, &id),
        "COPY" => doc_write::copy(server, database, &request, &id),
        _ => Err(ApiError::method("DELETE,GET,HEAD,POST,PUT,COPY")),
    }
}
