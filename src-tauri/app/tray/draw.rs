//! Puts a view into the desktop's tray.

use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind},
};

use tauri::{
    AppHandle, Wry,
    image::Image,
    menu::{IsMenuItem, Menu, MenuItem, PredefinedMenuItem, Submenu},
    tray::{TrayIcon, TrayIconBuilder},
};

use super::{
    act,
    view::{Deed, Entry, Light, View},
};
use crate::fault;

/// The icon and the entries of its menu, which stay on the main thread.
struct Drawn {
    icon: TrayIcon,
    /// Entries that are plain items, in order, to change their words in place.
    items: Vec<Option<MenuItem<Wry>>>,
}

thread_local! {
    static DRAWN: RefCell<Option<Drawn>> = const { RefCell::new(None) };
}

/// Makes the icon. Says whether that worked: the library for it is loaded at run time and may be missing. On the main thread.
pub(super) fn make(app: &AppHandle, view: &View, dark: bool) -> bool {
    let build = || -> tauri::Result<Drawn> {
        let (menu, items) = menu(app, view)?;
        let icon = TrayIconBuilder::with_id("backstay")
            .icon(image(view.light, dark)?)
            .icon_as_template(cfg!(target_os = "macos"))
            .tooltip(&view.tooltip)
            .title("Backstay")
            .menu(&menu)
            .show_menu_on_left_click(true)
            .on_menu_event(|app, event| act::on_menu(app, &event))
            .build(app)?;
        Ok(Drawn { icon, items })
    };
    match fault::quietly(|| catch_unwind(AssertUnwindSafe(build))) {
        Ok(Ok(drawn)) => {
            act::remember(view);
            DRAWN.set(Some(drawn));
            true
        }
        Ok(Err(error)) => {
            tracing::warn!("no tray icon: {error}");
            false
        }
        Err(_) => false,
    }
}

/// Shows `new` in place of `old`.
pub(super) fn update(app: &AppHandle, old: &View, new: &View, dark: bool) {
    let (handle, old, new) = (app.clone(), old.clone(), new.clone());
    let drawn = app.run_on_main_thread(move || {
        DRAWN.with_borrow_mut(|drawn| {
            let Some(drawn) = drawn else { return };
            if let Err(error) = redraw(&handle, drawn, &old, &new, dark) {
                tracing::warn!("the tray icon could not be changed: {error}");
            }
        });
    });
    if let Err(error) = drawn {
        tracing::warn!("the tray icon could not be changed: {error}");
    }
}

fn redraw(app: &AppHandle, drawn: &mut Drawn, old: &View, new: &View, dark: bool) -> tauri::Result<()> {
    act::remember(new);
    drawn.icon.set_icon(Some(image(new.light, dark)?))?;
    if old.tooltip != new.tooltip {
        drawn.icon.set_tooltip(Some(&new.tooltip))?;
    }
    if same_shape(old, new) {
        // A menu that is open stays open.
        for ((before, after), item) in old.entries.iter().zip(&new.entries).zip(&drawn.items) {
            if let (Entry::Item { text, .. }, Some(item)) = (after, item)
                && before != after
            {
                item.set_text(escape(text))?;
            }
        }
        return Ok(());
    }
    let (menu, items) = menu(app, new)?;
    drawn.icon.set_menu(Some(menu))?;
    drawn.items = items;
    Ok(())
}

/// Whether only words differ.
fn same_shape(old: &View, new: &View) -> bool {
    let same = |(old, new): (&Entry, &Entry)| match (old, new) {
        (Entry::Item { deed: a, enabled: x, .. }, Entry::Item { deed: b, enabled: y, .. }) => a == b && x == y,
        (a, b) => a == b,
    };
    old.entries.len() == new.entries.len() && old.entries.iter().zip(&new.entries).all(same)
}

/// The icon goes before the event loop does.
pub(crate) fn gone(_: &AppHandle) {
    DRAWN.set(None);
}

type Items = Vec<Option<MenuItem<Wry>>>;

fn menu(app: &AppHandle, view: &View) -> tauri::Result<(Menu<Wry>, Items)> {
    let menu = Menu::new(app)?;
    let mut items = Vec::new();
    for (number, entry) in view.entries.iter().enumerate() {
        match entry {
            Entry::Item { text, enabled, .. } => {
                let item = MenuItem::with_id(app, number.to_string(), escape(text), *enabled, None::<&str>)?;
                menu.append(&item)?;
                items.push(Some(item));
            }
            Entry::Menu { text, items: below } => {
                let made: Vec<MenuItem<Wry>> = below
                    .iter()
                    .enumerate()
                    .map(|(n, (text, _))| MenuItem::with_id(app, format!("{number}.{n}"), escape(text), true, None::<&str>))
                    .collect::<tauri::Result<_>>()?;
                let below: Vec<&dyn IsMenuItem<Wry>> = made.iter().map(|item| item as &dyn IsMenuItem<Wry>).collect();
                menu.append(&Submenu::with_items(app, escape(text), true, &below)?)?;
                items.push(None);
            }
            Entry::Line => {
                menu.append(&PredefinedMenuItem::separator(app)?)?;
                items.push(None);
            }
        }
    }
    Ok((menu, items))
}

/// What a menu entry's id means in a view.
pub(super) fn deed(view: &View, id: &str) -> Option<Deed> {
    let (number, below) = match id.split_once('.') {
        Some((number, below)) => (number, Some(below.parse::<usize>().ok()?)),
        None => (id, None),
    };
    match (view.entries.get(number.parse::<usize>().ok()?)?, below) {
        (Entry::Item { deed, .. }, None) => Some(deed.clone()),
        (Entry::Menu { items, .. }, Some(n)) => items.get(n).map(|(_, deed)| deed.clone()),
        _ => None,
    }
}

/// `&` marks the letter to press in menus; in names it is just a letter.
fn escape(text: &str) -> String {
    text.replace('&', "&&")
}

fn image(light: Light, dark: bool) -> tauri::Result<Image<'static>> {
    macro_rules! drawing {
        ($state:literal) => {
            match (cfg!(target_os = "macos"), dark) {
                // The menu bar colours it.
                (true, _) => &include_bytes!(concat!("../../../icons/tray/", $state, ".png"))[..],
                (false, true) => &include_bytes!(concat!("../../../icons/tray/", $state, "-on-dark.png"))[..],
                (false, false) => &include_bytes!(concat!("../../../icons/tray/", $state, "-on-light.png"))[..],
            }
        };
    }
    Image::from_bytes(match light {
        Light::Ok => drawing!("ok"),
        Light::Running => drawing!("running"),
        Light::Warning => drawing!("warning"),
        Light::Overdue => drawing!("overdue"),
        Light::Failed => drawing!("failed"),
    })
}
