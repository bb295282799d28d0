//! `backstay import`: a bundle, or a file of another program, becomes a snapshot in a vault, or is looked at.

use backstay_api::{
    commands,
    types::{BundleRequest, ImportRequest},
};
use backstay_model::ErrorKind;
use clap::Args;

use crate::{
    errors::{CliError, Result},
    print::bundles,
    session::{Exit, Session},
};

/// Arguments of `import`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstay import notes.backstay.zip
  backstay import notes.backstay.zip --into vault offsite
  backstay import notes.backstay.zip --source old-laptop
  backstay import notes.backstay.zip --check
  backstay import animaldb.txt.gz --source animals

Files of couchbackup and documents as JSON (one a line, a list, an answer of
_all_docs), compressed or not, work like bundles everywhere. A file that says
itself that something is missing in it is kept as partial.

The snapshot keeps the time, the verdict and the gaps it had. Under a new name
it is listed by `backstay snapshots` and named by its id.

To restore from a bundle it need not be imported:
backstay restore notes.backstay.zip --to DIR")]
pub struct Import {
    /// The bundle: a file or directory; or a file of another program
    #[arg(value_name = "FILE|DIR")]
    file: String,
    /// Where to keep it: vault NAME; the default vault if left out
    #[arg(long, num_args = 2, value_names = ["vault", "NAME"], conflicts_with = "check")]
    into: Option<Vec<String>>,
    /// The source it becomes a snapshot of, or a new name
    #[arg(long, value_name = "NAME", conflicts_with = "check")]
    source: Option<String>,
    /// Read everything and compare it with its checksums; keep nothing
    #[arg(long)]
    check: bool,
}

/// Does it.
pub(super) fn run(args: &Import, session: &Session<'_>) -> Result<Exit> {
    let path = args.file.strip_prefix("bundle:").unwrap_or(&args.file).to_owned();
    if args.check {
        let reply = session.long::<commands::Inspect>(BundleRequest { path, verify: true })?;
        if let Some(error) = reply.refused {
            return Err(error.into());
        }
        session.result(&reply, bundles::inspected)?;
        return Ok(if reply.damaged == 0 {
            Exit::DONE
        } else {
            Exit::of(ErrorKind::Damaged)
        });
    }
    let vault = match args.into.as_deref() {
        None => None,
        Some([kind, name]) if kind == "vault" => Some(name.clone()),
        Some(other) => {
            return Err(CliError::Usage {
                message: format!("--into {} is not known; a bundle goes into a vault", other.join(" ")),
                hint: "Write --into vault NAME.".to_owned(),
            });
        }
    };
    let reply = session.long::<commands::Import>(ImportRequest {
        path,
        vault,
        source: args.source.clone(),
    })?;
    session.result(&reply, bundles::import)?;
    Ok(Exit::verdict(reply.verdict, None))
}
