//! `backstay verify`: looks for damage.

use backstay_api::{commands, types::VerifyRequest};
use clap::Args;

use crate::{
    errors::Result,
    print::keep,
    session::{Exit, Session},
};

/// Arguments of `verify`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstay verify safe                  structure: snapshots, trees, indexes
  backstay verify safe --read-data      and every byte
  backstay verify safe --read-data=5    and 5 % of the packs, others each time

Exit code 8: data is damaged; the snapshots and records concerned are named.")]
pub struct Verify {
    /// Name of the vault
    #[arg(value_name = "VAULT")]
    vault: String,
    /// Read the stored data too: all of it, or this share in percent
    #[arg(long, value_name = "PERCENT", num_args = 0..=1, require_equals = true, default_missing_value = "100", value_parser = percent)]
    read_data: Option<f64>,
}

fn percent(text: &str) -> Result<f64, String> {
    match text.trim_end_matches('%').parse::<f64>() {
        Ok(share) if share > 0.0 && share <= 100.0 => Ok(share),
        _ => Err("must be more than 0 and at most 100".to_owned()),
    }
}

/// Does it.
pub(super) fn run(args: &Verify, session: &Session<'_>) -> Result<Exit> {
    let reply = session.long::<commands::Verify>(VerifyRequest {
        vault: args.vault.clone(),
        read_data: args.read_data,
    })?;
    session.result(&reply, keep::verify)?;
    Ok(Exit::verdict(reply.verdict, reply.kind))
}
