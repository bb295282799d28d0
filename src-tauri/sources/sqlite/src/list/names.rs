//! What the collections of a database are called. Only paths decide (and which state file of a LiveStore is current), so
//! that a stored state and the living one get the same names.

use std::collections::HashMap;

use super::{Role, role};

/// How one database's tables are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    /// What stands before `/table`; empty for a source that is one file.
    pub prefix: String,
    /// Id of the workspace: a store's directory, else the name of its folder or file.
    pub instance: String,
}

/// Names for the databases at `rels`. `root` is the name of the source's folder; `current(i)` tells whether a state file is the
/// current one of its store.
pub fn name_all(rels: &[&str], folder: bool, root: &str, current: impl Fn(usize) -> bool) -> Vec<Naming> {
    let names: Vec<Naming> = rels
        .iter()
        .enumerate()
        .map(|(at, rel)| name_one(rel, root, current(at)))
        .collect();
    if !folder {
        return names
            .into_iter()
            .map(|n| Naming {
                prefix: String::new(),
                ..n
            })
            .collect();
    }
    let mut times: HashMap<String, usize> = HashMap::new();
    for name in &names {
        *times.entry(name.prefix.clone()).or_default() += 1;
    }
    let unambiguous = |(name, rel): (Naming, &&str)| {
        let clash = times.get(&name.prefix).is_some_and(|n| *n > 1);
        let prefix = if clash { (*rel).to_owned() } else { name.prefix };
        Naming { prefix, ..name }
    };
    names.into_iter().zip(rels).map(unambiguous).collect()
}

fn name_one(rel: &str, root: &str, current: bool) -> Naming {
    let (dir, file) = rel.rsplit_once('/').map_or(("", rel), |(dir, file)| (dir, file));
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let under = |name: &str| match dir {
        "" => name.to_owned(),
        dir => format!("{dir}/{name}"),
    };
    let folder_name = || dir.rsplit('/').next().filter(|d| !d.is_empty()).unwrap_or(root).to_owned();
    match role(rel) {
        Some(Role::Eventlog { .. }) => Naming {
            prefix: under("eventlog"),
            instance: folder_name(),
        },
        Some(Role::State { .. }) => Naming {
            prefix: under(if current { "state" } else { stem }),
            instance: folder_name(),
        },
        None if stem == "livestore" && !dir.is_empty() => Naming {
            prefix: dir.to_owned(),
            instance: folder_name(),
        },
        None => Naming {
            prefix: under(stem),
            instance: if stem == "livestore" { folder_name() } else { stem.to_owned() },
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortest_readable_names() {
        let rels = [
            "data/alpha/livestore.db",
            "notes.db",
            "notes.sqlite",
            "shop/eventlog@6.db",
            "shop/state-5@6.db",
            "shop/state7@6.db",
        ];
        let names = name_all(&rels, true, "root", |at| at == 4);
        let got: Vec<_> = names.iter().map(|n| (n.prefix.as_str(), n.instance.as_str())).collect();
        assert_eq!(
            got,
            [
                ("data/alpha", "alpha"),
                ("notes.db", "notes"),
                ("notes.sqlite", "notes"),
                ("shop/eventlog", "shop"),
                ("shop/state", "shop"),
                ("shop/state7@6", "shop"),
            ]
        );
        let one = name_all(&["notes.db"], false, "root", |_| true);
        assert_eq!((one[0].prefix.as_str(), one[0].instance.as_str()), ("", "notes"));
    }
}
