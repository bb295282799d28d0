//! Numbers as the window can take them: JavaScript has 53 bits, a record may have more.

use serde_json::Value;

/// Digits every JavaScript number keeps.
const SAFE_DIGITS: usize = 15;

/// Turns numbers that JavaScript would round into texts with all their digits.
pub(super) fn for_window(mut reply: Value) -> Value {
    walk(&mut reply);
    reply
}

fn walk(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let text = number.as_str();
            if (text.len() > SAFE_DIGITS || text.contains(['e', 'E'])) && !survives(text) {
                *value = Value::String(text.to_owned());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(walk),
        Value::Object(members) => members.values_mut().for_each(walk),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// Whether a double keeps every digit of the number.
fn survives(text: &str) -> bool {
    let Ok(double) = text.parse::<f64>() else { return false };
    double.is_finite() && digits(&format!("{double:e}")) == digits(text)
}

/// The significant digits and the power of ten of the first one: equal for equal numbers, however they are written.
fn digits(text: &str) -> (bool, String, i64) {
    let lower = text.to_ascii_lowercase();
    let (mantissa, power) = lower.split_once('e').unwrap_or((&lower, "0"));
    let negative = mantissa.starts_with('-');
    let mantissa = mantissa.trim_start_matches('-');
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let zeros = all.len() - all.trim_start_matches('0').len();
    let significant = all.trim_matches('0').to_owned();
    if significant.is_empty() {
        return (false, significant, 0);
    }
    let place = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let power = power.trim_start_matches('+').parse::<i64>().unwrap_or(i64::MAX);
    (
        negative,
        significant,
        power.saturating_add(place(whole.len())).saturating_sub(place(zeros)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        for_window(serde_json::from_str(text).unwrap()).to_string()
    }

    #[test]
    fn only_numbers_that_would_be_rounded_become_texts() {
        for kept in [
            "0",
            "-1.5",
            "100.0",
            "9007199254740991",
            "0.30000000000000004",
            "123456789012345678e0",
        ] {
            let value: Value = serde_json::from_str(kept).unwrap();
            let shown = for_window(value.clone());
            let exact = kept != "123456789012345678e0";
            assert_eq!(shown == value, exact, "{kept}");
        }
        assert_eq!(shown("9007199254740993"), "\"9007199254740993\"");
        assert_eq!(shown("[12345678901234567890123.5]"), "[\"12345678901234567890123.5\"]");
        assert_eq!(shown("{\"a\":1e400}"), "{\"a\":\"1e+400\"}", "short, but no double");
        assert_eq!(
            shown("0.1000000000000000055511151231257827"),
            "\"0.1000000000000000055511151231257827\""
        );
        assert_eq!(
            shown("1000000000000000000000"),
            "1000000000000000000000",
            "a power of ten is exact"
        );
    }
}
