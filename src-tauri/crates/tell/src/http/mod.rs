//! One HTTP request with its redirects, judged by its status alone.

mod address;
mod answer;
mod client;

use std::path::Path;

use reqwest::{Client, Method, StatusCode, header::HeaderMap};

pub(crate) use address::{Address, is_here};
pub(crate) use client::{authority, is_tls, root};

use client::client;

use crate::{Delivered, Limits, Result, TellError, within};

/// Addresses in a row that are followed.
const MOST_REDIRECTS: usize = 3;

/// What is sent.
pub(crate) struct Request {
    pub method: Method,
    pub address: Address,
    /// Sent to the first host alone.
    pub own: HeaderMap,
    /// Sent wherever the request goes.
    pub common: HeaderMap,
    pub body: Vec<u8>,
    /// Texts that must not come back in an error.
    pub secrets: Vec<String>,
    /// Looks at the text of a success: some receivers refuse in words alone. Gives the status they mean.
    pub judge: fn(&str) -> Option<u16>,
}

/// Sends a request within the limits.
pub(crate) fn send(request: &Request, authority: Option<&Path>, limits: &Limits) -> Result<Delivered> {
    within::block(|| async {
        let client = client(&request.address, authority)?;
        within::tries(limits, &request.address.place, || once(&client, request)).await
    })
}

async fn once(client: &Client, request: &Request) -> Result<u16> {
    let mut method = request.method.clone();
    let mut address = request.address.clone();
    for _ in 0..=MOST_REDIRECTS {
        let mut call = client.request(method.clone(), address.url.clone());
        call = call.headers(request.common.clone());
        if address.url.origin() == request.address.url.origin() {
            call = call.headers(request.own.clone());
        }
        if method == Method::POST {
            call = call.body(request.body.clone());
        }
        let response = call.send().await.map_err(|error| client::broken(&address, error))?;
        let status = response.status();
        match status {
            StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT => address = address.follow(&response)?,
            // The receiver has the message and shows its answer elsewhere (RFC 9110, section 15.4.4).
            StatusCode::SEE_OTHER => {
                address = address.follow(&response)?;
                method = Method::GET;
            }
            _ => return answer::judged(&address, response, request).await,
        }
    }
    Err(TellError::Redirected {
        place: request.address.place.clone(),
        reason: "it goes on and on",
    })
}
