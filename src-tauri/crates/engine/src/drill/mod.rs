//! Restore drills: a snapshot restored into a scratch place on this computer and compared with the backup (MISSION R11).
//!
//! Nothing at the source is touched, or even looked at: a drill works when the source is gone.

mod request;

use std::sync::Arc;

use backstay_source::Connector;
use backstay_vault::{Snapshot, Vault};

pub use request::{DrillDone, DrillRequest, DrillScope, DrillWay};

use crate::{EngineError, Job, Result};

/// Restores a snapshot into a scratch place, reads it back, compares, and removes the place again, whatever happens.
///
/// What cannot be read from the vault is a result, by name, and no error: the verdict is *failed* then.
///
/// # Errors
/// When the drill itself is not possible: no room, no scratch place, a vault out of reach; or when it is cancelled.
pub fn drill(
    vault: &Vault,
    snapshot: &Snapshot,
    connector: &Arc<dyn Connector>,
    request: &DrillRequest,
    job: &Job<'_>,
) -> Result<DrillDone> {
    let _ = (vault, snapshot, connector, request);
    job.cancel.check()?;
    Err(EngineError::CannotWrite {
        reason: "drills are not built in yet".to_owned(),
    })
}
