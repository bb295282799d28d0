//! What every connector of an HTTP service needs: a blocking [`Client`] that can be cancelled at any moment, keeps memory bounded,
//! and never lets a password or token show.
//!
//! Connectors classify and never sleep; the layers here do: [`Client::open`], [`Client::read`] and [`Client::repeat`] try again where
//! that can help and do no harm, and a [`Budget`] shared by everybody who uses the same credential holds requests back before
//! the service has to. *Invariant:* nothing of a budget is held while a caller reads a body it was handed, so that a thread may send
//! requests while it reads the answer of another.

mod address;
mod auth;
mod body;
mod budget;
mod call;
mod client;
mod error;
mod hidden;
mod observe;
mod patience;
mod request;
mod response;
mod runtime;
mod settings;
mod trust;
mod words;

pub use address::Address;
pub use auth::{Auth, NoAuth, Refused};
pub use body::{Body, Reopen};
pub use budget::{Budget, Rate};
pub use client::Client;
pub use error::HttpError;
pub use hidden::Hidden;
pub use observe::{Observer, Pause, Why};
pub use patience::Patience;
pub use request::Request;
pub use reqwest::{
    Method,
    header::{self, HeaderMap, HeaderName, HeaderValue},
};
pub use response::{BodyReader, Response};
pub use settings::Settings;

/// What a call gives.
pub type Result<T, E = HttpError> = std::result::Result<T, E>;
