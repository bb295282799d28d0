//! Who is told: a real receiver that hangs, refuses and answers; heartbeats; secrets that stay secret; the look from outside.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::Value;

use crate::{
    agent::{run_later, time_can_be_set},
    bench::Bench,
};

/// One request as it came.
#[derive(Debug, Clone)]
struct Request {
    path: String,
    key: Option<String>,
    body: String,
}

impl Request {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("no JSON ({error}): {self:#?}"))
    }
}

/// What the receiver does with a request.
#[derive(Debug, Clone, Copy)]
enum Answer {
    Status(u16),
    /// Takes it and says nothing.
    Hang,
}

/// A receiver on this computer. Answers by its script, then always 200.
struct Receiver {
    url: String,
    seen: Arc<Mutex<Vec<Request>>>,
    script: Arc<Mutex<Vec<Answer>>>,
    closing: Arc<AtomicBool>,
}

impl Receiver {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen: Arc<Mutex<Vec<Request>>> = Arc::default();
        let script: Arc<Mutex<Vec<Answer>>> = Arc::default();
        let closing: Arc<AtomicBool> = Arc::default();
        let (all, plan, end) = (seen.clone(), script.clone(), closing.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if end.load(Ordering::SeqCst) {
                    break;
                }
                let (all, plan) = (all.clone(), plan.clone());
                std::thread::spawn(move || serve(stream.unwrap(), &all, &plan));
            }
        });
        Self {
            url,
            seen,
            script,
            closing,
        }
    }

    fn next(&self, answers: &[Answer]) {
        *self.script.lock().unwrap() = answers.to_vec();
    }

    fn all(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    fn clear(&self) {
        self.seen.lock().unwrap().clear();
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.url.trim_start_matches("http://"));
    }
}

fn serve(stream: TcpStream, seen: &Mutex<Vec<Request>>, script: &Mutex<Vec<Answer>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut first = String::new();
    reader.read_line(&mut first).unwrap();
    let (mut length, mut key) = (0, None);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap() == 0 || line.trim().is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').unwrap();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap(),
            "idempotency-key" => key = Some(value.trim().to_owned()),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let path = first.split_whitespace().nth(1).unwrap_or_default().to_owned();
    let body = String::from_utf8(body).unwrap();
    if path.is_empty() {
        return;
    }
    let answer = {
        let mut script = script.lock().unwrap();
        if script.is_empty() {
            Answer::Status(200)
        } else {
            script.remove(0)
        }
    };
    seen.lock().unwrap().push(Request { path, key, body });
    match answer {
        Answer::Status(code) => {
            let mut stream = stream;
            let _ = write!(
                stream,
                "HTTP/1.1 {code} So\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
            );
        }
        Answer::Hang => std::thread::sleep(Duration::from_secs(40)),
    }
}

/// A bench with a vault, a folder, a plan, and a receiver's address in a file.
fn bench(receiver: &Receiver) -> Bench {
    let bench = Bench::with_vault();
    fs::create_dir_all(bench.path("docs")).unwrap();
    fs::write(bench.path("docs/first"), "first").unwrap();
    bench.add_folder("docs", &bench.path("docs"));
    bench.ok(&["plan", "add", "p", "--source", "docs", "--every", "1h"]);
    fs::write(bench.path("url"), format!("{}/hook?token=verysecret\n", receiver.url)).unwrap();
    bench
}

fn away(bench: &Bench) {
    fs::rename(bench.path("docs"), bench.path("gone")).unwrap();
}

fn back(bench: &Bench) {
    fs::rename(bench.path("gone"), bench.path("docs")).unwrap();
}

#[test]
fn one_message_for_one_cause_and_one_when_it_is_over() {
    let receiver = Receiver::start();
    let bench = bench(&receiver);
    bench.ok(&[
        "channel",
        "add",
        "webhook",
        "ops",
        "--secret-file",
        "url",
        "--event",
        "failed,recovered",
    ]);
    let tested = bench.json(&["channel", "test", "ops"]);
    assert!(tested["answer"].as_str().unwrap().contains("200"), "{tested:#}");
    assert_eq!(receiver.all()[0].json()["event"], "test");
    receiver.clear();
    bench.ok(&["plan", "run", "p"]);
    assert!(receiver.all().is_empty(), "no alarm for a run that was fine");
    away(&bench);
    for _ in 0..3 {
        assert_ne!(bench.run(&["plan", "run", "p"]).code, 0);
    }
    let told = receiver.all();
    assert_eq!(told.len(), 1, "one message for one cause: {told:#?}");
    let message = told[0].json();
    assert_eq!(
        (&message["event"], &message["source"], &message["plan"]),
        (&"failed".into(), &"docs".into(), &"p".into())
    );
    assert!(message["lastGood"].is_string() && told[0].key.is_some(), "{told:#?}");
    back(&bench);
    bench.ok(&["plan", "run", "p"]);
    let told = receiver.all();
    assert_eq!(told.len(), 2, "{told:#?}");
    assert_eq!(told[1].json()["event"], "recovered");
    assert_eq!(told[1].json()["cause"], message["cause"]);
    let listed = bench.ok(&["channel", "list"]).out;
    assert!(listed.contains("docs: backup failed  (sent)"), "{listed}");
}

#[test]
fn a_receiver_that_hangs_then_refuses_then_answers_gets_it_once() {
    let receiver = Receiver::start();
    let bench = bench(&receiver);
    bench.ok(&["channel", "add", "webhook", "ops", "--url-file", "url", "--event", "failed"]);
    bench.ok(&["plan", "run", "p"]);
    away(&bench);
    receiver.next(&[Answer::Hang, Answer::Status(500), Answer::Status(200)]);
    assert_ne!(bench.run(&["plan", "run", "p"]).code, 0);
    let told = receiver.all();
    assert_eq!(told.len(), 3, "all three answers were given: {told:#?}");
    assert!(
        told.iter().all(|one| one.json()["delivery"] == told[0].json()["delivery"]),
        "one delivery"
    );
    assert!(told.iter().all(|one| one.key == told[0].key));
    assert!(bench.ok(&["channel", "list"]).out.contains("(sent)"));
    assert_ne!(bench.run(&["plan", "run", "p"]).code, 0);
    assert_eq!(receiver.all().len(), 3, "not again");
}

#[test]
fn what_does_not_get_through_stays_and_goes_later() {
    if !time_can_be_set() {
        return;
    }
    let receiver = Receiver::start();
    let bench = bench(&receiver);
    bench.ok(&["channel", "add", "slack", "team", "--url-file", "url"]);
    bench.ok(&["plan", "run", "p"]);
    away(&bench);
    receiver.next(&[Answer::Status(500); 3]);
    assert_ne!(bench.run(&["plan", "run", "p"]).code, 0);
    assert_eq!(receiver.all().len(), 3, "three tries: {:#?}", receiver.all());
    let listed = bench.json(&["channel", "list"]);
    assert!(
        listed["sent"][0]["delivered"].is_null() && listed["sent"][0]["givenUp"] == false,
        "{listed:#}"
    );
    assert!(bench.ok(&["channel", "list"]).out.contains("tried"));
    receiver.clear();
    // The run is still going wrong for the same reason: nothing new is written, but the old one gets through.
    let ran = run_later(&bench, 300, &["agent", "look"]);
    assert!([0, 1].contains(&ran.code), "{ran:#?}");
    let told = receiver.all();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].json()["text"].is_string(), "in Slack's form: {told:#?}");
}

#[test]
fn heartbeats_come_in_order() {
    let receiver = Receiver::start();
    let bench = bench(&receiver);
    let mut add = bench.command(&["channel", "add", "heartbeat", "hc", "--secret-stdin"]);
    let mut child = add.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(format!("{}/ping/id\n", receiver.url).as_bytes())
        .unwrap();
    assert!(child.wait().unwrap().success());
    bench.ok(&["plan", "run", "p"]);
    away(&bench);
    assert_ne!(bench.run(&["plan", "run", "p"]).code, 0);
    let paths: Vec<String> = receiver.all().into_iter().map(|one| one.path).collect();
    assert_eq!(paths, ["/ping/id/start", "/ping/id", "/ping/id/start", "/ping/id/fail"]);
    // Silence of the receiver does not keep a backup from being made.
    back(&bench);
    receiver.next(&[Answer::Status(500); 6]);
    bench.ok(&["plan", "run", "p"]);
}

#[test]
fn secrets_stay_secret_and_bad_channels_are_refused() {
    let receiver = Receiver::start();
    let bench = bench(&receiver);
    let added = bench.ok(&["channel", "add", "webhook", "ops", "--secret-file", "url", "--plan", "p"]);
    let listed = bench.ok(&["channel", "list", "--json"]);
    let exported = bench.ok(&["audit", "export"]);
    for text in [&added.out, &listed.out, &exported.out] {
        assert!(!text.contains("verysecret"), "{text}");
    }
    assert!(listed.out.contains(&receiver.url), "{listed:#?}");
    for (arguments, said) in [
        (&["webhook", "x"][..], "--secret-file"),
        (&["webhook", "x", "--url-file", "url", "--event", "everything"], "everything"),
        (&["mail", "x", "--host", "mail", "--from", "nobody", "--to", "a@b"], "sender"),
        (&["mail", "x", "--host", "mail", "--from", "a@b"], "--to"),
        (&["command", "x", " "], "empty"),
    ] {
        let ran = bench.run(&[&["channel", "add"], arguments].concat()).expect(2);
        assert!(ran.err.contains(said), "{arguments:?}: {}", ran.err);
    }
    fs::write(bench.path("bad"), "ftp://example.org\n").unwrap();
    bench.run(&["channel", "add", "webhook", "x", "--url-file", "bad"]).expect(2);
    bench
        .run(&["channel", "add", "webhook", "x", "--url-file", "missing"])
        .expect(5);
    bench
        .run(&["channel", "add", "webhook", "x", "--url-file", "url", "--plan", "nothing"])
        .expect(5);
    let edited = bench.json(&["channel", "edit", "ops", "--rename", "team", "--event", "guard", "--off"]);
    assert_eq!(
        (&edited["name"], &edited["enabled"]),
        (&"team".into(), &false.into()),
        "{edited:#}"
    );
    assert_eq!(
        (&edited["events"], &edited["plans"]),
        (&serde_json::json!(["guard"]), &serde_json::json!(["p"]))
    );
    bench.run(&["channel", "edit", "team", "--host", "mail"]).expect(2);
    bench.run(&["channel", "remove", "team"]).expect(4);
    bench.ok(&["channel", "remove", "team", "--yes"]);
    bench.run(&["channel", "test", "team"]).expect(5);
    assert!(bench.ok(&["channel", "list"]).out.contains("No channel yet"));
}

#[test]
fn a_command_of_ones_own_is_told() {
    let receiver = Receiver::start();
    let bench = bench(&receiver);
    bench.ok(&[
        "channel",
        "add",
        "command",
        "me",
        "printf '%s|%s|%s\\n' \"$BACKSTAY_EVENT\" \"$BACKSTAY_SOURCE\" \"$BACKSTAY_TITLE\" >> told",
    ]);
    bench.ok(&["channel", "test", "me"]);
    bench.ok(&["plan", "run", "p"]);
    away(&bench);
    assert_ne!(bench.run(&["plan", "run", "p"]).code, 0);
    let told = fs::read_to_string(bench.path("told")).unwrap();
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines[0].starts_with("test||"), "{told}");
    assert_eq!(lines[1..], ["failed|docs|docs: backup failed"], "{told}");
}

#[test]
fn the_look_from_outside_tells_when_nobody_runs_the_plans() {
    if !time_can_be_set() {
        return;
    }
    let receiver = Receiver::start();
    let bench = bench(&receiver);
    bench.ok(&[
        "channel",
        "add",
        "webhook",
        "ops",
        "--url-file",
        "url",
        "--event",
        "watchdog,recovered",
    ]);
    bench.ok(&["plan", "run", "p"]);
    let day = 86_400;
    let ran = run_later(&bench, day, &["agent", "look"]).expect(1);
    assert!(ran.out.contains("SILENT"), "{ran:#?}");
    let told = receiver.all();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!(told[0].json()["event"], "watchdog");
    run_later(&bench, day + 3600, &["agent", "look"]).expect(1);
    assert_eq!(receiver.all().len(), 1, "said once");
    // Somebody runs the plans again: it is over, and nothing more is said.
    let mut agent = crate::agent::later(&bench, day + 3700, &["agent", "run", "--no-desktop"]);
    let mut child = agent.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let running = || run_later(&bench, day + 3710, &["agent", "look"]).code == 0;
    crate::agent::until("a look that sees it", 30, running);
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    // The agent caught up meanwhile: that nothing is overdue any more is a cause of its own.
    let of_silence = |one: &Value| one["cause"] == told[0].json()["cause"];
    let all: Vec<Value> = receiver.all().iter().map(Request::json).filter(of_silence).collect();
    let events: Vec<&Value> = all.iter().map(|one| &one["event"]).collect();
    assert_eq!(events, ["watchdog", "recovered"], "{all:#?}");
    bench.ok(&["plan", "off", "p"]);
    let idle = run_later(&bench, 2 * day, &["agent", "look", "--json"]).expect(0).json();
    assert_eq!(idle["saw"], "idle", "{idle:#}");
}
