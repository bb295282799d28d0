//! The settings of a CouchDB source.

use backstay_source::OptionSpec;

/// The options of the connector; the command line and the window are built from them.
pub(crate) const OPTIONS: &[OptionSpec] = &[OptionSpec {
    name: "url",
    value: "URL",
    help: "Address of the server (https://host:6984).",
    required: true,
    ..OptionSpec::TEXT
}];
