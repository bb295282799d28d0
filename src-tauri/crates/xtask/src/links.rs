//! Links between documents that lead nowhere.

use std::path::Path;

use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::Finding;

/// Finds links of a Markdown file to files that do not exist. Links into the web are not followed.
#[must_use]
pub fn check_links(root: &Path, file: &Path, text: &str) -> Vec<Finding> {
    let folder = root.join(file.parent().unwrap_or(Path::new("")));
    let mut findings = Vec::new();
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        let (Event::Start(Tag::Link { dest_url, .. }) | Event::Start(Tag::Image { dest_url, .. })) = event else {
            continue;
        };
        let path = dest_url.split('#').next().unwrap_or_default();
        let elsewhere = dest_url
            .split_once(':')
            .is_some_and(|(scheme, _)| scheme.chars().all(|c| c.is_ascii_alphanumeric()));
        if path.is_empty() || elsewhere || folder.join(path).exists() {
            continue;
        }
        let line = 1 + text[..range.start].matches('\n').count();
        findings.push(Finding::at(
            file,
            line,
            format!("the link leads nowhere: there is no `{path}`."),
        ));
    }
    findings
}
