//! Proxies of the environment, as other programs take them.

use std::{env, process::Command};

use backstay_source_http::Request;

use crate::{
    client,
    server::{Server, ok},
};

/// Set in the process that asks through the proxy: an environment cannot be changed safely while threads run.
const ASKS: &str = "BACKSTAY_TEST_ASKS";

#[test]
fn the_proxy_of_the_environment_is_asked_but_not_for_this_computer() {
    if let Ok(here) = env::var(ASKS) {
        let (_, body) = client("http://couch.example:5984").read(Request::get(["a b"]), 100).unwrap();
        assert_eq!(&body[..], b"proxy");
        let (_, body) = client(&here).read(Request::get(["x"]), 100).unwrap();
        assert_eq!(&body[..], b"here");
        client("http://left.invalid")
            .read(Request::get(["x"]).once(), 100)
            .unwrap_err();
        return;
    }
    let (proxy, here) = (Server::start(|_, _| ok("proxy")), Server::start(|_, _| ok("here")));
    let name = "proxy::the_proxy_of_the_environment_is_asked_but_not_for_this_computer";
    let child = Command::new(env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(ASKS, here.url())
        .env("http_proxy", proxy.url())
        .env("no_proxy", "left.invalid")
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
    let asked: Vec<_> = proxy.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(asked, ["http://couch.example:5984/a%20b"]);
    assert_eq!(here.count(), 1);
}
