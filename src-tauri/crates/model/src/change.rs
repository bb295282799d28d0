//! Differences between two states of a record or a collection.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// What happened to an item between two states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum ChangeKind {
    /// Only in the later state.
    Added,
    /// In both, with other content.
    Changed,
    /// Only in the earlier state.
    Removed,
}

/// Numbers of a comparison.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ChangeCounts {
    /// Only in the later state.
    pub added: u64,
    /// In both, with other content.
    pub changed: u64,
    /// Only in the earlier state.
    pub removed: u64,
    /// The same in both.
    pub unchanged: u64,
}

impl ChangeCounts {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.added + self.changed + self.removed == 0
    }
}

/// One record (or file) that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct RecordChange {
    /// Its collection; `files` for files.
    pub collection: String,
    /// Its id or path.
    pub id: String,
    /// What happened.
    pub change: ChangeKind,
    /// Field by field; empty when not asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<_>", optional)]
    pub fields: Vec<FieldChange>,
}

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct FieldChange {
    /// Where: a JSON Pointer (RFC 6901) into the record's data.
    pub field: String,
    /// What happened to it.
    pub change: ChangeKind,
    /// Earlier value; absent when added.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[ts(type = "unknown", optional)]
    pub before: Option<Value>,
    /// Later value; absent when removed.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[ts(type = "unknown", optional)]
    pub after: Option<Value>,
}

/// A value that is there, also when it is `null`: serde alone takes `null` for an absent one.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_a_value_and_no_absence() {
        let change = FieldChange {
            field: "/done".to_owned(),
            change: ChangeKind::Changed,
            before: Some(Value::Null),
            after: None,
        };
        let text = serde_json::to_string(&change).unwrap();
        assert_eq!(serde_json::from_str::<FieldChange>(&text).unwrap(), change, "{text}");
    }
}
