//! One opened Backstay: its home directory, state, secrets and connectors.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use backstay_engine::Clock;
use backstay_journal::{AuditEntry, Home, Journal, Owner};
use backstay_model::ErrorKind;
use backstay_secrets::{SecretName, SecretStore, SecretsError};
use backstay_source::{Connector, Secrets, Source, SourceConfig, SourceError};
use backstay_surroundings::Surroundings;
use chrono::{DateTime, Utc};

use crate::{
    ApiError, Result,
    bundles::BundleCache,
    desk::cache::Opened,
    settings::SettingsFile,
    types::{ConnectorInfo, Settings},
};

/// How long a job waits for another Backstay process to finish before it gives up.
const OWNER_PATIENCE: Duration = Duration::from_secs(3);

/// The system's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// What an [`App`] is made of.
pub struct AppOptions {
    /// State directory; created if missing.
    pub home: PathBuf,
    /// The connectors this program has.
    pub connectors: Vec<Arc<dyn Connector>>,
    /// Name of the program for the audit trail.
    pub program: &'static str,
    /// Who is working, for the audit trail.
    pub actor: String,
    /// Where secrets are kept.
    pub secrets: backstay_secrets::Preference,
}

/// One opened Backstay.
pub struct App {
    home: Home,
    journal: Journal,
    connectors: Vec<Arc<dyn Connector>>,
    program: &'static str,
    actor: String,
    clock: Arc<dyn Clock>,
    preference: backstay_secrets::Preference,
    store: Mutex<Option<Arc<dyn SecretStore>>>,
    settings: SettingsFile,
    opened: Opened,
    bundles: BundleCache,
    desktop: AtomicBool,
    watching: AtomicBool,
    ending: AtomicBool,
    surroundings: Box<dyn Surroundings>,
}

impl App {
    /// Opens the state directory.
    ///
    /// # Errors
    /// When it cannot be used, or is of a newer version.
    pub fn open(options: AppOptions) -> Result<Self> {
        let home = Home::create(&options.home)?;
        let journal = Journal::open(&home)?;
        Ok(Self {
            home,
            journal,
            connectors: options.connectors,
            program: options.program,
            actor: options.actor,
            clock: Arc::new(SystemClock),
            preference: options.secrets,
            store: Mutex::new(None),
            settings: SettingsFile::default(),
            opened: Opened::default(),
            bundles: BundleCache::default(),
            desktop: AtomicBool::new(false),
            watching: AtomicBool::new(false),
            ending: AtomicBool::new(false),
            surroundings: backstay_surroundings::of_this_system(),
        })
    }

    /// Takes the time from somewhere else than the system: for tests.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Name of this program, for locks and the audit trail.
    pub(crate) fn program(&self) -> &'static str {
        self.program
    }

    /// Who is working.
    pub(crate) fn actor(&self) -> &str {
        &self.actor
    }

    pub(crate) fn home_dir(&self) -> &Home {
        &self.home
    }

    /// What the computer is doing.
    pub(crate) fn surroundings(&self) -> &dyn Surroundings {
        &*self.surroundings
    }

    /// Looks at another computer than this one: for tests.
    #[must_use]
    pub fn with_surroundings(mut self, surroundings: Box<dyn Surroundings>) -> Self {
        self.surroundings = surroundings;
        self
    }

    /// What a program started by the system needs to find the same secrets. Names of files, never what is in them.
    pub(crate) fn unit_environment(&self) -> Vec<(String, String)> {
        self.preference.variables()
    }

    /// This process watches over the plans: what it has to tell is for the desktop too, whichever process shows it.
    pub(crate) fn is_watching(&self) -> bool {
        self.watching.load(Ordering::Relaxed)
    }

    pub(crate) fn set_watching(&self) {
        self.watching.store(true, Ordering::Relaxed);
    }

    /// Messages can be shown on the desktop here.
    pub(crate) fn has_desktop(&self) -> bool {
        self.desktop.load(Ordering::Relaxed)
    }

    pub(crate) fn set_has_desktop(&self, has: bool) {
        self.desktop.store(has, Ordering::Relaxed);
    }

    /// This process ends: what it stops now was stopped by no person, and goes on elsewhere or later.
    pub(crate) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::SeqCst)
    }

    pub(crate) fn set_ending(&self) {
        self.ending.store(true, Ordering::SeqCst);
    }

    /// The state directory.
    #[must_use]
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The secret store, if this computer has a place for one.
    fn secrets_if_any(&self) -> Result<Option<Arc<dyn SecretStore>>> {
        match self.secrets() {
            Ok(store) => Ok(Some(store)),
            Err(error) => match backstay_secrets::open(&self.preference) {
                Err(SecretsError::NoPlace { .. }) => Ok(None),
                _ => Err(error),
            },
        }
    }

    /// The secret store, opened when first needed: many commands do without.
    pub(crate) fn secrets(&self) -> Result<Arc<dyn SecretStore>> {
        let mut store = self
            .store
            .lock()
            .map_err(|_| ApiError::new(ErrorKind::Internal, "the secret store is broken"))?;
        if let Some(store) = &*store {
            return Ok(store.clone());
        }
        let opened: Arc<dyn SecretStore> = Arc::from(backstay_secrets::open(&self.preference)?);
        *store = Some(opened.clone());
        Ok(opened)
    }

    /// Backstay's own settings.
    ///
    /// # Errors
    /// When their file is damaged.
    pub fn settings(&self) -> Result<Settings> {
        self.settings.get(self.home())
    }

    pub(crate) fn set_settings(&self, settings: Settings) -> Result<Settings> {
        self.settings.set(self.home(), settings)
    }

    /// Bundles that are open.
    pub(crate) fn bundles(&self) -> &BundleCache {
        &self.bundles
    }

    /// What stays open between calls.
    pub(crate) fn opened(&self) -> &Opened {
        &self.opened
    }

    /// Closes everything that stayed open between calls, and forgets the keys: the window was locked.
    pub fn forget_opened(&self) {
        self.opened.forget();
    }

    /// Takes the right to run jobs, waiting a little for another process, and closes what a killed process left open.
    pub(crate) fn own(&self) -> Result<Owner> {
        let owner = Owner::wait(&self.home, self.program, self.now(), OWNER_PATIENCE)?;
        self.journal.runs().close_interrupted(&owner, self.now())?;
        Ok(owner)
    }

    /// Writes an entry into the audit trail.
    pub(crate) fn audit(&self, action: &str, object: &str, detail: serde_json::Value) -> Result<()> {
        self.journal.audit().add(&AuditEntry {
            time: self.now(),
            actor: self.actor.clone(),
            program: self.program.to_owned(),
            action: action.to_owned(),
            object: object.to_owned(),
            detail,
        })?;
        Ok(())
    }

    pub(crate) fn connector(&self, kind: &str) -> Result<Arc<dyn Connector>> {
        let found = self.connectors.iter().find(|c| c.kind() == kind).cloned();
        found.ok_or_else(|| {
            let known = self.connectors.iter().map(|c| c.kind()).collect::<Vec<_>>().join(", ");
            ApiError::new(ErrorKind::Usage, format!("there is no kind of source called {kind:?}"))
                .hint(format!("Kinds: {known}."))
        })
    }

    /// The connectors, in the registry's order.
    pub(crate) fn each_connector(&self) -> impl Iterator<Item = &dyn Connector> {
        self.connectors.iter().map(|connector| &**connector)
    }

    /// Kinds of sources this program has.
    #[must_use]
    pub fn connectors(&self) -> Vec<ConnectorInfo> {
        describe(&self.connectors)
    }

    /// Name, id and settings of a source.
    pub(crate) fn source_config(&self, row: &backstay_journal::Source) -> Result<SourceConfig> {
        let options = row.config.value().map_err(|_| {
            ApiError::new(
                ErrorKind::Damaged,
                format!("the settings of the source {:?} are damaged", row.name),
            )
        })?;
        Ok(SourceConfig {
            id: row.id.clone(),
            name: row.name.clone(),
            options,
        })
    }

    /// Opens the source of a journal row.
    pub(crate) fn open_source(&self, row: &backstay_journal::Source) -> Result<Arc<dyn Source>> {
        let config = self.source_config(row)?;
        Ok(self.connector(&row.kind)?.open(&config, &SourceSecrets(self))?)
    }
}

/// Describes connectors for command line and window.
#[must_use]
pub fn describe(connectors: &[Arc<dyn Connector>]) -> Vec<ConnectorInfo> {
    connectors
        .iter()
        .map(|c| ConnectorInfo {
            kind: c.kind(),
            title: c.title(),
            summary: c.summary(),
            options: c.options(),
        })
        .collect()
}

/// Secret settings of sources, from the secret store.
pub(crate) struct SourceSecrets<'a>(pub(crate) &'a App);

impl Secrets for SourceSecrets<'_> {
    fn get(&self, id: &str, name: &str) -> backstay_source::Result<Option<String>> {
        let failed = |error: ApiError| SourceError::new(error.code, "the secret store", error.message);
        // Where no secret can be kept, none was: a source that needs one says so itself.
        let Some(store) = self.0.secrets_if_any().map_err(failed)? else {
            return Ok(None);
        };
        let wanted = SecretName::source_field(id, name).map_err(|error| failed(error.into()))?;
        match store.get(&wanted) {
            Ok(secret) => Ok(secret.expose_text().map(ToOwned::to_owned)),
            Err(SecretsError::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(error.into())),
        }
    }
}
