//! The order people expect of values: nothing, then truth, numbers by size, texts by alphabet; as bytes that compare so.

use serde_json::Value;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Characters of a text that decide its place.
const SIGNIFICANT: usize = 300;

/// The place of a value among others: keys compare as values do. `None` for what is empty (absent, null, no text, no
/// items), which stands behind everything else in either direction.
#[must_use]
pub fn sort_key(value: Option<&Value>) -> Option<Vec<u8>> {
    let mut key = Vec::new();
    match value? {
        Value::Null => return None,
        Value::Bool(flag) => key.extend([0, u8::from(*flag)]),
        Value::Number(number) => put_number(&mut key, number.as_str()),
        Value::String(text) if text.is_empty() => return None,
        Value::String(text) => put_text(&mut key, text),
        Value::Array(items) if items.is_empty() => return None,
        Value::Object(members) if members.is_empty() => return None,
        // Lists of one kind stand where their first item would.
        Value::Array(items) => return sort_key(items.first()),
        other => {
            key.push(3);
            key.extend(other.to_string().chars().take(SIGNIFICANT).collect::<String>().bytes());
        }
    }
    Some(key)
}

/// A number: by size, and whole numbers beyond what a double holds exactly by their digits.
fn put_number(key: &mut Vec<u8>, text: &str) {
    let size: f64 = text.parse().unwrap_or(0.0);
    // Negative zero is zero.
    let bits = (size + 0.0).to_bits();
    let ordered = if bits >> 63 == 1 { !bits } else { bits | 1 << 63 };
    key.push(1);
    key.extend(ordered.to_be_bytes());
    // Only between numbers of the same double does this decide.
    let digits = text.parse::<i128>().unwrap_or(0);
    if size.abs() >= 9_007_199_254_740_992.0 {
        key.extend(((digits as u128) ^ (1 << 127)).to_be_bytes());
    }
}

/// A text: by its letters without case and accents, then as it is.
fn put_text(key: &mut Vec<u8>, text: &str) {
    key.push(2);
    let cut = text.char_indices().nth(SIGNIFICANT).map_or(text, |(at, _)| &text[..at]);
    if cut.is_ascii() {
        key.extend(cut.bytes().map(|b| b.to_ascii_lowercase().max(1)));
    } else {
        let plain = cut.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
        let mut room = [0; 4];
        for c in plain {
            key.extend(c.encode_utf8(&mut room).bytes().map(|b| b.max(1)));
        }
    }
    key.push(0);
    key.extend(cut.bytes());
}

/// The order in which people expect names: case and accents do not matter, numbers inside count by their value.
#[must_use]
pub fn natural_key(name: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(name.len() + 8);
    let plain: String = match name.is_ascii() {
        true => name.to_ascii_lowercase(),
        false => name
            .nfkd()
            .filter(|c| !is_combining_mark(*c))
            .flat_map(char::to_lowercase)
            .collect(),
    };
    let mut rest = plain.as_bytes();
    while let Some(first) = rest.first() {
        if first.is_ascii_digit() {
            let len = rest.iter().take_while(|b| b.is_ascii_digit()).count();
            let digits = &rest[..len];
            let zeros = digits.iter().take_while(|b| **b == b'0').count();
            let number = &digits[zeros..];
            // More digits, greater number; the length in two bytes, as names are short.
            key.push(b'0');
            key.extend(u16::try_from(number.len()).unwrap_or(u16::MAX).to_be_bytes());
            key.extend(number);
            rest = &rest[len..];
        } else {
            key.push(*first);
            rest = &rest[1..];
        }
    }
    key.push(0);
    key.extend(name.bytes());
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(values: &[&str]) -> Vec<String> {
        let mut all: Vec<(Option<Vec<u8>>, &str)> = values
            .iter()
            .map(|text| (sort_key(Some(&serde_json::from_str(text).unwrap())), *text))
            .collect();
        all.sort_by(|(a, _), (b, _)| a.is_none().cmp(&b.is_none()).then_with(|| a.cmp(b)));
        all.into_iter().map(|(_, text)| text.to_owned()).collect()
    }

    #[test]
    fn values_stand_in_the_order_people_expect() {
        let order = [
            "false",
            "true",
            "-9007199254740993000",
            "-2",
            "-1.5",
            "0",
            "0.5",
            "3",
            "10",
            "9007199254740992",
            "9007199254740993",
            "1e300",
            "\"apple\"",
            "\"Äpfel\"",
            "\"Apple pie\"",
            "\"zebra\"",
            "\"Ωmega\"",
        ];
        let mut mixed = order.to_vec();
        mixed.reverse();
        let got = sorted(&mixed);
        assert_eq!(got[..12], order[..12]);
        assert_eq!(
            got[12..],
            ["\"Äpfel\"", "\"apple\"", "\"Apple pie\"", "\"zebra\"", "\"Ωmega\""]
        );
        assert!(sort_key(None).is_none() && sort_key(Some(&Value::Null)).is_none());
        assert!(sort_key(Some(&serde_json::json!(""))).is_none());
        assert_eq!(
            sort_key(Some(&serde_json::json!(0))),
            sort_key(Some(&serde_json::from_str("-0").unwrap()))
        );
    }

    #[test]
    fn numbers_in_names_count_by_value() {
        let mut names = ["img10.png", "IMG2.png", "img02.png", "a", "Ä", "b", "img1.png", "10", "9"];
        names.sort_by_key(|name| natural_key(name));
        assert_eq!(
            names,
            ["9", "10", "a", "Ä", "b", "img1.png", "IMG2.png", "img02.png", "img10.png"]
        );
    }
}
