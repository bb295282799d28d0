//! A strict mail server on a socket: it takes RFC 5321 by the word, knows STARTTLS and AUTH, and keeps what it was sent.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

#[derive(Clone, Default)]
pub struct Rules {
    /// Offers STARTTLS, or TLS from the start.
    pub tls: Option<Arc<ServerConfig>>,
    pub from_start: bool,
    /// Takes mail only after this login.
    pub login: Option<(&'static str, &'static str)>,
    /// Offers only `AUTH LOGIN`.
    pub old: bool,
    /// A recipient that is refused, with the reply.
    pub unknown: Option<(&'static str, &'static str)>,
    /// Replies to the first letters, instead of taking them.
    pub busy: Vec<&'static str>,
    /// Does not answer a good-bye.
    pub clingy: bool,
    /// Says nothing at all.
    pub silent: bool,
}

#[derive(Debug, Clone, Default)]
pub struct Letter {
    pub from: String,
    pub to: Vec<String>,
    pub data: String,
    pub safe: bool,
    pub user: Option<String>,
}

#[derive(Default)]
struct Kept {
    letters: Vec<Letter>,
    commands: Vec<String>,
    faults: Vec<String>,
    taken: usize,
}

pub struct MailServer {
    pub port: u16,
    kept: Arc<Mutex<Kept>>,
}

impl MailServer {
    pub fn start(rules: Rules) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let kept = Arc::new(Mutex::new(Kept::default()));
        let shared = kept.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (rules, kept) = (rules.clone(), shared.clone());
                thread::spawn(move || Session::new(stream.unwrap(), rules, kept).run());
            }
        });
        Self { port, kept }
    }

    pub fn letters(&self) -> Vec<Letter> {
        let kept = self.kept.lock().unwrap();
        assert!(kept.faults.is_empty(), "against the protocol: {:?}", kept.faults);
        kept.letters.clone()
    }

    pub fn commands(&self) -> Vec<String> {
        self.kept.lock().unwrap().commands.clone()
    }
}

enum Line {
    Plain(TcpStream),
    Safe(Box<StreamOwned<ServerConnection, TcpStream>>),
    Gone,
}

struct Session {
    line: Line,
    rules: Rules,
    kept: Arc<Mutex<Kept>>,
    greeted: bool,
    letter: Letter,
}

impl Session {
    fn new(stream: TcpStream, rules: Rules, kept: Arc<Mutex<Kept>>) -> Self {
        Self {
            line: Line::Plain(stream),
            rules,
            kept,
            greeted: false,
            letter: Letter::default(),
        }
    }

    fn run(mut self) {
        if self.rules.from_start {
            self.make_safe();
        }
        if self.rules.silent {
            while self.byte().is_some() {}
            return;
        }
        self.reply("220 strict.example ESMTP");
        while let Some(command) = self.read_line() {
            let secret = command.starts_with("AUTH ");
            self.kept
                .lock()
                .unwrap()
                .commands
                .push(if secret { "AUTH".to_owned() } else { command.clone() });
            if !self.obey(&command) {
                return;
            }
        }
    }

    fn obey(&mut self, command: &str) -> bool {
        let (verb, rest) = command.split_once(' ').unwrap_or((command, ""));
        match verb {
            "EHLO" if !rest.is_empty() => {
                self.greeted = true;
                self.letter = Letter {
                    user: self.letter.user.take(),
                    ..Letter::default()
                };
                self.greet();
            }
            "STARTTLS" if self.rules.tls.is_some() => {
                self.reply("220 go on");
                self.make_safe();
                // RFC 3207, section 4.2: what was said before counts no more.
                self.greeted = false;
                self.letter = Letter::default();
            }
            "AUTH" if self.greeted => self.login(rest),
            "MAIL" if self.greeted && self.letter.from.is_empty() => {
                if self.rules.login.is_some() && self.letter.user.is_none() {
                    self.reply("530 5.7.0 log in first");
                } else {
                    self.letter.from = self.path("FROM:", rest);
                    self.reply("250 ok");
                }
            }
            "RCPT" if !self.letter.from.is_empty() => {
                let to = self.path("TO:", rest);
                match self.rules.unknown {
                    Some((unknown, reply)) if to == unknown => self.reply(reply),
                    _ => {
                        self.letter.to.push(to);
                        self.reply("250 ok");
                    }
                }
            }
            "DATA" if !self.letter.to.is_empty() => self.data(),
            "QUIT" => {
                while self.rules.clingy && self.byte().is_some() {}
                self.reply("221 bye");
                return false;
            }
            _ => {
                self.fault(&format!("out of order: {command:?}"));
                self.reply("503 not now");
            }
        }
        true
    }

    fn greet(&mut self) {
        let mut words = vec!["strict.example".to_owned()];
        let safe = matches!(self.line, Line::Safe(_));
        if self.rules.tls.is_some() && !safe {
            words.push("STARTTLS".to_owned());
        }
        if self.rules.login.is_some() {
            words.push(if self.rules.old { "AUTH LOGIN" } else { "AUTH PLAIN LOGIN" }.to_owned());
        }
        let last = words.pop().unwrap();
        for word in words {
            self.reply(&format!("250-{word}"));
        }
        self.reply(&format!("250 {last}"));
    }

    fn login(&mut self, rest: &str) {
        let mut words = rest.split(' ');
        let decode = |text: &str| String::from_utf8(STANDARD.decode(text).unwrap()).unwrap();
        let (user, password) = match words.next() {
            Some("PLAIN") if !self.rules.old => {
                let text = decode(words.next().unwrap());
                let mut parts = text.split('\0').skip(1);
                (parts.next().unwrap().to_owned(), parts.next().unwrap().to_owned())
            }
            Some("LOGIN") => {
                self.reply(&format!("334 {}", STANDARD.encode("Username:")));
                let user = decode(&self.read_line().unwrap());
                self.reply(&format!("334 {}", STANDARD.encode("Password:")));
                (user, decode(&self.read_line().unwrap()))
            }
            other => return self.fault(&format!("AUTH {other:?}")),
        };
        if self.rules.login == Some((user.as_str(), password.as_str())) {
            self.letter.user = Some(user);
            self.reply("235 2.7.0 welcome");
        } else {
            self.reply("535 5.7.8 no");
        }
    }

    fn path(&mut self, word: &str, rest: &str) -> String {
        let path = rest.strip_prefix(word).and_then(|rest| rest.split_whitespace().next());
        let address = path.and_then(|path| path.strip_prefix('<')?.strip_suffix('>'));
        if address.is_none() {
            self.fault(&format!("no path: {rest:?}"));
        }
        address.unwrap_or_default().to_owned()
    }

    fn data(&mut self) {
        self.reply("354 go on");
        let mut data = String::new();
        loop {
            let Some(line) = self.read_line() else { return };
            match line.strip_prefix('.') {
                Some("") => break,
                Some(rest) => data += rest,
                None => data += &line,
            }
            data += "\r\n";
        }
        let mut letter = std::mem::take(&mut self.letter);
        self.letter.user.clone_from(&letter.user);
        letter.data = data;
        letter.safe = matches!(self.line, Line::Safe(_));
        let mut kept = self.kept.lock().unwrap();
        let busy = self.rules.busy.get(kept.taken).copied();
        kept.taken += 1;
        if busy.is_none() {
            kept.letters.push(letter);
        }
        drop(kept);
        self.reply(busy.unwrap_or("250 taken"));
    }

    fn fault(&mut self, what: &str) {
        self.kept.lock().unwrap().faults.push(what.to_owned());
    }

    fn make_safe(&mut self) {
        let Line::Plain(stream) = std::mem::replace(&mut self.line, Line::Gone) else {
            return self.fault("safe already");
        };
        let safe = ServerConnection::new(self.rules.tls.clone().unwrap()).unwrap();
        self.line = Line::Safe(Box::new(StreamOwned::new(safe, stream)));
    }

    fn reply(&mut self, text: &str) {
        let text = format!("{text}\r\n");
        let _ = match &mut self.line {
            Line::Plain(stream) => stream.write_all(text.as_bytes()),
            Line::Safe(stream) => stream.write_all(text.as_bytes()).and_then(|()| stream.flush()),
            Line::Gone => Ok(()),
        };
    }

    fn byte(&mut self) -> Option<u8> {
        let mut byte = [0];
        let read = match &mut self.line {
            Line::Plain(stream) => stream.read(&mut byte),
            Line::Safe(stream) => stream.read(&mut byte),
            Line::Gone => Ok(0),
        };
        (read.ok()? == 1).then_some(byte[0])
    }

    /// A line ends with CR LF and has no more than 1,000 bytes with both (RFC 5321, section 4.5.3.1.6).
    fn read_line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        loop {
            line.push(self.byte()?);
            if line.ends_with(b"\r\n") {
                break;
            }
        }
        if line.len() > 1000 {
            self.fault("a line is too long");
        }
        line.truncate(line.len() - 2);
        if line.contains(&b'\n') || line.contains(&b'\r') {
            self.fault("a bare CR or LF");
        }
        Some(String::from_utf8(line).unwrap())
    }
}
