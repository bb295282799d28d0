//! The few texts the shell says itself (tray, notifications, questions), in every language of the window.

use std::{collections::HashMap, sync::OnceLock};

/// The texts of one language.
pub struct Texts(HashMap<String, String>);

const CATALOGUE: &[(&str, &str)] = &[("en", include_str!("texts/en.json")), ("de", include_str!("texts/de.json"))];

fn all() -> &'static HashMap<&'static str, Texts> {
    static ALL: OnceLock<HashMap<&'static str, Texts>> = OnceLock::new();
    ALL.get_or_init(|| {
        let read = |text| Texts(serde_json::from_str(text).unwrap_or_default());
        CATALOGUE.iter().map(|(language, text)| (*language, read(text))).collect()
    })
}

/// The texts for a language tag (`de`, `de_DE.UTF-8`, `de-AT`); English for unknown ones.
#[must_use]
pub fn of(tag: &str) -> &'static Texts {
    static NONE: OnceLock<Texts> = OnceLock::new();
    let language = tag
        .split(['-', '_', '.', '@'])
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    all()
        .get(language.as_str())
        .or_else(|| all().get("en"))
        .unwrap_or_else(|| NONE.get_or_init(|| Texts(HashMap::new())))
}

impl Texts {
    /// A text with its places filled in; the key itself when there is none.
    #[must_use]
    pub fn text(&self, key: &str, places: &[(&str, &str)]) -> String {
        let mut text = self.0.get(key).cloned().unwrap_or_else(|| key.to_owned());
        for (place, value) in places {
            text = text.replace(&format!("{{{place}}}"), value);
        }
        text
    }

    /// A text without places that may be missing: for codes that others make.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<String> {
        self.0.get(key).cloned()
    }

    /// The text for a number: `key.one` for 1, `key.other` for the rest; `{n}` is the number.
    #[must_use]
    pub fn count(&self, key: &str, n: u64, places: &[(&str, &str)]) -> String {
        let form = if n == 1 { "one" } else { "other" };
        let number = n.to_string();
        let mut all = vec![("n", number.as_str())];
        all.extend_from_slice(places);
        self.text(&format!("{key}.{form}"), &all)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn places(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|part| part.split('}').next()).collect()
    }

    #[test]
    fn every_language_has_every_text_with_the_same_places() {
        let english = of("en");
        assert!(english.0.len() > 30);
        for (language, _) in CATALOGUE {
            let other = of(language);
            let keys = |texts: &'static Texts| texts.0.keys().collect::<BTreeSet<_>>();
            assert_eq!(keys(other), keys(english), "{language}");
            for (key, text) in &english.0 {
                assert_eq!(places(&other.0[key]), places(text), "{language}: {key}");
            }
        }
    }

    #[test]
    fn tags_of_desktops_are_understood() {
        assert_eq!(of("de_AT.UTF-8").text("tray.open", &[]), "Backstay öffnen");
        for english in ["", "C", "POSIX", "en-GB", "fr_FR"] {
            assert_eq!(of(english).text("tray.open", &[]), "Open Backstay", "{english}");
        }
    }

    #[test]
    fn places_and_numbers_are_filled_in() {
        let texts = of("en");
        assert_eq!(texts.count("needs", 1, &[]), "One source needs you");
        assert_eq!(texts.count("needs", 3, &[]), "3 sources need you");
        assert_eq!(texts.text("tray.cancel", &[("what", "Notes")]), "Cancel Notes…");
    }
}
