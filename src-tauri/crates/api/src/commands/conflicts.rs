//! Records with several versions: finding them, looking at them, choosing one.

use backstay_model::ErrorKind;

use super::{Command, Guard};
use crate::{
    ApiError, App, Context, Result,
    types::{ConflictRef, ConflictReply, ConflictSettleReply, ConflictSettleRequest, ConflictsReply, ConflictsRequest, Topic},
};

/// Lists records in conflict.
pub struct Conflicts;
/// Shows all versions of a record.
pub struct ConflictShow;
/// Makes one version the only one, after saving all of them.
pub struct ConflictSettle;

impl Command for Conflicts {
    const NAME: &'static str = "conflict.list";
    type Request = ConflictsRequest;
    type Reply = ConflictsReply;
    fn run(_: &App, _: &Context<'_>, _: ConflictsRequest) -> Result<ConflictsReply> {
        Err(ApiError::new(ErrorKind::Unsupported, "conflicts cannot be listed yet"))
    }
}

impl Command for ConflictShow {
    const NAME: &'static str = "conflict.show";
    type Request = ConflictRef;
    type Reply = ConflictReply;
    fn run(_: &App, _: &Context<'_>, _: ConflictRef) -> Result<ConflictReply> {
        Err(ApiError::new(ErrorKind::Unsupported, "conflicts cannot be shown yet"))
    }
}

impl Command for ConflictSettle {
    const NAME: &'static str = "conflict.settle";
    const CHANGES: &'static [Topic] = &[Topic::Conflicts, Topic::Runs, Topic::Snapshots, Topic::Audit];
    const GUARD: Guard = Guard::Restores;
    type Request = ConflictSettleRequest;
    type Reply = ConflictSettleReply;
    fn run(_: &App, _: &Context<'_>, _: ConflictSettleRequest) -> Result<ConflictSettleReply> {
        Err(ApiError::new(ErrorKind::Unsupported, "conflicts cannot be settled yet"))
    }
}
