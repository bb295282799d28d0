//! One budget for everybody who uses the same credential.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use backstay_source::Cancel;
use backstay_source_http::{Auth, Client, HeaderMap, HttpError, Rate, Request, Settings, Why};

use crate::{
    Watch,
    server::{Server, answer, ok},
    settings,
};

/// Somebody.
struct Who(&'static str);

impl Auth for Who {
    fn identity(&self) -> String {
        self.0.to_owned()
    }
    fn apply(&self, _: &mut HeaderMap, _: &Client) -> Result<(), HttpError> {
        Ok(())
    }
}

fn client(server: &Server, who: &'static str, rate: Rate) -> Client {
    let settings = Settings { rate, ..settings() };
    Client::new(&server.url(), settings, Arc::new(Who(who))).unwrap()
}

fn many(clients: &[&Client], each: usize) -> Duration {
    let begun = Instant::now();
    thread::scope(|scope| {
        for client in clients {
            scope.spawn(move || {
                for _ in 0..each {
                    client.read(Request::get(["x"]), 100).unwrap();
                }
            });
        }
    });
    begun.elapsed()
}

#[test]
fn the_rate_is_shared_by_clients_of_one_credential_and_by_no_others() {
    let server = Server::start(|_, _| ok("{}"));
    let rate = Rate {
        per_second: Some(40.0),
        ..Rate::default()
    };
    let (one, same, other) = (
        client(&server, "ann", rate),
        client(&server, "ann", rate),
        client(&server, "bob", rate),
    );
    // 24 requests at 40 a second; a tenth of a second of slack is given.
    let took = many(&[&one, &same], 12);
    assert!(
        took > Duration::from_millis(400) && took < Duration::from_millis(1500),
        "{took:?}"
    );
    let took = many(&[&one, &other], 12);
    assert!(took < Duration::from_millis(400), "each has its own: {took:?}");
}

#[test]
fn the_smallest_rate_of_all_who_share_counts() {
    let server = Server::start(|_, _| ok("{}"));
    let fast = client(&server, "eve", Rate::default());
    assert_eq!(fast.budget().per_second(), None);
    let slow = client(
        &server,
        "eve",
        Rate {
            per_second: Some(30.0),
            at_once: 2,
        },
    );
    assert_eq!((fast.budget().per_second(), fast.budget().at_once()), (Some(30.0), 2));
    drop((fast, slow));
    let later = client(&server, "eve", Rate::default());
    assert_eq!(later.budget().per_second(), None, "nobody is left who wants it slow");
}

#[test]
fn so_many_at_a_time_and_no_more() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (inside, peak) = (now.clone(), most.clone());
    let server = Server::start(move |_, _| {
        peak.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(20));
        inside.fetch_sub(1, Ordering::SeqCst);
        ok("{}")
    });
    let rate = Rate {
        per_second: None,
        at_once: 3,
    };
    let client = client(&server, "ann", rate);
    many(&[&client; 8], 4);
    assert_eq!(server.count(), 32);
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

#[test]
fn too_many_requests_halve_the_budget_and_success_brings_it_back() {
    let server = Server::start(|_, number| if number == 0 { answer(429, &[], b"") } else { ok("{}") });
    let rate = Rate {
        per_second: Some(200.0),
        at_once: 4,
    };
    let client = client(&server, "ann", rate);
    client.read(Request::get(["x"]), 100).unwrap();
    let shrunk = client.budget().per_second().unwrap();
    assert!(shrunk < 100.0, "{shrunk}");
    assert_eq!(client.budget().at_once(), 2);
    let begun = Instant::now();
    while client.budget().at_once() < 4 {
        assert!(begun.elapsed() < Duration::from_secs(6), "it never grows");
        client.read(Request::get(["x"]), 100).unwrap();
        thread::sleep(Duration::from_millis(50));
    }
    assert!(client.budget().per_second().unwrap() > shrunk);
}

#[test]
fn a_wish_to_be_left_alone_stops_everybody_who_shares() {
    let server = Server::start(|_, number| {
        if number == 0 {
            answer(429, &[("retry-after", "1")], b"")
        } else {
            ok("{}")
        }
    });
    let one = client(&server, "ann", Rate::default());
    let watch = Arc::new(Watch::default());
    let same = client(&server, "ann", Rate::default()).with_observer(watch.clone());
    let other = client(&server, "bob", Rate::default());
    let begun = Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| one.read(Request::get(["x"]), 100).unwrap());
        while server.count() == 0 {
            thread::sleep(Duration::from_millis(5));
        }
        thread::sleep(Duration::from_millis(50));
        other.read(Request::get(["x"]), 100).unwrap();
        assert!(
            begun.elapsed() < Duration::from_millis(500),
            "another credential is not held back"
        );
        same.read(Request::get(["x"]), 100).unwrap();
        assert!(begun.elapsed() >= Duration::from_millis(950), "{:?}", begun.elapsed());
    });
    // Less than a second was left, which is not worth telling.
    assert!(watch.told().iter().all(|pause| pause.why == Why::Budget));
}

#[test]
fn waiting_for_the_budget_is_told_and_can_be_cancelled() {
    let server = Server::start(|_, _| ok("{}"));
    let rate = Rate {
        per_second: Some(0.5),
        at_once: 6,
    };
    let (cancel, watch) = (Cancel::default(), Arc::new(Watch::default()));
    let client = client(&server, "ann", rate).with_cancel(&cancel).with_observer(watch.clone());
    client.read(Request::get(["x"]), 100).unwrap();
    let begun = Instant::now();
    let waker = thread::spawn(move || {
        thread::sleep(Duration::from_millis(100));
        cancel.cancel();
    });
    let error = client.read(Request::get(["x"]), 100).unwrap_err();
    assert!(matches!(error, HttpError::Cancelled), "{error:?}");
    assert!(begun.elapsed() < Duration::from_millis(300), "{:?}", begun.elapsed());
    waker.join().unwrap();
    let told = watch.told();
    assert_eq!(told.len(), 1);
    assert!(
        told[0].why == Why::Budget && told[0].wait > Duration::from_secs(1),
        "{told:?}"
    );
}

#[test]
fn a_wish_for_a_day_of_rest_stops_nobody_for_a_day() {
    let server = Server::start(|_, _| answer(429, &[("retry-after", "86400")], b""));
    let (one, same) = (
        client(&server, "ann", Rate::default()),
        client(&server, "ann", Rate::default()),
    );
    let begun = Instant::now();
    one.read(Request::get(["x"]), 100).unwrap_err();
    let error = same.read(Request::get(["x"]), 100).unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert!(
        matches!(&error, HttpError::Busy { after, .. } if after.as_secs() > 86_000),
        "{error:?}"
    );
    assert_eq!((error.kind(), server.count()), (backstay_model::ErrorKind::Limit, 1));
}
