//! (being written)

use backstay_model::ErrorKind;

use super::Command;
use crate::{
    ApiError, App, Context, Result,
    types::{PreviewReply, PreviewRequest, SaveReply, SaveRequest},
};

/// `file.preview`.
pub struct Preview;

impl Command for Preview {
    const NAME: &'static str = "file.preview";
    type Request = PreviewRequest;
    type Reply = PreviewReply;
    fn run(_: &App, _: &Context<'_>, _: PreviewRequest) -> Result<PreviewReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}

/// `file.save`.
pub struct Save;

impl Command for Save {
    const NAME: &'static str = "file.save";
    type Request = SaveRequest;
    type Reply = SaveReply;
    fn run(_: &App, _: &Context<'_>, _: SaveRequest) -> Result<SaveReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}
