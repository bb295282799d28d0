//! Restores: select → plan → save what will be touched → write → read back; and taking a restore back.

mod batch;
mod fields;
mod matching;
mod pages;
mod perform;
mod plan;
mod planfile;
mod readback;
mod records;
mod results;
mod safety;
mod select;
mod shape;
mod undo;

pub use matching::Matching;
pub use pages::{PlanIndex, StepFilter};
pub use perform::{PerformInput, Performed, perform, subject_name};
pub use plan::{PlanInput, PlanTotals, make_plan};
pub use planfile::{PLAN_VERSION, PlanFile, PlanWriter};
pub use readback::{ReadBack, ReadBackInput, read_back};
pub use safety::{SafetyInput, save_touched};
pub use select::{Ids, Picked, pick, pick_with};
pub use undo::{UndoInput, plan_undo};
