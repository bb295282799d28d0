//! `backstay ls`: what is in a snapshot or a live source.

use backstay_api::{
    commands,
    types::{FieldFilter, FilterKind, ListingOpenRequest, ListingReply, LsRequest, Row, RowsRequest, SortBy},
};
use clap::Args;

use super::In;
use crate::{
    errors::{CliError, Result},
    print::{browse, listing},
    session::{Exit, Session},
};

/// Rows asked for at a time.
const PAGE: u64 = 1000;

/// Arguments of `ls`.
#[derive(Debug, Args)]
#[command(after_help = "\
A FILTER is FIELD=VALUE, FIELD!=VALUE, FIELD~TEXT (contains), FIELD>VALUE or
FIELD<VALUE; \"FIELD=\" has no value, \"FIELD!=\" has one. A table that is sorted
or filtered shows short values; `get` has them whole.

Examples:
  backstay ls notes@latest                          its collections
  backstay ls notes@latest tasks --search dentist   records that contain a word
  backstay ls notes@latest tasks --sort due:desc --filter done=0
  backstay ls 3f2a91c0 files/photos                 files of a folder
  backstay ls live:notes tasks --offset 1000        the source as it is now")]
pub struct Ls {
    /// Snapshot, or live:SOURCE
    #[arg(value_name = "SNAPSHOT")]
    snapshot: String,
    /// A collection, "files" or files/PATH; all collections if left out
    #[arg(value_name = "COLLECTION")]
    collection: Option<String>,
    /// Start at this item
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: u64,
    /// Show this many items
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u64,
    /// Only items that contain this text
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Sort records by a field; FIELD:desc from the greatest to the least
    #[arg(long, value_name = "FIELD", requires = "collection")]
    sort: Option<String>,
    /// Only records for which this holds; may be given several times
    #[arg(long, value_name = "FILTER", requires = "collection")]
    filter: Vec<String>,
    #[command(flatten)]
    within: In,
}

/// Does it.
pub(super) fn run(args: &Ls, session: &Session<'_>) -> Result<Exit> {
    if let Some(collection) = args
        .collection
        .as_ref()
        .filter(|_| args.sort.is_some() || !args.filter.is_empty())
    {
        return table(args, collection, session);
    }
    let reply = session.quick::<commands::Ls>(LsRequest {
        at: args.within.snapshot(&args.snapshot),
        collection: args.collection.clone(),
        offset: args.offset,
        limit: args.limit,
        search: args.search.clone(),
    })?;
    session.reply(&reply, |reply| browse::ls(reply, args.offset))?;
    Ok(Exit::DONE)
}

/// A sorted or filtered table.
fn table(args: &Ls, collection: &str, session: &Session<'_>) -> Result<Exit> {
    let filters: Result<Vec<FieldFilter>> = args.filter.iter().map(|text| filter(text)).collect();
    let open = session.quick::<commands::ListingOpen>(ListingOpenRequest {
        at: args.within.snapshot(&args.snapshot),
        collection: collection.to_owned(),
        search: args.search.clone(),
        filters: filters?,
        sort: args.sort.as_deref().map(sort),
    })?;
    let mut rows: Vec<Row> = Vec::new();
    while (rows.len() as u64) < args.limit {
        let page = session.quick::<commands::Rows>(RowsRequest {
            listing: open.listing.clone(),
            offset: args.offset.saturating_add(rows.len() as u64),
            limit: PAGE.min(args.limit - rows.len() as u64),
            fields: Vec::new(),
        })?;
        if page.rows.is_empty() {
            break;
        }
        rows.extend(page.rows);
    }
    let shown = listing::Table {
        more: args.offset.saturating_add(rows.len() as u64) < open.total,
        total: open.total,
        of: open.of,
        rows,
    };
    let ListingReply { fields, .. } = open;
    session.reply(&shown, |shown| listing::table(shown, &fields, args.offset))?;
    Ok(Exit::DONE)
}

fn sort(text: &str) -> SortBy {
    let (field, descending) = match text.rsplit_once(':') {
        Some((field, "desc")) => (field, true),
        Some((field, "asc")) => (field, false),
        _ => (text, false),
    };
    SortBy {
        field: field.to_owned(),
        descending,
    }
}

fn filter(text: &str) -> Result<FieldFilter> {
    let marks = [
        ("!=", FilterKind::IsNot),
        ("=", FilterKind::Is),
        ("~", FilterKind::Contains),
        (">", FilterKind::Greater),
        ("<", FilterKind::Less),
    ];
    let found = marks
        .into_iter()
        .filter_map(|(mark, kind)| text.find(mark).map(|at| (at, mark, kind)))
        // The first mark in the text counts; of two at one place the longer one.
        .min_by_key(|(at, mark, _)| (*at, std::cmp::Reverse(mark.len())));
    let bad = || CliError::Usage {
        message: format!("{text:?} is no filter"),
        hint: "Write it like done=0, note~dentist, price>9.5 or note= (has no value).".to_owned(),
    };
    let (at, mark, kind) = found.ok_or_else(bad)?;
    let (field, value) = (text[..at].trim(), &text[at + mark.len()..]);
    if field.is_empty() {
        return Err(bad());
    }
    let kind = match (kind, value.is_empty()) {
        (FilterKind::Is, true) => FilterKind::Empty,
        (FilterKind::IsNot, true) => FilterKind::NotEmpty,
        (kind, _) => kind,
    };
    Ok(FieldFilter {
        field: field.to_owned(),
        kind,
        value: value.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read_as_people_write_them() {
        for (text, field, kind, value) in [
            ("done=0", "done", FilterKind::Is, "0"),
            ("done != 0", "done", FilterKind::IsNot, " 0"),
            ("a~b=c", "a", FilterKind::Contains, "b=c"),
            ("n>-5", "n", FilterKind::Greater, "-5"),
            ("n<5", "n", FilterKind::Less, "5"),
            ("note=", "note", FilterKind::Empty, ""),
            ("note!=", "note", FilterKind::NotEmpty, ""),
        ] {
            let read = filter(text).unwrap();
            assert_eq!(
                (read.field.as_str(), read.kind, read.value.as_str()),
                (field, kind, value),
                "{text}"
            );
        }
        assert!(filter("no mark").is_err() && filter("=x").is_err());
        assert_eq!((sort("a:desc").field.as_str(), sort("a:desc").descending), ("a", true));
        assert_eq!((sort("a:b").field.as_str(), sort("a:b").descending), ("a:b", false));
    }
}
