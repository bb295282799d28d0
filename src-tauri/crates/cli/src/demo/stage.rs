//! The scratch folder of the demo: where everything lies, and a Backstay of its own.

use std::{
    fs,
    path::{Path, PathBuf},
};

use backstay_api::Cancel;

use super::{failed, sample};
use crate::{args::Global, errors::Result, file, output::Output, session::Session};

/// Everything the demo works on.
pub struct Stage<'a> {
    /// The scratch folder.
    pub dir: PathBuf,
    /// How the demo's own commands are asked: silently, their replies are what counts.
    pub global: Global,
    quiet: Output,
    cancel: &'a Cancel,
}

impl<'a> Stage<'a> {
    /// Makes the sample and the password.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn set(dir: &Path, cancel: &'a Cancel) -> Result<Self> {
        let global = Global {
            home: Some(dir.join("home")),
            json: false,
            yes: true,
            quiet: true,
            password_file: Some(dir.join("password")),
            password_command: None,
            verbose: 0,
        };
        let stage = Self {
            dir: dir.to_owned(),
            global,
            quiet: Output::new(false, true),
            cancel,
        };
        file::write_private(&dir.join("password"), b"correct horse battery staple\n")?;
        fs::create_dir_all(stage.data().join("trip-planner")).map_err(failed("making the sample"))?;
        sample::make(&stage.data()).map_err(failed("making the sample"))?;
        Ok(stage)
    }

    /// The app's data folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.dir.join("app-data")
    }

    /// The app's main database.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        sample::state_file(&self.data())
    }

    /// Where the vault is.
    #[must_use]
    pub fn vault(&self) -> PathBuf {
        self.dir.join("vault")
    }

    /// Where everything is restored to at the end.
    #[must_use]
    pub fn elsewhere(&self) -> PathBuf {
        self.dir.join("restored")
    }

    /// A call of the program, as if its command line were typed.
    ///
    /// # Errors
    /// When the state directory cannot be used.
    pub fn session(&self) -> Result<Session<'_>> {
        Session::open(&self.global, &self.quiet, self.cancel)
    }

    /// Commands to try by hand.
    #[must_use]
    pub fn by_hand(&self) -> Vec<String> {
        let dir = self.dir.display();
        vec![
            format!("export BACKSTAY_HOME={dir}/home BACKSTAY_PASSWORD=\"$(cat {dir}/password)\""),
            "backstay snapshots".to_owned(),
            "backstay ls planner@latest".to_owned(),
            "backstay diff planner@latest live".to_owned(),
            format!("RESTIC_PASSWORD=$BACKSTAY_PASSWORD restic -r {dir}/vault snapshots"),
        ]
    }
}
