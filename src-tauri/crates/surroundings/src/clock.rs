//! The clocks of the computer, read together, and what happened between two readings: sleep, a clock that was set, a restart.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// A wall clock may drift or be slewed by this much between two readings without having been set.
const TOLERATED_SECONDS: i64 = 2;

/// Sleep shorter than this is noise between two clocks that are read one after the other.
const SHORTEST_SLEEP: Duration = Duration::from_secs(1);

/// All clocks at one moment. May be stored and compared by a later process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tick {
    /// The time people see. Anyone may set it, in both directions.
    pub wall: DateTime<Utc>,
    /// Runs while the computer is awake, from an origin that lasts until it restarts.
    pub awake: Duration,
    /// Runs while the computer is on, asleep or awake, from the same origin.
    pub since_boot: Duration,
    /// Tells one start of the computer from the next; empty where the system has no such name.
    pub boot: String,
}

/// What reads the clocks.
pub trait Ticks: Send + Sync {
    /// All clocks now.
    fn read(&self) -> Tick;
}

/// What happened between two readings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Gap {
    /// How long the computer slept. Zero across a restart.
    pub asleep: Duration,
    /// By how many seconds somebody set the wall clock: forth positive, back negative, zero within two seconds. Across a restart only
    /// the part that is certain: the computer cannot have started before the first reading.
    pub clock_moved: i64,
    /// Whether the computer was started anew in between.
    pub rebooted: bool,
    /// From the first reading until the computer started again, by the wall clock. Zero without a restart.
    pub off: Duration,
}

/// Compares two readings, `before` taken earlier than `now`.
///
/// Where the system does not name its starts, readings of two processes may have nothing in common; nothing is told then.
#[must_use]
pub fn gap(before: &Tick, now: &Tick) -> Gap {
    if now.boot.is_empty() && before.boot.is_empty() && now.since_boot < before.since_boot {
        return Gap::default();
    }
    if before.boot != now.boot {
        let started = now.wall - delta(now.since_boot);
        let off = started - before.wall;
        return Gap {
            asleep: Duration::ZERO,
            clock_moved: beyond_tolerance(off.num_seconds().min(0)),
            rebooted: true,
            off: off.to_std().unwrap_or_default(),
        };
    }
    let on = delta(now.since_boot) - delta(before.since_boot);
    let awake = delta(now.awake) - delta(before.awake);
    let asleep = (on - awake).to_std().unwrap_or_default();
    Gap {
        asleep: if asleep < SHORTEST_SLEEP { Duration::ZERO } else { asleep },
        clock_moved: beyond_tolerance((now.wall - before.wall - on).num_seconds()),
        rebooted: false,
        off: Duration::ZERO,
    }
}

/// The clocks of this computer.
///
/// Linux and macOS count sleep and name their starts. On Windows neither is read: sleep is not told apart from time that passed, and
/// readings of two processes are not compared.
#[must_use]
pub fn ticks_of_this_system() -> Box<dyn Ticks> {
    Box::new(system::Clocks::start())
}

fn beyond_tolerance(seconds: i64) -> i64 {
    if seconds.abs() > TOLERATED_SECONDS { seconds } else { 0 }
}

fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

#[cfg(target_os = "linux")]
mod system {
    use std::time::Duration;

    use rustix::time::{ClockId, clock_gettime};

    use super::{Tick, Ticks};

    /// `CLOCK_MONOTONIC` stops in sleep, `CLOCK_BOOTTIME` does not (clock_gettime(2)).
    pub(super) struct Clocks {
        boot: String,
    }

    impl Clocks {
        pub(super) fn start() -> Self {
            let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
            Self {
                boot: boot.trim().to_owned(),
            }
        }
    }

    impl Ticks for Clocks {
        fn read(&self) -> Tick {
            Tick {
                wall: chrono::Utc::now(),
                awake: of(ClockId::Monotonic),
                since_boot: of(ClockId::Boottime),
                boot: self.boot.clone(),
            }
        }
    }

    fn of(clock: ClockId) -> Duration {
        let time = clock_gettime(clock);
        Duration::new(
            u64::try_from(time.tv_sec).unwrap_or(0),
            u32::try_from(time.tv_nsec).unwrap_or(0),
        )
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::time::{Duration, Instant};

    use super::{Tick, Ticks};

    /// `Instant` stops in sleep on macOS. What counts sleep there is the system's `CLOCK_MONOTONIC`.
    pub(super) struct Clocks {
        origin: Duration,
        started: Instant,
        boot: String,
    }

    impl Clocks {
        pub(super) fn start() -> Self {
            Self {
                origin: counting_sleep().unwrap_or_default(),
                started: Instant::now(),
                boot: boot().unwrap_or_default(),
            }
        }
    }

    impl Ticks for Clocks {
        fn read(&self) -> Tick {
            let awake = self.origin + self.started.elapsed();
            Tick {
                wall: chrono::Utc::now(),
                awake,
                since_boot: counting_sleep().unwrap_or(awake),
                boot: self.boot.clone(),
            }
        }
    }

    #[cfg(target_os = "macos")]
    fn counting_sleep() -> Option<Duration> {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        Some(Duration::new(
            u64::try_from(time.tv_sec).ok()?,
            u32::try_from(time.tv_nsec).ok()?,
        ))
    }

    #[cfg(not(target_os = "macos"))]
    fn counting_sleep() -> Option<Duration> {
        None
    }

    #[cfg(target_os = "macos")]
    fn boot() -> Option<String> {
        let limit = Duration::from_secs(3);
        let said = crate::program::run("/usr/sbin/sysctl", &["-n", "kern.bootsessionuuid"], None, limit).ok()?;
        said.success.then_some(said.out)
    }

    #[cfg(not(target_os = "macos"))]
    fn boot() -> Option<String> {
        None
    }
}
