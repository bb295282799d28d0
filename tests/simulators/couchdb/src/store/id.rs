//! Names of documents and databases.

use crate::error::ApiError;

/// Checks the id of a document.
pub(crate) fn check_doc_id(id: &str) -> Result<(), ApiError> {
    match id {
        "" => Err(ApiError::illegal_id("Document id must not be empty")),
        "_design/" => Err(ApiError::illegal_id("Illegal document id `_design/`")),
        "_local/" => Err(ApiError::illegal_id("Illegal document id `_local/`")),
        _ if id.starts_with("_design/") || id.starts_with("_local/") => Ok(()),
        _ if id.starts_with('_') => Err(ApiError::illegal_id("Only reserved document ids may start with underscore.")),
        _ => Ok(()),
    }
}

/// In a partitioned database every id but those of design documents is `partition:key`.
pub(crate) fn check_partition(id: &str) -> Result<(), ApiError> {
    if id.starts_with('_') {
        return Ok(());
    }
    match id.split_once(':') {
        None => Err(ApiError::illegal_id("Doc id must be of form partition:id")),
        Some(("", _)) => Err(ApiError::illegal_id("Partition must not be empty")),
        Some((_, "")) => Err(ApiError::illegal_id("Doc id must not be empty")),
        Some((partition, _)) if partition.starts_with('_') => {
            Err(ApiError::illegal_id("Partition must not start with an underscore"))
        }
        Some(_) => Ok(()),
    }
}

/// Databases the server itself knows.
pub(crate) const SYSTEM: &[&str] = &["_users", "_replicator", "_global_changes"];

/// Checks the name of a database.
pub(crate) fn check_db_name(name: &str) -> Result<(), ApiError> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_$()+/-".contains(&byte);
    let fine = name.as_bytes().first().is_some_and(u8::is_ascii_lowercase) && name.bytes().all(plain);
    let last = name.rsplit('/').next().unwrap_or(name);
    if fine || SYSTEM.contains(&name) || (name.contains('/') && SYSTEM.contains(&last)) {
        if name.split('/').any(|part| part.len() > 238) {
            return Err(ApiError::new(
                400,
                "database_name_too_long",
                format!("At least one path segment of `{name}` is too long."),
            ));
        }
        return Ok(());
    }
    Err(ApiError::new(
        400,
        "illegal_database_name",
        format!(
            "Name: '{name}'. Only lowercase characters (a-z), digits (0-9), and any of the characters _, $, (, ), +, -, and / \
             are allowed. Must begin with a letter."
        ),
    ))
}
