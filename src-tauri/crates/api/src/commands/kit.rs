//! (being written)

use backstay_model::ErrorKind;

use super::Command;
use crate::{
    ApiError, App, Context, Result,
    types::{KitBeginReply, KitConfirmReply, KitConfirmRequest, KitRef, KitWriteRequest, Named, Nothing, Topic, WrittenReply},
};

/// `kit.begin`.
pub struct KitBegin;

impl Command for KitBegin {
    const NAME: &'static str = "kit.begin";
    const CHANGES: &'static [Topic] = &[Topic::Vaults, Topic::Audit];
    type Request = Named;
    type Reply = KitBeginReply;
    fn run(_: &App, _: &Context<'_>, _: Named) -> Result<KitBeginReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}

/// `kit.write`.
pub struct KitWrite;

impl Command for KitWrite {
    const NAME: &'static str = "kit.write";
    type Request = KitWriteRequest;
    type Reply = WrittenReply;
    fn run(_: &App, _: &Context<'_>, _: KitWriteRequest) -> Result<WrittenReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}

/// `kit.confirm`.
pub struct KitConfirm;

impl Command for KitConfirm {
    const NAME: &'static str = "kit.confirm";
    const CHANGES: &'static [Topic] = &[Topic::Vaults, Topic::Audit];
    type Request = KitConfirmRequest;
    type Reply = KitConfirmReply;
    fn run(_: &App, _: &Context<'_>, _: KitConfirmRequest) -> Result<KitConfirmReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}

/// `kit.cancel`.
pub struct KitCancel;

impl Command for KitCancel {
    const NAME: &'static str = "kit.cancel";
    const CHANGES: &'static [Topic] = &[Topic::Vaults, Topic::Audit];
    type Request = KitRef;
    type Reply = Nothing;
    fn run(_: &App, _: &Context<'_>, _: KitRef) -> Result<Nothing> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}
