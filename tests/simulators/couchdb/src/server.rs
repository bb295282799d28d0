//! The running server: its databases, and the way of a request through faults, authentication and routing.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, SERVER};
use parking_lot::{Mutex, RwLock};
use tokio::sync::watch;

use crate::config::{Config, Profile};
use crate::counters::{Cell, Counters, endpoint};
use crate::error::ApiError;
use crate::faults::{Act, Faults};
use crate::http::auth::Sessions;
use crate::http::reply::{self, Body, Outcome, Reply};
use crate::http::request::{Request, segments};
use crate::http::{control, route};
use crate::rates::RateLimiter;
use crate::replication::Replications;
use crate::store::database::{Database, Options};
use crate::store::edit::Writer;
use crate::store::id::{SYSTEM, check_db_name};
use crate::store::incoming::SizeLimits;

/// The connection is broken instead of answering.
#[derive(Debug, thiserror::Error)]
#[error("a scripted fault broke the connection")]
pub(crate) struct Dropped;

/// Everything a server knows.
pub(crate) struct Server {
    pub(crate) config: Config,
    databases: RwLock<BTreeMap<String, Arc<Database>>>,
    next_token: AtomicU32,
    pub(crate) uuid: String,
    pub(crate) faults: Faults,
    pub(crate) counters: Counters,
    pub(crate) sessions: Sessions,
    pub(crate) rates: RateLimiter,
    pub(crate) replications: Replications,
    /// What happened to databases, for `_db_updates`.
    pub(crate) updates: watch::Sender<Vec<(String, &'static str)>>,
    /// Changes when every connection is to break.
    pub(crate) restarts: watch::Sender<u64>,
    requests: AtomicU64,
    /// Where it listens, once it does.
    pub(crate) url: Mutex<String>,
}

impl Server {
    pub(crate) fn new(config: Config) -> Arc<Self> {
        let server = Arc::new(Self {
            sessions: Sessions::new(),
            rates: RateLimiter::new(config.rates),
            config,
            databases: RwLock::default(),
            // Two servers never use the same tokens, so that a sequence of one is told from one of the other.
            next_token: AtomicU32::new(rand::random()),
            uuid: uuid::Uuid::new_v4().simple().to_string(),
            faults: Faults::default(),
            counters: Counters::default(),
            replications: Replications::default(),
            updates: watch::channel(Vec::new()).0,
            restarts: watch::channel(0).0,
            requests: AtomicU64::new(0),
            url: Mutex::default(),
        });
        for name in ["_replicator", "_users"] {
            // The names are known to be good and free.
            let _ = server.create(name, Options::default());
        }
        server
    }

    /// The database of this name.
    pub(crate) fn database(&self, name: &str) -> Result<Arc<Database>, ApiError> {
        let found = self.databases.read().get(name).cloned();
        found.ok_or_else(ApiError::no_database)
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.databases.read().keys().cloned().collect()
    }

    pub(crate) fn create(&self, name: &str, options: Options) -> Result<Arc<Database>, ApiError> {
        check_db_name(name)?;
        let mut databases = self.databases.write();
        if databases.contains_key(name) {
            return Err(ApiError::new(
                412,
                "file_exists",
                "The database could not be created, the file already exists.",
            ));
        }
        let token = self.next_token.fetch_add(1, Ordering::SeqCst);
        let database = Arc::new(Database::new(name, options, chrono::Utc::now().timestamp(), token));
        databases.insert(name.to_owned(), Arc::clone(&database));
        drop(databases);
        self.tell(name, "created");
        Ok(database)
    }

    pub(crate) fn delete(&self, name: &str) -> Result<(), ApiError> {
        let removed = self.databases.write().remove(name);
        removed.ok_or_else(ApiError::no_database)?.close();
        self.tell(name, "deleted");
        Ok(())
    }

    /// Notes what happened to a database.
    pub(crate) fn tell(&self, name: &str, what: &'static str) {
        if SYSTEM.contains(&name) {
            return;
        }
        self.updates.send_modify(|all| {
            if all.last().is_none_or(|(last, did)| last != name || *did != what) {
                all.push((name.to_owned(), what));
            }
        });
    }

    pub(crate) fn limits(&self) -> SizeLimits {
        SizeLimits {
            document: self.config.max_document,
            attachment: self.config.max_attachment,
        }
    }

    /// Breaks every connection and ends every session.
    pub(crate) fn restart(&self) {
        self.sessions.forget();
        self.restarts.send_modify(|count| *count += 1);
    }

    /// What someone may write in a database.
    pub(crate) fn writer(&self, request: &Request, database: &Database) -> Writer {
        Writer {
            no_admin: crate::http::auth::db_admin(request, database).err(),
        }
    }

    /// Answers one request.
    pub(crate) async fn handle(self: Arc<Self>, incoming: hyper::Request<Incoming>) -> Result<Reply, Dropped> {
        let head = incoming.method() == hyper::Method::HEAD;
        let query = incoming.uri().query().unwrap_or_default().to_owned();
        let method = if head {
            "GET".to_owned()
        } else {
            incoming.method().to_string()
        };
        let segments = segments(incoming.uri().path());
        if segments.first().is_some_and(|first| first == "_standin") {
            let request = Request::new(incoming, self.config.max_request, Arc::default());
            return control::handle(&self, request).await;
        }
        let cell = self.counters.request(endpoint(&method, &segments));
        let mut request = Request::new(incoming, self.config.max_request, Arc::clone(&cell));
        let acts = self.faults.firing(&method, &request.path(), &query);
        if let Some(answer) = self.before(&acts, &mut request).await? {
            return Ok(after(&acts, count(answer, cell)));
        }
        let accepts_json = request.accepts("application/json");
        let mut answer = match self.answer(request).await {
            Ok(answer) => answer,
            Err(error) => reply::refusal(&error),
        };
        if acts.contains(&Act::DropAfter) {
            return Err(Dropped);
        }
        self.finish(&mut answer, accepts_json);
        if head {
            return Ok(answer);
        }
        Ok(after(&acts, count(answer, cell)))
    }

    async fn answer(self: &Arc<Self>, mut request: Request) -> Outcome {
        request.user = self.authenticate(&request)?;
        let renewed = self.sessions.renewal(&self.config, &request);
        if self.config.profile == Profile::Cloudant {
            self.rates.admit(&request)?;
        }
        let mut answer = route::route(self, request).await?;
        if let Some(cookie) = renewed
            && !answer.headers().contains_key(hyper::header::SET_COOKIE)
        {
            reply::set(&mut answer, hyper::header::SET_COOKIE, &cookie);
        }
        Ok(answer)
    }

    /// Headers every answer has.
    fn finish(&self, answer: &mut Reply, accepts_json: bool) {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let vendor = match self.config.profile {
            Profile::CouchDb => "CouchDB/3.5.0 (Erlang OTP/26)",
            Profile::Cloudant => "CouchDB/3.5.0+cloudant (Erlang OTP/26)",
        };
        reply::set(answer, SERVER, vendor);
        reply::set(
            answer,
            HeaderName::from_static("x-couch-request-id"),
            &format!("{number:010x}"),
        );
        reply::set(answer, HeaderName::from_static("x-couchdb-body-time"), "0");
        if !answer.headers().contains_key(CACHE_CONTROL) {
            reply::set(answer, CACHE_CONTROL, "must-revalidate");
        }
        let json = answer
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind == "application/json");
        if json && !accepts_json {
            reply::set(answer, CONTENT_TYPE, "text/plain; charset=utf-8");
        }
    }

    /// Faults that come before the work; an answer when there is to be none.
    async fn before(&self, acts: &[Act], request: &mut Request) -> Result<Option<Reply>, Dropped> {
        for act in acts {
            match act {
                Act::Delay { milliseconds } => tokio::time::sleep(Duration::from_millis(*milliseconds)).await,
                Act::DropBefore => return Err(Dropped),
                Act::Restart => {
                    self.restart();
                    return Err(Dropped);
                }
                Act::DeleteDatabase { name } => {
                    // Gone already is fine.
                    let _ = self.delete(name);
                }
                Act::RecreateDatabase { name } => {
                    let _ = self.delete(name);
                    let _ = self.create(name, Options::default());
                }
                Act::RewindChanges { by } => request.twist.rewind = *by,
                Act::RepeatChanges => request.twist.repeat = true,
                Act::BreakDocument { id } => request.twist.broken = Some((id.clone(), "{\"_id\":\"broken\",\"cut\":tr")),
                Act::MangleDocument { id } => request.twist.broken = Some((id.clone(), "\"not a document\"")),
                Act::Answer { status, headers, body } => {
                    let mut answer = reply::reply(*status, "application/json", reply::full(body.clone()));
                    for (name, value) in headers {
                        if let Ok(name) = name.parse() {
                            reply::set(&mut answer, name, value);
                        }
                    }
                    return Ok(Some(answer));
                }
                Act::NotJson => {
                    let page = "<html><body><h1>Please sign in to the network</h1></body></html>";
                    return Ok(Some(reply::reply(200, "text/html", reply::full(page))));
                }
                Act::CutBody { .. } | Act::EndBody { .. } | Act::SlowBody { .. } | Act::DropAfter => {}
            }
        }
        Ok(None)
    }
}

/// Counts what goes out.
fn count(answer: Reply, cell: Arc<Cell>) -> Reply {
    answer.map(|body| Counted { body, cell }.boxed_unsync())
}

/// A body whose bytes are counted. Its size stays known.
struct Counted {
    body: Body,
    cell: Arc<Cell>,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(data) = frame.data_ref()
        {
            self.cell.sent(data.len() as u64);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Faults of the body.
fn after(acts: &[Act], answer: Reply) -> Reply {
    let mut answer = answer;
    for act in acts {
        answer = match act {
            Act::CutBody { after } => crate::broken_body::cut(answer, *after, true),
            Act::EndBody { after } => crate::broken_body::cut(answer, *after, false),
            Act::SlowBody { bytes, pause } => crate::broken_body::slow(answer, (*bytes).max(1), Duration::from_millis(*pause)),
            _ => answer,
        };
    }
    answer
}
