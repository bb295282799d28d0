//! What a replication is asked to do, from a request or a document of `_replicator`.

use md5::{Digest, Md5};
use serde_json::Value;

use super::peer::Peer;

/// A checked request.
#[derive(Clone)]
pub(super) struct Spec {
    pub(super) id: String,
    pub(super) source: Peer,
    pub(super) target: Peer,
    pub(super) continuous: bool,
    pub(super) create_target: bool,
    pub(super) cancel: bool,
    pub(super) doc_ids: Option<Vec<String>>,
    pub(super) selector: Option<Value>,
    pub(super) since: Option<Value>,
    pub(super) use_checkpoints: bool,
    pub(super) winning_revs_only: bool,
}

impl Spec {
    /// Reads and checks a request.
    pub(super) fn parse(server: &str, value: &Value) -> Result<Self, String> {
        let source = Peer::parse(&value["source"])?;
        let target = Peer::parse(&value["target"])?;
        let flag = |name: &str| value[name].as_bool().unwrap_or(false);
        let doc_ids = value["doc_ids"].as_array().map(|ids| {
            let ids = ids.iter().filter_map(|id| id.as_str().map(str::to_owned));
            ids.collect::<Vec<_>>()
        });
        let selector = value.get("selector").filter(|selector| selector.is_object()).cloned();
        let filter = value["filter"].as_str();
        if usize::from(doc_ids.is_some()) + usize::from(selector.is_some()) + usize::from(filter.is_some()) > 1 {
            return Err("`doc_ids`,`filter`,`selector` are mutually exclusive".to_owned());
        }
        if filter.is_some() {
            return Err("filter functions cannot run here".to_owned());
        }
        let mut spec = Self {
            id: String::new(),
            continuous: flag("continuous"),
            create_target: flag("create_target"),
            cancel: flag("cancel"),
            use_checkpoints: value["use_checkpoints"].as_bool().unwrap_or(true),
            winning_revs_only: flag("winning_revs_only"),
            since: value.get("since_seq").cloned(),
            source,
            target,
            doc_ids,
            selector,
        };
        spec.id = spec.identify(server);
        Ok(spec)
    }

    /// The same ends and the same filter are the same replication.
    fn identify(&self, server: &str) -> String {
        let mut md5 = Md5::new();
        for part in [
            server,
            &self.source.url,
            &self.target.url,
            &format!("{:?}{:?}{}", self.doc_ids, self.selector, self.winning_revs_only),
        ] {
            md5.update(part.as_bytes());
            md5.update([0]);
        }
        hex::encode(md5.finalize())
    }

    /// The name it goes by, with its options.
    pub(super) fn name(&self) -> String {
        let mut name = self.id.clone();
        if self.continuous {
            name.push_str("+continuous");
        }
        if self.create_target {
            name.push_str("+create_target");
        }
        name
    }
}
