//! Redirects: followed within the service, never to another one.

use backstay_source_http::{HttpError, Request};

use crate::{
    client,
    server::{Server, answer, ok},
};

#[test]
fn within_the_service_they_are_followed() {
    let server = Server::start(|seen, _| match seen.target.as_str() {
        "/old" => answer(301, &[("location", "/new")], b""),
        _ => ok("here"),
    });
    let (_, body) = client(&server.url()).read(Request::get(["old"]), 10).unwrap();
    assert_eq!(&body[..], b"here");
}

#[test]
fn to_another_service_they_are_not() {
    let other = Server::start(|_, _| ok("mine now"));
    let to = format!("{}/take?token=hush", other.url());
    let server = Server::start(move |_, _| answer(307, &[("location", &to)], b""));
    let error = client(&server.url())
        .read(Request::post(["x"]).harmless().json_bytes("{\"secret\":1}"), 10)
        .unwrap_err();
    let HttpError::Redirected { to: Some(to), .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(*to, other.url());
    assert_eq!((other.count(), server.count()), (0, 1));
    assert!(error.hint().is_some() && !error.to_string().contains("hush"));
}

#[test]
fn circles_end() {
    let server = Server::start(|_, _| answer(302, &[("location", "/again")], b""));
    let error = client(&server.url()).read(Request::get(["x"]), 10).unwrap_err();
    assert!(matches!(error, HttpError::Redirected { .. }), "{error:?}");
    assert!(server.count() <= 5, "{}", server.count());
}
