//! How a restore can be told to write.

use std::collections::BTreeMap;

use backstay_model::ErrorKind;
use backstay_source::{OptionSpec, Result, SourceError};

use super::decide::Revisions;

/// The options of a restore; command line and window are built from them.
pub(crate) const OPTIONS: &[OptionSpec] = &[
    OptionSpec {
        name: "revisions",
        value: "HOW",
        help: "auto: the same revisions where a document is not there, a new one on top where it is; same: the same revisions always; new: a new revision always.",
        choices: &["auto", "same", "new"],
        ..OptionSpec::TEXT
    },
    OptionSpec {
        name: "tombstones",
        help: "Writes deletions too, where the backup recorded them.",
        flag: true,
        ..OptionSpec::TEXT
    },
];

/// The options, understood.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct WriteOptions {
    /// Which revisions are written.
    pub revisions: Revisions,
    /// Deletions are written too.
    pub tombstones: bool,
}

impl WriteOptions {
    /// Understands options by name.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for a name or value there is not.
    pub(crate) fn read(options: &BTreeMap<String, String>) -> Result<Self> {
        let mut read = Self::default();
        for (name, value) in options {
            match (name.as_str(), value.as_str()) {
                ("revisions", "auto") => read.revisions = Revisions::Auto,
                ("revisions", "same") => read.revisions = Revisions::Same,
                ("revisions", "new") => read.revisions = Revisions::New,
                ("tombstones", "true") => read.tombstones = true,
                ("tombstones", "false") => read.tombstones = false,
                ("revisions" | "tombstones", value) => {
                    let problem = format!("cannot be \"{value}\"");
                    return Err(SourceError::new(ErrorKind::Usage, format!("The option {name}"), problem)
                        .hint("revisions is auto, same or new; tombstones takes no value."));
                }
                (other, _) => {
                    let problem = "is no option of a restore into CouchDB";
                    return Err(SourceError::new(ErrorKind::Usage, other, problem));
                }
            }
        }
        Ok(read)
    }
}
