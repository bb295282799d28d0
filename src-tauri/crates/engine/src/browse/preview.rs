//! The beginning of a file as something to look at. What a file is, its bytes say; names are never trusted.

use std::io::Read;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::content::{Content, read_error};
use crate::Result;

/// Bytes of text that are shown.
pub const TEXT_MAX: usize = 512 << 10;
/// Bytes of the largest image that is shown.
pub const IMAGE_MAX: u64 = 16 << 20;
/// Bytes in which the root of an SVG image has to stand.
const SVG_HEAD: usize = 4 << 10;
/// Images the window draws.
const IMAGES: [&str; 6] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
    "image/bmp",
];

/// What a file is shown as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// Text, and whether there is more of it.
    Text(String, bool),
    /// An image in Base64.
    Image(String),
    /// Nothing the window draws.
    Binary,
}

/// The beginning of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Media type, by content.
    pub media_type: String,
    /// What it is shown as.
    pub shown: Shown,
}

/// Reads the beginning of a file.
///
/// # Errors
/// When it cannot be read.
pub fn preview(content: Content, path: &str) -> Result<Preview> {
    let Content { mut bytes, size, .. } = content;
    let mut head = Vec::new();
    let failed = |error| read_error(path, error);
    bytes
        .by_ref()
        .take(TEXT_MAX as u64 + 4)
        .read_to_end(&mut head)
        .map_err(failed)?;
    let kind = infer::get(&head).map(|kind| kind.mime_type());
    let text = match kind {
        Some(kind) if !kind.starts_with("text/") => None,
        _ => text_of(&head),
    };
    let image = match (kind, &text) {
        (Some(kind), _) if IMAGES.contains(&kind) => Some(kind),
        (_, Some(text)) if is_svg(text) => Some("image/svg+xml"),
        _ => None,
    };
    if let Some(media_type) = image
        && size <= IMAGE_MAX
    {
        bytes.take(IMAGE_MAX).read_to_end(&mut head).map_err(failed)?;
        return Ok(Preview {
            media_type: media_type.to_owned(),
            shown: Shown::Image(STANDARD.encode(&head)),
        });
    }
    Ok(match (text, image) {
        (Some(text), None) => {
            let truncated = size > TEXT_MAX as u64;
            Preview {
                media_type: text_type(kind, &text, truncated).to_owned(),
                shown: Shown::Text(text, truncated),
            }
        }
        _ => Preview {
            media_type: image.or(kind).unwrap_or("application/octet-stream").to_owned(),
            shown: Shown::Binary,
        },
    })
}

fn text_type<'a>(kind: Option<&'a str>, text: &str, truncated: bool) -> &'a str {
    let json = !truncated && text.trim_start().starts_with(['{', '[']);
    match kind {
        Some(kind) => kind,
        None if json && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() => "application/json",
        None => "text/plain",
    }
}

/// The text, if that is what the bytes are: marked as Unicode, or UTF-8, or some older encoding without control characters.
fn text_of(head: &[u8]) -> Option<String> {
    let cut = &head[..head.len().min(TEXT_MAX)];
    if let Some((encoding, mark)) = Encoding::for_bom(head) {
        let even = if encoding == UTF_8 { cut.len() } else { cut.len() & !1 };
        let (text, bad) = encoding.decode_without_bom_handling(&cut[mark..even]);
        let text = text.into_owned();
        let whole = !bad || cut.len() < head.len();
        return (whole && (encoding == UTF_16LE || encoding == UTF_16BE || encoding == UTF_8) && !has_controls(&text))
            .then_some(text);
    }
    if cut.contains(&0) {
        return None;
    }
    let text = match std::str::from_utf8(cut) {
        Ok(text) => text.to_owned(),
        // A character that the end of what is shown cuts in two.
        Err(error) if error.error_len().is_none() && cut.len() < head.len() => {
            String::from_utf8_lossy(&cut[..error.valid_up_to()]).into_owned()
        }
        Err(_) => {
            let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
            detector.feed(cut, true);
            let (text, _, bad) = detector.guess(None, Utf8Detection::Deny).decode(cut);
            if bad {
                return None;
            }
            text.into_owned()
        }
    };
    (!has_controls(&text)).then_some(text)
}

/// Text has hardly any control characters but line ends and tabs.
fn has_controls(text: &str) -> bool {
    let odd = |c: &char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}' | '\u{1b}' | '\u{8}');
    let odd = text.chars().filter(odd).count();
    odd * 200 > text.len()
}

fn is_svg(text: &str) -> bool {
    let end = text
        .char_indices()
        .map(|(at, _)| at)
        .take_while(|at| *at <= SVG_HEAD)
        .last()
        .unwrap_or(0);
    let head = text.get(..end.max(text.len().min(SVG_HEAD))).unwrap_or(text);
    let start = head.trim_start();
    start.starts_with('<') && head.contains("<svg") && {
        // Before the root there may be declarations and comments, but no other element.
        let before = head.split("<svg").next().unwrap_or_default();
        before.split('<').skip(1).all(|part| part.starts_with(['?', '!']))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(bytes: &[u8]) -> Preview {
        let content = Content {
            bytes: Box::new(std::io::Cursor::new(bytes.to_vec())),
            size: bytes.len() as u64,
            modified: None,
        };
        preview(content, "x").unwrap()
    }

    fn text(bytes: &[u8]) -> String {
        match show(bytes).shown {
            Shown::Text(text, _) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn text_is_found_in_any_encoding() {
        assert_eq!(text("Größe, 大きさ".as_bytes()), "Größe, 大きさ");
        assert_eq!(text(b"\xef\xbb\xbfmark"), "mark");
        let utf16: Vec<u8> = "\u{feff}Größe".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(text(&utf16), "Größe");
        let utf16: Vec<u8> = "\u{feff}Größe".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(text(&utf16), "Größe");
        assert_eq!(
            text(
                "Die Gr\u{f6}\u{df}e der Stra\u{df}e\n"
                    .chars()
                    .map(|c| c as u8)
                    .collect::<Vec<_>>()
                    .as_slice()
            ),
            "Die Größe der Straße\n"
        );
        assert_eq!(text(b""), "");
        assert_eq!(show(br#"{"a":1}"#).media_type, "application/json");
        assert_eq!(show(b"<!DOCTYPE html><html></html>").media_type, "text/html");
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let long = "ä".repeat(TEXT_MAX);
        match show(long.as_bytes()).shown {
            Shown::Text(text, true) => assert_eq!(text.len(), TEXT_MAX),
            other => panic!("{other:?}"),
        }
        let odd = format!("x{long}");
        match show(odd.as_bytes()).shown {
            Shown::Text(text, true) => assert_eq!(text.len(), TEXT_MAX - 1),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn images_are_known_by_their_bytes() {
        let png = [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], &[0; 40]].concat();
        let shown = show(&png);
        assert_eq!(shown.media_type, "image/png");
        assert_eq!(shown.shown, Shown::Image(STANDARD.encode(&png)));
        let svg = b"<?xml version=\"1.0\"?>\n<!-- drawn by hand -->\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
        assert_eq!(show(svg).media_type, "image/svg+xml");
        assert!(matches!(show(b"<p>see <svg/></p>").shown, Shown::Text(..)));
        let mut large = png.clone();
        large.resize(usize::try_from(IMAGE_MAX).unwrap() + 1, 0);
        assert_eq!(
            (show(&large).shown, show(&large).media_type.as_str()),
            (Shown::Binary, "image/png")
        );
    }

    #[test]
    fn everything_else_is_binary() {
        for bytes in [
            &b"%PDF-1.7\n%\xe2\xe3"[..],
            b"SQLite format 3\0",
            b"\0\x01\x02",
            b"\x01\x02\x03\x04abc",
        ] {
            assert_eq!(show(bytes).shown, Shown::Binary, "{bytes:?}");
        }
        assert_eq!(show(b"%PDF-1.7\n").media_type, "application/pdf");
    }
}
