//! The desktop shell: one window made on demand, a tray icon that tells the truth, one bridge to the api.
//!
//! There is no logic of backups here. The window is a web page that calls the api by name; the shell opens what only a desktop
//! can open, and keeps the jobs alive while there is no window.

mod backstay;
mod commands;
mod environment;
mod fault;
mod geometry;
mod herald;
pub mod launch;
mod notify;
mod quit;
mod shell;
pub mod texts;
mod tray;
mod window;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use tauri::{Manager, RunEvent};
use tauri_plugin_autostart::MacosLauncher;

pub use environment::{EnvironmentError, Surroundings};
pub use launch::{Launch, Wish};

use backstay::Backstay;

/// Why the app could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The desktop refused.
    #[error("the window system refused: {0}")]
    Desktop(#[from] tauri::Error),
    /// A fault of our own; it was written to a file.
    #[error("Backstay ended because of a fault of its own; your backups are not affected")]
    Fault,
}

/// Runs until somebody quits; gives the exit code.
///
/// # Errors
/// When the desktop cannot be used, or after a fault.
pub fn run(launch: Launch, surroundings: Surroundings) -> Result<u8, StartError> {
    fault::report_to(&surroundings.home);
    // The event loop runs on this thread: whatever falls there ends the program, but not without a word.
    catch_unwind(AssertUnwindSafe(|| serve(launch, surroundings))).unwrap_or_else(|_| {
        fault::tell();
        Err(StartError::Fault)
    })
}

fn serve(launch: Launch, surroundings: Surroundings) -> Result<u8, StartError> {
    let name = surroundings.instance.clone();
    let single = tauri_plugin_single_instance::Builder::new()
        .dbus_id(name)
        .callback(|app, args, cwd| {
            if let Some(backstay) = app.try_state::<Arc<Backstay>>() {
                backstay.second_launch(app, args, &cwd);
            }
        });
    let app = tauri::Builder::default()
        // First, so that a second launch ends before it touches anything.
        .plugin(single.build())
        .plugin(tauri_plugin_autostart::init(
            MacosLauncher::LaunchAgent,
            Some(vec!["--hidden"]),
        ))
        .plugin(tauri_plugin_dialog::init())
        .invoke_handler(tauri::generate_handler![
            commands::call,
            commands::cancel_call,
            commands::shell
        ])
        .on_window_event(window::on_event)
        .setup(move |app| {
            let backstay = Backstay::open(app.handle(), launch, surroundings);
            app.manage(backstay.clone());
            quit::on_signal(app.handle());
            if !backstay.hidden() {
                window::show(app.handle())?;
            }
            backstay.start_tray(app.handle());
            // Last: from now on messages come, and whoever shows them is there.
            backstay.run_plans();
            Ok(())
        })
        .build(tauri::generate_context!())?;
    let code = app.run_return(|app, event| match event {
        // Without a window the app lives on in the tray; only `quit` ends it.
        RunEvent::ExitRequested { code: None, api, .. } => api.prevent_exit(),
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => window::show_or_log(app),
        RunEvent::Exit => tray::gone(app),
        _ => {}
    });
    Ok(u8::try_from(code).unwrap_or(1))
}
