//! (being written)

use backstay_model::ErrorKind;

use super::Command;
use crate::{
    ApiError, App, Context, Result,
    types::{OverviewReply, OverviewRequest},
};

/// `overview`.
pub struct Overview;

impl Command for Overview {
    const NAME: &'static str = "overview";
    type Request = OverviewRequest;
    type Reply = OverviewReply;
    fn run(_: &App, _: &Context<'_>, _: OverviewRequest) -> Result<OverviewReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}
