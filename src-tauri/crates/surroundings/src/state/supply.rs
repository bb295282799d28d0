//! The power supplies the kernel lists, for computers without UPower.

use std::fs;
use std::path::Path;

/// Whether the computer runs on its battery, from a folder like `/sys/class/power_supply` (the kernel's ABI/testing/sysfs-class-power).
/// `None` when there is no such folder.
pub(super) fn on_battery(supplies: &Path) -> Option<bool> {
    let mut draining = None;
    for supply in fs::read_dir(supplies).ok()?.flatten() {
        let read = |name: &str| fs::read_to_string(supply.path().join(name)).unwrap_or_default();
        // The battery of a mouse says nothing about the computer.
        if read("scope").trim() == "Device" {
            continue;
        }
        match (read("type").trim(), read("online").trim()) {
            ("Battery", _) => match read("status").trim() {
                "Discharging" => draining = Some(true),
                "Charging" | "Full" | "Not charging" => draining = draining.or(Some(false)),
                _ => {}
            },
            ("Mains" | "USB" | "Wireless", "1") => return Some(false),
            _ => {}
        }
    }
    // Without a battery there is nothing else to run on than the mains.
    Some(draining.unwrap_or(false))
}
