//! The plans looked at once: what is due now is done, and nobody watches the clock afterwards. For a starter of programs that comes back.

use std::time::Duration;

use backstay_journal::{Lead, Leading};
use backstay_source::Cancel;
use chrono::TimeDelta;

use super::Desk;
use crate::{
    Result,
    agent::{Agent, tick},
    plans::post,
    types::JobState,
};

/// How often it is looked whether what was due has ended.
const LOOK: Duration = Duration::from_millis(200);
/// Something that wants a look sooner than this is looked at now.
const AT_ONCE: TimeDelta = TimeDelta::seconds(1);

/// How one look at the plans went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Once {
    /// What was due was done, or waits for a better moment.
    Done,
    /// Another process runs the plans, which does what is due: its name and process number, if they are known.
    Elsewhere(Option<String>),
}

impl Desk {
    /// Does what is due now, and waits until it ended. `desktop` says that messages can be shown here.
    ///
    /// # Errors
    /// When the state cannot be read or written.
    pub fn watch_once(&self, desktop: bool, cancel: &Cancel) -> Result<Once> {
        self.app.set_has_desktop(desktop);
        self.app.set_watching();
        let lead = match Lead::take(self.app.home_dir(), self.app.program(), self.app.now())? {
            Leading::Here(lead) => lead,
            Leading::Elsewhere(holder) => {
                let process = holder
                    .process
                    .map(|process| format!("{} (process {})", process.program, process.pid));
                return Ok(Once::Elsewhere(process));
            }
        };
        let ticks = backstay_surroundings::ticks_of_this_system();
        let (stage, now) = (self.jobs.stage(), tick(&self.app, &*ticks));
        let mut agent = Agent::begin(&self.app, &lead, &now);
        let wake = agent.step(&self.app, &*stage, &now)?;
        if wake - now.wall < AT_ONCE {
            // A plan nobody had looked at before was only written down by the first look.
            agent.step(&self.app, &*stage, &tick(&self.app, &*ticks))?;
        }
        while self.works() && !cancel.is_cancelled() {
            std::thread::sleep(LOOK);
        }
        let show = |message: &backstay_tell::Message| stage.show(message);
        post::deliver(&self.app, desktop.then_some(&show))?;
        drop(lead);
        Ok(Once::Done)
    }

    fn works(&self) -> bool {
        self.jobs.list().jobs.iter().any(|job| job.state != JobState::Done)
    }
}
