//! Power and network of a Mac: `pmset` tells the power; whether a network is metered is told to nobody but apps of its store.

use std::time::Duration;

use super::{Look, Surroundings, pmset};
use crate::program;

const LIMIT: Duration = Duration::from_secs(3);

pub(super) struct Mac;

impl Surroundings for Mac {
    fn look(&self) -> Look {
        let mut notes = vec!["macOS does not say whether a network is metered or leads anywhere.".to_owned()];
        let on_battery = program::run("/usr/bin/pmset", &["-g", "batt"], None, LIMIT)
            .ok()
            .filter(|said| said.success)
            .and_then(|said| pmset::on_battery(&said.out));
        if on_battery.is_none() {
            notes.push("pmset does not say whether the computer runs on its battery.".to_owned());
        }
        Look {
            on_battery,
            notes,
            ..Look::default()
        }
    }
}
