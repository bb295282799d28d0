//! The one window: made on demand, destroyed on close, never showing anything but our own pages.

use std::{path::Path, sync::Arc, thread};

use backstay_api::types::{Scheme, Settings};
use tauri::{
    AppHandle, Manager, Theme, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, Window, WindowEvent,
    webview::{NewWindowResponse, PermissionResponse},
    window::Color,
};

use crate::{
    backstay::Backstay,
    geometry::{Geometry, LEAST, Screen},
    quit,
};

/// Its name inside Tauri; the capability file grants by it.
pub(crate) const LABEL: &str = "main";

/// The grounds of the window's theme (`canvas`), so that it does not flash before its first picture.
const LIGHT: Color = Color(0xF5, 0xF6, 0xF4, 0xFF);
const DARK: Color = Color(0x0D, 0x14, 0x1A, 0xFF);

/// Brings the window to the front, making it if there is none.
///
/// # Errors
/// When the desktop refuses.
pub(crate) fn show(app: &AppHandle) -> tauri::Result<()> {
    if let Some(window) = app.get_webview_window(LABEL) {
        window.unminimize()?;
        window.show()?;
        return window.set_focus();
    }
    let backstay = app.state::<Arc<Backstay>>().inner().clone();
    let settings = backstay.settings();
    let geometry = Geometry::load(backstay.home(), &screens(app));
    let mut builder = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title("Backstay")
        .inner_size(geometry.width, geometry.height)
        .min_inner_size(LEAST.0, LEAST.1)
        .maximized(geometry.maximized)
        .theme(theme(&settings))
        .background_color(ground(&settings))
        .data_directory(backstay.home().join("window"))
        .on_navigation(is_ours)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .on_permission_request(|_, _| PermissionResponse::Deny)
        // The page names the window, so that lists of windows and screen readers say where one is.
        .on_document_title_changed(|window, title| {
            if let Err(error) = window.set_title(&title) {
                tracing::warn!("the window could not be named: {error}");
            }
        });
    builder = match geometry.place {
        Some((x, y)) => builder.position(x, y),
        None => builder.center(),
    };
    let window = builder.build()?;
    zoom(&window, &settings)
}

/// As [`show`], for callers that have nobody to tell.
pub(crate) fn show_or_log(app: &AppHandle) {
    if let Err(error) = show(app) {
        tracing::error!("the window cannot be shown: {error}");
    }
}

/// Only pages that are part of the program; with `tauri dev` those of its server.
fn is_ours(url: &Url) -> bool {
    let page = match (url.scheme(), url.host_str()) {
        ("tauri", Some("localhost")) | ("http" | "https", Some("tauri.localhost")) => true,
        ("http", Some("localhost")) => cfg!(not(feature = "embedded")),
        _ => false,
    };
    if !page {
        tracing::warn!("the window was kept from going to {}", url.scheme());
    }
    page
}

fn theme(settings: &Settings) -> Option<Theme> {
    match settings.scheme {
        Scheme::System => None,
        Scheme::Light => Some(Theme::Light),
        Scheme::Dark => Some(Theme::Dark),
    }
}

fn ground(settings: &Settings) -> Color {
    match settings.scheme {
        Scheme::Dark => DARK,
        Scheme::Light | Scheme::System => LIGHT,
    }
}

fn zoom(window: &WebviewWindow, settings: &Settings) -> tauri::Result<()> {
    window.set_zoom(f64::from(settings.zoom.clamp(50, 300)) / 100.0)
}

/// Takes over theme and zoom after the settings changed.
pub(crate) fn follow_settings(app: &AppHandle) {
    let (Some(window), Some(backstay)) = (app.get_webview_window(LABEL), app.try_state::<Arc<Backstay>>()) else {
        return;
    };
    let settings = backstay.settings();
    if let Err(error) = window.set_theme(theme(&settings)).and_then(|()| zoom(&window, &settings)) {
        tracing::warn!("the window could not follow the settings: {error}");
    }
}

fn screens(app: &AppHandle) -> Vec<Screen> {
    let screens = app.available_monitors().unwrap_or_default();
    let logical = screens.iter().map(|screen| {
        let place = screen.position().to_logical::<f64>(screen.scale_factor());
        let size = screen.size().to_logical::<f64>(screen.scale_factor());
        (place.x, place.y, size.width, size.height)
    });
    logical.collect()
}

/// Keeps place and size for the next time.
pub(crate) fn remember(window: &WebviewWindow, home: &Path) {
    let now = || -> tauri::Result<Geometry> {
        let scale = window.scale_factor()?;
        let size = window.inner_size()?.to_logical::<f64>(scale);
        let place = window.outer_position()?.to_logical::<f64>(scale);
        let maximized = window.is_maximized()?;
        let before = Geometry::load(home, &[]);
        Ok(Geometry {
            // What it was before it filled the screen is what it goes back to.
            width: if maximized { before.width } else { size.width },
            height: if maximized { before.height } else { size.height },
            place: Some((place.x, place.y)),
            maximized,
        })
    };
    let saved = now()
        .map_err(|error| error.to_string())
        .and_then(|geometry| geometry.save(home).map_err(|e| e.to_string()));
    if let Err(error) = saved {
        tracing::warn!("the window's place was not kept: {error}");
    }
}

/// Closing keeps Backstay in the tray where there is one; else it ends it, after a question if a job runs.
pub(crate) fn on_event(window: &Window, event: &WindowEvent) {
    let Some(backstay) = window.try_state::<Arc<Backstay>>() else {
        return;
    };
    let backstay = backstay.inner().clone();
    match event {
        WindowEvent::CloseRequested { api, .. } => {
            let app = window.app_handle().clone();
            let Some(view) = app.get_webview_window(LABEL) else { return };
            remember(&view, backstay.home());
            // Whether there is a tray is asked over D-Bus, which this thread must not wait for.
            api.prevent_close();
            let decide = move || close(&app, &backstay, &view);
            if thread::Builder::new().name("close".to_owned()).spawn(decide).is_err() {
                quit::now(window.app_handle());
            }
        }
        WindowEvent::Destroyed => backstay.window_gone(),
        _ => {}
    }
}

fn close(app: &AppHandle, backstay: &Backstay, window: &WebviewWindow) {
    let stays = backstay.settings().keep_in_tray && backstay.tray().visible();
    if !stays {
        return quit::ask(app);
    }
    if let Err(error) = window.destroy() {
        tracing::error!("the window cannot be closed: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_pages_are_not_shown() {
        for ours in [
            "tauri://localhost/",
            "tauri://localhost/index.html#/sources",
            "http://tauri.localhost/",
        ] {
            assert!(is_ours(&Url::parse(ours).unwrap()), "{ours}");
        }
        for foreign in [
            "https://example.org/",
            "http://localhost:5173/",
            "file:///etc/passwd",
            "data:text/html,x",
            "javascript:alert(1)",
            "tauri://evil/",
            "about:blank",
        ] {
            assert!(!is_ours(&Url::parse(foreign).unwrap()), "{foreign}");
        }
    }
}
