//! (being written)

use backstay_model::ErrorKind;

use super::Command;
use crate::{
    ApiError, App, Context, Result,
    types::{SearchReply, SearchRequest},
};

/// `search`.
pub struct Search;

impl Command for Search {
    const NAME: &'static str = "search";
    type Request = SearchRequest;
    type Reply = SearchReply;
    fn run(_: &App, _: &Context<'_>, _: SearchRequest) -> Result<SearchReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}
