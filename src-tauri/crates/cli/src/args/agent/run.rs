//! `backstay agent run`: watches the clock and runs the plans until it is told to stop.

use std::{
    path::Path,
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    time::{Duration, Instant},
};

use backstay_api::{
    Cancel,
    desk::{Desk, Listener, Once},
    notify::Notify,
    tell::{Message, desktop},
    types::{JobView, Topic},
};
use clap::Args;

use super::say::Speaker;
use crate::{
    args::Global,
    errors::Result,
    output::Output,
    session::{Exit, options},
};

/// Arguments of `agent run`.
#[derive(Debug, Args)]
pub struct Run {
    /// Do what is due now, and end
    #[arg(long)]
    once: bool,
    /// Show no notifications on the desktop
    #[arg(long)]
    no_desktop: bool,
}

/// What runs gets so long to come to a safe point. The system kills after 90 seconds.
const PATIENCE: Duration = Duration::from_secs(60);
/// Signals are seen after this time at the latest.
const EAR: Duration = Duration::from_millis(200);

/// What the agent hears of its jobs.
pub(super) enum News {
    /// A job went on.
    Job(Box<JobView>),
    /// Something of plans or alarms changed.
    Stale,
}

struct Ear(Sender<News>);

impl Listener for Ear {
    fn job(&self, job: &JobView) {
        // Nobody listens any more only when the process ends.
        let _ = self.0.send(News::Job(Box::new(job.clone())));
    }

    fn stale(&self, topics: &[Topic]) {
        if topics.contains(&Topic::Plans) || topics.contains(&Topic::Channels) {
            let _ = self.0.send(News::Stale);
        }
    }

    fn tell(&self, message: &Message) -> bool {
        desktop::show(message, &[]).is_ok()
    }
}

/// Whether notifications can be shown: a session's bus is there.
fn has_desktop() -> bool {
    let named = std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some_and(|address| !address.is_empty());
    let beside = std::env::var_os("XDG_RUNTIME_DIR").is_some_and(|dir| Path::new(&dir).join("bus").exists());
    named || beside
}

/// Does it.
///
/// # Errors
/// When the state directory cannot be used. What goes wrong with a plan is told, and ends nothing.
pub(in crate::args) fn run(args: &Run, global: &Global, output: &Output, cancel: &Cancel) -> Result<Exit> {
    let (sender, news) = mpsc::channel();
    let desk = Desk::open(options(global)?, Arc::new(Ear(sender)))?;
    let shows = !args.no_desktop && has_desktop();
    let mut speaker = Speaker::new(output, &desk);
    let exit = if args.once {
        once(&desk, shows, &mut speaker, &news, cancel)?
    } else {
        watch(&desk, shows, &mut speaker, &news, cancel)?;
        Exit::DONE
    };
    let clean = desk.shut_down(PATIENCE);
    for news in news.try_iter() {
        speaker.hear(&news)?;
    }
    speaker.ended(clean)?;
    Ok(exit)
}

fn watch(desk: &Desk, shows: bool, speaker: &mut Speaker<'_>, news: &Receiver<News>, cancel: &Cancel) -> Result<()> {
    let notify = Notify::from_environment(|name| std::env::var_os(name));
    desk.watch(shows)?;
    notify.ready();
    let mut alive = Instant::now();
    while !cancel.is_cancelled() {
        listen(speaker, news)?;
        // Only while the clock is watched: of an agent that hangs the system must not hear that all is well.
        if desk.is_watching() && notify.alive_every().is_some_and(|every| alive.elapsed() >= every) {
            alive = Instant::now();
            notify.alive();
        }
    }
    notify.stopping();
    Ok(())
}

fn listen(speaker: &mut Speaker<'_>, news: &Receiver<News>) -> Result<()> {
    match news.recv_timeout(EAR) {
        Ok(news) => speaker.hear(&news)?,
        Err(RecvTimeoutError::Timeout) => {}
        Err(RecvTimeoutError::Disconnected) => std::thread::sleep(EAR),
    }
    speaker.look()
}

/// Does what is due, saying what happens meanwhile.
fn once(desk: &Desk, shows: bool, speaker: &mut Speaker<'_>, news: &Receiver<News>, cancel: &Cancel) -> Result<Exit> {
    let done = std::thread::scope(|scope| -> Result<Once> {
        let work = scope.spawn(|| desk.watch_once(shows, cancel));
        while !work.is_finished() {
            listen(speaker, news)?;
        }
        match work.join() {
            Ok(done) => Ok(done?),
            Err(fault) => std::panic::resume_unwind(fault),
        }
    })?;
    for news in news.try_iter() {
        speaker.hear(&news)?;
    }
    speaker.look_now()?;
    if let Once::Elsewhere(process) = done {
        speaker.elsewhere(process.as_deref().unwrap_or("another program"))?;
    }
    Ok(speaker.worst())
}
