//! What the desktop says about trays and darkness, asked over D-Bus.

use std::sync::mpsc::Sender;

use super::News;

#[cfg(target_os = "linux")]
mod bus {
    use std::{sync::mpsc::Sender, thread};

    use zbus::{
        blocking::{Connection, Proxy},
        zvariant::OwnedValue,
    };

    use super::News;

    const WATCHER: &str = "org.kde.StatusNotifierWatcher";
    const PORTAL: &str = "org.freedesktop.portal.Desktop";
    const NAMESPACE: &str = "org.freedesktop.appearance";
    const KEY: &str = "color-scheme";

    /// Whether somebody shows the icons programs register.
    pub(super) fn has_tray() -> zbus::Result<bool> {
        let bus = Connection::session()?;
        Proxy::new(&bus, WATCHER, "/StatusNotifierWatcher", WATCHER)?.get_property("IsStatusNotifierHostRegistered")
    }

    /// 1 is dark, 2 is light, 0 is no opinion.
    fn dark(value: &OwnedValue) -> Option<bool> {
        let number = value.downcast_ref::<u32>().or_else(|_| {
            value
                .downcast_ref::<zbus::zvariant::Value<'_>>()
                .and_then(|inner| inner.downcast_ref::<u32>())
        });
        match number {
            Ok(1) => Some(true),
            Ok(2) => Some(false),
            _ => None,
        }
    }

    fn watch(bell: &Sender<News>) -> zbus::Result<()> {
        let bus = Connection::session()?;
        let settings = Proxy::new(
            &bus,
            PORTAL,
            "/org/freedesktop/portal/desktop",
            "org.freedesktop.portal.Settings",
        )?;
        let changes = settings.receive_signal("SettingChanged")?;
        let now: OwnedValue = settings.call("Read", &(NAMESPACE, KEY))?;
        let tell = |dark: Option<bool>| dark.is_none_or(|dark| bell.send(News::Dark(dark)).is_ok());
        tell(dark(&now));
        for change in changes {
            let (namespace, key, value): (String, String, OwnedValue) = change.body().deserialize()?;
            if namespace == NAMESPACE && key == KEY && !tell(dark(&value)) {
                break;
            }
        }
        Ok(())
    }

    pub(super) fn follow(bell: Sender<News>) {
        let watching = move || {
            if let Err(error) = watch(&bell) {
                tracing::info!("the desktop does not say whether it is dark: {error}");
            }
        };
        if let Err(error) = thread::Builder::new().name("scheme".to_owned()).spawn(watching) {
            tracing::warn!("no thread to follow the desktop's colours: {error}");
        }
    }
}

/// Whether the desktop has a place for tray icons.
pub(super) fn has_tray() -> bool {
    #[cfg(target_os = "linux")]
    return bus::has_tray().unwrap_or(false);
    #[cfg(not(target_os = "linux"))]
    return true;
}

/// Tells when the desktop is dark or light, now and later. GNOME's bar is dark whatever the windows are.
pub(super) fn follow(desktop: &str, bell: Sender<News>) {
    #[cfg(target_os = "linux")]
    if !desktop.split(':').any(|name| name.eq_ignore_ascii_case("gnome")) {
        bus::follow(bell);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (desktop, bell);
}
