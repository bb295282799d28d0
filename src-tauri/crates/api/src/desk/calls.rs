//! One call: where its passwords come from, and how it is stopped from outside.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use backstay_engine::Reporter;
use backstay_secrets::Secret;
use backstay_source::Cancel;
use serde_json::Value;

use super::CallOptions;
use crate::{App, CommandEntry, Context, Passwords, Result};

/// The passwords a person typed for one call. Nobody is asked: the error tells the window to ask and to call again.
struct Typed<'a>(&'a CallOptions);

impl Passwords for Typed<'_> {
    fn given(&self, _: &str) -> Result<Option<Secret>> {
        Ok(self.0.password.clone())
    }
    fn ask(&self, _: &str) -> Result<Option<Secret>> {
        Ok(None)
    }
    fn choose(&self, _: &str) -> Result<Option<Secret>> {
        Ok(self.0.new_password.clone())
    }
}

/// Runs a command with what came along.
pub(super) fn run(
    app: &App,
    entry: &CommandEntry,
    request: Value,
    options: &CallOptions,
    cancel: &Cancel,
    reporter: &dyn Reporter,
) -> Result<Value> {
    let passwords = Typed(options);
    let context = Context {
        cancel,
        reporter,
        passwords: &passwords,
    };
    (entry.call)(app, &context, request)
}

/// Calls under way that can be stopped by name.
#[derive(Default)]
pub(super) struct Calls(Arc<Mutex<HashMap<String, Cancel>>>);

/// A call under way; its name is free again when this is dropped.
pub(super) struct Call {
    cancel: Cancel,
    token: Option<String>,
    calls: Arc<Mutex<HashMap<String, Cancel>>>,
}

impl Calls {
    pub(super) fn begin(&self, token: Option<&str>) -> Call {
        let cancel = Cancel::default();
        if let (Some(token), Ok(mut calls)) = (token, self.0.lock()) {
            calls.insert(token.to_owned(), cancel.clone());
        }
        Call {
            cancel,
            token: token.map(ToOwned::to_owned),
            calls: self.0.clone(),
        }
    }

    pub(super) fn cancel(&self, token: &str) {
        if let Some(cancel) = self.0.lock().ok().and_then(|calls| calls.get(token).cloned()) {
            cancel.cancel();
        }
    }
}

impl Call {
    pub(super) fn cancel(&self) -> &Cancel {
        &self.cancel
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if let (Some(token), Ok(mut calls)) = (&self.token, self.calls.lock()) {
            calls.remove(token);
        }
    }
}
