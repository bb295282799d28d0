//! What two readings of the clocks tell.

use std::time::Duration;

use backstay_surroundings::{Gap, Tick, gap, ticks_of_this_system};
use chrono::{DateTime, TimeDelta};

/// A reading: wall clock, awake and since the start, all in seconds.
pub fn tick(wall: i64, awake: u64, since_boot: u64, boot: &str) -> Tick {
    Tick {
        wall: DateTime::UNIX_EPOCH + TimeDelta::seconds(1_800_000_000 + wall),
        awake: Duration::from_secs(awake),
        since_boot: Duration::from_secs(since_boot),
        boot: boot.to_owned(),
    }
}

#[test]
fn tells_sleep_set_clocks_and_restarts() {
    let hour = 3600;
    let before = tick(0, 500, 700, "a");
    let asleep = |seconds| Gap {
        asleep: Duration::from_secs(seconds),
        ..Gap::default()
    };
    let moved = |clock_moved| Gap {
        clock_moved,
        ..Gap::default()
    };
    let rebooted = |off, clock_moved| Gap {
        rebooted: true,
        off: Duration::from_secs(off),
        clock_moved,
        ..Gap::default()
    };
    let cases = [
        ("time passes", tick(60, 560, 760, "a"), Gap::default()),
        ("a clock is slewed", tick(62, 560, 760, "a"), Gap::default()),
        ("an hour of sleep", tick(3660, 560, 700 + 3660, "a"), asleep(hour)),
        ("set forth by a day", tick(86_460, 560, 760, "a"), moved(86_400)),
        ("set back by a day", tick(60 - 86_400, 560, 760, "a"), moved(-86_400)),
        ("set back by three seconds", tick(57, 560, 760, "a"), moved(-3)),
        (
            "slept for an hour and set back by two",
            tick(3660 - 7200, 560, 700 + 3660, "a"),
            Gap {
                asleep: Duration::from_secs(hour),
                clock_moved: -7200,
                ..Gap::default()
            },
        ),
        ("off for an hour, up for a minute", tick(3660, 60, 60, "b"), rebooted(hour, 0)),
        (
            "started anew with a clock a day behind",
            tick(60 - 86_400, 60, 60, "b"),
            rebooted(0, -86_400),
        ),
    ];
    for (what, now, expected) in cases {
        assert_eq!(gap(&before, &now), expected, "{what}");
    }
}

#[test]
fn noise_between_two_clocks_is_no_sleep() {
    let before = tick(0, 500, 700, "a");
    let mut now = tick(10, 510, 710, "a");
    now.since_boot += Duration::from_micros(300);
    assert_eq!(gap(&before, &now), Gap::default());
    now.since_boot -= Duration::from_micros(600);
    assert_eq!(gap(&before, &now), Gap::default());
}

#[test]
fn two_processes_without_a_name_of_the_start_are_not_compared() {
    assert_eq!(gap(&tick(0, 500, 700, ""), &tick(9000, 1, 1, "")), Gap::default());
    // Within one process they are.
    let gap = gap(&tick(0, 500, 700, ""), &tick(3660, 560, 4360, ""));
    assert_eq!(gap.asleep, Duration::from_secs(3600));
}

#[test]
fn real_clocks_run_and_may_be_stored() {
    let ticks = ticks_of_this_system();
    let before = ticks.read();
    std::thread::sleep(Duration::from_millis(20));
    let now = ticks_of_this_system().read();
    assert!(now.awake >= before.awake + Duration::from_millis(15));
    assert!(now.since_boot >= before.since_boot + Duration::from_millis(15));
    assert!(now.since_boot >= now.awake || cfg!(not(target_os = "linux")));
    assert_eq!(gap(&before, &now), Gap::default());
    if cfg!(target_os = "linux") {
        assert_eq!(now.boot.len(), 36, "a boot id is a UUID: {:?}", now.boot);
    }
    let stored = serde_json::to_string(&now).unwrap();
    assert_eq!(serde_json::from_str::<Tick>(&stored).unwrap(), now, "{stored}");
}
