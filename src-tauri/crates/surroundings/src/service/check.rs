//! What may be written into a unit at all, for every system alike; what one system cannot carry is refused beside its quoting.

use std::path::Path;

use super::{Init, ServiceError, Wanted};

pub(super) fn check(init: Init, wanted: &Wanted) -> Result<(), ServiceError> {
    for path in [&wanted.program, &wanted.home] {
        plain(text(path)?)?;
        if !is_absolute(init, path) {
            return Err(ServiceError::NotAbsolute { path: path.clone() });
        }
    }
    for (name, value) in &wanted.environment {
        variable(name)?;
        plain(value)?;
    }
    if let Some(name) = &wanted.user {
        account(name)?;
    }
    match wanted.watch_every_minutes {
        1..=1440 => Ok(()),
        minutes => Err(ServiceError::BadInterval { minutes }),
    }
}

/// The path as text.
pub(super) fn text(path: &Path) -> Result<&str, ServiceError> {
    path.to_str().ok_or_else(|| ServiceError::NotUnicode {
        path: path.to_path_buf(),
    })
}

fn plain(text: &str) -> Result<(), ServiceError> {
    // XML 1.0 has no place for the last two either.
    if text.contains(|c: char| c.is_control() || c == '\u{fffe}' || c == '\u{ffff}') {
        return Err(ServiceError::ControlCharacter { text: text.to_owned() });
    }
    Ok(())
}

fn variable(name: &str) -> Result<(), ServiceError> {
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || !name.chars().all(inside) {
        return Err(ServiceError::BadVariable { name: name.to_owned() });
    }
    Ok(())
}

/// Names of Linux and Windows (`DOMAIN\name`, `name@domain`), nothing that a unit or a command line would read as more than a name.
fn account(name: &str) -> Result<(), ServiceError> {
    let inside = |c: char| c.is_alphanumeric() || "._-\\@$ ".contains(c);
    if name.trim().is_empty() || name.trim() != name || name.starts_with('-') || !name.chars().all(inside) {
        return Err(ServiceError::BadUser { name: name.to_owned() });
    }
    Ok(())
}

/// Files for Windows may be made anywhere (a package does), so its rule is spelled out here.
fn is_absolute(init: Init, path: &Path) -> bool {
    match init {
        Init::TaskScheduler => {
            let text = path.to_string_lossy();
            let drive = text.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
            (drive && matches!(text.get(1..3), Some(":\\" | ":/"))) || text.starts_with("\\\\")
        }
        Init::SystemdUser | Init::SystemdSystem | Init::Launchd => path.to_string_lossy().starts_with('/'),
    }
}
