//! Who is told: the person at this desktop, once for a cause, and a receiver elsewhere, whose address nobody sees again.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU16, Ordering},
    },
    thread,
};

use serde_json::{Value, json};

use crate::bench::{Desk, Options, Window, eventually};

/// A receiver of messages on this computer.
struct Receiver {
    address: String,
    /// Paths and bodies of what came.
    seen: Arc<Mutex<Vec<(String, String)>>>,
    /// What it answers.
    status: Arc<AtomicU16>,
    closing: Arc<AtomicBool>,
}

impl Receiver {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let one = Self {
            address: listener.local_addr().unwrap().to_string(),
            seen: Arc::default(),
            status: Arc::new(AtomicU16::new(202)),
            closing: Arc::default(),
        };
        let (seen, status, closing) = (one.seen.clone(), one.status.clone(), one.closing.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if closing.load(Ordering::SeqCst) {
                    break;
                }
                if let Some(request) = read(&stream) {
                    seen.lock().unwrap().push(request);
                    answer(stream, status.load(Ordering::SeqCst));
                }
            }
        });
        one
    }

    fn all(&self) -> Vec<(String, String)> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(&self.address);
    }
}

fn read(stream: &TcpStream) -> Option<(String, String)> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 || line.trim().is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let path = first.split_whitespace().nth(1)?.to_owned();
    Some((path, String::from_utf8(body).ok()?))
}

fn answer(mut stream: TcpStream, status: u16) {
    let word = if status < 300 { "Accepted" } else { "Broken" };
    let _ = write!(
        stream,
        "HTTP/1.1 {status} {word}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
}

const SECRET: &str = "verysecrettoken";

/// Nothing the page holds has the address: neither its text, nor its fields, nor its attributes.
#[track_caller]
fn no_secret_on(window: &Window<'_>) {
    let page = window.script(
        "return document.documentElement.outerHTML + [...document.querySelectorAll('input, textarea')].map((one) => one.value).join(' ')",
        &[],
    );
    assert!(!page.as_str().unwrap().contains(SECRET), "the address is on the page");
}

#[test]
fn a_webhook_is_set_up_tested_and_keeps_its_address() {
    let receiver = Receiver::start();
    let desk = Desk::new();
    desk.make_vault();
    let window = desk.window(&[]);
    window.visit("/settings/notifications", "When to speak up");
    window.click("button", "Set up… Webhook");
    window.see("Add a webhook");
    window.fill("Address", &format!("ftp://{}/", receiver.address));
    window.see("An address begins with https:// or http://.");
    window.fill("Address", &format!("http://{}/hook?token={SECRET}", receiver.address));
    window.click("button", "Save");
    window.see_no("Add a webhook");
    window.see("127.0.0.1");
    no_secret_on(&window);

    window.click("button", "Test Webhook");
    window.see("202 in ");
    let came = receiver.all();
    assert_eq!(came.len(), 1, "{came:#?}");
    assert_eq!(came[0].0, format!("/hook?token={SECRET}"));
    let message: Value = serde_json::from_str(&came[0].1).unwrap();
    assert_eq!(message["event"], "test", "{message:#}");
    receiver.status.store(500, Ordering::SeqCst);
    window.click("button", "Test Webhook");
    window.see("The test did not get through.");
    window.see("500");
    no_secret_on(&window);

    window.click("button", "Edit… Webhook");
    window.see("Leave it empty to keep the one there is.");
    no_secret_on(&window);
    let row = window.call("channel.list", &json!({}));
    assert!(!row.to_string().contains(SECRET), "{row:#}");
    for file in fs::read_dir(desk.path("backstay")).unwrap().flatten() {
        let content = fs::read(file.path()).unwrap_or_default();
        let found = content.windows(SECRET.len()).any(|part| part == SECRET.as_bytes());
        assert!(!found, "{:?} holds the address in the clear", file.path());
    }
}

/// Presses *Run now* and waits for the end of the `n`th run.
#[track_caller]
fn run_now(window: &Window<'_>, n: usize) {
    window.visit("/plans/docs%20by%20hand", "Run now");
    window.click("button", "Run now");
    window.wait_until(&format!("run {n} is over"), |window| {
        let jobs = window.call("job.list", &json!({}));
        let done = jobs["jobs"].as_array().unwrap().iter().filter(|job| job["state"] == "done");
        done.count() == n
    });
}

/// Open alarms of runs that failed.
fn failures(window: &Window<'_>) -> Vec<Value> {
    let alarms = window.call("alert.list", &json!({}));
    let all = alarms["alerts"].as_array().unwrap().iter();
    all.filter(|alarm| alarm["message"]["event"] == "failed").cloned().collect()
}

#[test]
fn a_failure_is_told_once_and_is_over_when_it_is_mended() {
    let desk = Desk::with(&Options {
        notifications: true,
        ..Options::default()
    });
    desk.make_vault();
    desk.file("docs/one.txt", "one");
    desk.add_source("folder", "docs", &desk.path("docs"));
    desk.back_up("docs");
    let plan = [
        "plan",
        "add",
        "docs by hand",
        "--source",
        "docs",
        "--manual",
        "--retry",
        "off",
    ];
    desk.backstay(&plan);
    let window = desk.window(&[]);
    desk.tray().wait_for("ok");
    fs::rename(desk.path("docs"), desk.path("moved")).unwrap();
    run_now(&window, 1);
    let notice = desk.wait_for_notice("docs: backup failed");
    assert!(notice.body.contains("The newest good backup is "), "{notice:#?}");
    assert!(
        notice.actions.contains(&"Show".to_owned()) && notice.actions.contains(&"Retry".to_owned()),
        "{notice:#?}"
    );
    desk.tray().wait_for("failed");
    let shown = eventually(|| (desk.displayed() == 1).then_some(()));
    assert!(shown.is_some(), "dunst shows {} notifications", desk.displayed());
    window.visit("/", "One source needs you.");
    desk.click_notification();
    window.arrive("/activity/runs/");
    window.see("Nothing new was saved.");
    assert!(desk.notifications().contains("docs: backup failed"), "the daemon knows of it");

    run_now(&window, 2);
    window.visit("/", "One source needs you.");
    let alarms = failures(&window);
    assert_eq!((alarms.len(), &alarms[0]["count"]), (1, &json!(2)), "{alarms:#?}");
    fs::rename(desk.path("moved"), desk.path("docs")).unwrap();
    run_now(&window, 3);
    desk.tray().wait_for("ok");
    assert!(failures(&window).is_empty(), "{:#?}", failures(&window));
    window.visit("/sources/docs", "Complete");
    window.visit("/", "Figures");
    window.see_no("docs: no backup for");
    let told = desk.notices().into_iter().filter(|one| one.title == notice.title);
    assert_eq!(told.count(), 1, "one message for one cause: {:#?}", desk.notices());
    assert_eq!(desk.snapshots(), 2);
}
