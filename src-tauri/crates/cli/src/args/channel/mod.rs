//! `backstay channel`: who is told, by what way.

use backstay_api::{
    commands,
    tell::Event,
    types::{ChannelKind, ChannelRef, ChannelRow, ChannelSetRequest, Nothing},
};
use backstay_model::ErrorKind;
use clap::{Args, Subcommand};

use super::plan::when::Seconds;
use crate::{
    errors::{CliError, Result},
    print::told,
    session::{Exit, Session},
};
use secret::Given;

mod secret;

const ADD_HELP: &str = "\
Examples:
  backstay channel add webhook ops --secret-file url.txt
  backstay channel add slack team --event failed,partial,guard --plan nightly
  backstay channel add heartbeat healthchecks --secret-stdin < url.txt
  backstay channel add mail me --host mail.example.org --user me --from backup@example.org --to me@example.org
  backstay channel add command siren \"logger -p user.err \\\"$BACKSTAY_TITLE\\\"\"

An address with a token and a password are secrets: they are read from a file, standard input, BACKSTAY_CHANNEL_SECRET or asked
for, never given as arguments, and kept in the keychain. docs/NOTIFICATIONS.md says what is sent.";

const EDIT_HELP: &str = "\
Examples:
  backstay channel edit ops --event failed,guard,damaged --rename alarms
  backstay channel edit ops --off
  backstay channel edit ops --secret-file new-url.txt

What is not named stays as it is. A channel keeps its kind.";

/// `backstay channel …`
#[derive(Debug, Subcommand)]
pub enum ChannelCommand {
    /// List the channels and the last messages
    #[command(after_help = "Example:\n  backstay channel list")]
    List,
    /// Add a channel
    #[command(subcommand, after_help = ADD_HELP)]
    Add(Add),
    /// Change a channel
    #[command(after_help = EDIT_HELP)]
    Edit(Box<Edit>),
    /// Remove a channel
    #[command(after_help = "Example:\n  backstay channel remove ops")]
    Remove(Name),
    /// Send a test into a channel, now
    #[command(after_help = "Example:\n  backstay channel test ops")]
    Test(Name),
}

/// A channel by name.
#[derive(Debug, Args)]
pub struct Name {
    /// Name of the channel
    name: String,
}

/// A kind of channel.
#[derive(Debug, Subcommand)]
pub enum Add {
    /// An address that gets each message as JSON
    Webhook(AddUrl),
    /// An address of Slack, Mattermost or Discord (with /slack)
    Slack(AddUrl),
    /// An address that is called when a backup begins and ends; silence there is the alarm
    Heartbeat(AddUrl),
    /// E-mail by SMTP
    Mail(Box<AddMail>),
    /// A command of your own
    Command(AddCommand),
}

/// What every channel has.
#[derive(Debug, Args)]
struct Common {
    /// What it tells (failed,partial,guard; may be repeated); otherwise everything that needs a person
    #[arg(long = "event", value_name = "EVENTS", value_delimiter = ',', value_parser = event)]
    events: Vec<Event>,
    /// Only of this plan (may be repeated)
    #[arg(long = "plan", value_name = "PLAN")]
    plans: Vec<String>,
}

/// Arguments of channels with an address.
#[derive(Debug, Args)]
pub struct AddUrl {
    /// Name for the channel
    name: String,
    /// What every channel has.
    #[command(flatten)]
    common: Common,
    /// The address.
    #[command(flatten)]
    secret: Given,
}

/// Arguments of `channel add mail`.
#[derive(Debug, Args)]
pub struct AddMail {
    /// Name for the channel
    name: String,
    /// Name of the SMTP server
    #[arg(long)]
    host: String,
    /// Its port (otherwise 465 with tls, 587 with startTls, 25 with none)
    #[arg(long)]
    port: Option<u16>,
    /// How the connection is protected
    #[arg(long, value_parser = ["tls", "startTls", "none"], default_value = "tls")]
    security: String,
    /// User name, if it wants one; then a password is needed
    #[arg(long)]
    user: Option<String>,
    /// Sender
    #[arg(long)]
    from: String,
    /// Receiver (may be repeated)
    #[arg(long, required = true)]
    to: Vec<String>,
    /// What every channel has.
    #[command(flatten)]
    common: Common,
    /// The password.
    #[command(flatten)]
    secret: Given,
}

/// Arguments of `channel add command`.
#[derive(Debug, Args)]
pub struct AddCommand {
    /// Name for the channel
    name: String,
    /// The command line; the message is in BACKSTAY_TITLE, BACKSTAY_BODY, … and as JSON in BACKSTAY_MESSAGE
    command: String,
    /// Stop it after this time
    #[arg(long, value_name = "TIME", default_value = "30s")]
    limit: Seconds,
    /// What every channel has.
    #[command(flatten)]
    common: Common,
}

/// Arguments of `channel edit`.
#[derive(Debug, Args)]
pub struct Edit {
    /// Name of the channel
    name: String,
    /// Another name
    #[arg(long, value_name = "NAME")]
    rename: Option<String>,
    /// Use it
    #[arg(long, conflicts_with = "off")]
    on: bool,
    /// Do not use it
    #[arg(long)]
    off: bool,
    /// Of all plans again
    #[arg(long, conflicts_with = "plans")]
    all_plans: bool,
    /// Another command line
    #[arg(long, value_name = "CMD")]
    command: Option<String>,
    /// Stop it after this time
    #[arg(long, value_name = "TIME")]
    limit: Option<Seconds>,
    /// Another SMTP server
    #[arg(long)]
    host: Option<String>,
    /// Another port
    #[arg(long)]
    port: Option<u16>,
    /// Another protection of the connection
    #[arg(long, value_parser = ["tls", "startTls", "none"])]
    security: Option<String>,
    /// Another user name
    #[arg(long)]
    user: Option<String>,
    /// Another sender
    #[arg(long)]
    from: Option<String>,
    /// Other receivers (may be repeated)
    #[arg(long)]
    to: Vec<String>,
    /// What every channel has.
    #[command(flatten)]
    common: Common,
    /// Another address or password.
    #[command(flatten)]
    secret: Given,
}

/// Why a word is no event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is nothing that is told; it is failed, partial, overdue, guard, drillFailed, damaged, failureRate, watchdog, meteredAsk, recovered or complete"
)]
struct NoEvent(String);

fn event(text: &str) -> Result<Event, NoEvent> {
    let word = serde_json::Value::String(text.trim().to_owned());
    serde_json::from_value(word).map_err(|_| NoEvent(text.to_owned()))
}

/// Does it.
pub(super) fn run(command: &ChannelCommand, session: &Session<'_>) -> Result<Exit> {
    match command {
        ChannelCommand::List => session.reply(&session.quick::<commands::Channels>(Nothing {})?, told::channels)?,
        ChannelCommand::Add(args) => set(add(args)?, session)?,
        ChannelCommand::Edit(args) => set(edit(args, get(&args.name, session)?)?, session)?,
        ChannelCommand::Remove(args) => remove(args, session)?,
        ChannelCommand::Test(args) => {
            let request = ChannelRef {
                channel: args.name.clone(),
            };
            session.reply(&session.quick::<commands::ChannelTest>(request)?, told::tested)?;
        }
    }
    Ok(Exit::DONE)
}

fn set(request: ChannelSetRequest, session: &Session<'_>) -> Result<()> {
    session.reply(&session.quick::<commands::ChannelSet>(request)?, told::channel)
}

fn get(name: &str, session: &Session<'_>) -> Result<ChannelRow> {
    let all = session.quick::<commands::Channels>(Nothing {})?.channels;
    let found = all.into_iter().find(|channel| channel.name == name || channel.id == name);
    found.ok_or_else(|| {
        let error = backstay_api::ApiError::new(ErrorKind::NotFound, format!("there is no channel {name:?}"));
        CliError::Api(error.hint("`backstay channel list` lists the channels."))
    })
}

fn new(name: &str, kind: ChannelKind, common: &Common, secret: Option<String>) -> ChannelSetRequest {
    ChannelSetRequest {
        channel: None,
        name: name.to_owned(),
        kind,
        secret,
        events: common.events.clone(),
        plans: common.plans.clone(),
        enabled: None,
    }
}

fn add(args: &Add) -> Result<ChannelSetRequest> {
    let url = |args: &AddUrl, kind| Ok(new(&args.name, kind, &args.common, Some(args.secret.need("Address (URL)")?)));
    match args {
        Add::Webhook(args) => url(args, ChannelKind::Webhook { slack: false }),
        Add::Slack(args) => url(args, ChannelKind::Webhook { slack: true }),
        Add::Heartbeat(args) => url(args, ChannelKind::Heartbeat {}),
        Add::Command(args) => Ok(new(
            &args.name,
            ChannelKind::Command { seconds: args.limit.0 },
            &args.common,
            Some(args.command.clone()),
        )),
        Add::Mail(args) => {
            let usual = match args.security.as_str() {
                "tls" => 465,
                "startTls" => 587,
                _ => 25,
            };
            let kind = ChannelKind::Mail {
                host: args.host.clone(),
                port: args.port.unwrap_or(usual),
                security: args.security.clone(),
                user: args.user.clone(),
                from: args.from.clone(),
                to: args.to.clone(),
            };
            let secret = match args.user {
                Some(_) => Some(args.secret.need("Password of the mail server")?),
                None => None,
            };
            Ok(new(&args.name, kind, &args.common, secret))
        }
    }
}

/// Where a channel leads after a change; `None` when settings of a mail server are given for another kind.
fn edited(args: &Edit, mut kind: ChannelKind) -> Option<ChannelKind> {
    let mail = args.host.is_some() || args.port.is_some() || args.security.is_some() || args.user.is_some();
    let mail = mail || args.from.is_some() || !args.to.is_empty();
    match &mut kind {
        ChannelKind::Mail {
            host,
            port,
            security,
            user,
            from,
            to,
        } => {
            let put = |old: &mut String, new: &Option<String>| {
                if let Some(new) = new {
                    old.clone_from(new);
                }
            };
            put(host, &args.host);
            put(security, &args.security);
            put(from, &args.from);
            *port = args.port.unwrap_or(*port);
            *user = args.user.clone().or(user.take());
            if !args.to.is_empty() {
                to.clone_from(&args.to);
            }
        }
        _ if mail => return None,
        ChannelKind::Command { seconds } => *seconds = args.limit.map_or(*seconds, |limit| limit.0),
        _ => {}
    }
    Some(kind)
}

fn edit(args: &Edit, before: ChannelRow) -> Result<ChannelSetRequest> {
    let wrong = |what: &str| CliError::Usage {
        message: format!(
            "{what} does not belong to the channel \"{}\"; nothing was changed",
            before.name
        ),
        hint: "`backstay channel list` shows what kind it is.".to_owned(),
    };
    let kind = edited(args, before.kind.clone()).ok_or_else(|| wrong("a setting of a mail server"))?;
    if (args.command.is_some() || args.limit.is_some()) && !matches!(kind, ChannelKind::Command { .. }) {
        return Err(wrong("a command"));
    }
    let secret = match &args.command {
        Some(command) => Some(command.clone()),
        None => args.secret.read()?,
    };
    let or = |given: &[String], before: Vec<String>| if given.is_empty() { before } else { given.to_vec() };
    Ok(ChannelSetRequest {
        channel: Some(before.id.clone()),
        name: args.rename.clone().unwrap_or(before.name),
        kind,
        secret,
        events: if args.common.events.is_empty() {
            before.events
        } else {
            args.common.events.clone()
        },
        plans: if args.all_plans {
            Vec::new()
        } else {
            or(&args.common.plans, before.plans)
        },
        enabled: (args.on || args.off).then_some(args.on),
    })
}

fn remove(args: &Name, session: &Session<'_>) -> Result<()> {
    let channel = get(&args.name, session)?;
    session.confirm(
        &format!("Remove the channel \"{}\"?", channel.name),
        &format!("removing the channel \"{}\"", channel.name),
        None,
    )?;
    let done = session.quick::<commands::ChannelRemove>(ChannelRef { channel: channel.id })?;
    session.reply(&done, |_| format!("The channel \"{}\" is removed.\n", channel.name))
}
