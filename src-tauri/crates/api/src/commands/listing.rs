//! (being written)

use backstay_model::ErrorKind;

use super::Command;
use crate::{
    ApiError, App, Context, Result,
    types::{
        CountReply, CountRequest, FolderReply, FolderRequest, GetRequest, ListingOpenRequest, ListingReply, LocateReply,
        LocateRequest, RecordTextReply, RowsReply, RowsRequest,
    },
};

/// `listing.open`.
pub struct ListingOpen;

impl Command for ListingOpen {
    const NAME: &'static str = "listing.open";
    type Request = ListingOpenRequest;
    type Reply = ListingReply;
    fn run(_: &App, _: &Context<'_>, _: ListingOpenRequest) -> Result<ListingReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}

/// `listing.rows`.
pub struct Rows;

impl Command for Rows {
    const NAME: &'static str = "listing.rows";
    type Request = RowsRequest;
    type Reply = RowsReply;
    fn run(_: &App, _: &Context<'_>, _: RowsRequest) -> Result<RowsReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}

/// `listing.locate`.
pub struct Locate;

impl Command for Locate {
    const NAME: &'static str = "listing.locate";
    type Request = LocateRequest;
    type Reply = LocateReply;
    fn run(_: &App, _: &Context<'_>, _: LocateRequest) -> Result<LocateReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}

/// `browse.count`.
pub struct Count;

impl Command for Count {
    const NAME: &'static str = "browse.count";
    type Request = CountRequest;
    type Reply = CountReply;
    fn run(_: &App, _: &Context<'_>, _: CountRequest) -> Result<CountReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}

/// `browse.folder`.
pub struct Folder;

impl Command for Folder {
    const NAME: &'static str = "browse.folder";
    type Request = FolderRequest;
    type Reply = FolderReply;
    fn run(_: &App, _: &Context<'_>, _: FolderRequest) -> Result<FolderReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}

/// `record.text`.
pub struct RecordText;

impl Command for RecordText {
    const NAME: &'static str = "record.text";
    type Request = GetRequest;
    type Reply = RecordTextReply;
    fn run(_: &App, _: &Context<'_>, _: GetRequest) -> Result<RecordTextReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}
