//! `backstay source add`: a subcommand for every connector, built from the settings it declares. What is missing is asked for when a person
//! sits at the terminal.

use backstay_api::{OptionSpec, commands, types::SourceAddRequest};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, Subcommand};
use serde_json::{Map, Value};

use super::{source_ask, source_secret};
use crate::{
    errors::{CliError, Result},
    file,
    output::somebody_is_there,
    print,
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
struct Kind {
    request: SourceAddRequest,
    secrets: source_secret::Given,
}

impl FromArgMatches for Kind {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let missing = || clap::Error::new(clap::error::ErrorKind::MissingSubcommand);
        let (kind, matches) = matches.subcommand().ok_or_else(missing)?;
        let connectors = backstay_registry::connectors();
        let connector = connectors.iter().find(|c| c.kind() == kind).ok_or_else(missing)?;
        let files = matches.try_get_many::<String>("secret-file").ok().flatten();
        Ok(Self {
            request: SourceAddRequest {
                kind: kind.to_owned(),
                name: matches.get_one::<String>("NAME").cloned().unwrap_or_default(),
                options: settings(connector.options(), matches),
                force: matches.get_flag("force"),
                adopt: matches.get_flag("adopt"),
            },
            secrets: source_secret::Given {
                secret_file: files.into_iter().flatten().cloned().collect(),
            },
        })
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
            let specs = connector.options();
            let mut sub = Command::new(connector.kind())
                .about(connector.summary())
                .arg(Arg::new("NAME").help("Name for the source"))
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
                .args(specs.iter().filter(|spec| !spec.secret).map(option));
            if specs.iter().any(|spec| spec.secret) {
                sub = sub.arg(secret_file()).after_help(about_secrets(specs));
            }
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

fn secret_file() -> Arg {
    Arg::new("secret-file")
        .long("secret-file")
        .action(ArgAction::Append)
        .value_name("OPTION=FILE")
        .help("Take a secret setting from the first line of a file (may be repeated)")
}

/// How secrets are given, which no argument takes.
fn about_secrets(specs: &[OptionSpec]) -> String {
    let secrets = specs.iter().filter(|spec| spec.secret);
    let mut text = "Secret settings are asked for at the terminal, or taken from --secret-file or the environment:\n".to_owned();
    for spec in secrets {
        text.push_str(&format!(
            "  {:14} {}  ({})\n",
            spec.name,
            spec.help,
            source_secret::variable(spec.name)
        ));
    }
    text.push_str("What is missing is asked for when a person sits at the terminal.");
    text
}

fn option(spec: &OptionSpec) -> Arg {
    let help = if spec.required {
        format!("{} (needed)", spec.help.trim_end_matches('.'))
    } else {
        spec.help.to_owned()
    };
    let arg = Arg::new(spec.name).long(spec.name).help(help);
    let arg = if spec.choices.is_empty() {
        arg
    } else {
        arg.value_parser(clap::builder::PossibleValuesParser::new(spec.choices))
    };
    match (spec.flag, spec.multiple) {
        (true, _) => arg.action(ArgAction::SetTrue),
        (false, true) => arg.action(ArgAction::Append).value_name(spec.value),
        (false, false) => arg.value_name(spec.value),
    }
}

fn settings(specs: &[OptionSpec], matches: &ArgMatches) -> Map<String, Value> {
    let mut settings = Map::new();
    for spec in specs.iter().filter(|spec| !spec.secret) {
        let value = if spec.flag {
            matches.get_flag(spec.name).then_some(Value::Bool(true))
        } else if spec.multiple {
            matches
                .get_many::<String>(spec.name)
                .map(|values| values.map(|text| Value::from(settled(spec, text))).collect())
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
pub(super) fn settled(spec: &OptionSpec, text: &str) -> String {
    if spec.path || matches!(spec.value, "PATH" | "DIR" | "FILE" | "FOLDER") {
        file::absolute(text)
    } else {
        text.to_owned()
    }
}

/// The settings a kind of source has.
pub(super) fn specs(kind: &str) -> &'static [OptionSpec] {
    backstay_registry::connectors()
        .iter()
        .find(|connector| connector.kind() == kind)
        .map_or(&[], |connector| connector.options())
}

/// Does it.
pub(super) fn run(args: &Add, session: &Session<'_>) -> Result<Exit> {
    let mut request = args.kind.request.clone();
    let specs = specs(&request.kind);
    args.kind.secrets.read(specs, &mut request.options)?;
    let missing = request.name.is_empty()
        || specs
            .iter()
            .any(|spec| spec.required && !request.options.contains_key(spec.name));
    let asks = !session.output.json && !session.yes && somebody_is_there();
    if asks && (missing || source_ask::has_more(specs, &request.options)) {
        source_ask::complete(&mut request, specs, session)?;
    } else if request.name.is_empty() {
        return Err(CliError::Usage {
            message: "the source needs a name; nothing was added".to_owned(),
            hint: format!("backstay source add {} NAME …", request.kind),
        });
    }
    let row = session.quick::<commands::SourceAdd>(request)?;
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
