//! The recovery kit: one page to print and keep, with everything needed to restore on a bare machine with stock restic.
//!
//! It must work when Backstay, its settings and this machine are gone, so nothing in it is loaded from elsewhere.

mod page;
mod steps;
mod words;

use chrono::{DateTime, Utc};

pub use steps::{Step, quote};

/// What the kit says. The caller decides whether the password is printed.
#[derive(Clone)]
pub struct Kit {
    /// The vault's name.
    pub vault: String,
    /// Where it lies, in the words restic takes for a repository: a path or an address.
    pub location: String,
    /// The vault's id, from its config.
    pub id: String,
    /// When the kit was made.
    pub date: DateTime<Utc>,
    /// Fingerprint of the key that the password opens: its id in the vault.
    pub key: String,
    /// The password, or a field to write it into.
    pub password: KitPassword,
    /// What is in the vault, so that the right snapshot can be picked; may be empty.
    pub sources: Vec<KitSource>,
}

/// Whether the password is on the page.
#[derive(Clone)]
pub enum KitPassword {
    /// Printed: whoever holds the page can read the backups.
    Printed(String),
    /// An empty field to fill in by hand.
    Field,
    /// These words, with one space between, are the password of a key of their own.
    Words(Vec<String>),
}

/// One source in the vault, and what its snapshots can be found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KitSource {
    /// Its name.
    pub name: String,
    /// How to select its snapshots.
    pub by: KitSelect,
}

/// A filter that restic knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KitSelect {
    /// `--tag`
    Tag(String),
    /// `--host`
    Host(String),
    /// `--path`
    Path(String),
}

impl std::fmt::Debug for KitPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Printed(_) => "Printed(…)",
            Self::Field => "Field",
            Self::Words(_) => "Words(…)",
        })
    }
}

impl Kit {
    /// The steps from a bare machine to restored data, in order.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        steps::steps(self)
    }

    /// The page: one HTML document for screen and A4 or Letter paper, without scripts, images or links that load.
    #[must_use]
    pub fn html(&self) -> String {
        page::html(self)
    }

    /// The same as plain text; commands stand on lines of their own behind `$ `.
    #[must_use]
    pub fn text(&self) -> String {
        page::text(self)
    }

    fn facts(&self) -> [(&'static str, String); 5] {
        [
            ("Vault", self.vault.clone()),
            ("Location", self.location.clone()),
            ("Vault id", self.id.clone()),
            ("Key", self.key.clone()),
            ("Printed", self.date.format("%Y-%m-%d %H:%M UTC").to_string()),
        ]
    }
}
