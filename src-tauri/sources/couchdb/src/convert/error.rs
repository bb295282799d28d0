//! Why a document cannot be understood.

use backstay_model::ErrorKind;

/// A document that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConvertError {
    /// It is no JSON object.
    #[error("is no JSON object: {reason}")]
    NoObject {
        /// The parser's words.
        reason: String,
    },
    /// A member that every document has is missing.
    #[error("has no {member}")]
    Missing {
        /// The member.
        member: &'static str,
    },
    /// A member has a value it cannot have.
    #[error("has a {member} that cannot be: {value}")]
    BadMember {
        /// The member.
        member: &'static str,
        /// The beginning of its value.
        value: String,
    },
    /// Leaves of two documents were put together.
    #[error("was answered with the document {other}")]
    OtherDocument {
        /// Its id.
        other: String,
    },
    /// No leaf at all.
    #[error("has no revision")]
    NoLeaf,
}

impl ConvertError {
    /// The class.
    pub(crate) fn kind(&self) -> ErrorKind {
        ErrorKind::Damaged
    }

    pub(crate) fn bad(member: &'static str, value: &str) -> Self {
        Self::BadMember {
            member,
            value: value.chars().take(80).collect(),
        }
    }
}
