//! The sample workspace: something to try everything on.

use super::{Command, Guard};
use crate::{
    App, Context, Result, sample,
    types::{Nothing, SampleReply, SampleRequest, Topic},
};

/// Says whether there is a sample.
pub struct SampleState;
/// Makes it, with a source for its database, one for its documents, a vault, and a little history.
pub struct SampleCreate;
/// Makes edits in it that a person will want to undo, and names them.
pub struct SampleChange;
/// Removes it, and only it.
pub struct SampleRemove;

const ALL: &[Topic] = &[Topic::Sources, Topic::Vaults, Topic::Snapshots, Topic::Runs, Topic::Audit];

impl Command for SampleState {
    const NAME: &'static str = "sample.state";
    type Request = Nothing;
    type Reply = SampleReply;
    fn run(app: &App, _: &Context<'_>, _: Nothing) -> Result<SampleReply> {
        sample::state(app)
    }
}

impl Command for SampleCreate {
    const NAME: &'static str = "sample.create";
    const CHANGES: &'static [Topic] = ALL;
    type Request = SampleRequest;
    type Reply = SampleReply;
    fn run(app: &App, context: &Context<'_>, request: SampleRequest) -> Result<SampleReply> {
        sample::create(app, context, &request)
    }
}

impl Command for SampleChange {
    const NAME: &'static str = "sample.change";
    type Request = Nothing;
    type Reply = SampleReply;
    fn run(app: &App, _: &Context<'_>, _: Nothing) -> Result<SampleReply> {
        sample::change(app, app.now())
    }
}

impl Command for SampleRemove {
    const NAME: &'static str = "sample.remove";
    const CHANGES: &'static [Topic] = ALL;
    const GUARD: Guard = Guard::Deletes;
    type Request = Nothing;
    type Reply = Nothing;
    fn run(app: &App, context: &Context<'_>, _: Nothing) -> Result<Nothing> {
        sample::remove(app, context)?;
        Ok(Nothing {})
    }
}
