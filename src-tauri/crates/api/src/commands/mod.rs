//! Every command Backstay has. The command line calls them typed; the window calls them by name with JSON.

mod agent;
pub(crate) mod backup;
mod browse;
mod bundles;
mod change;
mod channels;
mod conflicts;
mod drills;
mod figures;
mod holds;
pub(crate) mod keep;
mod kit;
mod listing;
mod overview;
mod plans;
mod preview;
mod proof;
mod remove;
mod replications;
mod restore;
mod runs;
mod sample;
mod search;
mod settings;
mod settings_plans;
mod setup;
mod sources;
mod vaults;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{ApiError, App, Context, Result, types::Topic, typescript::TypeScript};

pub use agent::{AgentInstall, AgentStatus, AgentUninstall, Look, deliver, leader};
pub use backup::Backup;
pub use browse::{Diff, Get, History, Ls, Show, Snapshots, cat, diff_stream};
pub use bundles::{Export, Import, Inspect};
pub use change::SourceChange;
pub use channels::{Alerts, ChannelRemove, ChannelSet, ChannelTest, Channels};
pub use conflicts::{ConflictShow, Conflicts};
pub use drills::{DrillRun, Drills, SourceCoverage};
pub use figures::Figures;
pub use holds::{HoldRelease, HoldReview, Holds, Pin};
pub use keep::{Forget, Prune, Repair, Verify};
pub(crate) use kit::give_up_left;
pub use kit::{KitBegin, KitCancel, KitConfirm, KitWrite};
pub use listing::{Count, Folder, ListingOpen, Locate, RecordText, Rows};
pub use overview::Overview;
pub use plans::{KeepPreview, PlanPause, PlanPreview, PlanRemove, PlanRun, PlanSet, Plans};
pub use preview::{Preview, Save};
pub use proof::Proof;
pub use remove::SnapshotRemove;
pub use replications::{ReplicationRemove, ReplicationResume, ReplicationStart, ReplicationStop, Replications};
pub use restore::{ConflictSettle, Plan, PlanOpen, PlanSave, Resume, RunPlan, RunPlanRequest, Steps, Targets, Undo};
pub use runs::{Audit, AuditExport, AuditVerify, Runs, audit_export};
pub use sample::{SampleChange, SampleCreate, SampleRemove, SampleState};
pub use search::Search;
pub use settings::{About, CacheClear, CacheInfo, SettingsExport, SettingsGet, SettingsImport, SettingsSet};
pub use setup::{Connectors, PathInspect, SourceTry};
pub use sources::{SourceAdd, SourceProbe, SourceRemove, SourceShow, Sources, connectors};
pub use vaults::{
    KeyAdd, KeyRemove, KeyRemoveRequest, Keys, PasswordChange, RecoveryKit, RecoveryKitRequest, Unlock, VaultAdd, VaultCreate,
    VaultInfo, VaultRemove, Vaults,
};

/// Opens a live source or a bundle for reading.
pub(crate) fn open_other(app: &App, context: &Context<'_>, at: &crate::types::SnapshotRef) -> Result<backstay_engine::State> {
    browse::open(app, context, at)
}

/// A command: a name, what it takes, what it gives.
pub trait Command {
    /// Name on the wire (`vault.create`).
    const NAME: &'static str;
    /// What it may have made out of date.
    const CHANGES: &'static [Topic] = &[];
    /// What the app lock has to say about it.
    const GUARD: Guard = Guard::Open;
    /// What it takes.
    type Request: Serialize + DeserializeOwned + ts_rs::TS + 'static;
    /// What it gives.
    type Reply: Serialize + DeserializeOwned + ts_rs::TS + 'static;

    /// Does it.
    ///
    /// # Errors
    /// See each command.
    fn run(app: &App, context: &Context<'_>, request: Self::Request) -> Result<Self::Reply>;
}

/// A command as the window calls it.
pub struct CommandEntry {
    /// Name on the wire.
    pub name: &'static str,
    /// What it may have made out of date, also when it failed half-way.
    pub changes: &'static [Topic],
    /// What the app lock has to say about it.
    pub guard: Guard,
    /// Calls it with JSON.
    pub call: fn(&App, &Context<'_>, Value) -> Result<Value>,
    /// Adds its types.
    pub describe: fn(&mut TypeScript),
}

/// What a command needs of the app lock, when one is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Nothing: it works while the window is locked.
    Free,
    /// The window must be unlocked.
    Open,
    /// It deletes: the passphrase may be asked for again.
    Deletes,
    /// It writes into a source: the passphrase may be asked for again.
    Restores,
}

fn call<C: Command>(app: &App, context: &Context<'_>, request: Value) -> Result<Value> {
    let bad = |error: serde_json::Error| ApiError::new(backstay_model::ErrorKind::Usage, format!("{}: {error}", C::NAME));
    let request = serde_json::from_value(request).map_err(bad)?;
    serde_json::to_value(C::run(app, context, request)?).map_err(bad)
}

const fn entry<C: Command>() -> CommandEntry {
    CommandEntry {
        name: C::NAME,
        changes: C::CHANGES,
        guard: C::GUARD,
        call: call::<C>,
        describe: |out| out.command::<C::Request, C::Reply>(C::NAME),
    }
}

/// All commands.
pub const COMMANDS: &[CommandEntry] = &[
    entry::<VaultCreate>(),
    entry::<VaultAdd>(),
    entry::<Vaults>(),
    entry::<VaultInfo>(),
    entry::<VaultRemove>(),
    entry::<Keys>(),
    entry::<KeyAdd>(),
    entry::<KeyRemove>(),
    entry::<PasswordChange>(),
    entry::<RecoveryKit>(),
    entry::<Unlock>(),
    entry::<Sources>(),
    entry::<SourceAdd>(),
    entry::<SourceShow>(),
    entry::<SourceRemove>(),
    entry::<SourceProbe>(),
    entry::<Backup>(),
    entry::<Snapshots>(),
    entry::<Show>(),
    entry::<Ls>(),
    entry::<Get>(),
    entry::<History>(),
    entry::<Diff>(),
    entry::<Plan>(),
    entry::<RunPlan>(),
    entry::<Steps>(),
    entry::<PlanSave>(),
    entry::<PlanOpen>(),
    entry::<Targets>(),
    entry::<Undo>(),
    entry::<Resume>(),
    entry::<Verify>(),
    entry::<Forget>(),
    entry::<Prune>(),
    entry::<Repair>(),
    entry::<Runs>(),
    entry::<Audit>(),
    entry::<AuditVerify>(),
    entry::<AuditExport>(),
    entry::<Export>(),
    entry::<Inspect>(),
    entry::<Import>(),
    entry::<ListingOpen>(),
    entry::<Rows>(),
    entry::<Locate>(),
    entry::<Count>(),
    entry::<Folder>(),
    entry::<RecordText>(),
    entry::<Preview>(),
    entry::<Save>(),
    entry::<Search>(),
    entry::<Overview>(),
    entry::<Connectors>(),
    entry::<SourceTry>(),
    entry::<SourceChange>(),
    entry::<PathInspect>(),
    entry::<SnapshotRemove>(),
    entry::<SampleState>(),
    entry::<SampleCreate>(),
    entry::<SampleChange>(),
    entry::<SampleRemove>(),
    entry::<KitBegin>(),
    entry::<KitWrite>(),
    entry::<KitConfirm>(),
    entry::<KitCancel>(),
    entry::<SettingsGet>(),
    entry::<SettingsSet>(),
    entry::<SettingsExport>(),
    entry::<SettingsImport>(),
    entry::<CacheInfo>(),
    entry::<CacheClear>(),
    entry::<About>(),
    entry::<Plans>(),
    entry::<PlanSet>(),
    entry::<PlanRemove>(),
    entry::<PlanPause>(),
    entry::<PlanRun>(),
    entry::<PlanPreview>(),
    entry::<KeepPreview>(),
    entry::<Proof>(),
    entry::<Holds>(),
    entry::<HoldReview>(),
    entry::<HoldRelease>(),
    entry::<Pin>(),
    entry::<DrillRun>(),
    entry::<Drills>(),
    entry::<SourceCoverage>(),
    entry::<Channels>(),
    entry::<ChannelSet>(),
    entry::<ChannelRemove>(),
    entry::<ChannelTest>(),
    entry::<Alerts>(),
    entry::<AgentStatus>(),
    entry::<AgentInstall>(),
    entry::<AgentUninstall>(),
    entry::<Look>(),
    entry::<Figures>(),
    entry::<Conflicts>(),
    entry::<ConflictShow>(),
    entry::<ConflictSettle>(),
    entry::<Replications>(),
    entry::<ReplicationStart>(),
    entry::<ReplicationStop>(),
    entry::<ReplicationResume>(),
    entry::<ReplicationRemove>(),
];
