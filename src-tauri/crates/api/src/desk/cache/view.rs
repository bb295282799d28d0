//! One state that a call reads: leased for as long as the call lasts, then open for the next one.

use std::{ops::Deref, sync::Arc};

use backstay_engine::{State, browse::Content, snapshot::open_snapshot};
use backstay_model::ErrorKind;
use backstay_vault::Reader;

use super::Idle;
use crate::{App, Context, Result, commands::open_other, names, names::Found, types::SnapshotRef};

/// Prefix of a reference to the live source.
const LIVE: &str = "live:";
/// Prefix of a reference to a bundle.
const BUNDLE: &str = "bundle:";

/// Whether a reference names a live source.
pub(crate) fn is_live(at: &SnapshotRef) -> bool {
    at.snapshot.starts_with(LIVE)
}

/// A state that is being read.
pub(crate) struct View<'a> {
    app: &'a App,
    /// The snapshot it is of; `None` for a live source or a bundle.
    stored: Option<(Reader, Found)>,
    /// There until it is given back.
    state: Option<State>,
    /// What is seen when it was given back.
    nothing: State,
    /// It was open before this call.
    warm: bool,
}

impl<'a> View<'a> {
    /// Opens what a reference names.
    pub(crate) fn open(app: &'a App, context: &Context<'_>, at: &SnapshotRef) -> Result<Self> {
        if is_live(at) || at.snapshot.starts_with(BUNDLE) {
            return Ok(Self {
                app,
                stored: None,
                state: Some(open_other(app, context, at)?),
                nothing: State::default(),
                warm: false,
            });
        }
        Self::of(app, names::snapshot(app, context, at)?)
    }

    /// Opens a snapshot that was found.
    pub(crate) fn of(app: &'a App, found: Found) -> Result<Self> {
        let opened = app.opened();
        let reader = opened.reader(&found.vault)?;
        // One that was opened with an older index may look for packs that are gone.
        let current = |idle: &Idle| Arc::ptr_eq(&idle.reader.index(), &reader.index());
        let idle = opened.take_idle(found.snapshot.id).filter(current);
        let warm = idle.is_some();
        let (reader, state) = match idle {
            Some(idle) => (idle.reader, idle.state),
            None => {
                let state = open_snapshot(&reader, &found.snapshot, &|kind| app.connector(kind).ok())?;
                (reader, state)
            }
        };
        Ok(Self {
            app,
            stored: Some((reader, found)),
            state: Some(state),
            nothing: State::default(),
            warm,
        })
    }

    /// The snapshot it is of.
    pub(crate) fn found(&self) -> Option<&Found> {
        self.stored.as_ref().map(|(_, found)| found)
    }

    /// Opens one of its files.
    pub(crate) fn content(&self, path: &str) -> Result<Content> {
        Ok(match &self.stored {
            Some((reader, found)) => Content::stored(reader, &found.snapshot, path)?,
            None => Content::of(self, path)?,
        })
    }

    /// Closes it for good: what it read turned out to be gone.
    fn discard(mut self) {
        self.state = None;
        if let Some((_, found)) = &self.stored {
            self.app.opened().forget_readers(&found.vault);
        }
    }
}

impl Deref for View<'_> {
    type Target = State;
    fn deref(&self) -> &State {
        self.state.as_ref().unwrap_or(&self.nothing)
    }
}

impl Drop for View<'_> {
    fn drop(&mut self) {
        if let (Some((reader, found)), Some(state)) = (self.stored.take(), self.state.take()) {
            self.app.opened().give_back(Idle {
                snapshot: found.snapshot.id,
                reader,
                state,
            });
        }
    }
}

/// Reads a state. When one that was open before turns out to be unreadable (another process pruned the vault or wrote to it
/// meanwhile), it is opened anew and `work` done once more.
pub(crate) fn with_view<T>(
    app: &App,
    context: &Context<'_>,
    at: &SnapshotRef,
    mut work: impl FnMut(&View<'_>) -> Result<T>,
) -> Result<T> {
    let view = View::open(app, context, at)?;
    match work(&view) {
        Err(error) if view.warm && matches!(error.code, ErrorKind::Damaged | ErrorKind::Io | ErrorKind::NotFound) => {
            view.discard();
            work(&View::open(app, context, at)?)
        }
        done => done,
    }
}
