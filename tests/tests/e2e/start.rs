//! The window comes up, shows something, and is fenced in.

use serde_json::{Value, json};

use crate::bench::Desk;

#[test]
fn the_window_opens_and_is_painted() {
    let desk = Desk::new();
    let window = desk.window(&[]);
    desk.wait_for_window("Backstay");
    window.wait_until("something is drawn", |_| desk.colours(&desk.screenshot("start")) > 100);
    let state = desk.path("backstay/state.db");
    assert!(state.exists(), "the state directory of the environment is used");
}

#[test]
fn the_page_may_call_the_bridge_and_nothing_else() {
    let desk = Desk::new();
    let window = desk.window(&[]);
    let sources = window.call("source.list", &json!({}));
    assert_eq!(sources["sources"], json!([]));
    let unknown = window.call_with("no.such", &json!({}), &Value::Null).unwrap_err();
    assert_eq!(unknown["code"], "usage", "{unknown}");
    let wrong = window
        .invoke("shell", &json!({ "name": "shell.pickFolder", "request": {} }))
        .unwrap_err();
    assert_eq!(wrong["code"], "usage", "{wrong}");
    for command in [
        "plugin:window|set_title",
        "plugin:window|close",
        "plugin:webview|create_webview_window",
        "plugin:event|emit",
        "plugin:dialog|open",
        "plugin:opener|open_path",
        "plugin:autostart|enable",
        "plugin:app|exit",
    ] {
        let refused = window
            .invoke(command, &json!({ "path": "/etc/passwd", "event": "x", "title": "x" }))
            .unwrap_err();
        let text = refused.as_str().unwrap_or_default();
        assert!(
            text.contains("not allowed") || text.contains("not found"),
            "{command}: {refused}"
        );
    }
}

#[test]
fn the_page_cannot_be_led_astray() {
    let desk = Desk::new();
    let window = desk.window(&[]);
    window.arrive("/welcome");
    let before = window.script("return location.href", &[]);
    for foreign in ["https://example.org/", "file:///etc/passwd", "data:text/html,foreign"] {
        let go = "const done = arguments[1]; location.href = arguments[0]; setTimeout(() => done(location.href), 300)";
        assert_eq!(window.script_later(go, &[json!(foreign)]), before, "{foreign}");
    }
    let opened = window.script("return window.open('https://example.org/') === null", &[]);
    assert_eq!(opened, json!(true));
    // Scripts that come with data do not run: neither in a text nor from elsewhere.
    let injected = "
        const done = arguments[arguments.length - 1];
        window.broken = false;
        document.addEventListener('securitypolicyviolation', (event) => done(event.effectiveDirective), { once: true });
        const script = document.createElement('script');
        script.textContent = 'window.broken = true';
        document.head.append(script);";
    let kept = window.script_later(injected, &[]);
    assert!(kept.as_str().unwrap().starts_with("script-src"), "{kept}");
    assert_eq!(window.script("return window.broken", &[]), json!(false));
    let fetched = "const done = arguments[arguments.length - 1];
        fetch('https://example.org/').then(() => done('fetched'), () => done('refused'));";
    assert_eq!(window.script_later(fetched, &[]), "refused");
    assert_eq!(window.script("return location.href", &[]), before);
    let log = desk.read_log("backstay");
    assert!(
        log.contains("the window was kept from going to https"),
        "nothing was refused: {log}"
    );
}

#[test]
fn numbers_cross_the_bridge_exactly_as_the_page_can_hold_them() {
    let desk = Desk::new();
    let window = desk.window(&[]);
    let runs = window.call("run.list", &json!({ "limit": 9_007_199_254_740_991_u64 }));
    assert_eq!(runs["runs"], json!([]));
}

#[test]
fn the_window_comes_back_where_it_was() {
    let desk = Desk::new();
    let mut first = desk.launch(&[]);
    desk.wait_for_window("Backstay");
    let id = desk.window_id("Backstay");
    desk.xdotool(&["windowsize", "--sync", &id, "900", "640"]);
    desk.xdotool(&["windowmove", "--sync", &id, "200", "120"]);
    desk.close_window("Backstay");
    desk.wait_for_no_window("Backstay");
    assert!(first.runs());
    desk.launch(&[]).ended();
    desk.wait_for_window("Backstay");
    let id = desk.window_id("Backstay");
    let geometry = desk.xdotool(&["getwindowgeometry", &id]);
    assert!(geometry.contains("Geometry: 900x640"), "{geometry}");
    let saved = std::fs::read_to_string(desk.path("backstay/window.json")).unwrap();
    assert!(saved.contains("\"place\":[200") || saved.contains("\"place\":[19"), "{saved}");
}
