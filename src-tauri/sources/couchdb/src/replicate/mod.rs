//! Replication by CouchDB's own protocol (documentation, "CouchDB Replication Protocol", version 3), by the server or by Backstay.
//!
//! By the server it goes on without Backstay, and the server keeps the other end's credentials in a document. By Backstay it works
//! where the two ends cannot see each other; its checkpoints lie on both of them in the protocol's form, so that a replication
//! that was cut goes on where both agree, and other replicators' checkpoints are left alone.

mod attached;
mod checkpoint;
mod end;
mod filter;
mod here;
mod server;
mod transfer;

use backstay_source::{
    Endpoint, Replication, ReplicationProgress, ReplicationWatch, Replicator, Result, Secrets, ServerReplication, SourceConfig,
    Via,
};

use crate::error::CouchError;
use end::End;

/// The replication protocol.
pub(crate) struct Protocol;

impl Replicator for Protocol {
    fn replicate(
        &self,
        from: &Endpoint<'_>,
        to: &Endpoint<'_>,
        what: &Replication,
        watch: &dyn ReplicationWatch,
    ) -> Result<ReplicationProgress> {
        let (from, to) = (End::open(from)?, End::open(to)?);
        if from.is_same(&to) {
            return Err(CouchError::Setting {
                option: "target",
                problem: "is the same database as the source".to_owned(),
                hint: "Name another database, or another server.",
            }
            .into());
        }
        let via = match what.via {
            // Across servers the answer would depend on networks nobody here can see, and the other end's password would be
            // kept at the server: that is for a person to say.
            Via::Auto if from.has_same_server(&to) => Via::Server,
            Via::Auto => Via::Here,
            said => said,
        };
        match via {
            Via::Server => match server::replicate(&from, &to, what, watch) {
                Err(CouchError::NoReplicator { .. }) if what.via == Via::Auto => {
                    Ok(here::Session::begin(&from, &to, what, watch)?.run()?)
                }
                done => Ok(done?),
            },
            _ => Ok(here::Session::begin(&from, &to, what, watch)?.run()?),
        }
    }

    fn on_server(&self, at: &SourceConfig, secrets: &dyn Secrets) -> Result<Vec<ServerReplication>> {
        Ok(server::list(&end::server(at, secrets)?)?)
    }

    fn stop_on_server(&self, at: &SourceConfig, secrets: &dyn Secrets, id: &str) -> Result<()> {
        Ok(server::stop(&end::server(at, secrets)?, id)?)
    }
}
