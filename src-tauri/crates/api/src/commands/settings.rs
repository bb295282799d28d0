//! (being written)

use backstay_model::ErrorKind;

use super::{Command, Guard};
use crate::{
    ApiError, App, Context, Result,
    types::{
        AboutReply, CacheReply, Nothing, PathRequest, Settings, SettingsImportReply, SettingsImportRequest, Topic, WrittenReply,
    },
};

/// `settings.get`.
pub struct SettingsGet;

impl Command for SettingsGet {
    const NAME: &'static str = "settings.get";
    const GUARD: Guard = Guard::Free;
    type Request = Nothing;
    type Reply = Settings;
    fn run(_: &App, _: &Context<'_>, _: Nothing) -> Result<Settings> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}

/// `settings.set`.
pub struct SettingsSet;

impl Command for SettingsSet {
    const NAME: &'static str = "settings.set";
    const CHANGES: &'static [Topic] = &[Topic::Settings];
    type Request = Settings;
    type Reply = Settings;
    fn run(_: &App, _: &Context<'_>, _: Settings) -> Result<Settings> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}

/// `settings.export`.
pub struct SettingsExport;

impl Command for SettingsExport {
    const NAME: &'static str = "settings.export";
    const CHANGES: &'static [Topic] = &[Topic::Audit];
    type Request = PathRequest;
    type Reply = WrittenReply;
    fn run(_: &App, _: &Context<'_>, _: PathRequest) -> Result<WrittenReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}

/// `settings.import`.
pub struct SettingsImport;

impl Command for SettingsImport {
    const NAME: &'static str = "settings.import";
    const CHANGES: &'static [Topic] = &[Topic::Settings, Topic::Sources, Topic::Vaults, Topic::Audit];
    type Request = SettingsImportRequest;
    type Reply = SettingsImportReply;
    fn run(_: &App, _: &Context<'_>, _: SettingsImportRequest) -> Result<SettingsImportReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}

/// `cache.info`.
pub struct CacheInfo;

impl Command for CacheInfo {
    const NAME: &'static str = "cache.info";
    type Request = Nothing;
    type Reply = CacheReply;
    fn run(_: &App, _: &Context<'_>, _: Nothing) -> Result<CacheReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}

/// `cache.clear`.
pub struct CacheClear;

impl Command for CacheClear {
    const NAME: &'static str = "cache.clear";
    type Request = Nothing;
    type Reply = CacheReply;
    fn run(_: &App, _: &Context<'_>, _: Nothing) -> Result<CacheReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}

/// `about`.
pub struct About;

impl Command for About {
    const NAME: &'static str = "about";
    const GUARD: Guard = Guard::Free;
    type Request = Nothing;
    type Reply = AboutReply;
    fn run(_: &App, _: &Context<'_>, _: Nothing) -> Result<AboutReply> {
        Err(ApiError::new(ErrorKind::Unsupported, Self::NAME))
    }
}
