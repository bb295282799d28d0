//! (being written)

use backstay_model::ErrorKind;

use super::{Command, Guard};
use crate::{
    ApiError, App, Context, Result,
    types::{Nothing, SampleReply, SampleRequest, Topic},
};

/// `sample.state`.
pub struct SampleState;

impl Command for SampleState {
    const NAME: &'static str = "sample.state";
    type Request = Nothing;
    type Reply = SampleReply;
    fn run(_: &App, _: &Context<'_>, _: Nothing) -> Result<SampleReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}

/// `sample.create`.
pub struct SampleCreate;

impl Command for SampleCreate {
    const NAME: &'static str = "sample.create";
    const CHANGES: &'static [Topic] = &[Topic::Sources, Topic::Vaults, Topic::Audit];
    type Request = SampleRequest;
    type Reply = SampleReply;
    fn run(_: &App, _: &Context<'_>, _: SampleRequest) -> Result<SampleReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}

/// `sample.change`.
pub struct SampleChange;

impl Command for SampleChange {
    const NAME: &'static str = "sample.change";
    type Request = Nothing;
    type Reply = SampleReply;
    fn run(_: &App, _: &Context<'_>, _: Nothing) -> Result<SampleReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}

/// `sample.remove`.
pub struct SampleRemove;

impl Command for SampleRemove {
    const NAME: &'static str = "sample.remove";
    const CHANGES: &'static [Topic] = &[Topic::Sources, Topic::Vaults, Topic::Snapshots, Topic::Audit];
    const GUARD: Guard = Guard::Deletes;
    type Request = Nothing;
    type Reply = Nothing;
    fn run(_: &App, _: &Context<'_>, _: Nothing) -> Result<Nothing> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}
