//! Text as Go writes it: names are quoted once by restic and once more by JSON.
//!
//! Later versions of restic compare a directory they read with what they would write themselves, and refuse to rewrite
//! it when the two differ. So the escapes here are exactly Go's.

/// Appends `text` as a JSON string, with the escapes of Go's `encoding/json`.
pub(super) fn json_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    if text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'/' | b' ' | b':'))
    {
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
        return;
    }
    for c in text.chars() {
        match c {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            '\0'..='\x1f' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.extend_from_slice(format!("\\u{:04x}", c as u32).as_bytes());
            }
            _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
}

/// A name with the escapes of Go's `strconv.Quote`, without the quotes around it.
pub(super) fn quote(name: &[u8]) -> String {
    let mut out = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        for c in chunk.valid().chars() {
            quote_char(&mut out, c);
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

fn quote_char(out: &mut String, c: char) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\x07' => out.push_str("\\a"),
        '\x08' => out.push_str("\\b"),
        '\x0c' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\x0b' => out.push_str("\\v"),
        c if is_printable(c) => out.push(c),
        c if (c as u32) < 0x80 => out.push_str(&format!("\\x{:02x}", c as u32)),
        c if (c as u32) < 0x1_0000 => out.push_str(&format!("\\u{:04x}", c as u32)),
        c => out.push_str(&format!("\\U{:08x}", c as u32)),
    }
}

/// Close to Go's `strconv.IsPrint`. Where the two differ (characters without a shape) both forms read back the same.
fn is_printable(c: char) -> bool {
    let white = c.is_whitespace() && c != ' ';
    let invisible = matches!(c,
        '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{e000}'..='\u{f8ff}' | '\u{feff}'
        | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{10ffff}');
    !(c.is_control() || white || invisible)
}

/// Turns what [`quote`] made back into bytes; `None` when it is not such text.
pub(super) fn unquote(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at + 1..];
        let code = rest.chars().next()?;
        rest = &rest[code.len_utf8()..];
        match code {
            'a' => out.push(0x07),
            'b' => out.push(0x08),
            'f' => out.push(0x0c),
            'n' => out.push(b'\n'),
            'r' => out.push(b'\r'),
            't' => out.push(b'\t'),
            'v' => out.push(0x0b),
            '\\' | '\'' | '"' | '`' => out.push(code as u8),
            'x' => out.push(u8::try_from(digits(&mut rest, 2, 16)?).ok()?),
            '0'..='7' => out.push(u8::try_from(code.to_digit(8)? * 64 + digits(&mut rest, 2, 8)?).ok()?),
            'u' | 'U' => {
                let number = digits(&mut rest, if code == 'u' { 4 } else { 8 }, 16)?;
                out.extend_from_slice(char::from_u32(number)?.encode_utf8(&mut [0; 4]).as_bytes());
            }
            _ => return None,
        }
    }
    out.extend_from_slice(rest.as_bytes());
    Some(out)
}

/// Takes `count` digits from the front.
fn digits(rest: &mut &str, count: usize, radix: u32) -> Option<u32> {
    let (taken, behind) = rest.split_at_checked(count)?;
    *rest = behind;
    u32::from_str_radix(taken, radix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive() {
        let names: [&[u8]; 8] = [
            b"plain",
            b"a\"b\\c",
            b"\xff\xfe",
            "é 漢 🦀".as_bytes(),
            b"\n\t\x01\x7f",
            b"\\x41",
            b"<&>",
            "\u{200b}".as_bytes(),
        ];
        for name in names {
            assert_eq!(unquote(&quote(name)).unwrap(), name, "{}", quote(name));
        }
        assert_eq!(quote(b"\x01\x7f\xff"), "\\x01\\x7f\\xff");
        assert_eq!(unquote("\\101\\u00e9").unwrap(), "Aé".as_bytes());
        assert_eq!(unquote("\\"), None);
        assert_eq!(unquote("\\xg0"), None);
        let mut json = Vec::new();
        json_string(&mut json, "<a&\u{2028}\x01\">");
        assert_eq!(json, br#""\u003ca\u0026\u2028\u0001\"\u003e""#);
    }
}
