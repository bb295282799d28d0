//! Whether a database can be read from where the last run ended.

use super::cursor::{At, moved};
use crate::client::{DatabaseInfo, Seq};

/// How a database is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// From a position on.
    Since(Seq),
    /// Everything, for this reason.
    Full(Why),
}

/// Why everything is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// For the first time.
    First,
    /// Documents were purged, which the feed does not tell.
    Purged,
    /// It is another database of the same name.
    MadeAnew,
    /// Tombstones are wanted now, or no longer.
    Tombstones,
    /// Too much was missing last time.
    Missing,
    /// The server counts other documents than the feed tells.
    Count,
    /// The feed went back so far that this is less work.
    Rewound,
    /// The server does not know the position.
    Unknown,
}

/// What the last run and the server's words say.
pub(super) fn decide(before: Option<&At>, info: &DatabaseInfo, made: Option<&str>, tombstones: bool) -> Way {
    let Some(at) = before else { return Way::Full(Why::First) };
    let purged = match (&at.purge_seq, &info.purge_seq) {
        (Some(then), Some(now)) => moved(then, now),
        _ => false,
    };
    let back = matches!((at.seq.rough(), info.update_seq.rough()), (Some(then), Some(now)) if now < then);
    let other = matches!((&at.made, made), (Some(then), Some(now)) if then != now);
    if other || back {
        Way::Full(Why::MadeAnew)
    } else if purged {
        Way::Full(Why::Purged)
    } else if at.deleted != tombstones {
        Way::Full(Why::Tombstones)
    } else if at.all_again {
        Way::Full(Why::Missing)
    } else {
        Way::Since(at.seq.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(text: &str) -> DatabaseInfo {
        serde_json::from_str(text).unwrap()
    }

    fn at() -> At {
        At {
            seq: Seq::noted("10-abc"),
            purge_seq: Some(Seq::noted("2-x")),
            made: Some("17".to_owned()),
            docs: Some(5),
            deleted: false,
            again: Vec::new(),
            all_again: false,
        }
    }

    #[test]
    fn what_the_feed_cannot_tell_leads_to_a_full_run() {
        let now = |seq: &str, purge: &str| info(&format!(r#"{{"update_seq":"{seq}","purge_seq":"{purge}"}}"#));
        let way = |info: &DatabaseInfo, made, tombstones| decide(Some(&at()), info, made, tombstones);
        let since = Way::Since(Seq::noted("10-abc"));
        assert_eq!(way(&now("11-abd", "2-x"), Some("17"), false), since);
        assert_eq!(
            way(&now("10-other", "2-y"), Some("17"), false),
            since,
            "another spelling of one position"
        );
        assert_eq!(way(&now("11-abd", "2-x"), None, false), since, "a server that does not say");
        assert_eq!(way(&now("11-abd", "3-x"), Some("17"), false), Way::Full(Why::Purged));
        assert_eq!(way(&now("11-abd", "2-x"), Some("18"), false), Way::Full(Why::MadeAnew));
        assert_eq!(way(&now("9-abd", "2-x"), Some("17"), false), Way::Full(Why::MadeAnew));
        assert_eq!(way(&now("11-abd", "2-x"), Some("17"), true), Way::Full(Why::Tombstones));
        assert_eq!(decide(None, &now("1-a", "0"), None, false), Way::Full(Why::First));
        let missing = At { all_again: true, ..at() };
        assert_eq!(
            decide(Some(&missing), &now("11-abd", "2-x"), Some("17"), false),
            Way::Full(Why::Missing)
        );
    }
}
