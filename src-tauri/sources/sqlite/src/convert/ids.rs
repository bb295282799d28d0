//! Ids of rows: a rowid in decimal, a single text or integer key as it is, everything else as a JSON array of the key's values.

use std::cmp::Ordering;

use serde_json::Value;

use super::{
    table::{Affinity, Key, KeyColumn},
    value::{Cell, compare, write},
};

impl Key {
    /// The id of the row whose key has these values.
    pub fn id(&self, values: &[Cell]) -> String {
        if let ([Cell::Integer(rowid)], Self::Rowid { .. }) = (values, self) {
            return rowid.to_string();
        }
        if let (Self::Columns(columns), [value]) = (self, values)
            && let Some(plain) = columns.first().and_then(|c| plain(c, value))
        {
            return plain;
        }
        let mut out = vec![b'['];
        for (at, value) in values.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            write(&mut out, value.as_ref());
        }
        out.push(b']');
        String::from_utf8_lossy(&out).into_owned()
    }

    /// The key's values of the row with this id; `None` when no row can have it.
    pub fn parse(&self, id: &str) -> Option<Vec<Cell>> {
        let columns = match self {
            Self::Rowid { .. } => return id.parse().ok().map(|n| vec![Cell::Integer(n)]),
            Self::Columns(columns) => columns,
        };
        if id.starts_with('[') {
            let Ok(Value::Array(items)) = serde_json::from_str(id) else {
                return None;
            };
            let cells: Option<Vec<Cell>> = items.iter().map(|v| Cell::from_json(v).ok()).collect();
            return cells.filter(|c| c.len() == columns.len());
        }
        match (columns.as_slice(), columns.first()?.affinity) {
            ([_], Affinity::Text) if !id.is_empty() => Some(vec![Cell::Text(id.as_bytes().to_vec())]),
            ([_], Affinity::Integer | Affinity::Numeric) => id.parse().ok().map(|n| vec![Cell::Integer(n)]),
            _ => None,
        }
    }

    /// The table's order of two ids.
    pub fn compare(&self, a: &str, b: &str) -> Ordering {
        let (Some(x), Some(y)) = (self.parse(a), self.parse(b)) else {
            return a.as_bytes().cmp(b.as_bytes());
        };
        let Self::Columns(columns) = self else {
            return compare_all(&x, &y, &[]);
        };
        compare_all(&x, &y, columns)
    }
}

fn compare_all(a: &[Cell], b: &[Cell], columns: &[KeyColumn]) -> Ordering {
    for (at, (x, y)) in a.iter().zip(b).enumerate() {
        let column = columns.get(at);
        let order = compare(x, y, column.map(|c| c.collation).unwrap_or_default());
        let order = if column.is_some_and(|c| c.descending) {
            order.reverse()
        } else {
            order
        };
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

/// A single key as it is, where the column's affinity leaves no doubt what it was.
fn plain(column: &KeyColumn, value: &Cell) -> Option<String> {
    match (column.affinity, value) {
        (Affinity::Text, Cell::Text(bytes)) if !bytes.is_empty() && !bytes.starts_with(b"[") => {
            std::str::from_utf8(bytes).ok().map(str::to_owned)
        }
        (Affinity::Integer | Affinity::Numeric, Cell::Integer(n)) => Some(n.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::value::Collation;

    fn columns(affinities: &[Affinity]) -> Key {
        Key::Columns(
            affinities
                .iter()
                .map(|affinity| KeyColumn {
                    column: 0,
                    collation: Collation::Binary,
                    descending: false,
                    affinity: *affinity,
                })
                .collect(),
        )
    }

    #[test]
    fn ids_are_unambiguous_and_turn_back() {
        let text = |t: &str| Cell::Text(t.into());
        let cases = [
            (columns(&[Affinity::Text]), vec![text("abc")], "abc"),
            (columns(&[Affinity::Text]), vec![text("5")], "5"),
            (columns(&[Affinity::Text]), vec![text("")], r#"[""]"#),
            (columns(&[Affinity::Text]), vec![text("[x")], r#"["[x"]"#),
            (columns(&[Affinity::Text]), vec![Cell::Blob(vec![1])], r#"[{"$blob":"AQ=="}]"#),
            (columns(&[Affinity::Integer]), vec![Cell::Integer(-5)], "-5"),
            (columns(&[Affinity::Integer]), vec![text("x")], r#"["x"]"#),
            (columns(&[Affinity::Blob]), vec![Cell::Integer(5)], "[5]"),
            (columns(&[Affinity::Blob]), vec![text("5")], r#"["5"]"#),
            (columns(&[Affinity::Real]), vec![Cell::Real(5.0)], "[5.0]"),
            (
                columns(&[Affinity::Text, Affinity::Integer]),
                vec![text("a"), Cell::Integer(1)],
                r#"["a",1]"#,
            ),
        ];
        for (key, values, id) in cases {
            assert_eq!(key.id(&values), id);
            assert_eq!(key.parse(id), Some(values), "{id}");
        }
        assert_eq!(columns(&[Affinity::Integer]).parse("x"), None);
        assert_eq!(columns(&[Affinity::Text, Affinity::Text]).parse("a"), None);
    }
}
