//! What the wizard asks about a restore: pages of a plan, a copy of it to keep.

use std::path::{Path, PathBuf};

use backstay_engine::restore::{PlanFile, PlanIndex, StepFilter};
use backstay_model::ErrorKind;

use super::{Command, adopt, planning::shown, plans_dir};
use crate::{
    ApiError, App, Context, Result,
    types::{PathRequest, PlanReply, PlanSaveRequest, StepsReply, StepsRequest, WrittenReply},
};

/// Most steps in one page.
const MOST: u64 = 1000;

/// Pages through the steps of a plan.
pub struct Steps;
/// Copies a plan to where a person wants to keep it.
pub struct PlanSave;
/// Opens a plan that was kept somewhere: copies it into the state directory, where nobody else changes it.
pub struct PlanOpen;

impl Command for Steps {
    const NAME: &'static str = "restore.steps";
    type Request = StepsRequest;
    type Reply = StepsReply;
    fn run(app: &App, context: &Context<'_>, request: StepsRequest) -> Result<StepsReply> {
        let plan = own_plan(app, &request.path)?;
        let filter = StepFilter {
            action: request.action,
            text: request.search.filter(|text| !text.is_empty()),
        };
        let index = PlanIndex::open(&plan, &filter, context.cancel)?;
        Ok(StepsReply {
            steps: index.page(request.offset, request.limit.min(MOST))?,
            total: index.total(),
        })
    }
}

/// A plan of this state directory. The window reads no other files through here.
fn own_plan(app: &App, path: &str) -> Result<PlanFile> {
    let path = PathBuf::from(path);
    if path.parent() != Some(plans_dir(app).as_path()) {
        return Err(ApiError::new(
            ErrorKind::Usage,
            format!("{} is no plan of this Backstay", path.display()),
        ));
    }
    Ok(PlanFile::open(&path)?)
}

impl Command for PlanSave {
    const NAME: &'static str = "restore.savePlan";
    type Request = PlanSaveRequest;
    type Reply = WrittenReply;
    fn run(app: &App, _: &Context<'_>, request: PlanSaveRequest) -> Result<WrittenReply> {
        let plan = own_plan(app, &request.path)?;
        let to = std::path::absolute(&request.to)
            .map_err(|error| ApiError::new(ErrorKind::Usage, format!("{:?} is not a path: {error}", request.to)))?;
        let failed = |error| ApiError::from(backstay_source::SourceError::io(to.display().to_string(), error));
        let dir = to.parent().unwrap_or(Path::new("/"));
        let mut copy = tempfile::NamedTempFile::new_in(dir).map_err(failed)?;
        let mut from = std::fs::File::open(&plan.path).map_err(failed)?;
        std::io::copy(&mut from, &mut copy).map_err(failed)?;
        copy.as_file().sync_all().map_err(failed)?;
        // A dialog asked already whether the file may be replaced.
        copy.persist(&to).map_err(|error| failed(error.error))?;
        Ok(WrittenReply {
            path: to.display().to_string(),
        })
    }
}

impl Command for PlanOpen {
    const NAME: &'static str = "restore.openPlan";
    type Request = PathRequest;
    type Reply = PlanReply;
    fn run(app: &App, _: &Context<'_>, request: PathRequest) -> Result<PlanReply> {
        shown(&adopt(app, &PlanFile::open(Path::new(&request.path))?)?)
    }
}
