//! Writing documents back: the same revisions, or a new one on top.

mod decide;
mod tree;

use backstay_source::OptionSpec;

/// How a restore can be told to write.
pub(crate) const OPTIONS: &[OptionSpec] = &[
    OptionSpec {
        name: "revisions",
        value: "HOW",
        help: "auto: the same revisions where a document is not there, a new revision on top where it is; same: the same revisions always; new: a new revision always.",
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
