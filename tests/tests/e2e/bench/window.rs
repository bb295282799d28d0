//! Drives the window through WebDriver: finds things by role and name, as people and screen readers do.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    process::Stdio,
};

use fantoccini::{Client, ClientBuilder, elements::Element, wd::Capabilities};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::{
    Desk, eventually, page,
    programs::{Guarded, desktop_program, needed, top},
};

/// The open window. Waits for what it is asked for; what does not come fails with a screenshot.
pub struct Window<'d> {
    desk: &'d Desk,
    client: Client,
    runtime: Runtime,
    _driver: Guarded,
}

/// Something in the page.
pub struct Found<'w> {
    window: &'w Window<'w>,
    element: Element,
    what: String,
}

impl<'d> Window<'d> {
    #[track_caller]
    pub(super) fn open(desk: &'d Desk, args: &[&str]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut driver = desk.command(needed("WebKitWebDriver"));
        driver
            .args([format!("--port={port}"), "--host=127.0.0.1".to_owned()])
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdin(Stdio::null())
            .stdout(desk.log("backstay"))
            .stderr(desk.log("backstay"));
        let driver = Guarded(driver.spawn().unwrap());
        let ready = eventually(|| TcpStream::connect(("127.0.0.1", port)).ok());
        assert!(ready.is_some(), "WebKitWebDriver does not listen");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut wanted = Capabilities::new();
        wanted.insert(
            "webkitgtk:browserOptions".to_owned(),
            json!({ "binary": desktop_program(), "args": args }),
        );
        let address = format!("http://127.0.0.1:{port}");
        let client = runtime.block_on(
            ClientBuilder::new(HttpConnector::new())
                .capabilities(wanted)
                .connect(&address),
        );
        let client = client.unwrap_or_else(|error| panic!("the window did not open: {error}\n{}", desk.explain()));
        let window = Self {
            desk,
            client,
            runtime,
            _driver: driver,
        };
        window.wait_until("the page is drawn", |window| {
            window.script("return document.querySelector('main, [role=main], h1') !== null", &[]) == Value::Bool(true)
        });
        window
    }

    /// Goes on in the window that was opened after the first one was closed: the same program, another page.
    #[track_caller]
    pub fn follow(&self) {
        let found = eventually(|| {
            self.runtime.block_on(async {
                let open = self.client.windows().await.ok()?.pop()?;
                self.client.switch_to_window(open).await.ok()
            })
        });
        assert!(found.is_some(), "no new window can be driven\n{}", self.desk.explain());
        self.wait_until("the page is drawn", |window| {
            window.script("return document.querySelector('main, [role=main], h1') !== null", &[]) == Value::Bool(true)
        });
    }

    /// The desk it stands on.
    pub fn desk(&self) -> &'d Desk {
        self.desk
    }

    /// Fails with a screenshot and what the page says.
    #[track_caller]
    pub fn fail(&self, what: &str) -> ! {
        let text = self.text();
        let text: Vec<&str> = text.lines().take(60).collect();
        panic!("{what}\nPage {}:\n{}\n", self.place(), text.join("\n"))
    }

    /// Runs JavaScript in the page.
    #[track_caller]
    pub fn script(&self, script: &str, args: &[Value]) -> Value {
        let done = self.runtime.block_on(self.client.execute(script, args.to_vec()));
        done.unwrap_or_else(|error| panic!("the page did not run a script: {error}\n{}", self.desk.explain()))
    }

    /// Runs JavaScript that answers later, by calling its last argument.
    #[track_caller]
    pub fn script_later(&self, script: &str, args: &[Value]) -> Value {
        let done = self.runtime.block_on(self.client.execute_async(script, args.to_vec()));
        done.unwrap_or_else(|error| panic!("the page did not run a script: {error}\n{}", self.desk.explain()))
    }

    /// Waits until something holds.
    #[track_caller]
    pub fn wait_until(&self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        if eventually(|| holds(self).then_some(())).is_none() {
            self.fail(&format!("waited in vain until {what}"));
        }
    }

    /// All text that can be seen.
    pub fn text(&self) -> String {
        self.script("return document.body.innerText", &[])
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Waits for a text anywhere in the page.
    #[track_caller]
    pub fn see(&self, text: &str) {
        self.wait_until(&format!("the page says {text:?}"), |window| window.text().contains(text));
    }

    /// Waits until a text is gone.
    #[track_caller]
    pub fn see_no(&self, text: &str) {
        self.wait_until(&format!("the page no longer says {text:?}"), |window| {
            !window.text().contains(text)
        });
    }

    /// The route that is shown (`/sources`).
    pub fn place(&self) -> String {
        let hash = self.script("return location.hash", &[]);
        hash.as_str().unwrap_or_default().trim_start_matches('#').to_owned()
    }

    /// Goes to a route.
    #[track_caller]
    pub fn go(&self, route: &str) {
        self.script("location.hash = arguments[0]", &[json!(format!("#{route}"))]);
    }

    /// Elements that are there now, with a role and a name (or a part of it).
    pub fn all(&self, role: &str, name: Option<&str>, part: bool) -> Vec<Found<'_>> {
        let args = [json!(role), json!(name), json!(part)];
        let found = self.script(page::FIND, &args);
        let elements = found.as_array().cloned().unwrap_or_default();
        let what = format!("{role} {:?}", name.unwrap_or("(any)"));
        // The standard's name for "this is an element".
        let ids = elements
            .iter()
            .filter_map(|element| element["element-6066-11e4-a52e-4f735466cecf"].as_str().map(str::to_owned));
        ids.map(|id| Found {
            window: self,
            element: Element::from_element_id(self.client.clone(), id.into()),
            what: what.clone(),
        })
        .collect()
    }

    #[track_caller]
    fn wait_for(&self, role: &str, name: Option<&str>, part: bool) -> Found<'_> {
        let what = format!("{role} {:?}", name.unwrap_or("(any)"));
        eventually(|| self.all(role, name, part).into_iter().next()).unwrap_or_else(|| self.fail(&format!("there is no {what}")))
    }

    /// Waits for the first element with a role and exactly this name.
    #[track_caller]
    pub fn find(&self, role: &str, name: &str) -> Found<'_> {
        self.wait_for(role, Some(name), false)
    }

    /// Waits for the first element with a role and a name that contains this.
    #[track_caller]
    pub fn find_like(&self, role: &str, part: &str) -> Found<'_> {
        self.wait_for(role, Some(part), true)
    }

    /// Whether there is such an element now.
    pub fn has(&self, role: &str, name: &str) -> bool {
        !self.all(role, Some(name), false).is_empty()
    }

    /// Clicks on something.
    #[track_caller]
    pub fn click(&self, role: &str, name: &str) {
        self.wait_until(&format!("{role} {name:?} can be clicked"), |window| {
            let found = window.all(role, Some(name), false);
            // A page that is drawn anew in between takes the element along: then the next round finds its successor.
            found.iter().find(|one| one.enabled()).is_some_and(Found::try_click)
        });
    }

    /// Replaces what a field holds.
    #[track_caller]
    pub fn fill(&self, name: &str, text: &str) {
        let field = ["textbox", "searchbox", "combobox", "spinbutton"];
        let field = eventually(|| {
            field
                .iter()
                .find_map(|role| self.all(role, Some(name), false).into_iter().next())
        });
        let field = field.unwrap_or_else(|| self.fail(&format!("there is no field {name:?}")));
        field.fill(text);
    }

    /// Types into whatever has the focus (letters, or `\u{E007}` for keys as WebDriver names them).
    #[track_caller]
    pub fn press(&self, keys: &str) {
        let typed = self.runtime.block_on(async {
            let focused = self.client.active_element().await?;
            focused.send_keys(keys).await
        });
        typed.unwrap_or_else(|error| self.fail(&format!("the keys {keys:?} did not arrive: {error}")));
    }

    /// Calls the api, past the screens: to prepare what is not under test.
    #[track_caller]
    pub fn call(&self, name: &str, request: &Value) -> Value {
        self.call_with(name, request, &Value::Null)
            .unwrap_or_else(|error| self.fail(&format!("{name} failed: {error:#}")))
    }

    /// As [`Self::call`], with the options a call may have; gives the error too.
    ///
    /// # Errors
    /// The error that the window would get.
    pub fn call_with(&self, name: &str, request: &Value, options: &Value) -> Result<Value, Value> {
        self.invoke("call", &json!({ "name": name, "request": request, "options": options }))
    }

    /// Any command of the shell, as the page would call it.
    ///
    /// # Errors
    /// The error that the window would get.
    pub fn invoke(&self, command: &str, args: &Value) -> Result<Value, Value> {
        let answer = self.script_later(page::CALL, &[json!(command), args.clone()]);
        match answer.get("error") {
            Some(error) => Err(error.clone()),
            None => Ok(answer["reply"].clone()),
        }
    }

    /// Runs a job to its end and gives its view.
    #[track_caller]
    pub fn job(&self, command: &str, request: &Value, options: &Value) -> Value {
        let started = self.call_with("job.start", &json!({ "command": command, "request": request }), options);
        let started = started.unwrap_or_else(|error| self.fail(&format!("{command} was refused: {error:#}")));
        let mut view = started.clone();
        self.wait_until(&format!("{command} has ended"), |window| {
            let jobs = window.call("job.list", &json!({}));
            let ours = jobs["jobs"].as_array().unwrap().iter().find(|job| job["id"] == started["id"]);
            view = ours.cloned().unwrap_or(Value::Null);
            view["state"] == "done"
        });
        view
    }

    /// What axe-core finds that is serious, of all rules or of one; nothing is good.
    #[track_caller]
    pub fn faults(&self, rule: Option<&str>) -> Option<Value> {
        let file = top().join("ui/node_modules/axe-core/axe.min.js");
        let axe = fs::read_to_string(&file).unwrap_or_else(|_| panic!("{} is missing: run `npm ci` in ui/", file.display()));
        if self.script("return typeof window.axe === 'undefined'", &[]) == Value::Bool(true) {
            self.script(&axe, &[]);
        }
        let found = self.script_later(page::AXE, &[json!(rule)]);
        (found != json!([])).then_some(found)
    }

    /// A picture of the page, as PNG.
    pub fn png(&self) -> Vec<u8> {
        self.runtime.block_on(self.client.screenshot()).unwrap()
    }
}

impl Found<'_> {
    /// Whether it can be used.
    pub fn enabled(&self) -> bool {
        let ask = self.window.runtime.block_on(self.element.is_enabled());
        ask.unwrap_or(false) && self.attribute("aria-disabled").as_deref() != Some("true")
    }

    /// An attribute's value.
    pub fn attribute(&self, name: &str) -> Option<String> {
        self.window.runtime.block_on(self.element.attr(name)).ok().flatten()
    }

    /// Its visible text.
    pub fn text(&self) -> String {
        self.window.runtime.block_on(self.element.text()).unwrap_or_default()
    }

    /// Whether a click reached it.
    pub fn try_click(&self) -> bool {
        self.window.runtime.block_on(self.element.click()).is_ok()
    }

    /// Clicks on it.
    #[track_caller]
    pub fn click(&self) {
        if !self.try_click() {
            self.window.fail(&format!("{} could not be clicked", self.what));
        }
    }

    /// Replaces what it holds, as a person does: all selected, typed over.
    #[track_caller]
    pub fn fill(&self, text: &str) {
        let typed = self.window.runtime.block_on(async {
            self.element.click().await?;
            self.element.send_keys("\u{E009}a\u{E000}").await?;
            self.element.send_keys(if text.is_empty() { "\u{E017}" } else { text }).await
        });
        typed.unwrap_or_else(|error| self.window.fail(&format!("{} could not be filled: {error}", self.what)));
    }
}
