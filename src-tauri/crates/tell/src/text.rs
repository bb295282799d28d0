//! Texts cut to what a channel takes, and freed of what must not be shown.

/// A secret shorter than this is too likely to be a common word (`hooks`, `api`) to be blotted out.
const SHORTEST_SECRET: usize = 6;

/// A text as one line of at most so many letters.
pub(crate) fn line(text: &str, most: usize) -> String {
    let words: Vec<_> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    clipped(&words.join(" "), most)
}

/// A text of at most so many letters; what is cut off shows as `…`.
pub(crate) fn clipped(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// A text with every secret in it blotted out.
pub(crate) fn without(text: &str, secrets: &[String]) -> String {
    let mut long: Vec<&String> = secrets.iter().filter(|secret| secret.len() >= SHORTEST_SECRET).collect();
    // A secret that contains another goes first, or its rest would stay.
    long.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    long.iter()
        .fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "…"))
}
