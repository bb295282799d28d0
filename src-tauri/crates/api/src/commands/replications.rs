//! Replication between sources of one kind.

use backstay_model::ErrorKind;

use super::{Command, Guard};
use crate::{
    ApiError, App, Context, Result,
    types::{Nothing, ReplicationRef, ReplicationReply, ReplicationStartRequest, ReplicationsReply, ReplicationsRequest, Topic},
};

/// Lists replications.
pub struct Replications;
/// Starts a replication.
pub struct ReplicationStart;
/// Stops a replication; a kept one can be begun again.
pub struct ReplicationStop;
/// Lets a replication that was stopped go on.
pub struct ReplicationResume;
/// Ends a replication and forgets it.
pub struct ReplicationRemove;

fn soon<T>() -> Result<T> {
    Err(ApiError::new(ErrorKind::Unsupported, "there is no replication yet"))
}

impl Command for Replications {
    const NAME: &'static str = "replication.list";
    type Request = ReplicationsRequest;
    type Reply = ReplicationsReply;
    fn run(_: &App, _: &Context<'_>, _: ReplicationsRequest) -> Result<ReplicationsReply> {
        Ok(ReplicationsReply::default())
    }
}

impl Command for ReplicationStart {
    const NAME: &'static str = "replication.start";
    const CHANGES: &'static [Topic] = &[Topic::Replications, Topic::Runs, Topic::Audit];
    const GUARD: Guard = Guard::Restores;
    type Request = ReplicationStartRequest;
    type Reply = ReplicationReply;
    fn run(_: &App, _: &Context<'_>, _: ReplicationStartRequest) -> Result<ReplicationReply> {
        soon()
    }
}

impl Command for ReplicationStop {
    const NAME: &'static str = "replication.stop";
    const CHANGES: &'static [Topic] = &[Topic::Replications, Topic::Audit];
    type Request = ReplicationRef;
    type Reply = Nothing;
    fn run(_: &App, _: &Context<'_>, _: ReplicationRef) -> Result<Nothing> {
        soon()
    }
}

impl Command for ReplicationResume {
    const NAME: &'static str = "replication.resume";
    const CHANGES: &'static [Topic] = &[Topic::Replications, Topic::Audit];
    const GUARD: Guard = Guard::Restores;
    type Request = ReplicationRef;
    type Reply = Nothing;
    fn run(_: &App, _: &Context<'_>, _: ReplicationRef) -> Result<Nothing> {
        soon()
    }
}

impl Command for ReplicationRemove {
    const NAME: &'static str = "replication.remove";
    const CHANGES: &'static [Topic] = &[Topic::Replications, Topic::Audit];
    const GUARD: Guard = Guard::Deletes;
    type Request = ReplicationRef;
    type Reply = Nothing;
    fn run(_: &App, _: &Context<'_>, _: ReplicationRef) -> Result<Nothing> {
        soon()
    }
}
