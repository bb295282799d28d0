//! Ways to a member of a document: names with dots between them, `\.` for a dot within a name.

use serde_json::Value;

use super::SelectError;

/// A way to a member.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Path {
    /// As it is written.
    text: String,
    parts: Vec<String>,
}

impl Path {
    /// The way that leads nowhere: the value itself.
    pub(super) fn here() -> Self {
        Self::default()
    }

    /// The way one name (or several, with dots) further.
    ///
    /// # Errors
    /// For a name that is empty.
    pub(super) fn then(&self, names: &str) -> Result<Self, SelectError> {
        let text = if self.text.is_empty() {
            names.to_owned()
        } else {
            format!("{}.{names}", self.text)
        };
        let mut parts = self.parts.clone();
        let mut part = String::new();
        let mut characters = names.chars();
        while let Some(character) = characters.next() {
            match character {
                '\\' => part.push(characters.next().unwrap_or('\\')),
                '.' => parts.push(std::mem::take(&mut part)),
                other => part.push(other),
            }
        }
        parts.push(part);
        if parts.iter().any(String::is_empty) {
            return Err(SelectError::NoName { at: text });
        }
        Ok(Self { text, parts })
    }

    /// Whether it leads to the value itself.
    pub(super) fn is_here(&self) -> bool {
        self.parts.is_empty()
    }

    /// Whether it leads to the document's id, which compares by bytes.
    pub(super) fn is_id(&self) -> bool {
        self.parts == ["_id"]
    }

    /// As it is written.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What lies there; elements of lists are named by their numbers from 0.
    pub(super) fn find<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        self.parts.iter().try_fold(value, |value, part| match value {
            Value::Object(members) => members.get(part),
            Value::Array(items) => items.get(part.parse::<usize>().ok()?),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Path;

    #[test]
    fn dots_lead_on_and_escaped_ones_do_not() {
        let document = json!({ "a": { "b.c": [10, { "d": 1 }] } });
        let path = |text: &str| Path::here().then(text).unwrap();
        assert_eq!(path(r"a.b\.c.1.d").find(&document), Some(&json!(1)));
        assert_eq!(
            path("a").then(r"b\.c").unwrap().then("0").unwrap().find(&document),
            Some(&json!(10))
        );
        assert_eq!(path(r"a.b\.c.x").find(&document), None);
        assert_eq!(path("a.b.c").find(&document), None);
        assert!(Path::here().then("a..b").is_err());
        assert!(Path::here().then("").is_err());
    }
}
