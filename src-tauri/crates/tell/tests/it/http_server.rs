//! A web server on a socket that answers by a script, one answer a connection, and keeps what it was sent.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, mpsc},
    thread,
    time::Duration,
};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

#[derive(Debug, Clone)]
pub enum Answer {
    /// A status, headers and a body.
    Say(u16, Vec<(&'static str, String)>, &'static str),
    /// Reads the request and says nothing until the test ends.
    Hang,
    /// Half a line of status, and no more.
    CutHead,
    /// Success, but of its body only the beginning.
    CutBody,
    /// Success, and of its body nothing until the test ends.
    HangBody,
    /// Hangs up without reading.
    HangUp,
}

pub fn say(status: u16) -> Answer {
    Answer::Say(status, Vec::new(), "")
}

pub fn redirect(status: u16, to: &str) -> Answer {
    Answer::Say(status, vec![("location", to.to_owned())], "")
}

#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

pub struct Server {
    pub port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
    // Hanging answers end with the test.
    _end: mpsc::Sender<()>,
}

impl Server {
    /// Answers by the script; the last answer is repeated.
    pub fn start(script: Vec<Answer>) -> Self {
        Self::with(script, None)
    }

    pub fn safe(script: Vec<Answer>, config: Arc<ServerConfig>) -> Self {
        Self::with(script, Some(config))
    }

    fn with(script: Vec<Answer>, config: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = seen.clone();
        let (end, ended) = mpsc::channel::<()>();
        let ended = Arc::new(Mutex::new(ended));
        thread::spawn(move || {
            for (turn, stream) in listener.incoming().enumerate() {
                let stream = stream.unwrap();
                let answer = script.get(turn).or(script.last()).unwrap().clone();
                let (kept, ended, config) = (kept.clone(), ended.clone(), config.clone());
                thread::spawn(move || match config {
                    None => serve(stream, &answer, &kept, &ended),
                    Some(config) => {
                        let safe = ServerConnection::new(config).unwrap();
                        serve(StreamOwned::new(safe, stream), &answer, &kept, &ended);
                    }
                });
            }
        });
        Self { port, seen, _end: end }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Every request so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

fn serve<S: Read + Write>(stream: S, answer: &Answer, kept: &Mutex<Vec<Seen>>, ended: &Mutex<mpsc::Receiver<()>>) {
    if matches!(answer, Answer::HangUp) {
        kept.lock().unwrap().push(Seen::default());
        return;
    }
    let mut stream = BufReader::new(stream);
    let Some(seen) = read(&mut stream) else { return };
    kept.lock().unwrap().push(seen);
    let stream = stream.get_mut();
    match answer {
        Answer::Say(status, headers, body) => {
            let mut head = format!(
                "HTTP/1.1 {status} Said\r\nconnection: close\r\ncontent-length: {}\r\n",
                body.len()
            );
            for (name, value) in headers {
                head += &format!("{name}: {value}\r\n");
            }
            let _ = write!(stream, "{head}\r\n{body}");
        }
        Answer::Hang => {
            let _ = ended.lock().unwrap().recv_timeout(Duration::from_secs(60));
        }
        Answer::CutHead => {
            let _ = write!(stream, "HTTP/1.1 20");
        }
        Answer::CutBody => {
            let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nok, but");
        }
        Answer::HangBody => {
            let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").and_then(|()| stream.flush());
            let _ = ended.lock().unwrap().recv_timeout(Duration::from_secs(60));
        }
        Answer::HangUp => {}
    }
    let _ = stream.flush();
}

fn read(stream: &mut impl BufRead) -> Option<Seen> {
    let mut first = String::new();
    stream.read_line(&mut first).ok()?;
    let mut words = first.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut seen = Seen {
        method,
        path,
        headers,
        body: String::new(),
    };
    let length = seen.header("content-length").map_or(0, |value| value.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    seen.body = String::from_utf8(body).unwrap();
    Some(seen)
}

/// A port that takes connections and never looks at them.
pub fn never() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// A port nobody listens on.
pub fn nobody() -> u16 {
    never().1
}

/// Fills a listener's queue, so that further connections hang.
pub fn crowd(port: u16) -> Vec<TcpStream> {
    let address = format!("127.0.0.1:{port}").parse().unwrap();
    let come = || TcpStream::connect_timeout(&address, Duration::from_millis(100)).ok();
    std::iter::from_fn(come).take(10_000).collect()
}
