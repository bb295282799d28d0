//! What the computer is doing: on battery, on a metered network, asleep since when; and how the system starts programs.
//!
//! Two halves that share no code. [`state`], [`clock`] and [`waker`] tell a scheduler about the world and wake it when that changes;
//! [`service`] and [`notify`] are for the agent, which the system starts, watches and ends.
//!
//! Everything here may be missing (no bus, no battery, no service manager). Missing is an answer, never an error, and every question
//! to another process has a time limit.

pub mod clock;
#[cfg(target_os = "linux")]
mod listen;
pub mod notify;
mod program;
pub mod service;
pub mod state;
pub mod waker;

pub use clock::{Gap, Tick, Ticks, gap, ticks_of_this_system};
pub use state::{Look, Surroundings, of_this_system};
pub use waker::{Bell, Change, Waker, Woken};
