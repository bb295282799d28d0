//! Records that are no documents with leaves: `_local` documents and settings of a database.

use backstay_model::{ContentHash, RawJson, Record};

use super::{
    ConvertError,
    leaf::{members, written},
};

/// The limits of a database: the names in the record `limits`, and where they are asked for.
pub(crate) const LIMITS: [&str; 3] = ["_revs_limit", "_purged_infos_limit", "_auto_purge"];

/// The record of a `_local` document. Its revision counts writes at this server and is no content.
///
/// # Errors
/// When it is no document.
pub(crate) fn local_record(text: RawJson) -> Result<Record, ConvertError> {
    let found = members(text.as_bytes())?;
    let string = |wanted: &str| {
        let value = found.iter().find(|(name, _)| name == wanted)?.1;
        serde_json::from_str::<String>(value.get()).ok()
    };
    let id = string("_id").ok_or(ConvertError::Missing { member: "_id" })?;
    let rev = string("_rev");
    let hash = ContentHash::of(without_rev(&text)?.as_bytes());
    Ok(Record {
        rev,
        ..Record::new(id, text).with_canonical_hash(hash)
    })
}

/// A document without its `_rev`.
///
/// # Errors
/// When it is no JSON object.
pub(crate) fn without_rev(text: &RawJson) -> Result<RawJson, ConvertError> {
    let found = members(text.as_bytes())?;
    Ok(written(found.iter().filter(|(name, _)| name != "_rev")))
}

/// The record of a setting (`_security`, `limits`).
pub(crate) fn setting_record(name: &str, text: RawJson) -> Record {
    Record::new(name, text)
}
