//! What the collections of a database are called, and where a place has them.

use std::borrow::Cow;

use super::ConvertError;

/// One of the collections a database is in a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Part {
    /// Its documents, under the database's name.
    Documents,
    /// Its design documents.
    Design,
    /// Its `_local` documents.
    Local,
    /// Its settings.
    Settings,
}

impl Part {
    /// All of them, in the order of their collections' names.
    pub(crate) const ALL: [Self; 4] = [Self::Documents, Self::Design, Self::Local, Self::Settings];

    fn suffix(self) -> &'static str {
        match self {
            Self::Documents => "",
            Self::Design => "/@design",
            Self::Local => "/@local",
            Self::Settings => "/@settings",
        }
    }

    /// The collection's name. No database can have such a name: `@` is not allowed in one.
    pub(crate) fn collection(self, database: &str) -> String {
        format!("{database}{}", self.suffix())
    }

    /// The database and the part of it that a collection is.
    pub(crate) fn split(collection: &str) -> (&str, Self) {
        let special = Self::ALL[1..]
            .iter()
            .find_map(|part| Some((collection.strip_suffix(part.suffix())?, *part)));
        special.unwrap_or((collection, Self::Documents))
    }

    /// The part of a database a document with this id is in.
    pub(crate) fn of_id(id: &str) -> Self {
        match id {
            id if id.starts_with("_design/") => Self::Design,
            id if id.starts_with("_local/") => Self::Local,
            _ => Self::Documents,
        }
    }
}

/// What the databases of a backup are called at a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Names {
    /// The same.
    #[default]
    Same,
    /// There is one, with this name.
    One(String),
    /// Each with this before and after its name.
    Around(String, String),
}

impl Names {
    /// Understands `NAME`, or `PREFIX-*` where `*` stands for each database's own name.
    ///
    /// # Errors
    /// When no database can be called so.
    pub(crate) fn parse(text: &str) -> Result<Self, ConvertError> {
        let bad = || ConvertError::bad("name", text);
        match text.split_once('*') {
            None if is_database(text) => Ok(Self::One(text.to_owned())),
            Some((before, after)) if is_database(&format!("{before}x{after}")) => {
                Ok(Self::Around(before.to_owned(), after.to_owned()))
            }
            _ => Err(bad()),
        }
    }

    /// What the backup's database `name` is called at the place.
    pub(crate) fn there<'a>(&'a self, name: &'a str) -> Cow<'a, str> {
        match self {
            Self::Same => Cow::Borrowed(name),
            Self::One(one) => Cow::Borrowed(one),
            Self::Around(before, after) => Cow::Owned(format!("{before}{name}{after}")),
        }
    }

    /// What the place's database `there` is called in the backup; `None` when it is none of it, or that cannot be told.
    pub(crate) fn here<'a>(&self, there: &'a str) -> Option<&'a str> {
        match self {
            Self::Same => Some(there),
            Self::One(_) => None,
            Self::Around(before, after) => there
                .strip_prefix(&**before)?
                .strip_suffix(&**after)
                .filter(|name| !name.is_empty()),
        }
    }
}

/// Whether a database can have this name: CouchDB's rule, and the system's own.
pub(crate) fn is_database(name: &str) -> bool {
    let rule = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_$()+-/".contains(&b))
    };
    rule(name) || ["_users", "_replicator", "_global_changes"].contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collections_of_a_database_are_told_apart() {
        for part in Part::ALL {
            assert_eq!(Part::split(&part.collection("a/b")), ("a/b", part));
        }
        let mut names = Part::ALL.map(|part| part.collection("a"));
        names.sort();
        assert_eq!(
            names,
            Part::ALL.map(|part| part.collection("a")),
            "documents come first, settings last"
        );
    }

    #[test]
    fn places_name_one_database_or_each() {
        let each = Names::parse("copy-*").unwrap();
        assert_eq!(each.there("a"), "copy-a");
        assert_eq!(each.here("copy-a"), Some("a"));
        assert_eq!(each.here("other"), None);
        assert_eq!(Names::parse("b").unwrap().there("a"), "b");
        for bad in ["", "A", "1a", "a b", "*A", "a*b*c", "/x", "_other"] {
            assert!(Names::parse(bad).is_err(), "{bad}");
        }
    }
}
