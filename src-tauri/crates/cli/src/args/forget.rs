//! `backstay forget`: removes old snapshots by rule.

use backstay_api::{commands, types::ForgetRequest};
use clap::{ArgGroup, Args};

use super::rules::{KeepRules, RULES};
use crate::{
    errors::{CliError, Result},
    print::keep,
    session::{Exit, Session},
};

/// Arguments of `forget`.
#[derive(Debug, Args)]
#[command(override_usage = "backstay forget [OPTIONS] <RULE>... <SOURCE>")]
#[command(group = ArgGroup::new("rules").multiple(true).required(true).args(RULES))]
#[command(after_help = "\
Examples:
  backstay forget notes --keep-daily 30 --keep-monthly 12 --dry-run
  backstay forget notes --preset 30d-12w-12m --prune --yes
  backstay forget notes --older-than 1y --dry-run

A snapshot stays when any rule keeps it. Needs --yes, or an answer at the terminal.")]
pub struct Forget {
    /// Name of the source
    #[arg(value_name = "SOURCE")]
    source: String,
    /// Only in this vault
    #[arg(long, value_name = "VAULT")]
    vault: Option<String>,
    /// What stays.
    #[command(flatten)]
    rules: KeepRules,
    /// Only show what would go and the space it would free
    #[arg(long)]
    dry_run: bool,
    /// Free the space at once
    #[arg(long)]
    prune: bool,
}

impl Forget {
    fn request(&self, dry_run: bool) -> ForgetRequest {
        ForgetRequest {
            source: self.source.clone(),
            vault: self.vault.clone(),
            keep: self.rules.spec(),
            dry_run,
            prune: self.prune && !dry_run,
        }
    }
}

/// Does it.
pub(super) fn run(args: &Forget, session: &Session<'_>) -> Result<Exit> {
    if args.dry_run && args.prune {
        return Err(CliError::Usage {
            message: "--dry-run removes nothing, so there is nothing to prune".to_owned(),
            hint: "The preview says how much a prune would free; leave --prune out.".to_owned(),
        });
    }
    if !args.dry_run && !session.yes {
        preview(args, session)?;
    }
    let reply = session.long::<commands::Forget>(args.request(args.dry_run))?;
    session.result(&reply, keep::forget)?;
    Ok(Exit::DONE)
}

/// Shows what would go before asking for it.
fn preview(args: &Forget, session: &Session<'_>) -> Result<()> {
    let would = session.quick::<commands::Forget>(args.request(true))?;
    if would.removed == 0 {
        return Ok(());
    }
    if !session.output.json {
        session.output.note(&keep::forget(&would));
    }
    let what = format!("removing {} snapshots of \"{}\"", would.removed, args.source);
    let look = format!("backstay forget {} … --dry-run", args.source);
    session.confirm(&format!("Remove {} snapshots for good?", would.removed), &what, Some(look))
}
