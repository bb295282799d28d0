//! Making, deleting and describing databases.

use std::sync::Arc;

use hyper::Method;
use hyper::header::LOCATION;

use super::reply::{Outcome, json, ok, set};
use super::request::Request;
use crate::error::ApiError;
use crate::json as text;
use crate::server::Server;
use crate::store::database::{Database, Options};

/// `PUT /{db}` and `DELETE /{db}`.
pub(crate) fn create_or_delete(server: &Arc<Server>, request: &Request, name: &str) -> Outcome {
    if request.method == Method::DELETE {
        if request.query.get("rev").is_some() {
            return Err(ApiError::bad_request(
                "You tried to DELETE a database with a ?=rev parameter. Did you mean to DELETE a document instead?",
            ));
        }
        server.delete(name)?;
        return Ok(ok(200));
    }
    let options = Options {
        q: positive(request, "q", 2)?,
        n: positive(request, "n", 1)?,
        partitioned: match request.query.get("partitioned") {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(ApiError::bad_request("Invalid `partitioned` parameter")),
        },
    };
    server.create(name, options)?;
    let mut answer = ok(201);
    set(&mut answer, LOCATION, &format!("http://{}/{}", request.host(), encode(name)));
    Ok(answer)
}

/// A name as it stands in an address.
pub(crate) fn encode(name: &str) -> String {
    percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn positive(request: &Request, name: &str, default: u32) -> Result<u32, ApiError> {
    let Some(value) = request.query.get(name) else {
        return Ok(default);
    };
    let parsed = value.parse().ok().filter(|number| *number > 0);
    parsed.ok_or_else(|| ApiError::bad_request(format!("The `{name}` value should be a positive integer.")))
}

/// `GET /{db}`.
pub(crate) fn info(database: &Database) -> Outcome {
    Ok(json(200, describe(database)))
}

/// What `GET /{db}` says.
pub(crate) fn describe(database: &Database) -> String {
    let options = database.options;
    let (live, dead, seq, purge_seq, active) =
        database.read(|state| (state.live, state.dead, state.seq, state.purge_seq, state.active_bytes));
    let quorum = options.n / 2 + 1;
    let props = if options.partitioned { "{\"partitioned\":true}" } else { "{}" };
    format!(
        "{{\"instance_start_time\":\"{}\",\"db_name\":{},\"purge_seq\":\"{}\",\"update_seq\":\"{}\",\
         \"sizes\":{{\"file\":{},\"external\":{active},\"active\":{active}}},\"props\":{props},\"doc_del_count\":{dead},\
         \"doc_count\":{live},\"disk_format_version\":8,\"compact_running\":false,\
         \"cluster\":{{\"q\":{},\"n\":{},\"w\":{quorum},\"r\":{quorum}}}}}",
        database.created,
        text::string(&database.name),
        database.seq_text(purge_seq),
        database.seq_text(seq),
        active + 16_700 * u64::from(options.q),
        options.q,
        options.n,
    )
}

/// `GET /{db}/_shards` and `GET /{db}/_shards/{doc}`.
pub(crate) fn shards(database: &Database, request: &Request) -> Outcome {
    if request.method != Method::GET {
        return Err(ApiError::method("GET"));
    }
    let q = database.options.q;
    let width = (1u64 << 32) / u64::from(q);
    let ranges: Vec<String> = (0..u64::from(q))
        .map(|at| {
            let end = if at + 1 == u64::from(q) {
                0xffff_ffff
            } else {
                (at + 1) * width - 1
            };
            format!("{:08x}-{end:08x}", at * width)
        })
        .collect();
    if let Some(doc) = request.segments.get(2) {
        let at = doc
            .bytes()
            .fold(0u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)))
            % q;
        let range = &ranges[usize::try_from(at).unwrap_or(0)];
        return Ok(json(200, format!("{{\"range\":\"{range}\",\"nodes\":[\"nonode@nohost\"]}}")));
    }
    let all: Vec<String> = ranges
        .iter()
        .map(|range| format!("\"{range}\":[\"nonode@nohost\"]"))
        .collect();
    Ok(json(200, format!("{{\"shards\":{{{}}}}}", all.join(","))))
}

/// `/{db}/_design/{doc}/_…`: views and the like cannot run here; `_info` says that there is nothing built.
pub(crate) fn design_action(database: &Database, request: &Request) -> Outcome {
    let name = &request.segments[2];
    let id = format!("_design/{name}");
    let there = database.read(|state| state.docs.get(id.as_str()).is_some_and(|doc| !doc.tree.is_deleted()));
    if !there {
        return Err(ApiError::missing());
    }
    if request.segments[3] != "_info" {
        return Err(ApiError::new(501, "not_implemented", "this feature is not yet implemented"));
    }
    Ok(json(
        200,
        format!(
            "{{\"name\":{},\"view_index\":{{\"updates_pending\":{{\"minimum\":0,\"preferred\":0,\"total\":0}},\
             \"waiting_commit\":false,\"waiting_clients\":0,\"updater_running\":false,\"update_seq\":0,\
             \"sizes\":{{\"file\":0,\"external\":0,\"active\":0}},\"signature\":\"\",\"purge_seq\":0,\"language\":\"javascript\",\
             \"compact_running\":false}}}}",
            text::string(name)
        ),
    ))
}
