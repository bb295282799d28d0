//! Which crate may depend on which: the arrows of ARCHITECTURE.md, "Layers".

use std::path::Path;

use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, MetadataCommand};

use crate::Finding;

const CONNECTORS: &[&str] = &["sqlite", "folder", "couchdb"];

/// Every crate of the workspace and the crates of the workspace it may depend on.
const MAY_DEPEND_ON: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("source", &["model"]),
    ("source-kit", &["model", "source"]),
    ("vault", &["model"]),
    ("records", &["model"]),
    ("compare", &["model"]),
    ("bundle", &["model"]),
    ("journal", &["model"]),
    ("sample", &[]),
    ("schedule", &["model"]),
    ("surroundings", &["model"]),
    ("tell", &["model"]),
    ("secrets", &["model"]),
    (
        "engine",
        &[
            "model", "source", "vault", "records", "compare", "bundle", "journal", "secrets",
        ],
    ),
    (
        "api",
        &[
            "model",
            "source",
            "vault",
            "journal",
            "secrets",
            "bundle",
            "sample",
            "schedule",
            "surroundings",
            "tell",
            "engine",
        ],
    ),
    ("registry", &["model", "source", "sqlite", "folder", "couchdb"]),
    ("cli", &["model", "api", "registry"]),
    ("app", &["model", "api", "registry"]),
    ("source-http", &["model", "source"]),
    ("couchdb", &["model", "source", "source-http"]),
    ("sqlite", &["model", "source"]),
    ("folder", &["model", "source"]),
    ("xtask", &[]),
    ("couchdb-standin", &[]),
    ("test-services", &[]),
    ("tests", &["model", "api", "registry", "vault", "records"]),
];

/// Crates from outside that belong to one crate: the beginning of their names, and who may use them.
const RESERVED: &[(&str, &[&str])] = &[
    ("rustic", &["vault"]),
    ("tauri", &["app"]),
    ("clap", &["cli"]),
    ("indicatif", &["cli"]),
    ("anyhow", &["xtask"]),
];

/// What one crate of the workspace depends on, by names without the `backstay-` prefix.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CrateDependencies {
    /// Its name.
    pub name: String,
    /// Crates it is built with.
    pub normal: Vec<String>,
    /// Crates only its tests use.
    pub dev: Vec<String>,
}

/// Reads the declared dependencies of the workspace at `root`.
///
/// # Errors
/// When `cargo metadata` fails.
pub fn workspace_crates(root: &Path) -> Result<Vec<CrateDependencies>> {
    let mut command = MetadataCommand::new();
    command.manifest_path(root.join("Cargo.toml")).no_deps();
    let metadata = command.exec().context("cargo metadata")?;
    let crates = metadata.packages.iter().map(|package| {
        let of = |dev: bool| {
            let wanted = package
                .dependencies
                .iter()
                .filter(|d| (d.kind == DependencyKind::Development) == dev);
            wanted.map(|dependency| short(&dependency.name)).collect()
        };
        CrateDependencies {
            name: short(package.name.as_str()),
            normal: of(false),
            dev: of(true),
        }
    });
    Ok(crates.collect())
}

fn short(name: &str) -> String {
    name.strip_prefix("backstay-").unwrap_or(name).to_owned()
}

/// Checks the arrows between crates.
#[must_use]
pub fn check_layers(crates: &[CrateDependencies]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut broken = |message: String| {
        findings.push(Finding {
            file: None,
            line: 0,
            message: format!("{message} See src-tauri/ARCHITECTURE.md, \"Layers\"."),
        });
    };
    for CrateDependencies { name, normal, dev } in crates {
        let Some((_, allowed)) = MAY_DEPEND_ON.iter().find(|(of, _)| of == name) else {
            broken(format!(
                "`{name}` has no place in the layers: add it to src-tauri/crates/xtask/src/layers.rs."
            ));
            continue;
        };
        for found in normal.iter().filter(|d| is_ours(d) && !allowed.contains(&d.as_str())) {
            broken(format!("`{name}` may depend on: {}. Found `{found}`.", list(allowed)));
        }
        for found in dev
            .iter()
            .filter(|d| d.as_str() == "cli" || (is_connector(d) && !allowed.contains(&d.as_str())))
        {
            broken(format!("the tests of `{name}` may not depend on `{found}`."));
        }
        for (prefix, users) in RESERVED {
            let uses = normal.iter().chain(dev).filter(|d| d.starts_with(prefix));
            for found in uses.filter(|_| !users.contains(&name.as_str())) {
                broken(format!("only {} may depend on `{found}`. Found in `{name}`.", list(users)));
            }
        }
    }
    findings
}

fn is_ours(name: &str) -> bool {
    MAY_DEPEND_ON.iter().any(|(ours, _)| *ours == name)
}

fn is_connector(name: &str) -> bool {
    CONNECTORS.contains(&name)
}

fn list(names: &[&str]) -> String {
    if names.is_empty() {
        return "nothing of the workspace".to_owned();
    }
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
