//! (being written)

use backstay_model::ErrorKind;

use super::Command;
use crate::{
    ApiError, App, Context, Result,
    types::{BundleReply, BundleRequest, ExportReply, ExportRequest, ImportReply, ImportRequest, Topic},
};

/// `bundle.export`.
pub struct Export;

impl Command for Export {
    const NAME: &'static str = "bundle.export";
    const CHANGES: &'static [Topic] = &[Topic::Runs, Topic::Audit];
    type Request = ExportRequest;
    type Reply = ExportReply;
    fn run(_: &App, _: &Context<'_>, _: ExportRequest) -> Result<ExportReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}

/// `bundle.inspect`.
pub struct Inspect;

impl Command for Inspect {
    const NAME: &'static str = "bundle.inspect";
    type Request = BundleRequest;
    type Reply = BundleReply;
    fn run(_: &App, _: &Context<'_>, _: BundleRequest) -> Result<BundleReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}

/// `bundle.import`.
pub struct Import;

impl Command for Import {
    const NAME: &'static str = "bundle.import";
    const CHANGES: &'static [Topic] = &[Topic::Snapshots, Topic::Runs, Topic::Audit];
    type Request = ImportRequest;
    type Reply = ImportReply;
    fn run(_: &App, _: &Context<'_>, _: ImportRequest) -> Result<ImportReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}
