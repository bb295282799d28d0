//! Numbers by their exact decimal value. `f64` would make different big numbers the same and is never used.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};

use serde_json::Number;

/// A number as sign, digits and power of ten, in one form per value.
#[derive(PartialEq, Eq, Hash)]
struct Decimal {
    whole: bool,
    negative: bool,
    /// Significant digits without zeros at either end; empty for zero.
    digits: String,
    exponent: i64,
}

/// Whether two numbers are the same by the rule in the crate's documentation.
pub(crate) fn same(a: &Number, b: &Number) -> bool {
    a.as_str() == b.as_str()
        || match (decimal(a.as_str()), decimal(b.as_str())) {
            (Some(a), Some(b)) => a == b,
            // An exponent beyond 64 bits: only the same spelling is the same number.
            _ => false,
        }
}

/// Feeds a number to a hasher so that equal numbers give equal hashes.
pub(crate) fn hash(number: &Number, state: &mut impl Hasher) {
    match decimal(number.as_str()) {
        Some(decimal) => decimal.hash(state),
        None => number.as_str().hash(state),
    }
}

/// The one spelling of a number used in canonical JSON: a whole number as its digits, another as `DIGITSeEXPONENT`.
pub(crate) fn canonical(number: &Number) -> Cow<'_, str> {
    let text = number.as_str();
    if is_whole(text) {
        return Cow::Borrowed(if text == "-0" { "0" } else { text });
    }
    match decimal(text) {
        Some(Decimal {
            negative,
            digits,
            exponent,
            ..
        }) => {
            let sign = if negative { "-" } else { "" };
            let digits = if digits.is_empty() { "0" } else { &digits };
            Cow::Owned(format!("{sign}{digits}e{exponent}"))
        }
        None => Cow::Borrowed(text),
    }
}

fn is_whole(text: &str) -> bool {
    !text.contains(['.', 'e', 'E'])
}

/// Reads JSON number text; `None` when the exponent does not fit 64 bits.
fn decimal(text: &str) -> Option<Decimal> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix('+').unwrap_or(exponent).parse::<i64>().ok()?),
        None => (unsigned, 0),
    };
    let (int, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = String::with_capacity(int.len() + fraction.len());
    digits.push_str(int);
    digits.push_str(fraction);
    let before = digits.len();
    digits.truncate(digits.trim_end_matches('0').len());
    let zeros = before - digits.len();
    let digits = digits.trim_start_matches('0').to_owned();
    let whole = is_whole(text);
    if digits.is_empty() {
        return Some(Decimal {
            whole,
            negative: false,
            digits,
            exponent: 0,
        });
    }
    let exponent = exponent
        .checked_sub(i64::try_from(fraction.len()).ok()?)?
        .checked_add(i64::try_from(zeros).ok()?)?;
    Some(Decimal {
        whole,
        negative,
        digits,
        exponent,
    })
}
