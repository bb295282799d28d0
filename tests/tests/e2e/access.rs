//! For everybody: with a screen reader, with the keyboard alone, enlarged, in a small window.

use serde_json::{Value, json};

use crate::bench::{Desk, Options, PASSWORD, Window, keys, lay_out};

fn set(window: &Window<'_>, name: &str, value: Value) {
    let mut settings = window.call("settings.get", &json!({}));
    settings[name] = value;
    window.call("settings.set", &settings);
}

fn background(window: &Window<'_>) -> Value {
    window.script("return getComputedStyle(document.body).backgroundColor", &[])
}

#[test]
fn no_page_has_a_serious_fault_in_light_or_dark() {
    let desk = Desk::new();
    let tour = lay_out(&desk);
    let window = desk.window(&[]);
    set(&window, "scheme", json!("light"));
    window.look_at("/settings/appearance");
    let light = background(&window);
    let mut faults = Vec::new();
    for route in tour.routes() {
        window.look_at(&route);
        faults.extend(window.faults(None).map(|found| format!("{route}: {found:#}")));
    }
    set(&window, "scheme", json!("dark"));
    window.wait_until("it is dark", |window| background(window) != light);
    for route in tour.routes() {
        window.look_at(&route);
        faults.extend(
            window
                .faults(Some("color-contrast"))
                .map(|found| format!("{route}, dark: {found:#}")),
        );
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Parts of the page that reach beyond the window, and main buttons that cannot be reached.
const REACH: &str = "
const faults = [];
const root = document.documentElement;
if (root.scrollWidth > innerWidth + 1) faults.push(`the page is ${root.scrollWidth} wide in a window of ${innerWidth}`);
for (const part of document.querySelectorAll('main, nav, header, footer')) {
  const box = part.getBoundingClientRect();
  if (box.width > 0 && box.right > innerWidth + 1) faults.push(`${part.tagName} reaches to ${Math.round(box.right)} of ${innerWidth}`);
}
for (const button of document.querySelectorAll('[data-variant=filled]')) {
  if (button.disabled || button.closest('[aria-hidden=true]')) continue;
  // Behind a question nothing is to be reached.
  const question = document.querySelector('[role=dialog]');
  if (question && !question.contains(button)) continue;
  button.scrollIntoView({ block: 'center' });
  const box = button.getBoundingClientRect();
  const x = box.left + box.width / 2, y = box.top + box.height / 2;
  const hit = document.elementFromPoint(x, y);
  if (!hit || !(button.contains(hit) || hit.contains(button))) faults.push(`${button.innerText} lies at ${Math.round(x)}, ${Math.round(y)} of ${innerWidth} x ${innerHeight}, under ${hit && hit.outerHTML.slice(0, 80)}`);
}
return faults;
";

#[test]
fn at_twice_the_size_in_a_small_window_everything_is_reached() {
    let desk = Desk::with(&Options {
        screen: (1280, 800),
        ..Options::default()
    });
    let tour = lay_out(&desk);
    let window = desk.window(&[]);
    let id = desk.window_id("Backstay");
    let usual = window.script("return innerWidth", &[]).as_f64().unwrap();
    set(&window, "zoom", json!(200));
    window.wait_until("everything is twice as large", |window| {
        let now = window.script("return innerWidth", &[]).as_f64().unwrap();
        (usual / now - 2.0).abs() < 0.05
    });
    let mut faults = Vec::new();
    for route in tour.routes() {
        window.look_at(&route);
        let found = window.script(REACH, &[]);
        faults.extend(
            found
                .as_array()
                .unwrap()
                .iter()
                .map(|found| format!("200 %, {route}: {found}")),
        );
    }
    set(&window, "zoom", json!(100));
    desk.xdotool(&["windowsize", "--sync", &id, "800", "600"]);
    window.wait_until("the window is small", |window| {
        window.script("return [innerWidth, innerHeight]", &[]) == json!([800, 600])
    });
    for route in tour.routes() {
        window.look_at(&route);
        let found = window.script(REACH, &[]);
        faults.extend(
            found
                .as_array()
                .unwrap()
                .iter()
                .map(|found| format!("800 x 600, {route}: {found}")),
        );
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Goes on with the tabulator until something with this name has the focus.
#[track_caller]
fn tab_to(window: &Window<'_>, name: &str) {
    let focused = "const one = document.activeElement;
        const label = one.getAttribute('aria-label') || (one.labels && one.labels[0] && one.labels[0].innerText) || one.innerText || one.placeholder || '';
        return label.replace(/\\s+/g, ' ').trim()";
    let mut seen = Vec::new();
    for _ in 0..60 {
        let now = window.script(focused, &[]);
        let now = now.as_str().unwrap_or_default().to_owned();
        if now.starts_with(name) {
            let ring = "return document.activeElement.matches(':focus-visible')";
            assert_eq!(window.script(ring, &[]), json!(true), "{name:?} shows that it has the focus");
            return;
        }
        seen.push(now);
        window.press(keys::TAB);
    }
    window.fail(&format!("the tabulator does not lead to {name:?}: {seen:?}"));
}

#[test]
fn the_first_run_needs_no_mouse() {
    let desk = Desk::new();
    desk.file("home/Documents/letter.txt", "Dear landlord,");
    let window = desk.window(&[]);
    window.see("Back up what lives in your apps.");
    tab_to(&window, "Protect something of mine");
    window.press(keys::ENTER);
    window.see("What do you want to protect?");
    tab_to(&window, "Folder");
    window.press(keys::ENTER);
    tab_to(&window, "Path");
    window.press(desk.path("home/Documents").to_str().unwrap());
    window.see("Connected");
    window.press(&keys::control(keys::ENTER));
    window.see("Where should ");
    tab_to(&window, "Folder");
    window.press(desk.path("vault").to_str().unwrap());
    tab_to(&window, "Continue");
    window.press(keys::ENTER);
    window.see("A password for the new vault");
    tab_to(&window, "Password of the vault");
    window.press(PASSWORD);
    tab_to(&window, "Type it once more");
    window.press(PASSWORD);
    window.press(&keys::control(keys::ENTER));
    window.see("Recovery kit for vault");
    window.find("list", "Words of the kit");
    tab_to(&window, "Later");
    window.press(keys::SPACE);
    window.see("Your first backup is made and proven.");
    assert_eq!(desk.snapshots(), 1);
}
