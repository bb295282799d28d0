//! Every screen, by name.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::{
    bench::{Desk, Options, Window, keys},
    home::{Home, LONG, LONG_PLAN, lay_out},
};

fn coded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

fn routes(home: &Home) -> Vec<(&'static str, String)> {
    let Home {
        sample,
        million,
        partial,
        failed,
        bundle,
        hold,
    } = home;
    let mut routes = vec![
        ("overview", "/".to_owned()),
        ("sources", "/sources".to_owned()),
        ("source", "/sources/Sample-workspace".to_owned()),
        ("source-partial", "/sources/Apps".to_owned()),
        ("source-failed", "/sources/Photos".to_owned()),
        ("source-long-name", format!("/sources/{}", coded(LONG))),
        ("source-settings", "/sources/Warehouse?tab=settings".to_owned()),
        ("add-source", "/sources/add".to_owned()),
        ("add-source-connect", "/sources/add?kind=sqlite".to_owned()),
        ("snapshots", "/snapshots".to_owned()),
        (
            "browser",
            format!("/snapshots/Sample-vault/{sample}?c=workspace-1%2Fstate%2Ftasks"),
        ),
        (
            "browser-record",
            format!("/snapshots/Sample-vault/{sample}?c=workspace-1%2Fstate%2Fnotes&r=note-0071"),
        ),
        ("browser-million", format!("/snapshots/USB%20disk/{million}?c=orders")),
        ("search", "/search?q=letter".to_owned()),
        ("compare", format!("/compare?a={sample}&b=live%3ASample-workspace")),
        (
            "compare-record",
            "/compare/record?source=Sample-workspace&c=workspace-1%2Fstate%2Fnotes&r=note-0071".to_owned(),
        ),
        ("restore-1-when", "/restore?source=Sample-workspace".to_owned()),
        ("restore-1-when-partial", "/restore?source=Apps".to_owned()),
        ("restore-2-what", format!("/restore?snapshot={sample}&vault=Sample-vault")),
        (
            "restore-3-where",
            format!("/restore?snapshot={sample}&vault=Sample-vault&only=workspace-1%2Fstate%2Ftasks"),
        ),
        (
            "restore-4-conflicts",
            format!(
                "/restore?snapshot={sample}&vault=Sample-vault&only=workspace-1%2Fstate%2Ftasks&target=inPlace&step=conflicts"
            ),
        ),
        (
            "restore-5-preview",
            format!("/restore?snapshot={sample}&vault=Sample-vault&only=workspace-1%2Fstate%2Ftasks&target=inPlace&step=preview"),
        ),
        ("bundle", format!("/bundle?path={}", coded(bundle))),
        (
            "open",
            format!(
                "/open?paths={}",
                coded(&format!("[{:?}]", bundle.replace("Sample.backstay.zip", "Old things")))
            ),
        ),
        ("source-guard", "/sources/CRM".to_owned()),
        ("source-guard-review", format!("/sources/CRM?review={hold}")),
        ("source-guard-release", format!("/sources/CRM?answer={hold}")),
        ("source-coverage", "/sources/Apps?tab=coverage".to_owned()),
        ("source-drills", "/sources/Sample-workspace?tab=drills".to_owned()),
        ("source-drills-never", "/sources/Warehouse?tab=drills".to_owned()),
        ("plans", "/plans".to_owned()),
        ("add-plan", "/plans/add".to_owned()),
        ("plan-long-name", format!("/plans/{}", coded(LONG_PLAN))),
        ("plan-overdue", "/plans/Nightly".to_owned()),
        ("plan-guard", "/plans/Every%206%20hours?tab=keep".to_owned()),
        ("plan-schedule", "/plans/Every%20minute?tab=schedule".to_owned()),
        ("plan-keep", "/plans/Every%20minute?tab=keep".to_owned()),
        ("plan-checks", "/plans/Every%20minute?tab=checks".to_owned()),
        ("plan-tell", "/plans/Every%20minute?tab=tell".to_owned()),
        ("plan-proof", "/plans/Every%20minute?tab=proof".to_owned()),
        ("figures", "/figures".to_owned()),
        ("vaults", "/vaults".to_owned()),
        ("vault", "/vaults/USB%20disk".to_owned()),
        ("add-vault", "/vaults/add".to_owned()),
        ("activity", "/activity".to_owned()),
        ("run-partial", format!("/activity/runs/{partial}")),
        ("run-failed", format!("/activity/runs/{failed}")),
        ("error", "/activity/runs/ffffffff".to_owned()),
        ("audit", "/activity/audit".to_owned()),
        ("welcome", "/welcome".to_owned()),
    ];
    for section in [
        "general",
        "appearance",
        "notifications",
        "security",
        "storage",
        "cli",
        "move",
        "about",
    ] {
        routes.push(("settings", format!("/settings/{section}")));
    }
    routes
}

fn set(window: &Window<'_>, name: &str, value: Value) {
    let mut settings = window.call("settings.get", &json!({}));
    settings[name] = value;
    window.call("settings.set", &settings);
}

fn shoot(window: &Window<'_>, dir: &Path, name: &str) -> usize {
    fs::create_dir_all(dir).unwrap();
    // The picture is taken of the last frame: wait for one after the page stood still.
    window.script_later(
        "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(true)))",
        &[],
    );
    fs::write(dir.join(format!("{name}.png")), window.png()).unwrap();
    1
}

/// Parts of names on the command line: only these screens are taken (`… -- plan figures`).
fn is_wanted(name: &str) -> bool {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str()))
}

fn tour(window: &Window<'_>, home: &Home, dir: &Path) -> usize {
    let mut made = 0;
    for (name, route) in routes(home) {
        if !is_wanted(name) {
            continue;
        }
        window.look_at(&route);
        let section = route.strip_prefix("/settings/").map(|section| format!("settings-{section}"));
        made += shoot(window, dir, section.as_deref().unwrap_or(name));
    }
    if !is_wanted("browser-million-end") {
        return made;
    }
    window.look_at(&format!("/snapshots/USB%20disk/{}?c=orders", home.million));
    window.find("grid", "orders").click();
    window.press(keys::END);
    window.wait_until("the last row is there", |window| {
        let last = "return document.querySelector('[role=row][aria-rowindex=\"1000001\"]:not([aria-busy])') !== null";
        window.script(last, &[]) == json!(true)
    });
    made += shoot(window, dir, "browser-million-end");
    window.press(&keys::control("k"));
    window.find("dialog", "Search and commands");
    made += shoot(window, dir, "palette");
    window.press(keys::ESCAPE);
    made
}

/// Takes them all; says how many.
pub fn all(dir: &Path) -> usize {
    let desk = Desk::with(&Options {
        screen: (1400, 960),
        ..Options::default()
    });
    let window = desk.window(&[]);
    window.look_at("/");
    let mut made = shoot(&window, dir, "first-run");
    for route in ["sources", "snapshots", "plans", "vaults", "activity", "figures"] {
        window.look_at(&format!("/{route}"));
        made += shoot(&window, &dir.join("empty"), route);
    }
    desk.end();
    drop(window);
    let home = lay_out(&desk);
    let window = desk.window(&[]);
    let id = desk.window_id("Backstay");
    for scheme in ["light", "dark"] {
        set(&window, "scheme", json!(scheme));
        window.look_at("/settings/appearance");
        made += tour(&window, &home, &dir.join(scheme));
    }
    set(&window, "scheme", json!("light"));
    set(&window, "language", json!("de"));
    made += tour(&window, &home, &dir.join("german"));
    set(&window, "language", json!("en"));
    desk.xdotool(&["windowsize", "--sync", &id, "900", "640"]);
    made += tour(&window, &home, &dir.join("900x640"));
    desk.xdotool(&["windowsize", "--sync", &id, "1280", "860"]);
    set(&window, "zoom", json!(200));
    made + tour(&window, &home, &dir.join("zoom-200"))
}
