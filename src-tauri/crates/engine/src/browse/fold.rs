//! Finding text whatever its case: in records, file names and fields, in any script.

use std::borrow::Cow;

use backstay_model::Record;
use memchr::{memchr2_iter, memmem};
use serde_json::Value;
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// Characters shown before a match.
const BEFORE: usize = 60;
/// Characters shown from the match on.
const AFTER: usize = 140;

/// A character without its case; the two small sigmas are one.
fn small(c: char) -> impl Iterator<Item = char> {
    c.to_lowercase().map(|c| if c == 'ς' { 'σ' } else { c })
}

/// A text in one spelling: composed characters, no case.
#[must_use]
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return match text.bytes().any(|b| b.is_ascii_uppercase()) {
            true => Cow::Owned(text.to_ascii_lowercase()),
            false => Cow::Borrowed(text),
        };
    }
    Cow::Owned(composed(text).chars().flat_map(small).collect())
}

fn composed(text: &str) -> Cow<'_, str> {
    match is_nfc(text) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.nfc().collect()),
    }
}

/// A text that is looked for.
#[derive(Debug, Clone)]
pub struct Needle {
    folded: String,
    /// Only in this spelling can the text occur in JSON that has no escapes.
    plain: bool,
}

impl Needle {
    /// Looks for `text` in any case.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let folded = fold(text.trim()).into_owned();
        let escaped = |c: char| c.is_control() || matches!(c, '"' | '\\' | '/');
        Self {
            plain: !folded.contains(escaped),
            folded,
        }
    }

    /// Whether it is found everywhere.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.folded.is_empty()
    }

    /// Whether the text contains it.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        if text.is_ascii() && self.folded.is_ascii() {
            return ascii_find(text.as_bytes(), self.folded.as_bytes());
        }
        fold(text).contains(&self.folded)
    }

    /// Whether the record's id or one of its values contains it. Names of fields do not count: every record has them.
    #[must_use]
    pub fn is_in_record(&self, record: &Record) -> bool {
        self.is_in(&record.id)
            || (self.may_be_in(record.data.as_bytes()) && record.data.value().is_ok_and(|value| self.find(&value).is_some()))
    }

    /// The text around the first match in the record: in its values, else in its id.
    #[must_use]
    pub fn excerpt_of(&self, record: &Record) -> Option<String> {
        let may = self.may_be_in(record.data.as_bytes());
        let value = may.then(|| record.data.value().ok()).flatten();
        let found = value.as_ref().and_then(|value| self.find(value));
        found
            .and_then(|text| self.excerpt(&text))
            .or_else(|| self.excerpt(&record.id))
    }

    /// Whether the values of `json` may contain it; a look at the bytes that spares most records the parsing.
    fn may_be_in(&self, json: &[u8]) -> bool {
        // Text may be written as `\u00e9`, and what has to be escaped in more than one way.
        if !self.plain || memmem::find(json, b"\\u").is_some() {
            return true;
        }
        if !self.folded.is_ascii() {
            return !json.is_ascii();
        }
        // Two characters outside ASCII have small forms inside.
        ascii_find(json, self.folded.as_bytes())
            || memmem::find(json, "\u{212a}".as_bytes()).is_some()
            || memmem::find(json, "\u{130}".as_bytes()).is_some()
    }

    /// The first value that contains it.
    fn find<'a>(&self, value: &'a Value) -> Option<Cow<'a, str>> {
        match value {
            Value::String(text) => self.is_in(text).then_some(Cow::Borrowed(text.as_str())),
            Value::Number(number) => {
                let text = number.as_str();
                self.is_in(text).then_some(Cow::Borrowed(text))
            }
            Value::Bool(flag) => {
                let text = if *flag { "true" } else { "false" };
                (self.folded == text).then_some(Cow::Borrowed(text))
            }
            Value::Array(items) => items.iter().find_map(|item| self.find(item)),
            Value::Object(members) => members.values().find_map(|member| self.find(member)),
            Value::Null => None,
        }
    }

    /// The text around the first match, cut at both ends, on one line.
    #[must_use]
    pub fn excerpt(&self, text: &str) -> Option<String> {
        let text = composed(text);
        let mut folded = String::with_capacity(text.len());
        // Where each character begins in the folded text.
        let mut starts = Vec::new();
        for c in text.chars() {
            starts.push(folded.len());
            folded.extend(small(c));
        }
        let at = folded.find(&self.folded)?;
        let first = starts.partition_point(|start| *start <= at).saturating_sub(1);
        let from = first.saturating_sub(BEFORE);
        let shown: String = text.chars().skip(from).take(first - from + AFTER).collect();
        let mut out = String::new();
        if from > 0 {
            out.push('…');
        }
        for (number, word) in shown.split_whitespace().enumerate() {
            if number > 0 {
                out.push(' ');
            }
            out.push_str(word);
        }
        if first + AFTER < starts.len() {
            out.push('…');
        }
        Some(out)
    }
}

/// Whether `text` contains `small`, which has no capital letters, in any case of ASCII.
fn ascii_find(text: &[u8], small: &[u8]) -> bool {
    let Some(first) = small.first() else { return true };
    memchr2_iter(*first, first.to_ascii_uppercase(), text).any(|at| {
        text.get(at..at + small.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(small))
    })
}

#[cfg(test)]
mod tests {
    use backstay_model::RawJson;

    use super::*;

    fn record(json: &str) -> Record {
        Record::new("Id-7", RawJson::parse(json.as_bytes()).unwrap())
    }

    #[test]
    fn case_does_not_matter_in_any_script() {
        for (needle, text) in [
            ("größe", "Die GRÖSSE? Nein: die GRÖßE"),
            ("ΣΑΣ", "ο σας"),
            ("привет", "ПРИВЕТ, мир"),
            ("cafe\u{301}", "Café"),
            ("k", "\u{212a}"),
            ("istanbul", "ISTANBUL"),
        ] {
            assert!(Needle::new(needle).is_in(text), "{needle} in {text}");
        }
        assert!(!Needle::new("x").is_in("abc"));
    }

    #[test]
    fn values_count_and_names_of_fields_do_not() {
        let record =
            record(r#"{"title":"Line\nbreak \"quoted\" caf\u00e9","n":12.50,"tags":["Red",{"deep":"Blue/Green"}],"ok":true}"#);
        for needle in [
            "BREAK",
            "\"QUOTED\"",
            "CAFÉ",
            "12.5",
            "red",
            "blue/green",
            "line\nbreak",
            "true",
            "ID-7",
        ] {
            assert!(Needle::new(needle).is_in_record(&record), "{needle}");
        }
        for needle in ["title", "tags", "deep", "\":", "tru", "nbreak"] {
            assert!(!Needle::new(needle).is_in_record(&record), "{needle}");
        }
    }

    #[test]
    fn the_excerpt_is_the_text_around_the_match() {
        let text = format!("{} the DÉNTIST\n  called {}", "before ".repeat(30), "after ".repeat(60));
        let shown = Needle::new("déntist").excerpt(&text).unwrap();
        assert!(shown.starts_with('…') && shown.ends_with('…'), "{shown}");
        assert!(shown.contains("the DÉNTIST called after"), "{shown}");
        assert_eq!(Needle::new("b").excerpt("abc").unwrap(), "abc");
        // Letters that grow when they get small do not shift the place.
        assert_eq!(Needle::new("x").excerpt(&"İ".repeat(70)), None);
        assert!(
            Needle::new("x")
                .excerpt(&format!("{}x", "İ".repeat(70)))
                .unwrap()
                .ends_with('x')
        );
    }
}
