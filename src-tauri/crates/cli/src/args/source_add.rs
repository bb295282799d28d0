//! `backstay source add`: a subcommand for every connector, built from the settings it declares.

use backstay_api::{OptionSpec, commands, types::SourceAddRequest};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, Subcommand};
use serde_json::{Map, Value};

use crate::{
    errors::Result,
    file, print,
    session::{Exit, Session},
};

/// `backstay source add KIND …`
#[derive(Debug, Args)]
pub struct Add {
    /// What to add.
    #[command(subcommand)]
    kind: Kind,
}

/// A kind of source with its settings, as the connectors declare them.
#[derive(Debug)]
struct Kind(SourceAddRequest);

impl FromArgMatches for Kind {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let missing = || clap::Error::new(clap::error::ErrorKind::MissingSubcommand);
        let (kind, matches) = matches.subcommand().ok_or_else(missing)?;
        let connectors = backstay_registry::connectors();
        let connector = connectors.iter().find(|c| c.kind() == kind).ok_or_else(missing)?;
        Ok(Self(SourceAddRequest {
            kind: kind.to_owned(),
            name: matches.get_one::<String>("NAME").cloned().unwrap_or_default(),
            options: settings(connector.options(), matches),
            force: matches.get_flag("force"),
            adopt: matches.get_flag("adopt"),
        }))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Subcommand for Kind {
    fn augment_subcommands(command: Command) -> Command {
        let kinds = backstay_registry::connectors();
        kinds.iter().fold(command.subcommand_required(true), |command, connector| {
            let sub = Command::new(connector.kind())
                .about(connector.summary())
                .arg(Arg::new("NAME").required(true).help("Name for the source"))
                .arg(
                    Arg::new("force")
                        .long("force")
                        .action(ArgAction::SetTrue)
                        .help("Add it although it cannot be read now"),
                )
                .arg(
                    Arg::new("adopt")
                        .long("adopt")
                        .action(ArgAction::SetTrue)
                        .help("Go on with the history of a source of this name in the vaults"),
                )
                .args(connector.options().iter().map(option));
            command.subcommand(sub)
        })
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        backstay_registry::connectors()
            .iter()
            .any(|connector| connector.kind() == name)
    }
}

fn option(spec: &OptionSpec) -> Arg {
    let arg = Arg::new(spec.name).long(spec.name).help(spec.help).required(spec.required);
    match (spec.flag, spec.multiple) {
        (true, _) => arg.action(ArgAction::SetTrue),
        (false, true) => arg.action(ArgAction::Append).value_name(spec.value),
        (false, false) => arg.value_name(spec.value),
    }
}

fn settings(specs: &[OptionSpec], matches: &ArgMatches) -> Map<String, Value> {
    let mut settings = Map::new();
    for spec in specs {
        let value = if spec.flag {
            matches.get_flag(spec.name).then_some(Value::Bool(true))
        } else if spec.multiple {
            matches
                .get_many::<String>(spec.name)
                .map(|values| values.cloned().map(Value::from).collect())
        } else {
            matches
                .get_one::<String>(spec.name)
                .map(|text| Value::from(settled(spec, text)))
        };
        if let Some(value) = value {
            settings.insert(spec.name.to_owned(), value);
        }
    }
    settings
}

/// A path is kept in full: the next command may run elsewhere.
fn settled(spec: &OptionSpec, text: &str) -> String {
    if matches!(spec.value, "PATH" | "DIR" | "FILE" | "FOLDER") {
        file::absolute(text)
    } else {
        text.to_owned()
    }
}

/// Does it.
pub(super) fn run(args: &Add, session: &Session<'_>) -> Result<Exit> {
    let row = session.quick::<commands::SourceAdd>(args.kind.0.clone())?;
    session.reply(&row, |row| {
        format!(
            "Added the source \"{}\" ({}).\nBack it up with: backstay backup {}\n",
            row.name,
            print::short(&row.id),
            row.name
        )
    })?;
    Ok(Exit::DONE)
}
