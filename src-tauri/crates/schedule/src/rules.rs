//! What a person allows: catching up, on battery, on metered networks, beside the last run, at night.

use serde::{Deserialize, Serialize};

use crate::{Day, ScheduleError, TimeOfDay, quiet};

/// What becomes of slots that passed while the computer slept, was off, or Backstay did not run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(rename = "MissedRule")]
pub enum Missed {
    /// One run makes up for all of them, at once. The times to come stay where they are.
    #[default]
    CatchUp,
    /// They are written down as missed.
    Skip,
}

/// Whether a run may begin at such a moment. JSON: `"run"` or `{"wait":{"maxMinutes":720}}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(rename = "DelayRule")]
pub enum Moment {
    /// It may.
    Run,
    /// It waits, at most this long from when it first had to wait for anything. Then a backup on battery runs all the same, and one
    /// on a metered network goes on waiting but asks the person.
    Wait {
        /// Minutes.
        max_minutes: u32,
    },
}

impl Default for Moment {
    fn default() -> Self {
        Self::Wait { max_minutes: 720 }
    }
}

/// What becomes of a slot that comes due while the plan's last run still goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(rename = "BusyRule")]
pub enum Busy {
    /// It runs after it.
    #[default]
    Queue,
    /// It is written down as left out.
    Skip,
}

/// Hours by the wall clock of the timetable's zone in which nothing begins. `to` may lie before `from`: 22:00 to 06:00 goes over
/// midnight. The same time twice is a whole day.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(rename = "QuietHours")]
pub struct Quiet {
    /// The first minute that is quiet.
    pub from: TimeOfDay,
    /// The first minute that is not.
    pub to: TimeOfDay,
    /// The days they begin on; empty means all.
    #[serde(default)]
    pub days: Vec<Day>,
}

/// All rules of a plan. What JSON leaves out has its default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(rename = "StartRules")]
pub struct Rules {
    /// Slots that passed unseen.
    pub missed: Missed,
    /// On battery.
    pub battery: Moment,
    /// On a metered network.
    pub metered: Moment,
    /// Beside the last run of the same plan.
    pub busy: Busy,
    /// Hours in which nothing begins.
    pub quiet: Vec<Quiet>,
}

impl Rules {
    /// Whether anything can ever begin under them.
    ///
    /// # Errors
    /// The quiet hours leave no minute of the week.
    pub fn check(&self) -> Result<(), ScheduleError> {
        if quiet::always(&self.quiet) {
            return Err(ScheduleError::AlwaysQuiet);
        }
        Ok(())
    }
}
