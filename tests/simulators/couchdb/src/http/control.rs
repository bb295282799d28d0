//! `/_standin/…`: the addresses by which tests in other languages script faults and read counters.
//!
//! Every request needs the header `X-Standin-Control`.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use hyper::Method;
use serde::Deserialize;

use super::reply::{Outcome, Reply, json, ok, refusal};
use super::request::Request;
use crate::error::ApiError;
use crate::faults::Fault;
use crate::load::{self, Load};
use crate::server::{Dropped, Server};

/// Answers a control request.
pub(crate) async fn handle(server: &Arc<Server>, mut request: Request) -> Result<Reply, Dropped> {
    if request.header("x-standin-control") != Some(server.config.control.as_str()) {
        return Ok(refusal(&ApiError::forbidden(
            "The header X-Standin-Control is missing or wrong.",
        )));
    }
    let answer = answer(server, &mut request).await;
    Ok(answer.unwrap_or_else(|error| refusal(&error)))
}

async fn answer(server: &Arc<Server>, request: &mut Request) -> Outcome {
    let parts: Vec<String> = request.segments[1..].to_vec();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    match (request.method.clone(), parts.as_slice()) {
        (Method::GET, ["counters"]) => Ok(json(200, to_json(&server.counters.all())?)),
        (Method::DELETE, ["counters"]) => {
            server.counters.reset();
            Ok(ok(200))
        }
        (Method::GET, ["faults"]) => {
            let all = server.faults.all();
            let rows: Result<Vec<String>, ApiError> = all
                .iter()
                .map(|set| {
                    let fired = set.fired.load(Ordering::SeqCst);
                    Ok(format!(
                        "{{\"id\":{},\"fired\":{fired},\"fault\":{}}}",
                        set.id,
                        to_json(&set.fault)?
                    ))
                })
                .collect();
            Ok(json(200, format!("[{}]", rows?.join(","))))
        }
        (Method::POST, ["faults"]) => {
            let fault: Fault = read(request).await?;
            let handle = server.faults.set(fault);
            Ok(json(201, format!("{{\"id\":{}}}", handle.id())))
        }
        (Method::DELETE, ["faults"]) => {
            server.faults.clear(None);
            Ok(ok(200))
        }
        (Method::DELETE, ["faults", id]) => {
            server.faults.clear(id.parse().ok());
            Ok(ok(200))
        }
        (Method::POST, ["restart"]) => {
            server.restart();
            Ok(ok(200))
        }
        (Method::POST, ["load"]) => {
            let load: Load = read(request).await?;
            load::load(server, &load)?;
            Ok(ok(201))
        }
        _ => Err(ApiError::missing()),
    }
}

fn to_json<T: serde::Serialize>(value: &T) -> Result<String, ApiError> {
    serde_json::to_string(value).map_err(|error| ApiError::new(500, "internal_server_error", error.to_string()))
}

async fn read<T: for<'a> Deserialize<'a>>(request: &mut Request) -> Result<T, ApiError> {
    let body = request.text().await?;
    serde_json::from_str(body.as_str()).map_err(|error| ApiError::bad_request(error.to_string()))
}
