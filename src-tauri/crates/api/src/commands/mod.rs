//! Every command Backstay has. The command line calls them typed; the window calls them by name with JSON.

mod backup;
mod browse;
mod keep;
mod restore;
mod runs;
mod sources;
mod vaults;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{ApiError, App, Context, Result};

pub use backup::Backup;
pub use browse::{Diff, Get, History, Ls, Show, Snapshots, cat, diff_stream};
pub use keep::{Forget, Prune, Repair, Verify};
pub use restore::{Plan, Resume, RunPlan, RunPlanRequest, Undo};
pub use runs::{Audit, AuditVerify, Runs, audit_export};
pub use sources::{SourceAdd, SourceProbe, SourceRemove, SourceShow, Sources, connectors};
pub use vaults::{
    KeyAdd, KeyRemove, KeyRemoveRequest, Keys, PasswordChange, RecoveryKit, RecoveryKitRequest, Unlock, VaultAdd, VaultCreate,
    VaultInfo, VaultRemove, Vaults,
};

/// A command: a name, what it takes, what it gives.
pub trait Command {
    /// Name on the wire (`vault.create`).
    const NAME: &'static str;
    /// What it takes.
    type Request: Serialize + DeserializeOwned;
    /// What it gives.
    type Reply: Serialize + DeserializeOwned;

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
    /// Calls it with JSON.
    pub call: fn(&App, &Context<'_>, Value) -> Result<Value>,
}

fn call<C: Command>(app: &App, context: &Context<'_>, request: Value) -> Result<Value> {
    let bad = |error: serde_json::Error| ApiError::new(backstay_model::ErrorKind::Usage, format!("{}: {error}", C::NAME));
    let request = serde_json::from_value(request).map_err(bad)?;
    serde_json::to_value(C::run(app, context, request)?).map_err(bad)
}

const fn entry<C: Command>() -> CommandEntry {
    CommandEntry {
        name: C::NAME,
        call: call::<C>,
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
    entry::<Undo>(),
    entry::<Resume>(),
    entry::<Verify>(),
    entry::<Forget>(),
    entry::<Prune>(),
    entry::<Repair>(),
    entry::<Runs>(),
    entry::<Audit>(),
    entry::<AuditVerify>(),
];
