//! (being written)

use backstay_model::ErrorKind;

use super::Command;
use crate::{
    ApiError, App, Context, Result,
    types::{PlanSaveRequest, StepsReply, StepsRequest, TargetsReply, TargetsRequest, WrittenReply},
};

/// `restore.steps`.
pub struct Steps;

impl Command for Steps {
    const NAME: &'static str = "restore.steps";
    type Request = StepsRequest;
    type Reply = StepsReply;
    fn run(_: &App, _: &Context<'_>, _: StepsRequest) -> Result<StepsReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}

/// `restore.savePlan`.
pub struct PlanSave;

impl Command for PlanSave {
    const NAME: &'static str = "restore.savePlan";
    type Request = PlanSaveRequest;
    type Reply = WrittenReply;
    fn run(_: &App, _: &Context<'_>, _: PlanSaveRequest) -> Result<WrittenReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}

/// `restore.targets`.
pub struct Targets;

impl Command for Targets {
    const NAME: &'static str = "restore.targets";
    type Request = TargetsRequest;
    type Reply = TargetsReply;
    fn run(_: &App, _: &Context<'_>, _: TargetsRequest) -> Result<TargetsReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}
