//! What only a desktop can do, for the window: pick and show files, start at login, notify, quit.

use std::path::{Path, PathBuf};

use backstay_api::ApiError;
use backstay_model::ErrorKind;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tauri::{AppHandle, Manager};
use tauri_plugin_autostart::ManagerExt;
use tauri_plugin_dialog::{DialogExt, FileDialogBuilder, FilePath};

use crate::{backstay::Backstay, notify, quit, window};

#[derive(Deserialize)]
struct Titled {
    title: String,
}

#[derive(Deserialize)]
struct PickFile {
    title: String,
    #[serde(default)]
    extensions: Vec<String>,
}

#[derive(Deserialize)]
struct SaveFile {
    title: String,
    #[serde(default)]
    suggested: Option<String>,
}

#[derive(Deserialize)]
struct At {
    path: PathBuf,
}

#[derive(Deserialize)]
struct Autostart {
    #[serde(default)]
    set: Option<bool>,
}

/// Calls by name. Blocks until it is done, dialogs included.
pub(crate) fn call(app: &AppHandle, backstay: &Backstay, name: &str, request: Value) -> Result<Value, ApiError> {
    match name {
        "shell.launch" => Ok(json!(backstay.take_launch())),
        "shell.pickFolder" => {
            let Titled { title } = read(name, request)?;
            Ok(chosen(dialog(app, &title).blocking_pick_folder()))
        }
        "shell.pickFile" => {
            let PickFile { title, extensions } = read(name, request)?;
            let mut dialog = dialog(app, &title);
            if !extensions.is_empty() {
                let endings: Vec<&str> = extensions.iter().map(String::as_str).collect();
                dialog = dialog.add_filter(endings.join(", "), &endings);
            }
            Ok(chosen(dialog.blocking_pick_file()))
        }
        "shell.saveFile" => {
            let SaveFile { title, suggested } = read(name, request)?;
            let mut dialog = dialog(app, &title);
            if let Some(suggested) = suggested {
                dialog = dialog.set_file_name(suggested);
            }
            Ok(chosen(dialog.blocking_save_file()))
        }
        "shell.reveal" => {
            let At { path } = read(name, request)?;
            tauri_plugin_opener::reveal_item_in_dir(&path).map_err(|error| refused(&path, &error))?;
            Ok(Value::Null)
        }
        "shell.openFile" => open(&read::<At>(name, request)?.path, harmless),
        "shell.print" => open(&read::<At>(name, request)?.path, |path| ending(path) == "html"),
        "shell.commandLine" => Ok(json!(command_line())),
        "shell.autostart" => autostart(app, read::<Autostart>(name, request)?.set),
        "shell.testNotification" => {
            let texts = backstay.texts();
            let sent = notify::show(&texts.text("notify.test", &[]), &texts.text("notify.test.body", &[]));
            if sent { Ok(Value::Null) } else { Err(no_notifications()) }
        }
        "shell.quit" => {
            quit::ask(app);
            Ok(Value::Null)
        }
        _ => Err(ApiError::new(ErrorKind::Usage, format!("there is no command {name:?}"))),
    }
}

fn read<T: DeserializeOwned>(name: &str, request: Value) -> Result<T, ApiError> {
    let request = if request.is_null() { json!({}) } else { request };
    serde_json::from_value(request).map_err(|error| ApiError::new(ErrorKind::Usage, format!("{name}: {error}")))
}

fn dialog(app: &AppHandle, title: &str) -> FileDialogBuilder<tauri::Wry> {
    let dialog = app.dialog().file().set_title(title);
    match app.get_webview_window(window::LABEL) {
        Some(window) => dialog.set_parent(&window),
        None => dialog,
    }
}

fn chosen(path: Option<FilePath>) -> Value {
    let path = path.and_then(|path| path.into_path().ok());
    path.map_or(Value::Null, |path| json!(path))
}

fn ending(path: &Path) -> String {
    path.extension()
        .map(|ending| ending.to_string_lossy().to_ascii_lowercase())
        .unwrap_or_default()
}

/// Whether opening a file only shows it. What a backup brings back may be a program; the desktop would run it.
fn harmless(path: &Path) -> bool {
    const PROGRAMS: &[&str] = &[
        "desktop", "sh", "bash", "py", "pl", "rb", "jar", "appimage", "run", "bin", "deb", "rpm", "exe", "bat", "cmd", "com",
        "msi", "ps1", "vbs", "js", "jse", "wsf", "scr", "lnk", "url", "hta", "reg", "app", "command", "workflow", "pkg", "dmg",
    ];
    !PROGRAMS.contains(&ending(path).as_str()) && !executable(path)
}

#[cfg(unix)]
fn executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|file| file.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn executable(_: &Path) -> bool {
    false
}

/// Opens a file in the program the desktop has for it.
fn open(path: &Path, allowed: impl Fn(&Path) -> bool) -> Result<Value, ApiError> {
    if !path.is_file() {
        return Err(ApiError::new(
            ErrorKind::NotFound,
            format!("there is no file {}", path.display()),
        ));
    }
    // The target of a link counts, not its name.
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if !allowed(&real) {
        return Err(ApiError::new(
            ErrorKind::Refused,
            format!("{} could be a program and is not opened from here", path.display()),
        )
        .hint("Show it in its folder and open it there if you trust it."));
    }
    tauri_plugin_opener::open_path(&real, None::<&str>).map_err(|error| refused(path, &error))?;
    Ok(Value::Null)
}

fn refused(path: &Path, error: &tauri_plugin_opener::Error) -> ApiError {
    ApiError::new(
        ErrorKind::Io,
        format!("the desktop could not show {}: {error}", path.display()),
    )
}

fn no_notifications() -> ApiError {
    ApiError::new(ErrorKind::Unreachable, "this desktop shows no notifications")
        .hint("What happened is always in Activity; the tray icon shows it too.")
}

/// Where the program for the terminal lies: beside this one.
fn command_line() -> Option<PathBuf> {
    let name = if cfg!(windows) { "backstay.exe" } else { "backstay" };
    let path = std::env::current_exe().ok()?.parent()?.join(name);
    path.is_file().then_some(path)
}

/// Says whether Backstay starts at login, after setting it if asked to.
fn autostart(app: &AppHandle, set: Option<bool>) -> Result<Value, ApiError> {
    let login = app.autolaunch();
    let failed = |error: tauri_plugin_autostart::Error| {
        ApiError::new(ErrorKind::Io, format!("start at login could not be changed: {error}"))
    };
    match set {
        Some(true) => login.enable().map_err(failed)?,
        Some(false) => login.disable().map_err(failed)?,
        None => {}
    }
    login.is_enabled().map(Value::Bool).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_not_opened() {
        for name in ["x.desktop", "setup.EXE", "a.sh", "b.AppImage", "c.js"] {
            assert!(!harmless(Path::new(name)), "{name}");
        }
        for name in ["picture.png", "notes.pdf", "table.csv", "no ending", "a.sh.txt"] {
            assert!(harmless(Path::new(name)), "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_program_is_one() {
        let refused = open(Path::new("/bin/sh"), harmless).unwrap_err();
        assert_eq!(refused.code, ErrorKind::Refused);
    }
}
