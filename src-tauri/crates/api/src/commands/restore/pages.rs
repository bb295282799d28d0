//! What the wizard asks about a restore: pages of a plan, a copy of it to keep, places to restore to.

use std::path::{Path, PathBuf};

use backstay_engine::restore::{PlanFile, PlanIndex, StepFilter};
use backstay_journal::Source as SourceRecord;
use backstay_model::{ErrorKind, TargetSpec};
use backstay_source::Connector;
use chrono::{DateTime, Local, Utc};

use super::{Command, adopt, origin::Origin, planning::shown, plans_dir, target};
use crate::{
    ApiError, App, Context, Result,
    commands::setup::root,
    types::{PathRequest, PlanReply, PlanSaveRequest, StepsReply, StepsRequest, TargetsReply, TargetsRequest, WrittenReply},
};

/// Most steps in one page.
const MOST: u64 = 1000;
/// Places tried before giving up to find a free one.
const TRIED: u32 = 1000;

/// Pages through the steps of a plan.
pub struct Steps;
/// Copies a plan to where a person wants to keep it.
pub struct PlanSave;
/// Opens a plan that was kept somewhere: copies it into the state directory, where nobody else changes it.
pub struct PlanOpen;
/// Says where a snapshot could be restored to.
pub struct Targets;

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

impl Command for Targets {
    const NAME: &'static str = "restore.targets";
    type Request = TargetsRequest;
    type Reply = TargetsReply;
    fn run(app: &App, context: &Context<'_>, request: TargetsRequest) -> Result<TargetsReply> {
        let found = Origin::find(app, context, &request.at)?;
        let (name, time) = match &found {
            Origin::Snapshot(snapshot) => (found.shown(app), snapshot.snapshot.time),
            Origin::Bundle(opened) => (found.shown(app), opened.bundle().meta().started),
        };
        let suggested = free_place(&documents().join("Restored"), &name, time);
        let spec = TargetSpec::New(suggested.clone());
        let (origin, no_in_place) = match app.journal().sources().get(found.label()) {
            Ok(row) => {
                let why = target(app, &found, &TargetSpec::InPlace).err().map(|error| error.message);
                (app.connector(&row.kind).ok().and_then(|kind| place_of(&*kind, &row)), why)
            }
            Err(_) => (None, Some(format!("the source {name:?} is not set up here"))),
        };
        let place = if no_in_place.is_none() { &TargetSpec::InPlace } else { &spec };
        let capabilities = target(app, &found, place).ok().map(|target| target.source.capabilities());
        let cannot_write = capabilities.as_ref().is_some_and(|can| !can.create && !can.update);
        Ok(TargetsReply {
            suggested,
            origin,
            no_in_place: no_in_place.or_else(|| cannot_write.then(|| format!("{name:?} can only be read, not written"))),
            capabilities,
            kind: String::new(),
            named_places: false,
            sources: Vec::new(),
            options: Vec::new(),
        })
    }
}

/// Where a source lies, if its kind has a path.
fn place_of(connector: &dyn Connector, row: &SourceRecord) -> Option<String> {
    let path = root(connector, &row.config.value().ok()?)?;
    Some(path.display().to_string())
}

/// The person's folder for documents, else the home directory, else the one for temporary files.
fn documents() -> PathBuf {
    let home = dirs::document_dir().filter(|dir| dir.is_dir()).or_else(dirs::home_dir);
    home.filter(|dir| dir.is_dir()).unwrap_or_else(std::env::temp_dir)
}

/// A path below `folder` where nothing lies. It ends with a slash: a folder is meant, also where the source is one file.
fn free_place(folder: &Path, name: &str, time: DateTime<Utc>) -> String {
    let safe: String = name
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ') {
                c
            } else {
                '_'
            }
        })
        .collect();
    let base = format!(
        "{} {}",
        safe.trim_start_matches('.'),
        time.with_timezone(&Local).format("%Y-%m-%d %H.%M")
    );
    let numbered = (2..TRIED).map(|n| folder.join(format!("{base} ({n})")));
    let free = std::iter::once(folder.join(&base))
        .chain(numbered)
        .find(|path| !path.exists());
    format!("{}/", free.unwrap_or_else(|| folder.join(&base)).display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suggested_place_is_free_and_a_single_folder() {
        let dir = tempfile::tempdir().unwrap();
        let time = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let first = free_place(dir.path(), "../a/b", time);
        assert_eq!(Path::new(&first).parent(), Some(dir.path()), "{first}");
        std::fs::create_dir(&first).unwrap();
        let second = free_place(dir.path(), "../a/b", time);
        assert!(second != first && second.ends_with("(2)/"), "{second}");
    }
}
