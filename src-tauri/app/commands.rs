//! The bridge: all the webview can call. Passes on to the api and to the shell; decides nothing.

use std::sync::Arc;

use backstay_api::{ApiError, Secret, desk::CallOptions};
use backstay_model::ErrorKind;
use serde::Deserialize;
use serde_json::Value;
use tauri::{AppHandle, State, async_runtime};

use crate::{backstay::Backstay, shell};

/// What the window sends along with a call.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Options {
    password: Option<String>,
    new_password: Option<String>,
    passphrase: Option<String>,
    token: Option<String>,
}

impl From<Options> for CallOptions {
    fn from(options: Options) -> Self {
        Self {
            password: options.password.map(Secret::from_text),
            new_password: options.new_password.map(Secret::from_text),
            passphrase: options.passphrase.map(Secret::from_text),
            token: options.token,
        }
    }
}

/// Calls a command of the api by name.
#[tauri::command]
pub(crate) async fn call(
    backstay: State<'_, Arc<Backstay>>,
    name: String,
    request: Option<Value>,
    options: Option<Options>,
) -> Result<Value, ApiError> {
    let backstay = backstay.inner().clone();
    blocking(move || {
        let request = request.unwrap_or_else(|| Value::Object(serde_json::Map::new()));
        backstay.desk()?.call(&name, request, &options.unwrap_or_default().into())
    })
    .await
}

/// Stops the call that was made with this token.
#[tauri::command]
pub(crate) async fn cancel_call(backstay: State<'_, Arc<Backstay>>, token: String) -> Result<(), ApiError> {
    backstay.desk()?.cancel(&token);
    Ok(())
}

/// Does what only a desktop can do.
#[tauri::command]
pub(crate) async fn shell(
    app: AppHandle,
    backstay: State<'_, Arc<Backstay>>,
    name: String,
    request: Option<Value>,
) -> Result<Value, ApiError> {
    let backstay = backstay.inner().clone();
    blocking(move || shell::call(&app, &backstay, &name, request.unwrap_or(Value::Null))).await
}

/// Runs on a thread that may block. A fault there is an error for the caller, not the end.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, ApiError> + Send + 'static) -> Result<T, ApiError> {
    let fault = |_| {
        ApiError::new(
            ErrorKind::Internal,
            "Backstay ran into a fault of its own; nothing was left half done",
        )
        .hint("What is needed to mend it is in the file faults.log in Backstay's state directory.")
    };
    async_runtime::spawn_blocking(work).await.map_err(fault)?
}
