//! The only place that lists the connectors.

use std::sync::Arc;

use backstay_source::Connector;

/// Every kind of source this program has.
#[must_use]
pub fn connectors() -> Vec<Arc<dyn Connector>> {
    vec![
        Arc::new(backstay_sqlite::Sqlite),
        Arc::new(backstay_folder::FolderConnector),
        Arc::new(backstay_couchdb::CouchDb),
    ]
}
