//! `--only`: several names separated by commas, where a name may hold commas itself.

use serde_json::{Value, de::Deserializer};

/// Splits at commas. A comma in an id that is a JSON array (`tasks/[1,"a"]`) does not separate, nor does one after a backslash.
#[must_use]
pub fn split(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut name = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if name.ends_with('/')
            && let Some(length) = array(rest)
        {
            name.push_str(&rest[..length]);
            rest = &rest[length..];
            continue;
        }
        rest = &rest[c.len_utf8()..];
        match c {
            ',' => names.push(std::mem::take(&mut name)),
            '\\' if rest.starts_with(',') => {
                name.push(',');
                rest = &rest[1..];
            }
            other => name.push(other),
        }
    }
    names.push(name);
    names.retain(|name| !name.is_empty());
    names
}

/// Length of the JSON array the text begins with.
fn array(text: &str) -> Option<usize> {
    let mut values = text
        .starts_with('[')
        .then(|| Deserializer::from_str(text).into_iter::<Value>())?;
    values.next()?.ok()?;
    Some(values.byte_offset())
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn commas_separate_unless_they_belong_to_an_id() {
        for (text, want) in [
            ("tasks", vec!["tasks"]),
            ("tasks/1,notes/2", vec!["tasks/1", "notes/2"]),
            (r#"tasks/[1,"a,]b"],notes"#, vec![r#"tasks/[1,"a,]b"]"#, "notes"]),
            ("files/a[1.txt,files/b", vec!["files/a[1.txt", "files/b"]),
            ("files/[x,y", vec!["files/[x", "y"]),
            (r"files/one\,two,é/ü", vec!["files/one,two", "é/ü"]),
            (r"files/back\slash", vec![r"files/back\slash"]),
            (",,a,", vec!["a"]),
            ("", vec![]),
        ] {
            assert_eq!(split(text), want, "{text}");
        }
    }
}
