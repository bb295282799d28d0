//! PouchDB Server: a CouchDB-like server written by others, the second opinion on what a client may expect.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::{ServiceError, disk, npm};

/// Starting Node on two busy cores takes seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server in a folder of its own, everyone an administrator. It ends when it is dropped.
pub struct PouchServer {
    child: Child,
    address: SocketAddr,
    folder: TempDir,
}

impl PouchServer {
    /// Starts one that keeps everything in memory and waits until it answers.
    ///
    /// # Errors
    /// When it cannot be installed or does not answer.
    pub fn start() -> Result<Self, ServiceError> {
        Self::start_with(&["--in-memory"])
    }

    /// Starts one that stores in files: slower, closer to a real one.
    ///
    /// # Errors
    /// When it cannot be installed or does not answer.
    pub fn start_on_disk() -> Result<Self, ServiceError> {
        Self::start_with(&["--dir", "."])
    }

    fn start_with(storage: &[&str]) -> Result<Self, ServiceError> {
        let packages = npm::installed()?;
        let folder = TempDir::new().map_err(disk("a folder for the server could not be made"))?;
        let log = File::create(folder.path().join("output")).map_err(disk("the server's log could not be made"))?;
        let errors = log.try_clone().map_err(disk("the server's log could not be made"))?;
        let address = free_address()?;
        let child = npm::command("node")
            .arg(packages.join("node_modules/pouchdb-server/bin/pouchdb-server"))
            .args([
                "--no-stdout-logs",
                "--host",
                "127.0.0.1",
                "--port",
                &address.port().to_string(),
            ])
            .args(storage)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .map_err(|error| ServiceError::Start {
                program: "pouchdb-server",
                output: error.to_string(),
            })?;
        let mut server = Self { child, address, folder };
        server.wait()?;
        Ok(server)
    }

    fn wait(&mut self) -> Result<(), ServiceError> {
        let begun = Instant::now();
        loop {
            if answers(self.address) {
                return Ok(());
            }
            let output = || std::fs::read_to_string(self.folder.path().join("output")).unwrap_or_default();
            if let Ok(Some(_)) = self.child.try_wait() {
                return Err(ServiceError::Start {
                    program: "pouchdb-server",
                    output: output(),
                });
            }
            if begun.elapsed() > PATIENCE {
                return Err(ServiceError::Silent {
                    program: "pouchdb-server",
                    seconds: PATIENCE.as_secs(),
                    output: output(),
                });
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Where it is: `http://127.0.0.1:PORT`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for PouchServer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that was free a moment ago: the server cannot tell which one it took itself.
fn free_address() -> Result<SocketAddr, ServiceError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(disk("no port could be had"))?;
    listener.local_addr().map_err(disk("no port could be had"))
}

/// Whether it answers a request at all.
fn answers(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect_timeout(&address, Duration::from_millis(500)) else {
        return false;
    };
    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    let asked = stream.write_all(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
    let mut first = [0; 12];
    asked.is_ok() && stream.read_exact(&mut first).is_ok() && first.starts_with(b"HTTP/1.1 200")
}
