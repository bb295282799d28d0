//! The agent: whoever is up, the app in the tray or `backstay agent`, watches the clock and runs the plans. One process at a time
//! leads; another stands by and takes over. Nothing here runs a backup itself: due work goes to a [`Stage`].

mod absence;
mod step;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use backstay_journal::{Lead, Leading};
use backstay_surroundings::{Bell, Change, Tick, Ticks, Waker};
use chrono::{TimeDelta, Utc};

pub use step::Agent;

use crate::{ApiError, App, Result, plans::post, replicas::Standing, types::PlanRunRequest};
use backstay_model::ErrorKind;
use backstay_tell::Message;

/// Where due work goes.
pub trait Stage: Send + Sync {
    /// Whether work of this plan is under way or waits its turn here.
    fn is_busy(&self, plan: &str, task: &str) -> bool;
    /// Takes work. It is written down already that this process does it.
    fn begin(&self, request: PlanRunRequest);
    /// Shows a message on the desktop; `false` when there is none.
    fn show(&self, message: &Message) -> bool;
    /// Plans, alarms or slots changed.
    fn changed(&self);
    /// A replication went on, or has a problem.
    fn replications(&self) {}
}

/// Looked at the clock at least so often: a sign of life, and alarms that come with time alone.
const OFTEN: TimeDelta = TimeDelta::seconds(60);
/// Another process leads: whether it still does is looked at so often.
const STAND_BY: Duration = Duration::from_secs(10);
/// The postman looks at least so often: what did not get through is tried again.
const POST: Duration = Duration::from_secs(20);

/// A look that takes longer than this hangs (time awake).
const LONGEST_LOOK: Duration = Duration::from_secs(300);

/// When the thread that watches the clock last came by.
#[derive(Clone)]
struct Pulse(Arc<Mutex<Instant>>);

impl Pulse {
    fn beat(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn is_there(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).elapsed() < LONGEST_LOOK
    }
}

/// A running agent. Ends when dropped; what it began goes on.
pub struct Running {
    pulse: Pulse,
    closing: Arc<AtomicBool>,
    bell: Bell,
    post: Bell,
    threads: Vec<JoinHandle<()>>,
}

impl Running {
    /// Starts the two threads of the agent: the clock and the postman.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(app: &Arc<App>, stage: Arc<dyn Stage>) -> Result<Self> {
        let closing = Arc::new(AtomicBool::new(false));
        let pulse = Pulse(Arc::new(Mutex::new(Instant::now())));
        let waker = Waker::of_this_system();
        let bell = waker.bell();
        let postman = Waker::new(backstay_surroundings::ticks_of_this_system());
        let post_bell = postman.bell();
        let failed = |error| ApiError::new(ErrorKind::Internal, format!("no thread for the agent: {error}"));
        let clock = {
            let (app, stage, closing) = (app.clone(), stage.clone(), closing.clone());
            let (post, pulse) = (post_bell.clone(), pulse.clone());
            let named = std::thread::Builder::new().name("agent".to_owned());
            named
                .spawn(move || watch(&app, &stage, &waker, &post, &closing, &pulse))
                .map_err(failed)?
        };
        let deliver = {
            let (app, closing) = (app.clone(), closing.clone());
            let named = std::thread::Builder::new().name("post".to_owned());
            named
                .spawn(move || carry(&app, &*stage, &postman, &closing))
                .map_err(failed)?
        };
        Ok(Self {
            pulse,
            closing,
            bell,
            post: post_bell,
            threads: vec![clock, deliver],
        })
    }

    /// Looks at the plans now: something changed.
    pub fn ring(&self) {
        self.bell.ring();
        self.post.ring();
    }

    /// Whether the clock is still being watched: a thread that hangs is as bad as none.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.pulse.is_there()
    }

    /// Stops watching and waits for what stands beside the jobs to come to a safe point, at most `patience`; says whether it did.
    pub(crate) fn end(&self, patience: Duration) -> bool {
        self.closing.store(true, Ordering::SeqCst);
        self.ring();
        let until = Instant::now() + patience;
        let clock = || self.threads.iter().find(|thread| thread.thread().name() == Some("agent"));
        while clock().is_some_and(|thread| !thread.is_finished()) {
            if Instant::now() >= until {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        true
    }

    /// What wakes it from another thread.
    #[must_use]
    pub fn bell(&self) -> Bell {
        self.bell.clone()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::SeqCst);
        self.ring();
        for thread in self.threads.drain(..) {
            // A message that is just being sent has a time limit of its own; nobody waits for it.
            if thread.is_finished() || thread.thread().name() == Some("agent") {
                let _ = thread.join();
            }
        }
    }
}

/// All clocks of this computer, the time people see by the app's own.
pub(crate) fn tick(app: &App, ticks: &dyn Ticks) -> Tick {
    Tick {
        wall: app.now(),
        ..ticks.read()
    }
}

fn watch(app: &Arc<App>, stage: &Arc<dyn Stage>, waker: &Waker, post: &Bell, closing: &AtomicBool, pulse: &Pulse) {
    let ticks = backstay_surroundings::ticks_of_this_system();
    while !closing.load(Ordering::SeqCst) {
        pulse.beat();
        let lead = match Lead::take(app.home_dir(), app.program(), app.now()) {
            Ok(Leading::Here(lead)) => lead,
            Ok(Leading::Elsewhere(_)) => {
                waker.wait(STAND_BY);
                continue;
            }
            Err(error) => {
                tracing::error!("the plans are not watched: {error}");
                waker.wait(STAND_BY);
                continue;
            }
        };
        stage.changed();
        // Ends before the lead is given up: no replication runs twice.
        let standing = Standing::start(app, stage);
        lead_on(app, &**stage, &lead, waker, (post, closing, pulse), &*ticks);
        drop(standing);
        drop(lead);
    }
}

/// Watches the clock for as long as this process leads, which is until it ends.
fn lead_on(
    app: &App,
    stage: &dyn Stage,
    lead: &Lead,
    waker: &Waker,
    (post, closing, pulse): (&Bell, &AtomicBool, &Pulse),
    ticks: &dyn Ticks,
) {
    let mut agent = Agent::begin(app, lead, &tick(app, ticks));
    while !closing.load(Ordering::SeqCst) {
        pulse.beat();
        let now = tick(app, ticks);
        let wake = match agent.step(app, stage, &now) {
            Ok(wake) => wake,
            Err(error) => {
                // Nothing was lost: what is due stays due. A full disk or a damaged state is told by everything else too.
                tracing::error!("the plans could not be looked at: {}", error.message);
                now.wall + OFTEN
            }
        };
        post.ring();
        let wall = Utc::now().min(app.now());
        let until = wake.min(wall + OFTEN);
        let woken = waker.wait((until - app.now()).to_std().unwrap_or(Duration::from_millis(200)));
        if woken.changes.contains(&Change::Network)
            && let Err(error) = Agent::reconnected(app)
        {
            tracing::warn!("what waits for the network could not be read: {}", error.message);
        }
    }
}

/// Carries messages to their channels. Whoever leads, every process that may show messages looks.
fn carry(app: &App, stage: &dyn Stage, waker: &Waker, closing: &AtomicBool) {
    let show = |message: &Message| stage.show(message);
    while !closing.load(Ordering::SeqCst) {
        match post::deliver(app, app.has_desktop().then_some(&show)) {
            Ok(0) => {}
            Ok(_) => stage.changed(),
            Err(error) => tracing::warn!("the outbox could not be read: {}", error.message),
        }
        waker.wait(POST);
    }
}
