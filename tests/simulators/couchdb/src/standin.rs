//! Starting and stopping: the sockets, the threads, and the handle tests hold.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::config::{Config, Tls};
use crate::counters::Count;
use crate::error::ApiError;
use crate::faults::{Fault, FaultHandle};
use crate::load::{self, Load};
use crate::server::Server;

/// Why a stand-in did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// Threads or timers cannot be had.
    #[error("cannot start the threads that serve")]
    Runtime(#[source] std::io::Error),
    /// Certificate and key are no PEM.
    #[error("the certificate or its key cannot be read")]
    Pem(#[source] rustls::pki_types::pem::Error),
    /// Certificate and key do not fit together.
    #[error("the certificate cannot be used")]
    Certificate(#[source] rustls::Error),
}

/// What a database refused, with CouchDB's words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Refused(String);

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        Self(error.to_string())
    }
}

/// A running stand-in. It stops when it is dropped.
pub struct Standin {
    server: Arc<Server>,
    address: SocketAddr,
    secure: bool,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Standin {
    /// Starts one and waits until it listens.
    ///
    /// # Errors
    /// When the address cannot be had or the certificate cannot be used.
    pub fn start(config: Config) -> Result<Self, StartError> {
        let wanted = config.address;
        let listen = |source| StartError::Listen { address: wanted, source };
        let listener = std::net::TcpListener::bind(wanted).map_err(listen)?;
        listener.set_nonblocking(true).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let acceptor = config.tls.as_ref().map(acceptor).transpose()?;
        let secure = acceptor.is_some();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(config.threads.max(1))
            .thread_name("couchdb-standin")
            .enable_all()
            .build()
            .map_err(StartError::Runtime)?;
        let server = Server::new(config);
        let scheme = if secure { "https" } else { "http" };
        *server.url.lock() = format!("{scheme}://{address}");
        let (stop, stopped) = watch::channel(false);
        let serving = Arc::clone(&server);
        let thread = std::thread::spawn(move || {
            runtime.block_on(accept(serving, listener, acceptor, stopped));
            // Feeds that wait are not waited for.
            runtime.shutdown_background();
        });
        Ok(Self {
            server,
            address,
            secure,
            stop,
            thread: Some(thread),
        })
    }

    /// Where it is: `http://127.0.0.1:PORT`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// The address with the first administrator's name and password in it.
    #[must_use]
    pub fn admin_url(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        match self.server.config.admins.first_key_value() {
            Some((name, password)) => format!("{scheme}://{name}:{password}@{}", self.address),
            None => self.url(),
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sets a fault.
    pub fn fault(&self, fault: Fault) -> FaultHandle {
        self.server.faults.set(fault)
    }

    /// Takes all faults away.
    pub fn clear_faults(&self) {
        self.server.faults.clear(None);
    }

    /// Requests and bytes by endpoint, such as `POST /{db}/_bulk_get`, since the start or the last reset.
    #[must_use]
    pub fn counters(&self) -> BTreeMap<String, Count> {
        self.server.counters.all()
    }

    /// All requests and bytes together.
    #[must_use]
    pub fn total(&self) -> Count {
        let all = self.server.counters.all();
        all.values().fold(Count::default(), |sum, one| Count {
            requests: sum.requests + one.requests,
            received: sum.received + one.received,
            sent: sum.sent + one.sent,
        })
    }

    /// Begins to count anew.
    pub fn reset_counters(&self) {
        self.server.counters.reset();
    }

    /// Breaks every connection and ends every session, as a restart does. What is stored stays.
    pub fn restart(&self) {
        self.server.restart();
    }

    /// Fills a database with made-up documents, without HTTP.
    ///
    /// # Errors
    /// When the database's name is not allowed, or a document is refused.
    pub fn load(&self, what: &Load) -> Result<(), Refused> {
        Ok(load::load(&self.server, what)?)
    }
}

impl Drop for Standin {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing more to say.
            let _ = thread.join();
        }
    }
}

fn acceptor(tls: &Tls) -> Result<TlsAcceptor, StartError> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(tls.certificates.as_bytes()).collect();
    let key = PrivateKeyDer::from_pem_slice(tls.key.as_bytes()).map_err(StartError::Pem)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(StartError::Certificate)?
        .with_no_client_auth()
        .with_single_cert(certificates.map_err(StartError::Pem)?, key)
        .map_err(StartError::Certificate)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

async fn accept(
    server: Arc<Server>,
    listener: std::net::TcpListener,
    acceptor: Option<TlsAcceptor>,
    mut stopped: watch::Receiver<bool>,
) {
    // It was bound and set up before.
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    let replicator = tokio::spawn(crate::replication::watch_replicator(Arc::clone(&server)));
    loop {
        tokio::select! {
            _ = stopped.changed() => break,
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                // Answers are often small; waiting to fill packets would slow every test down.
                let _ = stream.set_nodelay(true);
                let (server, acceptor) = (Arc::clone(&server), acceptor.clone());
                tokio::spawn(async move {
                    match acceptor {
                        None => serve(server, stream).await,
                        Some(acceptor) => {
                            if let Ok(stream) = acceptor.accept(stream).await {
                                serve(server, stream).await;
                            }
                        }
                    }
                });
            }
        }
    }
    replicator.abort();
    server.restart();
}

/// Serves one connection until it ends or everything restarts.
async fn serve<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(server: Arc<Server>, stream: S) {
    let mut restarts = server.restarts.subscribe();
    let service = service_fn(move |request| Arc::clone(&server).handle(request));
    let connection = hyper::server::conn::http1::Builder::new()
        .preserve_header_case(false)
        .serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        // How it ended is the client's business.
        _ = connection => {}
        _ = restarts.changed() => {}
    }
}
