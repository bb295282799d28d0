//! When two documents say the same, whatever server wrote them down.

use std::borrow::Cow;

use serde_json::Value;

use super::{ConvertError, Leaf};

/// Whether two leaves have the same content: their own members by value, and whether they are tombstones. What CouchDB says about
/// them (revisions, attachments) does not count.
///
/// # Errors
/// When a text is damaged.
pub(crate) fn same_body(a: &Leaf, b: &Leaf) -> Result<bool, ConvertError> {
    if a.deleted != b.deleted {
        return Ok(false);
    }
    Ok(tree(a)?.is_some_and(|a| tree(b).ok().flatten().is_some_and(|b| same_value(&a, &b))) || texts(a)? == texts(b)?)
}

/// The members as they stand, for JSON that no tree can hold (half a surrogate pair, say).
fn texts(leaf: &Leaf) -> Result<Vec<(String, String)>, ConvertError> {
    let mut found: Vec<_> = leaf
        .body()?
        .into_iter()
        .map(|(name, value)| (name.into_owned(), value.get().to_owned()))
        .collect();
    found.sort();
    Ok(found)
}

fn tree(leaf: &Leaf) -> Result<Option<Value>, ConvertError> {
    let mut members = serde_json::Map::new();
    for (name, value) in leaf.body()? {
        let Ok(value) = serde_json::from_str(value.get()) else {
            return Ok(None);
        };
        members.insert(name.into_owned(), value);
    }
    Ok(Some(Value::Object(members)))
}

/// Whether two leaves have the same attachments: names, media types and lengths; digests only where both lengths say nothing, because
/// servers digest what they keep, compressed or not.
pub(crate) fn same_attachments(a: &Leaf, b: &Leaf) -> bool {
    let (a, b) = (&a.attachments, &b.attachments);
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| {
            let same = match (a.length, b.length) {
                (Some(a), Some(b)) => a == b,
                _ => a.digest == b.digest,
            };
            same && a.name == b.name && a.media_type == b.media_type
        })
}

/// Whether two values are the same: objects in any order of members, numbers by their decimal value (`1`, `1.0` and `1e0` are one
/// number). A number that a server rounded is another number.
pub(crate) fn same_value(a: &Value, b: &Value) -> bool {
    let mut pairs = vec![(a, b)];
    while let Some(pair) = pairs.pop() {
        match pair {
            (Value::Number(a), Value::Number(b)) if same_number(a.as_str(), b.as_str()) => {}
            (Value::Array(a), Value::Array(b)) if a.len() == b.len() => pairs.extend(a.iter().zip(b)),
            (Value::Object(a), Value::Object(b)) if a.len() == b.len() => {
                for (name, value) in a {
                    match b.get(name) {
                        Some(other) => pairs.push((value, other)),
                        None => return false,
                    }
                }
            }
            (Value::Number(_) | Value::Array(_) | Value::Object(_), _) => return false,
            (a, b) if a == b => {}
            _ => return false,
        }
    }
    true
}

fn same_number(a: &str, b: &str) -> bool {
    a == b || matches!((decimal(a), decimal(b)), (Some(a), Some(b)) if a == b)
}

/// Sign, digits without zeros at either end, and power of ten; `None` when the exponent is beyond all reason.
fn decimal(text: &str) -> Option<(bool, Cow<'_, str>, i64)> {
    let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix('+').unwrap_or(exponent).parse().ok()?),
        None => (unsigned, 0_i64),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: Cow<'_, str> = match fraction {
        "" => Cow::Borrowed(whole),
        fraction => Cow::Owned(format!("{whole}{fraction}")),
    };
    let trimmed = digits.trim_end_matches('0');
    let zeros = i64::try_from(digits.len() - trimmed.len()).ok()?;
    let significant = trimmed.trim_start_matches('0').to_owned();
    if significant.is_empty() {
        return Some((false, Cow::Borrowed(""), 0));
    }
    let exponent = exponent
        .checked_sub(i64::try_from(fraction.len()).ok()?)?
        .checked_add(zeros)?;
    Some((negative, Cow::Owned(significant), exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_by_their_decimal_value() {
        for (a, b) in [
            ("1", "1.0"),
            ("1e0", "1"),
            ("100", "1e2"),
            ("0.10", "1E-1"),
            ("-0", "0.0"),
            ("1.5e+3", "1500"),
            ("0", "0e9"),
        ] {
            assert!(same_number(a, b), "{a} {b}");
        }
        for (a, b) in [
            ("12345678901234567890123", "12345678901234567000000"),
            ("1", "-1"),
            ("1", "10"),
            ("0.1", "0.10000000000000001"),
            ("1e99999999999999999999", "1e99999999999999999998"),
        ] {
            assert!(!same_number(a, b), "{a} {b}");
        }
    }
}
