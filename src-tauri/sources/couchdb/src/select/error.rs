//! What is wrong with a selector, and where.

use backstay_model::ErrorKind;
use backstay_source::SourceError;

/// Why a selector was not understood. `at` is the way to the place, as `year.$gt`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SelectError {
    /// It is no JSON.
    #[error("is not JSON: {error}")]
    NotJson {
        /// What the reader says.
        error: serde_json::Error,
    },
    /// It is JSON, and no object.
    #[error("has to be a JSON object, such as {{\"type\": \"invoice\"}}")]
    NoObject,
    /// An operator Mango does not have.
    #[error("does not know the operator {operator} at {at}")]
    UnknownOperator {
        /// Where.
        at: String,
        /// The operator.
        operator: String,
    },
    /// An operator that only a server can judge.
    #[error("has the operator {operator} at {at}, which only a server with a text index can judge")]
    OnlyServer {
        /// Where.
        at: String,
        /// The operator.
        operator: &'static str,
    },
    /// The value of an operator is of the wrong kind.
    #[error("needs {wanted} at {at}")]
    BadValue {
        /// Where.
        at: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// A pattern that is none.
    #[error("has a pattern that cannot be understood at {at}: {error}")]
    BadPattern {
        /// Where.
        at: String,
        /// Why.
        error: Box<fancy_regex::Error>,
    },
    /// A member without a name.
    #[error("has a member without a name at {at}")]
    NoName {
        /// Where.
        at: String,
    },
    /// An operator for values outside of any member.
    #[error("has the condition {operator} outside of any member; put it into one, such as {{\"year\": {{\"{operator}\": …}}}}")]
    NoMember {
        /// The operator.
        operator: String,
    },
    /// It is nested deeper than anybody means.
    #[error("is nested too deeply at {at}")]
    TooDeep {
        /// Where.
        at: String,
    },
}

impl SelectError {
    /// Its class: always a question that makes no sense as it stands.
    fn kind(&self) -> ErrorKind {
        match self {
            Self::OnlyServer { .. } => ErrorKind::Unsupported,
            _ => ErrorKind::Usage,
        }
    }
}

impl From<SelectError> for SourceError {
    fn from(error: SelectError) -> Self {
        Self::new(error.kind(), "the selector", error.to_string())
            .hint("Selectors are written as for CouchDB's _find: {\"type\": \"invoice\", \"total\": {\"$gt\": 100}}.")
    }
}
