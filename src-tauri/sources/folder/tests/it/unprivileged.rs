//! Running something without the powers of the administrator, for whom no file is closed.

use std::thread;

use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};

/// Runs `work` on a thread without capabilities; threads it starts have none either. `None`, with a word about it, where
/// that is not possible.
pub fn run<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            if let Err(error) = set_capabilities(None, none) {
                eprintln!("skipped: this thread cannot give up its capabilities ({error})");
                return None;
            }
            Some(work())
        });
        thread.join().unwrap()
    })
}
