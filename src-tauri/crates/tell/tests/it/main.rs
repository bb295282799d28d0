//! The channels against real receivers: HTTP and mail servers on sockets, processes, a notification daemon.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs
)]

mod authority;
mod desktop;
mod heartbeat;
mod hook;
mod http_server;
mod letter;
mod mail;
mod mail_server;
mod message;
mod secrets;
mod tls;
mod webhook;
