//! A server that follows a script, byte by byte.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A request that arrived.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// What to do after a request.
#[derive(Debug, Clone)]
pub enum Act {
    Say(Vec<u8>),
    Wait(Duration),
    /// Until the test ends.
    Hang,
    Close,
}

/// A whole answer.
pub fn answer(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<Act> {
    let mut head = format!("HTTP/1.1 {status} Said\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    vec![Act::Say([head.as_bytes(), b"\r\n", body].concat())]
}

pub fn ok(body: &str) -> Vec<Act> {
    answer(200, &[], body.as_bytes())
}

/// An answer that promises more than it gives.
pub fn cut(promised: usize, given: &[u8]) -> Vec<Act> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {promised}\r\n\r\n");
    vec![Act::Say([head.as_bytes(), given].concat()), Act::Close]
}

type Script = dyn Fn(&Seen, usize) -> Vec<Act> + Send + Sync;

pub struct Server {
    pub port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
    end: Arc<AtomicBool>,
    pub connections: Arc<AtomicUsize>,
    /// Connections the client closed while the server still had something to say.
    pub dropped: Arc<AtomicUsize>,
}

impl Server {
    /// Answers each request as `script` says; the number counts requests from 0 on.
    pub fn start(script: impl Fn(&Seen, usize) -> Vec<Act> + Send + Sync + 'static) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap(), None, script)
    }

    pub fn on(
        listener: TcpListener,
        tls: Option<Arc<ServerConfig>>,
        script: impl Fn(&Seen, usize) -> Vec<Act> + Send + Sync + 'static,
    ) -> Self {
        let port = listener.local_addr().unwrap().port();
        let server = Self {
            port,
            seen: Arc::default(),
            end: Arc::default(),
            connections: Arc::default(),
            dropped: Arc::default(),
        };
        let script: Arc<Script> = Arc::new(script);
        let (seen, end, connections, dropped) = (
            server.seen.clone(),
            server.end.clone(),
            server.connections.clone(),
            server.dropped.clone(),
        );
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if end.load(Ordering::Relaxed) {
                    return;
                }
                connections.fetch_add(1, Ordering::Relaxed);
                let (script, seen, end, dropped, tls) = (script.clone(), seen.clone(), end.clone(), dropped.clone(), tls.clone());
                thread::spawn(move || {
                    let _ = stream.set_nodelay(true);
                    match tls {
                        None => serve(stream, &*script, &seen, &end, &dropped),
                        Some(config) => {
                            let safe = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
                            serve(safe, &*script, &seen, &end, &dropped);
                        }
                    }
                });
            }
        });
        server
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn serve<S: Read + Write>(stream: S, script: &Script, kept: &Mutex<Vec<Seen>>, end: &AtomicBool, dropped: &AtomicUsize) {
    let mut stream = BufReader::new(stream);
    while let Some(seen) = read(&mut stream) {
        let number = {
            let mut kept = kept.lock().unwrap();
            kept.push(seen.clone());
            kept.len() - 1
        };
        for act in script(&seen, number) {
            match act {
                Act::Say(bytes) => {
                    let stream = stream.get_mut();
                    if stream.write_all(&bytes).and_then(|()| stream.flush()).is_err() {
                        dropped.fetch_add(1, Ordering::Relaxed);
                        return;
                    }
                }
                Act::Wait(time) => thread::sleep(time),
                Act::Hang => {
                    while !end.load(Ordering::Relaxed) {
                        thread::sleep(Duration::from_millis(10));
                    }
                    return;
                }
                Act::Close => return,
            }
        }
    }
}

fn read(stream: &mut impl BufRead) -> Option<Seen> {
    let mut first = String::new();
    stream.read_line(&mut first).ok()?;
    let mut words = first.split_whitespace().map(str::to_owned);
    let target = words.nth(1)?;
    let mut seen = Seen {
        target,
        ..Seen::default()
    };
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        seen.headers.push((name.to_owned(), value.trim().to_owned()));
    }
    if seen.header("transfer-encoding").is_some_and(|value| value == "chunked") {
        loop {
            let mut size = String::new();
            stream.read_line(&mut size).ok()?;
            let size = usize::from_str_radix(size.trim(), 16).ok()?;
            let mut chunk = vec![0; size + 2];
            stream.read_exact(&mut chunk).ok()?;
            if size == 0 {
                return Some(seen);
            }
            seen.body.extend_from_slice(&chunk[..size]);
        }
    }
    let length = seen.header("content-length").map_or(0, |value| value.parse().unwrap());
    seen.body = vec![0; length];
    stream.read_exact(&mut seen.body).ok()?;
    Some(seen)
}

/// A port nobody listens on.
pub fn nobody() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
