//! (being written)

use backstay_model::ErrorKind;

use super::{Command, Guard};
use crate::{
    ApiError, App, Context, Result,
    types::{
        ConnectorsReply, InspectReply, InspectRequest, Nothing, ProbeReply, SnapshotRef, SourceChangeRequest, SourceRow,
        SourceTryRequest, Topic,
    },
};

/// `connector.list`.
pub struct Connectors;

impl Command for Connectors {
    const NAME: &'static str = "connector.list";
    type Request = Nothing;
    type Reply = ConnectorsReply;
    fn run(_: &App, _: &Context<'_>, _: Nothing) -> Result<ConnectorsReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}

/// `source.try`.
pub struct SourceTry;

impl Command for SourceTry {
    const NAME: &'static str = "source.try";
    type Request = SourceTryRequest;
    type Reply = ProbeReply;
    fn run(_: &App, _: &Context<'_>, _: SourceTryRequest) -> Result<ProbeReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}

/// `source.change`.
pub struct SourceChange;

impl Command for SourceChange {
    const NAME: &'static str = "source.change";
    const CHANGES: &'static [Topic] = &[Topic::Sources, Topic::Audit];
    type Request = SourceChangeRequest;
    type Reply = SourceRow;
    fn run(_: &App, _: &Context<'_>, _: SourceChangeRequest) -> Result<SourceRow> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}

/// `path.inspect`.
pub struct PathInspect;

impl Command for PathInspect {
    const NAME: &'static str = "path.inspect";
    type Request = InspectRequest;
    type Reply = InspectReply;
    fn run(_: &App, _: &Context<'_>, _: InspectRequest) -> Result<InspectReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}

/// `snapshot.remove`.
pub struct SnapshotRemove;

impl Command for SnapshotRemove {
    const NAME: &'static str = "snapshot.remove";
    const CHANGES: &'static [Topic] = &[Topic::Snapshots, Topic::Audit];
    const GUARD: Guard = Guard::Deletes;
    type Request = SnapshotRef;
    type Reply = Nothing;
    fn run(_: &App, _: &Context<'_>, _: SnapshotRef) -> Result<Nothing> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}
