//! What `pmset -g batt` of macOS says. Compiled everywhere, so that it is tested everywhere.

/// Whether the computer draws from its battery, by the first line: `Now drawing from 'Battery Power'`, `'AC Power'` or `'UPS Power'`.
#[cfg_attr(not(any(target_os = "macos", test)), expect(dead_code, reason = "only macOS asks"))]
pub(super) fn on_battery(said: &str) -> Option<bool> {
    match said.lines().next()?.split('\'').nth(1)? {
        "AC Power" => Some(false),
        "Battery Power" | "UPS Power" => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::on_battery;

    #[test]
    fn reads_the_source_of_power() {
        let battery = "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=4522083)\t87%; discharging; 5:10 remaining";
        assert_eq!(on_battery(battery), Some(true));
        assert_eq!(on_battery("Now drawing from 'AC Power'\n"), Some(false));
        assert_eq!(on_battery("Now drawing from 'UPS Power'\n"), Some(true));
        assert_eq!(on_battery("Now drawing from 'Magic'\n"), None);
        assert_eq!(on_battery(""), None);
    }
}
