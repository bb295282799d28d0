//! Revisions and their histories, in CouchDB's order.

use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::ConvertError;

/// A revision: how many changes led to it, and what it is called. Ordered as CouchDB orders: by generation, then by text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Rev {
    /// Number of changes up to it, from 1; 0 in `_local` documents.
    pub generation: u64,
    /// Its name among those of its generation, in practice 32 hexadecimal digits.
    pub name: String,
}

impl FromStr for Rev {
    type Err = ConvertError;

    fn from_str(text: &str) -> Result<Self, ConvertError> {
        let bad = || ConvertError::bad("_rev", text);
        let (generation, name) = text.split_once('-').ok_or_else(bad)?;
        let digits = !generation.is_empty() && generation.bytes().all(|b| b.is_ascii_digit());
        let generation = generation.parse().ok().filter(|_| digits).ok_or_else(bad)?;
        if name.is_empty() {
            return Err(bad());
        }
        Ok(Self {
            generation,
            name: name.to_owned(),
        })
    }
}

impl fmt::Display for Rev {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.generation, self.name)
    }
}

/// `_revisions`: the revisions that led to a leaf, the leaf first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Revisions {
    /// Generation of the leaf.
    pub start: u64,
    /// Names of the leaf and what came before it, as far as the server remembers.
    pub ids: Vec<String>,
}

impl Revisions {
    /// A history of which only the leaf is known.
    pub(crate) fn only(rev: &Rev) -> Self {
        Self {
            start: rev.generation,
            ids: vec![rev.name.clone()],
        }
    }

    /// The revisions, the leaf first.
    pub(crate) fn revs(&self) -> impl Iterator<Item = Rev> + '_ {
        self.ids.iter().zip(0..).map_while(|(name, back)| {
            Some(Rev {
                generation: self.start.checked_sub(back)?,
                name: name.clone(),
            })
        })
    }

    /// The history a list of revisions tells, the leaf first; `None` unless each is of the generation before.
    pub(crate) fn of(revs: &[Rev]) -> Option<Self> {
        let start = revs.first()?.generation;
        let whole = revs
            .iter()
            .zip(0..)
            .all(|(rev, back)| start.checked_sub(back) == Some(rev.generation));
        whole.then(|| Self {
            start,
            ids: revs.iter().map(|rev| rev.name.clone()).collect(),
        })
    }

    /// Whether `rev` is the leaf or one that led to it.
    pub(crate) fn has(&self, rev: &Rev) -> bool {
        let back = self
            .start
            .checked_sub(rev.generation)
            .and_then(|back| usize::try_from(back).ok());
        back.and_then(|back| self.ids.get(back)).is_some_and(|name| *name == rev.name)
    }

    /// Reads the value of `_revisions`.
    pub(crate) fn parse(text: &str) -> Result<Self, ConvertError> {
        #[derive(Deserialize)]
        struct Wire<'a> {
            start: u64,
            #[serde(borrow)]
            ids: Vec<Cow<'a, str>>,
        }
        let wire: Wire<'_> = serde_json::from_str(text).map_err(|_| ConvertError::bad("_revisions", text))?;
        if wire.ids.is_empty() {
            return Err(ConvertError::bad("_revisions", text));
        }
        Ok(Self {
            start: wire.start,
            ids: wire.ids.into_iter().map(Cow::into_owned).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generations_count_as_numbers_and_names_as_text() {
        let rev = |text: &str| text.parse::<Rev>().unwrap();
        assert!(rev("10-a") > rev("9-b"));
        assert!(rev("2-b") > rev("2-a"));
        assert_eq!(rev("7-a-b").to_string(), "7-a-b");
        for bad in ["", "1", "-a", "1-", "+1-a", "x-1", "99999999999999999999-a"] {
            assert!(bad.parse::<Rev>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_history_knows_what_led_to_its_leaf() {
        let revisions = Revisions::parse(r#"{"start":3,"ids":["c","b"]}"#).unwrap();
        let revs: Vec<_> = revisions.revs().collect();
        assert_eq!(revs.iter().map(ToString::to_string).collect::<Vec<_>>(), ["3-c", "2-b"]);
        assert_eq!(Revisions::of(&revs), Some(revisions.clone()));
        assert!(revisions.has(&"2-b".parse().unwrap()));
        assert!(!revisions.has(&"2-c".parse().unwrap()), "another of that generation");
        assert!(!revisions.has(&"1-a".parse().unwrap()), "forgotten");
        assert!(!revisions.has(&"4-c".parse().unwrap()), "later");
        assert!(Revisions::parse(r#"{"start":3,"ids":[]}"#).is_err());
    }
}
