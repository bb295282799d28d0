//! The tray icon: shows the true state, names what needs the person, and starts, stops and pauses jobs without the window.

mod act;
mod draw;
mod jobs;
mod scheme;
mod view;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use backstay_api::{
    commands::{Overview, Plans},
    types::{Health, JobsReply, Nothing, OverviewRequest, PlansReply, SourceHealth},
};
use backstay_model::Verdict;
use chrono::{DateTime, Utc};
use tauri::AppHandle;

use crate::backstay::Backstay;
pub(crate) use draw::gone;
pub(crate) use jobs::{Kind, by_the_clock, job_kind, job_title};
pub(crate) use view::encode;
use view::{Facts, SourceFact, View, WaitFact};

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    /// Progress of jobs.
    Jobs,
    /// Anything: sources, verdicts, settings.
    State,
    /// The desktop became dark (true) or light.
    Dark(bool),
}

/// Changes within this time are drawn once.
const SETTLE: Duration = Duration::from_millis(150);
/// Progress is drawn no more often than this: an open menu should not flicker.
const PROGRESS: Duration = Duration::from_secs(1);

/// The tray icon and the thread that draws it.
pub(crate) struct Tray {
    /// `XDG_CURRENT_DESKTOP`.
    desktop: String,
    bell: Sender<News>,
    ear: Mutex<Option<Receiver<News>>>,
    made: AtomicBool,
}

impl Tray {
    pub(crate) fn new(desktop: String) -> Self {
        let (bell, ear) = channel();
        Self {
            desktop,
            bell,
            ear: Mutex::new(Some(ear)),
            made: AtomicBool::new(false),
        }
    }

    /// Makes the icon, if the desktop lets us, and begins to draw it. On the main thread.
    pub(crate) fn start(&self, app: &AppHandle, backstay: &Arc<Backstay>) {
        let Some(ear) = self.ear.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return;
        };
        let first = look(backstay);
        if !draw::make(app, &first, true) {
            tracing::warn!("there is no tray icon: closing the window quits");
            return;
        }
        self.made.store(true, Ordering::SeqCst);
        scheme::follow(&self.desktop, self.bell.clone());
        let (app, backstay) = (app.clone(), backstay.clone());
        let drawn = thread::Builder::new()
            .name("tray".to_owned())
            .spawn(move || keep_drawing(&app, &backstay, &ear, first));
        if let Err(error) = drawn {
            tracing::error!("the tray icon will not change: {error}");
        }
    }

    pub(crate) fn news(&self, news: News) {
        // Without a tray nobody listens.
        let _ = self.bell.send(news);
    }

    /// Whether a person can see the icon: it was made, and the desktop has a place for it. Asks over D-Bus.
    pub(crate) fn visible(&self) -> bool {
        self.made.load(Ordering::SeqCst) && scheme::has_tray()
    }
}

fn look(backstay: &Backstay) -> View {
    let opened = backstay.desk().is_ok();
    let now = Utc::now();
    // The same answer as the window's first page: of several vaults the worst counts, and a run that goes on hides nothing.
    let request = OverviewRequest {
        since: Some(now),
        ..OverviewRequest::default()
    };
    let sources = backstay
        .ask::<Overview>(request)
        .map(|reply| reply.sources)
        .unwrap_or_default();
    let plans = backstay.ask::<Plans>(Nothing {}).unwrap_or_default();
    let facts = Facts {
        opened,
        sources: sources.into_iter().map(fact).collect(),
        jobs: jobs(backstay),
        plans_paused: all_paused(&plans),
        waiting: waiting(&plans),
        now,
    };
    View::of(&facts, backstay.texts())
}

fn fact(source: SourceHealth) -> SourceFact {
    SourceFact {
        name: source.source.name,
        verdict: match source.health {
            Health::Complete => Some(Verdict::Complete),
            Health::Partial => Some(Verdict::Partial),
            Health::Failed => Some(Verdict::Failed),
            Health::Cancelled => Some(Verdict::Cancelled),
            Health::None => None,
        },
        gaps: source.last.map_or(0, |run| run.gaps),
        held: source.held,
        overdue: source.overdue,
        last_good: source.last_good.map(|run| run.time),
        next: source.next,
    }
}

/// Until when every plan that would run is paused. One that goes on ends the word "paused".
fn all_paused(plans: &PlansReply) -> Option<DateTime<Utc>> {
    let mut until: Option<DateTime<Utc>> = None;
    for plan in plans.plans.iter().filter(|plan| plan.enabled) {
        let end = plan.paused_until?;
        until = Some(until.map_or(end, |earliest| earliest.min(end)));
    }
    until
}

fn waiting(plans: &PlansReply) -> Vec<WaitFact> {
    let all = plans
        .plans
        .iter()
        .flat_map(|plan| plan.waiting.iter().map(move |slot| (plan, slot)));
    // A pause is said in its own words.
    all.filter(|(_, slot)| slot.reason != "paused")
        .map(|(plan, slot)| WaitFact {
            plan: plan.name.clone(),
            reason: slot.reason.clone(),
            ask: slot.ask,
        })
        .collect()
}

fn jobs(backstay: &Backstay) -> JobsReply {
    backstay.desk().map(backstay_api::desk::Desk::jobs).unwrap_or_default()
}

fn keep_drawing(app: &AppHandle, backstay: &Arc<Backstay>, ear: &Receiver<News>, mut shown: View) {
    let mut dark = true;
    let mut drawn = Instant::now();
    // A pause ends by the clock alone.
    while let Ok(first) = ear.recv_timeout(Duration::from_secs(60)).or_else(|error| match error {
        RecvTimeoutError::Timeout => Ok(News::State),
        RecvTimeoutError::Disconnected => Err(()),
    }) {
        thread::sleep(SETTLE);
        let news: Vec<News> = std::iter::once(first).chain(ear.try_iter()).collect();
        if news.iter().all(|news| *news == News::Jobs) {
            thread::sleep(PROGRESS.saturating_sub(drawn.elapsed()));
        }
        let was_dark = dark;
        for one in &news {
            if let News::Dark(now) = one {
                dark = *now;
            }
        }
        let view = look(backstay);
        if view != shown || dark != was_dark {
            draw::update(app, &shown, &view, dark);
            shown = view;
        }
        drawn = Instant::now();
    }
}
