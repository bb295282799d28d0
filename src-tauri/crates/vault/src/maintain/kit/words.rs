//! The words of a recovery kit on its page: numbered, large, and as a code that a phone reads.

use std::fmt::Write as _;

use qrcode::{EcLevel, QrCode, render::svg};

/// Lines to fill in by hand: what a person wants to find on the page years later.
pub(super) const LINES: &str = "<table class=\"lines\">\n\
    <tr><th scope=\"row\">Where this page is kept</th><td></td></tr>\n\
    <tr><th scope=\"row\">Who else has one</th><td></td></tr>\n\
    <tr><th scope=\"row\">Where the vault's disk is kept</th><td></td></tr>\n\
    </table>\n";

/// The words on a line, each with its number.
pub(super) fn numbered(words: &[String]) -> String {
    let each = words.iter().enumerate().map(|(at, word)| format!("{}. {word}", at + 1));
    each.collect::<Vec<_>>().join("  ")
}

/// List and code. Words are letters only; anything else is left out rather than written into the page.
pub(super) fn html(out: &mut String, words: &[String]) {
    let plain: Vec<String> = words
        .iter()
        .map(|word| word.chars().filter(char::is_ascii_alphanumeric).collect())
        .collect();
    if let Some(code) = code(&plain.join(" ")) {
        let _ = write!(
            out,
            "<div class=\"code\" role=\"img\" aria-label=\"The words as a code to scan\">{code}</div>"
        );
    }
    out.push_str("<ol class=\"words\">");
    for word in plain {
        let _ = write!(out, "<li>{word}</li>");
    }
    out.push_str("</ol><p>Type them in small letters with one space between.</p>");
}

/// The text as an inline picture; `None` when it is too long for a code, which twelve words never are.
fn code(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::Q).ok()?;
    let picture = code.render::<svg::Color<'_>>().min_dimensions(128, 128).build();
    // The declaration of an XML document has no place inside a page.
    Some(picture.split_once("?>").map_or(picture.as_str(), |(_, svg)| svg).to_owned())
}
